"""After any edits, what is read anew is what a first reading would give."""

from drawn import ROOT, junction, label, schematic, sheet, symbol, wire
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kiki_tools.kicad.layout import laid_out
from kiki_tools.kicad.service import KICAD
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Workspace
from kiki_tools.text import Edit, Snapshot, Span

PARTS = [symbol("Device:R", f"R{n}", 25.4 + n * 12.7, 50.8) for n in range(12)]
TEXT = laid_out(
    schematic(
        *PARTS,
        wire(25.4, 53.34, 38.1, 53.34),
        junction(38.1, 53.34),
        label("A", 50.8, 48.26),
        sheet("in", "inner.kicad_sch", [("IN", 100, 53.34)], ROOT[:-1] + "1"),
    )
)
WORDS = ["(", ")", '"', "\n", "(at 1 2 0)", "(wire (pts (xy 1 2) (xy 3 4)))", "x", "\t", ")\n\t)", "(uuid", "# note\n"]
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from(WORDS)), min_size=1, max_size=6
)  # fmt: skip


def shape(node: Node) -> tuple[object, ...]:
    """A list with all in it."""
    return (node.head, tuple(node.texts), tuple(shape(child) for child in node.children))


@settings(
    max_examples=120,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
    deadline=None,
)
@given(edits)
def test_incremental_reading_is_full_reading(changes: list[tuple[float, int, str]]) -> None:
    snapshot = Snapshot(TEXT, "/p/t.kicad_sch")
    document_of(snapshot)
    for place, length, word in changes:
        start = int(place * snapshot.length)
        edit = Edit(Span(start, min(start + length, snapshot.length)), word)
        snapshot = snapshot.edited([edit])
        document = document_of(snapshot)
        assert "".join(chunk.text for chunk in snapshot.chunks) == snapshot.text
        told = [(one.code, one.span, one.message) for one in KICAD.diagnostics(snapshot, Workspace())]
        # A text that is cut into the same chunks, with nothing noted on them.
        fresh = snapshot.edited([])
        for chunk in fresh.chunks:
            chunk.notes = {}
        fresh.history = {}
        assert shape(document_of(fresh).root) == shape(document.root)
        assert [(one.code, one.span, one.message) for one in KICAD.diagnostics(fresh, Workspace())] == told


def test_the_text_is_never_changed_by_reading_it() -> None:
    snapshot = Snapshot(TEXT, "/p/t.kicad_sch")
    KICAD.diagnostics(snapshot, Workspace())
    assert snapshot.text == TEXT
    spans = [document_of(snapshot).span(node) for node in document_of(snapshot).root.walk() if node.head]
    assert all(TEXT[span.start] == "(" and TEXT[span.end - 1] == ")" for span in spans)


def test_a_zone_may_lie_on_a_border_of_what_is_read_anew() -> None:
    corners = "".join(f"\t\t\t\t(xy {n}.5 {n}.25)\n" for n in range(400))
    begun = '\t(zone\n\t\t(net 0)\n\t\t(layer "F.Cu")\n\t\t(filled_polygon\n\t\t\t(layer "F.Cu")\n\t\t\t(pts\n'
    filled = f"{begun}{corners}\t\t\t)\n\t\t)\n\t)\n"
    segment = '\t(segment\n\t\t(start 1 1)\n\t\t(end {}\n\t\t(width 0.2)\n\t\t(layer "F.Cu")\n\t\t(net 0)\n\t)\n'
    head = '(kicad_pcb\n\t(version 20241229)\n\t(generator "pcbnew")\n\t(net 0 "")\n'
    for count in range(40, 60):  # where the border lies depends on what stands before it
        text = head + segment + segment.replace("{}", "2 2)") * count + filled + ")\n"
        at = text.index("{}")
        half_typed = Snapshot(text.replace("{}", ""), "/p/b.kicad_pcb")
        document_of(half_typed)
        whole = half_typed.edited([Edit(Span(at, at), "3 3)")])
        again = document_of(Snapshot(whole.text, whole.path))
        assert shape(document_of(whole).root) == shape(again.root)
