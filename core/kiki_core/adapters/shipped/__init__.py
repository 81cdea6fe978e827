"""Experts that come with kiki for its default model: weights and a card each, installed by `kiki adapters install`.

An adapter is here only if the tools accepted more of its answers to held-out questions than of the base's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Shipped:
    """One of them. ``card``: recipe, data, losses, rates and the gate's report."""

    name: str
    weights: Path
    card: dict[str, Any]

    @property
    def domain(self) -> str:
        """The domain that it is an expert of."""
        return str(self.card["domain"])

    @property
    def gate(self) -> dict[str, Any]:
        """The report of the gate that let it in."""
        report: dict[str, Any] = self.card["gate"]
        return report

    @property
    def provenance(self) -> dict[str, Any]:
        """What else its card tells."""
        return {key: value for key, value in self.card.items() if key != "gate"}


def shipped() -> dict[str, Shipped]:
    """All by name."""
    root = Path(str(files("kiki_core.adapters.shipped")))
    return {
        card.parent.name: Shipped(card.parent.name, card.with_name("adapter.gguf"), json.loads(card.read_text("utf-8")))
        for card in sorted(root.glob("*/card.json"))
    }
