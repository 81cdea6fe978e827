"""Text that a project lacks: interrupt handlers, and functions that set a peripheral up as STM32CubeMX writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.stm32.device import Device, vectors
from kiki_tools.stm32.headers import Library
from kiki_tools.stm32.project import Project

_DRIVERS = (
    (r"US?ART\d+|LPUART\d+", "UART", "huart"), (r"SPI\d+", "SPI", "hspi"), (r"I2C\d+_(?:EV|ER)", "I2C", "hi2c"),
    (r"TIM\d+", "TIM", "htim"), (r"(?:DMA|GPDMA)\d*_(?:Stream|Channel)\d+", "DMA", "hdma"), (r"ADC\w*", "ADC", "hadc"),
    (r"(?:FD)?CAN\d*\w*", "CAN", "hcan"), (r"RTC_WKUP", "RTCEx_WakeUpTimer", "hrtc"),
    (r"OTG_FS|USB_LP\w*", "PCD", "hpcd"),
)  # fmt: skip
_MOST_PINS = 12

Skeleton = tuple[str, str, str]
"""Its name, its text, what it is."""


def handlers(project: Project, library: Library) -> Iterator[Skeleton]:
    """Handlers of the vector table that the project doesn't define; those of enabled interrupts first."""
    defined, enabled = set(), set()
    handles: dict[str, str] = {}
    for source in project.sources.values():
        for variable in source.variables:
            handles.setdefault(variable.name.text, variable.type)
        for function in source.functions:
            defined.add(function.name.text)
            for call in function.calls:
                if call.name.text.endswith("NVIC_EnableIRQ") and call.arguments:
                    enabled.add(call.arguments[0].text.removesuffix("_IRQn"))
    names = dict.fromkeys(vectors(project.device)) if project.device is not None else {}
    names |= dict.fromkeys(sorted(project.handlers))
    known = library.registers.interrupts.items()
    names |= {name.removesuffix("_IRQn"): None for name, (number, _) in known if number >= 0}
    for name in sorted(filter(None, names), key=lambda each: each not in enabled):
        if f"{name}_IRQHandler" not in defined:
            text = handler(name, handles)
            detail = "enabled, but without handler" if name in enabled else "interrupt handler"
            yield f"{name}_IRQHandler", text, detail


def handler(name: str, handles: dict[str, str]) -> str:
    """A handler for an interrupt: with the HAL's own where the project has a handle for the peripheral."""
    calls = []
    if name.startswith("EXTI"):
        pins = re.findall(r"\d+", name)
        low, high = (int(pins[-1]), int(pins[0])) if len(pins) == 2 else (int(pins[0]),) * 2 if pins else (0, -1)
        calls = [f"HAL_GPIO_EXTI_IRQHandler(GPIO_PIN_{number});" for number in range(low, high + 1)]
    for pattern, driver, prefix in _DRIVERS:
        if re.match(rf"(?:{pattern})(?:_|$)", name):
            own = _handle(name, driver, prefix, handles)
            function = f"HAL_{driver}_IRQHandler" if driver != "I2C" else f"HAL_I2C_{name[-2:]}_IRQHandler"
            if own:
                calls = [f"{function}(&{own});"]
            break
    body = "".join(f"  {call}\n" for call in calls) or "  \n"
    return f"void {name}_IRQHandler(void)\n{{\n{body}}}\n"


def _handle(name: str, driver: str, prefix: str, handles: dict[str, str]) -> str:
    """The project's handle for an interrupt's peripheral: `huart2` for USART2; the only one of its kind else."""
    number = re.match(r"[A-Z]+?2?[A-Z]*(\d+)", name)
    wanted = f"{prefix}{number.group(1) if number else ''}"
    of_kind = [each for each, kind in handles.items() if kind == f"{driver}_HandleTypeDef"]
    if wanted in of_kind:
        return wanted
    return of_kind[0] if len(of_kind) == 1 and driver != "DMA" else ""


# -- init functions --------------------------------------------------------------------------------------------------

_KINDS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    (r"US?ART\d+", ("TX", "RX"), "UART", "huart"),
    (r"SPI\d+", ("SCK", "MISO", "MOSI"), "SPI", "hspi"),
    (r"I2C\d+", ("SCL", "SDA"), "I2C", "hi2c"),
)
_SETTINGS = {
    "UART": (
        ("BaudRate", "115200"), ("WordLength", "UART_WORDLENGTH_8B"), ("StopBits", "UART_STOPBITS_1"),
        ("Parity", "UART_PARITY_NONE"), ("Mode", "UART_MODE_TX_RX"), ("HwFlowCtl", "UART_HWCONTROL_NONE"),
        ("OverSampling", "UART_OVERSAMPLING_16"),
    ),
    "SPI": (
        ("Mode", "SPI_MODE_MASTER"), ("Direction", "SPI_DIRECTION_2LINES"), ("DataSize", "SPI_DATASIZE_8BIT"),
        ("CLKPolarity", "SPI_POLARITY_LOW"), ("CLKPhase", "SPI_PHASE_1EDGE"), ("NSS", "SPI_NSS_SOFT"),
        ("BaudRatePrescaler", "SPI_BAUDRATEPRESCALER_16"), ("FirstBit", "SPI_FIRSTBIT_MSB"),
        ("TIMode", "SPI_TIMODE_DISABLE"), ("CRCCalculation", "SPI_CRCCALCULATION_DISABLE"), ("CRCPolynomial", "7"),
    ),
    "I2C": (
        ("ClockSpeed", "100000"), ("DutyCycle", "I2C_DUTYCYCLE_2"), ("OwnAddress1", "0"),
        ("AddressingMode", "I2C_ADDRESSINGMODE_7BIT"), ("DualAddressMode", "I2C_DUALADDRESS_DISABLE"),
        ("OwnAddress2", "0"), ("GeneralCallMode", "I2C_GENERALCALL_DISABLE"),
        ("NoStretchMode", "I2C_NOSTRETCH_DISABLE"),
    ),
}  # fmt: skip


def initialisations(project: Project, word: str) -> Iterator[Skeleton]:
    """`MX_USART2_UART_Init` and its kind, for each set of pins that is free; only once `MX` is typed."""
    device = project.device
    if device is None or not word.upper().startswith("MX"):
        return
    from kiki_tools.stm32.pinout import used_pins

    taken = set(used_pins(project))
    names = {function.name.text for source in project.sources.values() for function in source.functions}
    wanted = word[2:].strip("_").upper().partition("_")[0]
    for peripheral in sorted({each.peripheral for functions in device.pins.values() for each in functions}):
        kind = next((each for each in _KINDS if re.fullmatch(each[0], peripheral)), None)
        if kind is None or not peripheral.startswith(wanted):
            continue
        _, signals, driver, prefix = kind
        name = f"MX_{peripheral}_{'UART_' if driver == 'UART' else ''}Init"
        if name in names or (driver == "I2C" and device.family not in ("f1", "f2", "f4", "l1")):
            continue
        for pins in _choices(device, peripheral, signals, taken):
            text = _initialisation(device, name, peripheral, driver, prefix + peripheral[-1:], pins)
            detail = ", ".join(f"{signal} {pin}" for signal, (pin, _) in zip(signals, pins, strict=True))
            yield f"{name} {' '.join(pin for pin, _ in pins)}", text, detail


def _choices(
    device: Device, peripheral: str, signals: tuple[str, ...], taken: set[str]
) -> Iterator[tuple[tuple[str, int], ...]]:
    """Sets of free pins for the signals: the first of one port where there is one, then the others' in order."""
    options = [
        [
            (pin, function.af)
            for pin, function in device.pins_of(peripheral, signal)
            if function.af is not None and pin not in taken
        ]
        for signal in signals
    ]
    if not all(options):
        return
    ports = sorted({pin[1] for pin, _ in options[0]})
    count = 0
    for port in ports:
        chosen = tuple(next((each for each in option if each[0][1] == port), option[0]) for option in options)
        if len({pin for pin, _ in chosen}) == len(signals) and count < _MOST_PINS:
            count += 1
            yield chosen


def _initialisation(
    device: Device, name: str, peripheral: str, driver: str, handle: str, pins: tuple[tuple[str, int], ...]
) -> str:
    lines = [f"{driver}_HandleTypeDef {handle};", "", f"void {name}(void)", "{"]
    ports = sorted({pin[1] for pin, _ in pins})
    lines += ["  GPIO_InitTypeDef GPIO_InitStruct = {0};", "", f"  __HAL_RCC_{peripheral}_CLK_ENABLE();"]
    lines += [*(f"  __HAL_RCC_GPIO{port}_CLK_ENABLE();" for port in ports), ""]
    mode, pull = ("GPIO_MODE_AF_OD", "GPIO_PULLUP") if driver == "I2C" else ("GPIO_MODE_AF_PP", "GPIO_NOPULL")
    for port in ports:
        for af in sorted({af for pin, af in pins if pin[1] == port}):
            numbers = " | ".join(f"GPIO_PIN_{pin[2:]}" for pin, of in pins if pin[1] == port and of == af)
            lines += [f"  GPIO_InitStruct.Pin = {numbers};", f"  GPIO_InitStruct.Mode = {mode};"]
            lines += [f"  GPIO_InitStruct.Pull = {pull};", "  GPIO_InitStruct.Speed = GPIO_SPEED_FREQ_VERY_HIGH;"]
            if device.family != "f1":
                lines.append(f"  GPIO_InitStruct.Alternate = GPIO_AF{af}_{peripheral};")
            lines += [f"  HAL_GPIO_Init(GPIO{port}, &GPIO_InitStruct);", ""]
    lines.append(f"  {handle}.Instance = {peripheral};")
    lines += [f"  {handle}.Init.{member} = {value};" for member, value in _SETTINGS[driver]]
    lines += [f"  if (HAL_{driver}_Init(&{handle}) != HAL_OK)", "  {", "    Error_Handler();", "  }", "}", ""]
    return "\n".join(lines)
