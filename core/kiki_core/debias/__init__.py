"""Biases of an answer: found (RBD), tried under the opposite framing (DeFrame), weakened in the base (KnowBias)."""

from kiki_core.debias.detector import Finding, find

__all__ = ["Finding", "find"]
