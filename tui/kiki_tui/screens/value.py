"""Asking for one value."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class ValueScreen(ModalScreen[str | None]):
    """Gives the text that was typed, or None after Esc."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, heading: str, value: str) -> None:
        """``value``: what stands there first."""
        super().__init__()
        self.heading = heading
        self.value = value

    def compose(self) -> ComposeResult:
        """The field."""
        with Vertical(classes="box small"):
            yield Static(f"{self.heading} · Enter keeps it · Esc leaves it", classes="heading", markup=False)
            yield Input(self.value, compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Takes the value."""
        self.dismiss(event.value)
