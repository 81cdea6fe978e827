"""KiCad's files in short: symbols, footprints, boards and design rules with just what KiCad needs to load them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

SYMBOLS, BOARD = 20241209, 20241229
"""The versions that KiCad 9 writes."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file: its words for the question, its text, and the check's own columns. ``topic``: what makes the group."""

    words: Mapping[str, str]
    text: str
    check: Mapping[str, Any]
    topic: str


Maker = Callable[[Random], Made]
Pin = tuple[str, str, str]
"""Number, name, electrical type."""


def _mm(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") if value else "0"


# Symbols


def symbol(name: str, reference: str, left: list[Pin], right: list[Pin]) -> str:
    """A library with one symbol: a box with its pins on the left and on the right, from the top down."""
    rows = max(len(left), len(right))
    top = rows * 1.27 + 1.27
    lines = [
        f'(kicad_symbol_lib (version {SYMBOLS}) (generator "kiki")',
        f'  (symbol "{name}" (in_bom yes) (on_board yes)',
        f'    (property "Reference" "{reference}" (at 0 {_mm(top + 1.27)} 0))',
        f'    (property "Value" "{name}" (at 0 {_mm(-top - 1.27)} 0))',
        f'    (symbol "{name}_1_1"',
        f"      (rectangle (start -7.62 {_mm(top)}) (end 7.62 {_mm(-top)}) (stroke (width 0.254) (type default))"
        " (fill (type background)))",
    ]
    for pins, x, angle in ((left, -10.16, 0), (right, 10.16, 180)):
        for row, (number, called, kind) in enumerate(pins):
            y = round((rows - 1) * 1.27 - row * 2.54, 2)
            lines.append(
                f"      (pin {kind} line (at {_mm(x)} {_mm(y)} {angle}) (length 2.54)"
                f' (name "{called}") (number "{number}"))'
            )
    return "\n".join(lines) + ")))\n"


def _symbol(name: str, reference: str, left: list[Pin], right: list[Pin], topic: str) -> Made:
    pins = [*left, *right]
    told = ", ".join(
        f"{number} {called} ({kind})" for number, called, kind in sorted(pins, key=lambda pin: int(pin[0]))
    )
    check = {"file": "kicad_sym", "name": name, "pins": sorted([list(pin) for pin in pins])}
    return Made({"name": name, "pins": told, "ref": reference}, symbol(name, reference, left, right), check, topic)


def _code(random: Random, *starts: str) -> str:
    return f"{random.choice(starts)}{random.randrange(10, 9999)}{random.choice(['', 'A', 'B', 'Q', 'DR'])}"


def _numbers(random: Random, count: int) -> list[str]:
    return [str(number) for number in random.sample(range(1, count + 1), count)]


def _regulator(random: Random) -> Made:
    numbers = _numbers(random, 3)
    left = [(numbers[0], "VIN", "power_in"), (numbers[1], "GND", "power_in")]
    right = [(numbers[2], random.choice(["VOUT", "OUT"]), "power_out")]
    if random.random() < 0.5:
        left.insert(1, ("4", random.choice(["EN", "SHDN"]), "input"))
    return _symbol(_code(random, "AP", "TPS", "MIC", "LD"), "U", left, right, f"regulator-{numbers}-{len(left)}")


def _amplifier(random: Random) -> Made:
    numbers = _numbers(random, 5)
    left = [(numbers[0], "IN+", "input"), (numbers[1], "IN-", "input"), (numbers[2], "V-", "power_in")]
    right = [(numbers[3], "V+", "power_in"), (numbers[4], "OUT", "output")]
    return _symbol(_code(random, "OPA", "MCP", "LMV"), "U", left, right, f"amplifier-{numbers[0]}{numbers[4]}")


def _sensor(random: Random) -> Made:
    numbers = _numbers(random, 6)
    left = [(numbers[0], "VDD", "power_in"), (numbers[1], "GND", "power_in"), (numbers[2], "ADDR", "input")]
    right = [(numbers[3], "SDA", "bidirectional"), (numbers[4], "SCL", "input"), (numbers[5], "INT", "open_collector")]
    return _symbol(_code(random, "TMP", "SHT", "BME", "LIS"), "U", left, right, f"sensor-{numbers[0]}{numbers[3]}")


def _connector(random: Random) -> Made:
    count = random.randrange(2, 9)
    names = random.sample(
        ["VCC", "GND", "TX", "RX", "SDA", "SCL", "CS", "SCK", "MISO", "MOSI", "RST", "EN", "A", "B"], count
    )
    left = [(str(at + 1), called, "passive") for at, called in enumerate(names)]
    return _symbol(_code(random, "CONN", "J_", "HDR"), "J", left, [], f"connector-{count}-{names[0]}")


def _transistor(random: Random) -> Made:
    numbers = _numbers(random, 3)
    names = random.choice([("G", "D", "S"), ("B", "C", "E")])
    left, right = (
        [(numbers[0], names[0], "input")],
        [(numbers[1], names[1], "passive"), (numbers[2], names[2], "passive")],
    )
    return _symbol(_code(random, "BC", "MMBT", "AO", "DMN"), "Q", left, right, f"transistor-{numbers}-{names[0]}")


def _gate(random: Random) -> Made:
    left = [("1", "A", "input"), ("2", "B", "input"), ("3", "GND", "power_in")]
    right = [("5", "VCC", "power_in"), ("4", "Y", random.choice(["output", "open_collector", "tri_state"]))]
    return _symbol(_code(random, "SN74LVC1G", "74AHC1G"), "U", left, right, f"gate-{right[1][2]}")


# Footprints

Pad = tuple[str, float, float, float, float, float]
"""Number, x, y, width, height, drill (0: surface mount); millimetres."""


def footprint(name: str, pads: list[Pad]) -> str:
    """A footprint of these pads; the first one of through-hole parts is square."""
    smd = all(pad[5] == 0 for pad in pads)
    reach = max(abs(pad[2]) + pad[4] / 2 for pad in pads) + 1
    lines = [
        f'(footprint "{name}" (version {BOARD}) (generator "kiki") (layer "F.Cu")',
        f"  (attr {'smd' if smd else 'through_hole'})",
        f'  (property "Reference" "REF**" (at 0 {_mm(-reach)}) (layer "F.SilkS"))',
        f'  (property "Value" "{name}" (at 0 {_mm(reach)}) (layer "F.Fab"))',
    ]
    for number, x, y, width, height, drill in pads:
        place = f"(at {_mm(x)} {_mm(y)}) (size {_mm(width)} {_mm(height)})"
        if drill:
            shape = "rect" if number == "1" else "circle"
            lines.append(f'  (pad "{number}" thru_hole {shape} {place} (drill {_mm(drill)}) (layers "*.Cu" "*.Mask"))')
        else:
            lines.append(f'  (pad "{number}" smd rect {place} (layers "F.Cu" "F.Mask" "F.Paste"))')
    return "\n".join(lines) + ")\n"


def _footprint(name: str, words: Mapping[str, str], pads: list[Pad], topic: str) -> Made:
    check = {"file": "kicad_mod", "pads": [[number, *(round(one, 4) for one in rest)] for number, *rest in pads]}
    return Made({"name": name, **words}, footprint(name, pads), check, topic)


def _chip(random: Random) -> Made:
    size, (w, h, pitch) = random.choice(
        [
            ("0402", (0.6, 0.65, 0.96)),
            ("0603", (0.8, 0.95, 1.6)),
            ("0805", (1.0, 1.4, 1.9)),
            ("1206", (1.15, 1.8, 2.9)),
            ("1210", (1.2, 2.7, 2.9)),
            ("2512", (1.6, 3.4, 6.1)),
        ]
    )
    w, h = round(w + random.choice([-0.1, 0, 0, 0.1]), 2), round(h + random.choice([-0.1, 0, 0.1]), 2)
    name = f"{random.choice('RCL')}_{size}"
    pads: list[Pad] = [("1", -pitch / 2, 0, w, h, 0), ("2", pitch / 2, 0, w, h, 0)]
    return _footprint(name, {"w": _mm(w), "h": _mm(h), "pitch": _mm(pitch)}, pads, f"{size}-{w}-{h}")


def _header(random: Random) -> Made:
    count, pitch = random.randrange(2, 9), random.choice([2.0, 2.54, 2.5, 3.5, 3.81, 5.0, 5.08])
    drill = {2.0: 0.8, 2.54: 1.0, 2.5: 0.9}.get(pitch, 1.3)
    size = {2.0: 1.35, 2.54: 1.7, 2.5: 1.6}.get(pitch, 2.4)
    pads: list[Pad] = [(str(at + 1), at * pitch, 0, size, size, drill) for at in range(count)]
    words = {"n": str(count), "pitch": _mm(pitch), "drill": _mm(drill), "size": _mm(size)}
    return _footprint(f"Header_1x{count:02}_P{pitch:.2f}mm", words, pads, f"{count}-{pitch}")


def _dual(random: Random) -> Made:
    count, pitch = random.choice([(6, 0.95), (6, 0.65), (8, 1.27), (8, 0.65), (8, 0.5)])
    row = random.choice([2.2, 2.6, 4.4, 5.0, 5.4])
    w, h = random.choice([1.0, 1.2, 1.5]), round(pitch * 0.6, 2)
    half = count // 2
    left: list[Pad] = [(str(at + 1), -row / 2, (at - (half - 1) / 2) * pitch, w, h, 0) for at in range(half)]
    right: list[Pad] = [(str(half + at + 1), row / 2, ((half - 1) / 2 - at) * pitch, w, h, 0) for at in range(half)]
    words = {"n": str(count), "pitch": _mm(pitch), "row": _mm(row), "w": _mm(w), "h": _mm(h)}
    return _footprint(f"SO-{count}_P{pitch}mm", words, [*left, *right], f"{count}-{pitch}-{row}")


def _small_outline(random: Random) -> Made:
    w, h = random.choice([0.9, 1.0, 1.2]), random.choice([0.6, 0.7, 0.8])
    x, y = random.choice([1.0, 1.1, 1.2]), 0.95
    pads: list[Pad] = [("1", -x, -y, w, h, 0), ("2", -x, y, w, h, 0), ("3", x, 0, w, h, 0)]
    words = {"w": _mm(w), "h": _mm(h), "x": _mm(x), "y": _mm(y)}
    return _footprint("SOT-23", words, pads, f"{w}-{h}-{x}")


def _test_point(random: Random) -> Made:
    size = random.choice([1.0, 1.5, 2.0, 2.5, 3.0])
    drill = random.choice([0.0, round(size / 2, 2)])
    pads: list[Pad] = [("1", 0, 0, size, size, drill)]
    sort = f"through-hole, {_mm(drill)} mm drill" if drill else "SMD"
    return _footprint(f"TestPoint_{size:g}mm", {"size": _mm(size), "sort": sort}, pads, f"{size}-{drill}")


# Boards


def board(width: float, height: float, holes: list[tuple[float, float]], drill: float) -> str:
    """An empty board of two layers with its outline and mounting holes."""
    lines = [
        f'(kicad_pcb (version {BOARD}) (generator "kiki")',
        '  (layers (0 "F.Cu" signal) (2 "B.Cu" signal) (1 "F.Mask" user) (3 "B.Mask" user) (25 "Edge.Cuts" user))',
        f"  (gr_rect (start 0 0) (end {_mm(width)} {_mm(height)}) (stroke (width 0.1) (type default)) (fill no)"
        ' (layer "Edge.Cuts"))',
    ]
    for x, y in holes:
        lines += [
            f'  (footprint "Hole" (layer "F.Cu") (at {_mm(x)} {_mm(y)})',
            f'    (pad "" np_thru_hole circle (at 0 0) (size {_mm(drill)} {_mm(drill)}) (drill {_mm(drill)})'
            ' (layers "*.Cu" "*.Mask")))',
        ]
    return "\n".join(lines) + ")\n"


def _outline(random: Random) -> Made:
    width, height = (float(random.choice([20, 25, 30, 40, 50, 60, 75, 80, 100, 120, 160])) for _ in range(2))
    check = {"file": "kicad_pcb", "size": [width, height], "holes": 0}
    return Made({"w": _mm(width), "h": _mm(height)}, board(width, height, [], 0), check, f"{width:g}x{height:g}")


def _with_holes(random: Random) -> Made:
    width, height = (float(random.choice([30, 40, 50, 60, 75, 80, 100, 120])) for _ in range(2))
    inset, (screw, drill) = (
        random.choice([3.0, 3.5, 4.0, 5.0]),
        random.choice([("M2.5", 2.7), ("M3", 3.2), ("M4", 4.3)]),
    )
    holes = [(x, y) for y in (inset, height - inset) for x in (inset, width - inset)]
    words = {"w": _mm(width), "h": _mm(height), "inset": _mm(inset), "screw": screw, "drill": _mm(drill)}
    check = {"file": "kicad_pcb", "size": [width, height], "holes": 4, "drill": drill, "inset": inset}
    return Made(words, board(width, height, holes, drill), check, f"{width:g}x{height:g}-{screw}")


# Design rules


def _rule_text(name: str, condition: str, constraint: str) -> str:
    return f'(version 1)\n(rule "{name}"\n  (condition "{condition}")\n  (constraint {constraint}))\n'


def _rule(random: Random, constraint: str, low: float, high: float) -> Made:
    limit = round(random.uniform(low, high) * 20) / 20
    sort = random.choice(["HV", "Power", "RF", "USB", "CAN", "Audio", "Motor", "Mains", "Sense", "DDR"])
    name = random.choice([f"{sort} {constraint.replace('_', ' ')}", f"{sort.lower()}_{constraint}", sort])
    if constraint == "disallow":
        what, layer = random.choice(["track", "via"]), random.choice(["F.Cu", "B.Cu"])
        where = f" && A.Layer == '{layer}'" if what == "track" else ""
        text = _rule_text(name, f"A.NetClass == '{sort}'{where}", f"disallow {what}")
        words = {"class": sort, "what": f"{what}s", "where": f" on {layer}" if where else "", "name": name}
        told = {"file": "kicad_dru", "constraint": constraint, "class": sort, "what": what, "layer": layer}
        return Made(words, text, told, f"{sort}-{what}")
    text = _rule_text(name, f"A.NetClass == '{sort}'", f"{constraint} (min {limit:g}mm)")
    check = {"file": "kicad_dru", "constraint": constraint, "class": sort, "min": limit}
    return Made({"class": sort, "min": f"{limit:g} mm", "name": name}, text, check, f"{sort}-{limit:g}")


def rules_board(check: Mapping[str, Any]) -> tuple[str, set[tuple[float, float]], set[tuple[float, float]]]:
    """A board to try rules on, and the places of items that they must refuse, and mustn't.

    Nets S1 and S2 are of the rule's class, N1 and N2 of none.
    """
    constraint, limit = check["constraint"], float(check.get("min", 0.5))
    items: list[str] = []
    bad, good = set[tuple[float, float]](), set[tuple[float, float]]()

    def track(net: int, y: float, width: float, layer: str = "F.Cu") -> tuple[float, float]:
        items.append(
            f'(segment (start 20 {_mm(y)}) (end 60 {_mm(y)}) (width {_mm(width)}) (layer "{layer}") (net {net}))'
        )
        return (20.0, round(y, 3))

    def via(net: int, x: float, y: float, size: float, drill: float) -> tuple[float, float]:
        items.append(
            f'(via (at {_mm(x)} {_mm(y)}) (size {_mm(size)}) (drill {_mm(drill)}) (layers "F.Cu" "B.Cu") (net {net}))'
        )
        return (x, y)

    match constraint:
        case "clearance":
            for net, other, y, share, into in ((1, 3, 10, 0.85, bad), (2, 4, 40, 1.15, good), (3, 4, 70, 0.85, good)):
                into |= {track(net, y, 0.5), track(other, y + 0.5 + share * limit, 0.5)}
        case "track_width":
            for net, y, share, into in ((1, 10, 0.85, bad), (2, 40, 1.15, good), (3, 70, 0.85, good)):
                into.add(track(net, y, share * limit))
        case "via_diameter":
            for net, y, share, into in ((1, 10, 0.85, bad), (2, 40, 1.15, good), (3, 70, 0.85, good)):
                into.add(via(net, 30, y, share * limit, 0.3))
        case "hole_size":
            for net, y, share, into in ((1, 10, 0.85, bad), (2, 40, 1.15, good), (3, 70, 0.85, good)):
                into.add(via(net, 30, y, 2 * limit + 0.5, share * limit))
        case "annular_width":
            for net, y, share, into in ((1, 10, 0.85, bad), (2, 40, 1.15, good), (3, 70, 0.85, good)):
                into.add(via(net, 30, y, 0.4 + 2 * share * limit, 0.4))
        case "edge_clearance":
            for net, place, into in (
                (1, 0.85 * limit + 0.25, bad),
                (3, 100 - 0.85 * limit - 0.25, good),
                (2, 50, good),
            ):
                into.add(track(net, place, 0.5))
        case _:
            opposite = "B.Cu" if check["layer"] == "F.Cu" else "F.Cu"
            if check["what"] == "track":
                bad.add(track(1, 10, 0.5, check["layer"]))
                good |= {track(2, 40, 0.5, opposite), track(3, 70, 0.5, check["layer"])}
            else:
                bad.add(via(1, 30, 10, 0.8, 0.4))
                good |= {via(3, 30, 40, 0.8, 0.4), track(2, 70, 0.5)}
    nets = " ".join(f'(net {at} "{name}")' for at, name in enumerate(["", "S1", "S2", "N1", "N2"]))
    head = board(100, 100, [], 0).rstrip().removesuffix(")")
    return f"{head}\n  {nets}\n  " + "\n  ".join(items) + ")\n", bad, good


def project(of: str) -> dict[str, Any]:
    """A project in which the nets S1 and S2 are of a class, with limits so low that only custom rules matter."""
    default = {"name": "Default", "clearance": 0.05, "track_width": 0.1, "via_diameter": 0.3, "via_drill": 0.1}
    rules = {
        "min_clearance": 0.0,
        "min_copper_edge_clearance": 0.0,
        "min_hole_clearance": 0.0,
        "min_track_width": 0.0,
        "min_via_annular_width": 0.0,
        "min_via_diameter": 0.0,
        "min_through_hole_diameter": 0.0,
        "min_hole_to_hole": 0.0,
    }
    return {
        "board": {"design_settings": {"rules": rules}},
        "net_settings": {
            "classes": [default, {**default, "name": of, "priority": 0}],
            "netclass_patterns": [{"netclass": of, "pattern": "S*"}],
        },
    }


def _rules() -> Iterator[tuple[str, Maker]]:
    limits = {
        "clearance": (0.3, 6),
        "track_width": (0.2, 3),
        "via_diameter": (0.6, 2),
        "hole_size": (0.4, 1.5),
        "annular_width": (0.15, 0.6),
        "edge_clearance": (0.3, 5),
        "disallow": (1, 1),
    }
    for name, (low, high) in limits.items():
        yield f"rule-{name.replace('_', '-')}", partial(_rule, constraint=name, low=low, high=high)


KINDS: Mapping[str, Maker] = {
    "symbol-regulator": _regulator,
    "symbol-amplifier": _amplifier,
    "symbol-sensor": _sensor,
    "symbol-connector": _connector,
    "symbol-transistor": _transistor,
    "symbol-gate": _gate,
    "footprint-chip": _chip,
    "footprint-header": _header,
    "footprint-dual": _dual,
    "footprint-sot": _small_outline,
    "footprint-test-point": _test_point,
    "board-outline": _outline,
    "board-holes": _with_holes,
    **dict(_rules()),
}
