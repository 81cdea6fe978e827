"""Colours for code. Pygments has a `spice`, but that is another language: decks have their own lexer here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pygments.lexer import RegexLexer, bygroups  # type: ignore[import-untyped]
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, String, Text  # type: ignore[import-untyped]
from textual.highlight import HighlightTheme, highlight

if TYPE_CHECKING:
    from textual.content import Content

DECK_LANGUAGES = frozenset({"spice", "ngspice", "cir", "sp", "netlist", "spi", "ckt"})
_ALIASES = {
    "kicad_sch": "lisp",
    "kicad_pcb": "lisp",
    "kicad_sym": "lisp",
    "kicad_mod": "lisp",
    "pyspice": "python",
}
_LIMIT = 200_000
"""Characters that are coloured; a longer text stays plain, so the screen stays quick."""


class DeckLexer(RegexLexer):  # type: ignore[misc]
    """Colours of a SPICE deck: cards, names, values with suffixes, expressions."""

    name = "SPICE deck"
    aliases: ClassVar[list[str]] = []
    filenames: ClassVar[list[str]] = []
    tokens: ClassVar[dict[str, list[tuple[object, ...]]]] = {
        "root": [
            (r"^[ \t]*\*.*\n?", Comment),
            (r"(?<=\s);.*\n?|\$ .*\n?", Comment),
            (r"^[ \t]*\.[A-Za-z]+", Keyword),
            (r"^[ \t]*\+", Operator),
            (r"^([ \t]*)([RLCKVIEFGHBDQJMXSWTUOAZPYN][\w.:#-]*)(?=\s)", bygroups(Text, Name.Builtin)),
            (r"^([ \t]*)([rlckviefghbdqjmxswtuoazpyn][\w.:#-]*)(?=\s)", bygroups(Text, Name.Builtin)),
            (r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:[A-Za-zµΩ]+)?", Number),
            (r"\"[^\"\n]*\"|'[^'\n]*'", String),
            (r"[A-Za-z_][\w.]*(?=\s*=)", Name.Attribute),
            (r"[{}()=,*/+\-<>!&|^~?:]", Operator),
            (r"[\w.#:]+", Text),
            (r"\s+", Text),
            (r".", Error),
        ]
    }


def coloured(code: str, language: str) -> Content:
    """``code`` with the colours of ``language`` (a contract language id, or a Markdown fence's word)."""
    from textual.content import Content, Span

    code = "\n".join(code.splitlines())
    word = language.split()[0].lower() if language.split() else ""
    if len(code) > _LIMIT:
        return Content(code)
    if word not in DECK_LANGUAGES:
        return highlight(code, language=_ALIASES.get(word, word) or "text")
    spans = []
    at = 0
    styles = HighlightTheme.STYLES
    title = _title(code)
    if title:
        spans.append(Span(0, title, "bold"))
        at = title
    for kind, text in DeckLexer(stripnl=False, ensurenl=False).get_tokens(code[title:]):
        token = kind
        while token is not None:
            if style := styles.get(token):
                spans.append(Span(at, at + len(text), style))
                break
            token = token.parent
        at += len(text)
    return Content(code, spans=spans).stylize_before("$text")


def _title(code: str) -> int:
    """Length of a deck's first line, which is its title, unless it looks like a card of a part of a deck."""
    first = code.partition("\n")[0]
    return 0 if first[:1] in "*.+" or ".end" not in code.lower() else len(first)
