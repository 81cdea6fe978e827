"""What is wrong with a firmware source for its chip. Says nothing that a compiler says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kiki_tools.language import Diagnostic, Workspace
from kiki_tools.stm32.checks import (
    buffers,
    clock_tree,
    concurrency,
    constants,
    dma,
    enabling,
    flags,
    flash,
    interrupts,
    nvic,
    order,
    pins,
    power,
    timers,
    watchdogs,
)
from kiki_tools.stm32.checks.clock_tree import buses
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, resolved
from kiki_tools.stm32.code import Function
from kiki_tools.stm32.codes import RULES
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import is_firmware, project_of
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot, Span

__all__ = ["buses", "diagnose", "resolved"]


def _device(scope: Scope) -> Findings:
    """ST001: nothing says for which device the program is."""
    main = scope.source.by_name.get("main")
    if scope.device is None and main is not None:
        message = "the device is unknown: its pins, interrupts and clocks aren't checked"
        yield Finding("ST001", main.place(main.name.span), message)


_OF_A_FUNCTION: tuple[Callable[[Scope, Function], Findings], ...] = (
    pins.alternate_functions,
    constants.constants,
    order.statuses,
    flags.flags,
    timers.counters,
    pins.signals,
    pins.other_than_commented,
)
"""What a function's own text, the project's macros and the device decide: worked out once for each text."""
_OF_THE_PROJECT: tuple[Callable[[Scope], Findings], ...] = (
    _device,
    pins.two_functions,
    pins.unused_peripherals,
    enabling.clocks_enabled,
    clock_tree.clock_tree,
    clock_tree.results,
    interrupts.handlers,
    interrupts.idle,
    interrupts.other_handle,
    interrupts.priorities,
    interrupts.task_calls,
    nvic.enabled,
    nvic.priorities,
    nvic.lines,
    nvic.tick,
    concurrency.blocking,
    concurrency.shared,
    dma.routes,
    buffers.buffers,
    order.main_order,
    order.init_order,
    watchdogs.watchdogs,
    power.low_power,
    flash.flash,
)
"""What hangs on other functions and files too."""


def diagnose(snapshot: Snapshot, workspace: Workspace) -> list[Diagnostic]:
    """All findings of one C file."""
    if not snapshot.path.endswith(".c") or not is_firmware(snapshot):
        return []
    project = project_of(snapshot, workspace)
    scope = Scope(snapshot, source_of(snapshot), project)
    silenced = set(re.findall(r"kiki:\s*ignore\s+(ST\d{3})", snapshot.text)) if "kiki:" in snapshot.text else set()
    seen: set[tuple[str, Span, str]] = set()
    found = []
    for one in _all(scope):
        key = (one.code, one.span, one.message)
        if key not in seen and one.code not in silenced:
            seen.add(key)
            severity = RULES[one.code].severity
            found.append(Diagnostic(snapshot.path, one.span, severity, one.code, one.message, fixes=one.fixes))
    found.sort(key=lambda each: (each.span, each.code))
    return found


def _all(scope: Scope) -> Findings:
    key = (scope.project.defines, scope.device, scope.types)
    for function in scope.source.functions:
        for one in _of(scope, function, key):
            yield one.moved(function.start)
    for check in _OF_THE_PROJECT:
        yield from check(scope)


_Key = tuple[Mapping[str, str], Device | None, Mapping[str, str]]


def _of(scope: Scope, function: Function, key: _Key) -> tuple[Finding, ...]:
    """The findings of one function, with places from its start; worked out again when something in the key is new."""
    known = function.notes.get("findings")
    if known is None or known[0][0] is not key[0] or known[0][1] is not key[1] or known[0][2] is not key[2]:
        found = tuple(one for check in _OF_A_FUNCTION for one in check(scope, function))
        known = function.notes["findings"] = (key, found)
    findings: tuple[Finding, ...] = known[1]
    return findings
