"""KiCad's own layout as edits: only white space, and only where it differs."""

from __future__ import annotations

import re

from kiki_tools.kicad.layout import Layout, Unbalanced, laid_out
from kiki_tools.kicad.paths import kind_of
from kiki_tools.kicad.syntax import document_of
from kiki_tools.text import Edit, Snapshot, Span

_TOKEN = re.compile(r'^[ \t]*+#[^\n]*|[()]|"(?:[^"\\\n]++|\\.)*+"|[^\s()"]++|"', re.MULTILINE)
_SINCE = {"kicad_sch": 20231120, "kicad_symbol_lib": 20231120, "kicad_pcb": 20240108, "footprint": 20240108}
"""KiCad laid its files out otherwise before these versions; such files stay as they are."""
_BROKEN = frozenset({"KC101", "KC102", "KC103", "KC112"})
"""A file with such a fault isn't laid out: what belongs where is a guess."""
_MOST_EDITS = 20_000


def format_text(snapshot: Snapshot, within: Span | None = None) -> list[Edit]:
    """The edits that give the file KiCad's layout; none for a rules file, which people write by hand."""
    document = document_of(snapshot)
    main = document.main
    kind = kind_of(snapshot.path)
    if main is None or kind in ("kicad_dru", "kicad_wks") or document.version < _SINCE.get(main.head, 0):
        return []
    if any(problem.code in _BROKEN for problem in document.problems):
        return []
    try:
        new = laid_out(snapshot.text, Layout.TABLE if kind == "kicad_table" else Layout.FILE)
    except Unbalanced:
        return []
    if new == snapshot.text:
        return []
    return _edits(snapshot.text, new, within)


def _edits(old: str, new: str, within: Span | None) -> list[Edit]:
    edits = []
    end_old = end_new = 0
    for before, after in zip(_TOKEN.finditer(old), _TOKEN.finditer(new), strict=False):
        gap = new[end_new : after.start()]
        span = Span(end_old, before.start())
        if old[span.start : span.end] != gap and (within is None or _inside(span, within)):
            edits.append(Edit(span, gap))
        end_old, end_new = before.end(), after.end()
    rest = Span(end_old, len(old))
    if old[end_old:] != new[end_new:] and (within is None or _inside(rest, within)):
        edits.append(Edit(rest, new[end_new:]))
    if len(edits) > _MOST_EDITS and within is None:
        return [Edit(Span(0, len(old)), new)]
    return edits


def _inside(span: Span, within: Span) -> bool:
    return within.start <= span.start and span.end <= within.end
