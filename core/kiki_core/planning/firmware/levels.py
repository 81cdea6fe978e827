"""Which lines of a serial port a request wants inverted."""

from __future__ import annotations

import re

_BOTH_INVERTED = re.compile(r"invert\w* (?:both|[rt]x(?: ?(?:and|&|/|et|und|y) ?)[rt]x|[rt]x ; [rt]x\s*(?:;|$))|(?:both|[rt]x(?: ?(?:and|&|/|,|et|und|y) ?)[rt]x) (?:are |lines? |signals? |sind |sont )*invert",
                            re.IGNORECASE)  # fmt: skip
_INVERTED = re.compile(r"(?:invert(?:ed|s|ing)?|inversée?s?|invertiert\w*|invertid[oa]s?) (?:the )?(rx|tx|uart|usart|serial|signal|line|level|logic|série)|"
                       r"(rx|tx|signal|line|level|logic|pegel|leitung|ligne|niveaux?|se[ñn]al|l[íi]nea)s? (?:is |are |ist |est |sont |est[áa] |signal |line )?(?:invert|invers)|\b[RT]XINV\b|idles? low",
                       re.IGNORECASE)  # fmt: skip
_UPRIGHT = re.compile(r"\bnormal\w*|unchanged|unver[äa]ndert|inchang\w*|sin cambi\w*|sin invertir|\b(?:not|nicht|non|no|pas) (?:be )?inver\w+|isn't|as (?:it is|usual)|direct\w*", re.IGNORECASE)  # fmt: skip
_TURNED = re.compile(r"\binver[ts]\w*(?<!inverter)(?! (?:driver|buffer|treiber|puffer|transistor|stage|gate|opto\w*|level shifter))", re.IGNORECASE)  # fmt: skip


def inverted_lines(text: str, ways: str) -> str:
    """Which line's levels are inverted: rx, tx, both; empty: none. A line that stays normal isn't.

    ``ways``: the directions that the port has.
    """
    parts = [part for part in re.split(r"[;,.]|\b(?:but|aber|mais|pero|while|während)\b", text) if part.strip()]

    def lines(pattern: re.Pattern[str]) -> set[str]:
        found = (
            re.findall(r"(?<![a-z])([rt]x)(?:d|inv)?(?![a-z])", part, re.I) for part in parts if pattern.search(part)
        )
        return {name.lower() for names in found for name in names}

    upright = lines(_UPRIGHT)
    turned = lines(re.compile(r"[RT]XINV")) or lines(_TURNED) - upright
    if not (_INVERTED.search(text) or _BOTH_INVERTED.search(text) or turned):
        return ""
    if _BOTH_INVERTED.search(text) or not turned:
        turned = {"rx", "tx"}
    turned -= upright
    return next(iter(turned)) if len(turned) == 1 else ways
