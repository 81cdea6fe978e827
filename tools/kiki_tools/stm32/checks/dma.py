"""DMA: streams, channels and requests that don't serve the peripheral; transfers in the wrong direction."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kiki_tools.language import Fix
from kiki_tools.stm32.checks import flow
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, handle, having
from kiki_tools.stm32.code import Function, Word
from kiki_tools.text import Edit

_PART = re.compile(r"B?DMA\d_(?:Stream|Channel)\d+")
_NAMED = re.compile(r"hdma_((?:lpuart|usart|uart|spi|i2c|i2s|tim|adc|dac|sdio|sai)\d*)(?:_(\w+))?", re.IGNORECASE)
_KINDS = {"UART": "U?S?ART", "USART": "USART", "SMARTCARD": "USART", "IRDA": "U?S?ART", "I2S": "SPI"}
_TIMER_IDS = {"UPDATE": "UP", "CC1": "CH1", "CC2": "CH2", "CC3": "CH3", "CC4": "CH4", "TRIGGER": "TRIG",
              "COMMUTATION": "COM"}  # fmt: skip


class Wanted(NamedTuple):
    """What a DMA handle is for: the peripheral's name and its signal, each as a pattern; how a reader calls it."""

    pattern: str
    shown: str
    signal: str = ""
    """`TX`, `RX` or empty."""


class Route(NamedTuple):
    """One DMA setting: the stream or channel, and the channel or request chosen on it."""

    function: Function
    stream: str
    stream_word: Word
    choice: Word | None
    direction: Word | None
    wanted: tuple[Wanted, ...]


def routes(scope: Scope) -> Findings:
    """ST401, ST402: DMA settings of this file against the peripheral that they are for."""
    if not having(scope.source, "DMA"):
        return
    found = [*_by_hal(scope), *_by_ll(scope)]
    for route in found:
        if route.wanted:
            wrong = _misrouted(scope, route)
            if wrong is not None:
                yield wrong.moved(route.function.start)
            yield from (each.moved(route.function.start) for each in _direction(scope, route))


# -- settings by HAL -------------------------------------------------------------------------------------------------


def _by_hal(scope: Scope) -> Iterator[Route]:
    for function in having(scope.source, "DMA"):
        if "Init." not in function.text:
            continue
        settings: dict[str, dict[str, Word]] = {}
        for each in function.assignments:
            target = each.target.text.replace("->", ".").lstrip("(*").replace(")", "")
            owner, dot, name = target.replace(".Init.", ".").rpartition(".")
            if dot and each.operator == "=":
                if name == "Instance" and "Instance" in settings.get(owner, {}):
                    yield from _route(scope, function, owner, settings.pop(owner))
                settings.setdefault(owner, {})[name] = each.value
        for owner, fields in settings.items():
            yield from _route(scope, function, owner, fields)


def _route(scope: Scope, function: Function, owner: str, fields: Mapping[str, Word]) -> Iterator[Route]:
    stream = fields.get("Instance")
    if stream is None or not _PART.fullmatch(part := scope.value(stream.text)):
        return
    choice = fields.get("Channel") or fields.get("Request")
    yield Route(function, part, stream, choice, fields.get("Direction"), _wanted(scope, function, owner, stream))


def _wanted(scope: Scope, function: Function, owner: str, stream: Word) -> tuple[Wanted, ...]:
    """What a DMA handle is for: by what it is linked to, else by its name as CubeMX gives it."""
    links = [
        call
        for call in function.calls
        if call.name.text == "__HAL_LINKDMA" and len(call.arguments) == 3 and handle(call.arguments[2].text) == owner
    ]
    after = [call for call in links if call.span.start > stream.start] or links
    if after:
        link = after[0]
        return tuple(_linked(scope, function, link.arguments[0].text, link.arguments[1].text, stream.start))
    if found := _NAMED.fullmatch(owner):
        return (_signal(found.group(1).upper(), (found.group(2) or "").upper()),)
    return ()


def _linked(scope: Scope, function: Function, of: str, field: str, at: int) -> Iterator[Wanted]:
    driver = re.fullmatch(r"HAL_([A-Z0-9]+)(?:_\w+)?_MspInit", function.name.text)
    names = _branch(scope, function, at) or flow.instances(scope).get(handle(of), set())
    if not names and driver:
        kind = re.compile(_KINDS.get(driver.group(1), driver.group(1)) + r"\d*")
        names = {each for found in flow.instances(scope).values() for each in found if kind.fullmatch(each)}
    signal = {"hdmatx": "TX", "hdmarx": "RX"}.get(field, "")
    if timer := re.search(r"TIM_DMA_ID_(\w+)", scope.value(field)):
        signal = _TIMER_IDS.get(timer.group(1), "")
    for name in sorted(names):
        is_i2s = driver is not None and driver.group(1) == "I2S"
        yield _signal(name.replace("SPI", "I2S") if is_i2s else name, signal)


def _branch(scope: Scope, function: Function, at: int) -> set[str]:
    """The peripheral for which a part of a function is: `if (huart->Instance == USART1)`."""
    for branch in function.branches:
        if branch.kind == "if" and branch.condition is not None and branch.body.start <= at < branch.body.end:
            found = re.search(r"Instance\s*==\s*\(?(\w+)", branch.condition.text)
            if found:
                return {scope.value(found.group(1))}
    return set()


def _signal(peripheral: str, signal: str) -> Wanted:
    kind = peripheral.rstrip("0123456789") if not peripheral.startswith(("I2C", "I2S")) else peripheral[:3]
    number = peripheral.removeprefix(kind)
    if kind == "UART" or kind == "USART":
        pattern = f"US?ART{number}"
    elif kind in ("SPI", "I2S"):
        pattern = f"(?:SPI|I2S){number}"
    elif kind == "I2C":
        pattern = f"(?:FMP)?I2C{number}"
    elif kind in ("ADC", "DAC", "SDIO", "SAI"):
        pattern = f"{kind}(?:{number})?(?!\\d)" if number else f"{kind}\\d?"
    else:
        pattern = peripheral
    exact = signal in ("TX", "RX") or kind == "TIM"
    signals = [each for each in signal.split("_") if each]
    if exact and signals:
        # A timer's handle serves several of its signals: hdma_tim1_ch4_trig_com.
        choice = "|".join(re.escape(each) for each in signals)
        extended = "(?:EXT_)?" if kind == "I2S" else ""
        rest = f"_{extended}(?:{choice})(?:_.*)?"
    else:
        rest = "(?:_.*)?"
    shown = f"{peripheral}_{signal}" if signal else peripheral
    way = {"ADC": "RX", "DAC": "TX"}.get(kind, signal if signal in ("TX", "RX") else "")
    return Wanted(f"{pattern}{rest}", shown, way)


# -- settings by LL --------------------------------------------------------------------------------------------------

_ADDRESS = re.compile(r"LL_[A-Z0-9]+_DMA_Get\w*RegAddr\w*\s*\(\s*(\w+)|&\s*\(?\s*(\w+)\s*->")
_LL_STREAM = re.compile(r"LL_DMA_(STREAM|CHANNEL)_(\d+)")


def _by_ll(scope: Scope) -> Iterator[Route]:
    if not any(name.startswith("LL_DMA") for name in scope.called):
        return
    peripherals = _addressed(scope)
    used: set[str] | None = None
    for function in having(scope.source, "LL_DMA_"):
        directions = _ll_directions(scope, function)
        for call in function.calls:
            called, arguments = call.name.text, call.arguments
            if called not in ("LL_DMA_SetChannelSelection", "LL_DMA_SetPeriphRequest") or len(arguments) != 3:
                continue
            stream = _ll_stream(scope, arguments[0], arguments[1])
            if not stream:
                continue
            direction = directions.get(stream)
            signal = _signal_of(scope, direction)
            found = peripherals.get(stream, set())
            if not found:
                used = _in_use(scope) if used is None else used
                found, signal = used, ""
            wanted = tuple(_signal(name, signal if _has_two(name) else "") for name in sorted(found))
            yield Route(function, stream, arguments[1], arguments[2], direction, wanted)


def _has_two(peripheral: str) -> bool:
    return peripheral.startswith(("USART", "UART", "LPUART", "SPI", "I2C"))


def _signal_of(scope: Scope, direction: Word | None) -> str:
    text = scope.value(direction.text) if direction is not None else ""
    return "TX" if "MEMORY_TO_PERIPH" in text else "RX" if "PERIPH_TO_MEMORY" in text else ""


def _ll_stream(scope: Scope, controller: Word, stream: Word) -> str:
    found = _LL_STREAM.fullmatch(scope.value(stream.text))
    name = scope.value(controller.text)
    return f"{name}_{found.group(1).title()}{found.group(2)}" if found and re.fullmatch(r"DMA\d", name) else ""


def _ll_directions(scope: Scope, function: Function) -> dict[str, Word]:
    """The direction that a function gives each stream."""
    found: dict[str, Word] = {}
    for call in function.calls:
        if call.name.text.startswith("LL_DMA_") and len(call.arguments) > 2:
            stream = _ll_stream(scope, call.arguments[0], call.arguments[1])
            for word in call.arguments[2:] if stream else ():
                part = re.search(r"LL_DMA_DIRECTION_\w+", word.text)
                if part is not None and call.name.text != "LL_DMA_GetDataTransferDirection":
                    start = word.start + part.start()
                    found[stream] = Word(part.group(), start, start + len(part.group()))
    return found


def _addressed(scope: Scope) -> dict[str, set[str]]:
    """The peripherals whose registers a stream of the project is given."""
    found: dict[str, set[str]] = {}
    for source in scope.project.sources.values():
        for function in having(source, "LL_DMA_"):
            for call in function.calls:
                if call.name.text in ("LL_DMA_ConfigAddresses", "LL_DMA_SetPeriphAddress") and len(call.arguments) > 2:
                    stream = _ll_stream(scope, call.arguments[0], call.arguments[1])
                    for match in _ADDRESS.finditer(" ".join(word.text for word in call.arguments[2:])):
                        name = scope.value(match.group(1) or match.group(2))
                        if stream and flow.INSTANCE.fullmatch(name):
                            found.setdefault(stream, set()).add(name)
    return found


def _in_use(scope: Scope) -> set[str]:
    """All peripherals that the project works with, the DMA itself aside."""
    return {
        event.name
        for source in scope.project.sources.values()
        for function in source.functions
        for event in flow.events(scope, function)
        if event.kind == "use" and not event.name.startswith(("GPIO", "DMA", "BDMA"))
    }


# -- judging ---------------------------------------------------------------------------------------------------------


def _misrouted(scope: Scope, route: Route) -> Finding | None:
    device = scope.device
    shown = " or ".join(each.shown for each in route.wanted[:3])
    choice = scope.value(route.choice.text) if route.choice is not None else ""
    request = re.fullmatch(r"(?:DMA_REQUEST|LL_DMAMUX_REQ|DMA_REQUEST_GENERATOR|BDMA_REQUEST)_(\w+)", choice)
    if request is not None and not request.group(1).isdigit() and route.choice is not None:
        name = request.group(1)
        if name.startswith(("MEM2MEM", "GENERATOR")) or _serves(route, name):
            return None
        message = f"the request {name} isn't one of {shown}"
        fixes: tuple[Fix, ...] = ()
        right = route.wanted[0]
        if len(route.wanted) == 1 and right.signal:
            text = choice.removesuffix(name) + right.shown
            fixes = (Fix(f"Use {text}", (Edit(route.choice.span, text),)),)
        return Finding("ST401", route.choice.span, message, fixes)
    if device is None or not device.dma:
        return None
    number = re.fullmatch(r"(?:LL_)?DMA_(?:CHANNEL|REQUEST)_(\d+)", choice)
    key = (route.stream, int(number.group(1)) if number else -1)
    if (number is None) != ((route.stream, -1) in device.dma) and not _without_choice(device.dma):
        return None
    serving = sorted(at for at, served in device.dma.items() if any(_serves(route, name) for name in served))
    if not serving or key in serving or (_without_choice(device.dma) and (route.stream, -1) in serving):
        return None
    what = "request" if "Channel" in route.stream else "channel"
    places = ", ".join(at if number < 0 else f"{at} {what} {number}" for at, number in serving)
    on = f" on {what} {key[1]}" if key[1] >= 0 else ""
    message = f"{route.stream} doesn't serve {shown}{on}; {places} does"
    same = [number for at, number in serving if at == route.stream]
    blamed = route.choice if same and route.choice is not None else route.stream_word
    other: tuple[Fix, ...] = ()
    if same and route.choice is not None and number is not None:
        text = route.choice.text.replace(number.group(), f"{number.group()[: -len(number.group(1))]}{same[0]}")
        other = (Fix(f"Use {text}", (Edit(route.choice.span, text),)),) if text != route.choice.text else ()
    return Finding("ST401", blamed.span, message, other)


def _without_choice(dma: Mapping[tuple[str, int], frozenset[str]]) -> bool:
    return any(number == -1 for _, number in dma)


def _serves(route: Route, name: str) -> bool:
    return any(re.fullmatch(each.pattern, name) for each in route.wanted)


def _direction(scope: Scope, route: Route) -> Findings:
    signals = {each.signal for each in route.wanted}
    if route.direction is None or len(signals) != 1:
        return
    (signal,) = signals
    given = scope.value(route.direction.text)
    right = {"TX": "MEMORY_TO_PERIPH", "RX": "PERIPH_TO_MEMORY"}.get(signal, "")
    wrong = {"TX": "PERIPH_TO_MEMORY", "RX": "MEMORY_TO_PERIPH"}.get(signal, "")
    if wrong and given.endswith(wrong):
        text = route.direction.text.replace(wrong, right)
        fixes = (Fix(f"Use {text}", (Edit(route.direction.span, text),)),)
        message = f"{route.wanted[0].shown} is {'sent' if signal == 'TX' else 'received'}: it goes {_said(right)}"
        yield Finding("ST402", route.direction.span, message, fixes)


def _said(direction: str) -> str:
    return "from memory to the peripheral" if direction.startswith("MEMORY") else "from the peripheral to memory"
