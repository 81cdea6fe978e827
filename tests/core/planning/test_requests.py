"""How people ask for circuits: what is read out of whole requests, which kit they mean, what binds beyond numbers."""

import pytest

from kiki_core.planning import constraints
from kiki_core.planning.constraints import Made
from kiki_core.planning.kinds import choices
from kiki_core.planning.quantities import read
from kiki_core.planning.roles import labelled
from kiki_core.planning.slots import filled
from kiki_core.planning.wording import without_equations
from kiki_tools.spice.kits import KITS, load
from kiki_tools.spice.kits.model import Design, Variable


@pytest.mark.parametrize(
    ("text", "kit", "slots"),
    [
        ("−10 V → 0 V, 0 V → 1.65 V and +10 V → 3.3 V for an ADC", "level_shifter",
         {"in_min": -10, "in_max": 10, "out_min": 0, "out_max": 3.3}),
        ("map 4..20 mA across 250 ohm into 0..3.3 V", "level_shifter", {"in_min": 1, "in_max": 5, "out_max": 3.3}),
        ("convert 0-5 V to 4-20 mA", "current_loop", {"v_min": 0, "v_max": 5, "i_min": 4e-3, "i_max": 20e-3}),
        ("notch at 100 Hz, 35 dB, less than 1 dB of loss at 50 Hz and at 200 Hz", "active_notch", {"stop_db": 35}),
        ("non-inverting amp x100, within 1 dB from 20 Hz to 20 kHz", "noninverting_amplifier", {"gain": 100}),
        ("ganancia de tensión de 10 a 1 kHz, fuente común, 12 V", "common_source", {"gain": 10, "supply": 12}),
        ("differential pair gain 40 ±5V tail 0.5mA", "differential_pair", {"gain": 40, "supply": 5}),
        ("common emitter gain 50 Vcc=9V Rl=10k Ic=1mA fL=50Hz", "common_emitter",
         {"gain": 50, "supply": 9, "load": 1e4, "current": 1e-3, "f_low": 50}),
        ("boost 12V to 24V 0.5A ripple 100mVpp", "boost_converter", {"current": 0.5, "ripple": 0.1}),
        ("buck 12 V to 5 V 3 A, inductor ripple current 30 %", "buck_converter", {"ripple_current": 0.9}),
        ("boost converter 12V to 48V 96 W", "boost_converter", {"current": 2}),
        ("LC low-pass for a 75 ohm line, 5 MHz", "lc_lowpass", {"source_ohm": 75}),
        ("passive Butterworth high-pass 3.5 kHz for an 8 ohm tweeter, 2nd order", "lc_highpass",
         {"source_ohm": 0, "load_ohm": 8}),
        ("integrator: gain 1 at 1 kHz, a gain of 100 at DC", "integrator", {"f_unity": 1e3, "dc_gain": 100}),
        ("integrator: 1 V input should ramp 100 V/s", "integrator", {"time_constant": 0.01}),
        ("divider 10:1 with an input resistance of 1 MΩ", "voltage_divider", {"ratio": 0.1, "current_a": 1e-5}),
        ("minimum loss pad from 75 ohm to 50 ohm", "attenuator", {"loss_db": 5.72}),
        ("RC delay of 100 ms on 3.3 V until threshold 2 V", "rc_delay", {"threshold_v": 2, "supply_v": 3.3}),
        ("comparator: high above 2.6 V, low below 2.4 V, 5 V supply", "hysteresis_comparator",
         {"v_low": 2.4, "v_high": 2.6}),
        ("low-side switch for a 12 ohm heater on 24 V, gate driven with 10 V", "load_switch",
         {"load_ohm": 12, "supply": 24, "drive": 10}),
        ("Zener 5.1 V from 9..15 V, 10 mA load", "zener_regulator", {"vin_min": 9, "vin_max": 15, "vin": 12}),
        ("an LED that blinks twice a second with a 555", "astable_555", {"frequency": 2}),
        ("bass boost: +9 dB at 30 Hz, 0 dB from 2 kHz on", "shelf",
         {"boost_db": 9, "boost_hz": 30, "flat_hz": 2000}),
        ("I have an inverting op amp with Rin = 10k and Rf = 100 kΩ. Double the gain.", "inverting_amplifier",
         {"gain": 20, "input_resistance": 1e4}),
        ("active low-pass, third order, 1 kHz, on a single 5 V supply", "active_lowpass", {"rails": "single"}),
        ("rectify with a centre tap 2x12V 50 Hz, 1 A", "rectifier", {"vac": 12, "current": 1}),
        ("RL low-pass with a 10 mH choke, -3 dB should land at 5k6", "rl_lowpass", {"cutoff_hz": 5600}),
        ("5-pole Bessel LP, 3k3 (-3dB), op amps", "active_lowpass", {"cutoff_hz": 3300, "order": 5}),
        ("passive LC low-pass, 50 Ω source and load, loss ≤ 1 dB from 1 MHz to 30 MHz", "lc_lowpass",
         {"pass_hz": 30e6, "max_loss_db": 1}),
        ("12 V -> 5.1 V at 2.5 A, 500 kHz", "buck_converter", {"vin": 12, "output": 5.1, "frequency": 500e3}),
        ("±2.5 V in, 0.5 to 4.5 V out, op-amp on 5 V", "level_shifter",
         {"in_min": -2.5, "in_max": 2.5, "out_min": 0.5, "out_max": 4.5}),
        ("inverting attenuator, gain -0.25, TL072 on +/-15", "inverting_amplifier", {"gain": -0.25, "supply": 15}),
        ("low-pass of two RC sections, 2 kHz", "rc_lowpass", {"order": 2, "cutoff_hz": 2e3}),
        ("3.3 V LDO from 5 V, 500 mA, dip below 50 mV for a 400 mA step", "linear_regulator",
         {"current": 0.5, "load_step": 0.4, "dip": 0.05}),
        ("Passe-bas RC, charge de 10 kΩ : coupure (−3 dB, charge comprise) à 1 kHz, au plus 1 dB de perte en continu",
         "rc_lowpass", {"cutoff_hz": 1e3, "dc_loss_db": 1}),
        ("active band-pass, -3 dB at 70 Hz and 700 Hz, 40 dB/decade on both sides", "active_bandpass", {"order": 4}),
        ("three cascaded RC sections, -3 dB at 1 kHz, PWM at 62.5 kHz must be ≥ 60 dB down. No op-amps, no coils.",
         "rc_lowpass", {"order": 3, "cutoff_hz": 1e3, "stop_hz": 62.5e3, "stop_db": 60}),
        ("active high-pass: above 1 kHz (up to 20 kHz) within 0.5 dB, everything under 250 Hz at least 50 dB lower",
         "active_highpass", {"pass_hz": 1e3, "pass_end_hz": 20e3, "stop_hz": 250, "stop_db": 50}),
        ("aktiver Tiefpass, −3 dB bei 3 Hz, der 50-Hz-Brumm muss um mindestens 60 dB gedämpft werden",
         "active_lowpass", {"cutoff_hz": 3, "stop_hz": 50, "stop_db": 60}),
        ("active notch at 1 kHz, 25 dB, -3 dB points 905 and 1105 Hz", "active_notch",
         {"low_hz": 905, "high_hz": 1105}),
        ("L match from 50 Ω to 1 kΩ at 10.7 MHz, in the high-pass form so that DC is blocked", "matching_network",
         {"form": "highpass", "source_ohm": 50, "load_ohm": 1e3}),
        ("FM pre-emphasis 50 µs, op amp: 0 dB at 100 Hz, +3 dB at 3.18 kHz, +10.4 dB at 10 kHz", "shelf",
         {"boost_db": 10.4, "boost_hz": 10e3, "mid_db": 3, "mid_hz": 3180, "flat_hz": 100}),
        ("match 50 Ω -> 5 Ω, centre 100 MHz: two cascaded L sections, mismatch loss below 0.3 dB from 90 to 110 MHz",
         "matching_network", {"sections": 2, "band_low_hz": 90e6, "band_high_hz": 110e6, "band_loss_db": 0.3}),
        ("LC band-pass, 144-146 MHz with no more than 1 dB of loss, 108 MHz and lower at least 40 dB down, 50 Ω",
         "lc_bandpass", {"low_hz": 144e6, "high_hz": 146e6, "max_loss_db": 1, "stop_low_hz": 108e6, "stop_db": 40}),
        ("Line driver +12 dB into 600 Ω, 20 Hz - 20 kHz within 0.5 dB, single 12 V supply, AC coupled", "ac_amplifier",
         {"load_ohm": 600, "f_low": 20, "f_high": 20e3, "max_loss_db": 0.5}),
        ("PWM filter without op-amps or inductors, cutoff 500 Hz", "rc_lowpass", {"cutoff_hz": 500}),
    ],
)  # fmt: skip
def test_a_request_fills_its_kit(text: str, kit: str, slots: dict[str, float | str]) -> None:
    labels = labelled(text)
    assert choices(text, labels, KITS)[0].name == kit
    plan = filled(load(kit), text, labels).plan
    found = {name: plan.get(name) for name in slots}
    words = {name: value for name, value in slots.items() if isinstance(value, str)}
    assert {name: found.pop(name) for name in words} == words
    assert found == pytest.approx({name: value for name, value in slots.items() if name not in words}, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "kit"),
    [
        ("damped LC input filter for a 200 kHz buck, 40 dB", "lc_supply_filter"),
        ("inverting Schmitt trigger, 1 V and 2 V", "hysteresis_comparator"),
        ("amplifier for a load cell, gain 500", "instrumentation_amplifier"),
        ("déphasage de -90° à 2 kHz, ampli op", "allpass"),
        ("everything above 500 Hz at least 40 dB down, 100 Hz may lose 1 dB, op-amps", "active_lowpass"),
        ("multiply by minus three (op amp)", "inverting_amplifier"),
        ("555 as a 10 s timer, 9 V", "monostable_555"),
        ("inverter 5 V to -12 V 100 mA", "buck_boost_converter"),
        ("high-pass for the tweeter of my crossover, 8 ohm, LC, 3 kHz", "lc_highpass"),
        ("LM317 as a 5 V supply from 9 V", "adjustable_regulator"),
        ("precision full-wave rectifier with op amps, 2 V peak", "precision_rectifier"),
    ],
)
def test_the_circuit_that_is_meant_comes_first(text: str, kit: str) -> None:
    assert choices(text, labelled(text), KITS)[0].name == kit


@pytest.mark.parametrize("text", [
    "flyback 24 V 1 A", "boost driver for five LEDs",
])  # fmt: skip
def test_no_near_kit_stands_in_for_a_circuit_without_one(text: str) -> None:
    assert choices(text, labelled(text), KITS) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("current mirror 1:4", [0.25]), ("divide by 1/10", [0.1]), ("a 1/4 W part", [0.25]),
        ("2x12V", [2.0, 12.0]), ("2 x 3 mm", [2e-3, 3e-3]), ("gain of minus 0.5", [-0.5]),
        ("5 times per second", [5.0]), ("dos veces por segundo", [2.0]), ("50 ohm to 1 k", [50.0, 1e3]),
        ("amplify by minus three, please", [-3.0]),
        ("2k2 to 3V3", [2200.0, 3.3]), ("a 32,768 kHz crystal", [32768.0]), ("R1 1k R2 330 ohms", [1e3, 330.0]),
        ("1 THz", [1e12]), ("5 nV/√Hz", [5e-9]), ("audio: ×6", [6.0]),
    ],
)  # fmt: skip
def test_numbers_in_other_forms(text: str, values: list[float]) -> None:
    assert [one.value for one in read(text)] == pytest.approx(values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Vout = -(2 V1 + 3 V2)", "inverting summing amplifier with gains 2 and 3"),
        ("Vout = 5*(V2 - V1) with op amps", "difference amplifier with gain 5 with op amps"),
        ("Sensor ±0.5 V, Vout = 1.65 V − 2·Vin", "Sensor ±0.5 V, -0.5 V -> 2.65 V and 0.5 V -> 0.65 V"),
        ("Vout = 3*Vin + 2.5 V, input ±400 mV", "-0.4 V -> 1.3 V and 0.4 V -> 3.7 V, input ±400 mV"),
        ("Vout = 2 Vin + 1 V", "Vout = 2 Vin + 1 V"),
        ("Vout = 5 V", "Vout = 5 V"),
    ],
)
def test_equations_are_words(text: str, said: str) -> None:
    assert without_equations(text) == said


def made(kit: str, deck: str, plan: dict | None = None, title: str = "") -> Made:
    return Made(kit, plan or {}, title, f"title\n{deck}\n.end\n", {"R1": 10e3, "C1": 10e-9})


@pytest.mark.parametrize(
    ("text", "of", "missed"),
    [
        ("low-pass without inductors", made("lc_lowpass", "L1 in out 1m"), ["no inductor"]),
        ("low-pass without inductors", made("rc_lowpass", "R1 in out 1k"), []),
        ("on a single supply", made("inverting_amplifier", "Vee vee 0 -12"), ["a single supply"]),
        ("on a single supply", made("inverting_amplifier", "Vcc vcc 0 12"), []),
        ("6 dB T-pad", made("attenuator", "R1 a b 1", {"topology": "pi"}), ["a T section"]),
        ("fifth-order low-pass", made("active_lowpass", "R1 a b 1", {"order": 3}), ["order 5"]),
        ("parts of E6 only", made("rc_lowpass", "R1 a b 1"), []),
        ("JFET stage", made("common_source", "M1 d g s s MN"), ["a JFET"]),
        ("square wave with two transistors", made("relaxation_oscillator", "XU1 a b c d e OPAMP"), ["transistors"]),
        ("adjustable supply", made("linear_regulator", "R1 a b 1"), ["adjustable"]),
        ("state variable filter", made("state_variable", "R1 a b 1"), []),
        ("5 V from a 9 V AC transformer", made("linear_regulator", "R1 a b 1"), ["an AC input"]),
        ("Sallen-Key low-pass", made("active_lowpass", "R1 a b 1", title="multiple feedback low-pass"),
         ["a Sallen-Key stage"]),
    ],
)  # fmt: skip
def test_what_binds_beyond_numbers_is_missed_by_name(text: str, of: Made, missed: list[str]) -> None:
    assert constraints.unheeded(text, of) == missed


def test_parts_come_from_the_series_that_is_named() -> None:
    design = Design(
        "d", lambda _: "", (Variable("R1", 1e3, 1, 1e6, "E96", "E192"), Variable("C1", 1e-9, 1e-12, 1, "E12")), ()
    )
    both = constraints.of_series(design, "with E24 values")
    resistors = constraints.of_series(design, "E24 resistors please")
    assert [each.series for each in both.variables] == ["E24", "E24"]
    assert [each.series for each in resistors.variables] == ["E24", "E12"]
    assert all(each.finer is None for each in both.variables)


def test_a_named_transistor_stands_in_the_deck() -> None:
    design = Design("d", lambda _: "d\nQ1 c b e QN\n.model QN NPN(BF=300)\n.end\n", (), ())
    deck = constraints.with_parts(design, "common emitter with a BC547B").template({})
    assert "Q1 c b e BC547\n" in deck
    assert ".model BC547 NPN(" in deck
    assert constraints.with_parts(design, "common emitter").template({}) == design.template({})
