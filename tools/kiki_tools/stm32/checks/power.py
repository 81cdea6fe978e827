"""Low power: clocks after STOP, a tick that wakes the core, flags that keep it awake."""

from __future__ import annotations

import re

from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, having, line_before
from kiki_tools.stm32.code import Call, Function
from kiki_tools.text import Span

_STOP = re.compile(r"HAL_PWR(?:Ex)?_EnterSTOP\d?Mode|HAL_PWREx_EnterUnderDriveSTOPMode")
_STANDBY = re.compile(r"HAL_PWR(?:Ex)?_Enter(?:STANDBY|SHUTDOWN)Mode")
_CLOCKING = re.compile(r"HAL_RCC_(?:OscConfig|ClockConfig)|LL_RCC_(?:PLL_Enable|SetSysClkSource|HSE_Enable)|"
                       r"SystemClock\w*|SYSCLKConfig\w*|SystemClock_Config\w*|SystemPower_Config")  # fmt: skip
_WAKE_FLAG = re.compile(
    r"ClearFlag_WU|PWR_FLAG_(?:WU|WUF|WKUP)|PWR_CSR_WUF|PWR_CR_CWUF|PWR_SCR_C|PWR_WAKEUP_FLAG|WAKEUP_FLAG"
)


def low_power(scope: Scope) -> Findings:
    """ST513, ST514, ST515."""
    if not any("PWR" in name for name in scope.called):
        return
    stops = any(_STOP.fullmatch(name) for name in scope.called)
    clocking = scope.reaching(_is_clocking) if stops else frozenset()
    # A handler that sets the clocks up does it for every place that sleeps.
    is_needed = stops and not clocking & scope.interrupted.keys() and any(map(_uses_pll, scope.functions.values()))
    for function in having(scope.source, "PWR"):
        for call in function.calls:
            name = call.name.text
            if _STOP.fullmatch(name):
                if is_needed:
                    yield from _after_stop(scope, function, call, clocking)
            elif _STANDBY.fullmatch(name):
                yield from _standby(scope, function, call)
            elif name in ("HAL_PWR_EnterSLEEPMode", "HAL_PWREx_EnableLowPowerRunMode"):
                yield from _sleep(scope, function, call)
        yield from _resumed(scope, function)


def _after_stop(scope: Scope, function: Function, call: Call, clocking: frozenset[str]) -> Findings:
    """The core wakes on its internal oscillator: whoever used a PLL or crystal sets it up again."""
    if _sets_clocks(function, call.span.end, clocking):
        return
    callers = scope.callers.get(function.name.text, ())
    if any(_sets_clocks(each, it.span.end, clocking) for each, it in callers[:_MOST_CALLERS]):
        return
    message = f"after {call.name.text} the core runs on its internal oscillator; nothing sets the clocks up again"
    yield Finding("ST513", call.span, message).moved(function.start)


_MOST_CALLERS = 50


def _uses_pll(function: Function) -> bool:
    return any(
        each.target.text.endswith("SYSCLKSource") and re.search(r"PLL|HSE", each.value.text)
        for each in function.assignments
    ) or any(call.name.text == "LL_RCC_PLL_Enable" for call in function.calls)


def _is_clocking(function: Function) -> bool:
    return "RCC->C" in function.text or any(_CLOCKING.fullmatch(call.name.text) for call in function.calls)


def _sets_clocks(function: Function, after: int, clocking: frozenset[str]) -> bool:
    """Whether a function sets the clocks behind a place, itself or by what it calls.

    In a loop what stands before comes after too.
    """
    spans = [Span(after, len(function.text))]
    spans += [it.body for it in function.branches if it.kind in ("while", "for", "do") and after in it.body]
    start = min(each.start for each in spans)
    return "RCC->C" in function.text[start:] or any(
        call.span.start >= start and (call.name.text in clocking or _CLOCKING.fullmatch(call.name.text))
        for call in function.calls
    )


def _standby(scope: Scope, function: Function, call: Call) -> Findings:
    """A wake-up flag that is still set ends standby at once."""
    if _clears(function.text[: call.span.start]) or any(
        _clears(inner.text)
        for each in function.calls
        if each.span.start < call.span.start and (inner := scope.functions.get(each.name.text)) is not None
    ):
        return
    callers = (
        each for each in scope.functions.values() if any(it.name.text == function.name.text for it in each.calls)
    )
    if any(_clears(each.text) for each in callers):
        return
    fix = line_before(function, call.span.start, "__HAL_PWR_CLEAR_FLAG(PWR_FLAG_WU);")
    message = f"no wake-up flag is cleared before {call.name.text}: one that is set wakes the device at once"
    yield Finding("ST514", call.span, message, (fix,)).moved(function.start)


def _clears(text: str) -> bool:
    """Whether a piece of code clears a wake-up flag."""
    return any(_WAKE_FLAG.search(each.group()) for each in _CLEARING.finditer(text))


_CLEARING = re.compile(r"(?i)\w*clear_?\w*flag\w*\s*\([^;]*;|[^;\n]*(?:CWUF|PWR->SCR)[^;]*;|ClearFlag_WU\w*")


def _sleep(scope: Scope, function: Function, call: Call) -> Findings:
    """The HAL's tick wakes the core every millisecond."""
    if "HAL_Init" not in scope.called or call.name.text != "HAL_PWR_EnterSLEEPMode":
        return
    stopped = {"HAL_SuspendTick", "LL_SYSTICK_DisableIT"} & scope.called or any(
        "SysTick->CTRL" in each.text or "SysTick_CTRL" in each.text for each in scope.functions.values()
    )
    if not stopped:
        fix = line_before(function, call.span.start, "HAL_SuspendTick();")
        message = "the tick goes on and ends the sleep within a millisecond"
        yield Finding("ST515", call.span, message, (fix,)).moved(function.start)


def _resumed(scope: Scope, function: Function) -> Findings:
    suspended = next((call for call in function.calls if call.name.text == "HAL_SuspendTick"), None)
    if suspended is None or "HAL_ResumeTick" in scope.called:
        return
    if any(_STANDBY.fullmatch(call.name.text) for call in function.calls):
        return
    message = "nothing resumes the tick: HAL_Delay and time-outs never end"
    yield Finding("ST515", suspended.span, message).moved(function.start)
