"""Who was routed, with which weight."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from kiki_core.events import Routed

_COLOURS = ("$text-accent", "$text-primary", "$text-success", "$text-warning")
_CELLS = 8


def bar(routed: Routed) -> Content:
    """Each expert's name, a bar of its weight, and the weight in per cent."""
    if routed.none or not routed.experts:
        return Content.styled("no expert: the base model answers alone", "$text-muted")
    parts = []
    for expert, colour in zip(routed.experts, _COLOURS, strict=False):
        weight = min(max(expert.weight, 0.0), 1.0)
        full = max(1, round(weight * _CELLS))
        parts += [
            Content(f"{expert.domain} "),
            Content.styled("━" * full, colour),
            Content.styled("╌" * (_CELLS - full), "$text-disabled"),
            Content.styled(f" {weight:.0%}   ", "$text-muted"),
        ]
    return Content("").join(parts).rstrip()


class ExpertBar(Static):
    """One line (two on a narrow screen) of experts."""

    DEFAULT_CSS = "ExpertBar { height: auto; padding: 0 0 0 2; }"

    def __init__(self, routed: Routed) -> None:
        """Shows the router's choice."""
        super().__init__(bar(routed))
