"""The clock tree against what the device is specified for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.language import Fix
from kiki_tools.stm32 import clock_limits, rates
from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, having, resolved
from kiki_tools.stm32.clocks import Clocks, clocks_of, shown, wanted_crystal
from kiki_tools.stm32.code import Word
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import Project
from kiki_tools.text import Edit

_USB = re.compile(r"HAL_[PH]CD_Init|USB[DH]_Init|MX_USB\w*_Init|tusb_init|MX_USB_\w+")
_OVER_DRIVE = re.compile(r"\w*(?:OverDrive|OVERDRIVE)\w*")
_BOOST = re.compile(r"LL_PWR_EnableRange1BoostMode|PWR_CR5_R1MODE")


def clock_tree(scope: Scope) -> Findings:
    """ST210 to ST217."""
    device = scope.device
    family = clock_limits.FAMILIES.get(device.family) if device is not None else None
    if device is None or family is None:
        return
    trees = list(clocks_of(scope.source, device, scope.value))
    if not trees:
        return
    boosted = _is_boosted(scope, device)
    usb = _uses_pll_for_usb(scope, device)
    for found in trees:
        for each in _faults(scope, found, family, device, boosted=boosted, usb=usb):
            yield each.moved(found.function.start)


def _faults(
    scope: Scope, found: Clocks, family: clock_limits.Family, device: Device, *, boosted: bool, usb: bool
) -> Iterator[Finding]:
    settings = found.settings
    low, high = family.input
    if found.input and high and not low <= found.input <= high * 1.001:
        where = (
            settings.get("PLLM") or settings.get("PREDIV") or settings.get("HSEPredivValue") or settings["PLLSource"]
        )
        message = f"the PLL's input is {shown(found.input)}; it takes {shown(low)} to {shown(high)}"
        yield Finding("ST210", where.span, message)
    low, high = family.oscillator
    most = clock_limits.core_limit(device)
    blamed = _blamed(found, family, device, most)
    if found.oscillator and high and not low * 0.999 <= found.oscillator <= high * 1.001:
        what = "output" if not family.output else "oscillator"
        message = f"the PLL's {what} runs at {shown(found.oscillator)}; it takes {shown(low)} to {shown(high)}"
        yield Finding("ST211", blamed.span, message)
    elif found.sysclk and most and found.sysclk > most * 1.001:
        yield Finding("ST212", blamed.span, f"SYSCLK is {shown(found.sysclk)}; {device.name} goes up to {shown(most)}")
    else:
        yield from _buses(found, device)
    scale = _scale(scope, found)
    yield from _voltage(found, device, scale, most, boosted=boosted)
    yield from _latency(found, device, scale, boosted=boosted)
    yield from _believed(found, family)
    if found.usb and "PLLQ" in settings and abs(found.usb - 48e6) > 48e6 * 0.0025 and usb:
        yield Finding("ST216", settings["PLLQ"].span, f"USB gets {shown(found.usb)} instead of 48 MHz")


def _believed(found: Clocks, family: clock_limits.Family) -> Iterator[Finding]:
    """ST219: a clock that isn't the one that the program tells LL."""
    if found.believed is None or "PLL" not in found.settings.get("SYSCLKSource", Word("", 0, 0)).text:
        return
    word = found.settings.get("PLLN") or found.settings.get("PLLMUL")
    if word is None:
        return
    if found.hclk and found.sysclk and abs(found.hclk / found.believed - 1) > 0.005:
        message = f"the core runs at {shown(found.hclk)}; the program believes in {shown(found.believed)}"
        yield Finding("ST219", word.span, message)
    elif found.reference is None and (wanted := wanted_crystal(found, family)):
        message = f"the core comes to {shown(found.believed)} only with a crystal of {shown(float(f'{wanted:.6g}'))}"
        yield Finding("ST219", word.span, message)


def _blamed(found: Clocks, family: clock_limits.Family, device: Device, most: float) -> Word:
    """The setting that is wrong when the PLL is too fast: the one whose change alone makes everything fit."""
    settings, numbers = found.settings, found.numbers
    output = settings.get(family.output) if family.output else None
    factor = settings.get("PLLN") or settings.get("PLLMUL")
    fallback = factor or output or next(iter(settings.values()))
    latency = numbers.get("latency")
    states = clock_limits.wait_states(device, None, boosted=True)

    def fits(hertz: float) -> bool:
        if hertz > most * 1.001:
            return False
        needed = next((count for count, limit in enumerate(states) if hertz <= limit * 1.001), None)
        return abs(hertz / most - 1) < 0.001 or (latency is not None and needed == latency and hertz % 1e6 == 0)

    low, high = family.oscillator
    if output is not None and found.oscillator and low <= found.oscillator <= high:
        others = (found.oscillator / by for by in (2, 4, 6, 8) if by != numbers.get(family.output))
        if any(fits(each) for each in others):
            return output
    divider = numbers.get(family.output) if family.output else 1
    if "PLLM" in settings and found.reference and divider and "PLLN" in numbers:
        for by in range(1, 64):
            start = found.reference / by
            oscillator = start * numbers["PLLN"]
            is_legal = family.input[0] <= start <= family.input[1] and low <= oscillator <= high
            if by != numbers.get("PLLM") and start % 1e6 == 0 and is_legal and fits(oscillator / divider):
                return settings["PLLM"]
    return fallback


def _buses(found: Clocks, device: Device) -> Iterator[Finding]:
    for bus, hertz, limit in zip(
        ("APB1", "APB2"), (found.pclk1, found.pclk2), clock_limits.bus_limits(device), strict=True
    ):
        word = found.settings.get(f"{bus}CLKDivider")
        if hertz and limit and word and hertz > limit * 1.001:
            message = f"{bus} is {shown(hertz)}; on {device.name} it goes up to {shown(limit)}"
            by = next((by for by in (1, 2, 4, 8, 16) if found.hclk and found.hclk / by <= limit * 1.001), None)
            text = re.sub(r"(DIV_?)\d+$", rf"\g<1>{by}", word.text)
            fixes = (Fix(f"Use {text}", (Edit(word.span, text),)),) if by and text != word.text else ()
            yield Finding("ST213", word.span, message, fixes)


def _scale(scope: Scope, found: Clocks) -> int | None:
    """The voltage scale that the function sets, or the only one that the project sets."""
    word = found.settings.get("scale")
    name = scope.value(word.text) if word is not None else ""
    match = re.search(r"SCALE(\d)", name)
    return int(match.group(1)) if match else None


def _is_boosted(scope: Scope, device: Device) -> bool:
    if device.family == "g4":
        return any(_BOOST.fullmatch(name) for name in scope.called) or any(
            "SCALE1_BOOST" in each.text for each in scope.functions.values()
        )
    return any(_OVER_DRIVE.fullmatch(name) for name in scope.called) or any(
        "PWR_CR_ODEN" in each.text for each in scope.functions.values()
    )


def _voltage(found: Clocks, device: Device, scale: int | None, most: float, *, boosted: bool) -> Iterator[Finding]:
    """ST215: the scale's own limit; over-drive or boost that is needed and missing."""
    if not found.sysclk or found.sysclk > most * 1.001:
        return
    if scale is None:
        return
    limit = clock_limits.scale_limit(device, scale, boosted=boosted)
    if limit and found.sysclk > limit * 1.001:
        more = clock_limits.scale_limit(device, scale, boosted=True)
        needed = (
            ""
            if boosted or found.sysclk > more * 1.001
            else "; boost allows more"
            if device.family == "g4"
            else "; over-drive allows more"
        )
        message = f"at voltage scale {scale} {device.name} goes up to {shown(limit)}, not {shown(found.sysclk)}{needed}"
        yield Finding("ST215", found.settings["scale"].span, message)


def _latency(found: Clocks, device: Device, scale: int | None, *, boosted: bool) -> Iterator[Finding]:
    word, latency = found.settings.get("latency"), found.numbers.get("latency")
    states = clock_limits.wait_states(device, scale, boosted=boosted)
    if latency is None or word is None or not found.hclk or not states:
        return
    needed = next((count for count, limit in enumerate(states) if found.hclk <= limit * 1.001), len(states) - 1)
    if latency < needed:
        supply = " (at 2.7 V and more)" if device.family in ("f2", "f4", "f7") else ""
        message = f"{shown(found.hclk)} needs {needed} wait states{supply}, not {latency:g}"
        text = re.sub(r"(LATENCY_)\d+", rf"\g<1>{needed}", word.text)
        fixes = (Fix(f"Use {text}", (Edit(word.span, text),)),) if text != word.text else ()
        yield Finding("ST214", word.span, message, fixes)


def _uses_pll_for_usb(scope: Scope, device: Device) -> bool:
    """Whether USB's 48 MHz come from the PLL's Q output."""
    if not any(_USB.fullmatch(name) for name in scope.called):
        return False
    words = [
        scope.value(each.value.text)
        for function in scope.functions.values()
        if "ClockSelection" in function.text
        for each in function.assignments
        if each.target.text.endswith(("UsbClockSelection", "Clk48ClockSelection"))
    ]
    if words:
        return any(re.search(r"PLLQ?$", word) for word in words)
    return device.family in ("f2", "f4", "f7")


def buses(project: Project, device: Device) -> Clocks | None:
    """The clocks of the project's buses, where exactly one function of it sets them."""

    def value(text: str) -> str:
        return resolved(text, project.defines)

    found = [each for source in project.sources.values() for each in clocks_of(source, device, value) if each.pclk1]
    return found[0] if len(found) == 1 else None


def results(scope: Scope) -> Findings:
    """ST217: baud rates that the clock doesn't give; ST218: an ADC's clock above its limit."""
    device = scope.device
    if device is None or not (having(scope.source, "BaudRate") or having(scope.source, "ClockPrescaler")):
        return
    known = buses(scope.project, device)
    if known is None:
        return
    for rate in rates.rates(scope.source, known, scope.value, device.family):
        if rate.is_too_far:
            yield Finding("ST217", rate.function.place(rate.span), f"the rate comes to {rate.shown}")
    family = clock_limits.FAMILIES.get(device.family)
    if family is None or not family.adc:
        return
    for function in having(scope.source, "ClockPrescaler"):
        for each in function.assignments:
            if each.target.text.endswith("ClockPrescaler"):
                clock = rates.adc_clock(scope.value(each.value.text), known, device.family)
                if clock and clock > family.adc * 1.001:
                    message = f"the ADC's clock is {shown(clock)}; it goes up to {shown(family.adc)}"
                    yield Finding("ST218", each.value.span, message).moved(function.start)
