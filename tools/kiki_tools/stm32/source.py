"""What a C file says that a chip cares about: its functions with their calls and assignments, its variables.

Read with tree-sitter, so unfinished code and macros that hide braces cost no more than themselves. What one function
says is kept by its text, so an edit reads one function again. Offsets are characters.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from kiki_tools.text import Snapshot, Span

_WIDE = re.compile(r"[^\x00-\x7f]")
_C = Language(tree_sitter_c.language())
_KEPT = 24
_LONGEST = 400_000
"""Of a longer function nothing is read: it is a table, or no C."""
_MOST = 20_000
"""Of a generated file with more functions the rest is passed over."""


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of code, with its place."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its function's name and its arguments. ``alone``: nothing takes what it returns."""

    name: Word
    arguments: tuple[Word, ...]
    alone: bool
    span: Span
    loops: int = 0
    """How many loops it stands in."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target operator value`: the target as written, such as `GPIO_InitStruct.Pin`."""

    target: Word
    operator: str
    value: Word


@dataclass(frozen=True, slots=True)
class Function:
    """A function's definition; its calls and assignments in the order of the text.

    ``start``: where it begins in the file; all places in it count from there. ``names``: all identifiers in it.
    """

    name: Word
    span: Span
    calls: tuple[Call, ...]
    assignments: tuple[Assignment, ...]
    waits: tuple[Word, ...]
    """The conditions of its `while` loops without a body that does anything."""
    names: frozenset[str]
    is_static: bool
    is_endless: bool
    """Whether it holds a loop without end."""
    start: int = 0
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out about its text alone; shared by all versions of the file that have it."""

    def place(self, span: Span) -> Span:
        """A span of the function's as one of the file."""
        return Span(self.start + span.start, self.start + span.end)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the file: its name, type as written, and the place of the type."""

    name: Word
    type: str
    type_span: Span
    is_volatile: bool
    is_constant: bool

    def moved(self, by: int) -> Variable:
        """The same at another place."""
        place, kind = self.name.span, self.type_span
        name = Word(self.name.text, Span(place.start + by, place.end + by))
        span = Span(kind.start + by, kind.end + by)
        return Variable(name, self.type, span, self.is_volatile, self.is_constant)


@dataclass(frozen=True, slots=True)
class Source:
    """One C file."""

    functions: tuple[Function, ...]
    variables: tuple[Variable, ...]
    includes: tuple[Word, ...]
    defines: tuple[tuple[str, str], ...]

    def function(self, name: str) -> Function | None:
        """The function of this name."""
        return next((each for each in self.functions if each.name.text == name), None)


def source_of(snapshot: Snapshot) -> Source:
    """What the file says, kept with its snapshot."""
    return snapshot.kept("stm32.source", _source)


class _Trees:
    """The last tree of each file, to read the next version of it from."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[bytes, Tree]] = OrderedDict()
        self._lock = threading.Lock()
        self._parser = Parser(_C)

    def tree(self, path: str, code: bytes) -> Tree:
        with self._lock:
            before = self._kept.pop(path, None) if path else None
            if before is None:
                tree = self._parser.parse(code)
            else:
                old, tree = before
                if old != code:
                    _edit(tree, old, code)
                    tree = self._parser.parse(code, tree)
            if path:
                self._kept[path] = (code, tree)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return tree.copy()


def _edit(tree: Tree, old: bytes, new: bytes) -> None:
    """Tells a tree what changed between two versions: one stretch, from the first to the last difference."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end

    def point(code: bytes, at: int) -> tuple[int, int]:
        return code.count(b"\n", 0, at), at - (code.rfind(b"\n", 0, at) + 1)

    tree.edit(start, old_end, new_end, point(old, start), point(old, old_end), point(new, new_end))


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


_TREES = _Trees()


class Offsets:
    """Turns offsets in bytes into offsets in characters."""

    def __init__(self, text: str, size: int) -> None:
        self._bytes: list[int] = []
        self._extra = [0]
        if len(text) != size:
            extra = 0
            for match in _WIDE.finditer(text):
                self._bytes.append(match.start() + extra)
                extra += len(match.group().encode("utf-8", "surrogatepass")) - 1
                self._extra.append(extra)

    def char(self, byte: int) -> int:
        """The character that begins at the byte."""
        return byte - self._extra[bisect_left(self._bytes, byte)]


def tree_of(snapshot: Snapshot) -> tuple[Tree, Offsets]:
    """The file's tree, and what turns its bytes into characters."""

    def build(text: Snapshot) -> tuple[Tree, Offsets]:
        code = text.text.encode("utf-8", "surrogatepass")
        return _TREES.tree(text.path, code), Offsets(text.text, len(code))

    return snapshot.kept("stm32.tree", build)


def _source(snapshot: Snapshot) -> Source:
    tree, offsets = tree_of(snapshot)
    functions: list[Function] = []
    variables: list[Variable] = []
    includes: list[Word] = []
    defines: list[tuple[str, str]] = []
    for node in _items(tree.root_node):
        start = offsets.char(node.start_byte)
        if node.type == "function_definition":
            if len(functions) < _MOST and node.end_byte - node.start_byte < _LONGEST and node.text is not None:
                found = _function(node.text.decode("utf-8", "replace"))
                if found is not None:
                    functions.append(replace(found, start=start))
        elif node.type == "declaration":
            for one in _declaration(_text(node)):
                variables.append(one.moved(start))
        elif node.type == "preproc_include":
            path = node.child_by_field_name("path")
            if path is not None:
                includes.append(_word(path, offsets))
        elif node.type == "preproc_function_def":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            parameters = node.child_by_field_name("parameters")
            if name is not None and value is not None and parameters is not None and not parameters.named_children:
                defines.append((_text(name), _text(value).strip().rstrip(";").removesuffix("()")))
        elif node.type == "preproc_def":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value is not None:
                defines.append((_text(name), _text(value).strip()))
    return Source(tuple(functions), tuple(variables), tuple(includes), tuple(defines))


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
    return (node.text or b"").decode("utf-8", "replace")


def _word(node: Node, offsets: Offsets) -> Word:
    return Word(_text(node), Span(offsets.char(node.start_byte), offsets.char(node.end_byte)))


@lru_cache(maxsize=20_000)
def _declaration(text: str) -> tuple[Variable, ...]:
    """The variables of a declaration's text, from its beginning on."""
    code = text.encode()
    node = next(iter(Parser(_C).parse(code).root_node.named_children), None)
    return tuple(_variables(node, Offsets(text, len(code)))) if node is not None else ()


def _variables(node: Node, offsets: Offsets) -> Iterator[Variable]:
    kind = node.child_by_field_name("type")
    if kind is None:
        return
    written = _text(node).partition("=")[0]
    volatile = re.search(r"\b(volatile|__IO|__IOM|__I|__O)\b", written) is not None
    constant = re.search(r"\bconst\b", written) is not None
    storage = {_text(child) for child in node.children if child.type == "storage_class_specifier"}
    if "extern" in storage or "typedef" in storage:
        return
    for child in node.children_by_field_name("declarator"):
        inner: Node | None = child
        while inner is not None and inner.type in ("init_declarator", "array_declarator", "pointer_declarator"):
            inner = inner.child_by_field_name("declarator")
        if inner is not None and inner.type == "identifier":
            span = Span(offsets.char(kind.start_byte), offsets.char(kind.end_byte))
            yield Variable(_word(inner, offsets), _text(kind), span, volatile, constant)


@cache
def _query() -> Query:
    return Query(
        _C,
        """
        (call_expression) @call
        (assignment_expression) @assignment
        (update_expression) @update
        (while_statement) @while
        (for_statement !condition) @endless
        (identifier) @name
        """,
    )


@lru_cache(maxsize=20_000)
def _function(text: str) -> Function | None:
    """What a function's text says, from its beginning on."""
    code = text.encode()
    offsets = Offsets(text, len(code))
    root = Parser(_C).parse(code).root_node
    node = next((child for child in _items(root) if child.type == "function_definition"), None)
    declarator = node.child_by_field_name("declarator") if node is not None else None
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    called = declarator.child_by_field_name("declarator") if declarator is not None else None
    if node is None or called is None or called.type != "identifier":
        return None
    captures = QueryCursor(_query()).captures(node)
    calls = [call for each in captures.get("call", ()) if (call := _call(each, offsets)) is not None]
    assignments = [found for each in captures.get("assignment", ()) if (found := _assignment(each, offsets))]
    for each in captures.get("update", ()):
        argument, operator = each.child_by_field_name("argument"), each.child_by_field_name("operator")
        if argument is not None and operator is not None:
            assignments.append(Assignment(_word(argument, offsets), _text(operator), _word(argument, offsets)))
    waits = []
    endless = bool(captures.get("endless"))
    for each in captures.get("while", ()):
        condition, body = each.child_by_field_name("condition"), each.child_by_field_name("body")
        endless = endless or (condition is not None and _text(condition).strip("( )") in ("1", "true"))
        if condition is not None and body is not None and _is_idle(body):
            waits.append(_word(condition, offsets))
    names = frozenset(_text(each) for each in captures.get("name", ()))
    static = any(child.type == "storage_class_specifier" and _text(child) == "static" for child in node.children)
    assignments.sort(key=lambda each: each.target.span.start)
    calls.sort(key=lambda each: each.span.start)
    return Function(
        _word(called, offsets),
        Span(0, len(text)),
        tuple(calls),
        tuple(assignments),
        tuple(waits),
        names,
        static,
        endless,
    )


def _is_idle(body: Node) -> bool:
    return body.type == "expression_statement" or not [
        child for child in body.named_children if child.type != "comment"
    ]


def _call(node: Node, offsets: Offsets) -> Call | None:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if function is None or arguments is None or function.type != "identifier":
        return None
    words = tuple(_word(child, offsets) for child in arguments.named_children if child.type != "comment")
    span = Span(offsets.char(node.start_byte), offsets.char(node.end_byte))
    alone = node.parent is not None and node.parent.type == "expression_statement"
    loops, above = 0, node.parent
    while above is not None:
        loops += above.type in ("while_statement", "for_statement", "do_statement")
        above = above.parent
    return Call(_word(function, offsets), words, alone, span, loops)


def _assignment(node: Node, offsets: Offsets) -> Assignment | None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left is None or right is None or operator is None:
        return None
    target = _word(left, offsets)
    return Assignment(replace(target, text=re.sub(r"\s+", "", target.text)), _text(operator), _word(right, offsets))
