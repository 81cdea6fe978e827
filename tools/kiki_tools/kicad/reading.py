"""Reading one chunk of a file: which list stands where, and what is wrong with it.

A chunk is read knowing only which lists are open where it begins. Where a parenthesis is missing or superfluous, the
schema and the indentation tell at which list that shows: reading goes on as if it weren't.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from kiki_tools.kicad.schema import UNKNOWN, Argument, Form
from kiki_tools.kicad.sexpr import Mark, Node, Place, Word, mark_of, pieces, starts
from kiki_tools.text import Chunk

HEAD = re.compile(r'\(\s*([^\s()"]*)')
_STRING = re.compile(r'"(?:[^"\\\n]++|\\.)*+"')
_NAMING = frozenset({"net", "layer", "layers", "uuid", "tstamp", "net_name"})
_BARE_LISTS = frozenset({"teardrops"})
"""Lists in which KiCad 9.0 forgets the parenthesis before an inner one, and doesn't miss it."""
_DEEPEST = 100
_DEEPEST_INDENT = 400
MOST_PROBLEMS = 200
_OPEN_STRING = "this string isn't closed on its line"
_BEHIND = "KiCad reads nothing behind the end of the file's list"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at characters ``start`` to ``end`` of a piece."""

    place: Place
    start: int
    end: int
    code: str
    message: str
    near: tuple[str, ...] = ()
    """Words that may have been meant."""
    surplus: bool = False
    """Whether it is a parenthesis that closes nothing."""


class Open:
    """A list that is open: its form, and its node where it is kept."""

    __slots__ = ("deeper", "entry", "form", "indent", "node", "spot", "well")

    def __init__(self, form: Form, node: Node | None, entry: int = -1, indent: int = -1, deeper: int = 0) -> None:
        self.form = form
        self.node = node
        self.entry = entry
        """Its number among the lists open where the chunk begins; -1 for one that begins in the chunk."""
        self.indent = indent
        self.deeper = deeper
        """Lists open inside of it that nobody knows."""
        self.well = True
        """Whether its words in front are as they should be."""
        self.spot = -1
        """Which of its parent's children it is, for one that goes on in the next chunk."""


class Before(NamedTuple):
    """What counts of the text before a chunk, besides the lists that are open."""

    closed: Form | None = None
    """The list that ends with the last piece before the chunk, and how far it is indented."""
    indent: int = -1
    ended: Form | None = None
    """The file's list, once it has ended; `UNKNOWN` when what follows it was told."""


@dataclass(slots=True)
class Part:
    """What came of one chunk, given the lists that were open before it."""

    key: tuple[object, ...]
    added: list[list[Node]]
    """What each of the lists open before it gained."""
    loose: list[tuple[int, Place, Word]]
    closed: list[tuple[int, Place, bool]]
    """Lists open before the chunk that end in it, innermost first; true: by recovery, without a parenthesis."""
    left: list[Open]
    deeper: list[int]
    problems: list[Problem]
    after: Before
    named: list[Node]
    """Lists that name a net, a layer or an id."""


def read(chunk: Chunk, opens: list[Open], before: Before) -> Part:
    """What comes of a chunk; kept with it for the last two ways in which it was entered."""
    key = (before, *((each.form, each.indent, each.deeper) for each in opens))
    known: list[Part] = chunk.notes.setdefault("kicad.parts", [])
    for part in known:
        if part.key == key:
            return part
    part = _Walk(chunk, opens, before, key).part()
    chunk.notes["kicad.parts"] = [part, *known[:1]]
    return part


class _Walk:
    """One chunk being read."""

    def __init__(self, chunk: Chunk, opens: list[Open], before: Before, key: tuple[object, ...]) -> None:
        self.chunk = chunk
        self.key = key
        self.mark: Mark = mark_of(chunk)
        self.pieces = pieces(chunk)
        self.stack = [Open(each.form, None, number, each.indent, each.deeper) for number, each in enumerate(opens)]
        self.added: list[list[Node]] = [[] for _ in opens]
        self.loose: list[tuple[int, Place, Word]] = []
        self.closed: list[tuple[int, Place, bool]] = []
        self.problems: list[Problem] = []
        self.named: list[Node] = []
        self.before = before
        self.ended = before.ended
        self.last: tuple[int, Form, int] | None = None
        """The list that ended last: the number of its `)`, its form, the number of its first piece."""
        if before.closed is not None:
            self.last = (-1, before.closed, -1)

    def part(self) -> Part:
        """Reads the chunk."""
        stack, mark, problems, named = self.stack, self.mark, self.problems, self.named
        top = stack[-1]
        form = top.form
        kept = self._sink()
        for number, piece in enumerate(self.pieces):
            first = piece[0]
            if first == "(":
                if form is UNKNOWN:
                    if piece[-1] != ")":
                        top.deeper += 1
                    continue
                head = piece[1 : piece.find(" ")] if " " in piece else piece[1:].rstrip(")")
                child = form.children.get(head)
                after = 1 + len(head)
                if child is None or self.ended is not None:
                    head, after = _head(piece)
                    child = form.children.get(head)
                    if child is None or self.ended is not None:
                        child = self._stray(number, piece, head)
                        top = stack[-1]
                        form = top.form
                        kept = self._sink()
                node = Node(piece, head, child, mark, number)
                if kept is not None:
                    kept.append(node)
                if piece[-1] == ")":
                    if child is not UNKNOWN and child.words.fullmatch(piece, after) is None:
                        problems.extend(check_words(node))
                    if child.required or child.expected:
                        finish(node, problems, words_too=False)
                    if head in _NAMING:
                        named.append(node)
                    continue
                if len(stack) > _DEEPEST:
                    child = node.form = UNKNOWN
                top = Open(child, node)
                if child is not UNKNOWN and child.words.fullmatch(piece, after) is None:
                    top.well = False
                stack.append(top)
                form = child
                if kept is None or child.bulk or child is UNKNOWN:
                    kept = None
                else:
                    node.children = kept = []
            elif first == ")":
                if form is UNKNOWN and top.deeper:
                    top.deeper -= 1
                    continue
                if len(stack) == 1:
                    if self.ended is not UNKNOWN:
                        told = "this ')' closes nothing"
                        problems.append(Problem(Place(mark, number), 0, 1, "KC102", told, surplus=True))
                    continue
                self._close(number)
                top = stack[-1]
                form = top.form
                kept = self._sink()
            elif form is not UNKNOWN and not form.bulk and piece.lstrip()[0] != "#":
                self._word(number, piece)
                if stack[-1] is not top:
                    top = stack[-1]
                    form = top.form
                    kept = None
            elif first == '"' and not _STRING.fullmatch(piece):
                problems.append(Problem(Place(mark, number), 0, len(piece), "KC103", _OPEN_STRING))
        return self._done()

    def _sink(self) -> list[Node] | None:
        """Where the lists in the innermost open one are kept; None where they are only checked."""
        top = self.stack[-1]
        if top.form is UNKNOWN or top.form.bulk:
            return None
        if top.entry >= 0:
            bulk = any(each.form.bulk for each in self.stack)
            return None if bulk else self.added[top.entry]
        node = top.node
        if node is None:
            return None
        return node.children if isinstance(node.children, list) else None

    def _close(self, number: int) -> None:
        """A `)`."""
        ended = self.stack.pop()
        here = Place(self.mark, number)
        if len(self.stack) == 1 and self.ended is None:
            self.ended = ended.form if self.stack[0].form.name != "kicad_dru" else None
        if ended.entry >= 0:
            self.closed.append((ended.entry, here, False))
            self.last = (number, ended.form, -1)
            self.last_indent = ended.indent
            return
        node = ended.node
        if node is None:
            return
        node.end = here
        form = ended.form
        if node.piece and form is not UNKNOWN and (form.required or form.expected or not ended.well or node.loose):
            finish(node, self.problems, words_too=not ended.well or bool(node.loose))
        self.last = (number, form, node.number)

    def _word(self, number: int, piece: str) -> None:
        """A word that doesn't follow its list's head."""
        place = Place(self.mark, number)
        top = self.stack[-1]
        if top.form.head in _BARE_LISTS and piece in top.form.children:
            self.stack.append(Open(top.form.children[piece], None))
            return
        if piece[0] == '"' and not _STRING.fullmatch(piece):
            self.problems.append(Problem(place, 0, len(piece), "KC103", _OPEN_STRING))
        if len(self.stack) == 1:
            if self.ended is None:
                told = "a word on its own: KiCad's files are one list"
                self.problems.append(Problem(place, 0, len(piece), "KC104", told))
            elif self.ended is not UNKNOWN:
                self.ended = UNKNOWN
                self.problems.append(Problem(place, 0, len(piece), "KC112", _BEHIND))
        elif top.entry >= 0:
            self.loose.append((top.entry, place, Word(piece, 0)))
        elif top.node is not None:
            top.node.add_loose(place, Word(piece, 0))

    def _stray(self, number: int, piece: str, head: str) -> Form:
        """A list that its surroundings don't know: is a parenthesis missing before it, or one too many?"""
        if self.ended is not None and len(self.stack) == 1:
            return self._behind(number, piece, head)
        form = self.stack[-1].form
        if head in form.children:
            return form.children[head]
        if form.open:
            return UNKNOWN
        if count := self._missing(number, head):
            outermost: Node | None = None
            for _ in range(count):
                left = self.stack.pop()
                if left.entry >= 0:
                    self.closed.append((left.entry, Place(self.mark, max(number - 1, 0)), True))
                elif left.node is not None:
                    left.node.end = Place(self.mark, number - 1)
                    outermost = left.node
            if outermost is not None:
                self.problems.append(_unclosed(self.chunk, self.pieces, outermost.number, number))
            return self.stack[-1].form.children[head]
        if (closed := self._too_early(number, head)) is not None:
            at = number - 1 if number else number
            told = f"the ')' before closes ({closed.head} too early"
            self.problems.append(Problem(Place(self.mark, at), 0, 1, "KC102", told))
            self._reopen(closed)
            return closed.children[head]
        self.problems.append(_unknown(Place(self.mark, number), piece, head, form))
        return UNKNOWN

    def _behind(self, number: int, piece: str, head: str) -> Form:
        """What follows the file's list. If it looks like more of it, it is checked as such: KiCad doesn't read it."""
        ended = self.ended
        assert ended is not None
        if ended is not UNKNOWN:
            self.problems.append(Problem(Place(self.mark, number), 0, len(piece), "KC112", _BEHIND))
            if head in ended.children:
                self._reopen(ended)
                self.ended = None
                return ended.children[head]
            self.ended = UNKNOWN
        return UNKNOWN

    def _reopen(self, form: Form) -> None:
        """Goes on in a list that ended too early; what follows is checked, and kept nowhere."""
        indent = self.before.indent if self.last is not None and self.last[0] < 0 else self._indent_of_last()
        node = Node("", form.head, form, self.mark, 0)
        node.children = []
        self.stack.append(Open(form, node, indent=max(indent, 0)))

    def _indent_of_last(self) -> int:
        if self.last is None:
            return 0
        if self.last[2] < 0:
            return self.last_indent
        return indentation(self.chunk.text, starts(self.chunk)[self.last[2]])

    def _too_early(self, number: int, head: str) -> Form | None:
        """The list whose `)` stands right before, if this head would be at home in it."""
        if self.last is None or self.last[0] != number - 1 or head not in self.last[1].children:
            return None
        outer = self.before.indent if self.last[0] < 0 else self._indent_of_last()
        return self.last[1] if indentation(self.chunk.text, starts(self.chunk)[number]) > outer >= 0 else None

    def _missing(self, number: int, head: str) -> int:
        """How many lists would have to end for this head to stand where it may; 0 if its indentation objects."""
        known = starts(self.chunk)
        indent = indentation(self.chunk.text, known[number])
        if indent < 0:
            return 0
        for count in range(1, len(self.stack)):
            if head not in self.stack[-1 - count].form.children:
                continue
            outermost = self.stack[-count]
            begun = outermost.indent
            if begun < 0 and outermost.node is not None:
                begun = indentation(self.chunk.text, known[outermost.node.number])
            return count if indent <= begun else 0
        return 0

    def _done(self) -> Part:
        left = [each for each in self.stack if each.entry < 0]
        known = starts(self.chunk) if left else []
        for each in left:
            if each.indent < 0 and each.node is not None and each.node.piece:
                each.indent = indentation(self.chunk.text, known[each.node.number])
        after = Before(ended=self.ended)
        if self.last is not None and self.pieces and self.last[0] == len(self.pieces) - 1:
            after = Before(self.last[1], self._indent_of_last(), self.ended)
        deeper = [each.deeper for each in self.stack if each.entry >= 0]
        problems = self.problems[:MOST_PROBLEMS]
        return Part(self.key, self.added, self.loose, self.closed, left, deeper, problems, after, self.named)

    last_indent: int = -1


def _head(piece: str) -> tuple[str, int]:
    """A list's first word, and where it ends."""
    match = HEAD.match(piece)
    return (match.group(1), match.end()) if match else ("", 1)


def _unknown(place: Place, piece: str, head: str, form: Form) -> Problem:
    at = piece.index(head, 1) if head else 0
    where = f"in ({form.head}" if form.head else "here"
    near = tuple(get_close_matches(head, form.children, 1, 0.75))
    meant = f"; did you mean {near[0]}?" if near else ""
    if not head:
        return Problem(place, 0, 1, "KC104", f"a list without a name {where}")
    return Problem(place, at, at + len(head), "KC104", f"KiCad knows no {head} {where}{meant}", near)


def _unclosed(chunk: Chunk, found: list[str], first: int, end: int) -> Problem:
    """Between two pieces of a chunk, the list that most likely lacks its parenthesis, told where it begins."""
    known, mark = starts(chunk), mark_of(chunk)
    stack: list[tuple[int, int]] = []
    culprit = first
    for number in range(first, end):
        piece = found[number]
        if piece.startswith("(") and not piece.endswith(")"):
            indent = indentation(chunk.text, known[number])
            if stack and 0 <= indent <= stack[-1][0]:
                culprit = stack[-1][1]
                break
            stack.append((indent, number))
        elif closed_late(piece, chunk.text, known[number]):
            culprit = number
            break
        elif piece == ")" and stack:
            indent = indentation(chunk.text, known[number])
            if 0 <= indent < stack[-1][0]:
                culprit = stack[-1][1]
                break
            stack.pop()
    match = HEAD.match(found[culprit])
    head = match.group(1) if match else ""
    return Problem(Place(mark, culprit), 0, 1 + len(head), "KC101", f"({head} is never closed")


_LATE = re.compile(r"\n([ \t]*)\)\Z")


def closed_late(piece: str, text: str, at: int) -> bool:
    """Whether a list without lists in it ends on a later line, by a parenthesis that is indented as one further out."""
    late = _LATE.search(piece) if "\n" in piece else None
    return late is not None and len(late[1]) < indentation(text, at)


def indentation(text: str, at: int) -> int:
    """How far a piece that begins its line is indented; -1 for one that doesn't."""
    line = text.rfind("\n", max(at - _DEEPEST_INDENT, 0), at) + 1
    if line == 0 and at > _DEEPEST_INDENT:
        return -1
    return at - line if not text[line:at].strip() else -1


def finish(node: Node, problems: list[Problem], *, required: bool = True, words_too: bool = True) -> None:
    """What can only be said at a list's end: whether all is there."""
    form = node.form
    if words_too and form is not UNKNOWN:
        problems.extend(check_words(node))
    if required and (form.required or form.expected) and not form.bulk:
        present = [child.head for child in node.children]
        for wanted, code in ((form.required, "KC106"), (form.expected, "KC113")):
            for head in sorted(wanted.difference(present)):
                told = f"({node.head} lacks its ({head} …)"
                problems.append(Problem(node.place, 0, 1 + len(node.head), code, told))


def check_words(node: Node) -> list[Problem]:
    """What is wrong with a list's words: too few, too many, of the wrong type."""
    given = [*((node.place, word) for word in node.own_words), *node.loose]
    arguments = list(node.form.arguments)
    at = 0
    for argument in arguments:
        pattern = re.compile(argument.pattern)
        taken = 0
        while at < len(given) and pattern.fullmatch(given[at][1].raw):
            at += 1
            taken += 1
            if argument.count in ("", "?"):
                break
        if taken == 0 and argument.count in ("", "+"):
            what = f"({node.form.signature[1:-1]})"
            if at < len(given):
                return [_wrong(given[at], f"{_described(argument)} is wanted here: {what}", argument)]
            end = node.place
            return [Problem(end, 0, 1 + len(node.head), "KC106", f"({node.head} lacks {argument.label}: {what}")]
    if at < len(given):
        place, word = given[at]
        options = [argument for argument in arguments if argument.count]
        wanted = next((argument for argument in options if argument.type in ("number", "integer")), None)
        if wanted is not None:
            return [_wrong(given[at], f"{_described(wanted)} is wanted here: {node.form.signature}", wanted)]
        flags = [choice for argument in options for choice in argument.choices]
        if flags:
            told = f"({node.head} takes {', '.join(flags)} here, not {word.raw[:40]}"
        else:
            told = f"nothing more is wanted here: {node.form.signature}"
        return [Problem(place, word.start, word.start + len(word.raw), "KC105", told, tuple(flags))]
    return []


def _described(argument: Argument) -> str:
    if argument.choices:
        return " or ".join(argument.choices)
    known = {"number": "a number", "integer": "a whole number", "word": f"the {argument.label} in quotes"}
    return known.get(argument.type, f"the {argument.label}")


def _wrong(given: tuple[Place, Word], message: str, argument: Argument) -> Problem:
    place, word = given
    return Problem(place, word.start, word.start + len(word.raw), "KC105", message, argument.choices)
