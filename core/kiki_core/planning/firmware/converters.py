"""The converters of a request: ADCs and DACs."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts
from kiki_core.planning.firmware.entries import CHANNEL, COUNTED, NUMBERS, Read, add_priority, entry_of, numbers_of
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import pins_in
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.init.register_adc import INJECTED, REGULAR

_TIMER = re.compile(r"(?:TIM|TIMER)[ _-]?(\d{1,2})", re.IGNORECASE)


_FINER = re.compile(
    r"(?<![\d.])(1[346-9]|2[0-4])[- ]?bits?[- ]?(?:resolution|precision|accura\w*|results?|samples|conver\w*|adc|values|auflösung|werte?\b|de r[eé]soluci?[óo]n|de pr[eé]cisi[oó]n)|"
    r"(?:resolution|précision|auflösung|résolution|resoluci[óo]n)\W+(?:of |de |von |à |= ?|is |at |a )?(1[346-9]|2[0-4])[- ]?bits?",
    re.IGNORECASE,
)
"""A resolution that no converter of these chips has by itself."""


def adc(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of ADC."""
    text = group.text
    entry = entry_of("adc", group)
    paced = _TIMER.search(text)
    inner = [name for name, word in _INNER if re.search(word, text, re.IGNORECASE)]
    if inner:
        entry |= {"internal": inner, "instance": entry.get("instance", "ADC1")}
    pins = pins_in(text)
    numbers = [
        number
        for listed in CHANNEL.finditer(text)
        if not re.search(r"(?:dma\d?|tim\d*|timer ?\d*|dac\d?|stream)[ _-]*$", text[: listed.start()], re.IGNORECASE)
        for number in numbers_of(listed.group(1))
    ]
    if not pins and numbers:
        name = entry.get("instance", "ADC1")
        for number in dict.fromkeys(numbers):
            pin = next((p for p, f in device.pins_of(name) if f.signal in (f"IN{number}", f"INP{number}")), "")
            if pin:
                pins.append(pin)
            elif not inner:
                read.notes.append(f"{name} of {device.name} has no pin with channel {number}")
        entry.setdefault("instance", name)
    if pins:
        entry["pins"] = {f"CH{at}": pin for at, pin in enumerate(pins, 1)}
        entry["channels"] = len(pins)
    elif counted := COUNTED.search(text):
        word = counted.group(1).lower()
        entry["channels"] = int(word) if word.isdigit() else NUMBERS[word]
    elif inner:
        entry["channels"] = 0
    if re.search(r"\bdifferen[tz]i(?:al|ell)|différentiel|diferencial", text, re.IGNORECASE) and len(pins) == 2:
        entry["differential"] = True
    limited = _limits(entry, text) or limits_in_volts(entry, text, has)
    if re.search(r"injected|injekt|injiziert|injecté|inyectad", text, re.IGNORECASE):
        entry["injected"] = True
    average = re.search(
        r"(?<![\d.,])(\d{1,3})(?: ?x|[- ]?(?:fold|fach\w*|times|fois|veces))[- ](?:\w+[- ])?(?:oversampl|überabtast|suréchant|sobremuestr)",
        text,
        re.IGNORECASE,
    )
    average = average or re.search(r"oversampl\w*\W+(?:\w+\W+){0,3}?(?:x ?)?(\d{1,3})|(?:x ?)?(\d{1,3})(?: ?x|-fold|fach)? (?:hardware )?oversampl|"
                        r"(?:suréchantillonnage|überabtastung|sobremuestreo)\W+(?:\w+\W+){0,2}?(\d{1,3})", text, re.IGNORECASE)  # fmt: skip
    if average and (ratio := int(next(part for part in average.groups() if part))) in (2, 4, 8, 16, 32, 64, 128, 256):
        entry["oversample"] = ratio
    add_priority(entry, text)
    bits = re.search(r"(?<!\d)(12|10|8|6)[- ]?bits?", text, re.IGNORECASE)
    fine = None if entry.get("oversample") else _FINER.search(text)
    if bits:
        entry["resolution_bits"] = int(bits.group(1))
    elif fine:
        entry["resolution_bits"] = int(
            fine.group(1) or fine.group(2)
        )  # there is none: the plan's schema says which are
    if words.DMA.search(text):
        entry["dma"] = True
    if (
        words.INTERRUPT.search(text)
        and not words.NO_INTERRUPT.search(text)
        and not (
            limited
            and not re.search(r"end of conversion|\bEOC\b|conversion complete|fin de conversion", text, re.IGNORECASE)
        )
    ):
        entry["interrupt"] = True
    cycles = re.search(r"(?<![\d.,])([\d.,]+)\s*(?:adc )?(?:cycles?|zyklen|ciclos|takte)", text, re.IGNORECASE)
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
        entry["trigger"] = f"TIM{paced.group(1)}" if paced else "TIM1" if entry.get("injected") else "TIM3"
        known = (INJECTED if entry.get("injected") else REGULAR).get(device.family, {})
        if known and entry["trigger"] not in known:
            other = "TIM2" if "TIM2" in known else next(iter(known))
            read.notes.append(f"conversions are paced by {other}: {entry['trigger']} can't start them on this family")
            entry["trigger"] = other
        entry["_paced"] = rate or 0.0
    elif (words.CONTINUOUS.search(text) or entry.get("dma") or limited) and not re.search(
        r"single (?:conversion|shot)|one[- ]shot", text, re.IGNORECASE
    ):
        entry["continuous"] = True
    if entry.get("injected") and "dma" in entry:
        del entry["dma"]
    return entry


_INNER = (
    ("temperature", r"intern\w*\W+(?:\w+\W+){0,3}?temp|temp\w*\W+(?:\w+\W+){0,3}?(?:intern|int[ée]gr|on-?chip)|on-?chip temp|temp(?:erature)? ?sensor|mcu temp|chip temp|"
                    r"capteur de temp|temperatursensor|sensor de temp"),
    ("reference", r"v_?ref_?int|internal (?:voltage )?ref|référence interne|interne referenz|referencia interna"),
    ("battery", r"\bv_?bat\b"),
)  # fmt: skip


_BEYOND = re.compile(
    r"(?:leaves?|outside|exceed\w*|above|below|threshold|greater than|less than|dépass\w*|au-?dessus|en dessous|über|unter|überschreit\w*|supera|"
    r"por encima|por debajo|umbral|schwelle|seuil)\W+(?:\w+\W+){0,4}?\d{3,4}(?!\d|\s?(?:[mk]?V|Hz|kHz|ms|s\b|%))", re.IGNORECASE,
)  # fmt: skip


def _limits(entry: dict[str, Any], text: str) -> bool:
    """The analogue watchdog's limits, in counts."""
    if not re.search(
        r"analog(?:ue)?[- ]watch-?dog|\bAWD\d?\b|watch-?dog analogique|analog-?watchdog|watchdog anal[óo]gico|analoger watchdog",
        text,
        re.IGNORECASE,
    ) and not _BEYOND.search(text):
        return False
    numbers = [
        int(each)
        for each in re.findall(r"(?<![\w.,])(\d{2,4})(?!\w|[.,]\d| ?(?:[kM]?Hz|[mun]?s\b|bits?|cycles?|%|V\b))", text)
        if 10 <= int(each) <= 4095
    ]
    if between := re.search(
        r"(?<![\d.])(\d{2,4})\s?(?:\.\.+|-|–|to|and|à|bis|y|et|und|;)\s?(\d{2,4})(?![\d.]|\s?(?:bits?|[kM]?Hz|[mun]?s\b|cycles))",
        text,
        re.IGNORECASE,
    ):
        pair = sorted((int(between.group(1)), int(between.group(2))))
        if 10 <= pair[0] < pair[1] <= 4095:
            entry["low"], entry["high"] = pair
            return True
    below = re.search(
        r"(?:low(?:er)?|below|under|min\w*|less than|inférieur|bas|unter|untere?|<|inferior|bajo)\W+(?:\w+\W+){0,3}?(\d{2,4})(?!\d)",
        text,
        re.IGNORECASE,
    )
    above = re.search(
        r"(?:high(?:er)?|upper|above|over|max\w*|more than|exceed\w*|greater than|supérieur|haut|obere?|über|>|superior|alto)\W+(?:\w+\W+){0,3}?(\d{2,4})(?!\d)",
        text,
        re.IGNORECASE,
    )
    if below:
        entry["low"] = int(below.group(1))
    if above:
        entry["high"] = int(above.group(1))
    if not below and not above and numbers:
        entry |= {"low": min(numbers), "high": max(numbers)} if len(numbers) > 1 else {"high": numbers[0]}
    return "low" in entry or "high" in entry


_MEAN = re.compile(r"averag\w*|mean\b|moyenn\w*|mittelwert|mittelung|gemittelt|mittele|promedi\w*", re.IGNORECASE)
_OF_SO_MANY = re.compile(
    r"(?<![\d.,])(\d{1,4})[- ](?:(?:consecutive|successive|adc|single) )?(?:readings?|samples?|conversions?|measurements?|values|points?|werte|messungen|wandlungen|mesures|échantillons|valeurs|conversions|muestras|lecturas|valores|medidas)\b",
    re.IGNORECASE,
)


def averaged(entry: dict[str, Any], text: str, device: Device) -> None:
    """A mean of so many conversions: by G4's hardware where that can, else by the program. No running mean."""
    if not _MEAN.search(text) or re.search(
        r"moving|rolling|sliding|running|gleitend|glissante|móvil", text, re.IGNORECASE
    ):
        return
    found = _OF_SO_MANY.search(text)
    if found is None or "oversample" in entry or not 2 <= (count := int(found.group(1))) <= 1024:
        return
    if device.family == "g4" and count in (2, 4, 8, 16, 32, 64, 128, 256):
        entry["oversample"] = count
    elif not (entry.get("dma") or entry.get("interrupt") or entry.get("continuous") or entry.get("injected")):
        entry["average"] = count


def limits_in_volts(entry: dict[str, Any], text: str, has: Amounts) -> bool:
    """The analogue watchdog's limits, in volts of the reference: 3.3 V where none is named."""
    if not (_WATCHED.search(text) or _OUTSIDE.search(text)):
        return False
    reference = re.search(
        r"(?:v?ref\w*\+?|vdda?)\W{0,4}(?:of |= ?|is |ist |est |es )?(\d[\d.,]*) ?V", text, re.IGNORECASE
    )
    whole = float(reference.group(1).replace(",", ".").rstrip(".")) if reference else 3.3
    levels = [each for each in has.of("V") if not reference or not reference.start() <= each.start < reference.end()]
    top = 2 ** int(entry.get("resolution_bits", 12)) - 1
    counts = sorted(round(each.value / whole * top) for each in levels if 0 <= each.value <= whole)
    if not counts:
        return False
    entry["_facts"] = [whole, *(each.value for each in (levels if len(levels) <= 2 else [levels[0], levels[-1]]))]
    if len(counts) > 1:
        entry["low"], entry["high"] = counts[0], counts[-1]
    elif re.search(
        r"below|under|falls?|drops?|less|unter|sinkt|en dessous|inférieur|debajo|baja|cae", text, re.IGNORECASE
    ):
        entry["low"] = counts[0]
    else:
        entry["high"] = counts[0]
    return True


_WATCHED = re.compile(
    r"analog(?:ue)?[- ]watch-?dog|\bAWD\d?\b|watch-?dog analogique|analog-?watchdog|watchdog anal[óo]gico|analoger watchdog",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"(?:leaves?|outside|exceeds?|goes (?:above|below|over|under)|rises above|falls below|drops below|überschreit\w*|unterschreit\w*|dépass\w*|supera)\W+(?:\w+\W+){0,3}?\d[\d.,]* ?m?V", re.IGNORECASE)  # fmt: skip


def dac(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of DAC."""
    text = group.text
    entry: dict[str, Any] = {"kind": "dac"}
    pins = pins_in(text)
    channels = [{"PA4": 1, "PA5": 2}[pin] for pin in pins if pin in ("PA4", "PA5")]
    if not channels and (listed := CHANNEL.search(text)):
        channels = [number for number in numbers_of(listed.group(1)) if number in (1, 2)]
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
        others = [v for v in volts if v != level]
        if len(entry["channels"]) == 2 and others and not reference:
            entry["second_mv"] = round(others[0] * 1000)
    _moves(entry, text, has, device)
    return entry


_WAVES = (("triangle", r"triang|dreieck"), ("noise", r"noise|bruit|rauschen|ruido"), ("sawtooth", r"saw-?tooth|dents? de scie|sägezahn|diente de sierra|\bramp"),
          ("sine", r"\bsin(?:e|us|uso\w*|oid\w*|usoid\w*)?\b|senoid|sinus"))  # fmt: skip
_STEPS = {"sine": 64, "sawtooth": 64}


def _moves(entry: dict[str, Any], text: str, has: Amounts, device: Device) -> None:
    """What brings the DAC's next value: a wave of its own, DMA, a timer."""
    wave = next((name for name, word in _WAVES if re.search(word, text, re.IGNORECASE)), "")
    paced = _TIMER.search(text)
    triggered = paced or re.search(r"trigger|trgo|déclench|getrigger|ausgelöst|dispar", text, re.IGNORECASE)
    if wave:
        entry["wave"] = wave
    if size := re.search(
        r"(\d{2,4})[- ](?:points?|samples?|entr(?:y|ies)|values?|werte|stützstellen|puntos|muestras|échantillons|valeurs|steps)",
        text,
        re.IGNORECASE,
    ):
        entry["samples"] = min(1024, max(8, int(size.group(1))))
    high = re.search(r"amplitude\W+(?:of |de |=|: ?|von )?(\d{1,4})(?! ?(?:m?V|%))", text, re.IGNORECASE)
    if high and (int(high.group(1)) + 1) & int(high.group(1)) == 0:
        entry["amplitude"] = int(high.group(1))
    if words.DMA.search(text):
        entry["dma"] = True
    if re.search(
        r"(?:no|without|disabled?|sans|ohne|sin) (?:the )?(?:output )?buffer|buffer (?:off|disabled)|unbuffered|ungepuffert",
        text,
        re.IGNORECASE,
    ):
        entry["buffered"] = False
    if re.search(r"software[- ]trigger|trigger\w* (?:by|in) software", text, re.IGNORECASE):
        entry["trigger"] = "software"
        return
    if not (wave or entry.get("dma") or triggered):
        return
    entry["trigger"] = f"TIM{paced.group(1)}" if paced else "TIM6"
    rates = [each.value for each in has.of("Hz", "S/s") if each.value <= 5e6]
    times = [each.value for each in has.of("s") if 0 < each.value <= 10]
    rate = rates[0] if rates else 1 / times[0] if times else None
    if rate is not None and wave:
        near = re.search(
            r"(?:Hz|kHz)\s(?:\w+ ){0,2}?(?:sin|triang|dreieck|saw|säge|dent|tone|ton\b|wave|onde|signal|señal|senoid|ramp)|(?:sin\w*|triang\w*|dreieck\w*|saw\w*|säge\w*|tone|ton|wave\w*|onde|signal|señal)\W+(?:\w+\W+){0,3}?\d[\d.,]* ?k?Hz",
            text,
            re.IGNORECASE,
        )
        paced_at = re.search(
            r"(?:TIM\w*|trigger\w*|sampl\w*|update\w*|échantill\w*|abtast\w*)\W+(?:\w+\W+){0,4}?\d[\d.,]* ?[kM]?(?:Hz|S/s|sps)|\d[\d.,]* ?[kM]?(?:S/s|sps)",
            text,
            re.IGNORECASE,
        )
        if len(rates) > 1:
            rate = max(rates)
            if wave in _STEPS:
                entry["samples"] = min(1024, max(8, round(rate / min(rates))))
        elif (near or (rate <= 5000 and not paced)) and not paced_at:
            if wave == "triangle" and "amplitude" not in entry:
                fitting = [each for each in (4095, 2047, 1023, 511, 255, 127) if 2 * each * rate <= 1e6]
                entry["amplitude"] = fitting[0] if fitting else 127
            steps = (
                2 * entry.get("amplitude", 4095) if wave == "triangle" else entry.get("samples", _STEPS.get(wave, 1))
            )
            rate *= steps
            entry["_facts"] = [rate / steps]
    entry["_paced"] = rate or 0.0
