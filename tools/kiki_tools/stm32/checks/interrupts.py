"""Interrupts: handlers that are missing, misnamed, idle or for another handle; priorities under FreeRTOS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from kiki_tools.language import Fix
from kiki_tools.stm32.checks import flow
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, body_start, handle, having
from kiki_tools.stm32.code import Call, Function
from kiki_tools.text import Edit, Span

CORE = {
    "NMI_Handler", "HardFault_Handler", "MemManage_Handler", "BusFault_Handler", "UsageFault_Handler", "SVC_Handler",
    "DebugMon_Handler", "PendSV_Handler", "SysTick_Handler", "Reset_Handler", "SecureFault_Handler",
}  # fmt: skip
_ENABLING = ("HAL_NVIC_EnableIRQ", "NVIC_EnableIRQ", "__NVIC_EnableIRQ")
_OTHERS = ("HAL_", "LL_", "BSP_", "__")


def handlers(scope: Scope) -> Findings:
    """ST301, ST302: interrupts that are enabled without a handler, handlers that no vector leads to."""
    sources = scope.project.sources.values()
    defined = {scope.value(each.name.text) for source in sources for each in having(source, "@handler")}
    any_handler = any(name.endswith("_IRQHandler") for name in defined)
    for function in having(scope.source, "NVIC") if any_handler else ():
        for call in function.calls:
            if call.name.text in _ENABLING and len(call.arguments) == 1:
                yield from _without(scope, function, call, defined)
    for function in having(scope.source, "@handler"):
        yield from _named(scope, function)


def _without(scope: Scope, function: Function, call: Call, defined: set[str]) -> Findings:
    interrupt = scope.value(call.arguments[0].text)
    base = interrupt.removesuffix("_IRQn")
    device = scope.device
    real = device is None or base in device.interrupts | scope.project.handlers
    if interrupt.endswith("_IRQn") and real and f"{base}_IRQHandler" not in defined:
        end = len(scope.snapshot.text)
        text = f"\nvoid {base}_IRQHandler(void)\n{{\n}}\n"
        fix = Fix(f"Add {base}_IRQHandler", (Edit(Span(end, end), text),))
        span = function.place(call.arguments[0].span)
        yield Finding("ST301", span, f"no file defines {base}_IRQHandler", (fix,))


def _named(scope: Scope, function: Function) -> Findings:
    """A function that is called like a handler: is there a vector of that name?"""
    device = scope.device
    name = scope.value(function.name.text)
    if device is None or name.startswith(_OTHERS) or function.is_static or function.parameters not in ((), ("void",)):
        return
    known = device.interrupts | scope.project.handlers
    names = {f"{each}_IRQHandler" for each in known} | CORE | scope.handler_macros
    if name in names or not known:
        return
    span = function.place(function.name.span)
    if name.endswith("_IRQHandler"):
        base = name.removesuffix("_IRQHandler")
        if name in scope.called or not (base.isupper() or get_close_matches(base.upper(), known, 1, 0.75)):
            return
        near = get_close_matches(base, known, 1, 0.6) or get_close_matches(base.upper(), known, 1, 0.6)
        meant = f"; did you mean {near[0]}_IRQHandler?" if near else ""
        fixes = tuple(Fix(f"Call it {each}_IRQHandler", (Edit(span, f"{each}_IRQHandler"),)) for each in near)
        yield Finding("ST302", span, f"{device.name} has no vector {name}{meant}", fixes)
    elif _LIKE.search(name) and name not in scope.called:
        closest = get_close_matches(name, names, 1, 0.8)
        if closest and get_close_matches(_stem(name), [_stem(closest[0])], 1, 0.85):
            fix = Fix(f"Call it {closest[0]}", (Edit(span, closest[0]),))
            yield Finding("ST302", span, f"no vector is called {name}; did you mean {closest[0]}?", (fix,))


def _stem(name: str) -> str:
    """What stands before `_IRQHandler`, however that is written."""
    return re.split(r"(?i)_?(?:irq|handler)", name)[0].upper()


_LIKE = re.compile(r"(?i)(irq_?h\w*|_?handler|_irq\w*)$")


# -- handlers that don't handle --------------------------------------------------------------------------------------


def idle(scope: Scope) -> Findings:
    """ST303: handlers that clear no flag."""
    for function in having(scope.source, "@handler"):
        name = scope.value(function.name.text)
        if name.endswith("_IRQHandler") and not name.startswith(_OTHERS) and not _clears(scope, function):
            fixes = _driver(scope, function, name.removesuffix("_IRQHandler"))
            message = f"{name} clears no flag: it is called again at once"
            yield Finding("ST303", function.name.span, message, fixes).moved(function.start)


_CLEARS_NOTHING = re.compile(
    r"HAL_(?:Delay|GetTick|IncTick|GPIO_(?:Write|Read|Toggle)Pin)|v?s?n?printf|puts|putchar|BSP_LED_\w+|memset|memcpy|"
    r"LL_GPIO_(?:Toggle|SetOutput|ResetOutput)Pin|Error_Handler|__NOP|UNUSED|HAL_\w+Callback"
)


def _clears(scope: Scope, function: Function) -> bool:
    """Whether a handler, or what it calls, does anything that can clear a flag."""
    todo, seen = [function], {function.name.text}
    while todo:
        one = todo.pop()
        if "->" in one.text or one.is_endless or "asm" in one.text or "#" in one.text:
            return True
        for call in one.calls:
            called = scope.value(call.name.text)
            inner = scope.functions.get(called)
            if inner is not None and called not in seen:
                seen.add(called)
                todo.append(inner)
            elif inner is None and not _CLEARS_NOTHING.fullmatch(called):
                return True
    return False


_DRIVERS = {"USART": "UART", "UART": "UART", "LPUART": "UART", "SPI": "SPI", "TIM": "TIM", "ADC": "ADC", "DMA": "DMA",
            "CAN": "CAN", "FDCAN": "FDCAN", "RTC": "RTC", "LPTIM": "LPTIM", "DAC": "DAC"}  # fmt: skip


def _driver(scope: Scope, function: Function, interrupt: str) -> tuple[Fix, ...]:
    """Calls the HAL's handler, where the project has one handle that the interrupt is for."""
    kind = re.match(r"[A-Z]+", interrupt)
    driver = _DRIVERS.get(kind.group(), "") if kind else ""
    wanted = interrupt.partition("_")[0] if not interrupt.startswith("DMA") else interrupt
    fitting = [name for name, parts in flow.instances(scope).items() if parts == {wanted} and name.isidentifier()]
    if not driver or len(fitting) != 1:
        return ()
    start = body_start(function)
    text = f"HAL_{driver}_IRQHandler(&{fitting[0]});"
    return (Fix(f"Call {text}", (Edit(Span(start, start), f"  {text}\n"),)),)


def other_handle(scope: Scope) -> Findings:
    """ST307: a handler that gives the HAL the handle of another peripheral."""
    for function in having(scope.source, "@handler"):
        name = scope.value(function.name.text)
        if not name.endswith("_IRQHandler") or "IRQHandler(&" not in function.text:
            continue
        for call in function.calls:
            if not re.fullmatch(r"HAL_(UART|USART|SPI|I2C_E[VR]|I2S|TIM|CAN|DMA)_IRQHandler", call.name.text):
                continue
            if len(call.arguments) != 1 or not re.fullmatch(r"&\w+", call.arguments[0].text):
                continue
            parts = flow.instances(scope).get(handle(call.arguments[0].text), set())
            if len(parts) == 1 and (part := next(iter(parts))) and not _is_of(name, part):
                base = name.removesuffix("_IRQHandler")
                message = f"{name} is given {handle(call.arguments[0].text)}, the handle of {part}, not of {base}"
                yield Finding("ST307", call.arguments[0].span, message).moved(function.start)


def _is_of(handler: str, part: str) -> bool:
    """Whether a handler serves a peripheral: `TIM1_UP_TIM16_IRQHandler` serves both."""
    part = part.replace("_Stream", "_Stream").replace("I2S", "SPI")
    if not re.fullmatch(r"(?:USART|UART|LPUART|SPI|I2C|TIM|CAN|FDCAN)\d+|DMA\d_(?:Stream|Channel)\d", part):
        return True
    if part.startswith("DMA"):
        return part.partition("_")[2] in handler and part[:4] in handler if "Stream" in part else True
    words = handler.split("_")
    if part in words or part.replace("UART", "USART") in words or part.replace("USART", "UART") in words:
        return True
    kind = part.rstrip("0123456789")
    number = part.removeprefix(kind)
    # Shared vectors: USART3_4_IRQHandler, TIM6_DAC, SPI2_3, I2C2_3; with LP or without.
    shared = [word for word in words if word.isdigit()]
    return number in shared or any(word.startswith(kind) and not word[len(kind) :].isdigit() for word in words)


# -- priorities ------------------------------------------------------------------------------------------------------

_FROM_ISR = re.compile(
    r"x\w+FromISR|v\w+FromISR|portYIELD_FROM_ISR|osMessagePut|osMessageQueuePut|osSemaphoreRelease|osSignalSet|"
    r"osThreadFlagsSet|osEventFlagsSet|osMailPut"
)
_TASK_ONLY = re.compile(
    r"xQueueSend(?:ToBack|ToFront)?|xQueueReceive|xQueueOverwrite|xQueuePeek|xSemaphoreGive|xSemaphoreTake|xTaskNotify|"
    r"xTaskNotifyGive|xEventGroupSetBits|xStreamBufferSend|xMessageBufferSend|vTaskDelay(?:Until)?|vTaskSuspend|"
    r"vTaskResume|xTimerStart|xTimerStop|xTimerReset|ulTaskNotifyTake|xTaskNotifyWait|pvPortMalloc|vPortFree|osMutexWait|"
    r"osMutexAcquire|osMutexRelease"
)


def task_calls(scope: Scope) -> Findings:
    """ST308: FreeRTOS functions for tasks, called in an interrupt."""
    if not any(name.startswith(("x", "v", "os", "ul", "pv")) and _TASK_ONLY.fullmatch(name) for name in scope.called):
        return
    for function in scope.source.functions:
        origin = scope.interrupted.get(function.name.text)
        for call in function.calls if origin is not None else ():
            if _TASK_ONLY.fullmatch(call.name.text):
                name = call.name.text
                has = not name.startswith(("vTask", "os", "pv", "vPort", "ul", "xTaskNotifyWait"))
                meant = f": {name}FromISR is for interrupts" if has else ""
                fixes = (Fix(f"Call {name}FromISR", (Edit(call.name.span, f"{name}FromISR"),)),) if has else ()
                message = f"{name} runs in the interrupt {origin}, and is only for tasks{meant}"
                yield Finding("ST308", call.name.span, message, fixes).moved(function.start)


def _limit(scope: Scope) -> int | None:
    """The most urgent priority that may call FreeRTOS, as `HAL_NVIC_SetPriority` takes it."""
    found = scope.number("configLIBRARY_MAX_SYSCALL_INTERRUPT_PRIORITY")
    if found is not None:
        return found
    for name in ("configMAX_SYSCALL_INTERRUPT_PRIORITY", "configMAX_API_CALL_INTERRUPT_PRIORITY"):
        raw = scope.number(name)
        if raw is not None:
            bits = scope.number("configPRIO_BITS") or 4
            return raw >> (8 - bits) if raw > 15 else raw
    return None


def priorities(scope: Scope) -> Findings:
    """ST306: interrupts that call FreeRTOS and are more urgent than it allows."""
    limit = _limit(scope)
    if limit is None:
        return
    given = _given(scope)
    calling: dict[str, bool] = {}
    for function in having(scope.source, "NVIC"):
        for interrupt, priority, span in _prioritised(scope, function, given):
            if priority >= limit:
                continue
            if interrupt not in calling:
                calling[interrupt] = _calls_kernel(scope, interrupt)
            if not calling[interrupt]:
                continue
            message = f"{interrupt} calls FreeRTOS: its priority {priority} must be {limit} or more"
            is_number = function.text[span.start : span.end].strip().isdigit()
            fixes = (Fix(f"Give it {limit}", (Edit(span, str(limit)),)),) if is_number else ()
            yield Finding("ST306", span, message, fixes).moved(function.start)


def _prioritised(scope: Scope, function: Function, given: set[str]) -> Iterator[tuple[str, int, Span]]:
    """The interrupts that a function enables or gives a priority, each with its priority: 0 if nothing sets one."""
    for call in function.calls:
        called, arguments = call.name.text, call.arguments
        if called in ("HAL_NVIC_SetPriority", "NVIC_SetPriority", "__NVIC_SetPriority") and len(arguments) >= 2:
            encoded = re.search(r"NVIC_EncodePriority\s*\([^,]*\(?[^,]*\)?,\s*(\w+)\s*,", arguments[1].text)
            priority = scope.number(encoded.group(1) if encoded else arguments[1].text)
            if priority is not None:
                yield scope.value(arguments[0].text), priority, arguments[1].span
        elif called in _ENABLING and arguments:
            interrupt = scope.value(arguments[0].text)
            if interrupt not in given:
                yield interrupt, 0, arguments[0].span


def _given(scope: Scope) -> set[str]:
    """The interrupts that anything in the project gives a priority."""
    return {
        scope.value(call.arguments[0].text)
        for source in scope.project.sources.values()
        for function in having(source, "SetPriority")
        for call in function.calls
        if call.name.text.endswith("NVIC_SetPriority") and call.arguments
    }


def _calls_kernel(scope: Scope, interrupt: str) -> bool:
    """Whether a handler calls FreeRTOS: itself, through what it calls, or through the HAL's callbacks."""
    todo = [interrupt.removesuffix("_IRQn") + "_IRQHandler"]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        function = scope.functions.get(name)
        if function is None or name in seen:
            continue
        seen.add(name)
        for call in function.calls:
            if _FROM_ISR.fullmatch(call.name.text):
                return True
            todo.append(call.name.text)
            if driver := re.fullmatch(r"HAL_([A-Z0-9]+)(?:_E[VR])?(?:_IRQHandler)", call.name.text):
                start = f"HAL_{driver.group(1)}_"
                todo += [each for each in scope.functions if each.startswith(start) and each.endswith("Callback")]
    return False
