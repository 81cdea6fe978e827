"""Why an answer whose numbers hold can't count as verified all the same: what the request says and nothing read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kiki_core.planning import report, shares, unread
from kiki_core.planning.implied import TWICE
from kiki_core.planning.roles import Labelled
from kiki_tools.spice.kits.model import Kit

_SPELT = re.compile(
    r"(?<!\w)(?:(?:by|of|times|minus|um|von|par|de|por) (?:minus )?(?:two|three|four|five|six|seven|eight|nine|ten|"
    r"twenty|fifty|hundred|thousand|zwei|drei|vier|fünf|zehn|deux|trois|quatre|cinq|dix|dos|tres|cuatro|cinco|"
    r"diez))(?!\w)",
    re.IGNORECASE,
)
"""A number in words that no rule may have read."""
_GAIN_NAMED = re.compile(r"(?<!\w)(?:gains?|verst[äa]rkung|ganancia)(?!\w)", re.IGNORECASE)
_FEEDBACK = re.compile(
    r"(?<!\w)(?:r_?f|feedback\w*|r[üu]ckkopp\w*|gegenkopp\w*|contre-r[ée]action)(?!\w)", re.IGNORECASE
)
"""The resistor from which a changed gain is worked out."""
_ENDLESS = re.compile(
    r"(?<!\w)(?:infinite(?:ly)?|infinity|infinie?s?|unendlich\w*|infinit[ao]s?|nan|inf)(?!\w)|∞", re.IGNORECASE
)
"""No number that could be measured."""


def doubt(
    text: str,
    kit: Kit,
    *,
    sources: Iterable[Labelled],
    defaults: Sequence[str],
    assumed: Sequence[str],
    unused: Sequence[str],
    counting: Sequence[str],
    corner: Sequence[str] = (),
) -> str:
    """The first reason in a sentence, led by a space; empty if there is none.

    ``sources``: what filled the plan. ``defaults``: values that were taken. ``assumed``: units that were. ``unused``:
    numbers that nothing uses, of which ``counting`` have a unit and say something. ``corner``: a corner's mark that the
    plan lost.
    """
    named = _GAIN_NAMED.search(text) is not None and any(each.startswith("the gain") for each in defaults)
    if assumed:
        return " A unit is missing, so this can't count as verified: please say it."
    if defaults and (unused or named or _SPELT.search(text)):
        return " A value was taken while numbers of the request are unused, so this can't count as verified."
    if share := shares.left_in(text):
        return f" “{share}” was not read, so this can't count as verified."
    if (changed := TWICE.search(text)) and not _FEEDBACK.search(text):
        return f" “{changed[0]}” was not read, so this can't count as verified."
    if counting:
        return f" The request's {report.listed(counting)} had no use here, so this can't count as verified."
    if endless := _ENDLESS.search(text):
        return f" “{endless[0]}” can't be measured, so this can't count as verified."
    if corner:
        return f" “{corner[0]}” marks a corner, and the plan has none, so this can't count as verified."
    if wishes := [*unread.unread(text, kit), *unread.guessed(text, kit, sources)]:
        return f" {report.listed(wishes)} was not read, so this can't count as verified."
    return ""
