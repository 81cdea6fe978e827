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
    ("Bias a BC337 on 10 V for 10 mA: 1 V at the emitter, 6 V at the collector, four resistors", "transistor_bias",
     {"supply": 10, "current": 0.01, "emitter": 1, "collector": 6}),
    ("555 blinker: high for 0.8 s, low for 0.2 s, 6 V", "astable_555", {"frequency": 1, "duty": 80, "supply": 6}),
    ("555 Blinker an 9 V, 0,5 s ein und 1,5 s aus", "astable_555", {"frequency": 0.5, "duty": 25}),
    ("astable multivibrator with two transistors, 1 s on, 2 s off, 5 V", "astable_multivibrator",
     {"frequency": 1 / 3, "duty": 100 / 3, "supply": 5}),
    ("inverting level translator with a 2N7000, 12 V out of 5 V logic", "logic_inverter",
     {"drive": 5, "supply": 12, "transistor": "mosfet"}),
    ("boost 5 V to 15 V into 100 ohm, L = 100 uH", "boost_converter", {"current": 0.15, "inductance": 100e-6}),
    ("diviseur : 325 V donnent 3,0 V, les résistances ne doivent pas dissiper plus de 100 mW", "voltage_divider",
     {"input_v": 325, "output_v": 3, "current_a": 0.1 / 325}),
    ("divide 9 V by 3, at most 50 µA, E12", "voltage_divider", {"input_v": 9, "ratio": 1 / 3, "resistors": "E12"}),
    ("NPN driver for a 12 V relay with 360 Ω coil, 3.3 V GPIO, the transistor should drop less than 0.5 V",
     "relay_driver", {"supply": 12, "coil_resistance": 360, "drive": 3.3, "drop": 0.5}),
    ("protect a 3.3 V ADC pin with clamp diodes: 12 V may push the pin to 4 V at most, -5 V no lower than -0.7 V, a "
     "2 V signal must not be off by more than 20 mV", "input_protection",
     {"supply": 3.3, "amplitude": 12, "output_most": 4, "output_below": 0.7, "inside": 2, "error": 0.02}),
    ("MOSFET source follower, 12 V supply, loses at most 2 dB at 1 kHz into 470 ohm, input resistance 500k or more",
     "source_follower", {"gain": 10**-0.1, "load": 470, "input_resistance": 500e3}),
    ("inverting op-amp, gain -100, input resistance 100k, I may not use any resistor above 1 MΩ: a T network in the "
     "feedback", "inverting_amplifier", {"input_resistance": 100e3, "most_ohm": 1e6}),
    ("op amp + N-MOSFET + 0.1 Ω shunt constant-current sink, 1 A ±5 %, load is 5 Ω to +12 V", "voltage_to_current",
     {"current": 1, "sense": 0.1, "load": 5, "supply": 12}),
    ("7805, 9 V in, 5 V 500 mA out, 330 nF at the input, 100 nF at the output", "fixed_regulator",
     {"output": 5, "vin": 9, "current": 0.5, "input_f": 330e-9, "output_f": 100e-9}),
    ("Verpolschutz mit P-Kanal-MOSFET für 12 V, Last 6 Ω: höchstens 100 mV Abfall, −12 V dürfen nicht durch",
     "reverse_polarity", {"supply": 12, "load_ohm": 6, "drop": 0.1}),
    ("type II compensator: zero at 500 Hz, pole at 50 kHz, gain 10 (20 dB)", "type2_compensator",
     {"zero": 500, "pole": 50e3, "gain": 10}),
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
        (
            "constant-current sink of two NPNs and a sense resistor (no op amp), 100 mA, 24 V",
            "transistor_current_source",
        ),
        ("op-amp current sink 100 mA with an NPN transistor", "voltage_to_current"),
        ("voltage doubler for 12 V AC", "voltage_doubler"),
        ("12 V / 0.5 A from 16 V in: TL431 driving an NPN pass transistor", "tl431_pass"),
        ("décaleur de niveau inverseur à un seul transistor, entrée logique 1,8 V, sortie 5 V", "logic_inverter"),
        ("BC547 biased at 2 mA, amplifier with gain 20, 12 V", "common_emitter"),
        ("oscilador Clapp, 7 MHz", "clapp_oscillator"),
        ("555 one-shot, high for 0.8 s", "monostable_555"),
        ("T network that matches 50 ohm to 200 ohm at 10 MHz", "matching_network"),
        ("PNP current mirror, 1 mA from 12 V", "current_mirror"),
    ],
)
def test_words_choose_the_kit(text, name) -> None:
    assert choices(text, labelled(text), KITS)[0].name == name


def test_the_name_of_a_transistor_alone_names_no_circuit() -> None:
    text = "BC547 touch switch, 9 V"
    assert not choices(text, labelled(text), KITS)
