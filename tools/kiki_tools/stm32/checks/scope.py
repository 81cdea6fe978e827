"""What every check of a firmware source sees, and what it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

from kiki_tools.language import Fix
from kiki_tools.stm32.code import Assignment, Call, Function, Source
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.expressions import evaluate
from kiki_tools.stm32.project import Project
from kiki_tools.text import Edit, Snapshot, Span

_Built = TypeVar("_Built")
HANDLER = re.compile(r"\w+_IRQHandler|SysTick_Handler|PendSV_Handler|SVC_Handler|NMI_Handler")
CALLBACK = re.compile(r"HAL_\w+Callback(?:_\w+)?")


class Finding(NamedTuple):
    """One finding, before it becomes a diagnostic."""

    code: str
    span: Span
    message: str
    fixes: tuple[Fix, ...] = ()

    def moved(self, by: int) -> Finding:
        """The same further on: a finding in a function becomes one in its file."""
        if not by:
            return self
        fixes = tuple(
            Fix(fix.title, tuple(Edit(edit.span.moved(by), edit.text) for edit in fix.edits)) for fix in self.fixes
        )
        return Finding(self.code, self.span.moved(by), self.message, fixes)


Findings = Iterator[Finding]


class Scope:
    """A file in its project."""

    def __init__(self, snapshot: Snapshot, source: Source, project: Project) -> None:
        self.snapshot = snapshot
        self.source = source
        self.project = project

    @property
    def device(self) -> Device | None:
        """The device, if it is known."""
        return self.project.device

    def value(self, text: str) -> str:
        """A word with the macros that stand for one word replaced."""
        return resolved(text, self.project.defines)

    def number(self, text: str) -> int | None:
        """What a constant expression comes to; None if that isn't known."""
        return number(text, self.project.defines)

    @cached_property
    def functions(self) -> Mapping[str, Function]:
        """All functions of the project by their names."""
        found: dict[str, Function] = {}
        for source in self.project.sources.values():
            found.update(source.by_name)
        found.update(self.source.by_name)
        return found

    @cached_property
    def called(self) -> frozenset[str]:
        """The names of all functions and macros that the project calls."""
        return frozenset().union(*(_called(source) for source in self.project.sources.values()))

    def calls(self, pattern: str) -> bool:
        """Whether the project calls anything whose whole name matches."""
        compiled = re.compile(pattern)
        return any(compiled.fullmatch(name) for name in self.called)

    @cached_property
    def types(self) -> Mapping[str, str]:
        """The types of the file's own and declared variables that are structures of the HAL or LL.

        The same object as long as they are equal: what was worked out with them then still holds.
        """
        found = {
            each.word.text: each.type
            for _, said in self.source.declared
            for each in (*said.externs, *said.variables)
            if each.type.endswith("TypeDef")
        }
        if found != _last_types[0]:
            _last_types[0] = found
        return _last_types[0]

    @cached_property
    def handler_macros(self) -> frozenset[str]:
        """The macros that stand for a handler: `#define TIMx_IRQHandler TIM3_IRQHandler`."""
        return frozenset(name for name in self.project.defines if name.endswith("_IRQHandler"))

    def line(self, function: Function, at: int) -> int:
        """The line, from 1, of a place in a function of this file."""
        return self.snapshot.line_of(function.start + at) + 1

    def noted(self, function: Function, name: str, build: Callable[[Scope, Function], _Built]) -> _Built:
        """What one function's text and the macros tell, worked out once."""
        defines = self.project.defines
        known = function.notes.get(name)
        if known is None or known[0] is not defines:
            known = function.notes[name] = (defines, build(self, function))
        found: _Built = known[1]
        return found

    @cached_property
    def callers(self) -> Mapping[str, Sequence[tuple[Function, Call]]]:
        """The project's calls of its own functions, by the function called."""
        found: dict[str, list[tuple[Function, Call]]] = {}
        for function in self.functions.values():
            for call in function.calls:
                if call.name.text in self.functions:
                    found.setdefault(call.name.text, []).append((function, call))
        return found

    def reaching(self, does: Callable[[Function], bool]) -> frozenset[str]:
        """The functions that do something, themselves or by what they call."""
        todo = [name for name, function in self.functions.items() if does(function)]
        found = set(todo)
        while todo:
            for caller, _ in self.callers.get(todo.pop(), ()):
                if caller.name.text not in found:
                    found.add(caller.name.text)
                    todo.append(caller.name.text)
        return frozenset(found)

    @cached_property
    def interrupted(self) -> Mapping[str, str]:
        """The functions that run in an interrupt, each with the handler or callback from which it is reached."""
        functions = self.functions
        reached: dict[str, str] = {}
        todo = []
        for source in self.project.sources.values():
            names = [each.name.text for each in having(source, "@handler")]
            todo += [(name, name) for name in names if HANDLER.fullmatch(self.value(name))]
            names = [each.name.text for each in having(source, "@callback")]
            todo += [(name, name) for name in names if CALLBACK.fullmatch(name)]
            for function in having(source, "Callback"):
                todo += [(name, name) for name in function.noted("callbacks", _callbacks)]
        while todo:
            name, origin = todo.pop()
            found = functions.get(name)
            if name in reached or found is None or (name != origin and found.is_endless):
                continue
            reached[name] = origin
            todo += [(call.name.text, origin) for call in found.calls if call.name.text in functions]
        return reached


_last_types: list[Mapping[str, str]] = [{}]


_WORDS = (
    "GPIO", "AFR", "NVIC", "DMA", "LL_DMA_", "WDG", "elay", "PWR", "FLASH", "BaudRate", "ClockPrescaler", "RCC",
    "CLKDivider", "Instance", "Callback", "SetPriority", "ClockSelection", "AF",
)  # fmt: skip
_HANDLER_LIKE = re.compile(r"(?i)hand|irq")


def having(source: Source, word: str) -> Sequence[Function]:
    """The functions of a file whose text has one of the words above; `@handler`: those that are called like handlers,
    `@callback`: like callbacks."""
    index = source.notes.get("having")
    if index is None:
        index = {}
        for function in source.functions:
            for each in function.noted("words", _words):
                index.setdefault(each, []).append(function)
        source.notes["having"] = index
    found: Sequence[Function] = index.get(word, ())
    return found


def _words(function: Function) -> tuple[str, ...]:
    found = [word for word in _WORDS if word in function.text]
    if _HANDLER_LIKE.search(function.name.text):
        found.append("@handler")
    if "Callback" in function.name.text:
        found.append("@callback")
    return tuple(found)


def _called(source: Source) -> frozenset[str]:
    if "called" not in source.notes:
        sets = (each.noted("called", _called_in) for each in source.functions)
        source.notes["called"] = frozenset().union(*sets)
    found: frozenset[str] = source.notes["called"]
    return found


def _called_in(function: Function) -> frozenset[str]:
    return frozenset(call.name.text for call in function.calls)


def _callbacks(function: Function) -> tuple[str, ...]:
    """The functions that a function hands to the HAL to be called in an interrupt."""
    if "Callback" not in function.text:
        return ()
    found = [call.arguments[2].text for call in function.calls if call.name.text.endswith("_RegisterCallback")
             and len(call.arguments) > 2]  # fmt: skip
    found += [each.value.text for each in function.assignments if each.target.text.endswith("Callback")]
    return tuple(name.lstrip("&") for name in found)


def resolved(text: str, defines: Mapping[str, str]) -> str:
    """A word with the macros that stand for one word or a sum of them replaced."""
    if text not in defines and text.isidentifier():
        return text
    for _ in range(8):
        if "/" in text:
            text = _COMMENT.sub("", text)
        text = _CAST.sub("", text.strip())
        while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
            text = text[1:-1].strip()
        replaced = defines.get(text)
        if replaced is None or replaced == text:
            break
        text = replaced
    return text


_COMMENT = re.compile(r"/\*.*?\*/|//.*")
_CAST = re.compile(r"^\((?:u?int\d+_t|IRQn_Type|GPIO_TypeDef \*)\)\s*(?=\w)")
_POSITIONS = (
    (re.compile(r"GPIO_AFR[LH]_AF(?:RL|RH|SEL)(\d+)_Pos"), 4, 8),
    (re.compile(r"GPIO_MODER_MODER?(\d+)_Pos"), 2, 16),
)
"""Positions of fields that CMSIS names by the pin: bits a pin, pins a register."""


def number(text: str, defines: Mapping[str, str]) -> int | None:
    """What a constant expression comes to; None if that isn't known."""
    depth = 0

    def value_of(name: str) -> int | None:
        nonlocal depth
        replaced = defines.get(name)
        if replaced is None or replaced == name:
            for pattern, bits, pins in _POSITIONS:
                if found := pattern.fullmatch(name):
                    return bits * (int(found.group(1)) % pins)
            return None
        depth += 1
        if depth > 40:
            return None
        return evaluate(_COMMENT.sub("", replaced), value_of)

    return evaluate(_COMMENT.sub("", text) if "/" in text else text, value_of)


def events(function: Function) -> tuple[Call | Assignment, ...]:
    """A function's calls and assignments in the order of the text."""
    return function.noted("events", _events)


def _events(function: Function) -> tuple[Call | Assignment, ...]:
    every: list[Call | Assignment] = [*function.calls, *function.assignments]
    return tuple(sorted(every, key=lambda each: each.span.start if isinstance(each, Call) else each.target.start))


def split_field(target: str) -> tuple[str, str]:
    """`huart2.Init.BaudRate` in its owner and field: `huart2` and `BaudRate`; the owner is empty for a plain name."""
    owner, dot, name = target.replace("->", ".").replace("(*", "").replace(")", "").rpartition(".")
    return (owner.removesuffix(".Init"), name) if dot else ("", target)


def handle(text: str) -> str:
    """The variable in an argument: `&huart2` is `huart2`."""
    return text.lstrip("&( ").rstrip(") ")


def line_before(function: Function, at: int, text: str, title: str = "") -> Fix:
    """Adds a statement in the line before a place of the function."""
    start = function.text.rfind("\n", 0, at) + 1
    line = function.text[start:at]
    indent = line[: len(line) - len(line.lstrip())]
    return Fix(title or f"Add {text}", (Edit(Span(start, start), f"{indent}{text}\n"),))


def body_start(function: Function, after: int = 0) -> int:
    """Where the first statement behind the next `{` stands: the beginning of its line."""
    brace = function.text.find("{", after)
    end = function.text.find("\n", brace)
    return end + 1 if brace >= 0 and end >= 0 else len(function.text)
