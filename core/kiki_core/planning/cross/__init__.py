"""A sensor, its analog front end and the converter's set-up from one request: a deck and firmware with the same numbers."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiki_core.events import Artefact, Evidence, Requirement, Verdict
from kiki_core.planning import Planned
from kiki_core.planning.cross import amplifiers
from kiki_core.planning.cross.asked import unmet
from kiki_core.planning.cross.converter import counts_of, full_scale, setup_of
from kiki_core.planning.cross.filters import far_down
from kiki_core.planning.cross.front_end import FrontEnd, Impossible, designed
from kiki_core.planning.cross.ranges import Signal, signal_of
from kiki_core.planning.cross.wishes import Wishes, wishes_of
from kiki_core.planning.shown import table, with_unit

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_core.planning.firmware import Made

MOST_TEXT = 6000
_CONVERTER = re.compile(
    r"\badc\d?\b|analog-?to-?digital|convertisseur|wandler|conversor|stm32|\ba/d\b|(?<!\w)[FGL]\d{3}(?:[A-Z][0-9A-Z])?(?!\w)",
    re.IGNORECASE,
)
_FRONT = re.compile(
    r"sensor|capteur|front[- ]?end|conditioning|conditionn|shunt|4\s?(?:-|–|to|à|bis|a|…|\.\.+)\s?20|lm35|tmp36|load cell|bridge|strain|transducer|"
    r"scal(?:e|ing)|mess(?:en|ung|bereich|signal|brücke|umformer)|mesur|medi[rc]|fühler|aufnehmer|transmetteur|probe|anti-?alias|amplif|verstärk|divider|teiler|"
    r"diviseur|divisor|filter|filtr|low[- ]?pass|passe[- ]bas|circuit|schaltung|circuito|photo-?\s?diod|fotodiod|trans-?imp|into (?:the )?adc|vers l'adc|level[- ]?shift|\bmap(?:ped|s|ping)?\b|clamp|\bgain\b|verstärkung|ganancia|galga|puente|thermocouple|thermoelement|termopar|bessel|butterworth|sallen|transmitter|signal(?:aufbereitung)?|measure|acquire|sonde|monitor|digiti[sz]",
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
    if not (_CONVERTER.search(text) and _BOTH.search(text)):
        return None
    wishes = wishes_of(text)
    signal = signal_of(text, wishes.reference)
    mapped = signal is not None and signal.unit not in ("V", "A")
    if signal is None or not (_FRONT.search(text) or signal.what == "sensor" or mapped or wishes.corner_stated):
        return None
    signal = _as_told(text, signal)
    tell("plans the front end and the converter's set-up")
    rate, corner = wishes.rate, wishes.corner
    try:
        most = 4e6 if re.search(r"\bG4\d\d|STM32G4", text, re.IGNORECASE) else 2.4e6
        if rate is not None and rate > most:
            raise Impossible(
                f"{rate / 1e6:g} MS/s are too fast: one converter of this family makes {most / 1e6:g} MS/s at 12 bits"
            )
        if rate is not None and corner > rate / 2:
            raise Impossible(f"a filter at {corner:g} Hz lets through what {rate:g} samples a second fold back (aliasing): its corner must lie below "
                             f"half the rate, {rate / 2:g} Hz; to keep {corner:g} Hz, sample above {2 * corner:g} S/s")  # fmt: skip
        front = designed(signal, wishes, amplifiers.known(text))
    except Impossible as error:
        return _refused(str(error))
    return await _made(text, signal, wishes, front)


_TOLD = (
    ("nA", 1e9, "A", r"(?:nano-?amp\w*)|(?:in|en|as|returns?|liefert?|give|gives|renvo\w+|devuelv\w+) nA\b"),
    (
        "uA",
        1e6,
        "A",
        r"(?:micro-?amp\w*|mikro-?amp\w*|microamp\w*)|(?:in|en|as|returns?|liefert?|give|gives|renvo\w+|devuelv\w+) [µu]A\b",
    ),
    (
        "mA",
        1e3,
        "A",
        r"(?:milli-?amp\w*|mili-?amp\w*)|(?:in|en|as|returns?|liefert?|give|gives|renvo\w+|devuelv\w+) mA\b",
    ),
    (
        "mV",
        1e3,
        "V",
        r"(?:milli-?volts?|mili-?voltios?)|(?:in|en|as|returns?|liefert?|give|gives|renvo\w+|devuelv\w+) mV\b",
    ),
)


def _as_told(text: str, signal: Signal) -> Signal:
    """The signal in the unit that the text wants of the code: "returns microamperes"."""
    for unit, scale, base, word in _TOLD:
        if signal.unit == base and re.search(word, text, re.IGNORECASE):
            return replace(signal, ends=(signal.ends[0] * scale, signal.ends[1] * scale), unit=unit)
    return signal


async def _made(text: str, signal: Signal, wishes: Wishes, front: FrontEnd) -> Planned:
    from kiki_core.planning import firmware
    from kiki_core.planning.firmware import answer
    from kiki_core.verification import check_deck
    from kiki_tools.stm32.init.plan import ImpossiblePlan

    deck = Artefact("front_end.cir", "spice", front.deck, None)
    checked = await check_deck(deck, 0)
    deck = replace(deck, verified=checked.ok)
    setup = setup_of(text, wishes, signal, front)
    plan = setup.plan
    converted = _converted(signal, front, wishes.reference, plan)
    measures = checked.simulation.measures if checked.simulation is not None else {}
    wanted = _requirements(signal, front, wishes, plan, measures)
    try:
        made = await firmware.build(plan, setup.cycles, extend=converted)
    except ImpossiblePlan as error:
        problems = "; ".join(answer.plainly(problem, plan) for problem in error.problems)
        return _without_code(problems, front, wanted, (deck,), converted)
    wanted = [*wanted, *made.requirements]
    lost = unmet(text, signal, wishes, front, setup)
    verified = (
        False if lost or any(each.ok is False for each in wanted) else made.verified if checked.ok else checked.ok
    )
    verdicts = (*checked.verdicts, *(Verdict(0, "main.c", each) for each in made.evidence))
    artefacts = (deck, *made.artefacts)
    notes = (*front.notes, *([f"Not in this answer: {', '.join(lost)}. The rest is."] if lost else []))
    answered = _text(front, made, wanted, artefacts) + "".join(f"\n> {note}\n" for note in notes)
    return Planned("cross", {"front_end": front.values, "firmware": plan}, answered, artefacts, tuple(wanted), verdicts,
                   verified, notes, 0, 0)  # fmt: skip


def _ends(signal: Signal, front: FrontEnd) -> tuple[float, float]:
    return front.offset + front.slope * signal.low, front.offset + front.slope * signal.high


def _converted(signal: Signal, front: FrontEnd, reference: float, plan: dict[str, Any]) -> str:
    """C that turns counts into the sensor's quantity: the line through both ends."""
    full = full_scale(plan)
    low, high = (counts_of(volts, reference, full) for volts in _ends(signal, front))
    unit = {"degC": "degrees Celsius", "A": "amperes", "mA": "milliamperes", "uA": "microamperes", "nA": "nanoamperes", "V": "volts",
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
    return f"{value:g} {signal.unit}" if signal.unit in ("nA", "uA", "mA", "mV") else with_unit(value, signal.unit)


def _float(value: float) -> str:
    """A constant of C's float."""
    text = f"{value:.9g}"
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _requirements(
    signal: Signal, front: FrontEnd, wishes: Wishes, plan: dict[str, Any], measures: dict[str, float | None]
) -> list[Requirement]:
    """Both ends in counts as simulated, against those in the code; the room that the signal fills; the filter."""
    full, reference, corner = full_scale(plan), wishes.reference, wishes.corner
    found = []
    got = [measures.get("out_low"), measures.get("out_high")]
    for name, volts, measured in zip(("low", "high"), _ends(signal, front), got, strict=True):
        counts = counts_of(volts, reference, full)
        simulated = None if measured is None else measured / reference * full
        ok = None if simulated is None else abs(simulated - counts) <= 0.015 * full and -1 <= simulated <= full + 1
        found.append(Requirement(f"counts at the {name} end", "=", counts, "counts", simulated, ok))
    if None not in got:
        low, high = got
        assert low is not None
        assert high is not None
        if wishes.target is not None:
            for name, volts, aim in (("low", low, wishes.target.low), ("high", high, wishes.target.high)):
                found.append(
                    Requirement(
                        f"output at the {name} end", "=", aim, "V", volts, abs(volts - aim) <= 0.025 * reference
                    )
                )
        elif not wishes.gain and not wishes.bare:
            used = 100 * abs(high - low) / reference
            least = 60.0 if front.kind == "direct" else 80.0
            if signal.low > 0 and not wishes.whole:  # its own level stays below it
                least *= round(1 - signal.low / signal.high, 3)
            found.append(Requirement("part of the converter's range", ">=", least, "%", used, used >= least))
        if wishes.offset is not None and signal.low < 0:
            found.append(Requirement("output for no signal", "=", wishes.offset, "V", front.offset,
                                     abs(front.offset - wishes.offset) <= 0.02 * reference))  # fmt: skip
    if wishes.gain:
        found.append(
            Requirement("gain", "=", wishes.gain, "V/V", front.gain, abs(front.gain / wishes.gain - 1) <= 0.03)
        )
    f3db = measures.get("f3db")
    ok = None if f3db is None else abs(f3db / corner - 1) <= 0.1
    found.append(Requirement("corner of the filter", "=", corner, "Hz", f3db, ok))
    level = 20 * math.log10(abs(front.slope))
    if front.order > 1 and (far := measures.get("far")) is not None:
        least = far_down(front.order, wishes.response)
        found.append(
            Requirement("attenuation at ten times the corner", ">=", least, "dB", level - far, level - far >= least)
        )
    if wishes.attenuation and (stopped := measures.get("stopped")) is not None:
        decibels, hertz = wishes.attenuation
        found.append(Requirement(f"attenuation at {with_unit(hertz, 'Hz')}", ">=", decibels, "dB", level - stopped, level - stopped >= decibels))  # fmt: skip
    return found


def _text(front: FrontEnd, made: Made, wanted: Sequence[Requirement], artefacts: Sequence[Artefact]) -> str:
    lines = [
        f"Front end ({front.kind}) and converter of the **{made.plan['device']}**, with the same numbers on both sides.",
        "",
        table(wanted),
        "",
        f"Parts: {_values(front)}.",
        "",
        "Checked: " + "; ".join(f"{each.tool}: {each.summary}" for each in made.evidence) + ".",
        "",
    ]
    for each in artefacts:
        if each.language == "spice" or each.name == "main.c":
            lines += [f"`{each.name}`:", "", f"```{each.language}", each.text.rstrip("\n"), "```", ""]
    return "\n".join(lines)


def _values(front: FrontEnd) -> str:
    values = [
        f"{name} {with_unit(value, 'F' if name.startswith('C') else 'ohm')}" for name, value in front.values.items()
    ]
    return ", ".join([*values, *([f"amplifiers {front.amplifier}"] if front.amplifier else [])])


def _without_code(
    reason: str, front: FrontEnd, wanted: Sequence[Requirement], artefacts: tuple[Artefact, ...], converted: str
) -> Planned:
    """The front end and the conversion of its counts, where the init can't be compiled."""
    lines = [f"The converter's set-up can't be made:\n\n- {reason}\n\nThe front end ({front.kind}) and what turns counts into values are here.", "",
             table(wanted), "", f"Parts: {_values(front)}.", ""]  # fmt: skip
    lines += [
        "`front_end.cir`:",
        "",
        "```spice",
        front.deck.rstrip("\n"),
        "```",
        "",
        "```c",
        "#include <stdint.h>",
        "",
        converted.rstrip("\n"),
        "```",
        "",
    ]
    text = "\n".join(lines)
    verdict = Verdict(0, "plan", Evidence("kiki", "", hashlib.sha256(text.encode()).hexdigest(), False, reason))
    return Planned("cross", {"front_end": front.values}, text, artefacts, tuple(wanted), (verdict,), False, (), 0, 0)


def _refused(reason: str) -> Planned:
    text = f"As asked, this can't be done:\n\n- {reason}\n"
    verdict = Verdict(0, "plan", Evidence("kiki", "", hashlib.sha256(text.encode()).hexdigest(), False, reason))
    return Planned("cross", {}, text, (), (), (verdict,), False, (), 0, 0)
