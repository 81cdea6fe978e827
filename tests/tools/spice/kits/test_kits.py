"""Every kit over plans as people have them: ngspice measures what was asked for, on values that shops have."""

import asyncio
import json
import math
import random
from collections.abc import Callable

import numpy as np
import pytest
from scipy import signal

from kiki_tools.language import Workspace
from kiki_tools.spice import ngspice
from kiki_tools.spice.cards import parse
from kiki_tools.spice.kits import KITS, load, series
from kiki_tools.spice.kits.fitting import Budget, Fitted, fitted, rounded, text_of
from kiki_tools.spice.kits.model import Impossible, Plan, read, schema
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Snapshot

MODULES = ("passive", "resonant", "notches", "dividers", "attenuators", "matching", "timing", "crossovers", "lc",
           "active", "bandpass")  # fmt: skip
FILTERS = [name for name, where in KITS.items() if where.split(":")[0] in MODULES]


def fit(kit: str, plan: Plan, budget: Budget | None = None) -> Fitted:
    return asyncio.run(fitted(load(kit), plan, budget=budget or Budget(seconds=120)))


def around(random_: random.Random, low: float, high: float) -> float:
    return float(f"{math.exp(random_.uniform(math.log(low), math.log(high))):.3g}")


def plan_for(kit: str, r: random.Random) -> Plan:
    """A plan that a person could have."""

    def f(low: float = 30, high: float = 50e3) -> float:
        return around(r, low, high)

    def edges(ratio: float, low: float = 30, high: float = 50e3) -> Plan:
        at = f(low, high)
        return {"pass_hz": at, "max_loss_db": r.choice([0.5, 1.0, 3.0]), "stop_hz": at * ratio, "stop_db": 40.0}

    def band(low: float = 100, high: float = 50e3, most_q: float = 12) -> Plan:
        at, q = f(low, high), around(r, 0.8, most_q)
        return r.choice([{"center_hz": at, "q": q}, {"low_hz": at, "high_hz": at * around(r, 1.1, 8)}])

    corner = {"cutoff_hz": f(), "order": r.randint(1, 6), "response": r.choice(["butterworth", "chebyshev", "bessel"])}
    makers: dict[str, Callable[[], Plan]] = {
        "rc_lowpass": lambda: {"cutoff_hz": f(), "order": r.choice([1, 1, 2, 3])},
        "rc_highpass": lambda: {"cutoff_hz": f(), "load_ohm": around(r, 1e3, 1e6)},
        "rc_bandpass": lambda: {"low_hz": f(20, 1e3), "high_hz": f(1e4, 1e5)},
        "rl_lowpass": lambda: {"cutoff_hz": f(1e3, 1e7)},
        "rl_highpass": lambda: {"cutoff_hz": f(1e3, 1e7), "resistance": around(r, 20, 5e3)},
        "rlc_lowpass": lambda: {"cutoff_hz": f(1e3, 1e6), "q": around(r, 0.5, 8)},
        "rlc_highpass": lambda: {"cutoff_hz": f(1e3, 1e6)},
        "rlc_bandpass": lambda: band(1e3, 1e6, 30),
        "rlc_notch": lambda: band(1e3, 1e6, 8),
        "twin_t_notch": lambda: {"center_hz": f()},
        "active_notch": band,
        "allpass": lambda: {"frequency_hz": f(), "phase_deg": around(r, 20, 160)},
        "voltage_divider": lambda: {"input_v": 12.0, "output_v": r.uniform(1, 11), "load_ohm": around(r, 1e3, 1e6)},
        "attenuator": lambda: {"loss_db": around(r, 1, 40), "topology": r.choice(["pi", "t", "bridged-t"])},
        "matching_network": lambda: {"frequency_hz": f(1e6, 5e8), "load_ohm": around(r, 100, 2e3)},
        "rc_delay": lambda: {"delay_s": around(r, 1e-6, 1), "threshold": r.uniform(10, 90)},
        "crossover": lambda: {"crossover_hz": f(200, 1e4), "order": r.randint(1, 4)},
        "lc_lowpass": lambda: r.choice([edges(3, 1e5, 1e8), {"cutoff_hz": f(1e5, 1e8), "order": r.choice([3, 5, 7])}]),
        "lc_highpass": lambda: {"cutoff_hz": f(1e5, 1e8), "order": r.choice([2, 3, 4]), "load_ohm": 200.0},
        "lc_bandpass": lambda: {**band(1e6, 1e8, 10), "order": r.choice([2, 4, 6])},
        "lc_bandstop": lambda: band(1e6, 1e8, 8),
        "active_lowpass": lambda: r.choice([edges(3), {**corner, "gain": around(r, 0.5, 30)}]),
        "active_highpass": lambda: r.choice([edges(0.3), {**corner, "gain_db": 6.0}]),
        "active_bandpass": lambda: {**band(), "gain": around(r, 1, 20)},
        "state_variable": lambda: {"center_hz": f(), "q": around(r, 0.7, 40)},
    }
    return makers[kit]()


def remarks(text: str) -> list[str]:
    found = SPICE.diagnostics(Snapshot(text, path="/deck.cir"), Workspace())
    return [f"{each.code} {each.message}" for each in found if each.severity in ("error", "warning")]


@pytest.mark.parametrize("kit", FILTERS)
def test_a_design_holds_in_ngspice(kit: str) -> None:
    r = random.Random(kit)
    for _ in range(2):
        plan = plan_for(kit, r)
        found = fit(kit, plan)
        assert found.ok, f"{plan}: {found.reason}"
        assert found.runs <= 15
        assert remarks(found.text) == []
        again = asyncio.run(ngspice.simulate(Snapshot(found.text, path="/deck.cir")))
        assert again.ok, again.errors
        assert len(again.expectations) == len(found.checks) > 0
        variables = load(kit).design(read(load(kit), plan)).variables
        for each in variables:
            fine = {each.series, each.finer} - {None}
            assert not fine or any(series.is_in(found.values[each.name], of) for of in fine if of), each


@pytest.mark.parametrize("kit", FILTERS)
def test_plans_over_all_their_ranges_are_designed_or_refused(kit: str) -> None:
    r, its = random.Random(kit), load(kit)

    def value(low: float, high: float) -> float:
        return r.uniform(low, high) if low <= 0 else around(r, low, high)

    for _ in range(10):
        plan = {
            slot.name: r.choice(slot.choices) if slot.choices else value(slot.least or 0.0, slot.most or 1e6)
            for slot in its.slots
            if slot.required or r.random() < 0.4
        }
        try:
            design = its.design(read(its, plan))
        except Impossible:
            continue
        values = rounded(design)
        assert all(math.isfinite(each) and each > 0 for each in values.values()), plan
        assert remarks(text_of(design, values)) == [], plan


@pytest.mark.parametrize(
    ("kit", "plan", "theirs"),
    [
        ("active_lowpass", {"cutoff_hz": 1e3, "order": 4}, signal.butter(4, 1e3, analog=True, output="zpk")),
        ("active_lowpass", {"cutoff_hz": 2e3, "order": 3, "response": "bessel"},
         signal.bessel(3, 2e3, analog=True, norm="mag", output="zpk")),
        ("active_highpass", {"cutoff_hz": 500.0, "order": 3}, signal.butter(3, 500, "high", analog=True, output="zpk")),
        ("active_bandpass", {"low_hz": 900.0, "high_hz": 1100.0, "order": 4},
         signal.butter(2, (900, 1100), "band", analog=True, output="zpk")),
        ("rc_lowpass", {"cutoff_hz": 1e3}, signal.butter(1, 1e3, analog=True, output="zpk")),
        ("lc_bandstop", {"low_hz": 0.8e6, "high_hz": 1.25e6, "order": 4},
         signal.butter(2, (0.8e6, 1.25e6), "bandstop", analog=True, output="zpk")),
    ],
)  # fmt: skip
def test_the_response_in_ngspice_is_that_of_scipy(kit: str, plan: Plan, theirs: tuple[object, ...]) -> None:
    found = fit(kit, plan)
    ran = asyncio.run(ngspice.simulate(Snapshot(found.text, path="/deck.cir")))
    vectors = ran.analyses[0].vectors
    f, ours = np.abs(vectors["frequency"].values), np.abs(vectors["v(out)"].values)
    at = plan.get("cutoff_hz") or math.sqrt(plan["low_hz"] * plan["high_hz"])
    near = (f > at / 3) & (f < at * 3)
    _, wanted = signal.freqs_zpk(*theirs, f[near])
    assert ours[near] / ours.max() == pytest.approx(np.abs(wanted), abs=0.06)


@pytest.mark.parametrize(
    ("kit", "plan", "says", "best"),
    [
        ("rc_lowpass", {"cutoff_hz": 1e3, "order": 1, "rolloff_db_per_decade": 60}, "per decade needs order 3",
         {"order": 3}),
        ("rc_lowpass", {"cutoff_hz": -5}, "makes no sense", {}),
        ("rc_lowpass", {"cutoff_hz": 1e3, "resistance": 1e3, "capacitance": 1e-6}, "corner at 159.2 Hz", {}),
        ("rc_lowpass", {}, "needs its cutoff frequency", {}),
        ("rc_lowpass", {"cutof_hz": 1e3}, "did you mean cutoff_hz?", {}),
        ("rc_lowpass", {"cutoff_hz": "1k"}, "has to be a number", {}),
        ("rc_lowpass", {"cutoff_hz": float("nan")}, "has to be a number", {}),
        ("rc_lowpass", {"cutoff_hz": 1e3, "stop_hz": 500.0, "stop_db": 20}, "isn't above 1 kHz", {}),
        ("active_lowpass", {"cutoff_hz": 1e3, "order": 2, "stop_hz": 1e4, "stop_db": 60}, "needs order 4",
         {"order": 4}),
        ("active_lowpass", {"cutoff_hz": 1e3, "stop_db": 60}, "the frequency where it holds is missing", {}),
        ("active_lowpass", {"cutoff_hz": 100e6}, "an LC filter works there", {}),
        ("active_lowpass", {"cutoff_hz": 1e3, "gain": 10, "gain_db": 10}, "is 20.00 dB, not 10 dB", {}),
        ("active_lowpass", {"cutoff_hz": 1e3, "gain_db": -6, "topology": "sallen-key"}, "doesn't attenuate",
         {"topology": "multiple feedback"}),
        ("active_lowpass", {"pass_hz": 2e3, "cutoff_hz": 1e3, "max_loss_db": 1}, "3 dB down by definition", {}),
        ("active_bandpass", {"low_hz": 2e3, "high_hz": 1e3}, "isn't below", {}),
        ("active_bandpass", {"center_hz": 1e3, "q": 10, "bandwidth_hz": 500.0}, "a bandwidth of 100 Hz", {}),
        ("active_bandpass", {"center_hz": 1e3, "q": 10, "order": 3}, "even number of poles", {"order": 4}),
        ("lc_lowpass", {"cutoff_hz": 1e6, "order": 4, "response": "chebyshev"}, "an odd order", {"order": 5}),
        ("voltage_divider", {"input_v": 5.0, "output_v": 9.0}, "needs a boost converter", {}),
        ("attenuator", {"loss_db": 3.0, "impedance_ohm": 75.0, "output_ohm": 50.0}, "at least 5.72 dB",
         {"loss_db": 5.8}),
        ("matching_network", {"frequency_hz": 1e7, "load_ohm": 1e3, "q": 8.0}, "a pi or T section", {"topology": "pi"}),
        ("rc_delay", {"rise_time_s": 1e-6, "time_constant_s": 1e-6}, "one RC can't have both", {}),
        ("rc_delay", {"delay_s": 0.1, "threshold_v": 7.0}, "never", {}),
        ("crossover", {"crossover_hz": 3e3, "order": 3, "response": "linkwitz-riley"}, "order 2 or 4", {"order": 4}),
    ],
)  # fmt: skip
def test_what_can_not_be_is_told_with_its_reason(kit: str, plan: Plan, says: str, best: Plan) -> None:
    found = fit(kit, plan)
    assert (found.ok, found.text, found.runs) == (False, "", 0)
    assert says in found.reason
    assert found.best == best


def test_a_failed_fit_says_what_is_missed_and_keeps_the_best() -> None:
    found = fit(
        "active_lowpass", {"cutoff_hz": 3400.0, "order": 8, "ripple_db": 0.05, "resistors": "E12"}, Budget(runs=2)
    )
    assert not found.ok
    assert "variation in the pass band" in found.reason
    assert found.runs <= 2
    assert "@expect" in found.text


def test_a_kit_is_described_for_models_and_people() -> None:
    for name in KITS:
        kit = load(name)
        assert kit.name == name
        assert kit.examples, name
        json.dumps(schema(kit))
    with pytest.raises(Impossible, match="did you mean rc_lowpass"):
        load("rc_lowpas")


def test_decks_carry_what_readers_expect() -> None:
    text = fit("active_lowpass", {"cutoff_hz": 1e3, "gain": 2.0}).text
    deck = parse(Snapshot(text), title=True)
    words = {word.low for card in deck.cards if card.kind == "device" for word in card.words}
    assert {"in", "out", "0"} <= words
    assert text.startswith("Sallen-Key Butterworth low-pass, order 2, 1 kHz\n")
    assert text.rstrip().endswith(".end")
