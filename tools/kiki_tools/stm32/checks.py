"""What is wrong with a firmware source for its chip. Says nothing that a compiler says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeVar

from kiki_tools.language import Diagnostic, Fix, Workspace
from kiki_tools.stm32 import clocks
from kiki_tools.stm32.codes import RULES
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import Project, is_firmware, project_of
from kiki_tools.stm32.source import Assignment, Call, Function, Source, source_of
from kiki_tools.text import Edit, Snapshot, Span


class Finding(NamedTuple):
    """One finding, before it becomes a diagnostic."""

    code: str
    span: Span
    message: str
    fixes: tuple[Fix, ...] = ()


class Scope(NamedTuple):
    """What every check sees."""

    snapshot: Snapshot
    source: Source
    project: Project

    def value(self, text: str) -> str:
        """A word with the macros that stand for one word replaced."""
        return resolved(text, self.project.defines)


_Built = TypeVar("_Built")


def noted(scope: Scope, function: Function, name: str, build: Callable[[Scope, Function], _Built]) -> _Built:
    """What one function's text and the macros tell, worked out once."""
    defines = scope.project.defines
    known = function.notes.get(name)
    if known is None or known[0] is not defines:
        known = function.notes[name] = (defines, build(scope, function))
    found: _Built = known[1]
    return found


def diagnose(snapshot: Snapshot, workspace: Workspace) -> list[Diagnostic]:
    """All findings of one C file."""
    if not snapshot.path.endswith(".c") or not is_firmware(snapshot):
        return []
    project = project_of(snapshot, workspace)
    scope = Scope(snapshot, source_of(snapshot), project)
    silenced = set(re.findall(r"kiki:\s*ignore\s+(ST\d{3})", snapshot.text))
    seen: set[tuple[str, Span, str]] = set()
    found = []
    for check in _CHECKS:
        for one in check(scope):
            key = (one.code, one.span, one.message)
            if key not in seen and one.code not in silenced:
                seen.add(key)
                severity = RULES[one.code].severity
                found.append(Diagnostic(snapshot.path, one.span, severity, one.code, one.message, fixes=one.fixes))
    found.sort(key=lambda each: (each.span, each.code))
    return found


def resolved(text: str, defines: Mapping[str, str]) -> str:
    """A word with the macros that stand for one word or a sum of them replaced."""
    if text not in defines and text.isidentifier():
        return text
    for _ in range(8):
        text = re.sub(r"/\*.*?\*/|//.*", "", text).strip()
        while text.startswith("(") and text.endswith(")") and text.count("(") == 1:
            text = text[1:-1].strip()
        replaced = defines.get(text)
        if replaced is None or replaced == text:
            break
        text = replaced
    return text


# -- pins ------------------------------------------------------------------------------------------------------------

_PIN = re.compile(r"(?:LL_)?GPIO_PIN_(\d+)")
_PORT = re.compile(r"GPIO([A-K])")
_AF = re.compile(r"(?:LL_)?GPIO_AF_?(\d+)(?:_(\w+))?")


class _Pinned(NamedTuple):
    """An alternate function given to a pin."""

    pin: str
    af: int
    peripheral: str
    span: Span
    function: Function


def _events(function: Function) -> list[Call | Assignment]:
    return sorted(
        [*function.calls, *function.assignments],
        key=lambda each: each.span.start if isinstance(each, Call) else each.target.span.start,
    )


def _pinned(scope: Scope) -> Iterator[_Pinned]:
    """Every pin that `HAL_GPIO_Init` or `LL_GPIO_Init` gives an alternate function."""
    for function in scope.source.functions:
        for pin, af, peripheral, span in noted(scope, function, "pins", lambda scope, it: list(_pins_in(scope, it))):
            yield _Pinned(pin, af, peripheral, function.place(span), function)


def _pins_in(scope: Scope, function: Function) -> Iterator[tuple[str, int, str, Span]]:
    fields: dict[tuple[str, str], Assignment] = {}
    for event in _events(function):
        if isinstance(event, Assignment):
            owner, dot, name = event.target.text.replace("->", ".").rpartition(".")
            if dot and event.operator == "=":
                fields[owner, name] = event
            continue
        if event.name.text in ("LL_GPIO_SetAFPin_0_7", "LL_GPIO_SetAFPin_8_15") and len(event.arguments) == 3:
            port, pin, af = event.arguments
            yield from _each_pin(scope, port.text, pin.text, af.text, af.span)
        if event.name.text not in ("HAL_GPIO_Init", "LL_GPIO_Init") or len(event.arguments) != 2:
            continue
        owner = event.arguments[1].text.removeprefix("&").strip()
        pin_set, alternate = fields.get((owner, "Pin")), fields.get((owner, "Alternate"))
        mode = fields.get((owner, "Mode"))
        if pin_set is None or alternate is None or mode is None:
            continue
        if not re.match(r"GPIO_MODE_AF|LL_GPIO_MODE_ALTERNATE", scope.value(mode.value.text)):
            continue
        pins, af_text = pin_set.value.text, alternate.value.text
        yield from _each_pin(scope, event.arguments[0].text, pins, af_text, alternate.value.span)


def _each_pin(scope: Scope, port: str, pins: str, af: str, span: Span) -> Iterator[tuple[str, int, str, Span]]:
    found_port, found_af = _PORT.fullmatch(scope.value(port)), _AF.fullmatch(scope.value(af))
    if found_port is None or found_af is None:
        return
    for part in scope.value(pins).split("|"):
        found = _PIN.fullmatch(scope.value(part))
        if found is not None:
            name = f"P{found_port.group(1)}{found.group(1)}"
            yield name, int(found_af.group(1)), found_af.group(2) or "", span


def _alternate_functions(scope: Scope) -> Iterator[Finding]:
    device = scope.project.device
    if device is None or not any(each.af is not None for functions in device.pins.values() for each in functions):
        return
    for pinned in _pinned(scope):
        if pinned.pin not in device.pins or pinned.af == 15 or _has(device, pinned):
            continue
        able = [each for each in device.functions(pinned.pin) if each.af is not None]
        peripheral = _peripheral(pinned.peripheral)
        right = [each for each in able if each.peripheral == peripheral]
        fixes = tuple(
            Fix(
                f"Use GPIO_AF{each.af}_{pinned.peripheral}",
                (Edit(pinned.span, f"GPIO_AF{each.af}_{pinned.peripheral}"),),
            )
            for each in right[:1]
        )
        what = f"AF{pinned.af}" + (f" {pinned.peripheral}" if pinned.peripheral else "")
        others = [f"{pin} ({each})" for pin, each in device.pins_of(peripheral)[:8]] if peripheral else []
        where = f"; {peripheral} comes out of {', '.join(others)}" if others and not right else ""
        has = ", ".join(str(each) for each in able) or "no alternate function"
        yield Finding("ST101", pinned.span, f"{pinned.pin} has no {what} on {device.name}: it has {has}{where}", fixes)


_SAME = {"I2S": "SPI", "OTG_FS": "USB_OTG_FS", "OTG_HS": "USB_OTG_HS", "UART": "USART", "FSMC": "FMC", "SDMMC": "SDIO"}


def _peripheral(name: str) -> str:
    """The peripheral in the name of a `GPIO_AF…` constant, as the device data calls it; empty if it isn't one."""
    if name in ("OTG_FS", "OTG_HS", "OTG_HS_FS"):
        return f"USB_{name.removesuffix('_FS') if name.endswith('HS_FS') else name}"
    return name if re.fullmatch(r"(USART|UART|LPUART|SPI|I2C|TIM|LPTIM|CAN|FDCAN)\d+", name) else ""


def _has(device: Device, pinned: _Pinned) -> bool:
    able = [each for each in device.functions(pinned.pin) if each.af == pinned.af]
    name = _peripheral(pinned.peripheral)
    if not able:
        return False
    if not name:
        return True
    number = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
    kind = name.removesuffix(number)
    alike = {f"{kind}{number}", f"{_SAME.get(kind, kind)}{number}", f"I2S{number}" if kind == "SPI" else ""}
    if kind == "USART":
        alike.add(f"UART{number}")
    if kind == "I2C":
        alike.add(f"FMPI2C{number}")
    return any(each.peripheral in alike or each.peripheral == kind for each in able)


def _two_functions(scope: Scope) -> Iterator[Finding]:
    first: dict[str, _Pinned] = {}
    for pinned in _pinned(scope):
        other = first.setdefault(pinned.pin, pinned)
        if other.af != pinned.af and other.function is not pinned.function:
            line = scope.snapshot.line_of(other.span.start) + 1
            yield Finding(
                "ST102",
                pinned.span,
                f"{pinned.pin} already has AF{other.af} {other.peripheral}".rstrip() + f" (line {line})",
            )


_DMA_NAME = re.compile(r"hdma_((?:usart|uart|spi|i2c|tim|adc|dac|sdio|i2s)\d*)(?:_(\w+))?")


def _dma(scope: Scope) -> Iterator[Finding]:
    """Streams and channels against the peripheral in the handle's name, as CubeMX gives it: `hdma_usart2_tx`."""
    device = scope.project.device
    if device is None or not device.dma:
        return
    for function in scope.source.functions:
        for handle, (stream, channel) in noted(scope, function, "dma", _dma_in).items():
            named = _DMA_NAME.fullmatch(handle)
            number = re.fullmatch(r"DMA_CHANNEL_(\d+)", scope.value(channel.value.text))
            if named is None or number is None:
                continue
            peripheral, signal = named.group(1).upper(), (named.group(2) or "").upper()
            wanted = f"{peripheral}_{signal}" if signal else peripheral
            serving = {key for key, served in device.dma.items() if wanted in served}
            key = (scope.value(stream.value.text), int(number.group(1)))
            if serving and key not in serving:
                places = ", ".join(f"{at} channel {number}" for at, number in sorted(serving))
                message = f"{key[0]} doesn't serve {wanted} on channel {key[1]}; {places} does"
                wrong = channel if any(at == key[0] for at, _ in serving) else stream
                yield Finding("ST104", function.place(wrong.value.span), message)


def _dma_in(scope: Scope, function: Function) -> dict[str, tuple[Assignment, Assignment]]:
    """The DMA handles for which a function sets both stream and channel."""
    streams = {each.target.text[:-9]: each for each in function.assignments if each.target.text.endswith(".Instance")}
    channels = {
        each.target.text[:-13]: each for each in function.assignments if each.target.text.endswith(".Init.Channel")
    }
    return {name: (streams[name], channels[name]) for name in streams if name in channels}


_GROUPS = {
    "GPIO": {"Pin": r"GPIO_PIN_", "Mode": r"GPIO_MODE_", "Pull": r"GPIO_(NOPULL|PULLUP|PULLDOWN)",
             "Speed": r"GPIO_SPEED_", "Alternate": r"GPIO_AF\d"},
    "UART": {"WordLength": r"UART_WORDLENGTH_", "StopBits": r"UART_STOPBITS_", "Parity": r"UART_PARITY_",
             "Mode": r"UART_MODE_", "HwFlowCtl": r"UART_HWCONTROL_", "OverSampling": r"UART_OVERSAMPLING_"},
    "SPI": {"Mode": r"SPI_MODE_", "Direction": r"SPI_DIRECTION_", "DataSize": r"SPI_DATASIZE_",
            "CLKPolarity": r"SPI_POLARITY_", "CLKPhase": r"SPI_PHASE_", "NSS": r"SPI_NSS_(SOFT|HARD)",
            "BaudRatePrescaler": r"SPI_BAUDRATEPRESCALER_", "FirstBit": r"SPI_FIRSTBIT_", "TIMode": r"SPI_TIMODE_",
            "CRCCalculation": r"SPI_CRCCALCULATION_"},
    "TIM": {"CounterMode": r"TIM_COUNTERMODE_", "ClockDivision": r"TIM_CLOCKDIVISION_", "OCMode": r"TIM_OCMODE_",
            "OCPolarity": r"TIM_OCPOLARITY_", "OCFastMode": r"TIM_OCFAST_",
            "ICPolarity": r"TIM_(IC|INPUTCHANNEL)POLARITY_",
            "ICSelection": r"TIM_ICSELECTION_", "ICPrescaler": r"TIM_ICPSC_"},
    "I2C": {"AddressingMode": r"I2C_ADDRESSINGMODE_", "DualAddressMode": r"I2C_DUALADDRESS_",
            "GeneralCallMode": r"I2C_GENERALCALL_", "NoStretchMode": r"I2C_NOSTRETCH_", "DutyCycle": r"I2C_DUTYCYCLE_"},
    "ADC": {"Resolution": r"ADC_RESOLUTION", "DataAlign": r"ADC_DATAALIGN_", "EOCSelection": r"ADC_EOC_",
            "Channel": r"ADC_CHANNEL_", "SamplingTime": r"ADC_SAMPLETIME_", "ClockPrescaler": r"ADC_CLOCK",
            "ExternalTrigConvEdge": r"ADC_EXTERNALTRIGCONVEDGE_"},
    "DMA": {"Direction": r"DMA_(PERIPH_TO_MEMORY|MEMORY_TO_PERIPH|MEMORY_TO_MEMORY)", "PeriphInc": r"DMA_PINC_",
            "MemInc": r"DMA_MINC_", "PeriphDataAlignment": r"DMA_PDATAALIGN_", "MemDataAlignment": r"DMA_MDATAALIGN_",
            "Mode": r"DMA_(NORMAL|CIRCULAR|PFCTRL)", "Priority": r"DMA_PRIORITY_", "Channel": r"DMA_CHANNEL_",
            "FIFOMode": r"DMA_FIFOMODE_"},
    "RCC": {"OscillatorType": r"RCC_OSCILLATORTYPE_", "HSEState": r"RCC_HSE_", "HSIState": r"RCC_HSI_",
            "PLLState": r"RCC_PLL_(ON|OFF|NONE)", "PLLSource": r"RCC_PLLSOURCE_", "ClockType": r"RCC_CLOCKTYPE_",
            "SYSCLKSource": r"RCC_SYSCLKSOURCE_", "AHBCLKDivider": r"RCC_SYSCLK_DIV", "APB1CLKDivider": r"RCC_HCLK_DIV",
            "APB2CLKDivider": r"RCC_HCLK_DIV"},
}  # fmt: skip


def _constants(scope: Scope) -> Iterator[Finding]:
    for function in scope.source.functions:
        for span, message in noted(scope, function, "constants", lambda scope, it: list(_constants_in(scope, it))):
            yield Finding("ST103", function.place(span), message)


def _constants_in(scope: Scope, function: Function) -> Iterator[tuple[Span, str]]:
    for assignment in function.assignments:
        owner, dot, name = assignment.target.text.replace("->", ".").rpartition(".")
        if not dot or not owner:
            continue
        value = scope.value(assignment.value.text).split("|")[0].strip()
        family = "UART" if value.startswith("USART_") else value.partition("_")[0]
        groups = _GROUPS.get(family)
        if groups is None or name not in groups or re.match(groups[name], value):
            continue
        others = [field for field, pattern in groups.items() if re.match(pattern, value)]
        if others:
            wanted = groups[name].replace("\\d", "…").replace("_(", "_… (").rstrip("_")
            yield assignment.value.span, f"{value} is for .{others[0]}; .{name} takes {wanted}…"


# -- clocks of ports and peripherals ---------------------------------------------------------------------------------

_ENABLES = (
    re.compile(r"__HAL_RCC_(\w+?)_CLK_ENABLE"),
    re.compile(r"RCC_A[HP]B\d*(?:L|H)?ENR\d*_(\w+?)EN\b"),
    re.compile(r"LL_(?:A[HP]B\d|IOP)_GRP\d_PERIPH_(\w+)"),
)
_INSTANCE = re.compile(r"(?:USART|UART|LPUART|SPI|I2C|TIM|LPTIM|CAN)\d+")


def _enabled(text: str) -> set[str]:
    return {name for pattern in _ENABLES for name in pattern.findall(text)}


def _enables(scope: Scope, function: Function) -> list[tuple[str, int]]:
    """The clocks that a function enables, and where."""
    found = []
    for call in function.calls:
        words = [scope.value(call.name.text), *(scope.value(word.text) for word in call.arguments)]
        words += [word.text for word in call.arguments]
        found += [(name, call.span.start) for name in _enabled(" ".join(words))]
    for assignment in function.assignments:
        found += [(name, assignment.target.span.start) for name in _enabled(scope.value(assignment.value.text))]
    return found


def _ports(scope: Scope, function: Function) -> list[tuple[str, Call]]:
    """The ports that a function works with, each with the call."""
    names = ("HAL_GPIO_Init", "LL_GPIO_Init", "HAL_GPIO_WritePin")
    calls = [call for call in function.calls if call.name.text in names and call.arguments]
    found = [(scope.value(call.arguments[0].text), call) for call in calls]
    return [(port, call) for port, call in found if _PORT.fullmatch(port)]


def _clocks(scope: Scope) -> Iterator[Finding]:
    """Ports given to `HAL_GPIO_Init`, and peripherals set as `.Instance` or used as `NAME->`, without their clock."""
    enabled: dict[str, set[str]] = {}
    for source in scope.project.sources.values():
        for function in source.functions:
            for name, _ in noted(scope, function, "enables", _enables):
                enabled.setdefault(name, set()).add(function.name.text)
        for _, value in source.defines:
            if "EN" in value:
                for name in _enabled(value):
                    enabled.setdefault(name, set()).add("")
    if not enabled:
        return
    for function in scope.source.functions:
        for peripheral, span in noted(scope, function, "used", _used):
            if peripheral not in enabled:
                yield Finding("ST201", function.place(span), f"nothing enables the clock of {peripheral}")
        for port, call in noted(scope, function, "ports", _ports):
            span = function.place(call.arguments[0].span)
            if port not in enabled:
                fix = _before(scope, function, call, f"__HAL_RCC_{port}_CLK_ENABLE();")
                yield Finding("ST201", span, f"nothing enables the clock of {port}", (fix,))
            elif enabled[port] == {function.name.text}:
                first = min(at for name, at in noted(scope, function, "enables", _enables) if name == port)
                if first > call.span.start:
                    line = scope.snapshot.line_of(function.start + first) + 1
                    yield Finding("ST202", span, f"the clock of {port} is enabled only later, in line {line}")


def _used(scope: Scope, function: Function) -> list[tuple[str, Span]]:
    """The peripherals that a function works with, each at its first place: as an instance, or by its registers."""
    found: dict[str, Span] = {}
    for assignment in function.assignments:
        base, arrow, _ = assignment.target.text.partition("->")
        word = assignment.value if assignment.target.text.endswith("Instance") else assignment.target if arrow else None
        name = "" if word is None else scope.value(word.text if word is assignment.value else base)
        if word is not None and _INSTANCE.fullmatch(name):
            found.setdefault(name, word.span)
    for call in function.calls:
        if call.arguments and re.match(r"LL_[A-Z0-9]+_(Init|Enable$)", call.name.text):
            name = scope.value(call.arguments[0].text)
            if _INSTANCE.fullmatch(name):
                found.setdefault(name, call.arguments[0].span)
    return list(found.items())


def _before(scope: Scope, function: Function, call: Call, text: str) -> Fix:
    """Adds a statement in the line before a call."""
    start = scope.snapshot.line_start(scope.snapshot.line_of(function.start + call.span.start))
    line = scope.snapshot.slice(Span(start, function.start + call.span.start))
    indent = line[: len(line) - len(line.lstrip())]
    return Fix(f"Add {text}", (Edit(Span(start, start), f"{indent}{text}\n"),))


# -- interrupts ------------------------------------------------------------------------------------------------------

_CORE = {
    "NMI_Handler", "HardFault_Handler", "MemManage_Handler", "BusFault_Handler", "UsageFault_Handler", "SVC_Handler",
    "DebugMon_Handler", "PendSV_Handler", "SysTick_Handler", "Reset_Handler", "SecureFault_Handler",
}  # fmt: skip
_BLOCKING = re.compile(
    r"HAL_Delay|LL_mDelay|osDelay|vTaskDelay|v?s?n?printf|puts|putchar|scanf|malloc|calloc|realloc|free|"
    r"HAL_(?:UART|USART|SPI|I2C|I2S|CAN|SMBUS|IRDA)_(?:Master_|Slave_|Mem_)?"
    r"(?:Transmit|Receive|TransmitReceive|Read|Write)|"
    r"HAL_\w+_PollFor\w+"
)
_CALLBACK = re.compile(r"HAL_\w+Callback(?:_\w+)?")


def _handler_name(scope: Scope, function: Function) -> str:
    return scope.value(function.name.text)


def _interrupted(project: Project) -> dict[str, str]:
    """The functions that run in an interrupt, each with the handler or callback from which it is reached."""
    functions = {f.name.text: f for source in project.sources.values() for f in source.functions}
    reached: dict[str, str] = {}
    todo = [
        (name, name)
        for name in functions
        if name.endswith("_IRQHandler") or name == "SysTick_Handler" or _CALLBACK.fullmatch(name)
    ]
    while todo:
        name, origin = todo.pop()
        if name in reached or (name != origin and functions[name].is_endless):
            continue
        reached[name] = origin
        todo += [(call.name.text, origin) for call in functions[name].calls if call.name.text in functions]
    return reached


def _handlers(scope: Scope) -> Iterator[Finding]:
    device = scope.project.device
    defined = {
        resolved(function.name.text, scope.project.defines)
        for source in scope.project.sources.values()
        for function in source.functions
    }
    any_handler = any(name.endswith("_IRQHandler") for name in defined)
    for function in scope.source.functions:
        for call in function.calls:
            if call.name.text in ("HAL_NVIC_EnableIRQ", "NVIC_EnableIRQ") and len(call.arguments) == 1:
                interrupt = scope.value(call.arguments[0].text)
                base = interrupt.removesuffix("_IRQn")
                real = device is None or base in device.interrupts | scope.project.handlers
                if interrupt.endswith("_IRQn") and real and any_handler and f"{base}_IRQHandler" not in defined:
                    span = function.place(call.arguments[0].span)
                    yield Finding("ST301", span, f"no file defines {base}_IRQHandler", _new_handler(scope, base))
        name = _handler_name(scope, function)
        if not name.endswith("_IRQHandler") or name.startswith(("HAL_", "LL_", "BSP_")) or function.is_static:
            continue
        base = name.removesuffix("_IRQHandler")
        known = device.interrupts | scope.project.handlers if device is not None else frozenset()
        if device is not None and known and base not in known and base.isupper():
            near = get_close_matches(base, known, 1, 0.6)
            meant = f"; did you mean {near[0]}_IRQHandler?" if near else ""
            span = function.place(function.name.span)
            fixes = tuple(Fix(f"Call it {each}_IRQHandler", (Edit(span, f"{each}_IRQHandler"),)) for each in near)
            yield Finding("ST302", span, f"{device.name} has no vector {name}{meant}", fixes)
        elif not function.calls and not function.assignments and len(function.names) <= 1:
            yield Finding(
                "ST303", function.place(function.name.span), f"{name} clears no flag: it is called again at once"
            )


def _new_handler(scope: Scope, base: str) -> tuple[Fix, ...]:
    end = len(scope.snapshot.text)
    text = f"\nvoid {base}_IRQHandler(void)\n{{\n}}\n"
    return (Fix(f"Add {base}_IRQHandler", (Edit(Span(end, end), text),)),)


def _misspelled_handlers(scope: Scope) -> Iterator[Finding]:
    """Functions without parameters that look like handlers, and aren't."""
    device = scope.project.device
    if device is None:
        return
    handlers = {f"{name}_IRQHandler" for name in device.interrupts} | _CORE
    for function in scope.source.functions:
        name = _handler_name(scope, function)
        if name in handlers or name.startswith(("HAL_", "LL_", "BSP_")) or function.is_static:
            continue
        if re.search(r"(?i)(IRQ_?Hand\w*|_Handler|_IRQHandle\w*)$", name) and not name.endswith("_IRQHandler"):
            near = get_close_matches(name, handlers, 1, 0.85)
            if near:
                span = function.place(function.name.span)
                fix = Fix(f"Call it {near[0]}", (Edit(span, near[0]),))
                yield Finding("ST302", span, f"no vector is called {name}; did you mean {near[0]}?", (fix,))


def _blocking(scope: Scope) -> Iterator[Finding]:
    reached = _interrupted(scope.project)
    for function in scope.source.functions:
        origin = reached.get(function.name.text)
        if origin is None or function.is_endless:
            continue
        for call in function.calls:
            if _BLOCKING.fullmatch(call.name.text):
                way = "" if origin == function.name.text else f", which {origin} calls"
                message = f"{call.name.text} blocks in {function.name.text}{way}: an interrupt must not wait"
                yield Finding("ST304", function.place(call.name.span), message)


def _volatile(scope: Scope) -> Iterator[Finding]:
    reached = _interrupted(scope.project)
    written: dict[str, str] = {}
    waited: dict[str, str] = {}
    for source in scope.project.sources.values():
        for function in source.functions:
            if function.name.text in reached:
                for assignment in function.assignments:
                    root = re.match(r"\w+", assignment.target.text)
                    if root:
                        written.setdefault(root.group(), function.name.text)
            else:
                for condition in function.waits:
                    for name in re.findall(r"[A-Za-z_]\w*", condition.text):
                        waited.setdefault(name, function.name.text)
    for variable in scope.source.variables:
        name = variable.name.text
        if name in written and name in waited and not variable.is_volatile and not variable.is_constant:
            if variable.type.startswith(("struct", "union")) or "HandleTypeDef" in variable.type:
                continue
            message = (
                f"{written[name]} writes {name} in an interrupt and {waited[name]} waits for it: it must be volatile"
            )
            start = variable.type_span.start
            fix = Fix("Make it volatile", (Edit(Span(start, start), "volatile "),))
            yield Finding("ST305", variable.name.span, message, (fix,))


def _priorities(scope: Scope) -> Iterator[Finding]:
    limit = scope.value("configLIBRARY_MAX_SYSCALL_INTERRUPT_PRIORITY")
    if not limit.isdigit():
        return
    functions = {f.name.text: f for source in scope.project.sources.values() for f in source.functions}
    for function in scope.source.functions:
        for call in function.calls:
            if call.name.text not in ("HAL_NVIC_SetPriority",) or len(call.arguments) < 2:
                continue
            interrupt, priority = scope.value(call.arguments[0].text), scope.value(call.arguments[1].text)
            handler = functions.get(interrupt.removesuffix("_IRQn") + "_IRQHandler")
            if handler is None or not priority.isdigit() or int(priority) >= int(limit):
                continue
            if any(each.name.text.endswith("FromISR") for each in handler.calls):
                message = f"{interrupt} calls FreeRTOS: its priority {priority} must be {limit} or more"
                yield Finding("ST306", function.place(call.arguments[1].span), message)


# -- HAL and registers -----------------------------------------------------------------------------------------------

_STATUS = re.compile(
    r"HAL_(?:RCC_(?:OscConfig|ClockConfig)|RCCEx_PeriphCLKConfig|(?:UART|USART|SPI|I2C|I2S|TIM|ADC|DAC|CAN|DMA|RTC|"
    r"IWDG|WWDG|SD|PCD|ETH|QSPI|SDRAM|SRAM|RNG|CRC|TIM_PWM|TIM_OC|TIM_IC|TIM_Base|TIM_Encoder)_(?:Init|ConfigChannel)|"
    r"FLASH_(?:Unlock|Program)|FLASHEx_Erase)"
)
_ONE_CLEARS = re.compile(r"(?:EXTI->R?F?PR\d?|DMA\d(?:_\w+)?->[LH]?IFCR|\w+->ICR|\w+->IFCR|\w+->CLR|SDIO->ICR)")


def _statuses(scope: Scope) -> Iterator[Finding]:
    for function in scope.source.functions:
        for call in function.calls:
            if call.alone and _STATUS.fullmatch(call.name.text):
                text = scope.snapshot.slice(function.place(call.span))
                where = function.place(call.span)
                start = scope.snapshot.line_start(scope.snapshot.line_of(where.start))
                indent = re.match(r"[ \t]*", scope.snapshot.slice(Span(start, where.start)))
                white = indent.group() if indent else ""
                body = f"if ({text} != HAL_OK)\n{white}{{\n{white}  Error_Handler();\n{white}}}"
                end = where.end + (scope.snapshot.slice(Span(where.end, where.end + 1)) == ";")
                fix = Fix("Check it", (Edit(Span(where.start, end), body),))
                yield Finding(
                    "ST401", function.place(call.name.span), f"what {call.name.text} returns is ignored", (fix,)
                )


def _order(scope: Scope) -> Iterator[Finding]:
    main = scope.source.function("main")
    if main is None:
        return
    first = next((call for call in main.calls if call.name.text == "HAL_Init"), None)
    if first is None:
        return
    for call in main.calls:
        if call.span.start < first.span.start and re.match(r"HAL_(?!Init$)|SystemClock_Config$|MX_", call.name.text):
            line = scope.snapshot.line_of(main.start + first.span.start) + 1
            message = f"{call.name.text} comes before HAL_Init (line {line})"
            yield Finding("ST402", main.place(call.name.span), message)


def _flags(scope: Scope) -> Iterator[Finding]:
    for function in scope.source.functions:
        for assignment in function.assignments:
            if assignment.operator == "|=" and _ONE_CLEARS.fullmatch(assignment.target.text):
                between = Span(assignment.target.span.end, assignment.value.span.start)
                place = function.place(between)
                text = scope.snapshot.slice(place)
                fix = Fix("Write the flag alone", (Edit(place, text.replace("|=", "=")),))
                message = f"`|=` clears every flag that is set in {assignment.target.text}"
                yield Finding("ST403", function.place(assignment.target.span), message, (fix,))


def _clock_tree(scope: Scope) -> Iterator[Finding]:
    device = scope.project.device
    if device is None:
        return
    for code, span, message in clocks.faults(scope.source, device, scope.value):
        yield Finding(code, span, message)


def buses(project: Project, device: Device) -> clocks.Clocks | None:
    """The clocks of the project's buses, where exactly one function of it sets them."""

    def value(text: str) -> str:
        return resolved(text, project.defines)

    found = [
        each for source in project.sources.values() for each in clocks.clocks_of(source, device, value) if each.pclk1
    ]
    return found[0] if len(found) == 1 else None


def _rates(scope: Scope) -> Iterator[Finding]:
    device = scope.project.device
    if device is None or "BaudRate" not in scope.snapshot.text:
        return
    known = buses(scope.project, device)
    for rate in clocks.rates(scope.source, known, scope.value) if known is not None else ():
        if rate.is_too_far:
            yield Finding("ST507", rate.function.place(rate.span), f"the rate comes to {rate.shown}")


def _device(scope: Scope) -> Iterator[Finding]:
    if scope.project.device is None and scope.source.function("main") is not None:
        main = scope.source.function("main")
        assert main is not None
        message = "the device is unknown: its pins, interrupts and clocks aren't checked"
        yield Finding("ST001", main.place(main.name.span), message)


_CHECKS: tuple[Callable[[Scope], Iterator[Finding]], ...] = (
    _device, _alternate_functions, _two_functions, _dma, _constants, _clocks, _handlers, _misspelled_handlers,
    _blocking, _volatile, _priorities, _statuses, _order, _flags, _clock_tree, _rates,
)  # fmt: skip
