"""What in a proposed text is no netlist: comments, prose, words that neither SPICE nor the file knows, other files.

ngspice itself passes over much of it: behind a source's nodes nearly any word may stand. A person may write so; a
model that does has left the netlist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.spice.cards import Card, comment_start
from kiki_tools.spice.index import Scope
from kiki_tools.spice.program import Program
from kiki_tools.spice.roles import nodes_of
from kiki_tools.spice.vocabulary import (
    ALL_TYPES,
    BUILTIN_NAMES,
    CONSTANTS,
    FUNCTIONS,
    OPTIONS,
)
from kiki_tools.spice.words import CONTROLLED, FLAGS
from kiki_tools.text import Snapshot, Span

_NEAR = 200
"""Lines around whose words are known."""
_WORD = re.compile(r"(?<![\w.$@])[A-Za-z_]\w*")
_STRANGE = re.compile(r"[\"`;\\]|<\||\|>|//|(?<=[ \t=])\.[A-Za-z]|(?<!\w)#|[^\x20-\x7e\t]")
_FOREIGN = frozenset({".include", ".inc", ".lib", ".control", ".endc", ".hdl", ".pre_osdi", ".csparam"})
_MAKING = (".param", ".params", ".global_param", ".func", ".model", ".subckt", ".macro", ".meas", ".measure")
_KNOWN = frozenset(
    """
        v i vdb vm vp vr vi idb im ip vdc re img mag ph db par params dec oct lin uic all on off ic
        pulse sin sine exp pwl sffm am trnoise trrandom external dc ac td r portnum z0 file distof1 distof2
        tran sp noise op avg max min pp rms integ deriv find when at trig targ val rise fall cross last from to
        min_at max_at ddt idt if then else and or not u stp eq gt lt ge le
        w l ad as pd ps nrd nrs m nf area pj temp dtemp tc tc1 tc2 scale sens_area off geo icvds icvgs icvbs icvbe icvce
        bv_max short noisy a b c n level
    """.split()
).union(FUNCTIONS, CONSTANTS, BUILTIN_NAMES, OPTIONS, ALL_TYPES, FLAGS, CONTROLLED)
"""Words of SPICE itself that need no definition in sight."""


def foreign(card: Card, snapshot: Snapshot, within: Span, program: Program, scope: Scope | None) -> Iterator[str]:
    """What speaks against a proposed card as such, before any name in it is looked up."""
    head = card.name.low
    if card.kind == "directive" and head in _FOREIGN:
        yield f"{card.name.text} is the person's to write"
    if head.startswith(".param") and not any(word.text == "=" for word in card.words):
        yield "a parameter without a value"
    if card.kind == "device" and card.letter not in "ka" and len(nodes_of(card.letter, card.positional())) < 2:
        yield f"{card.name.text} has too few nodes"
    if card.kind == "device" and card.letter in "vi":
        for word in card.positional()[2:]:
            is_name = _WORD.fullmatch(word.text) is not None and word.low not in _KNOWN
            if word.span.start >= within.start and is_name and program.parameter(word.low) is None:
                yield f"{word.text} is nothing that a source takes"
    text = snapshot.slice(within)
    for line in snapshot.slice(Span(max(0, within.start - 1), within.end)).split("\n"):
        if line.lstrip().startswith(("*", "#")) or comment_start(line) < len(line) or _STRANGE.search(line):
            yield "a comment, or what is no netlist"
    known = _words_near(snapshot, within)
    for match in _WORD.finditer(text):
        start, low = within.start + match.start(), match.group().lower()
        if low in known or low in _KNOWN or _is_named(low, program, scope) or _is_made(card, start, match, text):
            continue
        yield f"{match.group()} is unknown"


def _words_near(snapshot: Snapshot, within: Span) -> set[str]:
    """The words of the lines around a text, without its own."""
    first = max(0, snapshot.line_of(within.start) - _NEAR)
    last = min(snapshot.line_count - 1, snapshot.line_of(within.end) + _NEAR)
    before = snapshot.slice(Span(snapshot.line_start(first), within.start))
    after = snapshot.slice(Span(within.end, snapshot.line_span(last).end))
    lines = (line for part in (before, after) for line in part.split("\n") if not line.lstrip().startswith("*"))
    return {word.lower() for line in lines for word in _WORD.findall(line)}


def _is_named(low: str, program: Program, scope: Scope | None) -> bool:
    """Whether the word is a node, a device, a model, a subcircuit or a parameter of the program."""
    if scope is not None and (low in scope.nodes or low in scope.devices or low in scope.pins):
        return True
    return program.model(low) is not None or program.subcircuit(low) is not None or program.parameter(low) is not None


def _is_made(card: Card, start: int, match: re.Match[str], text: str) -> bool:
    """Whether the word is a new name: a device's, or one that a directive gives a meaning."""
    if start <= card.name.span.start < start + len(match.group()) or start == card.name.span.start + 1:
        return True
    if card.kind != "directive" or not card.name.low.startswith(_MAKING):
        return False
    if card.name.low in (".meas", ".measure"):
        return len(card.words) > 2 and card.words[2].span.start == start
    first = len(card.words) > 1 and card.words[1].span.start == start
    return (first and not card.name.low.startswith(".param")) or re.match(r"\s*=", text[match.end() :]) is not None
