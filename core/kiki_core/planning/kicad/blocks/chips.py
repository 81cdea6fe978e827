"""Clocks, buses, logic, interfaces, drivers."""

from __future__ import annotations

import re

from kiki_core.planning.kicad.blocks.common import COUNTS, power_in, supply_of
from kiki_core.planning.kicad.sheet import Ask, Sheet, e12, e24, supply


def crystal(ask: Ask, sheet: Sheet) -> None:
    """A crystal with its load capacitors."""
    hertz = ask.first("Hz", 8e6) or 8e6
    farads = [f for f in ask.value_of("F") if f <= 100e-12]
    load = ask.near("F", r"load|charge|last|\bcl\b|carga|bürde", 22)
    stray = 5e-12
    named = ask.near("F", r"stray|parasit|streu", 18)
    if named is not None:
        stray = named
    direct = ask.has(r"(?:two|2|deux|zwei|dos) (?:\S+ ){0,2}(?:pf|capacitors|caps|condens|kondens)") and ask.has(
        r"\d ?pf (?:cap|cond|kond)"
    )
    if load is not None and not direct:
        value = e24(2 * (load - stray))
        sheet.claim("load capacitance", load, "F", value / 2 + stray, 0.1)
    else:
        value = farads[0] if farads else 12e-12 if hertz < 1e5 else 20e-12
    text = f"{hertz / 1e6:g}MHz" if hertz >= 1e6 else f"{hertz / 1e3:g}kHz"
    if ask.has(r"4[- ]?pin|four[- ]pin|gnd24|3225|smd"):
        sheet.add("Y", "Device:Crystal_GND24", {"1": "XTAL1", "3": "XTAL2", "2": "GND", "4": "GND"}, text)
    else:
        sheet.add("Y", "Device:Crystal", {"1": "XTAL1", "2": "XTAL2"}, text)
    sheet.c(value, "XTAL1", "GND")
    sheet.c(value, "XTAL2", "GND")
    if ask.has(r"1 ?m(?:eg)?(?:Ω|ohm)?\b.*(?:parallel|across)|feedback resistor"):
        sheet.r(1e6, "XTAL1", "XTAL2")
    sheet.connector(["XTAL1", "XTAL2", "GND"], "XTAL")
    sheet.title.append(f"crystal of {text}")


def i2c(ask: Ask, sheet: Sheet) -> None:
    """Pull-ups of an I2C bus."""
    net, _ = supply_of(ask, sheet, 3.3)
    ohms = [o for o in ask.value_of("ohm") if 500 <= o <= 50e3]
    fast = ask.has(r"400 ?k|fast")
    value = ohms[0] if ohms else 2.2e3 if fast else 4.7e3
    sheet.r(value, net, "SDA")
    sheet.r(value, net, "SCL")
    if ask.has(r"eeprom|24lc|24c\d"):
        number = ask.find(r"24(?:lc|c|aa)(\d+)") or "256"
        part = f"24LC{number}" if number in ("256", "02", "16", "64", "32", "128", "512") else "24LC256"
        pins = {"8": net, "4": "GND", "5": "SDA", "6": "SCL", "7": "GND", "1": "GND", "2": "GND", "3": "GND"}
        sheet.add("U", f"Memory_EEPROM:{part if part in ('24LC256', '24LC02') else '24LC256'}", pins, part)
        sheet.c(100e-9, net, "GND")
    sheet.connector([net, "SDA", "SCL", "GND"], "I2C")
    sheet.supply = sheet.supply or net
    sheet.title.append("I2C bus")


def decoupling(ask: Ask, sheet: Sheet) -> None:
    """Decoupling capacitors of a supply."""
    net, _ = supply_of(ask, sheet, 3.3)
    counted = re.search(r"\b(\d+|two|three|four|five|six|deux|trois|quatre|zwei|drei|vier|dos|tres|cuatro)\s*(?:x|×)?\s*(?:of )?"
                        r"(?:\d+ ?n|caps|capac|decoupl|condens|kondens|entkoppel|stück|pcs)", ask.text, re.IGNORECASE)  # fmt: skip
    count = (COUNTS.get(counted.group(1).lower()) or int(counted.group(1))) if counted else 2
    values = ask.value_of("F") or [100e-9]
    for _ in range(min(count, 20)):
        sheet.c(min(values), net, "GND")
    if len(values) > 1:
        sheet.c(max(values), net, "GND")
    sheet.connector([net, "GND"], "POWER")
    sheet.supply = sheet.supply or net
    sheet.title.append("decoupling")


def can(ask: Ask, sheet: Sheet) -> None:
    """A CAN transceiver with its termination."""
    three = ask.has(r"3[.,v]3|sn65|vd230|tja1051")
    net = sheet.supply or ("+3V3" if three else "+5V")
    common = {"CANH": "CANH", "CANL": "CANL"}
    if ask.has(r"tja1051"):
        sheet.add("U", "Interface_CAN_LIN:TJA1051T-3", {**common, "1": "TXD", "4": "RXD", "VCC": "+5V", "VIO": "+3V3", "GND": "GND",
                                                        "S": "GND"}, "TJA1051T/3")  # fmt: skip
        sheet.connector(["+5V", "+3V3", "TXD", "RXD", "GND"], "MCU")
        sheet.c(100e-9, "+5V", "GND")
        sheet.c(100e-9, "+3V3", "GND")
        sheet.supply = sheet.supply or "+5V"
    else:
        if three:
            sheet.add("U", "Interface_CAN_LIN:SN65HVD230", {**common, "D": "TXD", "R": "RXD", "VCC": net, "GND": "GND", "Rs": "RS"},
                      "SN65HVD230")  # fmt: skip
        else:
            sheet.add("U", "Interface_CAN_LIN:MCP2551-I-SN", {**common, "TXD": "TXD", "RXD": "RXD", "VDD": net, "VSS": "GND", "Rs": "RS"},
                      "MCP2551")  # fmt: skip
        sheet.r(10e3 if not three else "0", "RS", "GND")
        sheet.c(100e-9, net, "GND")
        sheet.connector([net, "TXD", "RXD", "GND"], "MCU")
        sheet.supply = sheet.supply or net
    if ask.has(r"split term|two 60|2 ?x ?60|60 ?(?:ohm|Ω)"):
        sheet.r(60.4, "CANH", "SPLIT")
        sheet.r(60.4, "SPLIT", "CANL")
        sheet.c(4.7e-9, "SPLIT", "GND")
    else:
        sheet.r(120.0, "CANH", "CANL")
    sheet.connector(["CANH", "CANL", "GND"], "CAN")
    sheet.title.append("CAN transceiver")


def rs485(ask: Ask, sheet: Sheet) -> None:
    """An RS-485 transceiver with its termination."""
    three = ask.has(r"3[.,v]3|max3485")
    net = sheet.supply or ("+3V3" if three else "+5V")
    name = "MAX3485" if three else "MAX485E"
    sheet.add(
        "U",
        f"Interface_UART:{name}",
        {"RO": "RO", "2": "DIR", "DE": "DIR", "DI": "DI", "VCC": net, "GND": "GND", "A": "A", "B": "B"},
        name,
    )
    sheet.c(100e-9, net, "GND")
    sheet.r(120.0, "A", "B")
    if ask.has(r"bias|fail-?safe|polari"):
        sheet.r(680.0, net, "A")
        sheet.r(680.0, "B", "GND")
    sheet.connector([net, "RO", "DIR", "DI", "GND"], "MCU")
    sheet.connector(["A", "B", "GND"], "RS485")
    sheet.supply = sheet.supply or net
    sheet.title.append("RS-485 transceiver")


def rs232(ask: Ask, sheet: Sheet) -> None:
    """An RS-232 transceiver with its pump capacitors."""
    net = sheet.supply or "+5V"
    pins = {"1": "C1P", "3": "C1N", "4": "C2P", "5": "C2N", "2": "VPLUS", "6": "VMINUS", "16": net, "15": "GND",
            "11": "TXD", "12": "RXD", "14": "RS_TX", "13": "RS_RX", "10": "GND", "8": "GND"}  # fmt: skip
    sheet.add("U", "Interface_UART:MAX232", pins, "MAX232")
    for one, other in (("C1P", "C1N"), ("C2P", "C2N"), ("VPLUS", "GND"), ("GND", "VMINUS"), (net, "GND")):
        sheet.c(1e-6, one, other)
    sheet.connector([net, "TXD", "RXD", "GND"], "TTL")
    sheet.connector(["RS_TX", "RS_RX", "GND"], "RS232")
    sheet.supply = sheet.supply or net
    sheet.title.append("RS-232 level shifter")


def levels(ask: Ask, sheet: Sheet) -> None:
    """A level shifter of MOSFETs and pull-ups."""
    volts = sorted({v for v in ask.volts() if 1 <= v <= 12}) or [3.3, 5.0]
    low, high = supply(volts[0]), supply(volts[-1] if len(volts) > 1 else 5.0)
    count = 2 if ask.has(r"i2c|two|2[- ]ch|sda|zwei|deux|dos|bidirectional i") else 1
    count = int(ask.find(r"\b([1-4])[- ](?:ch|canau|kan|canal|line|signal)") or count)
    count = min(4, len(set(re.findall(r"(?<!\w)Q\d", ask.text))) or count)
    lows, highs = [], []
    for n in range(1, count + 1):
        names = (("SDA", "SCL")[n - 1],) * 2 if ask.has(r"i2c") and count == 2 else (f"A{n}", f"B{n}")
        one, other = f"{names[0]}_L", f"{names[1]}_H"
        sheet.add("Q", "Transistor_FET:BSS138", {"G": low, "S": one, "D": other}, "BSS138")
        sheet.r(10e3, low, one)
        sheet.r(10e3, high, other)
        lows.append(one)
        highs.append(other)
    sheet.connector([low, *lows, "GND"], "LOW")
    sheet.connector([high, *highs, "GND"], "HIGH")
    sheet.supply = sheet.supply or low
    sheet.title.append("level shifter")


def opto(ask: Ask, sheet: Sheet) -> None:
    """An isolated input by an optocoupler."""
    volts = max([v for v in ask.volts() if v > 3.4], default=24.0)
    net = sheet.supply or "+3V3"
    amps = next((each.value for each in ask.all("A") if each.value <= 0.05), 5e-3)
    ohms = ask.value_of("ohm")
    series = ask.near("ohm", r"series|série|reihe|vorwid\w*|limit\w*|led|input", 20) or (
        ohms[0] if ohms and ohms[0] < 8e3 else None
    )
    pull = next((o for o in ohms if o != series), 10e3)
    sheet.r(series or e12((volts - 1.2) / amps), "IN+", "LED_A")
    sheet.add("U", "Isolator:PC817", {"1": "LED_A", "2": "IN-", "4": "OUT", "3": "GND"}, "PC817")
    sheet.r(pull, net, "OUT")
    if ask.has(r"revers|protect|antiparall|verpol"):
        sheet.diode("IN-", "LED_A")
    sheet.connector(["IN+", "IN-"], "IN")
    sheet.connector([net, "OUT", "GND"], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("isolated input")


def timer555(ask: Ask, sheet: Sheet) -> None:
    """A 555 as astable or monostable."""
    net, volts = supply_of(ask, sheet)
    pins = {
        "GND": "GND",
        "VCC": net,
        "4": net,
        "DISCH": "DISCH",
        "THRES": "TIMING",
        "TRIG": "TIMING",
        "CONT": "CONT",
        "OUT": "OUT",
    }
    if ask.has(r"monostab|one[- ]shot|monoflop|einzelimpuls"):
        seconds = ask.first("s", 1.0) or 1.0
        c = next(iter(ask.value_of("F")), None) or (10e-6 if seconds >= 0.1 else 100e-9)
        r = e24(seconds / (1.1 * c))
        pins |= {"DISCH": "TIMING", "TRIG": "TRIG"}
        sheet.add("U", "Timer:NE555P", pins, "NE555")
        sheet.r(r, net, "TIMING")
        sheet.c(c, "TIMING", "GND")
        sheet.r(10e3, net, "TRIG")
        sheet.connector(["TRIG", "GND"], "TRIGGER")
        if ask.has(r"button|taster|bout|pulsador|botón|switch"):
            sheet.add("SW", "Switch:SW_Push", {"1": "TRIG", "2": "GND"}, "START")
        sheet.claim("pulse", seconds, "s", 1.1 * r * c, 0.1)
        kind = "monostable 555"
    else:
        times = [each.value for each in ask.all("s") if each.value > 0]
        hertz = ask.first("Hz") or (1 / times[0] if times else 1.0)
        c = next(iter(ask.value_of("F")), None) or e12(0.7 / (hertz * 50e3))
        second = e24(1.44 / (hertz * c) * 0.45)
        first = e24(max(1e3, 1.44 / (hertz * c) - 2 * second))
        sheet.add("U", "Timer:NE555P", pins, "NE555")
        sheet.r(first, net, "DISCH")
        sheet.r(second, "DISCH", "TIMING")
        sheet.c(c, "TIMING", "GND")
        sheet.claim("frequency", hertz, "Hz", 1.44 / ((first + 2 * second) * c), 0.1)
        kind = "astable 555"
    sheet.c(10e-9, "CONT", "GND")
    sheet.c(100e-9, net, "GND")
    if ask.has(r"\bled\b"):
        sheet.r(e24(max(100.0, (volts - 2) / 10e-3)), "OUT", "LED_A")
        sheet.led("LED_A", "GND")
    sheet.connector(["OUT", "GND"], "OUT")
    power_in(sheet, net)
    sheet.title.append(kind)


def shift(ask: Ask, sheet: Sheet) -> None:
    """A shift register with its outputs."""
    net, volts = supply_of(ask, sheet)
    outs = [f"Q{letter}" for letter in "ABCDEFGH"]
    pins = {
        "14": "SER",
        "11": "SRCLK",
        "10": net,
        "12": "RCLK",
        "13": "GND",
        "16": net,
        "8": "GND",
        **{name: name for name in outs},
    }
    if ask.has(r"daisy|cascad|chain|kask"):
        pins["9"] = "SER_OUT"
    sheet.add("U", "74xx:74HC595", pins, "74HC595")
    sheet.c(100e-9, net, "GND")
    nets = [net, "SER", "SRCLK", "RCLK", *(["SER_OUT"] if "9" in pins else []), "GND"]
    sheet.connector(nets, "MCU")
    if ask.has(r"\bleds?\b"):
        value = e24(max(150.0, (volts - 2.0) / 5e-3))
        for n, name in enumerate(outs, 1):
            sheet.r(value, name, f"LED{n}")
            sheet.led(f"LED{n}", "GND")
    else:
        sheet.connector([*outs, "GND"], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("74HC595 shift register")


def onewire(ask: Ask, sheet: Sheet) -> None:
    """A 1-Wire sensor with its pull-up."""
    net, _ = supply_of(ask, sheet, 3.3)
    ohms = [o for o in ask.value_of("ohm") if o >= 1e3]
    sheet.add("U", "Sensor_Temperature:DS18B20", {"3": net, "1": "GND", "2": "DQ"}, "DS18B20")
    sheet.r(ohms[0] if ohms else 4.7e3, net, "DQ")
    sheet.c(100e-9, net, "GND")
    sheet.connector([net, "DQ", "GND"], "MCU")
    sheet.supply = sheet.supply or net
    sheet.title.append("DS18B20")


def flash(ask: Ask, sheet: Sheet) -> None:
    """A serial flash on SPI."""
    net = sheet.supply or "+3V3"
    pins = {"1": "CS", "6": "SCK", "5": "MOSI", "2": "MISO", "3": net, "7": net, "8": net, "4": "GND"}
    sheet.add("U", "Memory_Flash:W25Q32JVSS", pins, ask.find(r"\b(w25q\d+\w*)").upper() or "W25Q32JV")
    sheet.r(10e3, net, "CS")
    sheet.c(100e-9, net, "GND")
    sheet.connector([net, "CS", "SCK", "MOSI", "MISO", "GND"], "SPI")
    sheet.supply = sheet.supply or net
    sheet.title.append("SPI flash")


def mcu(ask: Ask, sheet: Sheet) -> None:
    """A microcontroller with what it needs to run."""
    from kiki_core.planning.kicad.micro import draw

    draw(ask, sheet)


def bridge_sensor(ask: Ask, sheet: Sheet) -> None:
    """A bridge sensor at an instrumentation amplifier."""
    net, _ = supply_of(ask, sheet)
    value = next(iter(ask.value_of("ohm")), 1e3)
    for one, other in ((net, "OUT+"), ("OUT+", "GND"), (net, "OUT-"), ("OUT-", "GND")):
        sheet.r(value, one, other)
    sheet.connector(["OUT+", "OUT-"], "OUT")
    power_in(sheet, net)
    sheet.title.append("Wheatstone bridge")


def darlington(ask: Ask, sheet: Sheet) -> None:
    """An array of Darlington drivers."""
    net, _ = supply_of(ask, sheet, 12.0)
    count = 7
    pins = {
        **{f"I{n}": f"IN{n}" for n in range(1, count + 1)},
        **{f"O{n}": f"OUT{n}" for n in range(1, count + 1)},
        "8": "GND",
        "9": net,
    }
    sheet.add("U", "Transistor_Array:ULN2003A", pins, "ULN2003A")
    sheet.connector([*(f"IN{n}" for n in range(1, count + 1)), "GND"], "IN")
    sheet.connector([net, *(f"OUT{n}" for n in range(1, count + 1))], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("ULN2003A driver")


def strip(ask: Ask, sheet: Sheet) -> None:
    """A chain of addressable lamps."""
    count = min(16, int(ask.find(r"\b(\d{1,2})\s+(?:ws2812|neopixel|rgb|addressable|leds?)") or 3))
    net = sheet.supply or "+5V"
    sheet.r(330.0, "DATA", "D0")
    for n in range(count):
        pins = {"1": net, "3": "GND", "4": f"D{n}", **({"2": f"D{n + 1}"} if n < count - 1 else {})}
        sheet.add("D", "LED:WS2812B", pins, "WS2812B")
        sheet.c(100e-9, net, "GND")
    sheet.connector([net, "DATA", "GND"], "IN")
    sheet.supply = sheet.supply or net
    sheet.title.append(f"{count} WS2812B")
