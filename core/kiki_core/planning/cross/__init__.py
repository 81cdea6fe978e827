"""A sensor, its analog front end and the converter's set-up from one request: a deck and firmware with the same numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiki_core.events import Artefact, Evidence, Requirement, Verdict
from kiki_core.planning import Planned
from kiki_core.planning.cross.front_end import FrontEnd, Impossible, designed
from kiki_core.planning.cross.ranges import Signal, signal_of
from kiki_core.planning.quantities import read
from kiki_core.planning.shown import table, with_unit

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_core.planning.firmware import Made

MOST_TEXT = 6000
_CONVERTER = re.compile(r"\badc\d?\b|analog-?to-?digital|convertisseur|wandler|conversor|stm32|\ba/d\b", re.IGNORECASE)
_FRONT = re.compile(
    r"sensor|capteur|front[- ]?end|conditioning|conditionn|shunt|4\s?(?:-|–|to|à|bis|a|…|\.\.+)\s?20|lm35|tmp36|load cell|bridge|strain|transducer|"
    r"scal(?:e|ing)|mess(?:en|ung|bereich|signal|brücke|umformer)|mesur|medi[rc]|fühler|aufnehmer|transmetteur|probe|anti-?alias|amplif|verstärk|divider|teiler|"
    r"diviseur|divisor|filter|filtr|low[- ]?pass|passe[- ]bas|circuit|schaltung|circuito|photo-?\s?diod|fotodiod|trans-?imp|into (?:the )?adc|vers l'adc|level[- ]?shift|signal(?:aufbereitung)?|measure|acquire|sonde|monitor|digiti[sz]",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"stm32|nucleo|firmware|\bcode\b|init|set-?up|setup|configur|regist|konfig|[FGLH]\d{3}\b|black ?pill|dma|adc\d",
    re.IGNORECASE,
)
_OTHER = re.compile(r"schematic|kicad|footprint|symbol\b|schaltplan|schéma\b|esquem", re.IGNORECASE)
_QUESTION = re.compile(
    r"\s*(?:what|why|which|explain|difference|how (?:many|much|does)|pourquoi|quelle?|warum|was\b|welche|qué|cuál|por qué)",
    re.IGNORECASE,
)


async def planned(
    text: str,
    domains: Sequence[str],
    backend: Backend,
    *,
    adapters: Sequence[WeightedAdapter] = (),
    files: Sequence[tuple[str, str]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Planned | None:
    """The answer to a request that goes from a sensor's range to a converter; None where it doesn't."""
    text = text[:MOST_TEXT]
    if _QUESTION.match(text) or _OTHER.search(text) or files:
        return None
    if not (_CONVERTER.search(text) and _FRONT.search(text) and _BOTH.search(text)):
        return None
    reference = _reference(text)
    signal = signal_of(text, reference)
    if signal is None:
        return None
    signal = _as_told(text, signal)
    tell("plans the front end and the converter's set-up")
    rate = _rate(text)
    corner = _corner(text, rate)
    try:
        most = 4e6 if re.search(r"\bG4\d\d|STM32G4", text, re.IGNORECASE) else 2.4e6
        if rate is not None and rate > most:
            raise Impossible(
                f"{rate / 1e6:g} MS/s are too fast: one converter of this family makes {most / 1e6:g} MS/s at 12 bits"
            )
        if rate is not None and corner > rate / 2:
            raise Impossible(f"a filter at {corner:g} Hz lets through what {rate:g} samples a second fold back: its corner must lie below "
                             f"{rate / 2:g} Hz")  # fmt: skip
        front = designed(signal, reference, corner)
    except Impossible as error:
        return _refused(str(error))
    return await _made(text, signal, front, reference, rate, corner)


_TOLD = (
    ("uA", 1e6, "A", r"(?:micro-?amp\w*|mikro-?amp\w*|microamp\w*)|(?:in|en|as) [µu]A\b"),
    ("mA", 1e3, "A", r"(?:milli-?amp\w*|mili-?amp\w*)|(?:in|en|as) mA\b"),
    ("mV", 1e3, "V", r"(?:milli-?volts?|mili-?voltios?)|(?:in|en|as) mV\b"),
)


def _as_told(text: str, signal: Signal) -> Signal:
    """The signal in the unit that the text wants of the code: "returns microamperes"."""
    for unit, scale, base, word in _TOLD:
        if signal.unit == base and re.search(word, text, re.IGNORECASE):
            return replace(signal, ends=(signal.ends[0] * scale, signal.ends[1] * scale), unit=unit)
    return signal


def _unmet(text: str, signal: Signal, rate: float | None, corner: float, plan: dict[str, Any]) -> list[str]:
    """Rates and times of the text that neither the filter nor the sampling took, other pins, and a unit that the code
    doesn't give."""
    from kiki_core.planning.firmware.pins import pins_in

    taken = [each for each in (rate, corner) if each]
    lost = [
        each.text.strip()
        for each in read(_PER_SECOND.sub(r"\1 \2S/s", text))
        if (each.unit == "S/s" or (each.unit == "Hz" and each.value < 4e6) or (each.unit == "s" and each.value > 0))
        and not any(
            abs((1 / each.value if each.unit == "s" else each.value) - value) <= 0.01 * value for value in taken
        )
    ]
    wants = re.search(r"(?:in|en|give|gives|return\w*|liefer\w*|ausgeb\w*|renvo\w*|devuelv\w*|donne\w*|soll)\W+(?:\w+\W+){0,2}?((?:m|k)?bar|k?Pa|psi|°C|degrees?|celsius|grad|degrés?|grados?|amp[eè]re?s?|rpm|ppm|kg|lux)(?!\w)",
                      text, re.IGNORECASE)  # fmt: skip
    if wants:
        word = wants.group(1).lower()
        unit = (
            "A"
            if word.startswith("amp")
            else "degC"
            if word.startswith(("°c", "deg", "degr", "dég", "cels", "gra"))
            else word
        )
        if unit.lower() != signal.unit.lower():
            lost.append(f"a value in {wants.group(1)}")
    adc = next(entry for entry in plan["peripherals"] if entry["kind"] == "adc")
    lost += [f"pin {pin}" for pin in pins_in(text) if pin not in adc.get("pins", {}).values()]
    lost += [f"{bits} bits" for bits in re.findall(r"(?<![\d.,])(\d{1,2})[- ]?bits?(?!\w)", text, re.IGNORECASE)
             if int(bits) != adc.get("resolution_bits", 12)]  # fmt: skip
    return lost


def _reference(text: str) -> float:
    found = re.search(r"(\d(?:[.,]\d+)?)\s?V\s?(?:adc |vref|reference|référence|referenz|referencia|full[- ]scale|vdda|adc-?\s?(?:ref|range))|(?:v?ref\w*|vdda|référence|referenz\w*|referencia)\W{0,5}"
                      r"(?:of|is|=|de|von|:|at)?\s?(\d(?:[.,]\d+)?)\s?V", text, re.IGNORECASE)  # fmt: skip
    value = float((found.group(1) or found.group(2)).replace(",", ".")) if found else 3.3
    return value if 1.6 <= value <= 3.6 else 3.3


_FILTERING = re.compile(
    r"filter|filtr|alias|corner|cut-?off|coupure|grenz|corte|bandwidth|bandbreite|tiefpass|low[- ]?pass|passe[- ]bas|pasa|bande passante|ancho de banda",
    re.IGNORECASE,
)


_PER_SECOND = re.compile(r"(?<!\d)(\d+(?:[.,]\d+)?)\s?([kM]?)\s?(?:s/s|éch(?:antillons)?\.?/s|ech/s|Abt(?:astungen)?\.?/s|Werte/s|muestras/s|samples?/s|sps)(?!\w)",
                         re.IGNORECASE)  # fmt: skip


def _rate(text: str) -> float | None:
    """Samples a second: with its unit, or a frequency beside a word of sampling."""
    text = _PER_SECOND.sub(r"\1 \2S/s", text)
    for each in read(text):
        if each.unit == "S/s":
            return each.value
    for each in read(text):
        before, after = text[max(0, each.start - 26) : each.start], text[each.end : each.end + 26]
        near = before + after
        filtered = _FILTERING.search(before.split(",")[-1] + " " + after.split(",")[0])
        if (
            each.unit == "Hz"
            and each.value < 5e6
            and re.search(
                r"sampl|échantillon|abtast|muestr|conver|trigger|\bTIM\d|\bpaced|déclench", near, re.IGNORECASE
            )
            and not filtered
        ):
            return each.value
    every = re.search(r"(?:sampl|échantillon|abtast|muestr|conver|mess|measur|mesur|read)\w*\W+(?:\w+\W+){0,2}?(?:every|each|toutes les|alle|jede|cada) (\d+(?:[.,]\d+)?) ?(m|µ|u)?s(?!\w)",
                      text, re.IGNORECASE)  # fmt: skip
    if every and float(every.group(1).replace(",", ".")) > 0:
        unit = {"m": 1e-3, "µ": 1e-6, "u": 1e-6}.get((every.group(2) or "").lower(), 1.0)
        return float(f"{1 / (float(every.group(1).replace(',', '.')) * unit):.6g}")
    found = re.search(
        r"(?<!\d)(\d+(?:[.,]\d+)?)\s?(k?)\s?(?:samples?|échantillons|abtastungen|muestras|Werte)\s?(?:/|per |par |pro |por )\s?s",
        text,
        re.IGNORECASE,
    )
    if found:
        return float(found.group(1).replace(",", ".")) * (1e3 if found.group(2) else 1)
    return None


def _corner(text: str, rate: float | None) -> float:
    """The filter's corner: as stated, else a tenth of the rate."""
    for each in read(text):
        if each.unit != "Hz":
            continue
        near = (
            text[max(0, each.start - 40) : each.start].split(",")[-1]
            + " "
            + text[each.end : each.end + 22].split(",")[0]
        )
        if _FILTERING.search(near):
            return each.value
    return rate / 10 if rate else 1000.0


def _firmware_plan(text: str, rate: float | None) -> dict[str, Any]:
    """The converter's plan: what the text says of device, pin and transfer."""
    from kiki_core.planning.firmware.clock import clock_of
    from kiki_core.planning.firmware.device import DEFAULT, Chosen, device_in
    from kiki_core.planning.firmware.pins import pins_in

    chosen = device_in(text) or Chosen(DEFAULT)
    pins = pins_in(text)
    instance = re.search(r"\bADC([1-5])\b", text, re.IGNORECASE)
    adc: dict[str, Any] = {"kind": "adc", "instance": f"ADC{instance.group(1)}" if instance else "ADC1", "channels": 1}
    if pins:
        adc["pins"] = {"CH1": pins[0]}
    bits = re.search(r"(?<!\d)(12|10|8)[- ]?bits?", text, re.IGNORECASE)
    if bits:
        adc["resolution_bits"] = int(bits.group(1))
    entries = [adc]
    if rate:
        named = re.search(r"\b(?:TIM|timer ?)(\d{1,2})\b", text, re.IGNORECASE)
        adc["trigger"] = f"TIM{named.group(1)}" if named else "TIM3"
        entries = [
            {"kind": "timer", "instance": adc["trigger"], "frequency_hz": rate, "interrupt": False, "trigger": True},
            adc,
        ]
    if re.search(r"interrupt|unterbrech|interrupci", text, re.IGNORECASE) and not re.search(
        r"\bdma\b", text, re.IGNORECASE
    ):
        adc["interrupt"] = True
    elif rate or re.search(r"\bdma\b", text, re.IGNORECASE):
        adc["dma"] = True
        if not rate:
            adc["continuous"] = True
    clock = clock_of(text, chosen.spans).plan
    return {"device": chosen.name, "style": "register", "clock": clock, "peripherals": entries}


async def _made(
    text: str, signal: Signal, front: FrontEnd, reference: float, rate: float | None, corner: float
) -> Planned:
    from kiki_core.planning import firmware
    from kiki_core.planning.firmware import answer
    from kiki_core.verification import check_deck
    from kiki_tools.stm32.init.plan import ImpossiblePlan

    deck = Artefact("front_end.cir", "spice", front.deck, None)
    checked = await check_deck(deck, 0)
    deck = replace(deck, verified=checked.ok)
    plan = _firmware_plan(text, rate)
    try:
        made = await firmware.build(plan, extend=_converted(signal, front, reference, plan))
    except ImpossiblePlan as error:
        return _refused("; ".join(answer.plainly(problem, plan) for problem in error.problems), (deck,))
    measures = checked.simulation.measures if checked.simulation is not None else {}
    wanted = (*_requirements(signal, front, reference, plan, measures, corner), *made.requirements)
    lost = _unmet(text, signal, rate, corner, plan)
    verified = (
        False if lost or any(each.ok is False for each in wanted) else made.verified if checked.ok else checked.ok
    )
    verdicts = (*checked.verdicts, *(Verdict(0, "main.c", each) for each in made.evidence))
    artefacts = (deck, *made.artefacts)
    notes = (f"Not in this answer: {', '.join(lost)}. The rest is.",) if lost else ()
    answered = _text(front, made, wanted, artefacts) + "".join(f"\n> {note}\n" for note in notes)
    return Planned("cross", {"front_end": front.values, "firmware": plan}, answered, artefacts, wanted, verdicts,
                   verified, notes, 0, 0)  # fmt: skip


def _full(plan: dict[str, Any]) -> int:
    adc = next(entry for entry in plan["peripherals"] if entry["kind"] == "adc")
    return int(2 ** adc.get("resolution_bits", 12) - 1)


def _counts(volts: float, reference: float, full: int) -> int:
    return max(0, min(full, round(volts / reference * full)))


def _ends(signal: Signal, front: FrontEnd) -> tuple[float, float]:
    return front.offset + front.slope * signal.low, front.offset + front.slope * signal.high


def _converted(signal: Signal, front: FrontEnd, reference: float, plan: dict[str, Any]) -> str:
    """C that turns counts into the sensor's quantity: the line through both ends."""
    full = _full(plan)
    low, high = (_counts(volts, reference, full) for volts in _ends(signal, front))
    unit = {"degC": "degrees Celsius", "A": "amperes", "mA": "milliamperes", "uA": "microamperes", "V": "volts",
            "mV": "millivolts"}.get(signal.unit, signal.unit)  # fmt: skip
    return "\n".join(
        [
            f"/* {_end(signal, 0)} is {low} counts, {_end(signal, 1)} is {high} counts of {full}. */",
            f"#define SENSOR_COUNTS_LOW {low}",
            f"#define SENSOR_COUNTS_HIGH {high}",
            f"#define SENSOR_LOW {_float(signal.ends[0])}",
            f"#define SENSOR_HIGH {_float(signal.ends[1])}",
            "",
            f"/* Counts in {unit}. */",
            "float sensor_value(uint16_t counts);",
            "float sensor_value(uint16_t counts)",
            "{",
            "  return SENSOR_LOW + (float)((int32_t)counts - SENSOR_COUNTS_LOW) * (SENSOR_HIGH - SENSOR_LOW)",
            "                        / (float)(SENSOR_COUNTS_HIGH - SENSOR_COUNTS_LOW);",
            "}",
            "",
        ]
    )


def _end(signal: Signal, number: int) -> str:
    """An end of the range for people; a unit with its prefix takes no second one."""
    value = signal.ends[number]
    return f"{value:g} {signal.unit}" if signal.unit in ("uA", "mA", "mV") else with_unit(value, signal.unit)


def _float(value: float) -> str:
    """A constant of C's float."""
    text = f"{value:.9g}"
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _requirements(
    signal: Signal,
    front: FrontEnd,
    reference: float,
    plan: dict[str, Any],
    measures: dict[str, float | None],
    corner: float,
) -> list[Requirement]:
    """Both ends in counts as simulated, against those in the code; the room that the signal fills; the filter."""
    full = _full(plan)
    found = []
    got = [measures.get("out_low"), measures.get("out_high")]
    for name, volts, measured in zip(("low", "high"), _ends(signal, front), got, strict=True):
        counts = _counts(volts, reference, full)
        simulated = None if measured is None else measured / reference * full
        ok = None if simulated is None else abs(simulated - counts) <= 0.015 * full and -1 <= simulated <= full
        found.append(Requirement(f"counts at the {name} end", "=", counts, "counts", simulated, ok))
    if None not in got:
        used = 100 * abs(got[1] - got[0]) / reference  # type: ignore[operator]
        least = 60.0 if front.kind == "direct" else 80.0
        found.append(
            Requirement("part of the converter's range", ">=", least, "%", used, used >= least or bool(signal.low))
        )
    f3db = measures.get("f3db")
    ok = None if f3db is None else abs(f3db / corner - 1) <= 0.1
    found.append(Requirement("corner of the filter", "=", corner, "Hz", f3db, ok))
    return found


def _text(front: FrontEnd, made: Made, wanted: Sequence[Requirement], artefacts: Sequence[Artefact]) -> str:
    values = ", ".join(
        f"{name} {with_unit(value, 'F' if name.startswith('C') else 'ohm')}" for name, value in front.values.items()
    )
    lines = [
        f"Front end ({front.kind}) and converter of the **{made.plan['device']}**, with the same numbers on both sides.",
        "",
        table(wanted),
        "",
    ]
    lines += [
        f"Parts: {values}.",
        "",
        "Checked: " + "; ".join(f"{each.tool}: {each.summary}" for each in made.evidence) + ".",
        "",
    ]
    for each in artefacts:
        if each.language == "spice" or each.name == "main.c":
            lines += [f"`{each.name}`:", "", f"```{each.language}", each.text.rstrip("\n"), "```", ""]
    return "\n".join(lines)


def _refused(reason: str, artefacts: tuple[Artefact, ...] = ()) -> Planned:
    text = f"As asked, this can't be done:\n\n- {reason}\n"
    verdict = Verdict(0, "plan", Evidence("kiki", "", hashlib.sha256(text.encode()).hexdigest(), False, reason))
    return Planned("cross", {}, text, artefacts, (), (verdict,), False, (), 0, 0)
