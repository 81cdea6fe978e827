"""What is told of a board: its layers, nets that meet, and where it differs from its schematic."""

import pytest
from drawn import ROOT, label, schematic, sheet, symbol, wire

from kiki_tools.kicad.service import KICAD
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

CHILD = "11111111-0000-4000-8000-000000000000"
LAYERS = '(layers (0 "F.Cu" signal) (2 "B.Cu" signal) (5 "F.SilkS" user))'
PROPERTY = '(property "Reference" "{}" (at 0 0 0) (layer "F.SilkS"))'


def footprint(reference: str, x: float, y: float, *nets: str, turn: int = 0) -> str:
    """A part with its pads 1, 2, … at 0, 2, … mm from its place."""
    pads = "\n".join(
        f'(pad "{number}" smd rect (at {2 * number - 2} 0) (size 1 1) (layers "F.Cu") {net})'
        for number, net in enumerate(nets, 1)
    )
    field = PROPERTY.format(reference)
    return f'(footprint "a:b" (layer "F.Cu") (at {x} {y} {turn})\n{field}\n{pads})'


def board(*items: str, layers: str = LAYERS) -> str:
    head = '(kicad_pcb (version 20241229) (generator "pcbnew")'
    drawn = "\n".join(items)
    return f'{head}\n{layers}\n(net 0 "")\n(net 1 "/A")\n(net 2 "/in/B")\n{drawn})\n'


def track(x1: float, y1: float, x2: float, y2: float, net: int) -> str:
    return f'(segment (start {x1} {y1}) (end {x2} {y2}) (width 0.2) (layer "F.Cu") (net {net}))'


def told(text: str, sch: str = "") -> list[tuple[str, int, str]]:
    snapshot = Snapshot(text, "/p/t.kicad_pcb")
    texts = {"/p/t.kicad_sch": Snapshot(sch, "/p/t.kicad_sch")} if sch else {}
    found = KICAD.diagnostics(snapshot, Workspace({**texts, snapshot.path: snapshot}))
    return [(one.code, snapshot.line_of(one.span.start) + 1, one.message) for one in found]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ('(layers (0 "F.Cu" signal) (5 "F.SilkS" user))', "1 copper layers"),
        ('(layers (0 "F.Cu" signl) (2 "B.Cu" signal))', "a layer is signal"),
        ('(layers (0 "F.Cu") (2 "B.Cu" signal))', "a layer is signal"),
        ('(layers (0 "F.Cu" signal) (2 "B.Cu" signal) (5 "F.Cu" user) (7 "In1.Cu" signal))', "stands twice"),
        ("(layers (0 ) (2 ))", "a layer is signal"),
    ],
)
def test_a_wrong_list_of_layers_is_told(layers: str, message: str) -> None:
    assert any(code == "KC409" and message in said for code, _, said in told(board(layers=layers)))


def test_a_flag_behind_a_layer_is_no_layer() -> None:
    text = '(gr_text "a" (at 0 0) (layer "F.SilkS" knockout))'
    assert told(board(text)) == []


def test_tracks_and_pads_of_two_nets_that_meet_are_a_short() -> None:
    part = footprint("R1", 10, 10, '(net 1 "/A")', '(net 2 "/in/B")', turn=90)
    assert told(board(part, track(10, 8, 10, 0, 2))) == []
    found = told(board(part, track(10, 8, 10, 0, 1)))
    assert [(code, line) for code, line, _ in found] == [("KC410", 9), ("KC410", 10)]
    assert "pad 2 of R1" in found[0][2]


def test_a_pad_names_its_net_beside_its_number() -> None:
    assert ("KC106", 8) in {(code, line) for code, line, _ in told(board(footprint("R1", 0, 0, "(net 1)")))}


def test_a_footprint_that_says_no_place_is_told() -> None:
    text = board(footprint("R1", 5, 5).replace("(at 5 5 0)", ""))
    assert [(code, line) for code, line, _ in told(text)] == [("KC113", 6)]


def test_both_footprints_of_one_reference_are_told() -> None:
    text = board(footprint("R1", 0, 0), footprint("R1", 9, 0))
    assert [line for code, line, _ in told(text) if code == "KC404"] == [7, 10]


def test_pads_without_pins_and_pins_without_pads_are_told() -> None:
    sch = schematic(symbol("Device:R", "R1", 50.8, 50.8))
    three = footprint("R1", 0, 0, '(net 1 "/A")', '(net 2 "/in/B")', '(net 2 "/in/B")')
    assert any("has no pin 3" in said and line == 10 for _, line, said in told(board(three), sch))
    one = footprint("R1", 0, 0, '(net 1 "/A")')
    assert any(code == "KC411" and "no pad 2" in said for code, _, said in told(board(one), sch))


def project() -> tuple[Workspace, Snapshot, Snapshot]:
    inner = schematic(symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"), label("B", 50.8, 53.34), uuid=CHILD)
    root = schematic(
        symbol("Device:R", "R1", 50.8, 50.8),
        label("A", 50.8, 53.34),
        wire(50.8, 48.26, 60.96, 48.26),
        sheet("in", "inner.kicad_sch", [], CHILD),
    )
    parts = [
        footprint("R1", 0, 0, "", '(net 1 "/A")'),
        footprint("R9", 9, 0, "", '(net 2 "/in/B")').replace("(pad", '(sheetname "/in/") (pad', 1),
    ]
    names = {"t.kicad_sch": root, "inner.kicad_sch": inner, "t.kicad_pcb": board(*parts)}
    texts = {f"/p/{name}": Snapshot(text, f"/p/{name}") for name, text in names.items()}
    return Workspace(texts), texts["/p/t.kicad_sch"], texts["/p/t.kicad_pcb"]


def changed(workspace: Workspace, snapshot: Snapshot, what: str, new: str) -> dict[str, str]:
    edits = KICAD.rename(snapshot, snapshot.text.index(what) + len(what), new, workspace)
    return {path: workspace.snapshots[path].edited(each).text for path, each in edits.items()}


def test_a_sheets_new_name_reaches_the_nets_of_the_board() -> None:
    workspace, root, pcb = project()
    after = changed(workspace, root, '"Sheetname" "', "filter")
    assert '(property "Sheetname" "filter"' in after[root.path]
    assert after[pcb.path] == pcb.text.replace("/in/", "/filter/")


def test_a_labels_new_name_reaches_the_board_once() -> None:
    workspace, root, pcb = project()
    assert changed(workspace, root, '(label "', "OUT")[pcb.path] == pcb.text.replace('"/A"', '"/OUT"')


def test_a_reference_leads_from_the_board_to_the_sheet_and_a_net_to_its_label() -> None:
    workspace, root, pcb = project()
    (place,) = KICAD.definition(pcb, pcb.text.index('"R9"') + 1, workspace)
    assert place.path == "/p/inner.kicad_sch"
    places = KICAD.references(pcb, pcb.text.index('"/A"') + 1, workspace)
    assert root.path in {each.path for each in places}
    places = KICAD.references(root, root.text.index('(label "A"') + 8, workspace)
    assert pcb.path in {each.path for each in places}
