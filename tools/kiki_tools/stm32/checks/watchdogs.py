"""Watchdogs: shorter than the program's waits, refreshed by an interrupt or not at all, set out of range."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, having, split_field
from kiki_tools.stm32.code import Call, Function, Word
from kiki_tools.text import Span

_LSI = {"f0": 40_000, "f1": 40_000, "f3": 40_000, "l0": 37_000, "l1": 37_000}
"""The oscillator of IWDG in hertz, by the data sheets; 32 kHz elsewhere."""
_REFRESH = (
    "HAL_IWDG_Refresh",
    "LL_IWDG_ReloadCounter",
    "HAL_WWDG_Refresh",
    "LL_WWDG_SetCounter",
    "__HAL_IWDG_RELOAD_COUNTER",
)


class _Iwdg(NamedTuple):
    function: Function
    prescaler: Word
    reload: Word


def watchdogs(scope: Scope) -> Findings:
    """ST510, ST511, ST512."""
    if not any(having(source, "WDG") for source in scope.project.sources.values()):
        return
    yield from _range(scope)
    found = [each for source in scope.project.sources.values() for each in _set(scope, having(source, "WDG"))]
    if not found:
        return
    yield from _waits(scope, found)
    yield from _refreshes(scope, found)


def _set(scope: Scope, functions: Sequence[Function]) -> list[_Iwdg]:
    found = []
    for function in functions:
        fields: dict[str, dict[str, Word]] = {}
        for each in function.assignments:
            owner, name = split_field(each.target.text)
            fields.setdefault(owner, {})[name] = each.value
        for settings in fields.values():
            instance = settings.get("Instance")
            if (
                instance is not None
                and scope.value(instance.text) == "IWDG"
                and {"Prescaler", "Reload"} <= set(settings)
            ):
                found.append(_Iwdg(function, settings["Prescaler"], settings["Reload"]))
        calls = {call.name.text: call for call in function.calls if len(call.arguments) == 2}
        if "LL_IWDG_SetPrescaler" in calls and "LL_IWDG_SetReloadCounter" in calls:
            prescaler, reload = calls["LL_IWDG_SetPrescaler"], calls["LL_IWDG_SetReloadCounter"]
            found.append(_Iwdg(function, prescaler.arguments[1], reload.arguments[1]))
        registers = {
            each.target.text: each.value for each in function.assignments if each.target.text.startswith("IWDG->")
        }
        if {"IWDG->PR", "IWDG->RLR"} <= set(registers):
            found.append(_Iwdg(function, registers["IWDG->PR"], registers["IWDG->RLR"]))
    return found


def seconds(scope: Scope, prescaler: Word, reload: Word) -> float | None:
    """After which time the independent watchdog resets the device; None if that isn't known."""
    text = scope.value(prescaler.text)
    divider = re.search(r"PRESCALER_(\d+)", text)
    count = scope.number(reload.text)
    code = scope.number(prescaler.text)
    by = int(divider.group(1)) if divider else 4 << code if code is not None and code < 8 else None
    if by is None or count is None or count > 0xFFF:
        return None
    family = scope.device.family if scope.device else ""
    return by * (count + 1) / _LSI.get(family, 32_000)


def _waits(scope: Scope, found: list[_Iwdg]) -> Findings:
    """ST510: waits that are longer than the watchdog's time."""
    times = [time for each in found if (time := seconds(scope, each.prescaler, each.reload)) is not None]
    if len(times) != 1:
        return
    (limit,) = times
    for function in having(scope.source, "elay"):
        for call, waited in _delays(scope, function):
            if waited / 1000 >= limit:
                message = f"waits {waited} ms, and the watchdog resets the device after {limit * 1000:.4g} ms"
                yield Finding("ST510", call.span, message).moved(function.start)
        yield from _rounds(scope, function, limit)


def _delays(scope: Scope, function: Function) -> list[tuple[Call, int]]:
    found = []
    for call in function.calls:
        if call.name.text in ("HAL_Delay", "LL_mDelay", "osDelay", "vTaskDelay") and len(call.arguments) == 1:
            waited = scope.number(call.arguments[0].text)
            if waited is not None:
                found.append((call, waited))
    return found


def _rounds(scope: Scope, function: Function, limit: float) -> Findings:
    """The waits of one round of a loop that refreshes once, added up."""
    delays = [each for each in _delays(scope, function) if each[1] / 1000 < limit]
    for branch in function.branches:
        if branch.kind not in ("while", "for"):
            continue
        inside = [(call, waited) for call, waited in delays if branch.body.start <= call.span.start < branch.body.end]
        fed = [call for call in function.calls if call.name.text in _REFRESH
               and branch.body.start <= call.span.start < branch.body.end]  # fmt: skip
        total = sum(waited for _, waited in inside)
        if len(fed) == 1 and len(inside) > 1 and total / 1000 >= limit:
            message = f"one round waits {total} ms, and the watchdog resets the device after {limit * 1000:.4g} ms"
            yield Finding("ST510", inside[-1][0].span, message).moved(function.start)


def _refreshes(scope: Scope, found: list[_Iwdg]) -> Findings:
    """ST511: refreshed by an interrupt, which goes on when the program hangs; or by nothing."""
    refreshed = any(name in scope.called for name in _REFRESH) or any(
        re.search(r"IWDG->KR\s*=\s*(?:0x0*AAAA|IWDG_KEY_RELOAD)", function.text, re.IGNORECASE)
        and "0xCCCC" not in function.text.partition("0xAAAA")[0]
        for function in scope.functions.values()
        if "IWDG" in function.text
    )
    for each in found:
        if not refreshed and scope.source.by_name.get(each.function.name.text) is each.function:
            message = "nothing refreshes the watchdog: it resets the device again and again"
            yield Finding("ST511", each.reload.span, message).moved(each.function.start)
    for function in having(scope.source, "WDG"):
        origin = scope.interrupted.get(function.name.text)
        if origin is None or not re.match(r"(?:TIM|LPTIM|SysTick|HAL_TIM|HAL_SYSTICK|RTC)", origin):
            continue
        for call in function.calls:
            if call.name.text in ("HAL_IWDG_Refresh", "LL_IWDG_ReloadCounter"):
                message = f"{origin} refreshes the watchdog, also when the program hangs: refresh it in the main loop"
                yield Finding("ST511", call.span, message).moved(function.start)


def _range(scope: Scope) -> Findings:
    """ST512: counters and windows that the registers don't hold."""
    for function in having(scope.source, "WDG"):
        values: dict[tuple[str, str], tuple[int, Span]] = {}
        instances: dict[str, str] = {}
        for each in function.assignments:
            owner, name = split_field(each.target.text)
            if name == "Instance":
                instances[owner] = scope.value(each.value.text)
            elif (
                owner
                and name in ("Reload", "Window", "Counter")
                and (number := scope.number(each.value.text)) is not None
            ):
                values[owner, name] = (number, each.value.span)
        for call in function.calls:
            if call.name.text in ("LL_WWDG_SetCounter", "LL_WWDG_SetWindow", "LL_IWDG_SetReloadCounter"):
                number = scope.number(call.arguments[1].text) if len(call.arguments) == 2 else None
                kind = call.name.text[3:7].rstrip("_")
                if number is not None:
                    instances[kind] = kind
                    values[kind, {"SetC": "Counter", "SetW": "Window"}.get(call.name.text[8:12], "Reload")] = (
                        number,
                        call.arguments[1].span,
                    )
        for (owner, name), (number, span) in values.items():
            message = _out_of_range(instances.get(owner, ""), name, number)
            if message:
                yield Finding("ST512", span, message).moved(function.start)
        for owner in {owner for owner, _ in values}:
            window, counter = values.get((owner, "Window")), values.get((owner, "Counter"))
            if instances.get(owner) == "WWDG" and window and counter and window[0] > counter[0]:
                continue  # The first refresh is allowed at once; no fault.


def _out_of_range(instance: str, name: str, number: int) -> str:
    if instance == "IWDG" and name in ("Reload", "Window") and number > 0xFFF:
        return f"{name} holds 12 bits: up to 4095, not {number}"
    if instance == "WWDG" and not 0x40 <= number <= 0x7F:
        return f"{name} is between 0x40 and 0x7F, not {number:#x}: the device is reset at once, or never"
    return ""
