"""The judge of KiCad answers: KiCad loads them, its electrical check finds no error, and what was asked for is there.

Read back by KiCad itself: a schematic by its netlist export, a symbol and a footprint by drawing them; pins and pads are
then counted in the text by this module's own patterns; design rules by what they do on boards (`boards.py`). Nothing
of kiki's generators is used.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from boards import errors
from judging import Judged

_PREFIXES = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6}


@dataclass
class Answer:
    """One file: its text, and of a schematic its parts (reference to value) and nets (name to pins)."""

    text: str
    parts: dict[str, str]
    nets: dict[str, list[str]]


PLANNER, FILES = "kicad", True
"""Its planner; an answer may have several files: `judge` gets the JSON of them by name."""


async def judge(item: dict[str, Any], artefact: str | None) -> Judged:
    """The file of an answer against the item's checks."""
    if not artefact:
        return Judged(False, ("nothing was made",))
    (name, text), *_ = json.loads(artefact).items()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text)
        answer = Answer(text, {}, {})
        problem = _loaded(path, answer)
    if problem:
        return Judged(False, (problem,))
    failed = [f"{check['kind']} {said}" for check in item["checks"] if (said := _CHECKS[check["kind"]](check, answer))]
    return Judged(not failed, tuple(failed))


def wrong(artefact: str) -> list[str]:
    """Files that must fail: cut off, with a word that KiCad doesn't know, and sound ones of another content."""
    (name, text), *_ = json.loads(artefact).items()
    numbered = re.sub(r'\(pad "1"', '(pad "2"', re.sub(r'\(number "(?:1|A1)"', '(number "999"', text))
    referred = re.sub(r'"[RCLDQU](\d+)"', r'"X\1"', text)
    spoilt = [
        text[: len(text) // 2],
        text.replace("(pin ", "(pim ", 1).replace("(pad ", "(pat ", 1).replace("(constraint ", "(constrain ", 1),
        referred if name.endswith(".kicad_sch") else numbered,
    ]
    return [json.dumps({name: each}) for each in spoilt if each != text]


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["kicad-cli", *words], capture_output=True, text=True, timeout=180)


def _loaded(path: Path, answer: Answer) -> str:
    """What KiCad has against the file; empty if nothing."""
    if path.suffix == ".kicad_sym":
        done = _run("sym", "export", "svg", str(path), "-o", str(path.parent))
        return "" if list(path.parent.glob("*.svg")) else f"symbol not drawn: {done.stdout[-120:]}{done.stderr[-120:]}"
    if path.suffix == ".kicad_mod":
        library = path.parent / "one.pretty"
        library.mkdir()
        (library / path.name).write_text(path.read_text())
        _run("fp", "export", "svg", str(library), "-o", str(path.parent))
        return "" if list(path.parent.glob("*.svg")) else "footprint not drawn"
    if path.suffix == ".kicad_dru":
        return ""
    report = path.parent / "erc.json"
    done = _run("sch", "erc", "--format", "json", "--severity-error", str(path), "-o", str(report))
    if not report.is_file():
        return f"not loaded: {done.stdout[-160:]}{done.stderr[-160:]}"
    errors = [each["description"] for sheet in json.loads(report.read_text())["sheets"] for each in sheet["violations"]]
    if errors:
        return f"ERC: {errors[0]}"
    exported = path.parent / "net.xml"
    _run("sch", "export", "netlist", "--format", "kicadxml", str(path), "-o", str(exported))
    root = ElementTree.parse(exported).getroot()
    answer.parts = {c.get("ref", ""): c.findtext("value", "") for c in root.iter("comp")}
    answer.nets = {
        n.get("name", "").lstrip("/"): [f"{e.get('ref')}.{e.get('pin')}" for e in n.iter("node")]
        for n in root.iter("net")
    }
    return ""


def _pins(text: str) -> dict[str, str]:
    found = re.findall(r'\(pin \w+ \w+\s.*?\(name "([^"]*)".*?\(number "([^"]*)"', text, re.DOTALL)
    return {number: name for name, number in found}


def _type(check: dict[str, Any], answer: Answer) -> str:
    for kind, body in re.findall(r"\(pin (\w+) \w+\s(.*?\(number \"[^\"]*\")", answer.text, re.DOTALL):
        if body.endswith(f'(number "{check["pin"]}"'):
            return "" if kind == check["type"] else f"pin {check['pin']} is {kind}"
    return f"no pin {check['pin']}"


def _same_pins(check: dict[str, Any], answer: Answer) -> str:
    pins = _pins(answer.text)
    lost = {number: name for number, name in check["pins"].items() if pins.get(number) != name}
    return f"{lost} but {pins}" if lost else ""


def _value(text: str) -> float:
    """A part's value, written as "2.2k", "2k2", "4R7", "100 nF" or "10µ"."""
    text = re.sub("[µμ]", "u", text)
    if match := re.fullmatch(r"(\d+)([pnumkMR])(\d+)\D?", text):
        return float(f"{match[1]}.{match[3]}") * _PREFIXES.get(match[2], 1)
    match = re.fullmatch(r"([\d.]+)\s*([pnumkM]?)\w*", text)
    return float(match.group(1)) * _PREFIXES.get(match.group(2), 1) if match else float("nan")


def _parts(check: dict[str, Any], answer: Answer) -> str:
    counts = Counter(re.sub(r"\d+$", "", ref) for ref in answer.parts)
    lost = {letter: least for letter, least in check.items() if letter != "kind" and counts[letter] < least}
    return f"wants {lost}, has {dict(counts)}" if lost else ""


def _pads(text: str) -> list[tuple[str, float, float, float, float]]:
    """The pads of copper, each with its name, place and size; several may share a name."""
    found = re.findall(r'\(pad "([^"]*)" \w+ \w+\s*\(at ([-\d.]+) ([-\d.]+)[^()]*\)\s*\(size ([\d.]+) ([\d.]+)\)', text)
    return [(name, float(x), float(y), float(width), float(height)) for name, x, y, width, height in found if name]


def _pad_count(check: dict[str, Any], answer: Answer) -> str:
    """How many names of pads there are: a tab, or a thermal pad's vias, are of one name."""
    count = len({name for name, *_ in _pads(answer.text)})
    return "" if count == check["count"] else f"{count} pads"


def _pad_size(check: dict[str, Any], answer: Answer) -> str:
    """Whether a pad (``pad``: its name; else any) has the size `x`, `y` in mm, within 2 %, turned or not."""
    sizes = [pad[3:] for pad in _pads(answer.text) if pad[0] == check.get("pad", pad[0])]
    wanted = (check["x"], check["y"])
    fits = any(
        all(abs(got / mm - 1) < 0.02 for got, mm in zip(each, pair, strict=True))
        for each in sizes
        for pair in (wanted, wanted[::-1])
    )
    return "" if fits else f"{sorted(set(sizes))}"


def _pitch(check: dict[str, Any], answer: Answer) -> str:
    places = sorted({pad[1:3] for pad in _pads(answer.text)})
    gaps = [((a - c) ** 2 + (b - d) ** 2) ** 0.5 for n, (a, b) in enumerate(places) for c, d in places[:n]]
    least = min((gap for gap in gaps if gap > 0.05), default=0)
    return "" if abs(least - check["mm"]) < 0.02 else f"{least:.3f} mm"


def _of_kind(answer: Answer, letter: str) -> list[float]:
    return [_value(value) for ref, value in answer.parts.items() if re.fullmatch(rf"{letter}\d+", ref)]


def _rc(check: dict[str, Any], answer: Answer) -> str:
    got = 1 / (6.283185 * _of_kind(answer, "R")[0] * _of_kind(answer, "C")[0])
    return "" if abs(got / check["hz"] - 1) < 0.06 else f"{got:.4g} Hz"


def _gain(check: dict[str, Any], answer: Answer) -> str:
    values = _of_kind(answer, "R")
    got = 1 + max(values) / min(values)
    return "" if abs(got / check["value"] - 1) < 0.06 else f"{got:.4g}"


def _ratio(check: dict[str, Any], answer: Answer) -> str:
    one, other = _of_kind(answer, "R")[:2]
    got = other / (one + other)
    return "" if abs(got / check["value"] - 1) < 0.04 else f"{got:.4g}"


def _ranged(check: dict[str, Any], answer: Answer) -> str:
    got = _value(answer.parts.get(check["ref"], ""))
    return "" if check["low"] <= got <= check["high"] else f"{check['ref']} is {answer.parts.get(check['ref'])}"


def _joined(check: dict[str, Any], answer: Answer) -> str:
    for pins in answer.nets.values():
        letters = {re.sub(r"\d.*", "", pin) for pin in pins}
        if set(check["pins"]) <= letters:
            return ""
    return f"no net joins {check['pins']}"


def _named_nets(check: dict[str, Any], answer: Answer) -> str:
    lost = [name for name in check["names"] if name not in answer.nets]
    return f"no net {lost}; {sorted(answer.nets)}" if lost else ""


def _wired(check: dict[str, Any], answer: Answer) -> str:
    """Whether each of the `ends` is met by a net of its own of the part, or the pin, `ref` ("R1", "U1.8"). An end is a
    net's name, a part ("C1") or a pin ("U1.8"); a list of them is an end that any of them is."""
    of_part = [
        {
            name.lower(),
            *(word for pin in pins if not _of_part(check["ref"], pin) for word in (pin, pin.partition(".")[0])),
        }
        for name, pins in answer.nets.items()
        if any(_of_part(check["ref"], pin) for pin in pins)
    ]
    ends = [[end] if isinstance(end, str) else end for end in check["ends"]]
    for order in permutations(of_part, len(ends)):
        if all(any(one in net or one.lower() in net for one in end) for end, net in zip(ends, order, strict=True)):
            return ""
    return f"{check['ref']} lies on {[sorted(net)[:8] for net in of_part]}"


def _of_part(part: str, pin: str) -> bool:
    """Whether a pin ("U1.8") is that pin, or is of that part ("U1")."""
    return pin == part or pin.startswith(part + ".")


def _apart(check: dict[str, Any], answer: Answer) -> str:
    """The distance between the centres of two pads by name, in mm."""
    places = {name: (x, y) for name, x, y, *_ in _pads(answer.text)}
    one, other = (places.get(name) for name in check["pads"])
    if one is None or other is None:
        return f"no pads {check['pads']}"
    got = math.dist(one, other)
    return "" if abs(got - check["mm"]) < 0.03 else f"{got:.3f} mm"


def _drill(check: dict[str, Any], answer: Answer) -> str:
    """Every hole within the bounds `least` and `most` in mm, and `count` of them if that is given."""
    holes = [float(mm) for mm in re.findall(r"\(drill ([\d.]+)", answer.text)]
    fits = holes and all(check["least"] <= hole <= check["most"] for hole in holes)
    return "" if fits and len(holes) == check.get("count", len(holes)) else f"{holes}"


def _drc(check: dict[str, Any], answer: Answer) -> str:
    """Whether the rules find on a board an error of a kind that `finds` matches, or, where it's empty, none."""
    found = errors(answer.text, check["board"], check.get("classes", {}))
    if check["finds"]:
        return "" if any(re.search(check["finds"], kind) for kind in found) else f"finds {found}, no {check['finds']}"
    return f"finds {found}" if found else ""


def _units(check: dict[str, Any], answer: Answer) -> str:
    units = {int(n) for n in re.findall(r'\(symbol "[^"]*_(\d+)_1"', answer.text)}
    return "" if len(units - {0}) >= check["least"] else f"{len(units)} units"


_CHECKS = {
    "pins": _same_pins, "type": _type, "parts": _parts, "pitch": _pitch, "rc": _rc, "gain": _gain, "ratio": _ratio,
    "value": _ranged, "net": _joined, "net_name": _named_nets, "units": _units,
    "count": lambda check, answer: "" if len(_pins(answer.text)) == check["pins"] else f"{len(_pins(answer.text))} pins",
    "pads": _pad_count, "size": _pad_size, "wired": _wired, "apart": _apart, "drill": _drill, "drc": _drc,
    "name": lambda check, answer: "" if f'(symbol "{check["name"]}"' in answer.text else "another name",
}  # fmt: skip
