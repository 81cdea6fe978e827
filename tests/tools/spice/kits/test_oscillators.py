"""Oscillators and timers: they start, and run at the frequency that was asked for."""

import pytest
from kit_runs import complaints, fit, simulated

from kiki_tools.spice import waveform

OSCILLATORS = [
    ("wien_oscillator", {"frequency": 1e3, "amplitude": 3}, {"frequency": 1e3, "amplitude": 3}),
    ("phase_shift_oscillator", {"frequency": 500}, {"frequency": 500}),
    ("relaxation_oscillator", {"frequency": 1e4, "supply": 5}, {"frequency": 1e4}),
    ("ring_oscillator", {"frequency": 50e6, "stages": 7, "supply": 1.8}, {"frequency": 50e6}),
    ("colpitts_oscillator", {"frequency": 1e6}, {"frequency": 1e6}),
    ("hartley_oscillator", {"frequency": 7e6}, {"frequency": 7e6}),
    ("crystal_oscillator", {"frequency": 8e6, "load_capacitance": 18e-12}, {"frequency": 8e6}),
    ("crystal_oscillator", {"frequency": 32768}, {"frequency": 32768}),
    ("astable_555", {"frequency": 1e3}, {"frequency": 1e3, "duty": 60}),
    ("astable_555", {"frequency": 38e3, "duty": 33, "supply": 9}, {"frequency": 38e3, "duty": 33}),
    ("monostable_555", {"pulse": 1.0}, {"pulse": 1}),
    ("astable_multivibrator", {"frequency": 20e3, "duty": 30}, {"frequency": 20e3, "duty": 30}),
    ("monostable_multivibrator", {"pulse": 1e-3}, {"pulse": 1e-3}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "plan", "measured"), OSCILLATORS)
async def test_it_runs_as_it_was_asked_to(name, plan, measured) -> None:
    found = await fit(name, **plan)
    assert found.ok, found.reason
    assert not complaints(found.text)
    for measure, value in measured.items():
        assert found.measured[measure] == pytest.approx(value, rel=0.12 if measure == "amplitude" else 0.08), measure


@pytest.mark.parametrize(
    ("name", "plan", "words"),
    [
        ("ring_oscillator", {"frequency": 1e6, "stages": 4}, "an odd number oscillates"),
        ("ring_oscillator", {"frequency": 1e9, "stages": 31}, "take fewer stages"),
        ("wien_oscillator", {"frequency": 1e3, "amplitude": 20}, "more than the supply"),
        ("colpitts_oscillator", {"frequency": 200e6, "inductance": 1e-6}, "the transistor's own capacitance"),
        ("crystal_oscillator", {"frequency": 8e6, "load_capacitance": 3e-12}, "strays"),
        ("astable_555", {"frequency": 1e3, "duty": 99}, "out of reach"),
        ("astable_multivibrator", {"frequency": 1e3, "duty": 95}, "too far from one half"),
        ("monostable_multivibrator", {"pulse": 1e-7}, "too short"),
    ],
)
async def test_what_cannot_be_is_told_with_its_reason(name, plan, words) -> None:
    found = await fit(name, **plan)
    assert not found.ok
    assert not found.text
    assert words in found.reason


async def test_the_frequency_is_that_of_the_waveform() -> None:
    found = await fit("relaxation_oscillator", frequency=1e3)
    tran = (await simulated(found.text)).analyses[0]
    measured = waveform.oscillation_frequency(tran.vectors["time"].values, tran.vectors["v(out)"].values)
    assert measured == pytest.approx(1e3, rel=0.02)


@pytest.mark.parametrize("frequency", [455e3, 1.8e6])
async def test_a_hartley_oscillators_output_is_a_sine_of_its_frequency(frequency) -> None:
    found = await fit("hartley_oscillator", frequency=frequency)
    tran = (await simulated(found.text)).analyses[0]
    t, v = waveform.settled(tran.vectors["time"].values, tran.vectors["v(out)"].values)
    assert waveform.oscillation_frequency(t, v) == pytest.approx(frequency, rel=0.03)


async def test_a_wien_bridge_with_too_little_gain_fails_its_own_expectations() -> None:
    found = await fit("wien_oscillator", frequency=1e3)
    ra = next(line for line in found.text.splitlines() if line.startswith("RA "))
    assert not (await simulated(found.text.replace(ra, "RA inn d 5k"))).ok
