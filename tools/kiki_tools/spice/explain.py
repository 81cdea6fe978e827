"""What stands under the cursor, in the terms of the field: cards, nodes, models, parameters with their values."""

from __future__ import annotations

from kiki_tools.language import Hover
from kiki_tools.spice.cards import Card, card_at
from kiki_tools.spice.expressions import NoValue, evaluate, values
from kiki_tools.spice.index import TOP, Path
from kiki_tools.spice.parameters import devices, of_model
from kiki_tools.spice.program import Program, Source, occurrences
from kiki_tools.spice.roles import Named, nodes_of, roles
from kiki_tools.spice.values import format_value, parse_number
from kiki_tools.spice.vocabulary import DEVICES, DIRECTIVES, SIGNATURES
from kiki_tools.text import Snapshot, Span

UNITS = {"r": "Ω", "c": "F", "l": "H", "v": "V", "i": "A"}
_MOST_DEVICES = 20
INSTANCE = {
    "r": "resistor", "c": "capacitor", "l": "inductor", "d": "diode", "q": "bjt", "m": "bsim4", "j": "jfet",
    "v": "vsource", "i": "isource", "b": "asrc", "e": "vcvs", "g": "vccs", "f": "cccs", "h": "ccvs", "s": "switch",
}  # fmt: skip


def explain(program: Program, offset: int) -> Hover | None:
    """Markdown about the smallest piece at ``offset``; null where nothing is to be said."""
    snapshot = program.own.snapshot
    card = card_at(snapshot, offset)
    if card is None or card.kind == "title":
        return None
    pieces = sorted((named for named in roles(card) if offset in named.span), key=lambda named: len(named.span))
    for named in pieces:
        text = _about(named, card, program, snapshot)
        if text:
            return Hover(named.span, text)
    return None


def _about(named: Named, card: Card, program: Program, snapshot: Snapshot) -> str | None:
    written = snapshot.slice(named.span)
    match named.role:
        case "directive":
            about = DIRECTIVES.get(named.name)
            return f"`{named.name}`: {about}" if about else None
        case "device":
            return _device(card, program)
        case "reference":
            start = _device_start(program.own, named.name, program.own.index.scope_at(card.span.start))
            found = card_at(snapshot, start) if start is not None else None
            return _quoted("controls", snapshot, found.span) if found else None
        case "node":
            return _node(named.name, written, program.own, program.own.index.scope_at(card.span.start))
        case "model":
            model = program.model(named.name)
            found = card_at(model[0].snapshot, model[1]) if model else None
            return _quoted(f"model of type {model[2]}", model[0].snapshot, found.span) if model and found else None
        case "subcircuit":
            subcircuit = program.subcircuit(named.name)
            if subcircuit is None:
                return None
            where, header = subcircuit
            pins = ", ".join(header.pins)
            return _quoted(f"subcircuit with the pins {pins}", where.snapshot, Span(header.start, header.end))
        case "parameter":
            return _parameter(named.name, written, program)
        case "value":
            value = parse_number(written)
            return None if value is None else f"{written} = {format_value(value, _unit(named, card))}"
        case "expression":
            try:
                return f"{written} = {format_value(evaluate(named.name, parameter_values(program).get))}"
            except NoValue:
                return None
        case "attribute":
            return _attribute(named.name, card)
        case "type":
            known = of_model(named.name, None)
            return f"model type **{written}** with {len(known)} parameters" if known else None
    return None


def describe(program: Program, name: str, kind: str) -> str:
    """Markdown about a proposal of completion."""
    match kind:
        case "model":
            model = program.model(name)
            card = card_at(model[0].snapshot, model[1]) if model else None
            return _quoted(f"model of type {model[2]}", model[0].snapshot, card.span) if model and card else ""
        case "subcircuit":
            found = program.subcircuit(name)
            return _quoted("subcircuit", found[0].snapshot, Span(found[1].start, found[1].end)) if found else ""
        case "node":
            return _node(name, name, program.own, TOP)
        case "parameter":
            return _parameter(name, name, program) or ""
        case "directive" if name in SIGNATURES:
            label, about, parameters = SIGNATURES[name]
            return f"`{label}`\n\n{about}\n\n" + "\n".join(f"- `{word}`: {text}" for word, text in parameters)
    return ""


def _device(card: Card, program: Program) -> str:
    lines = [f"**{card.name.text}**: {DEVICES.get(card.letter, 'device')}"]
    words = card.positional()
    nodes = nodes_of(card.letter, words)
    if card.letter == "x" and words:
        subcircuit = program.subcircuit(words[-1].low)
        if subcircuit is not None:
            pairs = zip(subcircuit[1].pins, nodes, strict=False)
            lines.append("calls " + words[-1].text + ": " + ", ".join(f"{pin} = {node.text}" for pin, node in pairs))
    elif nodes:
        lines.append("nodes: " + ", ".join(word.text for word in nodes))
    rest = words[len(nodes) :]
    if rest and card.letter in UNITS:
        value = value_of(rest[0].text, program)
        if value is not None:
            lines.append("value: " + format_value(value, UNITS[card.letter]))
    return "\n\n".join(lines)


def _node(name: str, written: str, source: Source, path: Path) -> str:
    found: list[str] = []
    count = 0
    for entry in source.index.entries:
        for number, (scope, segment) in enumerate(zip(entry.scopes, entry.facts.segments, strict=True)):
            if scope != path or name not in segment.nodes:
                continue
            count += segment.nodes[name]
            if len(found) < _MOST_DEVICES:
                for start, _ in occurrences(entry, number, name):
                    card = card_at(source.snapshot, entry.start + start)
                    if card is not None and card.name.text not in found:
                        found.append(card.name.text)
    more = " …" if count > len(found) and len(found) >= _MOST_DEVICES else ""
    ground = " (ground)" if name in ("0", "gnd") else ""
    return f"node **{written}**{ground}, {count} connections: {', '.join(found[:_MOST_DEVICES])}{more}"


def _parameter(name: str, written: str, program: Program) -> str | None:
    found = program.parameter(name)
    if found is None:
        return None
    value = parameter_values(program).get(name)
    shown = f" = {format_value(value)}" if value is not None else ""
    card = card_at(found[0].snapshot, found[1])
    return f"parameter **{written}**{shown}" + (
        f"\n```spice\n{found[0].snapshot.slice(card.span)[:400]}\n```" if card is not None else ""
    )


def _attribute(name: str, card: Card) -> str | None:
    if card.kind == "device":
        about = devices()[INSTANCE[card.letter]]["instance"].get(name) if card.letter in INSTANCE else None
    else:
        known = of_model(card.words[2].low, None) if card.name.low == ".model" and len(card.words) > 2 else None
        about = known.get(name) if known else None
    return f"`{name}`: {about}" if about else None


def _unit(named: Named, card: Card) -> str:
    return UNITS.get(card.letter, "") if card.kind == "device" else ""


def _quoted(what: str, snapshot: Snapshot, span: Span) -> str:
    return f"{what}\n```spice\n{snapshot.slice(span)[:600]}\n```"


def _device_start(source: Source, name: str, path: Path) -> int | None:
    for _, entry, scope, segment in source.index.having("devices"):
        if scope == path and name in segment.devices:
            return entry.start + segment.devices[name]
    return None


def parameter_values(program: Program) -> dict[str, float]:
    """The values of the parameters that the program's files define outside of subcircuits."""
    expressions: dict[str, str] = {}
    for source in program.sources:
        for start, _ in source.index.directives(".param", ".params", ".csparam", ".global_param"):
            card = card_at(source.snapshot, start)
            for name, span in card.bindings() if card is not None else ():
                expressions.setdefault(name.low, source.snapshot.slice(span).lower().replace("\n+", " "))
    return values(expressions)


def value_of(text: str, program: Program) -> float | None:
    """The number that a word stands for: itself, or its expression's value."""
    if text[:1] not in "{'":
        return parse_number(text)
    try:
        return evaluate(text.lower(), parameter_values(program).get)
    except NoValue:
        return None
