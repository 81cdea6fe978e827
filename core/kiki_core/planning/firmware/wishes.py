"""From the parts of a request to the peripherals of a plan for the init compiler."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts, amounts, baud_of, frame_of, rate_of
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import assigned, pins_in
from kiki_core.planning.firmware.plain import plain_pins
from kiki_tools.stm32.device import Device

_QUOTED = re.compile(r"[\"“”«]\s?([^\"“”«»\n]{1,60}?)\s?[\"”“»]|(?<!\w)'([^'\n]{1,60})'(?!\w)|`([^`\n]{1,60})`")
_UNNAMED_TEXT = re.compile(r"(?:send|print|transmit|write|output|envo\w+|affich\w*|send\w*|schick\w*|ausgeb\w*|envía\w*|manda\w*|"
                           r"imprim\w*|sagt?|say)\w*\s+(?:the (?:string|text|message) |le (?:texte|message) |den text )?"
                           r"(hello(?:,? world)?!?|ok|ready|bonjour|hallo(?: welt)?|hola(?: mundo)?|ping|alive|boot(?:ed)?)(?!\w)",
                           re.IGNORECASE)  # fmt: skip
_MODE = re.compile(r"mode\s?(?:=|:)?\s?([0-3])(?!\d|\s?[kM]?Hz)|modus\s?([0-3])|modo\s?([0-3])", re.IGNORECASE)
_CPOL = re.compile(r"CPOL\s?(?:=|:)?\s?(1|0|high|low)", re.IGNORECASE)
_CPHA = re.compile(r"CPHA\s?(?:=|:)?\s?(1|0|2\s?edge|1\s?edge|high|low)", re.IGNORECASE)
_SELECT = re.compile(r"(?:NSS|N?CS|chip[- ]select|SS|slave select)(?:\W+|\s+(?:on|is|at|sur|auf|an|en|line|pin)\s+){1,3}(P[A-K]\d{1,2})|"
                     r"(P[A-K]\d{1,2})\s*(?:\(|as|=|for|als|comme|como)\s*(?:the\s)?(?:NSS|N?CS|chip[- ]select|SS)(?!\w)",
                     re.IGNORECASE)  # fmt: skip
_HEX = re.compile(r"0x([0-9a-f]{1,2})(?!\w)", re.IGNORECASE)
_CHANNEL = re.compile(r"(?:CH|channels?|canaux|canal(?:es)?|kan[äa]le?n?|voies?|IN)\s?_?((?:[1-9]?\d)(?:\s?(?:[,/&]|and|et|und|y|to|-|–|\.\.+|through|bis|à)\s?"
                      r"(?:CH|IN)?\s?(?:[1-9]?\d)){0,15})(?!\d|\w*\s?[kM]?(?:Hz|%))", re.IGNORECASE)  # fmt: skip
_COUNTED = re.compile(r"(two|three|four|five|six|[2-8]|deux|trois|quatre|zwei|drei|vier|dos|tres|cuatro)\s+(?:\w+\s+)?(?:channels?|canaux|"
                      r"kan[äa]le|canales|inputs?|entrées|eingänge|entradas|pins?|signals?|voies|outputs?|sorties|ausgänge|salidas|phases?)",
                      re.IGNORECASE)  # fmt: skip
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "deux": 2, "trois": 3, "quatre": 4, "zwei": 2, "drei": 3,
            "vier": 4, "dos": 2, "tres": 3, "cuatro": 4}  # fmt: skip
_THREE = re.compile(r"(?:3|three|drei|trois|tri)[- ]?phas|dreiphas|triphas|bldc|trifásic", re.IGNORECASE)
_TIMER = re.compile(r"(?:TIM|TIMER)[ _-]?(\d{1,2})", re.IGNORECASE)


@dataclass(slots=True)
class Read:
    """The peripherals of a plan, what they were read from, and what couldn't be taken over."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cycles: dict[int, float] = field(default_factory=dict)
    """Sampling times that are stated in the converter's cycles, by the entry's number."""


def wishes(found: Sequence[Group], device: Device, clock: Collection[float]) -> Read:
    """The peripherals that the parts of a request ask for; ``clock``: frequencies in hertz that the clock has taken."""
    read = Read()
    lamps = next((group for group in found if group.kind == "gpio"), None)
    toggling = [
        group for group in found
        if group.kind == "timer" and words.TOGGLES.search(group.text) and (lamps or re.search(r"\bLED\b", group.text))
    ]  # fmt: skip
    label = ""
    chip_selects: list[dict[str, Any]] = []
    if lamps is not None:
        entries, label = plain_pins(lamps.text, bool(toggling))
    else:
        entries = []
    for group in found:
        has = amounts(group.text, clock)
        maker = _MAKERS.get(group.kind)
        if maker is None:
            continue
        made = maker(group, has, device, read)
        if group in toggling and label:
            made["toggles"] = label
            made["frequency_hz"] = _toggle_rate(group, has) or made.get("frequency_hz", 1000.0)
            made["interrupt"] = True
        if group.kind == "spi" and (select := _SELECT.search(group.text)) and made.get("nss") != "hard":
            pin = pins_in(select.group(0))[0]
            name = f"{group.instance or 'SPI'}_CS"
            chip_selects.append({"kind": "gpio", "label": name, "pin": pin, "direction": "out", "initial": True,
                                 "speed": "high"})  # fmt: skip
        paced = made.pop("_paced", None)
        if paced is not None:
            read.entries.append({"kind": "timer", "instance": made["trigger"], "frequency_hz": paced,
                                 "interrupt": False, "trigger": True})  # fmt: skip
        if "_cycles" in made:
            read.cycles[len(read.entries)] = made.pop("_cycles")
        read.entries.append(made)
    known = {entry.get("pin") for entry in chip_selects}
    for made in read.entries:
        if made["kind"] == "dac":
            outputs = {"PA4": 1, "PA5": 2}
            own = [e["pin"] for e in entries if e.get("pin") in outputs and e["label"].startswith("OUT")]
            if own:
                made["channels"] = sorted({*(outputs[pin] for pin in own), *(made["channels"] if len(own) > 1 else ())})
                known |= set(own)
    read.entries += [entry for entry in entries if entry.get("pin") not in known or not entry.get("pin")]
    read.entries += chip_selects
    return read


def _toggle_rate(group: Group, has: Amounts) -> float | None:
    """How often a timer must come round for what it toggles: twice for each blink, once for each "toggle every"."""
    rates, times = has.of("Hz"), has.of("s")
    toggles = re.search(
        r"toggl\w* (?:\w+ ){0,5}?every|every (?:\S+ ){0,2}toggl|umschalt|bascul|interrupt", group.text, re.IGNORECASE
    )
    if rates:
        blinks = re.search(r"blink|clignot|parpade|flash", group.text, re.IGNORECASE)
        return rates[0].value * (2 if blinks else 1)
    if times and times[0].value > 0:
        return (1 if toggles else 2) / times[0].value
    return None


def _base(kind: str, group: Group) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": kind}
    if group.instance:
        entry["instance"] = group.instance
    return entry


def _flags(entry: dict[str, Any], text: str, *, dma: bool = True) -> None:
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text):
        entry["interrupt"] = True
    if dma and words.DMA.search(text):
        entry["dma"] = _ways(text)


def _ways(text: str) -> list[str]:
    """The directions of DMA: those named near the word, else both."""
    near = " ".join(text[max(0, m.start() - 28) : m.end() + 28] for m in words.DMA.finditer(text)).lower()
    sent = re.search(r"\btx\b|transm|send|émission|senden|envío|transmisi", near)
    come = re.search(r"\brx\b|recei|récept|empfang|recep", near)
    if bool(sent) == bool(come):
        return ["rx", "tx"]
    return ["tx"] if sent else ["rx"]


def _placed(entry: dict[str, Any], kind: str, text: str, device: Device, taken: Sequence[str] = ()) -> dict[str, str]:
    instance, pins = assigned(kind, entry.get("instance", ""), text, device, taken)
    if instance:
        entry["instance"] = instance
    if pins:
        entry["pins"] = pins
    return pins


def _usart(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("usart", group)
    name = entry.get("instance", "")
    swapped = name.replace("USART", "UART") if name.startswith("USART") else name.replace("UART", "USART")
    if name and name not in device.peripherals and swapped in device.peripherals:
        entry["instance"] = swapped
    pins = _placed(entry, "usart", _QUOTED.sub(" ", text), device)
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
    if words.FLOW.search(text) or {"CTS", "RTS"} & set(pins):
        entry["flow_control"] = True
    _flags(entry, text)
    if words.ECHO.search(text):
        entry["echo"] = True
    said = _QUOTED.search(text) or _UNNAMED_TEXT.search(text)
    if said:
        entry["greeting"] = next(part for part in said.groups() if part).replace("\\r", "").replace("\\n", "").strip()
        times = has.of("s")
        if times and words.EVERY.search(text):
            entry["repeat_ms"] = max(1, round(times[0].value * 1000))
        elif re.search(r"once (?:a|per) second|every second|each second|(?:toutes les|chaque) secondes?|jede sekunde|cada segundo",
                       text, re.IGNORECASE):  # fmt: skip
            entry["repeat_ms"] = 1000
        rates = [each for each in has.of("Hz") if each.value <= 100]
        if "repeat_ms" not in entry and rates:
            entry["repeat_ms"] = max(1, round(1000 / rates[0].value))
    return entry


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


def _spi(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("spi", group)
    select = _SELECT.search(text)
    hard = bool(
        re.search(
            r"hardware (?:nss|cs|chip|slave)|(?:nss|cs) (?:by|in) hardware|nss mat[ée]riel|hardware-nss|hard nss",
            text,
            re.IGNORECASE,
        )
    )
    taken = pins_in(select.group(0)) if select else []
    entry_pins = _placed(entry, "spi", text, device, taken)
    if words.SLAVE.search(text) and not re.search(r"\bmaster|maître|maestro", text, re.IGNORECASE):
        entry["role"] = "slave"
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
    if re.search(r"16[- ]?bits?", text, re.IGNORECASE):
        entry["data_bits"] = 16
    if words.LSB.search(text):
        entry["order"] = "lsb"
    names = set(entry.get("pins", {}))
    if (
        words.TX_ONLY.search(text)
        or re.search(r"(?:no|without|sans|ohne|sin|kein) miso|write[- ]only|mosi only", text, re.IGNORECASE)
        or (names - {"NSS"} == {"SCK", "MOSI"})
    ):
        entry["direction"] = "tx"
    elif words.RX_ONLY.search(text) or re.search(
        r"(?:no|without|sans|ohne|sin) mosi|read[- ]only", text, re.IGNORECASE
    ):
        entry["direction"] = "rx"
    _flags(entry, text)
    return entry


def _i2c(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("i2c", group)
    _placed(entry, "i2c", text, device)
    rates = [each.value for each in has.of("Hz", "bit/s") if each.value >= 10_000]
    plain = [each.value for each in has.plain() if 10_000 <= each.value <= 5_000_000]
    if rates or plain:
        entry["speed_hz"] = round((rates or plain)[0])
    elif re.search(r"fast[- ]?mode[- ]?plus|fm\+|fast mode \+", text, re.IGNORECASE):
        entry["speed_hz"] = 1_000_000
    elif re.search(r"fast[- ]?mode|mode rapide|fast i2c|schnell|modo rápido", text, re.IGNORECASE):
        entry["speed_hz"] = 400_000
    if words.SLAVE.search(text) or re.search(
        r"own address|adresse propre|eigene adresse|dirección propia", text, re.IGNORECASE
    ):
        address = _HEX.search(text)
        if address and 0 < int(address.group(1), 16) < 128:
            entry["own_address"] = int(address.group(1), 16)
    if words.INTERNAL_PULL.search(text) and not re.search(r"extern|no (?:internal )?pull", text, re.IGNORECASE):
        entry["pull_ups"] = True
    _flags(entry, text)
    return entry


def _adc(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("adc", group)
    paced = _TIMER.search(text)
    pins = pins_in(text)
    if not pins and (listed := _CHANNEL.search(text)):
        numbers = _numbers_of(listed.group(1))
        name = entry.get("instance", "ADC1")
        for number in numbers:
            pin = next((p for p, f in device.pins_of(name) if f.signal in (f"IN{number}", f"INP{number}")), "")
            if not pin:
                read.notes.append(f"{name} of {device.name} has no pin with channel {number}")
            else:
                pins.append(pin)
        if numbers and "instance" not in entry:
            entry["instance"] = name
    if pins:
        entry["pins"] = {f"CH{at}": pin for at, pin in enumerate(pins, 1)}
        entry["channels"] = len(pins)
    elif counted := _COUNTED.search(text):
        word = counted.group(1).lower()
        entry["channels"] = int(word) if word.isdigit() else _NUMBERS[word]
    bits = re.search(r"(?<!\d)(12|10|8|6)[- ]?bits?", text, re.IGNORECASE)
    if bits:
        entry["resolution_bits"] = int(bits.group(1))
    if words.DMA.search(text):
        entry["dma"] = True
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text) and not entry.get("dma"):
        entry["interrupt"] = True
    cycles = re.search(r"([\d.,]+)\s*(?:adc )?(?:cycles?|zyklen|ciclos|takte)", text, re.IGNORECASE)
    if cycles:
        entry["_cycles"] = float(cycles.group(1).replace(",", "."))
    sampling = re.search(
        r"sampl\w* time|temps d'échantillonnage|abtastzeit|sample time|tiempo de muestreo", text, re.IGNORECASE
    )
    times = has.of("s")
    if sampling and times and times[0].value <= 1e-4:
        entry["sample_us"] = round(times[0].value * 1e6, 4)
        times = times[1:]
    rates = [each.value for each in has.of("Hz", "S/s") if 0.01 <= each.value <= 5e6]
    rate = rates[0] if rates else 1 / times[0].value if times and times[0].value > 2e-7 else None
    if rate is not None or paced:
        entry["trigger"] = f"TIM{paced.group(1)}" if paced else "TIM3"
        if entry["trigger"] not in ("TIM2", "TIM3"):
            read.notes.append(f"conversions are paced by TIM3, not {entry['trigger']}")
            entry["trigger"] = "TIM3"
        entry["_paced"] = rate or 1000.0
    elif words.CONTINUOUS.search(text) or entry.get("dma"):
        entry["continuous"] = True
    return entry


def _numbers_of(text: str) -> list[int]:
    found = [int(each) for each in re.findall(r"\d+", text)]
    if (
        len(found) == 2
        and re.search(r"\d\s?(?:to|-|–|\.\.+|through|bis|à)\s?\D{0,3}\d", text)
        and found[0] < found[1] <= found[0] + 15
    ):
        return list(range(found[0], found[1] + 1))
    return list(dict.fromkeys(found))


def _pwm(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("pwm", group)
    channels = [
        number for listed in _CHANNEL.finditer(text) for number in _numbers_of(listed.group(1)) if 1 <= number <= 4
    ]
    if words.COMPLEMENTARY.search(text):
        entry["complementary"] = True
    pins = _placed(entry, "pwm", text, device)
    of_pins = [int(name[2]) for name in pins]
    if not channels and not of_pins:
        if _THREE.search(text):
            channels = [1, 2, 3]
        elif counted := _COUNTED.search(text):
            word = counted.group(1).lower()
            channels = list(range(1, min(4, int(word) if word.isdigit() else _NUMBERS[word]) + 1))
    entry["channels"] = sorted({*channels, *of_pins}) or [1]
    if any(name.endswith("N") for name in pins):
        entry["complementary"] = True
    dead = words.DEAD.search(text)
    times = has.of("s")
    if dead and times:
        gap = min(times, key=lambda each: min(abs(each.start - dead.start()), abs(each.start - dead.end())))
        entry["dead_time_ns"] = round(gap.value * 1e9)
        times = [each for each in times if each is not gap]
    rates = has.of("Hz")
    bare = [each.value for each in has.plain() if each.scaled and each.value >= 10]
    if rates or bare:
        entry["frequency_hz"] = rates[0].value if rates else bare[0]
    elif words.SERVO.search(text):
        entry["frequency_hz"] = 50.0
    elif times and re.search(r"period|périod|période|período|every|alle|cada|toutes", text, re.IGNORECASE):
        entry["frequency_hz"] = 1 / times[0].value
        times = times[1:]
    parts = has.of("%")
    share = re.search(r"(?:\bD|duty\w*(?: cycle)?)\s?(?:=|:|of)\s?(0?[.,]\d+)(?![\d%])", text, re.IGNORECASE)
    if share and not parts:
        entry["duty_percent"] = round(100 * float(share.group(1).replace(",", ".")), 3)
    elif parts:
        entry["duty_percent"] = min(100.0, max(0.0, parts[0].value))
    elif times and "frequency_hz" in entry and times[0].value * entry["frequency_hz"] <= 1:
        entry["duty_percent"] = round(times[0].value * entry["frequency_hz"] * 100, 4)
    elif words.SERVO.search(text):
        entry["duty_percent"] = 7.5
    return entry


def _timer(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    entry = _base("timer", group)
    rate = rate_of(has)
    if rate:
        entry["frequency_hz"] = rate
    if words.NO_INTERRUPT.search(group.text) or re.search(
        r"free[- ]running|time ?base only|trgo", group.text, re.IGNORECASE
    ):
        entry["interrupt"] = bool(words.INTERRUPT.search(group.text) and not words.NO_INTERRUPT.search(group.text))
    return entry


def _encoder(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    entry = _base("encoder", group)
    _placed(entry, "encoder", group.text, device)
    counts = [round(each.value) for each in has.plain() if 16 <= each.value <= 65536]
    if counts:
        # What is told as its last count, or is one short of a power of two, is the reload value.
        last = re.search(
            r"wrap\w* (?:at|to|after)|\bARR\b|reload|up to|bis|jusqu'à|hasta|\bmax", group.text, re.IGNORECASE
        )
        short = (counts[0] + 1) & counts[0] == 0 or (last and counts[0] % 2 == 1)
        entry["counts"] = min(65536, counts[0] + bool(short))
    if re.search(r"(?:no|without|sans|ohne|sin) (?:internal )?pull", group.text, re.IGNORECASE):
        entry["pull_ups"] = False
    return entry


def _capture(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("capture", group)
    pins = _placed(entry, "capture", text, device)
    listed = _CHANNEL.search(text)
    number = int(next(iter(pins))[2]) if pins else _numbers_of(listed.group(1))[0] if listed else 1
    entry["channel"] = number if 1 <= number <= 4 else 1
    if pins:
        entry["pins"] = {f"CH{entry['channel']}": next(iter(pins.values()))}
    rates, times = has.of("Hz"), has.of("s")
    if rates and rates[0].value >= 1000:
        entry["tick_hz"] = round(rates[0].value)
    elif times and times[0].value <= 1e-3:
        entry["tick_hz"] = round(1 / times[0].value)
    entry["edge"] = ("both" if words.BOTH_EDGES.search(text) or re.search(r"pulse width|largeur|pulsbreite|ancho", text, re.IGNORECASE)
                     else "falling" if words.FALLING.search(text) else "rising")  # fmt: skip
    return entry


def _dac(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry: dict[str, Any] = {"kind": "dac"}
    pins = pins_in(text)
    channels = [{"PA4": 1, "PA5": 2}[pin] for pin in pins if pin in ("PA4", "PA5")]
    if not channels and (listed := _CHANNEL.search(text)):
        channels = [number for number in _numbers_of(listed.group(1)) if number in (1, 2)]
    for pin in pins:
        if pin not in ("PA4", "PA5"):
            read.notes.append(f"{pin} is no output of the DAC: its outputs are PA4 and PA5")
    both = re.search(
        r"(?:both|two|2|les deux|beide|zwei|ambos|dos) (?:\w+ )?(?:channels?|canaux|kan[äa]le|canales|outputs?)",
        text,
        re.IGNORECASE,
    )
    entry["channels"] = sorted(set(channels)) or ([1, 2] if both else [1])
    volts = [each.value for each in has.of("V") if each.value <= 3.6]
    if volts:
        reference = re.search(r"(?:v?ref\w*|vdda?|supply)\W{0,4}(?:of |= ?|is )?([\d.,]+) ?V", text, re.IGNORECASE)
        level = next((v for v in volts if not reference or f"{v:g}" != reference.group(1).replace(",", ".")), volts[0])
        entry["start_mv"] = round(level * 1000)
    return entry


def _can(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry = _base("can", group)
    name = entry.get("instance", "")
    if name and name not in device.peripherals:
        other = f"FDCAN{name[-1]}" if name.startswith("CAN") else f"CAN{name[-1]}"
        entry["instance"] = other if other in device.peripherals else name
    _placed(entry, "can", text, device)
    rate = has.first("bit/s", "baud", "Hz") or next((each.value for each in has.of("bit") if each.value >= 5000), None)
    if rate is None:
        rate = next((each.value for each in has.plain() if each.value >= 5000), None)
    if rate is None:
        rate = next((each.value * (1e3 if each.value < 2000 else 1) for each in has.plain()
                     if each.value in (50, 100, 125, 250, 500, 800, 1000)), None)  # fmt: skip
    if rate:
        entry["bitrate"] = round(rate)
    parts = [each.value for each in has.of("%") if 50 <= each.value <= 95]
    if parts:
        entry["sample_percent"] = parts[0]
    if re.search(r"loop[- ]?back|bouclage|schleife|bucle", text, re.IGNORECASE):
        entry["mode"] = "loopback"
    elif re.search(r"silent|listen[- ]only|silencieux|écoute|nur hören|bus monitor|silencioso", text, re.IGNORECASE):
        entry["mode"] = "silent"
    _flags(entry, text, dma=False)
    return entry


def _usb(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    return {"kind": "usb"}


def _rtc(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    entry: dict[str, Any] = {"kind": "rtc", "source": "lsi"}
    lse = re.search(
        r"\bLSE\b|32[.,]?768|32 ?k(?:Hz)? (?:crystal|quartz|xtal|quarz|cristal)|crystal|quartz|xtal|quarz|cristal",
        text,
        re.IGNORECASE,
    )
    if lse and not re.search(r"\bLSI\b", text, re.IGNORECASE):
        entry["source"] = "lse"
    if re.search(r"wake|réveil|weck|aufwach|despert|every|each|toutes|alle|jede|cada|periodic", text, re.IGNORECASE):
        times = [each.value for each in has.of("s") if each.value >= 1]
        minutes = re.search(r"(\d+)\s?min", text, re.IGNORECASE)
        if times:
            entry["wakeup_s"] = min(65536, round(times[0]))
        elif minutes:
            entry["wakeup_s"] = min(65536, 60 * int(minutes.group(1)))
        elif re.search(
            r"every second|once (?:a|per) second|toutes les secondes|jede sekunde|cada segundo", text, re.IGNORECASE
        ):
            entry["wakeup_s"] = 1
        elif re.search(
            r"(?:every|an?|one|une|eine[rm]?|un) minut[eo]?|toutes les minutes|jede minute|cada minuto",
            text,
            re.IGNORECASE,
        ):
            entry["wakeup_s"] = 60
    if re.search(r"alarm|alarme", text, re.IGNORECASE):
        read.notes.append(
            "the calendar's alarm isn't set: it needs the time of day; HAL_RTC_SetAlarm_IT or ALRMAR set it"
        )
    return entry


def _iwdg(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    times = [each.value for each in has.of("s") if each.value > 0]
    entry: dict[str, Any] = {"kind": "iwdg"}
    if times:
        entry["timeout_ms"] = max(1, round(times[0] * 1000))
    return entry


def _wwdg(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    times = sorted(each.value * 1e3 for each in has.of("s") if each.value > 0)
    entry: dict[str, Any] = {"kind": "wwdg"}
    if times:
        entry["timeout_ms"] = times[-1]
    if len(times) > 1:
        entry["closed_ms"] = times[0]
    return entry


def _lowpower(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text.lower()
    mode = "standby" if re.search(r"stand-?by", text) else "stop" if re.search(r"\bstop|stopp", text) else "sleep"
    return {"kind": "lowpower", "mode": mode}


def _mco(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    text = group.text
    source = next((name for name in ("HSE", "LSE", "HSI", "PLL") if re.search(rf"\b{name}", text, re.IGNORECASE)), "")
    if not source:
        source = "PLL" if re.search(r"sysclk|system clock|core", text, re.IGNORECASE) else "HSI"
    entry: dict[str, Any] = {"kind": "mco", "source": source}
    divided = re.search(
        r"(?:/|÷|divided by|divis[ée] par|geteilt durch|dividido por|prescaler(?: of)?|div)\s?(\d)", text, re.IGNORECASE
    )
    if divided and int(divided.group(1)) in (1, 2, 4):
        entry["divider"] = int(divided.group(1))
    return entry


def _systick(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    rate = rate_of(has)
    allowed = [each for each in (1000, 100, 10) if rate and abs(each - rate) < 1]
    if rate and not allowed:
        read.notes.append(f"SysTick runs at 1000, 100 or 10 Hz here, not at {rate:g} Hz")
    return {"kind": "systick", "frequency_hz": allowed[0] if allowed else 1000}


_MAKERS = {
    "usart": _usart, "spi": _spi, "i2c": _i2c, "adc": _adc, "pwm": _pwm, "timer": _timer, "encoder": _encoder,
    "capture": _capture, "dac": _dac, "can": _can, "usb": _usb, "rtc": _rtc, "iwdg": _iwdg, "wwdg": _wwdg,
    "lowpower": _lowpower, "mco": _mco, "systick": _systick,
}  # fmt: skip
