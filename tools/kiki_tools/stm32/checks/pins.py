"""Pins: alternate functions that they don't have, two functions on one pin, pins that the device doesn't have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kiki_tools.language import Fix
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, events, handle, having, split_field
from kiki_tools.stm32.code import Assignment, Function, Word
from kiki_tools.stm32.device import Device
from kiki_tools.text import Edit, Span

_PIN = re.compile(r"(?:LL_)?GPIO_PIN_(\d+)")
_PORT = re.compile(r"GPIO([A-K])")
_AF = re.compile(r"(?:LL_)?GPIO_AF_?(\d+)(?:_(\w+))?")
_MODES = (
    (re.compile(r"GPIO_MODE_AF_|LL_GPIO_MODE_ALTERNATE|GPIO_MODE_AF\b"), "AF"),
    (re.compile(r"GPIO_MODE_OUTPUT|LL_GPIO_MODE_OUTPUT"), "an output"),
    (re.compile(r"GPIO_MODE_INPUT|LL_GPIO_MODE_INPUT|LL_GPIO_MODE_FLOATING"), "an input"),
    (re.compile(r"GPIO_MODE_(?:IT|EVT)_"), "an interrupt input"),
    (re.compile(r"GPIO_MODE_ANALOG|LL_GPIO_MODE_ANALOG"), "analogue"),
)


class Pinned(NamedTuple):
    """What a function makes of a pin. Places count from the function's start."""

    pin: str
    role: str
    """`AF`, `an output`, …"""
    af: int | None
    peripheral: str
    span: Span
    """What gives the role: the alternate function or the mode."""
    pin_span: Span


def pinned(scope: Scope, function: Function) -> tuple[Pinned, ...]:
    """All that a function makes of pins, by HAL, LL or the registers."""
    if "GPIO" not in function.text and "AFR" not in function.text:
        return ()
    return scope.noted(function, "pins", lambda scope, it: tuple(_pins_in(scope, it)))


def _pins_in(scope: Scope, function: Function) -> Iterator[Pinned]:
    fields: dict[tuple[str, str], Word] = {}
    for event in events(function):
        if isinstance(event, Assignment):
            owner, name = split_field(event.target.text)
            if owner and event.operator == "=":
                fields[owner, name] = event.value
            if name.startswith("AFR"):
                yield from _by_register(scope, event)
            continue
        called, arguments = event.name.text, event.arguments
        if called in ("LL_GPIO_SetAFPin_0_7", "LL_GPIO_SetAFPin_8_15") and len(arguments) == 3:
            yield from _each_pin(scope, arguments[0], arguments[1], "AF", arguments[2])
        elif called in ("HAL_GPIO_Init", "LL_GPIO_Init") and len(arguments) == 2:
            owner = handle(arguments[1].text)
            pins, mode = fields.get((owner, "Pin")), fields.get((owner, "Mode"))
            if pins is None or mode is None:
                continue
            written = scope.value(mode.text)
            role = next((role for pattern, role in _MODES if pattern.match(written)), "")
            alternate = fields.get((owner, "Alternate"))
            if role == "AF" and alternate is None:
                continue
            if role:
                yield from _each_pin(scope, arguments[0], pins, role, alternate if role == "AF" else mode)


def _each_pin(scope: Scope, port: Word, pins: Word, role: str, by: Word | None) -> Iterator[Pinned]:
    found_port = _PORT.fullmatch(scope.value(port.text))
    if found_port is None or by is None:
        return
    af = _AF.fullmatch(scope.value(by.text)) if role == "AF" else None
    if role == "AF" and af is None:
        return
    for part in scope.value(pins.text).split("|"):
        found = _PIN.fullmatch(scope.value(part))
        if found is not None:
            name = f"P{found_port.group(1)}{found.group(1)}"
            number, peripheral = (int(af.group(1)), af.group(2) or "") if af else (None, "")
            yield Pinned(name, role, number, peripheral, by.span, pins.span)


def _by_register(scope: Scope, assignment: Assignment) -> Iterator[Pinned]:
    """`GPIOA->AFR[0] |= 7 << 8`: the alternate functions in the nibbles."""
    found = re.fullmatch(r"(\w+)->AFR(\[[01]\]|L|H)", assignment.target.text)
    port = _PORT.fullmatch(scope.value(found.group(1))) if found else None
    value = scope.number(assignment.value.text) if assignment.operator in ("=", "|=") else None
    if found is None or port is None or value is None or value > 0xFFFF_FFFF:
        return
    base = 8 if found.group(2) in ("[1]", "H") else 0
    for place in range(8):
        if af := value >> (4 * place) & 15:
            span = assignment.value.span
            yield Pinned(f"P{port.group(1)}{base + place}", "AF", af, "", span, span)


# -- alternate functions ---------------------------------------------------------------------------------------------


def alternate_functions(scope: Scope, function: Function) -> Findings:
    """ST101, ST103: each alternate function against the device's data."""
    device = scope.device
    if device is None or not (uses := pinned(scope, function)):
        return
    given = device.name_has_pins
    meant = commented(function)
    right = {(use.af, use.peripheral) for use in uses if use.af is not None and _has(device, use)}
    for use in uses:
        if use.pin not in device.pins:
            if given:
                yield Finding("ST103", use.pin_span, f"{device.name} has no pin {use.pin}")
            continue
        if use.af is None or use.af == 15 or not device.has_alternate_functions or _has(device, use):
            continue
        # Where the function is right for other pins, and this one has nothing of the peripheral, it's the pin; unless
        # the code around works with a peripheral that the pin does have.
        peripheral = _peripheral(use.peripheral)
        none_here = not any(each.peripheral == peripheral for each in device.functions(use.pin))
        by_pin = (use.af, use.peripheral) in right or (bool(peripheral) and none_here and _somewhere(device, use))
        if by_pin and peripheral and (named := set(_MENTIONED.findall(function.text))) and peripheral not in named:
            by_pin = not named & {each.peripheral for each in device.functions(use.pin)}
        by_pin = by_pin or (bool(meant) and use.pin not in meant)
        yield _wrong(device, use, use.pin_span if by_pin else use.span)


def _somewhere(device: Device, use: Pinned) -> bool:
    """Whether the peripheral has that number on any pin."""
    return any(each.af == use.af for _, each in device.pins_of(_peripheral(use.peripheral)))


_FOLLOWED = re.compile(r"(?:USART|UART|LPUART|SPI|I2C|TIM|CAN|FDCAN|SAI|I2S|COMP|HRTIM|DFSDM|UCPD)\d+")
_MENTIONED = re.compile(
    r"(?<![A-Za-z0-9_])(?:USART|UART|LPUART|SPI|I2C|TIM|CAN|FDCAN|SAI|I2S|COMP|HRTIM|DFSDM|UCPD)\d+(?![A-Za-z0-9])"
)


def unused_peripherals(scope: Scope) -> Findings:
    """ST104: functions that a pin has, of peripherals that nothing in the project works with."""
    device = scope.device
    if device is None or "main" not in scope.functions or not device.name_has_pins:
        return
    if not having(scope.source, "AF"):
        return
    used = _mentioned(scope)
    for function in having(scope.source, "AF"):
        for use in pinned(scope, function):
            able = [each for each in device.functions(use.pin) if each.af == use.af] if use.af is not None else []
            if not able or not all(_FOLLOWED.fullmatch(each.peripheral) for each in able) or not _has(device, use):
                continue
            if any(_alike(each.peripheral) in used for each in able):
                continue
            meant = [
                each for each in device.functions(use.pin) if each.af is not None and _alike(each.peripheral) in used
            ]
            names = " and ".join(dict.fromkeys(each.peripheral for each in able))
            hint = f"; {', '.join(str(each) for each in meant)} is meant?" if meant else ""
            message = f"AF{use.af} of {use.pin} is {names}'s, which nothing here works with{hint}"
            noted = commented(function)
            by_pin = use.pin not in noted if noted else not meant and bool(use.peripheral)
            yield Finding("ST104", use.pin_span if by_pin else use.span, message).moved(function.start)


_COMMENTED = re.compile(r"\b(P[A-K]\d{1,2})\b[^\n]*?-{2,}>\s*(\w+)")


def commented(function: Function) -> Mapping[str, str]:
    """The pins that CubeMX's comment in a function names, each with its signal: `PA9 ------> USART1_TX`."""
    return function.noted("commented", lambda it: dict(_COMMENTED.findall(it.text)) if "-->" in it.text else {})


def other_than_commented(scope: Scope, function: Function) -> Findings:
    """ST106: a pin that CubeMX's comment doesn't name, where one that it names isn't set up."""
    meant = commented(function)
    if not meant:
        return
    uses = pinned(scope, function)
    missing = [pin for pin in meant if all(use.pin != pin for use in uses)]
    for use in uses if missing else ():
        if use.pin not in meant and use.role in ("AF", "analogue"):
            names = " and ".join(f"{pin} ({meant[pin]})" for pin in missing[:3])
            message = f"{use.pin} is set up, where the comment says {names}"
            yield Finding("ST106", use.pin_span, message)


_ONCE = {"TX", "RX", "SCK", "MOSI", "MISO", "SCL", "SDA"}


def signals(scope: Scope, function: Function) -> Findings:
    """ST105: one signal of a peripheral on two pins of a function, and the clock of a USART that works without one."""
    device = scope.device
    if device is None or "#" in function.text:
        return
    first: dict[tuple[str, str], str] = {}
    for use in pinned(scope, function):
        if use.af is None or not _has(device, use):
            continue
        able = [
            each for each in device.functions(use.pin) if each.af == use.af and _FOLLOWED.fullmatch(each.peripheral)
        ]
        if len({each.peripheral for each in able}) != 1:
            continue
        names = {each.signal for each in able}
        signal = next(iter(names))
        peripheral = able[0].peripheral
        if names == {"CK"} and "UART_HandleTypeDef" in function.text and "USART" in peripheral:
            message = f"{use.pin} is the clock of {peripheral}, which a UART doesn't use"
            yield Finding("ST105", use.pin_span, message)
        elif len(names) == 1 and signal in _ONCE:
            other = first.setdefault((peripheral, signal), use.pin)
            if other != use.pin:
                message = f"{use.pin} is {peripheral}_{signal}, and so is {other}"
                yield Finding("ST105", use.pin_span, message)


def _alike(peripheral: str) -> str:
    """A peripheral by the name that those of one kind share."""
    return peripheral.replace("USART", "UART").replace("LPUART", "UART").replace("I2S", "SPI").replace("FDCAN", "CAN")


def _mentioned(scope: Scope) -> set[str]:
    """The peripherals that the project's code mentions, macros replaced."""
    found: set[str] = set()
    for source in scope.project.sources.values():
        known = source.notes.get("mentioned")
        if known is None:
            known = {
                _alike(name)
                for function in source.functions
                for name in _MENTIONED.findall(function.text)
            }  # fmt: skip
            source.notes["mentioned"] = known
        found |= known
    for value in scope.project.defines.values():
        if len(value) < 12 and _FOLLOWED.fullmatch(value.strip("() ")):
            found.add(_alike(value.strip("() ")))
    return found


def _wrong(device: Device, use: Pinned, blamed: Span) -> Finding:
    able = [each for each in device.functions(use.pin) if each.af is not None]
    peripheral = _peripheral(use.peripheral)
    right = [each for each in able if each.peripheral == peripheral]
    prefix = "GPIO_AF"
    fixes = tuple(
        Fix(f"Use {name}", (Edit(use.span, name),))
        for name in dict.fromkeys(f"{prefix}{each.af}_{use.peripheral}" for each in right[:1])
        if blamed == use.span
    )
    what = f"AF{use.af}" + (f" {use.peripheral}" if use.peripheral else "")
    others = [f"{pin} ({each})" for pin, each in device.pins_of(peripheral)[:8]] if peripheral else []
    where = f"; {peripheral} comes out of {', '.join(others)}" if others and not right else ""
    has = ", ".join(str(each) for each in able) or "no alternate function"
    return Finding("ST101", blamed, f"{use.pin} has no {what} on {device.name}: it has {has}{where}", fixes)


_SAME = {"I2S": "SPI", "OTG_FS": "USB_OTG_FS", "OTG_HS": "USB_OTG_HS", "UART": "USART", "FSMC": "FMC", "SDMMC": "SDIO"}


def _peripheral(name: str) -> str:
    """The peripheral in the name of a `GPIO_AF…` constant, as the device data calls it; empty if it isn't one."""
    if name in ("OTG_FS", "OTG_HS", "OTG_HS_FS"):
        return f"USB_{name.removesuffix('_FS') if name.endswith('HS_FS') else name}"
    return name if re.fullmatch(r"(USART|UART|LPUART|SPI|I2C|TIM|LPTIM|CAN|FDCAN)\d+", name) else ""


def _has(device: Device, use: Pinned) -> bool:
    able = [each for each in device.functions(use.pin) if each.af == use.af]
    name = _peripheral(use.peripheral)
    if not able:
        return False
    if not name:
        return True
    split = re.fullmatch(r"(.*?[A-Z_])(\d*)", name)
    kind, number = split.groups() if split else (name, "")
    alike = {f"{kind}{number}", f"{_SAME.get(kind, kind)}{number}", f"I2S{number}" if kind == "SPI" else ""}
    if kind == "USART":
        alike.add(f"UART{number}")
    if kind == "I2C":
        alike.add(f"FMPI2C{number}")
    return any(each.peripheral in alike or each.peripheral == kind for each in able)


# -- two functions on one pin ----------------------------------------------------------------------------------------

_UNDOING = re.compile(r"(?i)deinit|stop|standby|sleep|lowpower|low_power|analog|recover|unstick|swd|reset")


_MOST_USES = 200


class _Use(NamedTuple):
    path: str
    function: Function
    pinned: Pinned


def two_functions(scope: Scope) -> Findings:
    """ST102: a pin that two functions of the project use differently, told at both places."""
    first: dict[str, tuple[str, int | None]] = {}
    doubtful: set[str] = set()
    for source in scope.project.sources.values():
        for function in having(source, "GPIO"):
            for pin, role, af in scope.noted(function, "lasting", _lasting):
                if first.setdefault(pin, (role, af)) != (role, af):
                    doubtful.add(pin)
    for pin in sorted(doubtful):
        every = [
            _Use(path, function, each)
            for path, source in scope.project.sources.items()
            for function in having(source, "GPIO")
            if scope.noted(function, "lasting", _lasting)
            for each in pinned(scope, function)
            if each.pin == pin
        ]
        for use in every[:_MOST_USES]:
            if use.path != scope.snapshot.path:
                continue
            other = next((each for each in every[:_MOST_USES] if _conflict(each, use)), None)
            if other is not None:
                where = _where(scope, other, use.path)
                has = _role(other.pinned)
                message = f"{pin} is {_role(use.pinned)} here and {has} {where}"
                yield Finding("ST102", use.function.place(use.pinned.span), message)


def _lasting(scope: Scope, function: Function) -> tuple[tuple[str, str, int | None], ...]:
    """What a function makes of pins, unless it is one that undoes or saves: `HAL_UART_MspDeInit`, `EnterStopMode`."""
    uses = pinned(scope, function)
    if not uses or _UNDOING.search(function.name.text):
        return ()
    return tuple((each.pin, each.role, each.af) for each in uses)


def _conflict(one: _Use, other: _Use) -> bool:
    """Whether two uses of a pin can't be meant both."""
    first, second = one.pinned, other.pinned
    if one.function is other.function and first.span == second.span:
        return False
    if "analogue" in (first.role, second.role) and "AF" not in (first.role, second.role):
        return False
    if first.role != second.role:
        return one.function is not other.function
    return first.af != second.af


def _role(use: Pinned) -> str:
    return f"AF{use.af} {use.peripheral}".rstrip() if use.af is not None else use.role


def _where(scope: Scope, use: _Use, path: str) -> str:
    if use.path != path:
        name = re.split(r"[/\\]", use.path)[-1]
        return f"in {use.function.name.text} of {name}"
    return f"in line {scope.line(use.function, use.pinned.span.start)}"
