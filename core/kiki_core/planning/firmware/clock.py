"""The clock that a request asks for: the core's frequency, and the oscillator it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.quantities import Quantity, read

_NEAR = 34


@dataclass(frozen=True, slots=True)
class ClockWish:
    """The plan's clock, and the frequencies in hertz that are spoken for."""

    plan: dict[str, Any] = field(default_factory=dict)
    taken: tuple[float, ...] = ()


def clock_of(text: str, spans: tuple[tuple[int, int], ...] = ()) -> ClockWish:
    """The clock of a request; nothing set where it says nothing of it."""
    if re.search(r"\bETR\b|TIM\d+_ETR|external clock mode", text):
        text = re.sub(r"external clock", "outer pulses", text, flags=re.IGNORECASE)  # a counter's, not the core's
    text, buses = _buses(text)
    every = [q for q in read(text) if q.unit == "Hz" and not any(a <= q.start < b for a, b in spans)]
    rates = [q for q in every if q.value >= 1e6]
    plan: dict[str, Any] = {}
    taken: list[float] = []
    crystal = _nearest(text, [q for q in rates if q.value <= 50e6], words.HSE, every)
    if crystal is not None:
        plan |= {"source": "HSE", "hse_hz": round(crystal.value)}
        taken.append(crystal.value)
        rates = [q for q in rates if q is not crystal]
    elif (told := _BARE_CRYSTAL.search(text)) and 4 <= int(told.group(1)) <= 50:
        plan |= {"source": "HSE", "hse_hz": int(told.group(1)) * 1_000_000}
    elif words.HSE.search(text) and not words.HSI.search(text) and not _only_slow(text):
        plan["source"] = "HSE"
    if words.BYPASS.search(text) and plan.get("source") == "HSE":
        plan["bypass"] = True
    inner = _nearest(text, rates, words.HSI, every)
    if inner is not None and inner.value in (8e6, 16e6, 64e6, 4e6):
        taken.append(inner.value)
        rates = [q for q in rates if q is not inner]
    core = _core(text, rates)
    faster = re.search(r"PLL(?! off)|full|max|fast", text, re.IGNORECASE)
    if core is None and inner is not None and inner.value == 16e6 and not faster:
        plan["sysclk_hz"] = round(inner.value)
    if core is None and words.NO_PLL.search(text):
        plan["sysclk_hz"] = plan.get("hse_hz", 8_000_000) if plan.get("source") == "HSE" else 16_000_000
    if core is not None:
        plan["sysclk_hz"] = round(core.value)
        taken.append(core.value)
    _bus_rates(plan, buses, taken)
    return ClockWish(plan, tuple(taken))


_BUS = re.compile(r"(?<![A-Za-z0-9])(APB1|APB2|PCLK1|PCLK2|AHB|HCLK)(?![A-Za-z0-9])(?: (?:clock|bus|timer)s?)?\s?(?:(?P<by>prescaler|divider|divided by|"
                  r"div|by|vorteiler|diviseur|/|÷)\s?(?:of |by |=|:|de |von |/)?\s?/?(?P<factor>\d{1,3})(?! ?MHz)|(?:to |at |of |is |on |=|:|->|à |auf |mit |a |de |en |with )?\s?"
                  r"(?P<rate>\d{1,3}(?:[.,]\d+)?)(?: ?MHz|(?= *(?:[,;.)]|and|et|und|y|AP|$))))", re.IGNORECASE)  # fmt: skip
_BEFORE_BUS = re.compile(r"(?P<rate>\d{1,3}(?:[.,]\d+)?) ?MHz (?:on |for |at |sur |an |auf |für |en |para )?(?:the |le |den |el )?(?P<bus>APB1|APB2|PCLK1|PCLK2)(?![A-Za-z0-9])",
                         re.IGNORECASE)  # fmt: skip
_PARTS = {"APB1": "pclk1_hz", "PCLK1": "pclk1_hz", "APB2": "pclk2_hz", "PCLK2": "pclk2_hz", "AHB": "hclk_hz",
          "HCLK": "hclk_hz"}  # fmt: skip


def _buses(text: str) -> tuple[str, dict[str, tuple[float, bool]]]:
    """The text without what it says of the buses, and that: a rate in hertz, or a divider (true)."""
    found: dict[str, tuple[float, bool]] = {}

    def taken(match: re.Match[str]) -> str:
        name = _PARTS[(match.groupdict().get("bus") or match.group(1)).upper()]
        factor = match.groupdict().get("factor")
        if factor:
            found[name] = (float(factor), True)
        else:
            found[name] = (float(match.group("rate").replace(",", ".")) * 1e6, False)
        return " " * len(match.group(0))

    if not _BUS.search(text) and not _BEFORE_BUS.search(text):
        return text, found
    text = _BUS.sub(taken, _BEFORE_BUS.sub(taken, text))
    return text, found


def _bus_rates(plan: dict[str, Any], buses: dict[str, tuple[float, bool]], taken: list[float]) -> None:
    if not buses:
        return
    core = buses.get("hclk_hz")
    if core and not core[1] and "sysclk_hz" not in plan:
        plan["sysclk_hz"] = round(core[0])  # "HCLK 84 MHz" alone
    whole = float(plan.get("sysclk_hz", 0))
    for name in ("hclk_hz", "pclk1_hz", "pclk2_hz"):
        if name not in buses:
            continue
        value, divides = buses[name]
        if divides and not whole:
            continue
        rate = whole / value if divides else value
        if name == "hclk_hz":
            whole = rate
            taken.append(rate)
            if rate == plan.get("sysclk_hz"):
                continue
        plan[name] = round(rate)
        taken.append(rate)


def _only_slow(text: str) -> bool:
    """Whether the crystal of the text is the one of 32 kHz."""
    return bool(re.search(r"32[.,]?768|\bLSE\b|32 ?k(?:Hz)?", text, re.IGNORECASE)) and not re.search(
        r"\bHSE\b", text, re.IGNORECASE
    )


def _nearest(text: str, rates: list[Quantity], word: re.Pattern[str], every: list[Quantity]) -> Quantity | None:
    """The frequency that stands beside a word, with no other between: "8 MHz crystal", "HSE of 25 MHz"."""
    best: tuple[int, Quantity] | None = None
    for match in word.finditer(text):
        for q in rates:
            if q.end <= match.start():
                gap, between = match.start() - q.end, text[q.end : match.start()]
            elif q.start >= match.end():
                gap, between = q.start - match.end() + 2, text[match.end() : q.start]
            else:
                continue
            gap += 3 * between.count(",")  # "84 MHz, HSE 25 MHz"
            blocked = any(
                min(q.end, match.end()) <= other.start < max(q.start, match.start())
                for other in every
                if other is not q
            )
            if gap <= _NEAR and not blocked and not re.search(r"[;.\n]\s", between) and (best is None or gap < best[0]):
                best = (gap, q)
    return best[1] if best else None


_FOREIGN = re.compile(
    r"SPI\d?|USB|I2C|SCK|US?ART|PWM|\bTIM\d|timer|ADC|sampl|CAN\b|baud|LSE|SCL|MCO|toggl|blink|tick", re.IGNORECASE
)


_BARE_CRYSTAL = re.compile(r"\bHSE ?(?:=|of|:)? ?(\d{1,2})(?![\d.,]*\d| ?[kM]?Hz|/)", re.IGNORECASE)
_COUNTER = re.compile(r"\s*(?:timer|counter|count|tick|capture|zähler|compteur|contador)", re.IGNORECASE)


_MOST_BEFORE = re.compile(r"(?:(?:no|not) (?:more|faster) than|below|under|unter|sous|por debajo de|at most|max\w*\.?|up to|höchstens|jusqu'à|au plus|como m[áa]ximo|hasta|<=?|≤)\s*(?:of |de |von )?$", re.IGNORECASE)  # fmt: skip
_MOST_AFTER = re.compile(r"\s*,? ?(?:at most|max\w*|or (?:less|slower|below)|au (?:plus|maximum)|höchstens|como m[áa]ximo|o menos|ou moins)", re.IGNORECASE)  # fmt: skip
_OF_THE_CORE = re.compile(
    r"sys ?-?clk|system|\bcore\b|\bcpu\b|\bmcu\b|\bhclk\b|takt(?!rate)|reloj del (?:sistema|micro)", re.IGNORECASE
)


def _of_a_bus(text: str, q: Quantity) -> bool:
    """Whether a frequency is a limit of SPI's clock: "PB3 clock, no more than 4 MHz"."""
    begin = max(text.rfind(mark, 0, q.start) for mark in (";", "\n", ". ")) + 1
    sentence = text[begin : q.end + 40].split(";")[0].split(". ")[0]
    limited = _MOST_BEFORE.search(text[: q.start]) or _MOST_AFTER.match(text[q.end :])
    return bool(limited and re.search(r"\bSPI|\bSCK", sentence, re.IGNORECASE) and not _OF_THE_CORE.search(sentence))


def _core(text: str, rates: list[Quantity]) -> Quantity | None:
    """The core's frequency: of those beside its words, the one that no peripheral is nearer to."""
    best: tuple[int, Quantity] | None = None
    for q in rates:
        if q.value < 2e6 or _COUNTER.match(text[q.end :]) or _of_a_bus(text, q):
            continue
        begin = max(text.rfind(mark, 0, q.start) for mark in (";", "\n", ". "))
        before = text[max(begin + 1, q.start - 60, 0) : q.start]
        after = text[q.end : q.end + 40].split(";")[0].split(". ")[0]
        own_before = [m.end() for m in words.CORE.finditer(before)]
        own_after = [m.start() for m in words.CORE.finditer(after)]
        other_before = [m.end() for m in _FOREIGN.finditer(before)]
        other_after = [m.start() for m in _FOREIGN.finditer(after)]
        own = min([len(before) - max(own_before)] if own_before else [99], default=99)
        own = min(own, min(own_after, default=99) + 1)
        other = len(before) - max(other_before) if other_before else 99
        other = min(other, min(other_after, default=99) + 12)
        if own <= other and own < 60 and (best is None or own < best[0]):
            best = (own, q)
        elif own == other == 99 and q.value >= 16e6 and best is None:
            best = (98, q)  # a bare "F407 168 MHz"
        elif q.value > 50e6 and best is None:
            best = (99, q)
    return best[1] if best else None
