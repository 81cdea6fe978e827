"""The syntax of KiCad's files: which list stands where, told while it is read, chunk by chunk.

A chunk is read knowing only which lists are open where it begins; what came of it is noted on the chunk, so an edit
reads one chunk anew and joins the rest. Where a parenthesis is missing or superfluous, the schema tells at which list
that shows: reading goes on as if it weren't.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from kiki_tools.kicad.schema import UNKNOWN, Form, root_form
from kiki_tools.kicad.sexpr import Mark, Node, Place, Word, mark_of, pieces, starts
from kiki_tools.text import Chunk, Snapshot, Span

_HEAD = re.compile(r'\(\s*([^\s()"]*)')
_STRING = re.compile(r'"(?:[^"\\\n]++|\\.)*+"')
_NAMING = frozenset({"net", "layer", "layers", "uuid", "tstamp", "net_name"})
_DEEPEST = 100
_MOST_PROBLEMS = 200
_LONGEST_SPAN = 64
_INDENT = re.compile(r"[ \t]*")


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


class _Open:
    """A list that is open: its form, and its node where it is kept."""

    __slots__ = ("deeper", "entry", "form", "indent", "node", "well")

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


@dataclass(slots=True)
class _Part:
    """What came of one chunk, given the lists that were open before it."""

    key: tuple[object, ...]
    added: list[list[Node]]
    loose: list[tuple[int, Place, Word]]
    closed: list[tuple[int, Place, bool]]
    """Lists open before the chunk that end in it, innermost first; true: by recovery, without a parenthesis."""
    left: list[_Open]
    deeper: list[int]
    problems: list[Problem]
    last: Form | None
    named: list[Node]
    """Lists that name a net, a layer or an id."""


class Document:
    """A KiCad file as a tree: `root` holds the file's one list, or the several of a rules file."""

    def __init__(self, snapshot: Snapshot, base: Form) -> None:
        self.snapshot = snapshot
        self.base = base
        self.problems: list[Problem] = []
        self.named: list[tuple[Chunk, list[Node]]] = []
        """The lists that name a net, a layer or an id, by the chunk that they stand in."""
        self.root = Node("", "", base, mark_of(snapshot.chunks[0]), 0)
        self.root.children = []
        self._read()

    @property
    def main(self) -> Node | None:
        """The file's list; None for a file without one."""
        return self.root.children[0] if self.root.children else None

    @property
    def version(self) -> int:
        """The date of the file's format; 0 if the file doesn't tell."""
        if self.base.name == "kicad_dru":
            return int(_digits(self.root.text_of("version")))
        return int(_digits(self.main.text_of("version"))) if self.main is not None else 0

    @cached_property
    def _chunks(self) -> dict[Mark, tuple[int, Chunk]]:
        """The chunks by their marks, each with where it begins."""
        chunks, begins = self.snapshot.chunks, self.snapshot.chunk_starts
        return {mark_of(chunk): (at, chunk) for chunk, at in zip(chunks, begins, strict=False)}

    def offset(self, place: Place) -> int:
        """Where a piece begins in this version of the text."""
        at, chunk = self._chunks[place.mark]
        known = starts(chunk)
        return at + (known[place.number] if place.number < len(known) else len(chunk.text))

    def span(self, node: Node) -> Span:
        """The whole list, with what is in it."""
        start = self.offset(node.place)
        if node.end is not None:
            return Span(start, self.offset(node.end) + 1)
        return Span(start, start + len(node.piece))

    def head_span(self, node: Node) -> Span:
        """The list's first word."""
        start = self.offset(node.place)
        at = start + (node.piece.index(node.head, 1) if node.head else 1)
        return Span(at, at + len(node.head))

    def word_span(self, node: Node, number: int = 0) -> Span:
        """A word of a list, with its quotes; the list's first word if it has no such word."""
        own = len(node.own_words)
        if number >= own + len(node.loose):
            return self.head_span(node)
        place, word = (node.place, node.own_words[number]) if number < own else node.loose[number - own]
        start = self.offset(place) + word.start
        return Span(start, start + len(word.raw))

    def inner_span(self, node: Node, number: int = 0) -> Span:
        """A word of a list without its quotes."""
        span = self.word_span(node, number)
        if number < len(node.words) and node.words[number].quoted:
            return Span(span.start + 1, max(span.end - 1, span.start + 1))
        return span

    def path_to(self, offset: int) -> list[Node]:
        """The lists that hold an offset, outermost first."""
        path: list[Node] = []
        node = self.root
        while True:
            inner = self._child_at(node, offset)
            if inner is None:
                return path
            path.append(inner)
            node = inner

    def _child_at(self, node: Node, offset: int) -> Node | None:
        children = node.children
        low, high = 0, len(children)
        while low < high:
            middle = (low + high) // 2
            if self.offset(children[middle].place) <= offset:
                low = middle + 1
            else:
                high = middle
        if low == 0:
            return None
        found = children[low - 1]
        return found if offset <= self.span(found).end else None

    def problem_span(self, problem: Problem) -> Span:
        """Where a problem stands."""
        at = self.offset(problem.place)
        return Span(at + problem.start, at + problem.end)

    def _read(self) -> None:
        stack: list[Node] = [self.root]
        opens: list[_Open] = [_Open(self.base, None)]
        last: Form | None = None
        numbers = {mark_of(chunk): number for number, chunk in enumerate(self.snapshot.chunks)}
        for chunk in self.snapshot.chunks:
            key = (last, *((each.form, each.indent, each.deeper) for each in opens))
            part: _Part | None = chunk.notes.get("kicad.syntax")
            if part is None or part.key != key:
                part = chunk.notes["kicad.syntax"] = _walk(chunk, opens, last, key)
            if part.named:
                self.named.append((chunk, part.named))
            for node, added in zip(stack, part.added, strict=True):
                if added and not node.form.bulk:
                    if isinstance(node.children, tuple):
                        node.children = []
                    node.children.extend(added)
            for entry, place, word in part.loose:
                stack[entry].add_loose(place, word)
            if len(self.problems) < _MOST_PROBLEMS:
                self.problems.extend(part.problems)
            for entry, place, _recovered in part.closed:
                node = stack.pop()
                well = opens.pop().well
                node.end = place
                if entry > 0:
                    _finish(node, self.problems, words_too=not well or bool(node.loose))
                    self._joined(node, numbers, stack)
            for open_, deeper in zip(opens, part.deeper, strict=False):
                open_.deeper = deeper
            for open_ in part.left:
                known = open_.node
                number = known.number if known else 0
                node = Node(known.piece if known else "", open_.form.head, open_.form, mark_of(chunk), number)
                if known is not None:
                    node.head = known.head
                    node.children = list(known.children)
                    node.loose = list(known.loose)
                parent = stack[-1]
                if parent.children and parent.children[-1] is known:
                    parent.children[-1] = node
                stack.append(node)
                again = _Open(open_.form, node, -1, open_.indent, open_.deeper)
                again.well = open_.well
                opens.append(again)
            last = part.last
        self._end(stack)

    def _joined(self, node: Node, numbers: dict[Mark, int], stack: list[Node]) -> None:
        """A list over several chunks is whole: the node of the version before stays, if nothing in it changed."""
        first, end = numbers[node.mark], numbers[node.end.mark] if node.end else 0
        if end - first > _LONGEST_SPAN or node.form.bulk:
            return
        chunks = [mark_of(chunk) for chunk in self.snapshot.chunks[first : end + 1]]
        kept = self.snapshot.chunks[first].notes.setdefault("kicad.spans", {})
        known = kept.get(node.number)
        if known is not None and known[0] == chunks and known[1].form is node.form:
            siblings = stack[-1].children
            if siblings and siblings[-1] is node:
                siblings[-1] = known[1]
            return
        kept[node.number] = (chunks, node)

    def _end(self, stack: list[Node]) -> None:
        if len(stack) == 1:
            if not self.root.children and self.base.required:
                wanted = " or ".join(f"({head} …)" for head in sorted(self.base.required))
                self.problems.append(Problem(self.root.place, 0, 1, "KC107", f"the file holds no {wanted}"))
            return
        chunk = self.snapshot.chunks[-1]
        for node in stack[1:]:
            node.end = Place(mark_of(chunk), len(pieces(chunk)))
        opened = stack[-1]
        self.problems.append(self._unclosed(opened, stack[1]))

    def _unclosed(self, innermost: Node, outermost: Node) -> Problem:
        """The list that most likely lacks its parenthesis: the first whose indentation and closing don't agree."""
        place, head = misfit(self, outermost) or (innermost.place, innermost.head)
        return Problem(place, 0, 1 + len(head), "KC101", f"({head} is opened here and closed nowhere")


def misfit(document: Document, node: Node) -> tuple[Place, str] | None:
    """The first list, in the order of the text, that is open where its indentation says it should be closed."""
    chunks = document.snapshot.chunks
    begun = next(number for number, chunk in enumerate(chunks) if mark_of(chunk) is node.mark)
    stack: list[tuple[int, Place, str]] = []
    for chunk in chunks[begun:]:
        known = starts(chunk)
        for number, piece in enumerate(pieces(chunk)):
            if mark_of(chunk) is node.mark and number < node.number:
                continue
            if piece.startswith("(") and not piece.endswith(")"):
                indent = _indent(chunk.text, known[number])
                while stack and indent >= 0 and indent <= stack[-1][0]:
                    return stack[-1][1:]
                match = _HEAD.match(piece)
                stack.append((indent, Place(mark_of(chunk), number), match.group(1) if match else ""))
            elif piece == ")" and stack:
                indent = _indent(chunk.text, known[number])
                if indent >= 0 and stack[-1][0] >= 0 and indent < stack[-1][0]:
                    return stack[-1][1:]
                stack.pop()
    return None


def _indent(text: str, at: int) -> int:
    """How far a piece that begins its line is indented; -1 for one that doesn't."""
    line = text.rfind("\n", 0, at) + 1
    return at - line if not text[line:at].strip() else -1


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 12 else "0"


def _walk(chunk: Chunk, opens: list[_Open], last: Form | None, key: tuple[object, ...]) -> _Part:
    """Reads one chunk; see the module."""
    stack = [_Open(each.form, None, number, each.indent, each.deeper) for number, each in enumerate(opens)]
    added: list[list[Node]] = [[] for _ in opens]
    loose: list[tuple[int, Place, Word]] = []
    closed: list[tuple[int, Place, bool]] = []
    problems: list[Problem] = []
    named: list[Node] = []
    behind: Node | None = None
    top = stack[-1]
    form = top.form
    kept: list[Node] | None = added[top.entry]
    bulk = any(each.form.bulk for each in stack)

    def sink(open_: _Open) -> list[Node] | None:
        if bulk:
            return None
        if open_.entry >= 0:
            return added[open_.entry]
        node = open_.node
        if node is None:
            return None
        if isinstance(node.children, tuple):
            node.children = []
        return node.children

    if bulk:
        kept = None
    mark = mark_of(chunk)
    found = pieces(chunk)
    for number, piece in enumerate(found):
        first = piece[0]
        if first == "(":
            if form is UNKNOWN:
                if piece[-1] != ")":
                    top.deeper += 1
                continue
            head = piece[1 : piece.find(" ")] if " " in piece else piece[1:].rstrip(")")
            child = form.children.get(head)
            if child is None:
                match = _HEAD.match(piece)
                head = match.group(1) if match else ""
                child = form.children.get(head)
                after = match.end() if match else 1
                if child is None:
                    if form.open:
                        child = UNKNOWN
                    else:
                        # A list that this one doesn't know: is a parenthesis missing before it, or one too many?
                        again = _reach(chunk, found, number, head, stack)
                        if again:
                            for _ in range(again):
                                left = stack.pop()
                                bulk = any(each.form.bulk for each in stack)
                                here = Place(mark, number)
                                if left.entry >= 0:
                                    closed.append((left.entry, Place(mark, max(number - 1, 0)), True))
                                elif left.node is not None:
                                    left.node.end = Place(mark, number - 1)
                            top = stack[-1]
                            form = top.form
                            kept = sink(top)
                            child = form.children[head]
                            problems.append(
                                Problem(here, 0, 1 + len(head), "KC101", f"a ')' is missing in front of this ({head}")
                            )
                        elif (
                            behind is not None
                            and behind.end is not None
                            and behind.end.number == number - 1
                            and head in behind.form.children
                            and _deeper(chunk, number, behind)
                        ):
                            problems.append(
                                Problem(behind.end, 0, 1, "KC102", f"this ')' closes ({behind.head} too early")
                            )
                            stack.append(_Open(behind.form, behind))
                            top = stack[-1]
                            form = top.form
                            kept = sink(top)
                            child = form.children[head]
                        else:
                            problems.append(_unknown(Place(mark, number), piece, head, form))
                            child = UNKNOWN
            else:
                after = 1 + len(head)
            node = Node(piece, head, child, mark, number)
            if kept is not None:
                kept.append(node)
            if piece[-1] == ")":
                if child.words.fullmatch(piece, after) is None and child is not UNKNOWN:
                    problems.extend(check_words(node))
                if child.required:
                    _finish(node, problems, words_too=False)
                if head in _NAMING:
                    named.append(node)
                behind = node
                continue
            if len(stack) > _DEEPEST:
                child = node.form = UNKNOWN
            top = _Open(child, node)
            if child is not UNKNOWN and child.words.fullmatch(piece, after) is None:
                top.well = False
            stack.append(top)
            form = child
            bulk = bulk or child.bulk
            kept = None
            if not bulk and child is not UNKNOWN:
                node.children = []
                kept = node.children
        elif first == ")":
            if form is UNKNOWN and top.deeper:
                top.deeper -= 1
                continue
            if len(stack) == 1:
                problems.append(Problem(Place(mark, number), 0, 1, "KC102", "this ')' closes nothing"))
                continue
            stack.pop()
            here = Place(mark, number)
            if top.entry >= 0:
                closed.append((top.entry, here, False))
                last = top.form
                behind = None
            else:
                ended = top.node
                if ended is not None:
                    ended.end = here
                    if form is not UNKNOWN and (form.required or not top.well or ended.loose):
                        _finish(ended, problems, required=not bulk, words_too=not top.well or bool(ended.loose))
                    behind = ended
            top = stack[-1]
            form = top.form
            if bulk:
                bulk = any(each.form.bulk for each in stack)
            kept = sink(top)
        elif form is UNKNOWN or form.bulk or piece.lstrip()[0] == "#":
            continue
        else:
            if first == '"' and not _STRING.fullmatch(piece):
                problems.append(
                    Problem(Place(mark, number), 0, len(piece), "KC103", "this string isn't closed on its line")
                )
            word = (Place(mark, number), Word(piece, 0))
            if len(stack) == 1:
                problems.append(
                    Problem(word[0], 0, len(piece), "KC104", "a word on its own: KiCad's files are one list")
                )
            elif top.entry >= 0:
                loose.append((top.entry, *word))
            elif top.node is not None:
                top.node.add_loose(*word)
    left_open = [each for each in stack if each.entry < 0]
    known = starts(chunk) if left_open else []
    for each in left_open:
        if each.node is not None:
            each.indent = _indent(chunk.text, known[each.node.number]) if each.node.mark is mark else -1
    deeper = [each.deeper for each in stack if each.entry >= 0]
    return _Part(key, added, loose, closed, left_open, deeper, problems[:_MOST_PROBLEMS], last, named)


def _reach(chunk: Chunk, found: list[str], number: int, head: str, stack: list[_Open]) -> int:
    """How many lists would have to end for this head to stand where it may; 0 if its indentation speaks against it."""
    indent = _indent(chunk.text, starts(chunk)[number])
    if indent < 0:
        return 0
    for count in range(1, len(stack)):
        holder = stack[-1 - count]
        if head not in holder.form.children:
            continue
        outermost = stack[-count]
        begun = outermost.indent
        if outermost.entry < 0 and outermost.node is not None:
            begun = _indent(chunk.text, starts(chunk)[outermost.node.number])
        return count if 0 <= indent <= begun else 0
    return 0


def _deeper(chunk: Chunk, number: int, behind: Node) -> bool:
    if behind.mark is not mark_of(chunk):
        return False
    known = starts(chunk)
    return _indent(chunk.text, known[number]) > _indent(chunk.text, known[behind.number]) >= 0


def _unknown(place: Place, piece: str, head: str, form: Form) -> Problem:
    from difflib import get_close_matches

    at = piece.index(head, 1) if head else 0
    where = f"in ({form.head}" if form.head else "here"
    near = tuple(get_close_matches(head, form.children, 1, 0.75))
    meant = f"; did you mean {near[0]}?" if near else ""
    if not head:
        return Problem(place, 0, 1, "KC104", f"a list without a name {where}")
    return Problem(place, at, at + len(head), "KC104", f"KiCad knows no {head} {where}{meant}", near)


def _finish(node: Node, problems: list[Problem], *, required: bool = True, words_too: bool = True) -> None:
    """What can only be said at a list's end: whether all is there."""
    form = node.form
    if words_too and form is not UNKNOWN:
        problems.extend(check_words(node))
    if required and form.required and not form.bulk:
        missing = form.required.difference([child.head for child in node.children])
        for head in sorted(missing):
            problems.append(Problem(node.place, 0, 1 + len(node.head), "KC106", f"({node.head} lacks its ({head} …)"))


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


def _described(argument: object) -> str:
    from kiki_tools.kicad.schema import Argument

    assert isinstance(argument, Argument)
    if argument.choices:
        return " or ".join(argument.choices)
    return {"number": "a number", "integer": "a whole number"}.get(argument.type, f"the {argument.label}")


def _wrong(given: tuple[Place, Word], message: str, argument: object) -> Problem:
    place, word = given
    choices = getattr(argument, "choices", ())
    return Problem(place, word.start, word.start + len(word.raw), "KC105", message, tuple(choices))


_EXTENSIONS = {
    ".kicad_sch": ("kicad_sch",),
    ".kicad_sym": ("kicad_symbol_lib",),
    ".kicad_pcb": ("kicad_pcb",),
    ".kicad_mod": ("footprint", "module"),
    ".kicad_wks": ("kicad_wks", "page_layout", "drawing_sheet"),
}
_TABLES = {"sym-lib-table": "sym_lib_table", "fp-lib-table": "fp_lib_table"}


def base_form(path: str) -> Form | None:
    """What may stand in the file with this name; None for a file that is no s-expression of KiCad's."""
    from pathlib import PurePath

    pure = PurePath(path)
    if pure.suffix == ".kicad_dru":
        return root_form("kicad_dru")
    heads = _EXTENSIONS.get(pure.suffix) or ((_TABLES[pure.name],) if pure.name in _TABLES else ())
    if not heads:
        return None
    return _file_form(heads)


_bases: dict[tuple[str, ...], Form] = {}


def _file_form(heads: tuple[str, ...]) -> Form:
    if heads not in _bases:
        children = {head: form for head in heads if (form := root_form(head)) is not None}
        _bases[heads] = Form("", "", children=children, required=frozenset(heads[:1]))
    return _bases[heads]


def document_of(snapshot: Snapshot) -> Document:
    """The tree of a file, kept with its snapshot.

    Raises:
        ValueError: if the file's name is none of KiCad's.
    """
    return snapshot.kept("kicad.document", _document)


def _document(snapshot: Snapshot) -> Document:
    base = base_form(snapshot.path)
    if base is None and (match := _HEAD.search(snapshot.slice(Span(0, 4000)))) and root_form(match.group(1)):
        base = _file_form((match.group(1),))
    if base is None:
        raise ValueError(f"{snapshot.path} is no file of KiCad's")
    return Document(snapshot, base)
