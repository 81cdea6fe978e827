"""Changes that mend what the electrical check finds. All else in the file stays as it is, byte for byte."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import pairwise

from kiki_tools.kicad.schematic import PER_MM, Line, Point
from kiki_tools.kicad.sexpr import Node, quoted
from kiki_tools.kicad.syntax import Document
from kiki_tools.kicad.violation import Violation
from kiki_tools.language import Fix
from kiki_tools.text import Edit, Span

_POWER_FLAG = """(symbol "power:PWR_FLAG"
			(power)
			(pin_numbers (hide yes))
			(pin_names (offset 0) (hide yes))
			(exclude_from_sim no)
			(in_bom yes)
			(on_board yes)
			(property "Reference" "#FLG" (at 0 1.905 0) (effects (font (size 1.27 1.27)) (hide yes)))
			(property "Value" "PWR_FLAG" (at 0 3.81 0) (effects (font (size 1.27 1.27))))
			(property "Footprint" "" (at 0 0 0) (effects (font (size 1.27 1.27)) (hide yes)))
			(property "Datasheet" "~" (at 0 0 0) (effects (font (size 1.27 1.27)) (hide yes)))
			(symbol "PWR_FLAG_0_0"
				(pin power_out line (at 0 0 90) (length 0)
					(name "" (effects (font (size 1.27 1.27))))
					(number "1" (effects (font (size 1.27 1.27))))
				)
			)
			(symbol "PWR_FLAG_0_1"
				(polyline
					(pts (xy 0 0) (xy 0 1.27) (xy -1.016 1.905) (xy 0 2.54) (xy 1.016 1.905) (xy 0 1.27))
					(stroke (width 0) (type default))
					(fill (type none))
				)
			)
		)"""


def millimetres(value: int) -> str:
    """A coordinate as the file has it."""
    text = f"{value / PER_MM:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def place(at: Point) -> str:
    """A point as the file has it."""
    return f"{millimetres(at[0])} {millimetres(at[1])}"


def new_id(document: Document, *what: object) -> str:
    """A UUID for an item that is to be added: the same for the same item."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, ":".join(map(str, (document.snapshot.path, *what)))))


def of(violation: Violation, document: Document) -> Iterator[Fix]:
    """The changes that would mend a violation."""
    if violation.rule == "pin_not_connected" and violation.pin is not None:
        yield Fix("Mark the pin as not connected", (add_no_connect(document, violation.pin.at),))
    elif violation.rule == "power_pin_not_driven" and violation.pin is not None:
        yield Fix("Add a power flag here", tuple(add_power_flag(document, violation.pin.at)))
    elif violation.rule in ("no_connect_dangling", "no_connect_connected") and violation.node.head == "no_connect":
        yield Fix("Remove the mark", (removal(document, violation.node),))
    elif violation.rule == "unconnected_wire_endpoint" and violation.at is not None:
        if violation.junction:
            yield Fix("Add a junction", (add_junction(document, violation.at),))
        yield Fix("Mark the end as not connected", (add_no_connect(document, violation.at),))
    elif violation.rule in ("wire_dangling", "label_dangling", "global_label_dangling"):
        what = "wire" if violation.rule == "wire_dangling" else "label"
        yield Fix(f"Remove the {what}", (removal(document, violation.node),))
    elif violation.rule in ("unannotated", "duplicate_reference"):
        reference = next((each for each in violation.node.all("property") if each.value() == "Reference"), None)
        if reference is not None:
            yield Fix("Give it the next number", tuple(annotation(document, violation.node, reference)))


def removal(document: Document, node: Node) -> Edit:
    """Takes an item out of the file, with the line that it leaves empty."""
    span = document.span(node)
    snapshot = document.snapshot
    line = snapshot.line_of(span.start)
    start = snapshot.line_start(line)
    end = snapshot.line_start(snapshot.line_of(span.end) + 1)
    alone = not snapshot.slice(Span(start, span.start)).strip() and not snapshot.slice(Span(span.end, end)).strip()
    return Edit(Span(start, end), "") if alone else Edit(span, "")


def insertion(document: Document, text: str) -> Edit:
    """Adds an item to a schematic: in front of its first symbol, wire or label, else at its end."""
    main = document.main
    assert main is not None
    heads = ("wire", "label", "global_label", "hierarchical_label", "symbol", "sheet", "sheet_instances")
    behind = next((node for node in main.children if node.head in heads), None)
    if behind is not None:
        at = document.span(behind).start
        return Edit(Span(at, at), f"{text}\n\t")
    at = document.span(main).end - 1
    return Edit(Span(at, at), f"\t{text}\n")


def add_no_connect(document: Document, at: Point) -> Edit:
    """Adds a no-connect mark."""
    return insertion(document, f'(no_connect\n\t\t(at {place(at)})\n\t\t(uuid "{new_id(document, "nc", at)}")\n\t)')


def add_junction(document: Document, at: Point) -> Edit:
    """Adds a junction."""
    ident = new_id(document, "junction", at)
    return insertion(
        document,
        f'(junction\n\t\t(at {place(at)})\n\t\t(diameter 0)\n\t\t(color 0 0 0 0)\n\t\t(uuid "{ident}")\n\t)',
    )


def broken(document: Document, wire: Line, points: list[Point]) -> Iterator[Edit]:
    """Ends a wire at its junctions, and adds wires for the rest of it."""
    pts = wire.node.find("pts")
    if pts is None or len(pts.children) != 2:
        return
    a, b = wire.a, wire.b
    corners = sorted(set(points), key=lambda point: abs(point[0] - a[0]) + abs(point[1] - a[1]))
    yield Edit(document.span(pts.children[1]), f"(xy {place(corners[0])})")
    rest = [
        f"(wire\n\t\t(pts\n\t\t\t(xy {place(one)}) (xy {place(other)})\n\t\t)\n\t\t(stroke\n\t\t\t(width 0)\n"
        f'\t\t\t(type default)\n\t\t)\n\t\t(uuid "{new_id(document, "wire", one, other)}")\n\t)'
        for one, other in pairwise([*corners, b])
    ]
    end = document.span(wire.node).end
    yield Edit(Span(end, end), "".join(f"\n\t{each}" for each in rest))


def add_power_flag(document: Document, at: Point) -> Iterator[Edit]:
    """Adds a power flag, and its symbol to the file's own ones if it lacks it."""
    main = document.main
    assert main is not None
    library = main.find("lib_symbols")
    if library is None:
        start = document.span(main).end - 1
        yield Edit(Span(start, start), f"\t(lib_symbols\n\t\t{_POWER_FLAG}\n\t)\n")
    elif not any(node.value() == "power:PWR_FLAG" for node in library.children):
        end = document.span(library).end - 1
        yield Edit(Span(end, end), f"\t{_POWER_FLAG}\n\t")
    numbers = [
        int(node.value(1)[4:])
        for symbol in main.all("symbol")
        for node in symbol.all("property")
        if node.value() == "Reference" and node.value(1).startswith("#FLG") and node.value(1)[4:].isdigit()
    ]
    reference = f"#FLG{max(numbers, default=0) + 1:02}"
    path = f"/{main.text_of('uuid')}"
    project = next(
        (node.value() for symbol in main.all("symbol") for node in symbol.walk() if node.head == "project"), ""
    )
    hidden = "(effects (font (size 1.27 1.27)) (hide yes))"
    ident = new_id(document, "flag", at)
    yield insertion(
        document,
        f'(symbol\n\t\t(lib_id "power:PWR_FLAG")\n\t\t(at {place(at)} 0)\n\t\t(unit 1)\n\t\t(exclude_from_sim no)\n'
        f'\t\t(in_bom yes)\n\t\t(on_board yes)\n\t\t(dnp no)\n\t\t(uuid "{ident}")\n'
        f'\t\t(property "Reference" "{reference}" (at {place((at[0], at[1] - 19_050))} 0) {hidden})\n'
        f'\t\t(property "Value" "PWR_FLAG" (at {place((at[0], at[1] - 38_100))} 0) (effects (font (size 1.27 1.27))))\n'
        f'\t\t(property "Footprint" "" (at {place(at)} 0) {hidden})\n'
        f'\t\t(property "Datasheet" "~" (at {place(at)} 0) {hidden})\n'
        f'\t\t(pin "1"\n\t\t\t(uuid "{new_id(document, "flag pin", at)}")\n\t\t)\n'
        f"\t\t(instances\n\t\t\t(project {quoted(project)}\n\t\t\t\t(path {quoted(path)}\n"
        f'\t\t\t\t\t(reference "{reference}")\n\t\t\t\t\t(unit 1)\n\t\t\t\t)\n\t\t\t)\n\t\t)\n\t)',
    )


def annotation(document: Document, placed: Node, reference: Node) -> Iterator[Edit]:
    """Gives a symbol the next free number of its letters, in the field and in its instances."""
    main = document.main
    assert main is not None
    prefix = reference.value(1).rstrip("?0123456789")
    taken = {
        int(digits)
        for symbol in main.all("symbol")
        for node in symbol.walk()
        if node.head in ("property", "reference")
        and (text := node.value(1 if node.head == "property" else 0)).startswith(prefix)
        and (digits := text[len(prefix) :]).isdigit()
    }
    number = next(each for each in range(1, len(taken) + 2) if each not in taken)
    old, new = reference.value(1), f"{prefix}{number}"
    yield Edit(document.inner_span(reference, 1), new)
    for node in placed.walk():
        if node.head == "reference" and node.value() == old:
            yield Edit(document.inner_span(node), new)
