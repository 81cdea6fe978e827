"""The clocks of ports and peripherals: enabled at all, and before the first use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kiki_tools.language import Fix
from kiki_tools.stm32.checks import flow
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, body_start, line_before
from kiki_tools.stm32.code import Function, Source
from kiki_tools.text import Edit, Span

_UNKNOWN_MACRO = re.compile(r"(?!__HAL_RCC_|LL_)\w*CLK_EN\w*")
_PART = re.compile(r"B?DMA\d(?=_)")


def clocks_enabled(scope: Scope) -> Findings:
    """ST201, ST202: what is used without its clock, or before it."""
    places = _Clocks(scope)
    seen: set[tuple[str, str]] = set()
    for function, peripheral, span, later in (*_ordered(scope, places), *_unreached(scope, places)):
        if scope.source.by_name.get(function.name.text) is not function or (function.name.text, peripheral) in seen:
            continue
        seen.add((function.name.text, peripheral))
        if later:
            message = f"the clock of {peripheral} is enabled only later, {later}"
            yield Finding("ST202", span, message).moved(function.start)
        else:
            fixes = (_enabling(function, peripheral, span),)
            yield Finding("ST201", span, f"nothing enables the clock of {peripheral}", fixes).moved(function.start)
    yield from _elsewhere(scope, places, seen)


_SETS_UP = re.compile(r"(?:HAL|LL)_GPIO_Init|LL_GPIO_SetPinMode")


def _elsewhere(scope: Scope, places: _Clocks, seen: set[tuple[str, str]]) -> Findings:
    """ST203: a function that enables clocks and sets up pins of a port whose clock only another one enables."""
    if places.has_unknown:
        return
    for functions in _clocks_in(scope, scope.source).needed.values():
        for function in functions:
            enabled, needed, _ = scope.noted(function, "clocks", _clocks_of)
            missing = [name for name in needed if flow.PORT.fullmatch(name) and name not in enabled]
            if not (enabled and missing) or _UNDOING.search(function.name.text):
                continue
            inner = {name for call in function.calls if (one := scope.functions.get(call.name.text)) is not None
                     for name in scope.noted(one, "clocks", _clocks_of)[0]}  # fmt: skip
            for event in flow.events(scope, function):
                port = event.name
                if event.kind != "use" or port not in missing or port in inner or (function.name.text, port) in seen:
                    continue
                line = function.text[function.text.rfind("\n", 0, event.span.start) + 1 : event.span.start]
                if _SETS_UP.search(line):
                    seen.add((function.name.text, port))
                    others = [
                        each.span
                        for each in flow.events(scope, function)
                        if each.kind == "enable" and each.span.start < event.span.start
                    ]
                    span = others[-1] if others else event.span
                    fix = _enabling(function, port, span)
                    message = f"{function.name.text} sets up pins of {port}, whose clock only another function enables"
                    yield Finding("ST203", span, message, (fix,)).moved(function.start)


_UNDOING = re.compile(r"(?i)deinit|\bmain\b")


def _enabling(function: Function, peripheral: str, span: Span) -> Fix:
    text = f"__HAL_RCC_{peripheral}_CLK_ENABLE();"
    if span == function.name.span:
        start = body_start(function)
        return Fix(f"Add {text}", (Edit(Span(start, start), f"  {text}\n"),))
    if function.text[span.start : span.end].startswith("("):
        start = body_start(function, span.end)
        return Fix(f"Add {text}", (Edit(Span(start, start), f"    {text}\n"),))
    return line_before(function, span.start, text)


class _Clocks:
    """All clocks that the project enables anywhere."""

    def __init__(self, scope: Scope) -> None:
        self.by: dict[str, set[int]] = {}
        """The functions that enable a clock, by the clock."""
        self._has: dict[str, bool] = {}
        for source in scope.project.sources.values():
            for name, functions in _clocks_in(scope, source).enabled.items():
                self.by.setdefault(name, set()).update(functions)
        self.has_unknown = any(
            _UNKNOWN_MACRO.fullmatch(name) and not flow.enabled(scope.value(name)) for name in scope.called
        )

    def has(self, peripheral: str) -> bool:
        """Whether anything enables it, or a macro that isn't known might."""
        if peripheral not in self._has:
            self._has[peripheral] = self.has_unknown or any(flow.serves(clock, peripheral) for clock in self.by)
        return self._has[peripheral]

    def only_in(self, function: Function, peripheral: str) -> bool:
        """Whether no other function enables it."""
        others = (users for clock, users in self.by.items() if flow.serves(clock, peripheral))
        return not self.has_unknown and all(users == {id(function)} for users in others)


_Use = tuple[Function, str, Span, str]


def _ordered(scope: Scope, places: _Clocks) -> Iterator[_Use]:
    """The uses from `main` on that come before their clock, or that have none."""
    steps = flow.program(scope)
    known: set[str] = set()
    early: dict[str, tuple[Function, Span]] = {}
    for function, event in steps:
        if event.kind == "enable":
            for peripheral in [each for each in early if flow.serves(event.name, each)]:
                user, span = early.pop(peripheral)
                yield user, peripheral, span, _place(scope, function, event.span)
            known.add(event.name)
        elif event.kind == "disable":
            continue
        else:
            for peripheral, user, span in _used(scope, function, event):
                if peripheral not in early and not any(flow.serves(clock, peripheral) for clock in known):
                    early[peripheral] = (user, span)
    for peripheral, (user, span) in early.items():
        if not places.has(peripheral):
            yield user, peripheral, span, ""


def _used(scope: Scope, function: Function, event: flow.Event) -> Iterator[tuple[str, Function, Span]]:
    """The peripherals that an event needs, each with the place where its clock should have been enabled."""
    if event.kind == "use":
        yield event.name, function, event.span
    elif event.kind in ("init", "inited"):
        names = flow.instances(scope).get(event.name, set())
        msp = scope.functions.get(flow.msp_init(event.call))
        if len(names) == 1:
            (name,) = names
            part = _PART.match(name)
            peripheral = part.group() if part else name
            if flow.INSTANCE.fullmatch(peripheral):
                user = msp or function
                yield peripheral, user, (_branch(scope, msp, name) if msp else event.span)


def _branch(scope: Scope, function: Function, peripheral: str) -> Span:
    """Where a `HAL_…_MspInit` deals with a peripheral: the clocks that it enables for it, its `if`, or its name."""
    for branch in function.branches:
        if branch.kind == "if" and branch.condition is not None:
            found = re.search(r"==\s*\(?(\w+)", branch.condition.text)
            if found and scope.value(found.group(1)) == peripheral:
                # Beside the other clocks, if it enables any: there the missing one belongs.
                others = (each.span for each in flow.events(scope, function) if each.kind == "enable")
                return next((each for each in others if each.start in branch.body), branch.condition.span)
    return function.name.span


def _unreached(scope: Scope, places: _Clocks) -> Iterator[_Use]:
    """The same in functions that nothing calls as far as is known: only what they themselves show."""
    reached = {id(step.function) for step in flow.program(scope)}
    found = _clocks_in(scope, scope.source)
    for needed, functions in found.needed.items():
        if not all(places.has(name) for name in needed):
            for function in functions:
                if id(function) not in reached:
                    yield from _shown(scope, places, function)
        else:
            for function in functions:
                if id(function) in found.late and id(function) not in reached:
                    yield from _shown(scope, places, function)


class _FileClocks(NamedTuple):
    """Of a file: the functions that enable a clock, those that need the same, those that enable one only later."""

    enabled: dict[str, set[int]]
    needed: dict[tuple[str, ...], list[Function]]
    late: set[int]


def _clocks_in(scope: Scope, source: Source) -> _FileClocks:
    defines = scope.project.defines
    known = source.notes.get("clocks")
    if known is None or known[0] is not defines:
        found = _FileClocks({}, {}, set())
        for function in source.functions:
            enabled, needed, late = scope.noted(function, "clocks", _clocks_of)
            for name in enabled:
                found.enabled.setdefault(name, set()).add(id(function))
            if needed:
                found.needed.setdefault(needed, []).append(function)
            if late:
                found.late.add(id(function))
        known = source.notes["clocks"] = (defines, found)
    clocks: _FileClocks = known[1]
    return clocks


def _clocks_of(scope: Scope, function: Function) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The clocks that a function enables; what it uses, or `?` for a handle; whether it enables any only later."""
    events = flow.events(scope, function)
    enabled = {event.name for event in events if event.kind == "enable"}
    needed = {"?" if event.kind == "init" else event.name for event in events if event.kind in ("use", "init")}
    late = bool(enabled) and any(
        event.kind == "use" and _only_later(events, index, event.name) is not None
        for index, event in enumerate(events[:_MOST_EVENTS])
    )
    return tuple(sorted(enabled)), tuple(sorted(needed)), late


_MOST_EVENTS = 200


def _shown(scope: Scope, places: _Clocks, function: Function) -> Iterator[_Use]:
    events = flow.events(scope, function)
    for index, event in enumerate(events[:_MOST_EVENTS]):
        for peripheral, user, span in _used(scope, function, event):
            if not places.has(peripheral):
                yield user, peripheral, span, ""
            elif event.kind == "use":
                later = _only_later(events, index, peripheral)
                if later is not None and places.only_in(function, peripheral):
                    yield user, peripheral, span, f"in line {scope.line(function, later.start)}"


def _only_later(events: tuple[flow.Event, ...], index: int, peripheral: str) -> Span | None:
    found = [at for at, each in enumerate(events) if each.kind == "enable" and flow.serves(each.name, peripheral)]
    return events[found[0]].span if found and found[0] > index else None


def _place(scope: Scope, function: Function, span: Span) -> str:
    if scope.source.by_name.get(function.name.text) is function:
        return f"in line {scope.line(function, span.start)}"
    return f"in {function.name.text}"
