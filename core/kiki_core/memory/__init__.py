"""Aeon: what was asked, answered and verified before."""

from kiki_core.memory.store import Episode, Memory, Recollection

__all__ = ["Episode", "Memory", "Recollection"]
