"""What a request names and what was planned hasn't: parts, values, dimensions. None of it may go unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiki_core.events import Requirement
from kiki_core.planning.kicad import pads, rules, symbols
from kiki_core.planning.kicad.sheet_asked import of_sheet

_SIZE = re.compile(
    r"(?<![\w.])(\d{1,2}(?:[.,]\d{1,3})?)\s?(?:mm)?\s?[x×]\s?(\d{1,2}(?:[.,]\d{1,3})?)(?![\d.])", re.IGNORECASE
)
_MILLIMETRES = re.compile(r"(?<![\w.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?mm(?![\w²])|(?:pitch|raster|\brm|paso|pas)\s?(?:of |de |von )?(\d(?:[.,]\d{1,3})?)(?![\w.])",
                          re.IGNORECASE)  # fmt: skip


def missing(kind: str, text: str, plan: dict[str, Any], claims: Sequence[Requirement] = ()) -> tuple[str, ...]:
    """What a text asks for that the plan hasn't, in words for the answer. ``claims``: what a sheet's values come to."""
    if kind == "schematic":
        return tuple(dict.fromkeys(of_sheet(text, plan, claims)))
    if kind == "footprint":
        return tuple(dict.fromkeys(_of_footprint(text, plan)))
    if kind == "symbol":
        return tuple(dict.fromkeys(symbols.missing(text, plan)))
    if kind == "rules":
        return tuple(dict.fromkeys(rules.missing(text, plan)))
    return ()


def _of_footprint(text: str, plan: dict[str, Any]) -> Iterator[str]:
    text = pads.metric(text)
    had = {round(value, 3) for value in _numbers(plan.get("package", {}))}
    had |= {round(float(each), 3) for each in re.findall(r"\d+(?:\.\d+)?(?=x[\d.]+mm|mm)", plan.get("name", ""))}
    had |= {round(low + (high - low) / 2, 3) for low, high in _spans(plan.get("package", {}))}
    lands = _lands(plan)
    had |= {round(value, 3) for land in lands for value in (land.width, land.height, land.drill)}
    had |= {round(abs(one.x - other.x) - (one.width + other.width) / 2, 3) for one in lands[:2] for other in lands[:2]}
    names = {land.number for land in lands if land.number}
    for match in _SIZE.finditer(text):
        if all(each.isdigit() for each in match.groups()) and int(match[1]) * int(match[2]) == len(names):
            continue
        if any(not _near(float(each.replace(",", ".")), had) for each in match.groups()):
            yield match.group(0).strip()
    for match in _MILLIMETRES.finditer(text):
        value = next(part for part in match.groups() if part)
        if not _near(float(value.replace(",", ".")), had):
            yield match.group(0).strip()
    if re.search(r"\bvias?\b|\bvías\b|durchkontakt", text, re.IGNORECASE) and "Vias" not in repr(plan):
        yield "the vias in the thermal pad"
    if not lands:
        return
    if (drill := pads.drill_of(text)) and not any(abs(land.drill - drill) < 0.006 for land in lands):
        yield f"a hole of {drill:g} mm"
    if (size := pads.size_of(text)) and not any(
        _near(land.width, {one}) and _near(land.height, {other}) for land in lands for one, other in (size, size[::-1])
    ):
        yield f"a pad of {size[0]:g} x {size[1]:g} mm"
    if pads.wants_round(text) and any(land.use == "lead" and not land.round for land in lands):
        yield "round pads"
    surface = pads.on_surface(text)
    if surface is not None and surface == any(land.use == "hole" for land in lands):
        yield "pads on the surface" if surface else "holes"
    if stated := pads.count_of(text):
        numbers = {land.number for land in lands if land.number}
        if stated not in (len(numbers), len(numbers) - any(land.use == "metal" for land in lands)):
            yield f"{stated} pads"


def _lands(plan: Mapping[str, Any]) -> Sequence[Any]:
    """The copper that a plan comes to; none where it can't be made, which is said elsewhere."""
    from kiki_core.generating.kicad import FootprintPlan
    from kiki_core.generating.typed import NotRead, read
    from kiki_tools.kicad.lands import land_pattern
    from kiki_tools.kicad.packages import ImpossibleFootprint, standard

    try:
        wanted = read(FootprintPlan, plan, "the plan")
        package = standard(wanted.package) if isinstance(wanted.package, str) else wanted.package
        return land_pattern(package, wanted.density).lands
    except (NotRead, ImpossibleFootprint):
        return ()


def _near(value: float, had: set[float]) -> bool:
    return any(abs(value - known) <= 0.011 + 0.01 * known for known in had)


def _numbers(data: Any) -> Iterator[float]:
    if isinstance(data, Mapping):
        for each in data.values():
            yield from _numbers(each)
    elif isinstance(data, (list, tuple)):
        for each in data:
            yield from _numbers(each)
    elif isinstance(data, (int, float)) and not isinstance(data, bool):
        yield float(data)


def _spans(data: Any) -> Iterator[tuple[float, float]]:
    """Ranges of a package's dimensions: {min, max}."""
    if isinstance(data, Mapping):
        numbers = [each for each in data.values() if isinstance(each, (int, float))]
        if {"min", "max"} <= set(data):
            yield float(data["min"]), float(data["max"])
        elif len(numbers) == len(data) == 2:
            yield min(numbers), max(numbers)
        for each in data.values():
            yield from _spans(each)
    elif isinstance(data, (list, tuple)):
        if len(data) == 2 and all(isinstance(each, (int, float)) for each in data):
            yield float(data[0]), float(data[1])
        for each in data:
            yield from _spans(each)
