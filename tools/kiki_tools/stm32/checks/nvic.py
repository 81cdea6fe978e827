"""The interrupt controller: interrupts that nothing enables, priorities, EXTI lines, the tick."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.language import Fix
from kiki_tools.stm32.checks.pins import pinned
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, body_start, having
from kiki_tools.stm32.code import Call, Function, Word
from kiki_tools.text import Edit, Span

_ENABLE = re.compile(r"(?:HAL_|__)?NVIC_EnableIRQ")
_SET = re.compile(r"(?:HAL_|__)?NVIC_SetPriority")
_DRIVER = re.compile(
    r"HAL_(?:UART|USART|SPI|I2C_E[VR]|I2S|TIM|CAN|FDCAN|DMA|ADC|LPTIM|GPIO_EXTI|COMP|HRTIM\w*)_IRQHandler"
)
_BITS = {"cortex-m0": 2, "cortex-m0+": 2}
"""How many bits of a priority a core's controller keeps; 4 elsewhere (PM0214 4.3, PM0223 4.2)."""
_EXTI = re.compile(r"EXTI(\d+)(?:_(\d+))?")


def enabled(scope: Scope) -> Findings:
    """ST309: a handler that calls the HAL, for an interrupt that nothing enables."""
    if "main" not in scope.functions or not having(scope.source, "@handler"):
        return
    every = tuple(_enabled(scope))
    if not every or "?" in every:
        return
    board = [name for name in scope.called if name.startswith("BSP_") and name not in scope.functions]
    if any(not name.startswith(("BSP_LED_", "BSP_PB_")) for name in board):
        return  # The board's drivers enable what they need, in files that aren't seen.
    for function in having(scope.source, "@handler"):
        name = scope.value(function.name.text)
        base = name.removesuffix("_IRQHandler")
        if base == name or f"{base}_IRQn" in every or name in scope.called:
            continue
        if board and base.startswith("EXTI"):
            continue  # BSP_PB_Init enables a button's.
        driver = next((call for call in function.calls if _DRIVER.fullmatch(call.name.text)), None)
        if driver is not None:
            message = f"nothing enables {base}_IRQn: {name} never runs"
            yield Finding("ST309", function.name.span, message).moved(function.start)


def _enabled(scope: Scope) -> Iterator[str]:
    """The interrupts that the project enables; `?` for those that it computes."""
    for source in scope.project.sources.values():
        for function in having(source, "NVIC"):
            if "NVIC->ISER" in function.text:
                yield "?"
            for call in function.calls:
                if _ENABLE.fullmatch(call.name.text) and call.arguments:
                    interrupt = scope.value(call.arguments[0].text)
                    yield interrupt if interrupt.endswith("_IRQn") else "?"


def priorities(scope: Scope) -> Findings:
    """ST310: priorities that the controller doesn't keep, and those of another interrupt."""
    bits = _BITS.get(scope.device.core, 4) if scope.device else 4
    for function in having(scope.source, "SetPriority"):
        calls = [call for call in function.calls if _SET.fullmatch(call.name.text) and len(call.arguments) >= 2]
        for call in calls:
            for word in call.arguments[1:3]:
                value = scope.number(word.text) if "NVIC_" not in word.text else None
                if value is not None and value >= 1 << bits:
                    message = f"a priority goes from 0 to {(1 << bits) - 1}: {value} comes to {value % (1 << bits)}"
                    yield Finding("ST310", word.span, message).moved(function.start)
        if "main" in scope.functions:
            yield from _of_another(scope, function, calls)


def _of_another(scope: Scope, function: Function, calls: list[Call]) -> Findings:
    """A function that gives one interrupt a priority, and enables another that has none."""
    given = {scope.value(call.arguments[0].text): call.arguments[0] for call in calls}
    enables = {
        scope.value(call.arguments[0].text)
        for call in function.calls
        if _ENABLE.fullmatch(call.name.text) and call.arguments
    }
    if len(given.keys() - enables) != 1 or len(enables - given.keys()) != 1:
        return
    (other,), (meant,) = given.keys() - enables, enables - given.keys()
    if not (other.endswith("_IRQn") and meant.endswith("_IRQn")) or other in set(_enabled(scope)):
        return
    handled = [f"{name.removesuffix('_IRQn')}_IRQHandler" in scope.functions for name in (meant, other)]
    if handled != [True, False]:
        return  # Then it is the enabling that is wrong, or a file that isn't seen enables the other.
    word: Word = given[other]
    fix = Fix(f"Use {meant}", (Edit(word.span, meant),))
    message = f"{meant} is enabled here, and {other}, which nothing enables, gets its priority"
    yield Finding("ST310", word.span, message, (fix,)).moved(function.start)


def lines(scope: Scope) -> Findings:
    """ST307: an EXTI handler that asks for a line that isn't its own, or for none that a pin is set up for."""
    for function in having(scope.source, "@handler"):
        found = _EXTI.fullmatch(scope.value(function.name.text).removesuffix("_IRQHandler"))
        if found is None:
            continue
        low = int(found.group(1))
        own = range(low, int(found.group(2) or low) + 1)
        if found.group(2) and low > int(found.group(2)):
            own = range(int(found.group(2)), low + 1)
        asked = [(line, word) for call in function.calls for line, word in _asked(scope, call)]
        for line, word in asked:
            if line not in own:
                message = f"{function.name.text} serves the lines {own[0]} to {own[-1]}, not that of pin {line}"
                yield Finding("ST307", word.span, message).moved(function.start)
        wanted = _inputs(scope) & set(own)
        if asked and wanted and not wanted & {line for line, _ in asked} and asked[0][0] in own:
            pins = " and ".join(str(line) for line in sorted(wanted))
            message = f"no pin {asked[0][0]} is set up for an interrupt; pin {pins} is, whose flag nothing clears"
            yield Finding("ST307", asked[0][1].span, message).moved(function.start)


def _asked(scope: Scope, call: Call) -> Iterator[tuple[int, Word]]:
    if call.name.text in ("HAL_GPIO_EXTI_IRQHandler", "__HAL_GPIO_EXTI_CLEAR_IT", "__HAL_GPIO_EXTI_CLEAR_FLAG"):
        for word in call.arguments[:1]:
            if found := re.fullmatch(r"GPIO_PIN_(\d+)", scope.value(word.text)):
                yield int(found.group(1)), word


def _inputs(scope: Scope) -> set[int]:
    """The numbers of the pins that are set up to interrupt."""
    return {
        int(use.pin[2:])
        for source in scope.project.sources.values()
        for function in having(source, "GPIO")
        for use in pinned(scope, function)
        if use.role == "an interrupt input"
    }


def tick(scope: Scope) -> Findings:
    """ST311: a SysTick handler without `HAL_IncTick`, where the HAL's time hangs on it."""
    function = scope.source.by_name.get("SysTick_Handler")
    if function is None or "HAL_Init" not in scope.called or function.parameters not in ((), ("void",)):
        return
    if {"HAL_IncTick", "HAL_SYSTICK_IRQHandler"} & scope.called or {"HAL_InitTick", "HAL_GetTick"} & set(
        scope.functions
    ):
        return
    if "uwTick" in function.text:
        return
    start = body_start(function)
    fix = Fix("Call HAL_IncTick", (Edit(Span(start, start), "  HAL_IncTick();\n"),))
    message = "HAL_IncTick isn't called: HAL_Delay never ends, and no time-out of the HAL comes"
    yield Finding("ST311", function.name.span, message, (fix,)).moved(function.start)
