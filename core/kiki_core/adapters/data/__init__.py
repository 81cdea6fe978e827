"""Held-out probes of many domains, one JSON object a line."""
