"""The least that a microcontroller needs: supply, decoupling, reset, boot, crystal, programming header."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, e24
from kiki_tools.kicad.circuits import Symbols
from kiki_tools.kicad.installation import folders


@cache
def _names(library: str) -> tuple[str, ...]:
    """The symbols of an installed library."""
    for folder in folders():
        path = Path(folder, f"{library}.kicad_sym")
        if path.is_file():
            return tuple(re.findall(r'^\t\(symbol "([^"]+)"$', path.read_text("utf-8"), re.MULTILINE))
    return ()


def draw(ask: Ask, sheet: Sheet) -> None:
    """The microcontroller that the text names, with what it needs around it."""
    if ask.has(r"atmega|arduino"):
        _atmega(ask, sheet)
    elif ask.has(r"attiny"):
        _attiny(ask, sheet)
    elif ask.has(r"esp32"):
        _esp32(ask, sheet)
    else:
        _stm32(ask, sheet)


def _stm32_symbol(ask: Ask) -> str:
    """The symbol of the part that the text names: `MCU_ST_STM32F1:STM32F103C8Tx`."""
    found = re.search(r"stm32([a-z]\d|wb|wl)(\w{2})?(\w)?(\w)?", ask.text, re.IGNORECASE)
    line, number, pins, size = (
        part.upper() if part else "" for part in (found.groups() if found else ("", "", "", ""))
    )
    if not found:
        line, number, pins, size = "F1", "03", "C", "8"
    if not re.fullmatch(r"\d\d|[0-9A-Z]\d", number):
        number = ""
    usual = {"F1": ("03", "C", "8"), "F4": ("11", "C", "E"), "G0": ("30", "F", "6"), "G4": ("31", "K", "B"),
             "F0": ("30", "F", "4"), "L4": ("32", "K", "C"), "F3": ("03", "C", "C"), "L0": ("31", "K", "6")}  # fmt: skip
    default = usual.get(line, ("", "", ""))
    number = number or default[0]
    names = _names(f"MCU_ST_STM32{line}")
    pins, size = (
        pins or (default[1] if number == default[0] else ""),
        size or (default[2] if number == default[0] else ""),
    )
    for stem in (f"STM32{line}{number}{pins}{size}", f"STM32{line}{number}{pins}", f"STM32{line}{number}"):
        hits = [name for name in names if name.startswith(stem) or _covers(name, stem)]
        if hits:
            best = sorted(hits, key=lambda name: (len(name), name))[0]
            return f"MCU_ST_STM32{line}:{best}"
    raise Impossible(f"KiCad's libraries have no symbol of an STM32{line}{number}{pins}{size}")


def _covers(name: str, stem: str) -> bool:
    """Whether a symbol of several parts (`STM32F401C_B-C_Ux`) stands for this one."""
    match = re.match(r"(STM32\w{4,5}?)(\w)_([0-9A-Z](?:-[0-9A-Z])*)_", name)
    if match is None or len(stem) < 11:
        return False
    sizes = match.group(3).split("-")
    return stem[:10] == match.group(1) + match.group(2) and sizes[0] <= stem[10] <= sizes[-1]


def _stm32(ask: Ask, sheet: Sheet) -> None:
    symbol = _stm32_symbol(ask)
    pins = list(Symbols()(symbol).symbol.all_pins())
    names = {pin.name for pin in pins}
    net = sheet.supply or "+3V3"
    nets: dict[str, str] = {}
    supplies = 0
    for name in sorted(names):
        if re.fullmatch(r"VDD\w*|VBAT|VREF\+?|VDDA|VDDIO\d|VDDUSB", name):
            nets[name] = net
            supplies += sum(pin.name == name for pin in pins)
        elif re.fullmatch(r"VSS\w*|VREF-|EP|PAD", name):
            nets[name] = "GND"
    cores = sorted(name for name in names if name.startswith("VCAP"))
    for number, name in enumerate(cores, 1):
        nets[name] = f"VCAP{number}"
    reset = next(
        (name for name in names if re.fullmatch(r"(?:~\{)?NRST\}?|PG10-NRST|PF2-NRST|NRST.*", name)),
        # The reset of G4 is a function of PG10, of G0 and C0 one of PF2.
        next(
            (
                name
                for name, line in (("PG10", "G4"), ("PF2", "G0"), ("PF2", "C0"))
                if name in names and f"STM32{line}" in symbol
            ),
            "",
        ),
    )
    if reset:
        nets[reset] = "NRST"
    boot = next((name for name in names if "BOOT0" in name), "")
    if boot:
        nets[boot] = "BOOT0"
    data, clock = (next((name for name in sorted(names) if name.split("/")[0] == pin), "") for pin in ("PA13", "PA14"))
    nets[data], nets[clock] = "SWDIO", "SWCLK"
    hse = _crystal_pins(names)
    wants_crystal = ask.has(r"crystal|quartz|quarz|cristal|xtal|hse|\d ?mhz")
    if wants_crystal and hse:
        nets[hse[0]], nets[hse[1]] = "OSC_IN", "OSC_OUT"
    extra = [
        (net_name, pin)
        for net_name, pin in (("TX", "PA9"), ("RX", "PA10"))
        if ask.has(r"uart|serial|série|seriell") and pin in names
    ]
    for net_name, pin in extra:
        nets[pin] = net_name
    lamp = "PC13" if "PC13" in names else next((name for name in ("PA5", "PB3", "PA8", "PB0") if name in names), "")
    if ask.has(r"\bled\b") and lamp:
        nets[lamp] = "LED"
    sheet.add("U", symbol, nets, symbol.partition(":")[2])
    for _ in range(max(1, supplies)):
        sheet.c(100e-9, net, "GND")
    sheet.c(4.7e-6, net, "GND")
    for number in range(1, len(cores) + 1):
        sheet.c(2.2e-6 if len(cores) > 1 else 4.7e-6, f"VCAP{number}", "GND")
    if reset:
        sheet.c(100e-9, "NRST", "GND")
        if ask.has(r"reset (?:button|switch|circuit)|bouton (?:de )?reset|reset-?taster|botón de reset|\breset\b"):
            sheet.r(10e3, net, "NRST")
            sheet.add("SW", "Switch:SW_Push", {"1": "NRST", "2": "GND"}, "RESET")
    if boot:
        sheet.r(10e3, "BOOT0", "GND")
        if ask.has(
            r"boot\d?[ -](?:button|switch|taster|mode button)|bouton (?:de )?boot|(?:botón|pulsador) (?:de )?boot|reset (?:and|&|und|et|y|\+) boot"
        ):
            sheet.add("SW", "Switch:SW_Push", {"1": net, "2": "BOOT0"}, "BOOT")
    if wants_crystal and hse:
        _with_crystal(ask, sheet, "OSC_IN", "OSC_OUT", 8e6)
    sheet.connector([net, "SWCLK", "GND", "SWDIO", *(["NRST"] if reset else [])], "SWD")
    if extra:
        sheet.connector(["TX", "RX", "GND"], "UART")
    if ask.has(r"\bled\b") and lamp:
        sheet.r(1e3, "LED", "LED_A")
        sheet.led("LED_A", "GND")
    if not sheet.supply:
        sheet.connector([net, "GND"], "POWER")
    sheet.supply = net
    sheet.title.append(f"{symbol.partition(':')[2]} minimal")


def _crystal_pins(names: set[str]) -> tuple[str, str] | None:
    for one, other in (("PH0", "PH1"), ("PF0", "PF1"), ("PD0", "PD1"), ("PC14", "PC15")):
        if one in names and other in names and (one != "PC14" or "PC13" not in names):
            return one, other
    return None


def _with_crystal(ask: Ask, sheet: Sheet, one: str, other: str, usual: float) -> None:
    hertz = next((each.value for each in ask.all("Hz") if 1e6 <= each.value <= 50e6), usual)
    load = ask.near("F", r"load|charge|last|\bcl\b|carga", 22)
    farads = [f for f in ask.value_of("F") if f <= 47e-12]
    value = e24(2 * (load - 5e-12)) if load else farads[0] if farads else 20e-12
    sheet.add("Y", "Device:Crystal", {"1": one, "2": other}, f"{hertz / 1e6:g}MHz")
    sheet.c(value, one, "GND")
    sheet.c(value, other, "GND")


def _isp(sheet: Sheet, net: str) -> None:
    """The six-pin header by which an AVR is programmed."""
    pins = {"1": "MISO", "2": net, "3": "SCK", "4": "MOSI", "5": "RESET", "6": "GND"}
    sheet.add("J", "Connector:Conn_01x06_Pin", pins, "ISP")


def _atmega(ask: Ask, sheet: Sheet) -> None:
    net = sheet.supply or ("+3V3" if ask.has(r"3[.,v]3") else "+5V")
    pins = {"VCC": net, "AVCC": net, "GND": "GND", "AREF": "AREF", "9": "XTAL1", "10": "XTAL2", "1": "RESET",
            "17": "MOSI", "18": "MISO", "19": "SCK"}  # fmt: skip
    serial = ask.has(r"uart|serial|série|ftdi|seriell")
    if serial:
        pins |= {"2": "RX", "3": "TX"}
    sheet.add("U", "MCU_Microchip_ATmega:ATmega328P-P", pins, "ATmega328P")
    for _ in range(2):
        sheet.c(100e-9, net, "GND")
    sheet.c(100e-9, "AREF", "GND")
    sheet.r(10e3, net, "RESET")
    if ask.has(r"reset (?:button|switch)|button|bouton|taster|botón"):
        sheet.add("SW", "Switch:SW_Push", {"1": "RESET", "2": "GND"}, "RESET")
    _with_crystal(ask, sheet, "XTAL1", "XTAL2", 16e6)
    _isp(sheet, net)
    if serial:
        sheet.connector(["TX", "RX", "GND"], "UART")
    if ask.has(r"\bled\b"):
        sheet.r(1e3, "SCK", "LED_A")
        sheet.led("LED_A", "GND")
    if not sheet.supply:
        sheet.connector([net, "GND"], "POWER")
    sheet.supply = net
    sheet.title.append("ATmega328P minimal")


def _attiny(ask: Ask, sheet: Sheet) -> None:
    net = sheet.supply or ("+3V3" if ask.has(r"3[.,v]3") else "+5V")
    pins = {"VCC": net, "GND": "GND", "1": "RESET", "5": "MOSI", "6": "MISO", "7": "SCK"}
    sheet.add("U", "MCU_Microchip_ATtiny:ATtiny85-20P", pins, "ATtiny85")
    sheet.c(100e-9, net, "GND")
    sheet.r(10e3, net, "RESET")
    _isp(sheet, net)
    if ask.has(r"\bled\b"):
        sheet.r(1e3, "MISO", "LED_A")
        sheet.led("LED_A", "GND")
    if not sheet.supply:
        sheet.connector([net, "GND"], "POWER")
    sheet.supply = net
    sheet.title.append("ATtiny85 minimal")


def _esp32(ask: Ask, sheet: Sheet) -> None:
    net = sheet.supply or "+3V3"
    pins = {"VDD": net, "GND": "GND", "EN": "EN", "IO0": "IO0", "35": "TXD", "34": "RXD"}
    if ask.has(r"\bled\b"):
        pins["IO2"] = "LED"
    sheet.add("U", "RF_Module:ESP32-WROOM-32E", pins, "ESP32-WROOM-32E")
    sheet.c(100e-9, net, "GND")
    sheet.c(22e-6, net, "GND")
    sheet.r(10e3, net, "EN")
    sheet.c(1e-6, "EN", "GND")
    sheet.r(10e3, net, "IO0")
    sheet.add("SW", "Switch:SW_Push", {"1": "EN", "2": "GND"}, "RESET")
    sheet.add("SW", "Switch:SW_Push", {"1": "IO0", "2": "GND"}, "BOOT")
    sheet.connector(["TXD", "RXD", "GND"], "UART")
    if ask.has(r"\bled\b"):
        sheet.r(1e3, "LED", "LED_A")
        sheet.led("LED_A", "GND")
    if not sheet.supply:
        sheet.connector([net, "GND"], "POWER")
    sheet.supply = net
    sheet.title.append("ESP32 minimal")
