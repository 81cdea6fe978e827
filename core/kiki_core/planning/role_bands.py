"""How numbers of a request are tied to each other: a level and its frequency, the edges of a band, a corner's mark."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from kiki_core.planning.labels import Labelled
from kiki_core.planning.quantities import Quantity

_BEYOND = re.compile(r"(?<!\w)(?:above|over|from|ab|oberhalb|au-dessus|desde|por encima)(?!\w)", re.IGNORECASE)
_INSIDE = re.compile(r"up to|below|until|till|within|jusqu|bis|hasta|down to|under", re.IGNORECASE)
_INSIDE_TO = re.compile(r"(?<!\w)(?:up to|to|until|jusqu'[àa]|bis|hasta)(?!\w)", re.IGNORECASE)
_LOWER = re.compile(r"(?<!\w)(?:low(?:er)?|bottom|unter\w*|inf[ée]rieure?|inferior|basse|baja)(?!\w)", re.IGNORECASE)
_NULL = re.compile(
    r"notch\w*|kerb\w*|r[ée]jecteur|trap|band[- ]?(?:stop|reject)|hum\b|eliminar?|sperr\w*", re.IGNORECASE
)
_OUTSIDE = re.compile(
    r"(?<!\w)(?:by|from|beyond|above|over|at|ab|dès|à partir|desde|bei|for|past)(?!\w)", re.IGNORECASE
)
_PREPOSITION = re.compile(r"(?:at|bei|à|a|en)\s$", re.IGNORECASE)
_UPPER = re.compile(r"(?<!\w)(?:upper|high(?:er)?|top|ober\w*|sup[ée]rieure?|superior|haute|alta)(?!\w)", re.IGNORECASE)
_ENUMERATED = re.compile(r"\s?(?:[,;/&]\s?)?(?:and|und|et|y)?\s?")
_CLOSED = re.compile(
    r"[^();.]{0,48}\)\W{0,3}(?:is |est |liegt |freq\w* )?(?:at|bei|à|en|a|of|de|von)?\s", re.IGNORECASE
)


def two_nulls(text: str, first: Quantity) -> bool:
    """Whether two frequencies are two nulls, not a band's edges: "notch 50 Hz and 100 Hz"."""
    edges = first.lead in ("between", "from") or re.search(r"3 ?db|edge|between|corner|pass", text, re.IGNORECASE)
    return not edges and _NULL.search(text[max(0, first.start - 30) : first.start]) is not None


def own_conditions(text: str, one: Labelled) -> tuple[Quantity, ...]:
    """The conditions of a quantity; of a corner's mark, those beside the first only where "and" joins them.

    "-3 dB at 1 kHz, PWM at 62.5 kHz must be down": the second is another sentence's.
    """
    found = one.quantity.conditions
    if one.quantity.unit != "dB" or len(found) < 2:
        return found
    gap = text[found[0].end : found[1].start]
    return found if _ENUMERATED.fullmatch(_PREPOSITION.sub("", gap)) else found[:1]


def at_the_corner(text: str, labels: list[Labelled]) -> None:
    """ "Coupure (-3 dB, load included) at 1 kHz": a mark in brackets marks the frequency behind them."""
    for index, (mark, at) in enumerate(pairwise(list(labels))):
        gap = text[mark.quantity.end : at.quantity.start]
        opened = text.rfind("(", 0, mark.quantity.start) > text.rfind(")", 0, mark.quantity.start)
        if (
            mark.role == "mark"
            and mark.quantity.unit == "dB"
            and at.quantity.unit == "Hz"
            and not at.role
            and (opened and _CLOSED.fullmatch(gap))
        ):
            labels[index + 1] = replace(at, role="cutoff")


def levels_with_bands(text: str, labels: list[Labelled]) -> None:
    """ "0.5 dB of ripple up to 10 kHz", "50 dB by 30 kHz": a level and the frequency behind it in the same clause."""
    for index, (level, at) in enumerate(pairwise(list(labels))):
        gap = text[level.quantity.end : at.quantity.start]
        units = (level.quantity.unit, at.quantity.unit)
        if units == ("Hz", "dB") and not at.role and not re.search(r"[;.]\s", gap):
            # "Stopband 100 kHz, 40 dB"
            role = "attenuation" if level.role == "stop" else "loss" if level.role == "pass" else ""
            labels[index + 1] = replace(at, role="" if role == "loss" and abs(at.value) > 3 else role)
        if (
            units == ("Hz", "dB")
            and level.role in ("bandwidth", "pass")
            and 0 < at.value < 3
            and at.quantity.lead == "at"
        ):
            labels[index] = replace(level, role="pass")  # "bande passante 3 kHz à 0,5 dB"
            labels[index + 1] = replace(at, role="loss")
            continue
        fallen = level.value < -6 or level.role == "attenuation"
        if units == ("dB", "") and fallen and at.quantity.scaled and at.quantity.lead == "at" and at.value >= 1:
            # "-40dB @ 10k"
            labels[index] = replace(level, role="attenuation")
            labels[index + 1] = replace(at, quantity=replace(at.quantity, unit="Hz"), role="stop")
        if units != ("dB", "Hz") or len(gap) > 40 or re.search(r"[,;.]", gap):
            continue
        if not level.role and 0 < abs(level.value) < 3 and not at.role and _INSIDE_TO.search(gap):
            labels[index] = replace(level, role="loss")  # "0.2 dB to 20 kHz"
            labels[index + 1] = replace(at, role="pass")
            continue
        ranged = at.role == "f_low" and index + 2 < len(labels) and labels[index + 2].role == "f_high"
        if level.role in ("loss", "ripple_db") and ranged:
            continue  # "1 dB from 1 MHz to 30 MHz": the kit tells which end is the edge
        if level.role in ("loss", "ripple_db") and (_INSIDE.search(gap) or _BEYOND.search(gap)):
            labels[index + 1] = replace(at, role="pass")
        elif level.role == "attenuation" and at.role not in ("center", "stop") and _OUTSIDE.search(gap):
            labels[index + 1] = replace(at, role="stop")


def lower_and_upper(text: str, labels: list[Labelled]) -> None:
    """ "lower cutoff 20 Hz, upper cutoff 20 kHz": the edges of a band."""
    edges = [index for index, each in enumerate(labels) if each.role == "cutoff" and each.quantity.op == "="]
    if len(edges) != 2 or labels[edges[0]].value == labels[edges[1]].value:
        return
    sides = []
    for index in edges:
        start = max(labels[index - 1].quantity.end if index else 0, labels[index].quantity.start - 40)
        before = text[start : labels[index].quantity.start]
        sides.append((_LOWER.search(before) is not None, _UPPER.search(before) is not None))
    for index, side in zip(edges, sides, strict=True):
        if sorted(sides) == [(False, True), (True, False)]:
            labels[index] = replace(labels[index], role="f_low" if side[0] else "f_high")


def subjects(text: str, labels: list[Labelled]) -> None:
    """ "the 50 Hz component must come out 45 dB weaker": an attenuation's frequency may stand before it."""
    stopped = any(each.role == "stop" for each in labels)
    for index, (at, level) in enumerate(pairwise(list(labels))):
        gap = text[at.quantity.end : level.quantity.start]
        if at.quantity.unit != "Hz" or re.search(r"[.;]\s", gap):
            continue
        # "up to 5 kHz at most 0.5 dB", "from 24 kHz on at least 50 dB": an edge alone, not one of a band's two.
        alone = "," not in gap and len(gap) < 40 and (
            (at.role == "f_low" and at.quantity.lead == "from")
            or (at.role == "f_high" and not (index and labels[index - 1].role == "f_low"))
            or (at.role == "" and at.quantity.op != "=")
        )  # fmt: skip
        beyond = re.search(
            r"(?:octaves?|decades?|oktaven?|dekaden?|below|above|beyond|under|over|unterhalb|unter|oberhalb|über|ab|"
            r"au-dessous de|en dessous de|au-dessus de|debajo de|encima de)\W{1,3}$",
            text[max(0, at.quantity.start - 24) : at.quantity.start],
            re.IGNORECASE,
        )
        least = level.role == "" and level.quantity.op == ">=" and level.value >= 10 and (
            at.quantity.lead == "at" or beyond is not None
        )  # fmt: skip
        if least and level.quantity.unit == "dB":
            labels[index + 1] = replace(level, role="attenuation")  # "at 7 MHz at least 40 dB"
        if (level.role == "attenuation" or least) and not stopped and (at.role in ("", "mains") or alone):
            labels[index] = replace(at, role="stop")
        elif level.role == "loss" and alone:
            labels[index] = replace(at, role="pass")


def edges_of_two(labels: list[Labelled]) -> None:
    """ "1 dB at 30 MHz, 40 dB at 60 MHz": the small one is the pass band's loss."""
    ties = [
        (index, at)
        for index, one in enumerate(labels)
        if one.role == "attenuation"
        for at, other in enumerate(labels)
        if other.role == "stop" and any(each.start == other.quantity.start for each in one.quantity.conditions)
    ]
    if len(ties) < 2:
        return
    index, at = min(ties, key=lambda tie: abs(labels[tie[0]].value))
    if abs(labels[index].value) <= 3.1:
        labels[index] = replace(labels[index], role="loss")
        labels[at] = replace(labels[at], role="pass")


def tie_level(labels: list[Labelled], index: int, at: int, give) -> None:  # type: ignore[no-untyped-def]
    """A level with a frequency as its condition: a corner's mark, an attenuation, a pass band's loss."""
    level = labels[index]
    three = abs(level.quantity.value) == 3 and level.role != "ripple_db" and level.quantity.op != "<="
    if level.quantity.value == -3 or three:
        give(index, "mark")
        give(at, "cutoff")
    elif level.role in ("", "attenuation", "gain_db") and (level.role != "gain_db" or level.quantity.value < 0):
        give(index, "attenuation")
        give(at, "stop")
    elif level.role == "loss" and not (
        labels[at].role == "f_low" and labels[at + 1 : at + 2] and labels[at + 1].role == "f_high"
    ):
        give(at, "pass")
