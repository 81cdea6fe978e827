"""Aeon: what was asked, answered, decided and verified before."""

from kiki_core.memory.asking import Query
from kiki_core.memory.model import Episode, Link, Recollection
from kiki_core.memory.store import Memory

__all__ = ["Episode", "Link", "Memory", "Query", "Recollection"]
