"""Pictures of our own, for machines without KiCad: everything an engineer looks for is there, and nothing else."""

import xml.etree.ElementTree as ET

from kiki_tools.kicad.drawing import svg
from kiki_tools.text import Snapshot

DIVIDER = """(kicad_sch (version 20250114) (generator "eeschema") (generator_version "9.0")
  (uuid "00000000-0000-4000-8000-000000000001") (paper "A4")
  (lib_symbols (symbol "Device:R" (exclude_from_sim no) (in_bom yes) (on_board yes)
    (property "Reference" "R" (at 0 0 0)) (property "Value" "R" (at 0 0 0))
    (symbol "R_0_1" (rectangle (start -1.016 -2.54) (end 1.016 2.54) (stroke (width 0.254) (type default))
      (fill (type none))))
    (symbol "R_1_1"
      (pin passive line (at 0 3.81 270) (length 1.27) (name "~") (number "1"))
      (pin passive line (at 0 -3.81 90) (length 1.27) (name "~") (number "2")))))
  (wire (pts (xy 50.8 54.61) (xy 50.8 60.96)) (stroke (width 0) (type default)))
  (label "OUT <&>" (at 50.8 58.42 0) (effects (font (size 1.27 1.27)) (justify left bottom)))
  (symbol (lib_id "Device:R") (at 50.8 50.8 0) (unit 1) (in_bom yes) (on_board yes) (dnp no)
    (property "Reference" "R17" (at 53.34 49.53 0) (effects (font (size 1.27 1.27)) (justify left)))
    (property "Value" "4k7" (at 50.8 50.8 90) (effects (font (size 1.27 1.27))))
    (property "Footprint" "Secret:Footprint" (at 0 0 0) (effects (font (size 1.27 1.27)) (hide yes)))))
"""


def drawn(text: str, name: str = "a.kicad_sch") -> ET.Element:
    return ET.fromstring(svg(Snapshot(text, name)))


def texts(picture: ET.Element) -> set[str]:
    return {each.text or "" for each in picture.iterfind(".//{*}text")}


def test_a_sheet_shows_its_symbols_wires_and_labels_and_hides_what_is_hidden() -> None:
    picture = drawn(DIVIDER)
    assert {"R17", "4k7", "OUT <&>"} <= texts(picture)
    assert "Secret:Footprint" not in texts(picture)
    wires = [each.get("points") for each in picture.iterfind(".//{*}polyline")]
    assert "50.800,54.610 50.800,60.960" in wires, "the wire, in millimetres"
    assert "50.800,46.990 50.800,48.260" in wires, "the pin 1 above the body: KiCad's y axis of symbols points up"


def test_a_field_turned_by_ninety_degrees_is_drawn_upright() -> None:
    value = next(each for each in drawn(DIVIDER).iterfind(".//{*}text") if each.text == "4k7")
    assert "rotate(-90" in value.get("transform", "")


def test_a_footprint_shows_its_pads_and_outline() -> None:
    picture = drawn(
        '(footprint "R" (version 20241229) (layer "F.Cu")'
        ' (fp_arc (start -1 0) (mid 0 -1) (end 1 0) (stroke (width 0.1) (type solid)) (layer "F.SilkS"))'
        ' (pad "1" smd rect (at -1 0) (size 1 1.2) (layers "F.Cu" "F.Mask"))'
        ' (pad "2" thru_hole circle (at 1 0) (size 1 1) (drill 0.5) (layers "*.Cu")))',
        "a.kicad_mod",
    )
    assert texts(picture) == {"1", "2"}
    assert len(list(picture.iterfind(".//{*}polygon"))) == 1
    assert len(list(picture.iterfind(".//{*}circle"))) == 2, "the round pad and its hole"
    assert "A1.000,1.000 0 0 1 1.000,0.000" in next(picture.iterfind(".//{*}path")).get("d", "")


def test_a_broken_or_hostile_file_still_gives_a_picture() -> None:
    for end in range(0, len(DIVIDER), 97):
        drawn(DIVIDER[:end])
    assert texts(drawn(DIVIDER.replace("R17", "</text><script>alert(1)</script>"))) > {"4k7"}
    drawn(DIVIDER.replace("50.8 50.8", "1e300 -1e300").replace("3.81", "nan"))
