"""JFETs, currents, audio curves, radio, limits: a plan in, a deck out that ngspice finds to do what was asked."""

import math

import pytest
from kit_runs import complaints, fit

STAGES = [
    ("jfet_amplifier", {"gain": 5}, {"gain": 5, "id": 1e-3}),
    ("jfet_amplifier", {"gain_db": 20, "supply": 9, "part": "j201", "input_resistance": 1e6}, {"gain_db": 20}),
    ("jfet_follower", {"supply": 9, "part": "j201", "load": 100e3}, {"gain": 0.92}),
    ("jfet_current_source", {"current": 1e-3}, {"i_out": 1e-3}),
    ("cascode", {"gain": 20, "current": 5e-3, "f_high": 10e6, "f_low": 1e3}, {"gain": 20, "ic": 5e-3}),
    ("transistor_current_source", {"current": 0.02, "load": 220}, {"i_out": 0.02, "i_more": 0.02}),
    ("transistor_current_source", {"current": 5e-3, "supply": 9, "kind": "source", "reference": "led"},
     {"i_out": 5e-3}),
    ("lm317_current_source", {"current": 0.35, "load": 10}, {"i_out": 0.35, "i_low": 0.35}),
    ("variable_supply", {"v_low": 3, "v_high": 9, "current": 0.5}, {"v_low": 3, "v_high": 9}),
    ("hysteresis_comparator", {"v_low": -1, "v_high": 3, "supply": 12, "kind": "noninverting"},
     {"v_low": -1, "v_high": 3}),
    ("hysteresis_comparator", {"hysteresis": 0.5, "supply": 15, "rails": "dual"}, {"v_low": -0.25, "v_high": 0.25}),
    ("voltage_multiplier", {"vac": 12, "kind": "tripler", "current": 5e-3}, {"v_mean": 46}),
    ("soft_start", {"supply": 24, "capacitance": 1e-3, "current": 2}, {"v_end": 24, "i_inrush": 1.6}),
    ("soft_start", {"supply": 12, "capacitance": 470e-6, "rise_time": 0.02, "load_current": 1}, {"t_ramp": 0.0215}),
    ("tone_control", {"bass_db": 10, "treble_db": 6}, {"bass_up": 10, "bass_down": -10, "treble_up": 6}),
    ("weighting_filter", {}, {"db_100": -19.1, "db_8000": -1.1}),
    ("weighting_filter", {"kind": "c-weighting", "gain_db": 20}, {"db_32": 17, "db_8000": 17}),
    ("sample_and_hold", {"acquisition": 1e-6, "hold": 1e-4, "amplitude": 2, "accuracy": 0.5}, {"v_sampled": 2}),
    ("log_amplifier", {"slope": 0.5, "v_min": 1e-3, "v_max": 5, "supply": 15}, {"v_low": 0.925, "v_high": -0.925}),
    ("antilog_amplifier", {"slope": 0.5, "v_min": -0.5, "v_max": 1}, {"v_zero": 10**-0.5, "v_at_high": 0.01}),
    ("wilkinson_divider", {"frequency": 100e6}, {"split": -3.01, "split2": -3.01}),
    ("wilkinson_divider", {"frequency": 2.4e9, "topology": "lines"}, {"split": -3.01}),
    ("bias_tee", {"f_low": 1e6, "f_high": 1e9, "current": 0.2}, {"v_out": 4.9}),
    ("clipper", {"level": 5.1, "amplitude": 12}, {"v_top": 5.1, "v_bottom": -5.1}),
    ("input_protection", {"supply": 5, "amplitude": 50, "current": 1e-3, "cutoff": 1e3}, {"f_cut": 1e3}),
    ("rail_splitter", {"supply": 12, "current": 0.2}, {"v_out": 6}),
    ("gyrator", {"inductance": 0.1, "frequency": 10e3}, {"inductance": 0.1}),
    ("zero_crossing", {"amplitude": 2, "frequency": 1e3}, {"v_high": 5}),
    ("transistor_bias", {"supply": 10, "current": 0.01, "emitter": 1, "collector": 6}, {"v_e": 1, "v_c": 6}),
    ("logic_inverter", {"drive": 1.8, "supply": 5}, {"v_high": 5}),
    ("reverse_polarity", {"supply": 24, "current": 3, "drop": 0.15}, {}),
    ("fixed_regulator", {"output": 3.3, "vin": 5, "family": "1117", "current": 0.3}, {"vout": 3.3}),
    ("tl431_pass", {"output": 12, "vin": 16, "current": 0.5}, {"vout": 12, "v_low": 12}),
    ("clapp_oscillator", {"frequency": 7e6}, {"frequency": 7e6}),
    ("quadrature_oscillator", {"frequency": 1e3, "supply": 15}, {"frequency": 1e3, "quarter": 90}),
    ("type2_compensator", {"zero": 500, "pole": 50e3, "gain": 10}, {"gain_db": 19.9, "low_db": 40}),
    ("inverting_amplifier", {"gain": 100, "input_resistance": 100e3, "most_ohm": 1e6}, {"gain": 100, "rin": 100e3}),
    ("common_base", {"gain": 10, "input_resistance": 50, "load": 1e3, "supply": 9}, {"gain": 10, "rin": 50}),
    ("source_follower", {"supply": 12, "load": 470, "input_resistance": 1e6, "gain": 0.8}, {"rin": 1.07e6}),
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
        ("transistor_bias", {"emitter": 3, "collector": 2}, "above one another"),
        ("fixed_regulator", {"output": 5, "vin": 6}, "2 V more"),
        ("reverse_polarity", {"supply": 12, "current": 20, "drop": 0.05}, "in parallel"),
        ("voltage_to_current", {"current": 1, "sense": 0.1, "v_in": 12}, "not 1 A"),
        ("common_base", {"gain": 100, "input_resistance": 50, "load": 1e3}, "allows a gain"),
        ("boost_converter", {"vin": 5, "output": 12, "inductance": 1e-7}, "continuous conduction"),
        ("jfet_amplifier", {"gain": 200}, "at most"),
        ("jfet_current_source", {"current": 5e-3, "part": "j201"}, "Idss"),
        ("cascode", {"gain": 1000}, "at most"),
        ("transistor_current_source", {"current": 0.02, "load": 1e3}, "supply of 12 V"),
        ("lm317_current_source", {"current": 0.7, "output": 9.6}, "12 V are too little"),
        ("variable_supply", {"v_low": 0, "v_high": 9}, "1.25 V at least"),
        ("hysteresis_comparator", {"v_low": -3, "v_high": -1, "rails": "single"}, "don't lie between 0 and"),
        ("voltage_multiplier", {"vac": 12, "kind": "tripler", "output": 60}, "without any load"),
        ("voltage_multiplier", {"vac": 12, "kind": "tripler", "factor": 5}, "two different multipliers"),
        ("soft_start", {"capacitance": 2.2e-3, "rise_time": 1e-3, "current": 1}, "more than 1 A"),
        ("sample_and_hold", {"acquisition": 1e-6, "hold": 1, "droop": 1e-3}, "allow more time"),
        ("log_amplifier", {"v_min": 1e-4, "v_max": 10}, "decades"),
        ("clipper", {"v_low": 0, "v_high": 3.3}, "either side of ground"),
        ("gyrator", {"inductance": 1e-4, "frequency": 1}, "10 ohm to 10 Mohm"),
        ("zero_crossing", {"amplitude": 0.1, "error": 1e-6}, "comparator's offset"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_reason(name, plan, words) -> None:
    found = await fit(name, **plan)
    assert not found.text
    assert words in found.reason


async def test_a_weighting_is_that_of_the_standard() -> None:
    # IEC 61672-1:2013, table 3, at the nominal frequencies' exact values
    found = await fit("weighting_filter")
    for measure, level in (("db_32", -39.4), ("db_100", -19.1), ("db_2000", 1.2), ("db_8000", -1.1)):
        assert found.measured[measure] == pytest.approx(level, abs=0.4)


async def test_a_multiplier_has_a_diode_and_a_capacitor_for_each_crest() -> None:
    found = await fit("voltage_multiplier", vac=9, factor=4)
    cards = [line[0] for line in found.text.splitlines() if line[:1] in "CD" and line[1:2].isdigit()]
    assert cards.count("D") == cards.count("C") == 4
    assert found.measured["v_mean"] < 4 * 9 * math.sqrt(2)
