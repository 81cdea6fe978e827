"""SPICE as a language service."""

from __future__ import annotations

import os
from collections.abc import Sequence

from kiki_tools.language import Completion, Diagnostic, Hover, Location, Symbol, Workspace
from kiki_tools.spice import netlist
from kiki_tools.spice.cards import Card, Deck, Word, parse
from kiki_tools.spice.diagnostics import diagnose
from kiki_tools.spice.includes import included, openable
from kiki_tools.spice.values import format_value, parse_number
from kiki_tools.spice.vocabulary import DEVICES, DIRECTIVES
from kiki_tools.text import Snapshot, Span

_UNITS = {"r": "Ω", "c": "F", "l": "H", "v": "V", "i": "A"}


class SpiceService:
    """Pure functions of snapshots; see `LanguageService`."""

    language = "spice"

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """The included files that the workspace lacks, of this file and of those that it includes."""
        missing: list[str] = []
        seen = {snapshot.path}
        queue = [parse(snapshot)]
        while queue:
            for _, _, path in included(queue.pop()):
                if path in seen or path in workspace.unreadable or not openable(path):
                    continue
                seen.add(path)
                if path in workspace.snapshots:
                    queue.append(netlist.parse_library(workspace.snapshots[path]))
                else:
                    missing.append(path)
        return missing

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Diagnostic]:
        """All findings, in the order of their places."""
        return diagnose(snapshot, workspace)

    def symbols(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """Subcircuits with what is in them, devices, models, analyses."""
        roots: list[Symbol] = []
        stack: list[tuple[Card, list[Symbol]]] = []
        for card in parse(snapshot).cards:
            into = stack[-1][1] if stack else roots
            low = card.name.low
            if low in (".subckt", ".macro") and len(card.words) > 1:
                stack.append((card, []))
            elif low in (".ends", ".eom") and stack:
                opened, children = stack.pop()
                outer = stack[-1][1] if stack else roots
                outer.append(_subcircuit(opened, card.span.end, children))
            elif card.kind == "device":
                detail = " ".join(word.text for word in card.words[1:])[:60]
                into.append(Symbol(card.name.text, "device", detail, card.span, card.name.span))
            elif low == ".model" and len(card.words) > 2:
                into.append(Symbol(card.words[1].text, "model", card.words[2].text, card.span, card.words[1].span))
            elif low in (".tran", ".ac", ".dc", ".op", ".noise", ".tf"):
                into.append(Symbol(low, "analysis", "", card.span, card.name.span))
            elif low in (".meas", ".measure") and len(card.words) > 2:
                into.append(Symbol(card.words[2].text, "measure", card.words[1].text, card.span, card.words[2].span))
            elif low == ".param":
                into += [
                    Symbol(name.text, "parameter", value.text, card.span, name.span)
                    for name, value in card.assignments()
                ]
        while stack:
            opened, children = stack.pop()
            (stack[-1][1] if stack else roots).append(_subcircuit(opened, len(snapshot.text), children))
        return roots

    def hover(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
        """A card explained, a node's connections, a model or subcircuit."""
        deck = parse(snapshot)
        card, word = _at(deck, offset)
        if card is None or word is None:
            return None
        if word is card.name and card.kind == "directive":
            about = DIRECTIVES.get(word.low)
            return Hover(word.span, f"`{word.low}`: {about}") if about else None
        if card.kind != "device":
            return None
        names = netlist.index(deck, workspace)
        if word is card.name:
            return Hover(word.span, _explained(card))
        if any(word is node for node in netlist.nodes(card)):
            others = [
                other.name.text
                for other in deck.devices()
                if other.scope == card.scope and any(node.low == word.low for node in netlist.nodes(other))
            ]
            shown = ", ".join(others[:20]) + (" …" if len(others) > 20 else "")
            return Hover(word.span, f"node **{word.text}**: {shown}")
        for table, what in ((names.models, "model"), (names.subcircuits, "subcircuit")):
            if word.low in table:
                source, definition = table[word.low]
                text = source.snapshot.text[definition.span.start : definition.span.end][:600]
                return Hover(word.span, f"{what}\n```spice\n{text}\n```")
        value = parse_number(word.text)
        if value is not None:
            return Hover(word.span, f"{word.text} = {format_value(value, _UNITS.get(card.letter, ''))}")
        return None

    def completions(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
        """Directives and device letters at a line's start; then nodes, models that fit, subcircuits."""
        line = snapshot.line_span(snapshot.line_of(offset))
        before = snapshot.text[line.start : offset]
        start = len(before) - len(before.lstrip())
        begun = before[start:]
        typed = begun.split()[-1] if begun and not begun[-1].isspace() else ""
        span = Span(offset - len(typed), offset)
        if begun == typed:
            return [
                Completion(name, "directive", span, name, about)
                for name, about in DIRECTIVES.items()
                if name.startswith(typed.lower())
            ] + [
                Completion(letter.upper(), "device", span, letter.upper(), about)
                for letter, about in DEVICES.items()
                if letter.startswith(typed.lower())
            ]
        deck = parse(snapshot)
        names = netlist.index(deck, workspace)
        letter = begun[0].lower()
        scope = next((card.scope for card in deck.cards if card.span.start <= offset <= card.span.end), ())
        found: list[Completion] = []
        at = len(begun.split()) - (1 if typed else 0)
        if letter in DEVICES and at <= netlist.NODES.get(letter, 99):
            known = {"0", *netlist.connections(deck).get(scope, ())}
            found += [Completion(n, "node", span, n) for n in sorted(known) if n.startswith(typed.lower())]
        if letter == "x":
            found += [
                Completion(card.words[1].text, "subcircuit", span, card.words[1].text,
                           " ".join(word.text for word in netlist.pins(card)))
                for _, card in names.subcircuits.values()
            ]  # fmt: skip
        elif letter in netlist.MODEL_AFTER and at > netlist.MODEL_AFTER[letter]:
            found = [
                Completion(card.words[1].text, "model", span, card.words[1].text,
                           card.words[2].text if len(card.words) > 2 else "")
                for _, card in names.models.values()
            ]  # fmt: skip
        return [one for one in found if one.label.lower().startswith(typed.lower())]

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """The .model, .subckt or file that the word at ``offset`` names."""
        deck = parse(snapshot)
        for _, word, path in included(deck):
            if offset in word.span:
                return [Location(path, Span(0, 0))]
        card, word_at = _at(deck, offset)
        if card is None or word_at is None:
            return []
        names = netlist.index(deck, workspace)
        for table in (names.subcircuits, names.models):
            if word_at.low in table:
                source, definition = table[word_at.low]
                return [Location(source.snapshot.path or os.curdir, definition.words[1].span)]
        return []


def _at(deck: Deck, offset: int) -> tuple[Card | None, Word | None]:
    card = deck.card_at(offset)
    if card is None:
        return None, None
    return card, next((word for word in card.words if offset in word.span), None)


def _subcircuit(card: Card, end: int, children: list[Symbol]) -> Symbol:
    detail = " ".join(word.text for word in netlist.pins(card))
    name = card.words[1]
    return Symbol(name.text, "subcircuit", detail, Span(card.span.start, end), name.span, tuple(children))


def _explained(card: Card) -> str:
    lines = [f"**{card.name.text}**: {DEVICES.get(card.letter, 'device')}"]
    nodes = netlist.nodes(card)
    if nodes:
        lines.append("nodes: " + ", ".join(word.text for word in nodes))
    words = card.positional()[len(nodes) :]
    if words and card.letter in _UNITS:
        value = parse_number(words[0].text)
        if value is not None:
            lines.append("value: " + format_value(value, _UNITS[card.letter]))
    return "\n\n".join(lines)


SPICE = SpiceService()
