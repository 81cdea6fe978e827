"""Small packages with leads, by their standards: SOT, DPAK, diodes, TO and rows of pins, as plans of a footprint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kiki_core.planning.kicad.sheet import Impossible


@dataclass(frozen=True, slots=True)
class Wish:
    """What the text states of a package, in millimetres."""

    pins: int = 0
    pitch: float = 0.0
    size: tuple[float, float] | None = None
    exposed: tuple[float, float] | None = None


def size(low: float, high: float) -> dict[str, float]:
    """A dimension between two limits, in millimetres."""
    return {"low": round(low, 3), "high": round(high, 3)}


def exact(value: float) -> dict[str, float]:
    """A dimension without a tolerance, in millimetres."""
    return size(value, value)


def around(value: float, by: float) -> dict[str, float]:
    """A dimension give or take, in millimetres."""
    return size(value - by, value + by)


def row(name: str, pins: int, pitch: float, depth: float, drill: float, land: float, lead: float) -> dict[str, Any]:
    """Through-hole pins in one row."""
    package = {"family": "PinRows", "pins": pins, "rows": 1, "pitch": pitch, "row_pitch": pitch, "body_x": depth,
               "body_y": round(pins * pitch, 3), "lead": lead, "zigzag": True, "drill": drill, "land": min(land, round(pitch - 0.25, 2))}  # fmt: skip
    return {"name": name, "package": package}


def sot(kind: str, variant: str, wish: Wish) -> dict[str, Any]:
    """A small-outline transistor package, such as SOT-23-5."""
    if kind == "23":
        pins = int(variant or 0) or wish.pins or 3
        if pins not in (3, 5, 6, 8):
            raise Impossible(f"SOT-23 comes with 3, 5, 6 or 8 leads, not {pins}")
        if pins == 8:
            return {"name": "SOT-23-8", "package": gull(8, (1.6, 2.9), 2.8, 0.65, (0.22, 0.38), (0.3, 0.6))}
        name = "SOT-23" if pins == 3 else f"SOT-23-{pins}"
        return {"name": name, "package": name}
    if kind == "223":
        return {"name": "SOT-223-3_TabPin2", "package": "SOT-223-3_TabPin2"}
    if kind == "89":
        return {"name": "SOT-89-3", "package": "SOT-89-3"}
    if kind in _FLAT:
        pins, body, span, pitch, width, foot = _FLAT[kind]
        package = gull(6, body, span, pitch, width, foot, 0.05)
        package["absent"] = {3: [2, 4, 6], 5: [5], 6: []}[pins]
        return {"name": f"SOT-{kind}", "package": package}
    pins = {"323": int(variant or 3), "353": 5, "363": 6, "143": 4}[kind]
    absent = {3: [2, 4, 6], 5: [5], 6: [], 4: []}[pins]
    if pins == 4:
        return {"name": "SOT-143", "package": gull(4, (1.3, 2.9), 2.4, 1.9, (0.37, 0.51), (0.3, 0.6))}
    package = gull(6, (1.25, 2.0), 2.1, 0.65, (0.15, 0.3), (0.26, 0.46))
    package["absent"] = absent
    return {"name": f"SOT-{kind}" if pins != 5 else "SOT-353_SC-70-5", "package": package}


def gull(
    pins: int,
    body: tuple[float, float],
    span: float,
    pitch: float,
    width: tuple[float, float],
    lead: tuple[float, float],
    by: float = 0.1,
) -> dict[str, Any]:
    """Gull-wing leads on two sides; dimensions in millimetres."""
    return {"family": "GullWing", "body_x": around(body[0], by), "body_y": around(body[1], by), "span_x": around(span, by),
            "lead": size(*lead), "lead_width": size(*width), "pitch": pitch, "left": pins // 2}  # fmt: skip


_FLAT = {  # leads, body, span, pitch, width of a lead, length of its foot
    "523": (3, (0.8, 1.6), 1.6, 0.5, (0.25, 0.35), (0.15, 0.35)), "723": (3, (0.8, 1.2), 1.2, 0.4, (0.17, 0.27), (0.15, 0.3)),
    "553": (5, (1.2, 1.6), 1.6, 0.5, (0.17, 0.27), (0.1, 0.3)), "563": (6, (1.2, 1.6), 1.6, 0.5, (0.17, 0.27), (0.1, 0.3)),
    "666": (6, (1.2, 1.6), 1.6, 0.5, (0.17, 0.27), (0.1, 0.3)),
}  # fmt: skip


def dpak(kind: str) -> dict[str, Any]:
    """JEDEC TO-252 (DPAK) and TO-263 (D2PAK): leads 1 and 3, the tab is 2."""
    body, span, pitch, width, foot, tab = {
        "252": ((6.1, 6.6), (9.4, 10.4), 2.286, (0.64, 0.89), (1.4, 1.78), ((4.95, 5.46), (5.2, 5.8))),
        "263": ((9.15, 10.2), (14.6, 15.9), 2.54, (0.69, 0.94), (2.3, 2.8), ((9.65, 10.4), (7.6, 8.5))),
    }[kind]
    package = {"family": "GullWing", "body_x": around(body[0], 0.1), "body_y": around(body[1], 0.2), "span_x": size(*span), "lead": size(*foot),
               "lead_width": size(*width), "pitch": pitch, "left": 3, "absent": [2, 4, 6],
               "tab": {"width": size(*tab[0]), "length": size(*tab[1]), "number": "2"}}  # fmt: skip
    return {"name": f"TO-{kind}-2_TabPin2", "package": package}


_DIODES = {  # overall length, width of the terminals, their length
    "sod123": ((3.55, 3.85), (0.45, 0.65), (0.25, 0.45)), "sod323": ((2.3, 2.7), (0.25, 0.4), (0.2, 0.45)),
    "sod523": ((1.5, 1.7), (0.25, 0.35), (0.15, 0.3)), "do214ac": ((4.8, 5.59), (1.25, 1.65), (0.76, 1.52)),
    "do214aa": ((5.2, 5.6), (1.95, 2.2), (0.76, 1.52)), "do214ab": ((7.75, 8.13), (2.9, 3.2), (0.76, 1.52)),
}  # fmt: skip


def diode(kind: str) -> dict[str, Any]:
    """A diode package with two terminals, such as SOD-123."""
    if kind in ("melf", "minimelf"):
        name = "D_MELF" if kind == "melf" else "D_MiniMELF"
        return {"name": name, "package": name}
    key = {"sma": "do214ac", "smb": "do214aa", "smc": "do214ab"}.get(kind, kind)
    length, width, terminal = _DIODES[key]
    name = {"do214ac": "D_SMA", "do214aa": "D_SMB", "do214ab": "D_SMC"}.get(key, f"D_SOD-{key[3:]}")
    package = {
        "family": "TwoTerminal",
        "length": size(*length),
        "width": size(*width),
        "terminal": size(*terminal),
        "polarized": True,
    }
    return {"name": name, "package": package}


def transistor(kind: str) -> dict[str, Any]:
    """A TO package with leads through the board."""
    if kind == "92":
        return row("TO-92_Inline_P1.27mm", 3, 1.27, 4.0, 0.65, 1.0, 0.45)
    pitch = {"220": 2.54, "247": 5.45, "126": 2.29}[kind]
    drill = {"220": 1.2, "247": 1.6, "126": 1.0}[kind]
    return row(f"TO-{kind}-3_Vertical", 3, pitch, 4.6, drill, drill + 0.8, drill - 0.2)
