"""The syntax of KiCad's files: which list stands where, told while it is read, chunk by chunk.

A chunk is read knowing only which lists are open where it begins; what came of it is noted on the chunk, so an edit
reads one chunk anew and joins the rest. Where a parenthesis is missing or superfluous, the schema tells at which list
that shows: reading goes on as if it weren't.
"""

from __future__ import annotations

import gc
from functools import cached_property
from pathlib import PurePath

from kiki_tools.kicad.reading import HEAD, MOST_PROBLEMS, Before, Open, Problem, closed_late, finish, indentation, read
from kiki_tools.kicad.schema import Form, root_form
from kiki_tools.kicad.sexpr import Mark, Node, Place, mark_of, pieces, starts
from kiki_tools.text import Chunk, Snapshot, Span

_LONGEST_SPAN = 64
_LARGE = 100_000


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
        collecting = gc.isenabled() and snapshot.length > _LARGE
        if collecting:
            gc.disable()  # nothing that is made here is garbage: looking for it takes longer than the reading
        try:
            self._read()
        finally:
            if collecting:
                gc.enable()
        self._place_surplus()

    @property
    def main(self) -> Node | None:
        """The file's list; None for a file without one."""
        return self.root.children[0] if self.root.children else None

    @cached_property
    def version(self) -> int:
        """The date of the file's format; 0 if the file doesn't tell."""
        if self.base.name == "kicad_dru":
            return int(_digits(self.root.text_of("version")))
        found = self.part("version")
        return int(_digits(found.value())) if found is not None else 0

    def part(self, head: str) -> Node | None:
        """The first list with this head in the file's own list; those of a file's beginning are found at once."""
        return next((child for child in self.main.children if child.head == head), None) if self.main else None

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
        opens: list[Open] = [Open(self.base, None)]
        before = Before()
        numbers = {mark_of(chunk): number for number, chunk in enumerate(self.snapshot.chunks)}
        for chunk in self.snapshot.chunks:
            part = read(chunk, opens, before)
            if part.named:
                self.named.append((chunk, part.named))
            for node, added in zip(stack, part.added, strict=True):
                if added and not node.form.bulk:
                    if isinstance(node.children, tuple):
                        node.children = []
                    node.children.extend(added)
            for entry, place, word in part.loose:
                stack[entry].add_loose(place, word)
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.extend(part.problems)
            for entry, place, recovered in part.closed:
                node = stack.pop()
                ended = opens.pop()
                node.end = place
                if recovered:
                    found_at, head = misfit(self, node) or (node.place, node.head)
                    self.problems.append(Problem(found_at, 0, 1 + len(head), "KC101", f"({head} is never closed"))
                if entry > 0 and node.piece:
                    finish(node, self.problems, words_too=not ended.well or bool(node.loose))
                    self._joined(node, numbers, stack[-1], ended.spot)
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
                again = Open(open_.form, node, -1, open_.indent, open_.deeper)
                again.well = open_.well
                again.spot = len(parent.children) - 1
                opens.append(again)
            before = part.after
        self._end(stack)

    def _place_surplus(self) -> None:
        """Tells a parenthesis too many where the indentation shows it, not where the file's list ends too early."""
        behind = [number for number, each in enumerate(self.problems) if each.code == "KC112" or each.surplus]
        if not behind or (place := surplus(self)) is None:
            return
        told = "a ')' too many: the lists around it end too early"
        first = self.problems[behind[0]]
        if first.surplus or any(each.code in ("KC104", "KC106") for each in self.problems):
            self.problems.insert(behind[0], Problem(place, 0, 1, "KC102", told))
            if first.surplus:
                del self.problems[behind[0] + 1]
        else:
            self.problems[behind[0]] = Problem(
                place, 0, 1, "KC112", f"{told}; KiCad reads nothing behind the file's list"
            )

    def _joined(self, node: Node, numbers: dict[Mark, int], parent: Node, spot: int) -> None:
        """A list over several chunks is whole: the node of the version before stays, if nothing in it changed."""
        first, end = numbers[node.mark], numbers[node.end.mark] if node.end else 0
        if end - first > _LONGEST_SPAN or node.form.bulk:
            return
        chunks = [mark_of(chunk) for chunk in self.snapshot.chunks[first : end + 1]]
        kept = self.snapshot.chunks[first].notes.setdefault("kicad.spans", {})
        known = kept.get(node.number)
        if known is not None and known[0] == chunks and known[1].form is node.form:
            held = parent.children  # of a list in bulk there are none
            if isinstance(held, list) and 0 <= spot < len(held) and held[spot] is node:
                held[spot] = known[1]
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
        return Problem(place, 0, 1 + len(head), "KC101", f"({head} is never closed")


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
                indent = indentation(chunk.text, known[number])
                while stack and indent >= 0 and indent <= stack[-1][0]:
                    return stack[-1][1:]
                match = HEAD.match(piece)
                stack.append((indent, Place(mark_of(chunk), number), match.group(1) if match else ""))
            elif closed_late(piece, chunk.text, known[number]):
                match = HEAD.match(piece)
                return Place(mark_of(chunk), number), match.group(1) if match else ""
            elif piece == ")" and stack:
                indent = indentation(chunk.text, known[number])
                if indent >= 0 and stack[-1][0] >= 0 and indent < stack[-1][0]:
                    return stack[-1][1:]
                stack.pop()
    return None


def surplus(document: Document) -> Place | None:
    """The parenthesis that is most likely too many: what it closes is closed again, where the indentation wants it."""
    stack: list[int] = []
    last: tuple[Chunk, int] | None = None
    for chunk in document.snapshot.chunks:
        for number, opens, indent in _turns(chunk):
            if opens:
                stack.append(indent)
                continue
            if not stack:
                return _place(last)
            begun = stack.pop()
            if last is not None and indent >= 0 and 0 <= begun < indent:
                return _place(last)
            last = chunk, number
            if not stack and indent != begun:
                return _place(last)
    return None


def _place(found: tuple[Chunk, int] | None) -> Place | None:
    return Place(mark_of(found[0]), found[1]) if found is not None else None


def _turns(chunk: Chunk) -> list[tuple[int, bool, int]]:
    """The pieces that open or close a list of several pieces, each by its number, with its indentation."""
    known: list[tuple[int, bool, int]] | None = chunk.notes.get("kicad.turns")
    if known is None:
        begins = starts(chunk)
        known = chunk.notes["kicad.turns"] = [
            (number, piece != ")", indentation(chunk.text, begins[number]))
            for number, piece in enumerate(pieces(chunk))
            if piece == ")" or (piece.startswith("(") and not piece.endswith(")"))
        ]
    return known


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 12 else "0"


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
    if base is None and (match := HEAD.search(snapshot.slice(Span(0, 4000)))) and root_form(match.group(1)):
        base = _file_form((match.group(1),))
    if base is None:
        raise ValueError(f"{snapshot.path} is no file of KiCad's")
    return Document(snapshot, base)
