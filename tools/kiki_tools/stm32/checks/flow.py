"""What a program does from `main` on, in its order: clocks that it enables, peripherals and handles that it uses.

Calls are followed over the project's files, and from the HAL back into `HAL_…_MspInit`. Both ways of an `if` are taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kiki_tools.stm32.checks.scope import Scope, handle, having
from kiki_tools.stm32.code import Call, Function
from kiki_tools.text import Span

_MOST_STEPS = 40_000
_MOST_VISITS = 3
PORT = re.compile(r"GPIO[A-K]")
INSTANCE = re.compile(
    r"(?:USART|UART|LPUART|SPI|I2C|I3C|TIM|LPTIM|CAN|FDCAN|ADC|DAC|SAI|DMA|BDMA|SDIO|SDMMC|HRTIM)\d*|"
    r"RNG|CRC|DCMI|LTDC|DMA2D|QUADSPI|CORDIC|FMAC|HASH|CRYP"
)
_ENABLES = (
    re.compile(r"__HAL_RCC_(\w+?)_CLK_ENABLE"),
    re.compile(r"RCC_A[HP]B\d*(?:L|H)?ENR\d*_(\w+?)EN\b"),
    re.compile(r"RCC_IOPENR_(\w+?)EN\b"),
    re.compile(r"LL_(?:A[HP]B\d|IOP)_GRP\d_PERIPH_(\w+)"),
)
_DMA_PART = re.compile(r"(B?DMA\d)_(?:Stream|Channel)\d+")
_PORT_CALL = re.compile(r"(?:HAL|LL)_GPIO_(?!DeInit|StructInit|EXTI|AF_)\w+")
_LL_CALL = re.compile(
    r"LL_[A-Z0-9]+_(?!StructInit|DeInit|GetClock|DMA_GetRegAddr|ClearFlag|IsActive|IsEnabled|Disable)\w+"
)
_HAL_CALL = re.compile(r"HAL_([A-Z0-9]+(?:Ex)?)_(\w+)")
_INIT = re.compile(r"HAL_([A-Za-z0-9]+?)(?:Ex)?(?:_(\w+?))?_Init")
_UART = {"HalfDuplex", "LIN", "MultiProcessor", "RS485"}


class Event(NamedTuple):
    """One thing that a function does: `enable` or `use` of a peripheral, `init` or `handle` use, `call`."""

    kind: str
    name: str
    """The peripheral, the handle or the function called."""
    span: Span
    call: str = ""
    """The HAL function, for handles."""


class Step(NamedTuple):
    """One event in the program's order."""

    function: Function
    event: Event


def events(scope: Scope, function: Function) -> tuple[Event, ...]:
    """What a function does, in the order of its text."""
    return scope.noted(function, "flow", lambda scope, it: tuple(_events(scope, it)))


def _events(scope: Scope, function: Function) -> Iterator[Event]:
    found = [event for call in function.calls for event in _of_call(scope, call)]
    for assignment in function.assignments:
        base, arrow, register = assignment.target.text.partition("->")
        if not arrow:
            continue
        value = assignment.value.text
        if "ENR" in register or ("EN" in value and base == "RCC"):
            span = assignment.target.span
            kind = "disable" if assignment.operator == "&=" else "enable"
            names = enabled(value)
            if not names and kind == "enable" and base == "RCC":
                names = _by_number(scope, register, value)
            found += [Event(kind, name, span) for name in names]
        elif name := _peripheral(scope.value(base)):
            found.append(Event("use", name, Span(assignment.target.start, assignment.target.start + len(base))))
    if "CLK" in function.text or "PORT" in function.text:
        for match in _STATEMENT.finditer(function.text):
            found += [Event("enable", name, Span(*match.span(1))) for name in enabled(scope.value(match.group(1)))]
    found.sort(key=lambda each: each.span.start)
    yield from found


_STATEMENT = re.compile(r"^[ \t]*([A-Z]\w+)[ \t]*;", re.MULTILINE)
"""A macro that stands alone."""
_PORT_BITS = {"f1": ("APB2ENR", 2), "f0": ("AHBENR", 17), "f3": ("AHBENR", 17), "l1": ("AHBENR", 0)}
"""Where the ports' bits begin; in AHB1ENR, AHB2ENR, AHB4ENR and IOPENR elsewhere, from bit 0."""


def _by_number(scope: Scope, register: str, value: str) -> list[str]:
    """The clocks that a number enables: the ports among them, and `*`, as the rest isn't known."""
    number = scope.number(value)
    family = scope.device.family if scope.device else ""
    name, start = _PORT_BITS.get(family, ("", 0))
    ports = []
    if number is not None and (register == name or (not name and re.fullmatch(r"AHB[124]ENR\d?|IOPENR", register))):
        ports = [f"GPIO{letter}" for bit, letter in enumerate("ABCDEFGHIJK") if number >> (start + bit) & 1]
    return [*ports, "*"]


def _of_call(scope: Scope, call: Call) -> Iterator[Event]:
    called = scope.value(call.name.text)
    if "RCC" in called or "_EnableClock" in called or called in ("SET_BIT", "MODIFY_REG") or "CLK_EN" in called:
        words = [called, *(text for word in call.arguments for text in (word.text, scope.value(word.text)))]
        for name in dict.fromkeys(enabled(" ".join(words))):
            yield Event("enable", name, call.span)
        return
    if called in ("CLEAR_BIT", "READ_BIT"):
        return
    first = call.arguments[0] if call.arguments else None
    if first is not None and called.startswith(("HAL_", "LL_")):
        if _PORT_CALL.fullmatch(called) or (_LL_CALL.fullmatch(called) and not called.startswith("LL_RCC")):
            if name := _peripheral(scope.value(first.text)):
                yield Event("use", name, first.span)
        elif first.text.startswith("&") and (found := _HAL_CALL.fullmatch(called)):
            kind = "init" if called.endswith("_Init") else "handle"
            if not found.group(2).endswith(("DeInit", "MspInit", "GetState", "GetError", "IRQHandler")):
                yield Event(kind, handle(first.text), call.span, called)
        elif called.endswith("_Init") and found_in(called):
            yield Event("init", handle(first.text), call.span, called)
    if called == "HAL_Init":
        yield Event("call", "HAL_MspInit", call.span)
    yield Event("call", called, call.name.span)


def found_in(called: str) -> str:
    """The kind of peripheral that a `HAL_…_Init` is for: `UART`, `TIM_PWM`; empty if it is none."""
    found = _INIT.fullmatch(called)
    if found is None or found.group(1) in ("GPIO", "RCC", "DMA") or "Msp" in called:
        return ""
    kind = "UART" if found.group(1) in _UART else found.group(1)
    return f"{kind}_{found.group(2)}" if found.group(2) else kind


def msp_init(called: str) -> str:
    """The function of the user that a `HAL_…_Init` calls: `HAL_UART_MspInit`."""
    if called == "HAL_TIMEx_HallSensor_Init":
        return "HAL_TIMEx_HallSensor_MspInit"
    kind = found_in(called)
    return f"HAL_{kind}_MspInit" if kind else ""


def enabled(text: str) -> list[str]:
    """The clocks that a piece of code enables, as its constants call them."""
    found = [name for pattern in _ENABLES for name in pattern.findall(text)]
    return [f"GPIO{name[3]}" if re.fullmatch(r"IOP[A-K]", name) else name for name in found]


def _peripheral(name: str) -> str:
    """The peripheral whose clock a register block needs; empty if it isn't one that is followed."""
    if PORT.fullmatch(name):
        return name
    if found := _DMA_PART.fullmatch(name):
        return found.group(1)
    return name if INSTANCE.fullmatch(name) else ""


def serves(clock: str, peripheral: str) -> bool:
    """Whether a clock is that of a peripheral: `ADC12` is that of `ADC2`."""
    if clock == peripheral or (clock == "*" and not PORT.fullmatch(peripheral)):
        return True
    if peripheral == "QUADSPI" and clock == "QSPI":
        return True
    kind = peripheral.rstrip("0123456789")
    if kind in ("ADC", "DAC", "FDCAN", "CAN", "HRTIM", "SAI", "CRYP", "DMA2D", "LTDC") and clock.startswith(kind):
        numbers = clock.removeprefix(kind).strip("_")
        # `ADC->CCR`, `DAC->CR`: the names of what a family has one of, or of the registers that all of a kind share.
        return not numbers or peripheral == kind or any(digit in numbers for digit in peripheral.removeprefix(kind))
    return False


def instances(scope: Scope) -> Mapping[str, set[str]]:
    """The peripherals of the project's handles: `huart2` is `USART2`."""
    if "instances" not in scope.__dict__:
        found: dict[str, set[str]] = {}
        for source in scope.project.sources.values():
            for function in having(source, "Instance"):
                for name, instance in scope.noted(function, "instances", _instances_in):
                    found.setdefault(name, set()).add(instance)
            for setting in source.settings:
                if setting.target.text.endswith(".Instance"):
                    name = setting.target.text.removesuffix(".Instance")
                    found.setdefault(name, set()).add(scope.value(setting.value.text))
        scope.__dict__["instances"] = found
    known: Mapping[str, set[str]] = scope.__dict__["instances"]
    return known


def _instances_in(scope: Scope, function: Function) -> tuple[tuple[str, str], ...]:
    if "Instance" not in function.text:
        return ()
    return tuple(
        (each.target.text.removesuffix(".Instance").removesuffix("->Instance"), scope.value(each.value.text))
        for each in function.assignments
        if each.operator == "=" and each.target.text.endswith(("Instance",)) and len(each.target.text) > 9
    )


def program(scope: Scope) -> tuple[Step, ...]:
    """The steps from `main` on; empty if the project has none."""
    if "program" not in scope.__dict__:
        scope.__dict__["program"] = tuple(_program(scope))
    known: tuple[Step, ...] = scope.__dict__["program"]
    return known


def _program(scope: Scope) -> Iterator[Step]:
    main = scope.functions.get("main")
    if main is None:
        return
    visits: dict[str, int] = {}
    stack: list[tuple[Function, Iterator[Event]]] = [(main, iter(events(scope, main)))]
    inside = {"main"}
    for _ in range(_MOST_STEPS):
        if not stack:
            return
        function, rest = stack[-1]
        event = next(rest, None)
        if event is None:
            stack.pop()
            inside.discard(function.name.text)
            continue
        if event.kind == "init" and (msp := scope.functions.get(msp_init(event.call))) is not None:
            yield Step(function, Event("msp", event.name, event.span, event.call))
            again = iter((event._replace(kind="inited"),))
            stack.append((function, again))
            if msp.name.text not in inside:
                inside.add(msp.name.text)
                stack.append((msp, iter(events(scope, msp))))
            continue
        yield Step(function, event)
        called = scope.functions.get(event.name) if event.kind == "call" else None
        # What never returns is the way out after an error.
        is_way_out = called is not None and called.is_endless and called.name.text != "main"
        if (
            called is not None
            and not is_way_out
            and called.name.text not in inside
            and visits.get(event.name, 0) < _MOST_VISITS
        ):
            visits[event.name] = visits.get(event.name, 0) + 1
            inside.add(event.name)
            stack.append((called, iter(events(scope, called))))
