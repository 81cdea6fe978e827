"""The buses of a request: UARTs, SPI, I2C, CAN, USB."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts, amounts, baud_of, frame_of
from kiki_core.planning.firmware.chips import chip_in
from kiki_core.planning.firmware.entries import Read, add_ways, entry_of, placed, repeat_of
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.levels import inverted_lines
from kiki_core.planning.firmware.pins import pins_in
from kiki_tools.stm32.device import Device

_QUOTED = re.compile(r"[\"“”«]\s?([^\"“”«»\n]{1,60}?)\s?[\"”“»]|(?<!\w)'([^'\n]{1,60})'(?!\w)|`([^`\n]{1,60})`")
_UNNAMED_TEXT = re.compile(r"(?:send|print|transmit|write|output|envo\w+|affich\w*|send\w*|schick\w*|ausgeb\w*|envía\w*|manda\w*|"
                           r"imprim\w*|sagt?|say)\w*\s+(?:the (?:string|text|message) |le (?:texte|message) |den text )?"
                           r"(hello(?:,? world)?!?|ok|ready|bonjour|hallo(?: welt)?|hola(?: mundo)?|ping|alive|boot(?:ed)?)(?!\w)",
                           re.IGNORECASE)  # fmt: skip
_MODE = re.compile(r"mode\s?(?:=|:)?\s?([0-3])(?!\d|\s?[kM]?Hz)|modus\s?([0-3])|modo\s?([0-3])", re.IGNORECASE)
_CPOL = re.compile(r"CPOL\s?(?:=|:)?\s?(1|0|high|low)", re.IGNORECASE)
_CPHA = re.compile(r"CPHA\s?(?:=|:)?\s?(1|0|2\s?edge|1\s?edge|high|low)", re.IGNORECASE)
SELECT = re.compile(r"(?<![A-Za-z])(?:NSS|N?CS[BN]?|chip[- ]select|SS|slave select)(?:\W+|\s+(?:on|is|at|sur|auf|an|en|line|pin|output|by|via|in|hardware|software|controlled|manual)\s+|(?<=\s)(?:on|at|by|in|output|hardware|software)\s+){1,6}(P[A-K]\d{1,2})|"
                     r"(P[A-K]\d{1,2})\s*(?:\(|as|=|for|als|comme|como)\s*(?:the\s)?(?:NSS|N?CS|chip[- ]select|SS)(?!\w)",
                     re.IGNORECASE)  # fmt: skip
_HEX = re.compile(r"0x([0-9a-f]{1,2})(?!\w)", re.IGNORECASE)


def usart(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of USART."""
    text = group.text
    entry = entry_of("usart", group)
    name = entry.get("instance", "")
    swapped = name.replace("USART", "UART") if name.startswith("USART") else name.replace("UART", "USART")
    if name and name not in device.peripherals and swapped in device.peripherals:
        entry["instance"] = swapped
    pins = placed(entry, "usart", _QUOTED.sub(" ", text), device)
    rate = baud_of(amounts(_QUOTED.sub(" ", text), [each.value for each in has.of("Hz") if each.value >= 4e6]))
    if rate:
        entry["baud"] = round(rate)
    _frame(entry, text)
    if words.TX_ONLY.search(text) or (
        set(pins) == {"TX"} and not re.search(r"\brx|receiv|récept|empfang|echo", text, re.IGNORECASE)
    ):
        entry["direction"] = "tx"
    elif words.RX_ONLY.search(text) or (
        set(pins) == {"RX"} and not re.search(r"\btx|send|print|transm", text, re.IGNORECASE)
    ):
        entry["direction"] = "rx"
    _line(entry, text, pins)
    if sampled := re.search(
        r"(8|16)(?:x|[- ]fach| ?times)?[- ]?(?:oversampl|überabtast|suréchantillonn|sobremuestr)|oversampling (?:by |of |x|= ?|par |de )?(8|16)(?!\d)|\bOVER8",
        text,
        re.IGNORECASE,
    ):
        entry["oversampling"] = int(sampled.group(1) or sampled.group(2) or 8)
    if entry.get("instance") == "LPUART1" and (
        kernel := re.search(r"\b(LSE|HSI(?:16)?|PCLK1?|SYSCLK)\b(?!.{0,12}(?:PLL|core))", text)
    ):
        named = kernel.group(1)
        if named == "LSE" or re.search(
            rf"(?:kernel|clock(?:ed)? (?:by|from|source)|from|aus|source|par|depuis|desde|über)\W+(?:\w+\W+){{0,3}}?{named}|{named}\W+(?:as )?(?:kernel|clock)",
            text,
            re.IGNORECASE,
        ):
            entry["kernel"] = {"HSI": "HSI16", "PCLK": "PCLK1"}.get(named, named)
    add_ways(entry, text)
    _reception(entry, text)
    _special(entry, text)
    if inverted := inverted_lines(text, entry.get("direction", "both")):
        entry["inverted"] = inverted
    if re.search(r"printf|retarget|stdout", text, re.IGNORECASE) and entry.get("direction") != "rx":
        entry["printf"] = True
    if words.ECHO.search(text):
        entry["echo"] = True
    said = _QUOTED.search(text) or _UNNAMED_TEXT.search(text)
    if said:
        entry["greeting"] = next(part for part in said.groups() if part).replace("\\r", "").replace("\\n", "").strip()
        if repeat := repeat_of(text, has.of("s"), has.of("Hz")):
            entry["repeat_ms"] = repeat
    return entry


_BIT_TIMES = re.compile(r"(\d{1,6}) ?(?:bit[- ]?(?:times?|periods?|durations?)|bitzeiten|temps bits?)", re.IGNORECASE)
QUIET = re.compile(r"(?:no|kein\w*|aucune?|ning[uú]n\w*) (?:byte|octet|char\w*|zeichen|data|daten|message)\w*|(?:is |falls |goes |stays )?(?:quiet|silent)|silence", re.IGNORECASE)  # fmt: skip


def _special(entry: dict[str, Any], text: str) -> None:
    """LIN, FIFOs, the receiver's timeout."""
    if re.search(r"\bLIN\b(?! ?ear)", text):
        eleven = re.search(r"11[- ]?bit", text, re.IGNORECASE)
        ten = re.search(r"10[- ]?bit", text, re.IGNORECASE)
        entry["lin"] = 10 if ten and not eleven else 11
    if re.search(r"(?:receiver?|rx|empfangs)[- ]?time-?out|\bRTO(?:EN|IE)?\b", text, re.IGNORECASE):
        counted = _BIT_TIMES.search(text)
        entry["timeout_bits"] = int(counted.group(1)) if counted else 35
        entry.pop("idle", None)
    if re.search(r"\bFIFOs?\b", text) and not _RING.search(text.replace("FIFO", "")) and "timeout_bits" in entry:
        entry["fifo"] = True


_HALF = re.compile(r"half[- ]?duplex|single[- ]wire|one[- ]wire uart|semi-?duplex|halbduplex|eindraht|un seul fil|un solo hilo", re.IGNORECASE)  # fmt: skip
_DRIVER = re.compile(r"driver[- ]enable|(?<![A-Za-z])DE(?: |=|:|/|-)(?:pin|line|signal|input|eingang|entrée|entrada|enable|on|sur|an|en|is|=|:|P[A-K]\d)|RS-?485.{0,40}\b(?:DE|RTS|direction)\b|"
                     r"\bDE ?/ ?RE\b|RS-?485 (?:hardware )?(?:mode|driver)|hardware RS-?485", re.IGNORECASE)  # fmt: skip


def _line(entry: dict[str, Any], text: str, pins: dict[str, str]) -> None:
    """Flow control, one wire, an RS-485 driver."""
    told = "RTS" in pins and "CTS" not in pins and re.search(r"RS-?485", text, re.IGNORECASE)
    if _DRIVER.search(text) or "DE" in pins or told:
        entry["driver_enable"] = True
        if "RTS" in pins and "CTS" not in pins:
            entry["pins"]["DE"] = entry["pins"].pop("RTS")
    elif words.FLOW.search(text) or {"CTS", "RTS"} & set(pins):
        entry["flow_control"] = True
    if _HALF.search(text) and not entry.get("driver_enable"):
        entry["half_duplex"] = True
        entry.pop("direction", None)
        if "RX" in entry.get("pins", {}):
            del entry["pins"]["RX"]


_RING = re.compile(r"(?:byte|char|octet|zeichen)s?[- ]ring\b|\bring of \d|ring[- ]?(?:buffer|puffer)|circular buffer|fifo buffer|(?:tampon|buffer) circulaire|b[úu]fer circular|buffer circular|puffer|\bfifo\b", re.IGNORECASE)  # fmt: skip
_RING_OF = re.compile(
    r"(?:buffer|puffer|tampon|b[úu]fer)\W+(?:(?:of|with|size|de|mit|von|length|taille|tamaño)\W+){0,2}(\d{2,5})(?!\d)",
    re.IGNORECASE,
)
_ITEMS = re.compile(
    r"(\d{1,5})[- ]?(?:bytes?|octets?|chars?|characters?|words?|items?|entries|zeichen|mots|palabras|caract\w+|B\b)",
    re.IGNORECASE,
)
_BYTES = re.compile(r"(\d{1,5})[- ]?(?:bytes?|octets?|chars?|characters?|zeichen|byte-|caract\w+|B\b)", re.IGNORECASE)
EACH_BYTE = re.compile(r"(?:each|every|on|chaque|jedes|bei jedem|cada|any) (?:received |incoming |empfangene\w* )?(?:byte|char\w*|octet|zeichen|car[áa]ct\w+)|"
                        r"(?:byte|char\w*|octet|zeichen) (?:is |was )?(?:received|reçu|empfangen|recibido)|(?:on|upon|at) (?:uart |rx )?reception", re.IGNORECASE)  # fmt: skip


def _reception(entry: dict[str, Any], text: str) -> None:
    """The idle line, the ring of bytes."""
    if re.search(r"\bidle(?:[- ]?line)?\b(?! ?high)|ligne inactive|leerlauf|l[íi]nea inactiva", text, re.IGNORECASE):
        entry["idle"] = True
    circular = re.search(r"circular|zirkular|circulaire|\bring\b", text, re.IGNORECASE)
    if "rx" in entry.get("dma", ()) and circular:
        entry["circular"] = True
        if size := _ITEMS.search(text):
            entry["ring"] = min(8192, max(8, int(size.group(1))))
    elif _RING.search(text) and entry.get("direction") != "tx":
        if not entry.get("dma"):
            entry["interrupt"] = True
        if size := _BYTES.search(text) or _RING_OF.search(text):
            entry["ring"] = min(8192, max(8, int(size.group(1))))


def _frame(entry: dict[str, Any], text: str) -> None:
    frame = frame_of(text)
    if frame is not None:
        bits, parity, stop = frame
        entry |= {"data_bits": bits, "parity": parity, "stop_bits": stop}
        return
    none = re.search(
        r"(?:no|without|sans|ohne|keine|sin) (?:parity|parité|parität|paridad)|parity (?:none|off)", text, re.IGNORECASE
    )
    odd = re.search(r"odd(?: parity)?|impair|ungerade|impar", text, re.IGNORECASE)
    parity_said = re.search(r"parit|paridad", text, re.IGNORECASE)
    if parity_said and not none:
        entry["parity"] = "odd" if odd else "even"
    if re.search(r"(?:2|two|deux|zwei|dos) (?:stop|bits? (?:de )?(?:stop|parada)|bits? d'arrêt)", text, re.IGNORECASE):
        entry["stop_bits"] = 2
    stated = re.search(r"([789]) (?:data ?)?bits?(?! de (?:stop|parada))(?! d'arrêt)(?! stop)|([789])[- ]bit(?:s)? (?:data|words?|mots)",
                     text, re.IGNORECASE)  # fmt: skip
    if stated:
        entry["data_bits"] = int(stated.group(1) or stated.group(2))


_BESIDE = re.compile(r"(?<![A-Za-z0-9])(D/?C|RST|RESET|RES|CE|BL|ENABLE|EN|DIR|LATCH|LDAC|WP|HOLD|BUSY|IRQ|INT\d?|DIO\d|DRDY)(?:\W+|\s+(?:on|is|at|pin|sur|an|auf|en|to)\s+){1,2}(P[A-K]\d{1,2})(?!\d)", re.IGNORECASE)  # fmt: skip
_COMES = re.compile(r"BUSY|IRQ|INT|DIO|DRDY", re.IGNORECASE)


def _beside(text: str) -> list[dict[str, Any]]:
    """The plain pins of a device on a bus: data or command, reset, interrupt."""
    found: list[dict[str, Any]] = []
    for match in _BESIDE.finditer(text):
        name = re.sub(r"\W", "", match.group(1)).upper()
        pin = pins_in(match.group(2))[0]
        comes = bool(_COMES.match(name))
        found.append({"kind": "gpio", "label": f"{name}_{pin}", "pin": pin, "direction": "in" if comes else "out"})
        if name in ("RST", "RESET", "RES"):
            found[-1]["initial"] = True
    return found


def spi(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of SPI."""
    text = group.text
    entry = entry_of("spi", group)
    select = SELECT.search(text)
    hard = bool(
        re.search(
            r"hardware (?:nss|cs|chip|slave)|nss (?:output |line |signal |pin )?(?:by|in|via|par|per|por|durch) (?:the )?(?:hardware|matériel)|nss output|(?:nss|cs) (?:by|in) hardware|nss mat[ée]riel|hardware-nss|hard nss",
            text,
            re.IGNORECASE,
        )
    )
    taken = pins_in(select.group(0)) if select else []
    entry["_beside"] = _beside(text)
    taken += [pin["pin"] for pin in entry["_beside"]]
    entry_pins = placed(entry, "spi", text, device, taken)
    if words.SLAVE.search(text) and not re.search(r"\bmaster|maître|maestro", text, re.IGNORECASE):
        entry["role"] = "slave"
    taken = pins_in(select.group(0)) if select else []
    if hard or (entry.get("role") == "slave" and taken):
        entry["nss"] = "hard"
        told = [pin for pin in pins_in(text) if pin not in entry_pins.values()]
        able = [
            pin
            for pin in told
            if any(f.peripheral == entry.get("instance") and f.signal == "NSS" for f in device.functions(pin))
        ]
        if taken or able:
            entry["pins"] = {**entry_pins, "NSS": (taken or able)[0]}
    rates = has.of("Hz", "bit/s")
    if rates:
        entry["max_hz"] = round(rates[0].value)
    if mode := _MODE.search(text):
        entry["mode"] = int(next(part for part in mode.groups() if part))
    elif _CPOL.search(text) or _CPHA.search(text):
        polarity, phase = _CPOL.search(text), _CPHA.search(text)
        high = polarity is not None and polarity.group(1).lower() in ("1", "high")
        late = (
            phase is not None
            and phase.group(1).lower()[0] in ("1", "2", "h")
            and not phase.group(1).lower().endswith("1edge")
        )
        entry["mode"] = 2 * high + late
    if (
        scaled := re.search(
            r"(?:prescaler|divider|divided by|vorteiler|diviseur|BR) ?(?:of |=|:|de |/)? ?(\d{1,3})(?!\d)",
            text,
            re.IGNORECASE,
        )
    ) and int(scaled.group(1)) in (2, 4, 8, 16, 32, 64, 128, 256):
        entry["divider"] = int(scaled.group(1))
    if re.search(r"16[- ]?bits?", text, re.IGNORECASE):
        entry["data_bits"] = 16
    if words.LSB.search(text):
        entry["order"] = "lsb"
    if re.search(
        r"3[- ]wire|(?:one|single|1) (?:\w+ )?data line|\bBIDI|bidirectional (?:data|mode|line)|drei ?draht|trois fils",
        text,
        re.IGNORECASE,
    ):
        entry["one_line"] = True
        entry.get("pins", {}).pop("MISO", None)
    names = set(entry.get("pins", {}))
    if (
        words.TX_ONLY.search(text)
        or re.search(r"(?:no|without|sans|ohne|sin|kein) miso|write[- ]only|mosi only", text, re.IGNORECASE)
        or (names - {"NSS"} == {"SCK", "MOSI"} and "one_line" not in entry)
    ):
        entry["direction"] = "tx"
    elif words.RX_ONLY.search(text) or re.search(
        r"(?:no|without|sans|ohne|sin) mosi|read[- ]only", text, re.IGNORECASE
    ):
        entry["direction"] = "rx"
    add_ways(entry, text)
    _command(entry, text, has)
    return entry


_ASKS_IT = re.compile(r"read|measur|mess|mide|temperatur|température|humid|feucht|get|fetch|quer|lis\b|lit\b|lire|lecture|récup|les\w*\b|auslese|lies|abfrag|lee|leer|obten|print|check|vérif|prüf|who_?am_?i|jedec", re.IGNORECASE)  # fmt: skip
_IDENTITY = re.compile(r"who[_ ]?am[_ ]?i|(?:chip|device|dev|jedec|manufacturer|part|product)[- _]?id(?:entif\w*)?\b|\bids?\b(?! 0x)|identif\w*|kennung|hersteller", re.IGNORECASE)  # fmt: skip
_REGISTER = re.compile(r"(?:reg(?:ister|istre|istro)?s?|adresse?s? de registre|command|commande|befehl|kommando|comando|opcode)\s?(?:at |address |number |no\.? |#)?\(?\s?0x([0-9a-f]{1,2})(?!\w)|"
                       r"0x([0-9a-f]{1,2})\)?\s?(?:register|registre|registro|command)|(?:who_?am_?i|id|whoami)\s?(?:register )?[(=@,:]?\s?(?:at |register |reg )?0x([0-9a-f]{1,2})(?!\w)", re.IGNORECASE)  # fmt: skip
_PLAIN_REGISTER = re.compile(r"(?:reg(?:ister|istre|istro)?)\s(?:number |no\.? |#)?(\d{1,3})(?![\dx])", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"(\d{1,2}|two|three|four|six|deux|trois|zwei|drei|dos|tres) (?:data )?(?:bytes?|octets?|byte)", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:device|addr\w*|adress\w*|direcci[óo]n|@|slave|\bat\b|à|unter|en)\s?(?:is |of |=|:|l'adresse |auf |7[- ]?bit )?\s?0x([0-9a-f]{1,2})(?!\w)", re.IGNORECASE)  # fmt: skip
_WRITTEN = re.compile(r"writ\w*\W+(?:the )?(?:value |byte |command )?0x([0-9a-f]{1,2})\W+(?:to|into|in) (?:the )?(?:\w+ )?(?:register|reg)\W{0,3}(?:\w+ )?\(?0x([0-9a-f]{1,2})",
                      re.IGNORECASE)  # fmt: skip
_COUNTS = {"two": 2, "three": 3, "four": 4, "six": 6, "deux": 2, "trois": 3, "zwei": 2, "drei": 3, "dos": 2, "tres": 3}


def _how_many(text: str, usual: int) -> int:
    found = _HOW_MANY.search(text)
    if found is None:
        return usual
    word = found.group(1).lower()
    return min(64, max(1, int(word) if word.isdigit() else _COUNTS[word]))


def _command(entry: dict[str, Any], text: str, has: Amounts) -> None:
    """What the device on an SPI is asked: its identity, or a register or command that the text names."""
    known = chip_in(text)
    named = _REGISTER.search(text)
    if (
        not _ASKS_IT.search(text)
        or entry.get("role") == "slave"
        or entry.get("dma")
        or not (known or named or re.search("MCP3[02]0[48]", text, re.IGNORECASE))
    ):
        return
    if adapter := re.search(r"MCP3(0|2)(0[48])", text, re.IGNORECASE):
        wanted = re.search(r"(?:channel|canal|kanal|voie|CH|entrée|input)\s?([0-7])(?!\d)", text, re.IGNORECASE)
        number = int(wanted.group(1)) if wanted else 0
        twelve = adapter.group(1) == "2"
        entry["command"] = [0x06 | number >> 2, (number & 3) << 6, 0] if twelve else [0x01, (8 | number) << 4, 0]
        entry |= {"overlaps": True, "device": adapter.group(0).upper()}
        if repeat := repeat_of(text, has.of("s"), has.of("Hz")):
            entry["repeat_ms"] = repeat
        return
    chip, name = known or (None, "")
    bit = chip.read_bit if chip else 0
    if named:
        number = int(next(part for part in named.groups() if part), 16)
        plain = re.search(r"command|commande|befehl|kommando|comando|opcode", named.group(0), re.IGNORECASE)
        entry["command"] = [number if plain or number & 0x80 else number | bit]
        entry["reply"] = _how_many(text, 3 if number == 0x9F else chip.identity_bytes if chip else 1)
    elif chip is not None and chip.identity is not None and _IDENTITY.search(text):
        entry["command"], entry["reply"] = [chip.identity | bit], chip.identity_bytes
    elif chip is not None and chip.spi and chip.values is not None:
        where, count = chip.values
        entry["command"], entry["reply"] = [where | bit] if where >= 0 else [], count
    else:
        return
    if name:
        entry["device"] = re.sub(r"[^A-Za-z0-9_ -]", "", name)[:24]
    _expected(entry, text)
    if repeat := repeat_of(text, has.of("s"), has.of("Hz")):
        entry["repeat_ms"] = repeat


_EXPECTED = re.compile(r"(?:should (?:be|read|return|give|equal)|must (?:be|equal|read|return)|expect\w*|equals?|== ?|returns?|is it|doit (?:valoir|être|donner)|vaut|contient|qu'il contienne|contains?|holds?|enthält|enthalten|contiene|contenga|égal à|soll\w* |muss |ergeben|liefert|debe (?:ser|valer|dar)|compar\w+ (?:it )?(?:with|to|against)|against|is)"
                       r"\s?(?:be |sein |to |: ?|zu )?\s?0x([0-9a-f]{1,2})(?!\w)|0x([0-9a-f]{1,2}) (?:is )?(?:expected|sein|erwartet|attendu|esperad)", re.IGNORECASE)  # fmt: skip


def _expected(entry: dict[str, Any], text: str) -> None:
    """What the first byte of an answer should be."""
    if found := _EXPECTED.search(text):
        entry["expects"] = int(found.group(1) or found.group(2), 16)


def i2c(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of I2C."""
    text = group.text
    entry = entry_of("i2c", group)
    placed(entry, "i2c", text, device)
    rates = [each.value for each in has.of("Hz", "bit/s") if each.value >= 10_000]
    plain = [each.value for each in has.plain() if 10_000 <= each.value <= 5_000_000]
    if rates or plain:
        entry["speed_hz"] = round((rates or plain)[0])
    elif re.search(r"fast[- ]?mode[- ]?plus|fm\+|fast mode \+", text, re.IGNORECASE):
        entry["speed_hz"] = 1_000_000
    elif re.search(r"fast[- ]?mode|mode rapide|fast i2c|schnell|modo rápido", text, re.IGNORECASE):
        entry["speed_hz"] = 400_000
    own = re.search(r"own address|adresse propre|eigene adresse|dirección propia", text, re.IGNORECASE)
    master = re.search(
        r"\bmaster|maître|maestro|slave device|address of (?:the )?slave|slave address of|adresse (?:de l')?esclave",
        text,
        re.I,
    )
    is_slave = words.SLAVE.search(text) and not (master or chip_in(text) or _REGISTER.search(text))
    if is_slave or own:
        address = _HEX.search(text)
        if address and 0 < int(address.group(1), 16) < 128:
            entry["own_address"] = int(address.group(1), 16)
            if is_slave:
                entry["slave"] = True
    if words.INTERNAL_PULL.search(text) and not re.search(r"extern|no (?:internal )?pull", text, re.IGNORECASE):
        entry["pull_ups"] = True
    add_ways(entry, text)
    if entry.get("slave"):
        entry.pop("interrupt", None)  # a slave is served by interrupts anyway
    elif not own:
        _device(entry, text, has)
    return entry


_VALUE = re.compile(r"(?:writ\w*|send\w*|output|set|écri\w*|envo\w*|schreib\w*|escrib\w*|env[ií]a\w*|manda)\W+(?:(?:the|a|la|le|el|den|das|value|byte|bytes|valeur|octet|wert|valor|command|commande|befehl|pattern)\W+){0,3}"
                    r"((?:0x[0-9a-f]{1,2}(?!\w)[ ,]*(?:and |et |und |y )?)+)", re.IGNORECASE)  # fmt: skip
_LOADED = re.compile(r"(?:set|writ\w*|load|mets|mettre|setz\w*|schreib\w*|pon|escrib\w*|écri\w*)\W+(?:the |le |das |el )?(?:register|reg|registre|registro)\W+(?:\w+\W+)?0x([0-9a-f]{1,2})\)?\W+(?:to|=|with|à|auf|a|mit|value)?\W*0x([0-9a-f]{1,2})(?!\w)", re.IGNORECASE)  # fmt: skip
_FROM = re.compile(
    r"(?:from|at|starting (?:at|from)|register|reg|ab|aus|depuis|à partir de|desde|registre|registro)\s(?:register |address |reg )?0x([0-9a-f]{1,2})(?!\w)",
    re.IGNORECASE,
)
_AT_PLACE = re.compile(
    r"(?:memory |mem |cell |location |word )?(?:address|adresse|location|offset|posici[óo]n|direcci[oó]n|stelle) (?:de memoria )?0x([0-9a-f]{1,4})(?!\w)",
    re.IGNORECASE,
)


def _written(text: str, values: str) -> list[int]:
    """Bytes that are written, after the place in a memory that the text names."""
    at = _AT_PLACE.search(text)
    wide = re.search(r"24(?:LC|C|FC|AA)(?:32|64|128|256|512)", text, re.IGNORECASE)
    where = int(at.group(1), 16) if at else 0
    before = [where >> 8, where & 255] if wide else [where & 255] if at else []
    return [*before, *(int(each, 16) for each in re.findall(r"0x([0-9a-f]{1,2})(?!\w)", values, re.IGNORECASE))]


def _device(entry: dict[str, Any], text: str, has: Amounts) -> None:
    """The device on the bus: its address, and what it is asked."""
    known = chip_in(text)
    chip, name = known or (None, "")
    stated = _ADDRESS.search(text) or (
        re.search(rf"{re.escape(name)}\s*\(\s*0x([0-9a-f]{{1,2}})\s*\)", text, re.IGNORECASE) if name else None
    )
    address = int(stated.group(1), 16) if stated else chip.address if chip and not chip.spi else 0
    memory = chip is not None and chip.address == 0x50
    if memory and stated and address < 0x50:
        address = 0x50  # what the text names is a place in the memory
    if address > 0x7F:
        address >>= 1  # written with its direction bit
    if not address:
        return
    asks, named = _ASKS_IT.search(text), _REGISTER.search(text)
    loaded = _LOADED.search(text)
    if loaded is not None:
        entry["writes"] = [int(loaded.group(1), 16), int(loaded.group(2), 16)]
    if written := _WRITTEN.search(text):
        entry["writes"] = [int(written.group(2), 16), int(written.group(1), 16)]
    written = written or loaded
    if not written and (value := _VALUE.search(text)) and not named:
        entry["writes"] = _written(text, value.group(1))
    if written and asks and (later := _FROM.search(text, written.end())):
        entry["register"], entry["reads"] = int(later.group(1), 16), _how_many(text[written.end() :], 1)
    elif asks and named and not written:
        number = int(next(part for part in named.groups() if part), 16)
        wide = chip is not None and chip.values is not None and chip.values[1] == 2
        entry["register"], entry["reads"] = number, _how_many(text, 2 if wide else 1)
    elif asks and not written and (plain := _PLAIN_REGISTER.search(text)) and int(plain.group(1)) < 256:
        entry["register"], entry["reads"] = (
            int(plain.group(1)),
            _how_many(text, chip.values[1] if chip and chip.values else 1),
        )
    elif asks and chip is not None and chip.identity is not None and _IDENTITY.search(text):
        entry["register"], entry["reads"] = chip.identity, chip.identity_bytes
    elif asks and memory and (place := _AT_PLACE.search(text)) and "writes" not in entry:
        where = int(place.group(1), 16)
        if chip is not None and chip.values is None:
            entry["writes"], entry["reads"] = [where >> 8, where & 255], _how_many(text, 1)
        else:
            entry["register"], entry["reads"] = where & 255, _how_many(text, 1)
    elif asks and chip is not None and chip.values is not None and not written:
        entry["register"], entry["reads"] = chip.values
        if chip.begin:
            entry["writes"] = list(chip.begin)
    elif asks and chip is None and not written and _HOW_MANY.search(text):
        entry["reads"] = _how_many(text, 1)
    if not ("reads" in entry or "writes" in entry):
        return
    entry["address"] = address
    if "reads" in entry:
        _expected(entry, text)
    if name:
        entry["device"] = re.sub(r"[^A-Za-z0-9_ -]", "", name)[:24]
    if repeat := repeat_of(text, has.of("s"), [each for each in has.of("Hz") if each.value <= 200]):
        entry["repeat_ms"] = repeat
