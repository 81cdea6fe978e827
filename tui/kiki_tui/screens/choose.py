"""Choosing one of a list by typing: sessions, models, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen: its id, what is shown, and a remark beside it."""

    id: str
    shown: str
    remark: str = ""


class ChooseScreen(ModalScreen[str | None]):
    """Gives the id of the choice, or None after Esc."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Close")]  # noqa: RUF012

    def __init__(self, heading: str, choices: Sequence[Choice]) -> None:
        """``heading``: what is being chosen."""
        super().__init__()
        self.heading = heading
        self.choices = choices

    def compose(self) -> ComposeResult:
        """A search field and the list."""
        with Vertical(classes="box"):
            yield Static(f"{self.heading} · Enter chooses · Esc closes", classes="heading", markup=False)
            yield Input(placeholder="search", compact=True)
            yield OptionList()

    def on_mount(self) -> None:
        """Shows all."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows what fits."""
        self._show(event.value)

    def on_input_submitted(self) -> None:
        """Takes the highlighted choice."""
        option = self.query_one(OptionList).highlighted_option
        if option is not None:
            self.dismiss(option.id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Takes the choice."""
        self.dismiss(event.option.id)

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the list while the search field has the focus."""
        options = self.query_one(OptionList)
        if event.key in ("up", "down") and not options.has_focus:
            getattr(options, f"action_cursor_{event.key}")()
            event.stop()

    def _show(self, search: str) -> None:
        words = search.casefold().split()
        options = self.query_one(OptionList)
        options.set_options(
            Option(Content(choice.shown) + Content.styled(f"  {choice.remark}", "$text-muted"), id=choice.id)
            for choice in self.choices
            if all(word in f"{choice.shown} {choice.remark}".casefold() for word in words)
        )
        if options.option_count:
            options.highlighted = 0
