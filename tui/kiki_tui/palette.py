"""The command palette, from the table of actions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from kiki_tui.actions import ACTIONS

if TYPE_CHECKING:
    from kiki_tui.app import KikiApp


class Palette(Provider):
    """Proposes every action; one that must have an argument is put into the prompt."""

    async def discover(self) -> Hits:
        """All actions."""
        for action in ACTIONS:
            yield DiscoveryHit(action.title, partial(self._kiki.choose, action), help=action.help)

    async def search(self, query: str) -> Hits:
        """Actions that fit ``query``."""
        matcher = self.matcher(query)
        for action in ACTIONS:
            if (score := matcher.match(f"{action.title} /{action.slash}")) > 0:
                shown = matcher.highlight(f"{action.title} /{action.slash}")
                yield Hit(score, shown, partial(self._kiki.choose, action), help=action.help)

    @property
    def _kiki(self) -> KikiApp:
        return cast("KikiApp", self.app)
