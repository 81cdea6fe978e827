"""Which experts answer a question."""

from kiki_core.routing.router import Router, Routing

__all__ = ["Router", "Routing"]
