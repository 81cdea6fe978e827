"""A quantity of a request with its role."""

from __future__ import annotations

from dataclasses import dataclass

from kiki_core.planning.quantities import Quantity


@dataclass(frozen=True, slots=True)
class Labelled:
    """A quantity with its role; ``role`` empty: no word says what it is. ``assumed``: its unit wasn't written."""

    quantity: Quantity
    role: str
    index: int
    assumed: bool = False

    @property
    def value(self) -> float:
        """In SI."""
        return self.quantity.value
