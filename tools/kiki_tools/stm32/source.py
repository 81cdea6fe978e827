"""What a C file says that a chip cares about: its functions with their calls and assignments, its variables.

Read with tree-sitter, so unfinished code and macros that hide braces cost no more than themselves. What one function
says is kept by its text, so an edit reads one function again. Offsets are characters.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Generic, NamedTuple, TypeVar

from tree_sitter import Node, Parser, Query, QueryCursor, Tree

from kiki_tools.stm32.code import Assignment, Branch, Call, Declared, Function, Source, Variable, Word, new
from kiki_tools.stm32.trees import C, Offsets, changed, tree_of
from kiki_tools.text import Snapshot, Span

_LONGEST = 400_000
"""Of a longer function nothing is read: it is a table, or no C."""
_MOST = 20_000
"""Of a generated file with more functions the rest is passed over."""
_Built = TypeVar("_Built")


def locals_of(function: Function) -> tuple[Variable, ...]:
    """The variables declared in a function; places count from its start."""
    return function.noted(
        "locals",
        lambda it: tuple(
            one.moved(each.start) for each in it.declarations for one in _declaration_of(each.text).variables
        ),
    )


def source_of(snapshot: Snapshot) -> Source:
    """What the file says, kept with its snapshot."""
    return snapshot.kept("stm32.source", _source)


_Said = Function | Word | tuple[str, str] | tuple[int, "Declared"] | None
"""What one item of a file says: a function, an include, a macro; a declaration with its place."""


class _Items(NamedTuple):
    """The items of one version of a file: where their bytes begin and end, their kinds, and what they say."""

    code: bytes
    length: int
    starts: list[int]
    ends: list[int]
    kinds: list[int]
    said: list[_Said]


def _source(snapshot: Snapshot) -> Source:
    tree, offsets = tree_of(snapshot)
    functions: list[Function] = []
    declared: list[tuple[int, Declared]] = []
    includes: list[Word] = []
    defines: list[tuple[str, str]] = []
    for said in _read_items(tree, offsets, snapshot):
        if isinstance(said, Function):
            functions.append(said)
        elif isinstance(said, Word):
            includes.append(said)
        elif said is None:
            continue
        elif isinstance(said[0], int):
            declared.append(said)
        else:
            defines.append(said)
    return Source(tuple(functions[:_MOST]), tuple(declared), tuple(includes), tuple(defines))


def _read_items(tree: Tree, offsets: Offsets, snapshot: Snapshot) -> list[_Said]:
    """What the file's items say; of those before and behind the last edit what the version before said."""
    code = snapshot.text.encode("utf-8", "surrogatepass")
    nodes = list(_items(tree.root_node))
    starts = [node.start_byte for node in nodes]
    ends = [node.end_byte for node in nodes]
    kinds = [node.kind_id for node in nodes]
    before: _Items | None = snapshot.history.get(_ITEMS)
    first: list[_Said] = []
    last: list[_Said] = []
    if before is not None:
        start, old_end, _ = changed(before.code, code)
        shift, characters = len(code) - len(before.code), snapshot.length - before.length
        known = list(zip(before.starts, before.ends, before.kinds, strict=True))
        found = list(zip(starts, ends, kinds, strict=True))
        front = bisect_right(before.ends, start)
        while front and known[:front] != found[:front]:
            front //= 2
        behind = min(len(known) - bisect_left(before.starts, old_end), len(found) - front, len(known) - front)
        moved = [(low + shift, high + shift, kind) for low, high, kind in known[len(known) - behind :]]
        while behind and moved[len(moved) - behind :] != found[len(found) - behind :]:
            behind //= 2
        first = before.said[:front]
        last = [_moved(said, characters) for said in before.said[len(known) - behind :]]
    middle = [_said(node, offsets) for node in nodes[len(first) : len(nodes) - len(last)]]
    said = [*first, *middle, *last]
    snapshot.history[_ITEMS] = _Items(code, snapshot.length, starts, ends, kinds, said)
    return said


def _moved(said: _Said, by: int) -> _Said:
    """What an item says when it stands elsewhere."""
    if isinstance(said, Function):
        return said.moved(said.start + by)
    if isinstance(said, Word):
        return said.moved(by)
    if said is not None and isinstance(said[0], int):
        return said[0] + by, said[1]
    return said


_ITEMS = "stm32.items"


def _said(node: Node, offsets: Offsets) -> _Said:
    """What one item says; None for those that say nothing here."""
    kind = node.type
    if kind == "function_definition":
        found = _function(node) if node.end_byte - node.start_byte < _LONGEST else None
        return found.moved(offsets.char(node.start_byte)) if found is not None else None
    if kind == "declaration":
        return offsets.char(node.start_byte), _declaration(node)
    if kind == "preproc_include":
        path = node.child_by_field_name("path")
        return Word(_text(path), offsets.char(path.start_byte), offsets.char(path.end_byte)) if path else None
    if kind in ("preproc_def", "preproc_function_def"):
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        parameters = node.child_by_field_name("parameters")
        if name is None or value is None:
            return None
        if kind == "preproc_def":
            return _text(name), _text(value).strip()
        if parameters is not None and not parameters.named_children:
            return _text(name), _text(value).strip().rstrip(";").removesuffix("()")
    return None


def _items(root: Node) -> Iterator[Node]:
    """The file's items, those between `#if` and in `extern "C"` with them."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.type in _OUTER:
            stack.extend(reversed(node.named_children))
        else:
            yield node


_OUTER = {
    "translation_unit", "preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "linkage_specification",
    "declaration_list", "ERROR",
}  # fmt: skip


def _text(node: Node) -> str:
    code = node.text or b""
    try:
        return code.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # a node that begins or ends within a lone surrogate
        return code.decode("utf-8", "replace")


class _Known(Generic[_Built]):
    """What was read, by its text: the latest ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Built] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> _Built | None:
        return self._kept.get(text)

    def put(self, text: str, found: _Built) -> None:
        with self._lock:
            self._kept[text] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class _Piece:
    """A stretch of code on its own: its text, and where in it the nodes of a tree lie."""

    __slots__ = ("_base", "_offsets", "text")

    def __init__(self, node: Node, text: str) -> None:
        self.text = text
        self._base = node.start_byte
        size = node.end_byte - node.start_byte
        self._offsets = None if len(text) == size else Offsets(text, size)

    def span(self, node: Node) -> Span:
        start, end = node.byte_range
        start -= self._base
        end -= self._base
        if self._offsets is not None:
            start, end = self._offsets.char(start), self._offsets.char(end)
        return Span(start, end)

    def word(self, node: Node) -> Word:
        start, end = node.byte_range
        start -= self._base
        end -= self._base
        if self._offsets is not None:
            start, end = self._offsets.char(start), self._offsets.char(end)
        return new(Word, (self.text[start:end], start, end))


_NOTHING = Declared((), (), ())
_DECLARATIONS: _Known[Declared] = _Known(_MOST)
_FUNCTIONS: _Known[tuple[Function | None]] = _Known(_MOST)


def _declaration(node: Node) -> Declared:
    """The variables of one declaration."""
    text = _text(node) if node.end_byte - node.start_byte < _LONGEST else ""
    known = _DECLARATIONS.get(text)
    if known is None:
        known = _declaration_of(text) if node.has_error else _declared(node, text)
        _DECLARATIONS.put(text, known)
    return known


@lru_cache(maxsize=2_000)
def _declaration_of(text: str) -> Declared:
    root = Parser(C).parse(text.encode("utf-8", "surrogatepass")).root_node
    node = next((child for child in _items(root) if child.type == "declaration"), None)
    return _declared(node, text, root) if node is not None else _NOTHING


def _declared(node: Node, text: str, whole: Node | None = None) -> Declared:
    kind = node.child_by_field_name("type")
    written = text.partition("=")[0]
    storage = _STORAGE.findall(written.partition("{")[0]) if "ex" in written or "typedef" in written else []
    if kind is None or "typedef" in storage:
        return _NOTHING
    piece = _Piece(whole or node, text)
    volatile = _VOLATILE.search(written) is not None
    constant = "const" in written and re.search(r"\bconst\b", written) is not None
    found = []
    for child in node.children_by_field_name("declarator"):
        inner: Node | None = child
        array = False
        while inner is not None and inner.type in ("init_declarator", "array_declarator", "pointer_declarator"):
            array = array or inner.type == "array_declarator"
            inner = inner.child_by_field_name("declarator")
        if inner is not None and inner.type == "identifier":
            found.append(
                Variable(
                    piece.word(inner),
                    piece.word(kind).text,
                    piece.span(kind),
                    volatile,
                    constant,
                    text[:500],
                    array,
                    text.lstrip().startswith("static"),
                )
            )
    if storage:
        return Declared((), tuple(found), ())
    settings = tuple(_initialised(node, piece)) if "{" in text and "." in text else ()
    return Declared(tuple(found), (), settings)


_STORAGE = re.compile(r"\b(?:extern|typedef)\b")
_VOLATILE = re.compile(r"\b(?:volatile|__IO|__IOM|__IM|__OM|__I|__O)\b")


def _initialised(node: Node, piece: _Piece) -> Iterator[Assignment]:
    """What the designated initialisers of a declaration set."""
    for child in node.children_by_field_name("declarator"):
        name, value = child.child_by_field_name("declarator"), child.child_by_field_name("value")
        if child.type == "init_declarator" and name is not None and value is not None:
            yield from _designated(piece.word(name).text, value, piece)


def _designated(owner: str, value: Node, piece: _Piece) -> Iterator[Assignment]:
    """`owner.Field = value` for each `.Field = value` in the braces."""
    todo = [(owner, value)]
    while todo:
        owner, value = todo.pop()
        if value.type == "compound_literal_expression":
            inner = value.child_by_field_name("value")
            todo += [(owner, inner)] if inner is not None else []
            continue
        if value.type != "initializer_list":
            continue
        for pair in value.named_children:
            if pair.type != "initializer_pair":
                continue
            fields = [each for each in pair.children_by_field_name("designator") if each.type == "field_designator"]
            set_to = pair.child_by_field_name("value")
            if not fields or set_to is None:
                continue
            name = owner + "".join(piece.word(each).text for each in fields)
            if set_to.type == "initializer_list":
                todo.append((name, set_to))
            else:
                place = piece.span(fields[0])
                yield Assignment(Word(name, place.start, place.end), "=", piece.word(set_to))


@cache
def _query() -> Query:
    return Query(
        C,
        """
        (call_expression) @call
        (assignment_expression) @assignment
        (update_expression) @update
        (while_statement) @while
        (do_statement) @do
        (for_statement) @for
        (if_statement) @if
        (switch_statement) @switch
        (declaration) @declaration
        """,
    )


def _function(node: Node) -> Function | None:
    """What a function says, its places counted from its beginning.

    Where the tree has errors in it, its text is read on its own: what it says must not hang on how it came about.
    """
    text = _text(node)
    known = _FUNCTIONS.get(text)
    if known is None:
        if node.has_error:
            root = Parser(C).parse(text.encode("utf-8", "surrogatepass")).root_node
            alone = next((child for child in _items(root) if child.type == "function_definition"), None)
            known = (_read(alone, root, text) if alone is not None else None,)
        else:
            known = (_read(node, node, text),)
        _FUNCTIONS.put(text, known)
    return known[0]


def _read(node: Node, whole: Node, text: str) -> Function | None:
    declarator = node.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    called = declarator.child_by_field_name("declarator") if declarator is not None else None
    if called is None or called.type != "identifier":
        return None
    piece = _Piece(whole, text)
    captures = QueryCursor(_query()).captures(node)
    branches = _branches(captures, piece)
    loops = sorted((each.body for each in branches if each.kind in ("while", "do", "for")), key=lambda it: it.start)
    calls = _calls(captures.get("call", ()), loops, piece)
    assignments: list[Assignment] = []
    for each in captures.get("assignment", ()):
        parts = each.children
        if len(parts) != 3:
            parts = [part for part in parts if part.type != "comment"]
        if len(parts) != 3:
            continue
        left, operator, right = parts
        target = piece.word(left)
        if not target.text.isidentifier() and _SPACE.search(target.text):
            target = Word(_SPACE.sub("", target.text), target.start, target.end)
        if right.type == "compound_literal_expression":
            assignments += _designated(target.text, right, piece)
        assignments.append(Assignment(target, operator.type, piece.word(right)))
    for each in captures.get("update", ()):
        argument, step = each.child_by_field_name("argument"), each.child_by_field_name("operator")
        if argument is not None and step is not None:
            assignments.append(Assignment(piece.word(argument), step.type, piece.word(argument)))
    declarations = []
    for each in captures.get("declaration", ()):
        word = piece.word(each)
        declarations.append(word)
        if "{" in word.text and "." in word.text:
            assignments += _initialised(each, piece)
    assignments.sort(key=lambda each: each.target.start)
    return Function(piece.word(called), text, tuple(calls), tuple(assignments), tuple(branches), tuple(declarations))


_SPACE = re.compile(r"\s+")


def _branches(captures: Mapping[str, Sequence[Node]], piece: _Piece) -> list[Branch]:
    found = []
    for kind in ("if", "while", "do", "for", "switch"):
        for each in captures.get(kind, ()):
            condition = each.child_by_field_name("condition")
            body = each.child_by_field_name("consequence" if kind == "if" else "body")
            if body is not None:
                word = piece.word(condition) if condition is not None else None
                found.append(Branch(kind, word, piece.span(body), _is_idle(body)))
    found.sort(key=lambda each: each.body.start)
    return found


def _is_idle(body: Node) -> bool:
    if body.type == "expression_statement":
        return not body.named_children
    return body.type == "compound_statement" and all(child.type == "comment" for child in body.named_children)


def _calls(nodes: Sequence[Node], loops: Sequence[Span], piece: _Piece) -> list[Call]:
    found = []
    for node in nodes:
        parts = node.children
        function, arguments = parts[0], parts[-1]
        if function.type != "identifier" or arguments.type != "argument_list":
            continue
        words = tuple(piece.word(child) for child in arguments.named_children if child.type != "comment")
        parent = node.parent
        alone = parent is not None and parent.type == "expression_statement"
        found.append((piece.span(node), piece.word(function), words, alone))
    found.sort(key=lambda each: each[0].start)
    calls = []
    around: list[Span] = []
    next_loop = 0
    for span, name, words, alone in found:
        while next_loop < len(loops) and loops[next_loop].start <= span.start:
            around.append(loops[next_loop])
            next_loop += 1
        while around and around[-1].end <= span.start:
            around.pop()
        calls.append(Call(name, words, alone, span, len(around)))
    return calls
