"""Numbers that only one kit's words tell apart: an inrush, a droop, treble, both ends of a sign."""

import pytest

from kiki_core.planning.kinds import choices
from kiki_core.planning.roles import labelled
from kiki_core.planning.slots import filled
from kiki_tools.spice.kits import KITS, load

PLANS = [
    ("soft start for a 24 V supply with 1000 uF, inrush current below 2 A", "soft_start",
     {"supply": 24, "capacitance": 1e-3, "current": 2}),
    ("Einschaltstrombegrenzung für 24 V, 4700 µF, höchstens 3 A", "soft_start", {"supply": 24, "current": 3}),
    ("inverting Schmitt trigger, ±15 V supplies, thresholds ±1 V", "hysteresis_comparator",
     {"supply": 15, "v_low": -1, "v_high": 1}),
    ("comparator with 100 mV hysteresis around 2.5 V, 5 V supply", "hysteresis_comparator",
     {"threshold": 2.5, "hysteresis": 0.1}),
    ("tone control, bass ±10 dB at 80 Hz, treble ±15 dB at 12 kHz, ±15 V supplies", "tone_control",
     {"bass_db": 10, "bass_hz": 80, "treble_db": 15, "treble_hz": 12e3, "supply": 15}),
    ("A-weighting network: 0 dB at 1 kHz, -19.1 dB at 100 Hz, 1 dB tolerance", "weighting_filter", {"gain_db": 0}),
    ("sample and hold with 10 us acquisition time and droop less than 5 mV in 1 ms", "sample_and_hold",
     {"acquisition": 10e-6, "droop": 5e-3, "hold": 1e-3}),
    ("log amplifier 1 V per decade from 10 mV to 10 V", "log_amplifier", {"slope": 1, "v_min": 0.01, "v_max": 10}),
    ("clamp a ±20 V signal to ±5 V", "clipper", {"level": 5, "amplitude": 20}),
    ("clipper at +3 V and -1.3 V for a 20 Vpp sine", "clipper", {"v_low": -1.3, "v_high": 3, "amplitude": 10}),
    ("protect a 3.3 V ADC input against 24 V, at most 2 mA", "input_protection",
     {"supply": 3.3, "amplitude": 24, "current": 2e-3}),
    ("LM317 supply adjustable from 1.25 V to 12 V, 16 V input, 500 mA", "variable_supply",
     {"v_low": 1.25, "v_high": 12, "vin": 16, "current": 0.5}),
    ("LM317 as a constant current source, 250 mA, 15 V in, load 20 ohms", "lm317_current_source",
     {"current": 0.25, "supply": 15, "load": 20}),
    ("Villard cascade, 6 stages, 5 V rms at 50 kHz, 1 mA", "voltage_multiplier",
     {"stages": 6, "vac": 5, "frequency": 50e3, "current": 1e-3}),
    ("Kaskode mit bipolaren Transistoren, 26 dB, 9 V, obere Grenzfrequenz mindestens 5 MHz", "cascode",
     {"gain_db": 26, "supply": 9, "f_high": 5e6}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "plan"), PLANS)
def test_every_number_of_a_request_finds_its_slot(text, name, plan) -> None:
    labels = labelled(text)
    assert choices(text, labels, KITS)[0].name == name
    found = filled(load(name), text, labels)
    assert {slot: found.plan.get(slot) for slot in plan} == pytest.approx(plan)
    assert not found.missing
    assert {each.index for each in labels} == found.used, "a number is left over"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5 mA sink using a BC547 and two diodes, 12 V supply", "transistor_current_source"),
        ("2N3904 stage with 20 dB on 12 V", "common_emitter"),
        ("JFET source follower, 1M input, 12V", "jfet_follower"),
        ("TL072 JFET-input op-amp, inverting, gain 10", "inverting_amplifier"),
        ("op-amp current sink 100 mA with an NPN transistor", "voltage_to_current"),
        ("voltage doubler for 12 V AC", "voltage_doubler"),
        ("PNP current mirror, 1 mA from 12 V", "current_mirror"),
    ],
)
def test_words_choose_the_kit(text, name) -> None:
    assert choices(text, labelled(text), KITS)[0].name == name


def test_the_name_of_a_transistor_alone_names_no_circuit() -> None:
    text = "BC547 touch switch, 9 V"
    assert not choices(text, labelled(text), KITS)
