"""Questions for a single card: a source, an analysis, a `.meas`. The answer is put into a deck that shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from kiki_core.training.data import wording
from kiki_core.training.data.model import Draft, Want, Words, about
from kiki_core.training.data.numbers import bucket, round_value, said, spice
from kiki_core.training.data.phrases import phrases

_LOAD = "RL out 0 1k"


@dataclass(frozen=True, slots=True)
class _Card:
    """A card with what people may say of it, and the deck that it is tried in: `{card}` is its place."""

    words: Words
    text: str
    deck: str
    wants: Sequence[Want]
    group: str
    measure: tuple[str, float, float] | None = None


def draft(random: Random) -> Draft:
    """A question for a card."""
    name = random.choice(tuple(_CARDS))
    language = wording.language(random)
    phrase = random.choice(phrases("cards")[name][language])
    card = _CARDS[name](random)
    told = {k: v if isinstance(v, str) else said(random, v[0], v[1], language) for k, v in sorted(card.words.items())}
    check: dict[str, Any] = {"kind": "card", "deck": card.deck, "wants": [want.to_json() for want in card.wants]}
    if card.measure is not None:
        measure, low, high = card.measure
        check["measure"] = {"name": measure, "low": low, "high": high}
    question = wording.asked(random, phrase.format(**told), language, "card")
    kind, answer = f"card-{name}", f"```spice\n{card.text}\n```"
    return Draft(kind, f"{kind}/{card.group}", language, question, answer, check)


def _deck(*lines: str) -> str:
    return "\n".join(["* one card tried", *lines, ".end"]) + "\n"


def _sine(random: Random) -> _Card:
    f, a = round_value(random, 10, 1e6), random.choice([0.1, 0.5, 1.0, 2.0, 5.0, 10.0])
    o = random.choice([0.0, 1.0, 1.65, 2.5])
    deck = _deck("{card}", _LOAD, f".tran {spice(1 / f / 200)} {spice(10 / f)}")
    wants = [
        about("frequency", f, 0.03),
        about("maximum", o + a, 0.03),
        Want("minimum", o - a - 0.03 * a, o - a + 0.03 * a),
    ]
    words: Words = {"f": (f, "Hz"), "a": (a, "V"), "o": (o, "V")}
    return _Card(words, f"V1 out 0 SIN({o:g} {a:g} {spice(f)})", deck, wants, bucket(f))


def _pulse(random: Random) -> _Card:
    f, v = round_value(random, 100, 1e6), random.choice([1.8, 3.3, 5.0, 12.0])
    duty = random.choice([10, 20, 25, 30, 40, 50, 60, 75, 80, 90])
    period = 1 / f
    deck = _deck("{card}", _LOAD, f".tran {spice(period / 200)} {spice(10 * period)}")
    wants = [about("frequency", f, 0.03), about("maximum", v, 0.02), Want("duty", duty / 100 - 0.03, duty / 100 + 0.03)]
    edge = spice(period / 1000)
    words: Words = {"f": (f, "Hz"), "v": (v, "V"), "d": (duty + 0.0, "%")}
    return _Card(
        words,
        f"V1 out 0 PULSE(0 {v:g} 0 {edge} {edge} {spice(period * duty / 100)} {spice(period)})",
        deck,
        wants,
        bucket(f),
    )


def _ramp(random: Random) -> _Card:
    t, v = round_value(random, 1e-6, 1), random.choice([1.0, 3.3, 5.0, 10.0, 12.0])
    deck = _deck("{card}", _LOAD, f".tran {spice(t / 200)} {spice(2 * t)}")
    wants = [about("output at", v / 2, 0.04, t / 2), about("output at", v, 0.02, 1.5 * t)]
    return _Card({"t": (t, "s"), "v": (v, "V")}, f"V1 out 0 PWL(0 0 {spice(t)} {v:g})", deck, wants, bucket(t))


def _ac(random: Random) -> _Card:
    low, high = random.choice([(1, 1e5), (10, 1e5), (10, 1e6), (100, 1e6), (1e3, 1e7), (1e4, 1e8), (20, 2e4)])
    points = random.choice([10, 20, 50, 100])
    f = (low * high) ** 0.5
    deck = _deck("V1 in 0 DC 0 AC 1", "R1 in out 1k", f"C1 out 0 {spice(1 / (6.2832 * f * 1e3))}", "{card}")
    wants = [about("corner", f, 0.05), Want("gain at", -1, 0.1, low * 1.01), Want("gain at", -200, -15, high * 0.99)]
    words: Words = {"lo": (low + 0.0, "Hz"), "hi": (high, "Hz"), "n": f"{points}"}
    return _Card(words, f".ac dec {points} {spice(low)} {spice(high)}", deck, wants, f"{low:g}-{high:g}")


def _tran(random: Random) -> _Card:
    t = round_value(random, 1e-6, 1)
    step = t / random.choice([100, 200, 500, 1000])
    deck = _deck(f"V1 out 0 PWL(0 0 {spice(t)} 1)", _LOAD, "{card}")
    wants = [about("output at", 0.99, 0.02, 0.99 * t)]
    return _Card({"t": (t, "s"), "s": (step, "s")}, f".tran {spice(step)} {spice(t)}", deck, wants, bucket(t))


def _dc(random: Random) -> _Card:
    high, step = random.choice([(1.0, 0.01), (3.3, 0.1), (5.0, 0.1), (5.0, 0.05), (10.0, 0.1), (12.0, 0.5)])
    deck = _deck("V1 in 0 0", "R1 in out 1k", "R2 out 0 1k", "{card}")
    at = round(0.8 * high / step) * step
    words: Words = {"hi": (high, "V"), "s": (step, "V")}
    return _Card(
        words, f".dc V1 0 {high:g} {step:g}", deck, [about("output at input", at / 2, 0.03, at)], f"{high:g}-{step:g}"
    )


def _measured(random: Random, what: str) -> _Card:
    """A `.meas` of an RC's step, 5 V, of a time constant."""
    tau, v = round_value(random, 1e-6, 1e-2), random.choice([1.0, 3.3, 5.0, 10.0])
    name = random.choice(phrases("measures")[what]["names"])
    cards = {
        "rise": (f"tran {name} trig v(out) val={0.1 * v:g} rise=1 targ v(out) val={0.9 * v:g} rise=1", 2.197 * tau),
        "maximum": (f"tran {name} max v(out)", v),
        "delay": (f"tran {name} trig v(in) val={0.5 * v:g} rise=1 targ v(out) val={0.5 * v:g} rise=1", 0.693 * tau),
        "mean": (f"tran {name} avg v(out)", v * (1 - 0.1 * (1 - 4.54e-5))),
    }
    text, value = cards[what]
    deck = _deck(
        f"V1 in 0 PWL(0 0 {spice(tau / 1000)} {v:g})",
        "R1 in out 1k",
        f"C1 out 0 {spice(tau / 1e3)}",
        f".tran {spice(tau / 200)} {spice(10 * tau)}",
        "{card}",
    )
    words: Words = {"v": (v, "V"), "name": name}
    return _Card(words, f".meas {text}", deck, [], f"{name}-{v:g}", (name, value * 0.95, value * 1.05))


def _ac_measure(random: Random) -> _Card:
    name = random.choice(phrases("measures")["corner"]["names"])
    f = round_value(random, 100, 1e5)
    deck = _deck(
        "V1 in 0 DC 0 AC 1",
        "R1 in out 1k",
        f"C1 out 0 {spice(1 / (6.2832 * f * 1e3))}",
        f".ac dec 50 {spice(f / 100)} {spice(f * 100)}",
        "{card}",
    )
    return _Card({"name": name}, f".meas ac {name} when vdb(out)=-3.0103", deck, [], name, (name, f * 0.95, f * 1.05))


def _gain_measure(random: Random) -> _Card:
    name, f = random.choice(phrases("measures")["gain"]["names"]), random.choice([100.0, 1e3, 2e3, 5e3, 1e4, 1e5])
    deck = _deck("V1 in 0 DC 0 AC 1", "E1 out 0 in 0 10", _LOAD, ".ac dec 50 10 1meg", "{card}")
    words: Words = {"name": name, "f": (f, "Hz")}
    return _Card(words, f".meas ac {name} find vdb(out) at={spice(f)}", deck, [], f"{f:g}", (name, 19.9, 20.1))


_CARDS: Mapping[str, Callable[[Random], _Card]] = {
    "sine": _sine,
    "pulse": _pulse,
    "ramp": _ramp,
    "ac": _ac,
    "tran": _tran,
    "dc": _dc,
    "rise": lambda random: _measured(random, "rise"),
    "maximum": lambda random: _measured(random, "maximum"),
    "delay": lambda random: _measured(random, "delay"),
    "mean": lambda random: _measured(random, "mean"),
    "corner": _ac_measure,
    "gain": _gain_measure,
}
