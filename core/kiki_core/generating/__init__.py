"""Artefacts from plans: a row for each kind, and what its tool says of what was made."""
