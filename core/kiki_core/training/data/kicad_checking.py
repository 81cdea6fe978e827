"""Whether a KiCad file is what was asked for: kiki's own analysis first, then KiCad itself."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.training.data.judgement import PASSED, Judgement
from kiki_core.training.data.kicad_files import project, rules_board
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import document_of
from kiki_tools.text import Snapshot

_LIMITS = frozenset(
    {"clearance", "track_width", "via_diameter", "drill_out_of_range", "annular_width", "copper_edge_clearance",
     "items_not_allowed"}
)  # fmt: skip
"""What KiCad calls violations of these rules; the board that they are tried on has no other cause for them."""
_NEAR = 0.02
"""Millimetres."""


async def check(wanted: Mapping[str, Any], text: str) -> Judgement:
    """Judges a file's text.

    Raises:
        KikiError: if kicad-cli is missing.
    """
    kind = str(wanted["file"])
    text = text.strip() + "\n"
    if wrong := _own(text, kind):
        return Judgement(False, "kiki finds an error", wrong)
    if kind == "kicad_dru":
        return await _rules(wanted, text)
    main = document_of(Snapshot(text, f"/p/answer.{kind}")).main
    if main is None:
        return Judgement(False, "no such file")
    missed = {"kicad_sym": _symbol, "kicad_mod": _footprint, "kicad_pcb": _board}[kind](wanted, main)
    return Judgement(False, "not what was asked for", missed) if missed else await _loads(text, kind, wanted)


def _own(text: str, kind: str) -> str:
    """The first error that kiki itself finds."""
    from kiki_core.checking import check as findings

    with tempfile.TemporaryDirectory(prefix="kiki-") as folder:
        path = Path(folder, f"answer.{kind}")
        path.write_text(text, "utf-8")
        for each in findings([path]):
            if each.diagnostic.severity == "error":
                return f"line {each.range.start.line + 1}: {each.diagnostic.message}"
    return ""


async def _loads(text: str, kind: str, wanted: Mapping[str, Any]) -> Judgement:
    from kiki_tools.kicad import instrument

    name = wanted.get("name", "answer") if kind == "kicad_sym" else "answer"
    snapshot = Snapshot(text, f"/p/{re.sub(r'[^A-Za-z0-9]+', '_', str(name))}.{kind}")
    try:
        if kind == "kicad_pcb":
            violations = await instrument.check("drc", snapshot, {})
            serious = [one for one in violations if one.severity == "error"]
            return Judgement(False, "KiCad's design rules check", serious[0].message) if serious else PASSED
        await instrument.picture(snapshot, {})
    except instrument.KicadMissing as error:
        raise KikiError(str(error), "`kiki doctor` names the command that adds it") from error
    except instrument.KicadFailed as error:
        return Judgement(False, "KiCad doesn't load it", str(error))
    return PASSED


async def _rules(wanted: Mapping[str, Any], text: str) -> Judgement:
    """Tries the rules on a board that has one item to refuse, and several to let pass."""
    from kiki_tools.kicad import instrument

    board, bad, good = rules_board(wanted)
    texts = {
        "/p/answer.kicad_dru": Snapshot(text, "/p/answer.kicad_dru"),
        "/p/answer.kicad_pro": Snapshot(json.dumps(project(str(wanted["class"]))), "/p/answer.kicad_pro"),
    }
    try:
        violations = await instrument.check("drc", Snapshot(board, "/p/answer.kicad_pcb"), texts)
    except instrument.KicadMissing as error:
        raise KikiError(str(error), "`kiki doctor` names the command that adds it") from error
    except instrument.KicadFailed as error:
        return Judgement(False, "KiCad doesn't load it", str(error))
    told = [one for one in violations if one.rule in _LIMITS]
    refused = [(x, y) for one in told for _, x, y, _ in one.items]
    if not _among(bad, refused):
        return Judgement(False, "the rule isn't applied", f"nothing of class {wanted['class']} is refused")
    return Judgement(False, "the rule refuses too much", told[0].message) if _among(good, refused) else PASSED


def _among(places: Iterable[tuple[float, float]], refused: Sequence[tuple[float, float]]) -> bool:
    return any(abs(x - a) < _NEAR and abs(y - b) < _NEAR for x, y in places for a, b in refused)


def _symbol(wanted: Mapping[str, Any], main: Node) -> str:
    symbols = main.all("symbol")
    if len(symbols) != 1 or symbols[0].value() != wanted["name"]:
        return f"one symbol {wanted['name']} expected"
    pins = sorted(
        [pin.text_of("number"), pin.text_of("name"), pin.value()]
        for node in symbols[0].walk()
        if node.head == "symbol"
        for pin in node.all("pin")
    )
    return "" if pins == [list(pin) for pin in wanted["pins"]] else f"its pins are {pins}"[:200]


def _numbers(node: Node | None, count: int) -> list[float]:
    return [node.number_at(at) for at in range(count)] if node is not None else [0.0] * count


def _footprint(wanted: Mapping[str, Any], main: Node) -> str:
    found = {}
    for pad in main.all("pad"):
        size = _numbers(pad.find("size"), 2)
        drill = pad.find("drill")
        found[pad.value()] = [*_numbers(pad.find("at"), 2), *size, drill.number_at(0) if drill is not None else 0.0]
    asked = {str(number): rest for number, *rest in wanted["pads"]}
    if set(found) != set(asked) or len(main.all("pad")) != len(asked):
        return f"its pads are {', '.join(sorted(found))}"[:200]
    for number, rest in asked.items():
        if any(abs(one - other) > _NEAR for one, other in zip(found[number], rest, strict=True)):
            return f"pad {number} is at, of size and drill {found[number]}"
    return ""


def _board(wanted: Mapping[str, Any], main: Node) -> str:
    xs, ys = [], []
    for node in main.walk():
        if node.head in ("gr_rect", "gr_line") and node.text_of("layer") == "Edge.Cuts":
            for end in ("start", "end"):
                x, y = _numbers(node.find(end), 2)
                xs.append(x)
                ys.append(y)
    if not xs:
        return "it has no outline"
    size = (max(xs) - min(xs), max(ys) - min(ys))
    if any(abs(one - other) > _NEAR for one, other in zip(size, wanted["size"], strict=True)):
        return f"it is {size[0]:g} x {size[1]:g} mm"
    holes = [(part, pad) for part in main.all("footprint") for pad in part.all("pad") if pad.value(1) == "np_thru_hole"]
    if len(holes) != wanted["holes"]:
        return f"it has {len(holes)} unplated holes"
    corners = set()
    for part, pad in holes:
        drill = pad.find("drill")
        (x, y), (dx, dy) = _numbers(part.find("at"), 2), _numbers(pad.find("at"), 2)
        left, top = x + dx - min(xs), y + dy - min(ys)
        corners.add((left > size[0] / 2, top > size[1] / 2))
        away = max(abs(min(left, size[0] - left) - wanted["inset"]), abs(min(top, size[1] - top) - wanted["inset"]))
        if drill is None or abs(drill.number_at(0) - wanted["drill"]) > _NEAR or away > _NEAR:
            return "a hole has another place or size"
    return "" if len(corners) == len(holes) or not holes else "its holes aren't in the corners"
