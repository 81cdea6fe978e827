"""Small schematics drawn by a few words, for tests that need to say exactly what touches what (millimetres)."""

from __future__ import annotations

import itertools

ROOT = "00000000-0000-4000-8000-000000000000"
_numbers = itertools.count(1)
_EFFECTS = "(effects (font (size 1.27 1.27)))"


def ident() -> str:
    return f"00000000-0000-4000-8000-{next(_numbers):012}"


def library(name: str, pins: list[tuple[str, str, str, float, float]], power: bool = False, unit: int = 1) -> str:
    """A symbol: pins as (number, name, type, x, y), y up."""
    bare = name.partition(":")[2]
    drawn = "".join(
        f'(pin {kind} line (at {x} {y} 0) (length 0) (name "{called}" {_EFFECTS}) (number "{number}" {_EFFECTS}))'
        for number, called, kind, x, y in pins
    )
    flag = "(power)" if power else ""
    return f'(symbol "{name}" {flag} (in_bom yes) (on_board yes) (symbol "{bare}_{unit}_1" {drawn}))'


RESISTOR = library("Device:R", [("1", "~", "passive", 0, 2.54), ("2", "~", "passive", 0, -2.54)])
GROUND = library("power:GND", [("1", "", "power_in", 0, 0)], power=True)
FLAG = library("power:PWR_FLAG", [("1", "", "power_out", 0, 0)], power=True)
OUTPUT = library("Logic:BUF", [("1", "A", "input", -2.54, 0), ("2", "Y", "output", 2.54, 0)])


def symbol(lib_id: str, reference: str, x: float, y: float, turn: int = 0, value: str = "", path: str = "") -> str:
    return (
        f'(symbol (lib_id "{lib_id}") (at {x} {y} {turn}) (unit 1) (in_bom yes) (on_board yes) (dnp no) '
        f'(uuid "{ident()}") (property "Reference" "{reference}" (at {x} {y} 0) {_EFFECTS}) '
        f'(property "Value" "{value or lib_id.partition(":")[2]}" (at {x} {y} 0) {_EFFECTS}) '
        f'(pin "1" (uuid "{ident()}")) (pin "2" (uuid "{ident()}")) '
        f'(instances (project "t" (path "/{path or ROOT}" (reference "{reference}") (unit 1)))))'
    )


def wire(x1: float, y1: float, x2: float, y2: float, kind: str = "wire") -> str:
    return f'({kind} (pts (xy {x1} {y1}) (xy {x2} {y2})) (stroke (width 0) (type default)) (uuid "{ident()}"))'


def label(text: str, x: float, y: float, kind: str = "label") -> str:
    shape = "" if kind == "label" else "(shape input) "
    return f'({kind} "{text}" {shape}(at {x} {y} 0) {_EFFECTS} (uuid "{ident()}"))'


def junction(x: float, y: float) -> str:
    return f'(junction (at {x} {y}) (diameter 0) (color 0 0 0 0) (uuid "{ident()}"))'


def no_connect(x: float, y: float) -> str:
    return f'(no_connect (at {x} {y}) (uuid "{ident()}"))'


def sheet(name: str, file: str, pins: list[tuple[str, float, float]], uuid: str, x: float = 100, y: float = 50) -> str:
    """A sheet 25.4 mm square with pins on its left edge."""
    drawn = "".join(f'(pin "{n}" input (at {px} {py} 180) {_EFFECTS} (uuid "{ident()}"))' for n, px, py in pins)
    return (
        f'(sheet (at {x} {y}) (size 25.4 25.4) (stroke (width 0) (type solid)) (fill (color 0 0 0 0)) (uuid "{uuid}") '
        f'(property "Sheetname" "{name}" (at {x} {y} 0) {_EFFECTS}) '
        f'(property "Sheetfile" "{file}" (at {x} {y} 0) {_EFFECTS}) {drawn} '
        f'(instances (project "t" (path "/{ROOT}" (page "2")))))'
    )


def schematic(*items: str, symbols: tuple[str, ...] = (RESISTOR, GROUND, FLAG, OUTPUT), uuid: str = ROOT) -> str:
    """A sheet with these items, one a line."""
    head = f'(kicad_sch (version 20250114) (generator "test") (generator_version "9.0") (uuid "{uuid}") (paper "A4")'
    drawn = "\n".join(items)
    return f'{head}\n(lib_symbols\n{chr(10).join(symbols)})\n{drawn}\n(sheet_instances (path "/" (page "1"))))\n'
