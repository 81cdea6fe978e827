"""Languages and instruments: pure analysis, no model, no user interface."""
