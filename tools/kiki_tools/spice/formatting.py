"""Bringing a netlist into order: single spaces, columns in runs of alike devices, no trailing blanks.

Nothing but blanks changes: no case, no order, no line end. The title and ``.control`` keep their text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.spice.cards import comment_start, has_title
from kiki_tools.text import Edit, Snapshot, Span

_KEPT = re.compile(r"""'[^']*'|"[^"]*"|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}""")
_EQUALS = re.compile(r"[ \t]*(?<![<>!=])=(?!=)[ \t]*")
_BLANKS = re.compile(r"[ \t]+")
_SIMPLE = re.compile(r"[A-Za-z][^\s=(){}'\",;$]*(?: [^\s=(){}'\",;$]+){2,}")
_WIDEST = 24


def format_lines(snapshot: Snapshot, within: Span | None = None) -> list[Edit]:
    """Edits of the lines that are out of order; only those in ``within``, if it is given."""
    first = snapshot.line_of(within.start) if within is not None else 0
    last = snapshot.line_of(within.end) if within is not None else snapshot.line_count - 1
    written = list(_lines(snapshot))
    _align(written)
    edits = []
    for line in range(first, last + 1):
        span = snapshot.line_span(line)
        if written[line] != snapshot.slice(span):
            edits.append(Edit(span, written[line]))
    return edits


def _lines(snapshot: Snapshot) -> Iterator[str]:
    control = begun = False
    title = has_title(snapshot)
    for line in range(snapshot.line_count):
        text = snapshot.line_text(line)
        stripped = text.strip(" \t")
        low = stripped.lower()
        if title and line == 0:
            yield text
        elif not stripped or control or stripped[0] in "*#;$":
            control = control and not low.startswith(".endc")
            yield text.rstrip(" \t")
        else:
            control = low.startswith(".control")
            yield _indent(text) + _tidy(stripped, begun)
            begun = True


def _indent(text: str) -> str:
    return text[: len(text) - len(text.lstrip(" \t"))].expandtabs(4)


def _tidy(text: str, begun: bool) -> str:
    """``begun``: a card stands before, which a ``+`` continues."""
    cut = comment_start(text)
    code, comment = text[:cut], text[cut:]
    conditional = code.lower().startswith((".if", ".elseif"))
    pieces: list[str] = []
    at = 0
    for match in _KEPT.finditer(code):
        pieces += [_plain(code[at : match.start()], conditional), match.group()]
        at = match.end()
    pieces.append(_plain(code[at:], conditional))
    code = "".join(pieces).strip(" \t")
    if begun and code.startswith("+") and len(code) > 1 and code[1] not in " \t":
        code = "+ " + code[1:]
    blank = " " if comment and text[cut - 1 : cut] in (" ", "\t") else ""
    return f"{code}{blank}{comment}".rstrip(" \t")


def _plain(text: str, conditional: bool) -> str:
    return _BLANKS.sub(" ", text if conditional else _EQUALS.sub("=", text))


def _align(lines: list[str]) -> None:
    """Gives runs of simple devices of one letter common columns."""
    start = 0
    while start < len(lines):
        letter = _letter(lines[start])
        end = start + 1
        while letter and end < len(lines) and _letter(lines[end]) == letter:
            end += 1
        if letter and end - start > 1:
            rows = [line.split() for line in lines[start:end]]
            most = max(map(len, rows))
            widths = [max(len(row[n]) if n < len(row) else 0 for row in rows) for n in range(most)]
            if max(widths[:-1], default=0) <= _WIDEST:
                for number, row in enumerate(rows):
                    padded = [word.ljust(width) for word, width in zip(row, widths, strict=False)]
                    lines[start + number] = _indent(lines[start + number]) + " ".join(padded).rstrip()
        start = end


def _letter(line: str) -> str:
    return line.lstrip()[:1].lower() if _SIMPLE.fullmatch(_BLANKS.sub(" ", line.strip())) else ""
