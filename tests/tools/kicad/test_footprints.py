"""Footprints: the lands of IPC-7351B, near those of KiCad's libraries; KiCad loads and keeps every one."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kiki_tools.kicad.footprints import (
    STANDARD,
    BallGrid,
    ExposedPad,
    FootprintSpec,
    GullWing,
    ImpossibleFootprint,
    NoLead,
    Package,
    PinRows,
    Size,
    TwoTerminal,
    around,
    exact,
    footprint,
    standard,
)
from kiki_tools.kicad.lands import Density, Land, land_pattern, row_letters
from kiki_tools.kicad.layout import laid_out

LIBRARIES = Path("/usr/share/kicad/footprints")
_PAD = re.compile(r'\(pad "(.*?)" (\w+) (\w+)\s+\(at (\S+) (\S+?)(?: (\S+))?\)\s+\(size (\S+) (\S+)\)')

QFN = NoLead(around(4, 0.1), around(4, 0.1), Size(0.3, 0.5), Size(0.18, 0.3), 0.5, 5, 5, exposed=ExposedPad(2.5, 2.5))
SOIC = GullWing(exact(3.9), exact(4.9), Size(5.8, 6.2), Size(0.4, 1.27), Size(0.31, 0.51), 1.27, 4)
CHIP = TwoTerminal(Size(1.5, 1.7), Size(0.7, 0.95), Size(0.15, 0.4))
BGA = BallGrid(5, 5, 6, 6, 0.8, 0.45, frozenset({"C3", "C4", "D3", "D4"}))
HEADER = standard("PinHeader_2x05_P2.54mm_Vertical")
FAMILIES = {
    "chip": CHIP,
    "diode": standard("D_MELF"),
    "sot": standard("SOT-23"),
    "tab": standard("SOT-223-3_TabPin2"),
    "soic": SOIC,
    "lqfp": standard("LQFP-48_7x7mm_P0.5mm"),
    "qfn": QFN,
    "vias": standard("QFN-32-1EP_5x5mm_P0.5mm_EP3.1x3.1mm_ThermalVias"),
    "dfn": standard("DFN-8-1EP_3x3mm_P0.5mm_EP1.65x2.38mm"),
    "bga": BGA,
    "dip": standard("DIP-8_W7.62mm"),
    "header": HEADER,
}


class Pad(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def pads_in(text: str) -> dict[str, Pad]:
    """The numbered pads of a file; of several with one number the largest."""
    found: dict[str, Pad] = {}
    for number, _, _, x, y, angle, width, height in _PAD.findall(text):
        size = (float(width), float(height))
        pad = Pad(float(x), float(y), *(size[::-1] if angle in ("90", "270", "-90") else size))
        if number and (number not in found or pad.width * pad.height > found[number].width * found[number].height):
            found[number] = pad
    return found


def lands(package: Package, density: Density = "B") -> dict[str, Land]:
    return {land.number: land for land in reversed(land_pattern(package, density).lands) if land.number}


def boxes(text: str, layer: str) -> list[tuple[float, float, float, float]]:
    """The extents of the lines, rectangles and polygons on a layer."""
    found = []
    for item in re.findall(r"\n\t\((fp_(?:line|rect|poly)\n.*?)\n\t\)", text, re.DOTALL):
        if f'(layer "{layer}")' in item:
            points = [(float(x), float(y)) for x, y in re.findall(r"\((?:start|end|xy) (\S+) (\S+)\)", item)]
            xs, ys = zip(*points, strict=True)
            found.append((min(xs), min(ys), max(xs), max(ys)))
    return found


@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("Resistor_SMD", "R_0201_0603Metric"),
        ("Resistor_SMD", "R_0402_1005Metric"),
        ("Resistor_SMD", "R_0603_1608Metric"),
        ("Resistor_SMD", "R_1206_3216Metric"),
        ("Resistor_SMD", "R_2512_6332Metric"),
        ("Capacitor_SMD", "C_0603_1608Metric"),
        ("Package_TO_SOT_SMD", "SOT-23"),
        ("Package_TO_SOT_SMD", "SOT-23-5"),
        ("Package_SO", "SOIC-8_3.9x4.9mm_P1.27mm"),
        ("Package_SO", "TSSOP-16_4.4x5mm_P0.65mm"),
        ("Package_SO", "MSOP-8_3x3mm_P0.65mm"),
        ("Package_SO", "SSOP-20_5.3x7.2mm_P0.65mm"),
        ("Package_QFP", "LQFP-48_7x7mm_P0.5mm"),
        ("Package_QFP", "TQFP-32_7x7mm_P0.8mm"),
        ("Package_DFN_QFN", "QFN-16-1EP_3x3mm_P0.5mm_EP1.7x1.7mm"),
        ("Package_DFN_QFN", "QFN-48-1EP_7x7mm_P0.5mm_EP5.6x5.6mm"),
        ("Package_DFN_QFN", "DFN-8-1EP_3x3mm_P0.5mm_EP1.65x2.38mm"),
        ("Package_DIP", "DIP-8_W7.62mm"),
        ("Connector_PinHeader_2.54mm", "PinHeader_2x05_P2.54mm_Vertical"),
    ],
)
def test_lands_are_near_those_of_kicads_libraries(library: str, name: str) -> None:
    theirs = pads_in((LIBRARIES / f"{library}.pretty" / f"{name}.kicad_mod").read_text())
    ours = pads_in(footprint(FootprintSpec(name, name)))
    assert ours.keys() == theirs.keys()
    for number, pad in ours.items():
        assert pad == pytest.approx(theirs[number], abs=0.15), number


def test_kicad_reads_every_family_and_writes_it_back_unchanged(tmp_path: Path) -> None:
    folder = tmp_path / "all.pretty"
    folder.mkdir()
    texts = {
        name: footprint(
            FootprintSpec(name, package, description='a "b"', tags="c d", model="${KICAD9_3DMODEL_DIR}/x.step")
        )
        for name, package in FAMILIES.items()
    }
    for name, text in texts.items():
        (folder / f"{name}.kicad_mod").write_text(text)
    for command in (["upgrade", "--force", folder], ["export", "svg", "-o", tmp_path / "svg", folder]):
        done = subprocess.run(["kicad-cli", "fp", *map(str, command)], capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "svg").iterdir())) == len(texts)
    for name, text in texts.items():
        assert (folder / f"{name}.kicad_mod").read_text() == text.replace('"micro-kiki"', '"pcbnew"'), name


@pytest.mark.parametrize("name", STANDARD)
def test_silk_screen_keeps_clear_of_lands_and_the_courtyard_holds_all(name: str) -> None:
    text = footprint(FootprintSpec(name, name))
    (court,) = boxes(text, "F.CrtYd")
    (body,) = boxes(text, "F.Fab")
    assert inside(body, court)
    for land in land_pattern(standard(name)).lands:
        half_x, half_y = land.width / 2, land.height / 2
        assert inside((land.x - half_x, land.y - half_y, land.x + half_x, land.y + half_y), court)
        for left, top, right, bottom in boxes(text, "F.SilkS") if land.use in ("lead", "hole") else []:
            apart_x = max(left - land.x, land.x - right) - half_x
            apart_y = max(top - land.y, land.y - bottom) - half_y
            assert max(apart_x, apart_y) >= 0.26 - 1e-6


def inside(inner: tuple[float, float, float, float], outer: tuple[float, float, float, float]) -> bool:
    return inner[0] > outer[0] and inner[1] > outer[1] and inner[2] < outer[2] and inner[3] < outer[3]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_text_is_laid_out_and_always_the_same(name: str) -> None:
    spec = FootprintSpec(name, FAMILIES[name])
    assert footprint(spec) == footprint(spec) == laid_out(footprint(spec))
    identifiers = re.findall(r'\(uuid "(.*?)"\)', footprint(spec))
    assert len(set(identifiers)) == len(identifiers) > 5


@pytest.mark.parametrize("name", ["chip", "diode", "soic", "lqfp", "qfn"])
def test_density_a_has_more_copper_than_b_than_c(name: str) -> None:
    length = {density: max(lands(FAMILIES[name], density)["1"].width, 0) for density in ("A", "B", "C")}
    assert length["A"] > length["B"] > length["C"]
    courtyards = [land_pattern(FAMILIES[name], density).courtyard for density in ("A", "B", "C")]
    assert courtyards == sorted(courtyards, reverse=True)


def test_lands_follow_the_formulas() -> None:
    """Worked by hand for 1.6 mm ± 0.1 mm over the ends, 0.15 to 0.4 mm of metal, 0.7 to 0.95 mm wide."""
    one = lands(CHIP)["1"]
    outer = 1.5 + 2 * 0.35 + (0.2**2 + 0.1**2 + 0.05**2) ** 0.5
    spread = (0.2**2 + 2 * 0.25**2) ** 0.5
    inner = 1.6 - 2 * 0.275 + spread / 2 - (spread**2 + 0.1**2 + 0.05**2) ** 0.5
    assert one.width - 2 * one.x == pytest.approx(outer, abs=0.05)
    assert -one.width - 2 * one.x == pytest.approx(inner, abs=0.05)


def test_pins_count_counterclockwise_from_the_upper_left() -> None:
    at = lands(standard("LQFP-48_7x7mm_P0.5mm"))
    assert (at["1"].x < 0, at["1"].y) == (True, -2.75)
    assert (at["13"].x, at["13"].y > 0) == (-2.75, True)
    assert (at["25"].x > 0, at["25"].y) == (True, 2.75)
    assert (at["37"].x, at["37"].y < 0) == (2.75, True)
    sot = lands(standard("SOT-23-5"))
    assert [(sot[n].x > 0, sot[n].y) for n in "45"] == [(True, 0.95), (True, -0.95)]


def test_dips_count_round_and_headers_to_and_fro() -> None:
    dip, header = lands(standard("DIP-8_W7.62mm")), lands(HEADER)
    assert [(dip[n].x, dip[n].y) for n in "158"] == [(0, 0), (7.62, 7.62), (7.62, 0)]
    assert [(header[n].x, header[n].y) for n in "123"] == [(0, 0), (2.54, 0), (0, 2.54)]
    assert '(pad "1" thru_hole rect' in footprint(FootprintSpec("h", HEADER))


def test_balls_have_names_without_confusing_letters_and_may_be_missing() -> None:
    at = lands(BGA)
    assert len(at) == 32
    assert {"C3", "D4"}.isdisjoint(at)
    assert (at["A1"].x, at["A1"].y, at["A1"].width) == (-2, -2, 0.35)
    assert [row_letters(row) for row in (0, 7, 8, 19, 20, 21)] == ["A", "H", "J", "Y", "AA", "AB"]


def test_an_exposed_pad_has_the_next_number_paste_windows_and_room_around() -> None:
    at = land_pattern(QFN).lands
    (metal,) = [land for land in at if land.use == "metal"]
    assert metal.number == "21"
    paste = sum(land.width * land.height for land in at if land.use == "paste")
    assert 0.5 < paste / (metal.width * metal.height) < 0.8
    tight = lands(standard("QFN-16-1EP_3x3mm_P0.5mm_EP1.7x1.7mm"))
    assert -tight["1"].x - tight["1"].width / 2 - 1.7 / 2 >= 0.2 - 1e-9


def test_thermal_vias_are_holes_with_the_number_of_the_exposed_pad() -> None:
    text = footprint(FootprintSpec("q", FAMILIES["vias"]))
    assert len(re.findall(r'\(pad "33" thru_hole circle', text)) == 9
    assert "(drill 0.2)" in text
    assert '(layers "B.Cu")' in text


def test_terminal_1_is_marked_only_where_it_matters() -> None:
    assert len(boxes(footprint(FootprintSpec("r", CHIP)), "F.SilkS")) == 2
    assert len(boxes(footprint(FootprintSpec("d", FAMILIES["diode"])), "F.SilkS")) == 3
    assert "fp_poly" not in footprint(FootprintSpec("r", CHIP))


def test_the_3d_model_is_named_when_given() -> None:
    assert "(model" not in footprint(FootprintSpec("r", CHIP))
    assert '(model "a/b.step"' in footprint(FootprintSpec("r", CHIP, model="a/b.step"))


def soic(**changes: Any) -> GullWing:
    return replace(SOIC, **changes)


@pytest.mark.parametrize(
    ("package", "message"),
    [
        (soic(pitch=0.5), "don't fit a pitch of 0.5 mm"),
        (soic(lead=exact(3.5)), "leads of 3.5 mm on both sides of a span of 6 mm"),
        (soic(left=0), "0 leads on the left"),
        (soic(bottom=4), "span_y"),
        (soic(absent=frozenset(range(1, 9))), "no place has a lead"),
        (soic(absent=frozenset({9})), "they count from 1 to 8"),
        (soic(exposed=ExposedPad(7, 3)), "leaves no room"),
        (NoLead(exact(3), exact(3), exact(0.4), exact(0.2), 0.5, 4, 4, exposed=ExposedPad(3.5, 3.5)), "leaves no room"),
        (NoLead(exact(3), exact(3), exact(0.4), exact(0.2), 0.5, 6, 6), "corners"),
        (NoLead(exact(3), exact(3), exact(0.4), exact(0.2), 0.5, 4, exposed=ExposedPad(-1, 1)), "exposed pad of -1"),
        (
            NoLead(exact(3), exact(3), exact(0.4), exact(0.2), 0.5, 4, exposed=ExposedPad(1, 1, (9, 9))),
            "vias don't fit",
        ),
        (BallGrid(5, 5, 6, 6, 0.4, 0.5), "don't fit a pitch of 0.4 mm"),
        (BallGrid(5, 5, 6, 6, 0.8, 0.45, frozenset({"Z9"})), "no ball is called Z9: they go from A1 to F6"),
        (BallGrid(-5, 5, 6, 6, 0.8, 0.45), "body_x is -5 mm"),
        (PinRows(5, 2, 2.54, 7.62, 6.35, 10, 0.6), "5 pins in 2 rows"),
        (PinRows(4, 2, 2.54, 7.62, 6.35, 10, 0.9, drill=0.8), "a hole of 0.8 mm"),
        (PinRows(4, 1, 1.0, 1.0, 1, 4, 0.5), "don't fit pins 1 mm apart"),
        ("SOIC-9", "no package 'SOIC-9' is known by name; near: SOIC-8"),
    ],
)
def test_impossible_packages_are_refused_with_the_reason(package: Package | str, message: str) -> None:
    with pytest.raises(ImpossibleFootprint, match=message):
        footprint(FootprintSpec("X", package))


def test_sizes_and_names_and_densities_are_checked() -> None:
    with pytest.raises(ImpossibleFootprint, match="0 < low <= high"):
        Size(-1, 1)
    with pytest.raises(ImpossibleFootprint, match="0 < low <= high"):
        Size(2, 1)
    with pytest.raises(ImpossibleFootprint, match="no name"):
        footprint(FootprintSpec("a/b", CHIP))
    with pytest.raises(ImpossibleFootprint, match="A, B or C"):
        footprint(FootprintSpec("a", CHIP, density="D"))  # type: ignore[arg-type]
