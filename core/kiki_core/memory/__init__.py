"""Aeon: what was asked, answered and verified before."""
