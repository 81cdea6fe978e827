"""The panel's votes, measured doubts and ruling: a line that opens into all of them."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from kiki_core.deliberation.told import summed_up, told
from kiki_core.events import Dissent, Ruling, Vote

Said = Vote | Dissent | Ruling


class DeliberationLine(Static, can_focus=True):
    """The block's first line: enter, space or a click opens it."""

    BINDINGS = [Binding("enter,space", "turn", "Open or close", show=False)]  # noqa: RUF012

    def __init__(self, block: DeliberationBlock) -> None:
        """The line of ``block``."""
        super().__init__(markup=False)
        self.block = block

    def action_turn(self) -> None:
        """Opens or closes the block."""
        self.block.toggle()

    def on_click(self, event: events.Click) -> None:
        """Opens or closes the block."""
        event.stop()
        self.block.toggle()


class DeliberationBlock(Vertical):
    """Closed: the ruling in a line. Open: each vote and doubt too."""

    DEFAULT_CSS = """
    DeliberationBlock { height: auto; margin: 0 0 0 1; background: $surface; border-left: outer $secondary; }
    DeliberationBlock DeliberationLine { padding: 0 1; height: auto; }
    DeliberationBlock DeliberationLine:hover { background: $panel; }
    DeliberationBlock DeliberationLine:focus { background: $panel; text-style: bold; }
    DeliberationBlock .said { padding: 0 3; height: auto; color: $text-muted; display: none; }
    """

    def __init__(self, first: Said) -> None:
        """A block that begins with ``first``."""
        super().__init__()
        self.said: list[Said] = [first]
        self.open = False

    def compose(self) -> ComposeResult:
        """The line, and what was said."""
        yield DeliberationLine(self)
        yield Static("", classes="said", markup=False)

    def on_mount(self) -> None:
        """Writes both."""
        self._write()

    def add(self, event: Said) -> None:
        """Takes one more event in."""
        self.said.append(event)
        if self.is_mounted:
            self._write()

    def toggle(self) -> None:
        """Opens the closed block, closes the open one."""
        self.open = not self.open
        self._write()

    def _write(self) -> None:
        arrow = Content.styled("▾ " if self.open else "▸ ", "$text-muted")
        title = "doubt" if all(isinstance(event, Dissent) for event in self.said) else "panel"
        self.query_one(DeliberationLine).update(arrow + Content(f"{title}: {summed_up(self.said)}"))
        body = self.query_one(".said", Static)
        body.update(Content("\n".join(told(event) for event in self.said)))
        body.styles.display = "block" if self.open else "none"
