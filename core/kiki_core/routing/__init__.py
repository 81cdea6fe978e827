"""Which experts a question goes to."""

from kiki_core.routing.features import Surroundings
from kiki_core.routing.router import AS_ROUTED, Router, Routing, Wishes, wished

__all__ = ["AS_ROUTED", "Router", "Routing", "Surroundings", "Wishes", "wished"]
