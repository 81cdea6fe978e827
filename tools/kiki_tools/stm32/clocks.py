"""The clock tree as a source sets it, by HAL, LL or the registers: what its oscillators, PLL and buses come to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kiki_tools.stm32.clock_limits import FAMILIES, Family, msi
from kiki_tools.stm32.code import Function, Source, Word
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.expressions import evaluate

Value = Callable[[str], str]


@dataclass(slots=True)
class Clocks:
    """What one function sets: the settings by their names, with their places; the clocks in hertz as far as known."""

    function: Function
    settings: dict[str, Word] = field(default_factory=dict)
    input: float | None = None
    oscillator: float | None = None
    sysclk: float | None = None
    hclk: float | None = None
    pclk1: float | None = None
    pclk2: float | None = None
    usb: float | None = None
    reference: float | None = None
    """What the PLL divides to its input."""
    numbers: dict[str, float] = field(default_factory=dict)
    """The dividers and factors among the settings."""
    believed: float | None = None
    """The core's clock as the program tells it to LL."""

    @property
    def summary(self) -> str:
        """In one line: `SYSCLK = 168 MHz, AHB = 168 MHz, APB1 = 42 MHz, APB2 = 84 MHz`."""
        parts = (("SYSCLK", self.sysclk), ("AHB", self.hclk), ("APB1", self.pclk1), ("APB2", self.pclk2))
        return ", ".join(f"{name} = {shown(hertz)}" for name, hertz in parts if hertz)


def shown(hertz: float) -> str:
    """A frequency for a reader."""
    for unit, size in (("MHz", 1e6), ("kHz", 1e3)):
        if hertz >= size:
            return f"{hertz / size:.6g} {unit}"
    return f"{hertz:.6g} Hz"


_NAMES = frozenset({
    "PLLM", "PLLN", "PLLP", "PLLQ", "PLLR", "PLLMUL", "PLLDIV", "PREDIV", "HSEPredivValue", "PLLFRACN", "PLLSource",
    "PLLState", "SYSCLKSource", "SYSCLKDivider", "AHBCLKDivider", "APB1CLKDivider", "APB2CLKDivider", "MSIClockRange",
    "HSIDiv", "HSIState",
})  # fmt: skip
_LL = {"LL_RCC_SetSysClkSource": "SYSCLKSource", "LL_RCC_SetAHBPrescaler": "AHBCLKDivider",
       "LL_RCC_SetAPB1Prescaler": "APB1CLKDivider", "LL_RCC_SetAPB2Prescaler": "APB2CLKDivider",
       "LL_FLASH_SetLatency": "latency", "__HAL_FLASH_SET_LATENCY": "latency", "LL_RCC_PLL1_SetM": "PLLM",
       "LL_RCC_PLL1_SetN": "PLLN", "LL_RCC_PLL1_SetP": "PLLP", "LL_RCC_PLL1_SetR": "PLLR", "LL_RCC_PLL1_SetQ": "PLLQ",
       "LL_RCC_MSI_SetRange": "MSIClockRange", "LL_RCC_PLL_SetSource": "PLLSource",
       "HAL_PWREx_ControlVoltageScaling": "scale", "__HAL_PWR_VOLTAGESCALING_CONFIG": "scale",
       "LL_PWR_SetRegulVoltageScaling": "scale", "LL_SetSystemCoreClock": "core", "LL_Init1msTick": "core"}  # fmt: skip


def clocks_of(source: Source, device: Device, value: Value) -> Iterator[Clocks]:
    """The clock tree of each function that sets one."""
    family = FAMILIES.get(device.family)
    for function in source.functions:
        text = function.text
        if "RCC" not in text and "CLKDivider" not in text and "LL_FLASH" not in text:
            continue
        settings = function.notes.get("clock settings")
        if settings is None:
            settings = function.notes["clock settings"] = _settings(function)
        if settings and family is not None and (len(settings) > 1 or "scale" not in settings):
            found = Clocks(function, dict(settings))
            _compute(found, family, device, value)
            yield found


def _settings(function: Function) -> dict[str, Word]:
    """What a function sets of the clock tree, by name."""
    found: dict[str, Word] = {}
    for assignment in function.assignments:
        target = assignment.target.text
        name = target.replace("->", ".").rpartition(".")[2]
        if name in _NAMES and assignment.operator == "=" and "." in target.replace("->", "."):
            found[name] = assignment.value
        elif target == "SystemCoreClock":
            found["core"] = assignment.value
        elif target.startswith(("RCC->", "FLASH->ACR")) and assignment.operator in ("=", "|="):
            _by_register(found, target, assignment.value)
    for call in function.calls:
        called, arguments = call.name.text, call.arguments
        if called == "HAL_RCC_ClockConfig" and len(arguments) == 2:
            found["latency"] = arguments[1]
        elif called in _LL and arguments:
            found[_LL[called]] = arguments[0]
        elif called in ("LL_RCC_PLL_ConfigDomain_SYS", "LL_RCC_PLL_ConfigDomain_48M") and len(arguments) >= 2:
            found["PLLSource"] = arguments[0]
            for word in arguments[1:]:
                part = re.match(r"LL_RCC_(PLL[MPQR](?=_DIV)|PLL_MUL|PLL_DIV|PREDIV)", word.text)
                found[_LL_WORDS.get(part.group(1), part.group(1)) if part else "PLLN"] = word
    return found


_LL_WORDS = {"PLL_MUL": "PLLMUL", "PLL_DIV": "PLLDIV"}
_REGISTER_WORDS = (
    ("APB1CLKDivider", re.compile(r"RCC_CFGR_PPRE1?_DIV\d+")),
    ("APB2CLKDivider", re.compile(r"RCC_CFGR_PPRE2_DIV\d+")),
    ("AHBCLKDivider", re.compile(r"RCC_CFGR_HPRE_DIV\d+")),
    ("SYSCLKSource", re.compile(r"RCC_CFGR_SW_(?:PLL|HSE|HSI)\w*")),
    ("latency", re.compile(r"FLASH_ACR_LATENCY_\d+(?:WS)?")),
    ("PLLMUL", re.compile(r"RCC_CFGR_PLLMUL+\d+")),
    ("PLLSource", re.compile(r"RCC_(?:CFGR|PLLCFGR)_PLLSRC_\w*HS[EI]\w*")),
)


def _by_register(found: dict[str, Word], target: str, value: Word) -> None:
    """What register code says by the names of CMSIS: `RCC->CFGR |= RCC_CFGR_PPRE1_DIV4`."""
    for name, pattern in _REGISTER_WORDS:
        if match := pattern.search(value.text):
            start = value.start + match.start()
            found[name] = Word(match.group(), start, start + len(match.group()))
    if target == "RCC->PLLCFGR":
        found["PLLCFGR"] = value


def number(word: Word | None, value: Value) -> float | None:
    """The number in a setting: `336`, `RCC_PLLP_DIV2`, `LL_RCC_PLLM_DIV_8`, `RCC_PLL_MUL6_5`, `FLASH_LATENCY_5`."""
    if word is None:
        return None
    text = value(word.text)
    if plain := re.fullmatch(r"(\d+)[uUlL]*", text):
        return int(plain.group(1))
    found = re.search(r"(?:DIV_?|LATENCY_|MUL+_?)(\d+)(?:WS)?(_5)?$", text)
    return int(found.group(1)) + (0.5 if found.group(2) else 0) if found else None


def _frequency(name: str, found: Clocks, family: Family, device: Device, value: Value) -> float | None:
    """The frequency of the oscillator in a constant's name."""
    if "HSE" in name or "HSE_BYPASS" in name:
        text = re.search(r"(\d{6,9})", value("HSE_VALUE"))
        if device.family in ("wb", "wl") and text is None:
            return 32e6
        return float(text.group(1)) if text else None
    if "MSI" in name:
        word = found.settings.get("MSIClockRange")
        index = re.search(r"RANGE_(\d+)", value(word.text)) if word else None
        return msi(device.family, int(index.group(1)) if index else None)
    if "HSI48" in name:
        return 48e6
    if "CSI" in name:
        return 4e6
    if "HSI" in name:
        word = found.settings.get("HSIDiv") or found.settings.get("HSIState")
        by = re.search(r"DIV_?(\d+)$", value(word.text)) if word else None
        return family.hsi / int(by.group(1)) if by else float(family.hsi)
    return None


def _compute(found: Clocks, family: Family, device: Device, value: Value) -> None:
    settings = found.settings
    _from_pllcfgr(found, device, value)
    for name, word in settings.items():
        if name not in ("PLLCFGR", "scale", "core") and (known := number(word, value)) is not None:
            found.numbers[name] = known
    source = value(settings["PLLSource"].text) if "PLLSource" in settings else ""
    found.reference = _frequency(source, found, family, device, value)
    numbers = found.numbers
    if "core" in settings and (believed := re.fullmatch(r"(\d{5,9})[uUlL]*", value(settings["core"].text))):
        found.believed = float(believed.group(1))
    if found.reference is None and "HSE" in source:
        found.reference = _crystal(found, family)
    if device.family in ("f0", "f1", "f3", "l0", "l1"):
        _multiplied(found, device, source)
    elif found.reference and numbers.get("PLLM"):
        found.input = found.reference / numbers["PLLM"]
        if numbers.get("PLLN"):
            found.oscillator = found.input * (numbers["PLLN"] + numbers.get("PLLFRACN", 0) / 8192)
    divider = numbers.get(family.output, 0) if family.output else 1
    system = value(settings["SYSCLKSource"].text) if "SYSCLKSource" in settings else ""
    if "PLL" in system:
        if found.oscillator and divider:
            found.sysclk = found.oscillator / divider
    elif system:
        found.sysclk = _frequency(system, found, family, device, value)
    if found.oscillator and numbers.get("PLLQ"):
        found.usb = found.oscillator / numbers["PLLQ"]
    if found.sysclk and "SYSCLKDivider" in numbers:
        found.sysclk = found.sysclk / numbers["SYSCLKDivider"] if numbers["SYSCLKDivider"] else None
    if found.sysclk and numbers.get("AHBCLKDivider"):
        found.hclk = found.sysclk / numbers["AHBCLKDivider"]
    elif found.sysclk is None and found.reference is None:
        found.hclk = found.believed
    for name in ("1", "2"):
        bus = numbers.get(f"APB{name}CLKDivider")
        if found.hclk and bus:
            setattr(found, f"pclk{name}", found.hclk / bus)


_CRYSTALS = (4, 5, 6, 8, 10, 12, 14.7456, 15, 16, 20, 24, 25, 26, 27, 30, 32, 40, 48, 50)


def wanted_crystal(found: Clocks, family: Family) -> float | None:
    """The crystal in hertz with which the PLL gives the clock that the program believes in; None if unknown."""
    numbers = found.numbers
    divider = numbers.get(family.output) if family.output else 1
    factor = numbers.get("PLLN") or numbers.get("PLLMUL")
    before = numbers.get("PLLM") or numbers.get("PREDIV") or (None if "PLLN" in numbers else 1)
    if not (found.believed and divider and factor and before):
        return None
    return found.believed * numbers.get("AHBCLKDivider", 1) * divider * before / factor


def _crystal(found: Clocks, family: Family) -> float | None:
    """The crystal, if the one that is wanted is a usual one."""
    wanted = wanted_crystal(found, family)
    if wanted is None:
        return None
    return next((each * 1e6 for each in _CRYSTALS if abs(wanted / (each * 1e6) - 1) < 0.001), None)


def _multiplied(found: Clocks, device: Device, source: str) -> None:
    """The PLLs of F0, F1, F3, L0 and L1: a divider before, a factor, on L0 and L1 a divider behind."""
    numbers, reference = found.numbers, found.reference
    if not reference:
        return
    before: float | None = 1
    if device.family in ("f0", "f1", "f3"):
        if "HSI" in source and "48" not in source:
            before = (
                2 if "DIV2" in source or "DIV_2" in source or device.family == "f1" else _hsi_divider(device, numbers)
            )
        else:
            inline = re.search(r"HSE_DIV_?(\d+)", source)
            before = int(inline.group(1)) if inline else numbers.get("PREDIV", numbers.get("HSEPredivValue", 1))
    if not before:
        return
    found.input = reference / before
    if numbers.get("PLLMUL"):
        found.oscillator = found.input * numbers["PLLMUL"]


def _hsi_divider(device: Device, numbers: Mapping[str, float]) -> float | None:
    """By what F0 and F3 divide the internal oscillator: two, or PREDIV where the device has that way."""
    line = device.name[5:9].upper()
    if line in ("F042", "F048", "F070", "F071", "F072", "F078", "F091", "F098"):
        return numbers.get("PREDIV", 1)
    if line in ("F302", "F303", "F398") and device.name.upper().endswith("E"):
        return numbers.get("PREDIV", 1)
    return 2 if line in ("F031", "F051", "F058", "F301", "F334", "F373") else None


_FIELDS = {"PLLM": (0, 6), "PLLN": (6, 9), "PLLP": (16, 2), "PLLQ": (24, 4)}
_POSITIONS = {"RCC_PLLCFGR_PLLM_Pos": 0, "RCC_PLLCFGR_PLLN_Pos": 6, "RCC_PLLCFGR_PLLP_Pos": 16,
              "RCC_PLLCFGR_PLLQ_Pos": 24, "RCC_PLLCFGR_PLLSRC_HSE": 1 << 22, "RCC_PLLCFGR_PLLSRC_HSI": 0}  # fmt: skip


def _from_pllcfgr(found: Clocks, device: Device, value: Value) -> None:
    """The fields of F2's, F4's and F7's `RCC->PLLCFGR`, where it is written at once."""
    word = found.settings.get("PLLCFGR")
    if word is None or device.family not in ("f2", "f4", "f7"):
        return
    depth = 0

    def value_of(name: str) -> int | None:
        nonlocal depth
        depth += 1
        if name in _POSITIONS or depth > 60:
            return _POSITIONS.get(name)
        replaced = value(name)
        return evaluate(replaced, value_of) if replaced != name else None

    register = evaluate(word.text, value_of)
    if register is None or not register >> 6 & 0x1FF:
        return
    for name, (start, bits) in _FIELDS.items():
        found.numbers[name] = register >> start & (1 << bits) - 1
        found.settings[name] = word
    found.numbers["PLLP"] = 2 * (found.numbers["PLLP"] + 1)
    source = "RCC_PLLSOURCE_HSE" if register >> 22 & 1 else "RCC_PLLSOURCE_HSI"
    found.settings["PLLSource"] = Word(source, word.start, word.end)
