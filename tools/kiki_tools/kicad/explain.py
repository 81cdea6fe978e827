"""Hover: what a list of the file means, what a part is, what a net connects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kiki_tools.kicad import libraries
from kiki_tools.kicad.board import board_of
from kiki_tools.kicad.design import Net, SheetInstance, instance_of
from kiki_tools.kicad.names import Name, name_at
from kiki_tools.kicad.paths import Context, context_of
from kiki_tools.kicad.schema import UNKNOWN, Form
from kiki_tools.kicad.schematic import Symbol
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Hover, Workspace
from kiki_tools.text import Snapshot

_MOST_PINS = 24


def explain(snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
    """What stands at an offset, as Markdown."""
    document = document_of(snapshot)
    path = document.path_to(offset)
    if not path:
        return None
    main = path[0]
    node = path[-1]
    if offset in document.head_span(node):
        return Hover(document.head_span(node), about_form(node.form) or f"`{node.head}`")
    name = name_at(snapshot, offset)
    context = context_of(snapshot, workspace) if main.head == "kicad_sch" else None
    if name is not None:
        told = _name(snapshot, name, context, workspace)
        if told:
            return Hover(name.span, told)
    if context is not None and (told := _item(snapshot, path, context)):
        return Hover(document.head_span(node), told)
    if main.head == "kicad_pcb" and (told := _on_board(snapshot, path)):
        return Hover(document.head_span(node), told)
    if main.head in ("rule", "version") and (told := _in_rule(node, offset - document.inner_span(node).start)):
        return Hover(document.word_span(node), told)
    for number in range(len(node.words)):
        span = document.word_span(node, number)
        if offset in span:
            return Hover(span, _argument(node, number))
    return None


def _in_rule(node: Node, at: int) -> str:
    """A kind of constraint; a property or function of a condition."""
    from kiki_tools.kicad.conditions import parse
    from kiki_tools.kicad.dru_vocabulary import CONSTRAINTS, FUNCTIONS, PROPERTIES

    if node.head == "constraint" and (constraint := CONSTRAINTS.get(node.value())) is not None:
        limits = f"\n\nLimits: {', '.join(constraint.limits)}" if constraint.limits else ""
        return f"**{constraint.name}** {constraint.documentation}{limits}"
    if node.head != "condition":
        return ""
    for name in parse(node.value()).names:
        if name.start <= at <= name.end:
            if (known := PROPERTIES.get(name.text.lower())) is not None and name.kind == "property":
                values = f"\n\nOne of: {', '.join(known.values)}" if known.values else ""
                return f"**{known.name}** ({known.kind}) {known.documentation}{values}"
            if (function := FUNCTIONS.get(name.text.lower())) is not None and name.kind == "function":
                return f"**{function.name}({', '.join(function.arguments)})** {function.documentation}"
    return ""


def about_form(form: Form) -> str:
    """A list's page: how it is written, what it means, what may stand in it."""
    if form is UNKNOWN or not form.head:
        return ""
    lines = [f"```lisp\n{form.signature}\n```"]
    if form.documentation:
        lines.append(form.documentation)
    if form.children:
        must = [f"**{head}**" for head in form.children if head in form.required]
        may = [head for head in form.children if head not in form.required]
        shown = must + may[: max(0, 30 - len(must))]
        more = " …" if len(must) + len(may) > len(shown) else ""
        lines.append(f"In it: {', '.join(shown)}{more}")
    if form.since:
        lines.append(f"Since format {form.since}.")
    return "\n\n".join(lines)


def _argument(node: Node, number: int) -> str:
    form = node.form
    at = min(number, len(form.arguments) - 1)
    if at < 0:
        return about_form(form)
    argument = form.arguments[at]
    return f"**{argument.label}** of `{form.signature}`" + (f"\n\n{form.documentation}" if form.documentation else "")


def _name(snapshot: Snapshot, name: Name, context: Context | None, workspace: Workspace) -> str:
    if name.kind in ("local", "global", "port", "power") and context is not None:
        net = _net_of(snapshot, name, context)
        return about_net(net) if net is not None else f"`{name.text}` connects no pin"
    if name.kind == "reference" and context is not None:
        return "\n\n---\n\n".join(_parts(name.text, context)[:2])
    if name.kind == "symbol":
        return _symbol(snapshot, name, workspace)
    if name.kind == "net":
        return _board_net(snapshot, name.text)
    if name.kind == "layer":
        board = board_of(snapshot)
        kind = board.layer_types.get(name.text)
        return f"Layer `{name.text}`: {kind}" if kind else ""
    return ""


def _net_of(snapshot: Snapshot, name: Name, context: Context) -> Net | None:
    for instance in context.design.of_file(snapshot.path):
        for group in instance.wiring.groups:
            holders: Iterator[Node] = iter(
                [
                    *(label.node for label in group.labels),
                    *(pin.node for _, pin in group.sheet_pins),
                    *(pin.symbol.node for pin in group.pins if name.kind == "power"),
                ]
            )
            if any(node is name.node or node in name.path for node in holders):
                return context.design.net_of(instance, group)
    return None


def about_net(net: Net) -> str:
    """A net and the pins on it."""
    pins = [f"`{each.reference}.{each.pin.number}`{_called(each.pin.name)} {each.pin.type}" for each in net.pins]
    told = f"Net **{net.name}**: {len(net.pins)} pin{'s' if len(net.pins) != 1 else ''}"
    if net.no_connect:
        told += ", marked as not connected"
    more = [f"- … and {len(pins) - _MOST_PINS} more"] if len(pins) > _MOST_PINS else []
    return "\n".join([told, "", *(f"- {pin}" for pin in pins[:_MOST_PINS]), *more])


def _called(name: str) -> str:
    return f" {name}" if name else ""


def _parts(reference: str, context: Context) -> list[str]:
    return [
        about_part(symbol, instance, context)
        for instance in context.design.instances
        for symbol in instance.sheet.symbols
        if instance_of(symbol, instance, context.design.root)[0] == reference
    ]


def about_part(symbol: Symbol, instance: SheetInstance, context: Context) -> str:
    """A part: its fields, and the net of each of its pins."""
    reference, unit = instance_of(symbol, instance, context.design.root)
    lines = [f"**{reference}** {symbol.value('Value')}  `{symbol.library_id}`"]
    if symbol.library is not None and symbol.library.unit_count > 1:
        lines[0] += f", unit {unit} of {symbol.library.unit_count}"
    for name in ("Description", "Footprint", "Datasheet"):
        if (text := symbol.value(name)) and text != "~":
            lines.append(f"{name}: {text}")
    flags = [
        told
        for told, holds in (
            ("not fitted", symbol.dnp),
            ("not on the board", not symbol.on_board),
            ("not in the BOM", not symbol.in_bom),
            ("not simulated", not symbol.simulated),
        )
        if holds
    ]
    if flags:
        lines.append(", ".join(flags))
    rows = []
    groups = {id(pin): group for group in instance.wiring.groups for pin in group.pins if pin.symbol is symbol}
    for pin in symbol.pins[:_MOST_PINS]:
        group = groups.get(id(pin))
        net = context.design.net_of(instance, group) if group is not None else None
        rows.append(f"| {pin.number} | {pin.name} | {pin.type} | {net.name if net is not None else ''} |")
    if rows:
        lines.append("\n".join(["| pin | name | type | net |", "| --- | --- | --- | --- |", *rows]))
    return "\n\n".join(lines)


def _symbol(snapshot: Snapshot, name: Name, workspace: Workspace) -> str:
    from kiki_tools.kicad.schematic import library_symbol

    main = document_of(snapshot).main
    if main is None:
        return ""
    library = main.find("lib_symbols")
    nodes: Iterable[Node] = library.children if library is not None else main.children
    found = next((node for node in nodes if node.head == "symbol" and node.value() == name.text), None)
    if found is None:
        return ""
    symbol = library_symbol(found)
    lines = [f"**{symbol.name}** {symbol.properties.get('Description', '')}"]
    if symbol.extends:
        lines.append(f"extends `{symbol.extends}`")
    pins = [f"{pin.number} {pin.name} {pin.type}".replace("  ", " ") for pin in symbol.all_pins()]
    if pins:
        lines.append(f"{len(pins)} pins, {symbol.unit_count} unit(s): {', '.join(pins[:_MOST_PINS])}")
    if (nickname := libraries.split(name.text)[0]) and workspace.search:
        lines.append(f"library `{nickname}`")
    return "\n\n".join(lines)


def _item(snapshot: Snapshot, path: list[Node], context: Context) -> str:
    """A wire's net, a part, a pin of a part."""
    item = path[1] if len(path) > 1 else None
    if item is None:
        return ""
    for instance in context.design.of_file(snapshot.path):
        if item.head == "symbol":
            symbol = next((each for each in instance.sheet.symbols if each.node is item), None)
            if symbol is None:
                return ""
            inner = path[2] if len(path) > 2 else None
            if inner is not None and inner.head == "pin":
                return _pin(symbol, inner.value(), instance, context)
            return about_part(symbol, instance, context)
        if item.head in ("wire", "junction", "no_connect"):
            for group in instance.wiring.groups:
                nodes = [*(line.node for line in group.wires), *group.junctions, *group.no_connects]
                if any(node is item for node in nodes):
                    net = context.design.net_of(instance, group)
                    return about_net(net) if net is not None else "connects no pin"
    return ""


def _pin(symbol: Symbol, number: str, instance: SheetInstance, context: Context) -> str:
    for group in instance.wiring.groups:
        for pin in group.pins:
            if pin.symbol is symbol and pin.number == number:
                net = context.design.net_of(instance, group)
                told = f"Pin **{number}**{_called(pin.name)}, {pin.type}"
                return f"{told}\n\n{about_net(net)}" if net is not None else told
    return ""


def _board_net(snapshot: Snapshot, text: str) -> str:
    board = board_of(snapshot)
    name = board.nets[text][0] if text in board.nets else text
    pads = [
        f"`{footprint.reference}.{pad.number}`"
        for footprint in board.footprints
        for pad in footprint.pads
        if pad.net == name
    ]
    tracks = sum(
        1 for node in board.items if node.head in ("segment", "arc", "via") and _on(node, text, name, board.nets)
    )
    more = " …" if len(pads) > _MOST_PINS else ""
    return (
        f"Net **{name or 'none'}**: {len(pads)} pads, {tracks} tracks and vias\n\n{', '.join(pads[:_MOST_PINS])}{more}"
    )


def _on(node: Node, text: str, name: str, nets: dict[str, tuple[str, Node]]) -> bool:
    net = node.find("net")
    if net is None:
        return False
    value = net.value()
    return value in (text, name) or nets.get(value, ("",))[0] == name


def _on_board(snapshot: Snapshot, path: list[Node]) -> str:
    item = path[1] if len(path) > 1 else None
    if item is None or item.head not in ("footprint", "module"):
        return ""
    footprint = next((each for each in board_of(snapshot).footprints if each.node is item), None)
    if footprint is None:
        return ""
    inner = path[2] if len(path) > 2 else None
    if inner is not None and inner.head == "pad":
        pad = next((each for each in footprint.pads if each.node is inner), None)
        if pad is not None:
            told = f"Pad **{pad.number}** of {footprint.reference}"
            return f"{told}\n\n{_board_net(snapshot, pad.net)}" if pad.net else f"{told}, on no net"
    rows = [f"| {pad.number} | {pad.net} |" for pad in footprint.pads[:_MOST_PINS]]
    table = "\n".join(["| pad | net |", "| --- | --- |", *rows])
    return f"**{footprint.reference}** {footprint.value}  `{footprint.library_id}` on {footprint.layer}\n\n{table}"
