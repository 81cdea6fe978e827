"""Parts that every engineer knows by their function: the pins that most of them share."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.kicad.symbols import Pin

_P, _I, _O, _B, _A, _N, _C = "power_in", "input", "output", "bidirectional", "passive", "no_connect", "open_collector"


def _pins(text: str, kinds: str, units: str = "") -> tuple[Pin, ...]:
    """Pins from a list of names in the order of their numbers, a letter for each one's type, and its unit."""
    names = text.split()
    letters = {"P": _P, "I": _I, "O": _O, "B": _B, "A": _A, "N": _N, "C": _C, "W": "power_out", "T": "tri_state"}
    return tuple(
        Pin(str(n), name, letters[kinds[n - 1]], unit=int(units[n - 1]) if units else 1)
        for n, name in enumerate(names, 1)
    )


_QUAD = _pins("OUT -  + V+ + - OUT OUT - + V- + - OUT", "OIIPIIOOIIPIIO", "11152223335444")
_DUAL = _pins("OUT - + V- + - OUT V+", "OIIPIIOP", "11132223")
_QUAD_COMPARATOR = _pins(
    "OUT2 OUT1 V+ IN1- IN1+ IN2- IN2+ IN3- IN3+ IN4- IN4+ GND OUT4 OUT3", "CCPIIIIIIIIPCC", "21511223344543"
)
_DUAL_COMPARATOR = _pins("OUT1 IN1- IN1+ GND IN2+ IN2- OUT2 VCC", "CIIPIICP", "11132223")
_GATES = _pins("1A 1B 1Y 2A 2B 2Y GND 3Y 3A 3B 4Y 4A 4B VCC", "IIOIIOPOIIOIIP", "11122253334445")
_NOR = _pins("1Y 1A 1B 2Y 2A 2B GND 3A 3B 3Y 4A 4B 4Y VCC", "OIIOIIPIIOIIOP", "11122253334445")
_INVERTERS = _pins("1A 1Y 2A 2Y 3A 3Y GND 4Y 4A 5Y 5A 6Y 6A VCC", "IOIOIOPOIOIOIP", "11223374455667")
_SHIFT = _pins("QB QC QD QE QF QG QH GND QH' ~{SRCLR} SRCLK RCLK ~{OE} SER QA VCC", "TTTTTTTPOIIIIITP")

ARCHETYPES: Sequence[tuple[re.Pattern[str], str, str, tuple[Pin, ...]]] = tuple(
    (re.compile(pattern, re.IGNORECASE), name, reference, pins)
    for pattern, name, reference, pins in (
        (r"(?:quad|quadruple|vierfach|cuádruple|4[- ]?fach|four)\W+(?:\w+\W+)?(?:comparator|comparateur|komparator|comparador)|lm339", "COMPARATOR_QUAD", "U", _QUAD_COMPARATOR),
        (r"(?:dual|double|doppel|doble)\W*(?:\w+\W+)?(?:comparator|comparateur|komparator|comparador)|lm393", "COMPARATOR_DUAL", "U", _DUAL_COMPARATOR),
        (r"(?:quad|quadruple|vierfach|cuádruple|four|vier)\W*(?:\w+\W+)?(?:op-?amp|operational|ampli\w* op|operationsverst|opv|amplificador)|lm324|tl074|tl084|mcp6004", "OPAMP_QUAD", "U", _QUAD),
        (r"(?:dual|double|doppel|doble|zweifach)\W*(?:\w+\W+)?(?:op-?amp|operational|ampli\w* op|operationsverst|opv|amplificador)|lm358|tl072|ne5532|mcp6002", "OPAMP_DUAL", "U", _DUAL),
        (r"(?:op-?amp|operational amplifier|ampli\w* op|operationsverst|amplificador operacional).{0,40}(?:sot-?23|5[- ]pin|five)|(?:5[- ]pin|sot-?23-?5).{0,30}op-?amp|mcp6001", "OPAMP_SOT23", "U",
         _pins("OUT V- + - V+", "OPIIP")),
        (r"op-?amp|operational amplifier|ampli\w* op|operationsverst|amplificador operacional|lm741|ua741|tl071", "OPAMP", "U", _pins("NULL - + V- NULL OUT V+ NC", "AIIPAOPN")),
        (r"7402|quad\w* (?:2|two)[- ]input nor|74hc02", "GATE_QUAD_NOR", "U", _NOR),
        (r"74(?:hc|ls|hct)?0?4\b|74(?:hc|ls|hct)?14\b|hex(?:\W+\w+)?\W+inverter|sechsfach[- ]inverter|sextuple inverseur", "INVERTER_HEX", "U", _INVERTERS),
        (r"74(?:hc|ls|hct)?(?:00|08|32|86)\b|quad\w*\W+(?:(?:2|two)[- ]input\W+)?(?:nand|and|or|xor)\b|(?:four|vier|quatre|cuatro|vierfach)\W+(?:\w+\W+){0,2}(?:nand|and|or|xor)\b", "GATE_QUAD", "U", _GATES),
        (r"74hc595|shift register|schieberegister|registre à décalage", "SHIFT_REGISTER", "U", _SHIFT),
        (r"\bne?555\b", "NE555", "U", _pins("GND TRIG OUT ~{RESET} CTRL THRES DISCH VCC", "PIOIIICP")),
        (r"spi flash|w25q|flash memory", "SPI_FLASH", "U", _pins("~{CS} DO ~{WP} GND DI CLK ~{HOLD} VCC", "ITIPIIIP")),
        (r"i2c eeprom|24lc|24c\d\d|eeprom", "EEPROM_I2C", "U", _pins("A0 A1 A2 GND SDA SCL WP VCC", "IIIPBIIP")),
        (r"max485|rs-?485", "RS485", "U", _pins("RO ~{RE} DE DI GND A B VCC", "TIIIPBBP")),
        (r"mcp2551|can transceiver|transceiver can|can-transceiver", "CAN_TRANSCEIVER", "U", _pins("TXD VSS VDD RXD VREF CANL CANH RS", "IPPOABBI")),
        (r"(?:ldo|regulator|régulateur|regler|regulador).{0,40}(?:sot-?23-?5|5[- ]pin|five|enable)|(?:sot-?23-?5|5[- ]pin).{0,30}(?:ldo|regul|régul|regler)", "LDO", "U", _pins("VIN GND EN NC VOUT", "PPINW")),
        (r"ams1117|lm1117|(?:ldo|regul|régul|regler).{0,40}sot-?223", "LDO_SOT223", "U", _pins("GND VOUT VIN", "PWP")),
        (r"lm317|adjustable regulator", "LM317", "U", _pins("ADJ VOUT VIN", "IWP")),
        (r"78(?:l|m)?\d\d|\bldo\b|(?:voltage |linear )?regulator|régulateur|spannungsregler|regulador", "REGULATOR", "U", _pins("VIN GND VOUT", "PPW")),
        (r"uln2003|darlington array", "ULN2003", "U", _pins("I1 I2 I3 I4 I5 I6 I7 GND COM O7 O6 O5 O4 O3 O2 O1", "IIIIIIIPACCCCCCC")),
        (r"opto-?coupler|optocoupleur|optokoppler|optoacoplador|pc817", "OPTOCOUPLER", "U", _pins("A K E C", "AAAA")),
        (r"p-?(?:channel )?(?:mos)?fet|p-?mos|mosfet canal p|p-kanal", "MOSFET_P", "Q", _pins("G S D", "IAA")),
        (r"(?:n-?(?:channel )?)?mosfet|n-?mos|canal n|n-kanal", "MOSFET_N", "Q", _pins("G S D", "IAA")),
        (r"\bnpn|\bpnp|bipolar transistor|transistor bipolaire|bjt", "TRANSISTOR", "Q", _pins("B E C", "IAA")),
        (r"ds18b20|temperature sensor|capteur de température|temperatursensor|sensor de temperatura", "SENSOR_TEMP", "U", _pins("GND DQ VDD", "PBP")),
        (r"crystal oscillator|oscillator module|quarzoszillator|oscillateur", "OSCILLATOR", "Y", _pins("EN GND OUT VDD", "IPOP")),
        (r"\bcrystal|quartz|quarz|cristal", "CRYSTAL", "Y", _pins("1 2", "AA")),
        (r"potentiometer|potentiomètre|potenció", "POTENTIOMETER", "RV", _pins("1 W 3", "AAA")),
        (r"relay|relais|relé", "RELAY", "K", _pins("A1 A2 COM NO NC", "AAAAA")),
        (r"varist|\bmov\b", "VARISTOR", "RV", _pins("1 2", "AA")),
        (r"thermist|\bntc\b|\bptc\b", "THERMISTOR", "TH", _pins("1 2", "AA")),
        (r"\bjfet", "JFET", "Q", _pins("D S G", "AAI")),
        (r"\bigbt", "IGBT", "Q", _pins("G C E", "IAA")),
        (r"\btriac", "TRIAC", "Q", _pins("A1 A2 G", "AAI")),
        (r"thyristor|\bscr\b", "THYRISTOR", "Q", _pins("A G K", "AIA")),
        (r"transform|\btrafo", "TRANSFORMER", "T", _pins("PRI1 PRI2 SEC1 SEC2", "AAAA")),
        (r"\bspdt|changeover switch|inverseur|wechselschalter|conmutador", "SWITCH_SPDT", "SW", _pins("A COM B", "AAA")),
        (r"speaker|haut-parleur|lautsprecher|altavo|buzzer|summer", "SPEAKER", "LS", _pins("1 2", "AA")),
        (r"\bbatter|bater[íi]a|\bpile\b", "BATTERY", "BT", _pins("+ -", "AA")),
        (r"\bfuse|fusible|sicherung", "FUSE", "F", _pins("1 2", "AA")),
        (r"\bmotor|moteur", "MOTOR", "M", _pins("+ -", "AA")),
        (r"\bantenn|\bantena", "ANTENNA", "AE", _pins("A", "A")),
        (r"\binductor|bobine|spule|\binductancia|\bcoil\b|ferrit", "INDUCTOR", "L", _pins("1 2", "AA")),
        (r"\bcapacitor|condensat|kondensator|condensador", "CAPACITOR", "C", _pins("1 2", "AA")),
        (r"\bresistor|résistance|widerstand|resistencia|\bshunt", "RESISTOR", "R", _pins("1 2", "AA")),
        (r"push ?button|tactile|bouton|taster|pulsador", "BUTTON", "SW", _pins("1 2", "AA")),
        (r"\bled\b|diode", "DIODE", "D", _pins("K A", "AA")),
    )
)  # fmt: skip
"""What asks for a part, a name for its symbol, the letters of its references, its pins."""
