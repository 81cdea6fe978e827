"""Supplies: rectifiers, regulators, converters and filters, measured by ngspice on the deck that the kit gives."""

import numpy as np
import pytest
from kit_runs import complaints, fit, simulated

from kiki_tools.spice import waveform

SUPPLIES = [
    ("rectifier", {"vac": 12, "current": 0.5, "ripple": 1}, {"i_load": 0.5}),
    ("rectifier", {"kind": "half", "output": 9, "current": 0.02, "ripple_percent": 5}, {"vout": 9}),
    ("rectifier", {"kind": "full", "vac": 9, "current": 1, "ripple": 0.5, "frequency": 60}, {"i_load": 1}),
    ("voltage_doubler", {"vac": 12}, {}),
    ("charge_pump", {}, {}),
    ("charge_pump", {"kind": "invert", "output": -4, "current": 5e-3}, {}),
    ("zener_regulator", {"output": 5.1, "vin": 12, "current": 0.02}, {"v_nominal": 5.1}),
    ("led_resistor", {"supply": 12, "current": 0.02, "led_voltage": 3.1, "count": 3}, {"current": 0.02}),
    ("linear_regulator", {"output": 3.3, "vin": 5, "current": 0.2, "dip": 0.05, "phase_margin": 60}, {"vout": 3.3}),
    ("current_limiter", {"current": 0.1}, {"i_short": 0.1}),
    ("lc_supply_filter", {"attenuation_db": 40, "frequency": 1e5}, {}),
    ("lc_supply_filter", {"corner": 5e3}, {"f_corner": 5e3}),
    ("rc_snubber", {"ring_frequency": 50e6, "voltage": 24}, {"v_end": 24}),
    ("buck_converter", {"vin": 12, "output": 5, "model": "averaged", "ripple_current": 0.4}, {"vout": 5, "vavg": 5}),
    ("boost_converter", {"vin": 3.3, "output": 5, "frequency": 1e6}, {"vout": 5}),
    ("buck_boost_converter", {"vin": 12, "output": -12, "current": 0.3, "frequency": 150e3}, {"vout": 12}),
]


@pytest.mark.parametrize(("name", "plan", "measured"), SUPPLIES)
async def test_a_supply_measures_what_was_asked(name, plan, measured) -> None:
    found = await fit(name, **plan)
    assert found.ok, found.reason
    assert not complaints(found.text)
    for measure, value in measured.items():
        assert found.measured[measure] == pytest.approx(value, rel=0.1), measure


@pytest.mark.parametrize(
    ("name", "plan", "words"),
    [
        ("rectifier", {"vac": 12, "current": 2, "ripple": 1e-3}, "put a regulator behind"),
        ("rectifier", {}, "neither the AC voltage nor the output"),
        ("voltage_doubler", {"vac": 12, "output": 60}, "twice the peak"),
        ("charge_pump", {"output": 9.9}, "a boost converter does"),
        ("zener_regulator", {"output": 12, "vin": 12}, "at least"),
        ("led_resistor", {"supply": 3.3, "led_voltage": 3.3}, "boost converter"),
        ("linear_regulator", {"output": 5, "vin": 5}, "the pass transistor needs 0.3 V"),
        ("linear_regulator", {"output": 5, "vin": 30, "current": 3}, "75 W into heat"),
        ("current_limiter", {"current": 5, "supply": 40}, "200 W"),
        ("lc_supply_filter", {"corner": 5e4, "attenuation_db": 60, "frequency": 1e5}, "40 dB a decade"),
        ("buck_converter", {"vin": 5, "output": 12}, "lies below its input"),
        ("boost_converter", {"vin": 12, "output": 5}, "lies above its input"),
        ("boost_converter", {"vin": 5, "output": 200}, "two stages or a transformer"),
        ("buck_converter", {"vin": 12, "output": 5, "ripple_current": 5}, "leaves continuous conduction"),
    ],
)
async def test_what_cannot_be_is_told_with_its_reason(name, plan, words) -> None:
    found = await fit(name, **plan)
    assert not found.ok
    assert not found.text
    assert words in found.reason


async def test_a_buck_converter_holds_its_output_in_its_own_data() -> None:
    found = await fit("buck_converter", vin=12, output=5, current=2, frequency=200e3, ripple=0.02)
    tran = (await simulated(found.text)).analyses[0]
    t, v = waveform.settled(*(tran.vectors[name].values for name in ("time", "v(out)")))
    assert waveform.mean(t, v) == pytest.approx(5, rel=0.03)
    assert waveform.peak_to_peak(v[-200:]) <= 0.02


async def test_a_boost_converter_starts_near_its_steady_state() -> None:
    found = await fit("boost_converter", vin=3.3, output=5, current=0.5, ripple=0.05)
    tran = (await simulated(found.text)).analyses[0]
    assert waveform.peak_to_peak(tran.vectors["v(out)"].values) <= 0.08  # the filter doesn't ring


async def test_a_regulators_phase_margin_is_that_of_its_loop() -> None:
    found = await fit("linear_regulator", output=5, vin=9, current=1)
    ac = next(each for each in (await simulated(found.text)).analyses if each.kind == "ac")
    loop = -ac.vectors["v(fb)"].values / ac.vectors["v(fi)"].values
    crossing = int(np.flatnonzero(np.abs(loop) >= 1)[-1])
    assert 180 + np.degrees(np.unwrap(np.angle(loop))[crossing]) == pytest.approx(found.measured["phase_margin"], abs=3)
