"""What a C file says, as values: words with their places, calls, assignments, functions, variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from kiki_tools.text import Span

_Built = TypeVar("_Built")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
new = tuple.__new__
"""What a named tuple's own constructor does, without its cost: there are many in a file."""


class Word(NamedTuple):
    """A piece of code, with its place."""

    text: str
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Its place."""
        return Span(self.start, self.end)

    def moved(self, by: int) -> Word:
        """The same at another place."""
        return new(Word, (self.text, self.start + by, self.end + by))


class Call(NamedTuple):
    """A call: its function's name and its arguments. ``alone``: nothing takes what it returns."""

    name: Word
    arguments: tuple[Word, ...]
    alone: bool
    span: Span
    loops: int = 0
    """How many loops it stands in."""


class Assignment(NamedTuple):
    """`target operator value`: the target as written, such as `GPIO_InitStruct.Pin`.

    A designated initialiser is one too: `GPIO_InitTypeDef init = {.Pin = GPIO_PIN_5}` sets `init.Pin`.
    """

    target: Word
    operator: str
    value: Word


class Branch(NamedTuple):
    """An `if`, `while`, `for`, `do` or `switch`: its condition, if it has one, and what it governs."""

    kind: str
    condition: Word | None
    body: Span
    is_idle: bool
    """Whether its body does nothing."""


@dataclass(slots=True)
class Function:
    """A function's definition; its calls and assignments in the order of the text.

    ``start``: where it begins in the file; all places in it count from there. ``text``: all of it. Nothing changes it;
    it isn't frozen because an edit places every function behind it anew, at a fourth of the cost.
    """

    name: Word
    text: str
    calls: tuple[Call, ...]
    assignments: tuple[Assignment, ...]
    branches: tuple[Branch, ...]
    declarations: tuple[Word, ...]
    """The declarations in it, as written."""
    start: int = 0
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out about its text alone; shared by all versions of the file that have it."""

    @property
    def span(self) -> Span:
        """All of it, counted from its start."""
        return Span(0, len(self.text))

    @property
    def is_static(self) -> bool:
        """Whether other files can't call it."""
        return "static" in self.text[: self.name.start].split()

    @property
    def waits(self) -> tuple[Word, ...]:
        """The conditions of its `while` loops without a body that does anything."""
        return tuple(
            each.condition
            for each in self.branches
            if each.is_idle and each.kind in ("while", "do") and each.condition is not None
        )

    @property
    def is_endless(self) -> bool:
        """Whether it holds a loop without end."""
        return any(
            each.kind in ("while", "for", "do")
            and (each.condition is None or each.condition.text.strip("( )") in ("1", "true", "1U"))
            for each in self.branches
        )

    @property
    def names(self) -> frozenset[str]:
        """All identifiers in it."""
        return self.noted("names", lambda it: frozenset(_IDENTIFIER.findall(it.text)))

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return self.noted("parameters", Function._parameters)

    def _parameters(self) -> tuple[str, ...]:
        head = self.text[self.name.end :].partition("{")[0]
        return tuple(
            found.group(1) for each in head.split(",") if (found := re.search(r"(\w+)\s*(?:\[\w*\])?\s*\)*\s*$", each))
        )

    def noted(self, name: str, build: Callable[[Function], _Built]) -> _Built:
        """What its text alone tells, worked out once."""
        if name not in self.notes:
            self.notes[name] = build(self)
        found: _Built = self.notes[name]
        return found

    def place(self, span: Span) -> Span:
        """A span of the function's as one of the file."""
        return Span(self.start + span.start, self.start + span.end)

    def moved(self, start: int) -> Function:
        """The same at a place in a file."""
        return Function(
            self.name, self.text, self.calls, self.assignments, self.branches, self.declarations, start, self.notes
        )


class Variable(NamedTuple):
    """A variable: its name, type as written, and the place of the type; ``declaration``: all of it as written."""

    word: Word
    """Its name; places count from the declaration's ``start``."""
    type: str
    type_at: Span
    is_volatile: bool
    is_constant: bool
    declaration: str = ""
    is_array: bool = False
    is_static: bool = False
    start: int = 0

    @property
    def name(self) -> Word:
        """Its name, with its place."""
        return self.word.moved(self.start)

    @property
    def type_span(self) -> Span:
        """The place of its type."""
        return self.type_at.moved(self.start)

    def moved(self, by: int) -> Variable:
        """The same at another place."""
        return new(Variable, (*self[:8], self[8] + by))


class Declared(NamedTuple):
    """What one declaration says; places count from its beginning."""

    variables: tuple[Variable, ...]
    externs: tuple[Variable, ...]
    settings: tuple[Assignment, ...]
    """What the variables begin with."""


@dataclass(frozen=True, slots=True)
class Source:
    """One C file. ``declared``: its declarations outside of functions, each with its place."""

    functions: tuple[Function, ...]
    declared: tuple[tuple[int, Declared], ...]
    includes: tuple[Word, ...]
    defines: tuple[tuple[str, str], ...]
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was worked out about the file."""

    @property
    def variables(self) -> Iterator[Variable]:
        """The variables that it defines."""
        return (each.moved(start) for start, said in self.declared for each in said.variables)

    @property
    def externs(self) -> Iterator[Variable]:
        """The variables that it only declares."""
        return (each.moved(start) for start, said in self.declared for each in said.externs)

    @property
    def settings(self) -> Iterator[Assignment]:
        """What its variables begin with."""
        return (
            Assignment(target.moved(start), operator, value.moved(start))
            for start, said in self.declared
            for target, operator, value in said.settings
        )

    def function(self, name: str) -> Function | None:
        """The function of this name."""
        return self.by_name.get(name)

    @property
    def by_name(self) -> Mapping[str, Function]:
        """Its functions by their names."""
        if "by name" not in self.notes:
            self.notes["by name"] = {each.name.text: each for each in reversed(self.functions)}
        found: Mapping[str, Function] = self.notes["by name"]
        return found
