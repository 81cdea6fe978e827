"""SPICE: cards, netlists, diagnostics and the ngspice instrument."""
