"""The order of HAL calls, and what they return: HAL_Init first, initialised before use, statuses looked at."""

from __future__ import annotations

import re

from kiki_tools.language import Fix
from kiki_tools.stm32.checks import flow
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, line_before
from kiki_tools.stm32.code import Function
from kiki_tools.text import Edit, Span

_STATUS = re.compile(r"HAL_[A-Za-z0-9]+_\w+")
_NONE = re.compile(
    r"HAL_(?:(?:GPIO|NVIC|MPU|SYSCFG|SYSTICK|DBGMCU|PWR|EXTI|DFSDM|CORTEX)_\w+|CRC_(?!Init)\w+|RTC_DST\w+|RTCEx_BKUP\w+|"
    r"PWREx_(?!\w*(?:OverDrive|ControlVoltage))\w+|RCC_(?:MCO|En|Dis|Get|NMI)\w+|RCCEx_(?:CRS|En|Dis|Get|Select)\w+|"
    r"FLASH_Lock|FLASHEx_(?:En|Dis|St|OBGet|AdvOBGet|OB_Get)\w+|\w+_(?:En|Dis)ableFastMode\w+|\w*(?:Callback\w*|IRQHandler|"
    r"MspInit|MspDeInit|GetState|GetError|GetValue|DualGetValue|GetTick\w*|ReadCapturedValue|Suspend|FillLevel)|"
    r"\w+_(?:Get(?!Rx|Time|Date|Alarm)|Is(?!DeviceReady)|ReadLast|ReadCo|ReadA)\w*|RNG_GetRandomNumber(?:_IT)?|\w+DeInit|"
    r"UART_ReceiverTimeout_Config|PCD_EP_GetRxCount|QSPI_SetTimeout|UARTEx_GetRxEventType|\w+_Read_?Status)"
)
"""The HAL's functions that return no status."""


def statuses(scope: Scope, function: Function) -> Findings:
    """ST503: calls whose status nothing looks at."""
    for call in function.calls:
        name = call.name.text
        if not call.alone or not name.startswith("HAL_") or not _STATUS.fullmatch(name) or _NONE.fullmatch(name):
            continue
        start = function.text.rfind("\n", 0, call.span.start) + 1
        indent = re.match(r"[ \t]*", function.text[start : call.span.start])
        white = indent.group() if indent else ""
        text = function.text[call.span.start : call.span.end]
        body = f"if ({text} != HAL_OK)\n{white}{{\n{white}  Error_Handler();\n{white}}}"
        end = call.span.end + (function.text[call.span.end : call.span.end + 1] == ";")
        fix = Fix("Check it", (Edit(Span(call.span.start, end), body),))
        yield Finding("ST503", call.name.span, f"what {name} returns is ignored", (fix,))


def main_order(scope: Scope) -> Findings:
    """ST504: HAL functions before `HAL_Init`, or without it; a clock that is set up but never asked for."""
    main = scope.source.by_name.get("main")
    if main is None:
        return
    first = next((call for call in main.calls if call.name.text == "HAL_Init"), None)
    if first is None:
        uses = [call for call in main.calls if _SETTING_UP.match(call.name.text)]
        hal = any(re.match(r"HAL_\w+_Init$|HAL_(?:RCC|FLASH|GPIO|PWR)\w*_", name) for name in scope.called)
        if uses and hal and not {"HAL_Init", "HAL_InitTick"} & scope.called:
            fix = line_before(main, uses[0].span.start, "HAL_Init();")
            message = "nothing calls HAL_Init: without it the tick doesn't run, and time-outs and HAL_Delay don't end"
            yield Finding("ST504", uses[0].name.span, message, (fix,)).moved(main.start)
    else:
        for call in main.calls:
            if call.span.start < first.span.start and _EARLY.match(call.name.text):
                line = scope.line(main, first.span.start)
                message = f"{call.name.text} comes before HAL_Init (line {line})"
                yield Finding("ST504", call.name.span, message).moved(main.start)
    yield from _clock_first(scope, main, first.span.end if first is not None else 0)


_SETTING_UP = re.compile(r"HAL_(?!GetTick|Delay|Init$)|MX_|BSP_|SystemClock_Config$")
_EARLY = re.compile(r"HAL_(?!Init$|MPU_|RCC_DeInit|DeInit|GPIO_)|SystemClock_Config$|MX_")


def _clock_first(scope: Scope, main: Function, after: int) -> Findings:
    """`SystemClock_Config` right behind `HAL_Init`: what is set up before runs at another frequency."""
    clock = scope.functions.get("SystemClock_Config")
    if clock is None:
        return
    call = next((each for each in main.calls if each.name.text == "SystemClock_Config"), None)
    if call is None:
        calls = [each for each in main.calls if each.span.start > after]
        # CubeMX's mains for LL enable SYSCFG and set priorities first.
        behind = next((each for each in calls if not _BEFORE_CLOCK.match(each.name.text)), calls[0] if calls else None)
        sets = "RCC" in clock.text and not scope.calls(r"SystemClock_Config|LL_PLL_ConfigSystemClock\w*")
        if sets and behind is not None:
            fix = line_before(main, behind.span.start, "SystemClock_Config();")
            message = "nothing calls SystemClock_Config: the device stays on its internal oscillator"
            yield Finding("ST505", behind.name.span, message, (fix,)).moved(main.start)
        return
    for each in main.calls:
        is_early = after <= each.span.start < call.span.start
        if is_early and re.match(r"MX_(?!GPIO)\w+_Init$|HAL_(?:UART|SPI|I2C|TIM\w*|ADC|CAN|I2S)_Init$", each.name.text):
            message = f"{each.name.text} comes before SystemClock_Config (line {scope.line(main, call.span.start)})"
            yield Finding("ST505", each.name.span, message).moved(main.start)


_BEFORE_CLOCK = re.compile(r"LL_A[HP]B\d_|NVIC_|LL_PWR_|LL_FLASH_|HAL_Init$|HAL_MPU_|__HAL_|MPU_Config")
_NO_USE = re.compile(
    r"HAL_\w*(?:Init|DeInit|RegisterCallback|UnRegisterCallback|IRQHandler|MspInit|Callback|GetState|GetError|LINKDMA)|"
    r"HAL_(?:RCC|RCCEx|GPIO|NVIC|PWR|PWREx|FLASH|FLASHEx|DMA2D|RTCEx|CRS)_\w+|HAL_SDRAM_\w+|HAL_DMA_(?:Mux)?\w*Config\w*"
)


def init_order(scope: Scope) -> Findings:
    """ST507: handles that are used before they are initialised."""
    main = scope.functions.get("main")
    if main is None:
        return
    used: dict[str, tuple[Function, flow.Event]] = {}
    ready: set[str] = set()
    for function, event in flow.program(scope):
        if event.kind in ("init", "msp", "inited"):
            if event.name in used:
                user, use = used.pop(event.name)
                if user is scope.source.by_name.get(user.name.text):
                    message = f"{use.call} uses {event.name}, which {event.call} initialises only later"
                    yield Finding("ST507", use.span, message).moved(user.start)
            ready.add(event.name)
        elif event.kind == "handle" and event.name not in ready and not _NO_USE.fullmatch(event.call):
            used.setdefault(event.name, (function, event))
    for name, (user, use) in used.items():
        if user is scope.source.by_name.get(user.name.text) and (setting_up := _setting_up(scope, name)):
            message = f"{use.call} uses {name}, which {setting_up} initialises; nothing calls that"
            yield Finding("ST507", use.span, message).moved(user.start)


def _setting_up(scope: Scope, name: str) -> str:
    """The one function of the project that initialises a handle, if nothing calls or names it."""
    found = {
        function.name.text
        for function in scope.functions.values()
        if name in function.text and "_Init" in function.text
        for event in flow.events(scope, function)
        if event.kind == "init" and event.name == name
    }
    if len(found) != 1:
        return ""
    (only,) = found
    is_named = any(only in each.names for each in scope.functions.values() if each.name.text != only)
    return "" if only == "main" or is_named else only
