"""Transistor stages, op-amp circuits and switches: a plan in, a deck out that ngspice finds to do what was asked."""

import numpy as np
import pytest
from kit_runs import complaints, fit, simulated

STAGES = [
    ("common_emitter", {"gain": 50}, {"gain": 50, "ic": 1e-3}),
    ("common_emitter", {"gain_db": 20, "supply": 5, "current": 2e-3, "load": 10e3}, {"gain_db": 20, "ic": 2e-3}),
    ("emitter_follower", {"load": 600, "current": 5e-3, "supply": 9}, {"ie": 5e-3}),
    ("common_base", {"gain": 20}, {"gain": 20}),
    ("common_source", {"gain": 10, "current": 2e-3}, {"gain": 10, "id": 2e-3}),
    ("source_follower", {"current": 5e-3, "load": 1e3}, {"id": 5e-3}),
    ("differential_pair", {"gain": 100}, {"gain": 100, "itail": 1e-3}),
    ("current_mirror", {"current": 1e-3}, {"i_out": 1e-3}),
    ("current_mirror", {"current": 5e-4, "supply": 5, "kind": "source"}, {"i_out": 5e-4}),
    ("current_mirror", {"current": 5e-3, "supply": 5, "ratio": 10}, {"i_out": 5e-3}),
    ("load_switch", {"current": 2}, {"i_on": 2}),
    ("load_switch", {"current": 0.1, "supply": 5}, {"i_on": 0.1}),
    ("load_switch", {"current": 1, "drive": 5, "transistor": "darlington"}, {"i_on": 1}),
    ("relay_driver", {"coil_resistance": 400}, {"i_coil": 0.03}),
    ("led_driver", {"supply": 12, "led_voltage": 3.1, "count": 3}, {"i_led": 0.02}),
    ("led_driver", {"current": 0.35, "led_voltage": 3.2, "transistor": "mosfet"}, {"i_led": 0.35}),
    ("inverting_amplifier", {"gain": -10, "input_resistance": 10e3}, {"gain": 10, "rin": 10e3}),
    ("noninverting_amplifier", {"gain_db": 40, "bandwidth": 1e5}, {"gain_db": 40}),
    ("voltage_follower", {"bandwidth": 1e6, "amplitude": 5}, {"vpeak": 5}),
    ("summing_amplifier", {"gain1": 1, "gain2": 2, "gain3": 5}, {"gain1": 1, "gain2": 2, "gain3": 5}),
    ("difference_amplifier", {"gain": 5, "cmrr_db": 60}, {"gain": 5}),
    ("instrumentation_amplifier", {"gain": 100, "cmrr_db": 80}, {"gain": 100}),
    ("ac_amplifier", {"gain": 100, "f_low": 20, "f_high": 20e3}, {"gain": 100, "f_high": 20e3, "vbias": 2.5}),
    ("level_shifter", {"in_min": -10, "in_max": 10, "out_max": 3.3}, {"slope": 0.165}),
    ("level_shifter", {"in_min": 1, "in_max": 2, "out_max": 3}, {"slope": 3}),
    ("level_shifter", {"in_min": 0, "in_max": 10, "out_min": 3, "out_max": 0.3, "f_high": 1e3}, {"slope": 0.27}),
    ("integrator", {"time_constant": 1e-3}, {"tau": 1e-3}),
    ("differentiator", {"f_unity": 1e3}, {"gain": 1}),
    ("transimpedance_amplifier", {"transimpedance": 1e6, "bandwidth": 1e5}, {"gain": 1e6}),
    ("hysteresis_comparator", {"v_low": 1, "v_high": 2}, {"v_low": 1, "v_high": 2}),
    ("hysteresis_comparator", {"threshold": 1.65, "hysteresis": 0.2, "supply": 3.3, "kind": "noninverting"},
     {"v_low": 1.55, "v_high": 1.75}),
    ("precision_rectifier", {"amplitude": 2, "frequency": 50}, {"v_plus": 1, "v_minus": 1, "v_mean": 4 / np.pi}),
    ("precision_rectifier", {"kind": "half"}, {"v_plus": 0.5, "v_mean": 1 / np.pi}),
    ("voltage_to_current", {"current": 0.02, "v_in": 2}, {"i_out": 0.02, "i_half": 0.01}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "plan", "measured"), STAGES)
async def test_a_stage_measures_what_was_asked(name, plan, measured) -> None:
    found = await fit(name, **plan)
    assert found.ok, found.reason
    assert not complaints(found.text)
    for measure, value in measured.items():
        assert found.measured[measure] == pytest.approx(value, rel=0.12), measure


@pytest.mark.parametrize(
    ("name", "plan", "words"),
    [
        ("common_emitter", {"gain": 1000}, "318 at most"),
        ("common_source", {"gain": 500}, "at most"),
        ("emitter_follower", {"load": 10, "current": 1e-3}, "gain is 0.279"),
        ("differential_pair", {"gain": 5000}, "at most"),
        ("current_mirror", {"current": 1e-3, "supply": 5, "output_voltage": 0.1}, "needs"),
        ("load_switch", {"current": 1, "transistor": "bjt"}, "too much for a small transistor"),
        ("load_switch", {"current": 2, "transistor": "mosfet", "drive": 1.8}, "2.8 V of drive"),
        ("relay_driver", {"supply": 24, "current": 2, "coil_resistance": 400}, "give 60 mA"),
        ("led_driver", {"led_voltage": 3.2, "count": 2}, "1 in series fit"),
        ("inverting_amplifier", {"gain": 100, "amplitude": 1}, "beyond the supply"),
        ("noninverting_amplifier", {"gain": 0.5}, "by 1 at least"),
        ("noninverting_amplifier", {"gain": 1000, "bandwidth": 10e6}, "gain-bandwidth product"),
        ("level_shifter", {"in_min": 2, "in_max": 1, "out_max": 3}, "two different ends"),
        ("level_shifter", {"in_min": 0, "in_max": 1, "out_max": 12}, "can't give"),
        ("integrator", {}, "not given"),
        ("transimpedance_amplifier", {"transimpedance": 1e8, "bandwidth": 1e7}, "less transimpedance"),
        ("hysteresis_comparator", {"v_low": 3, "v_high": 2}, "has to lie above"),
        ("hysteresis_comparator", {"v_low": 3, "v_high": 7}, "between 0 and the supply"),
        ("voltage_to_current", {"current": 1, "load": 50}, "218 mA is the most"),
    ],
)
async def test_what_cannot_be_is_told_with_its_reason(name, plan, words) -> None:
    found = await fit(name, **plan)
    assert not found.ok
    assert not found.text
    assert words in found.reason


async def test_the_corner_of_a_common_emitter_stage_is_where_its_own_data_say() -> None:
    found = await fit("common_emitter", gain=30, f_low=100)
    ac = next(each for each in (await simulated(found.text)).analyses if each.kind == "ac")
    gain = np.abs(ac.vectors["v(out)"].values)
    frequency = np.abs(ac.vectors["frequency"].values)
    middle = np.interp(10e3, frequency, gain)
    assert middle == pytest.approx(30, rel=0.06)
    assert np.interp(100, frequency, gain) >= middle / np.sqrt(2)


async def test_a_relay_without_its_diode_fails_its_own_expectations() -> None:
    found = await fit("relay_driver", coil_resistance=400)
    broken = await simulated(found.text.replace("D1 out vcc DFLY\n", ""))
    assert not broken.ok
    assert any("v_peak" in each.text and not each.ok for each in broken.expectations)


async def test_a_deck_of_another_gain_fails_its_own_expectations() -> None:
    found = await fit("noninverting_amplifier", gain=11)
    again = await simulated(found.text)
    assert again.ok
    r1 = next(line for line in found.text.splitlines() if line.startswith("R1 "))
    assert not (await simulated(found.text.replace(r1, "R1 inn 0 1meg"))).ok
