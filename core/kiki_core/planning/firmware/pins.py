"""Which signal each pin of a request is for: as the text says it, else as the device has it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_core.planning.firmware.groups import PIN
from kiki_tools.stm32.device import Device

_BETWEEN = (
    r"\s*(?:pin|line|signal|broche|leitung|línea)?\s*(?:is|are|est|ist|es|goes to|=|:|->|→|on|at|to|sur|auf|an|en|à|via|using|"
    r"through|out on|uses?)?\s*(?:the\s+)?(?:pin\s*)?[(\[]?\s*"
)
_AFTER = r"\s*(?:[)\]]?\s*(?:\(|\[|as|for|is|=|:|->|→|pour|als|für|como|para|comme|carries)\s*)"
_PREFIX = r"(?:(?:US?ART|SPI|I2C|TIM|ADC|(?:FD)?CAN|DAC)\d{0,2}[ _])?"
_NAMES = {
    "usart": {"TX": r"TXD?", "RX": r"RXD?", "CTS": "CTS", "RTS": "RTS",
              "DE": r"DE|RTS/DE|driver[- ]enable|dir(?:ection)?(?: pin)?"},
    "spi": {"SCK": r"SCL?K|CLK", "MISO": r"MISO|SDO|POCI", "MOSI": r"MOSI|SDI|PICO"},
    "i2c": {"SCL": "SCL", "SDA": "SDA"},
    "can": {"TX": r"(?:CAN_?)?TXD?", "RX": r"(?:CAN_?)?RXD?"},
    "usb": {"DM": r"DM|D-", "DP": r"DP|D\+"},
    "encoder": {"CH1": r"CH1|A", "CH2": r"CH2|B"},
    "pwm": {f"CH{n}": rf"CH\s?{n}(?!N)|channel {n}|canal {n}|kanal {n}|voie {n}" for n in (1, 2, 3, 4)}
    | {f"CH{n}N": rf"CH\s?{n}N" for n in (1, 2, 3)} | {"BKIN": r"(?:TIM\d+_)?BKIN|break(?: input)?|brake(?: input)?|frein|bremse"},
    "capture": {f"CH{n}": rf"CH\s?{n}|channel {n}|canal {n}|kanal {n}|voie {n}" for n in (1, 2, 3, 4)},
}  # fmt: skip
_INSTANCES = {
    "usart": r"US?ART\d+|LPUART1", "spi": r"SPI\d", "i2c": r"I2C\d", "can": r"(FD)?CAN\d?", "encoder": r"TIM[1-58]",
    "pwm": r"TIM\d+", "capture": r"TIM\d+", "usb": r"USB(_OTG_FS)?",
}  # fmt: skip
_LINE = r"(?:US?ART|SPI|I2C|TIM|CAN)"


def pins_in(text: str) -> list[str]:
    """The pins that a text names, each once, in its order."""
    return list(dict.fromkeys(f"P{match.group(1).upper()}{int(match.group(2))}" for match in PIN.finditer(text)))


def assigned(
    kind: str, instance: str, text: str, device: Device, taken: Sequence[str] = ()
) -> tuple[str, dict[str, str]]:
    """The instance and the pin of each signal. Pins that can't be told apart go to the signals in their usual order."""
    names = _NAMES[kind]
    pins = [pin for pin in pins_in(text) if pin not in taken]
    if not pins:
        return instance, {}
    told = _said(text, names, pins)
    left = [pin for pin in pins if pin not in told.values()]
    if not instance:
        instance = _instance_for(kind, told, left, device, names)
    for pin in list(left):
        able = [
            name
            for name in names
            if name not in told and name != "DE" and instance and _has(device, pin, instance, name)
        ]
        able.sort(key=lambda name: not re.search(rf"{name.replace('CH', 'CH ?')}(?![A-Za-z0-9])", text, re.IGNORECASE))
        if able:
            told[able[0]] = pin
            left.remove(pin)
    for pin in left:
        free = [name for name in names if name not in told and name not in ("DE", "BKIN")]
        if free and (kind not in ("pwm", "capture") or not told):
            told[free[0]] = pin
    return instance, told


def _said(text: str, names: dict[str, str], pins: Sequence[str]) -> dict[str, str]:
    """What the text says: "TX on PA2", "PA2 (TX)", "TX/RX: PA2/PA3"."""
    told: dict[str, str] = {}
    listed = re.compile(
        rf"(?<![A-Za-z]){_PREFIX}((?:{'|'.join(names.values())})(?:\s?[/,&]\s?(?:{'|'.join(names.values())})){{1,3}})(?![A-Za-z])"
        rf"\D{{0,14}}?((?:P[A-K]\d{{1,2}})(?:\s?(?:[/,&]|and|et|und|y)\s?P[A-K]\d{{1,2}}){{1,3}})", re.IGNORECASE,
    )  # fmt: skip
    if found := listed.search(text):
        signals = re.split(r"\s?[/,&]\s?", found.group(1))
        places = pins_in(found.group(2))
        if len(signals) == len(places):
            for word, pin in zip(signals, places, strict=True):
                name = next((name for name, pattern in names.items() if re.fullmatch(pattern, word, re.IGNORECASE)), "")
                if name:
                    told.setdefault(name, pin)
            return told
    every = "|".join(names.values())
    run = re.search(rf"(?<![A-Za-z0-9])(?<!\bto )P[A-K]\d{{1,2}}\s+(?:{every})(?:\s*[,;/]?\s*(?:and |et |und |y )?P[A-K]\d{{1,2}}\s+(?:{every})){{1,3}}"
                    r"(?![A-Za-z0-9]|\s*[:=]?\s*P[A-K]\d)", text, re.IGNORECASE)  # fmt: skip
    if run and not re.search(rf"(?<![A-Za-z])(?:{every}){_BETWEEN}$", text[: run.start()], re.IGNORECASE):
        for pin, word in re.findall(rf"(P[A-K]\d{{1,2}})\s+({every})(?![A-Za-z0-9])", run.group(0), re.IGNORECASE):
            name = next(name for name, pattern in names.items() if re.fullmatch(pattern, word, re.IGNORECASE))
            told.setdefault(name, pins_in(pin)[0])
        return told
    for name, pattern in names.items():
        before = re.search(
            rf"(?<![A-Za-z+-]){_PREFIX}(?:{pattern})(?![A-Za-z0-9]){_BETWEEN}(P[A-K]\d{{1,2}})(?!\d)", text, re.I
        )
        after = re.search(rf"(P[A-K]\d{{1,2}}){_AFTER}{_PREFIX}(?:{pattern})(?![A-Za-z0-9])", text, re.I)
        found = before or after
        if found:
            pin = pins_in(found.group(1))[0]
            if pin in pins and pin not in told.values():
                told[name] = pin
    return told


def _has(device: Device, pin: str, instance: str, signal: str) -> bool:
    return any(each.peripheral == instance and each.signal == signal for each in device.functions(pin))


def _instance_for(kind: str, told: dict[str, str], left: Sequence[str], device: Device, names: dict[str, str]) -> str:
    """The one instance that has all these pins; empty if none has, or nothing is said."""
    every = sorted(
        (each for each in device.peripherals if re.fullmatch(_INSTANCES[kind], each)),
        key=lambda each: (is_advanced_timer(each), len(each), each),
    )
    for instance in every:
        if not all(_has(device, pin, instance, name) for name, pin in told.items()):
            continue
        free = [name for name in names if name not in told]
        if kind in ("usart", "spi", "i2c", "can", "usb"):
            free = free[: max(len(left), {"spi": 3}.get(kind, 2))]
        if all(any(_has(device, pin, instance, name) for name in free) for pin in left):
            return instance
    return ""


def is_advanced_timer(name: str) -> bool:
    """Whether others should be taken before it."""
    return name in ("TIM1", "TIM8", "TIM20")
