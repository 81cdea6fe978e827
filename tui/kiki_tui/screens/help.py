"""Help: every key and command, found by typing."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from kiki_tui.actions import ACTIONS, PROMPT_KEYS


def rows(search: str = "") -> list[tuple[str, str, str]]:
    """Key, command and what it does, for all that fits every word of ``search``."""
    table = [(key, "", what) for key, what in PROMPT_KEYS]
    table += [(action.key, action.usage, action.help) for action in ACTIONS]
    words = search.casefold().split()
    return [row for row in table if all(word in " ".join(row).casefold() for word in words)]


class HelpScreen(ModalScreen[None]):
    """A searchable list."""

    BINDINGS = [Binding("escape,f1", "dismiss", "Close")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """The search field and the list."""
        with Vertical(classes="box"):
            yield Static("Help · type to search · Esc closes", classes="heading")
            yield Input(placeholder="search", compact=True)
            with VerticalScroll(can_focus=False):
                yield Static("", id="rows")

    def on_mount(self) -> None:
        """Shows all."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Shows what fits."""
        self._show(event.value)

    def on_key(self, event: object) -> None:
        """Arrows scroll the list."""
        key = getattr(event, "key", "")
        scroll = self.query_one(VerticalScroll)
        if key in ("up", "down", "pageup", "pagedown"):
            getattr(scroll, {"up": "scroll_up", "down": "scroll_down"}.get(key, f"scroll_page_{key[4:]}"))()

    def _show(self, search: str) -> None:
        found = rows(search)
        if not found:
            self.query_one("#rows", Static).update("nothing fits")
            return
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=26)
        table.add_column(ratio=1)
        for key, usage, what in found:
            table.add_row(Text.assemble((f"{usage} " if usage else "", ""), (key, "bold")), Text(what))
        self.query_one("#rows", Static).update(table)
