"""What keeps an analog answer from being called verified, and shares in words that become numbers."""

from __future__ import annotations

import pytest

from kiki_core.planning import constraints, contradictions
from kiki_core.planning.constraints import Made
from kiki_core.planning.roles import labelled, sections
from kiki_core.planning.shares import left_in, without_shares
from kiki_core.planning.slots import filled
from kiki_core.planning.unread import corner, guessed, others, unread
from kiki_tools.spice.kits import load


@pytest.mark.parametrize(
    ("text", "kit", "wish"),
    [
        ("buck converter 24 V to 3.3 V at 3 A, synchronous, ripple under 20 mV", "buck_converter", "synchronous"),
        ("stereo amplifier with gain 5", "noninverting_amplifier", "stereo"),
        ("LDO 5 V to 3.3 V with short-circuit protection", "linear_regulator", "with short-circuit protection"),
        ("notch at 50 Hz that can be switched off", "active_notch", "can be switched off"),
        ("low-pass 1 kHz, no ceramic capacitors", "rc_lowpass", "no ceramic capacitors"),
        ("bridge rectifier 12 V 1 A, fuse included", "rectifier", "fuse included"),
        ("RC-Tiefpass 1 kHz mit Schutzdiode", "rc_lowpass", "mit Schutzdiode"),
        ("filtre RC passe-bas 1 kHz avec protection contre les surtensions", "rc_lowpass",
         "avec protection contre les surtensions"),
    ],
)  # fmt: skip
def test_a_wish_that_nothing_read_is_told(text: str, kit: str, wish: str) -> None:
    assert unread(text, load(kit)) == [wish]


@pytest.mark.parametrize(
    ("text", "kit"),
    [
        ("a simple RC low-pass for my guitar pedal, 1 kHz, thanks", "rc_lowpass"),
        ("Sallen-Key low-pass, 1 kHz, unity gain, with TL072 op-amps on ±12 V", "active_lowpass"),
        ("I need a high-pass made of one resistor and one capacitor, corner at 16 Hz, please", "rc_highpass"),
        ("5 V from 9 V without any buck converter: a zener and a pass transistor", "zener_pass"),
    ],
)
def test_what_a_circuit_is_for_and_what_it_has_is_no_open_wish(text: str, kit: str) -> None:
    assert unread(text, load(kit)) == []


@pytest.mark.parametrize(
    ("text", "kit", "other"),
    [
        ("active low-pass 1 kHz followed by a comparator at 2.5 V", "active_lowpass", ["comparator"]),
        ("RC-Tiefpass 1 kHz, gefolgt von einem Impedanzwandler", "rc_lowpass", ["Impedanzwandler"]),
        ("divider 12 V to 4 V then a low-pass at 1 kHz", "voltage_divider", ["low-pass"]),
        ("voltage follower plus a low-pass at 10 kHz", "rc_lowpass", ["voltage follower"]),
        ("square wave at 10 kHz with an op amp or a comparator", "relaxation_oscillator", []),
        ("an LC input filter for a buck converter", "lc_supply_filter", []),
    ],
)
def test_another_circuit_behind_the_first_is_told(text: str, kit: str, other: list[str]) -> None:
    assert others(text, load(kit)) == other


def test_a_number_that_its_own_word_names_is_not_taken_silently() -> None:
    kit = load("noninverting_amplifier")
    plan = filled(kit, "op-amp gain 10 with offset of 1 mV", labelled("op-amp gain 10 with offset of 1 mV"))
    assert guessed("op-amp gain 10 with offset of 1 mV", kit, plan.sources.values()) == ["offset of 1 mV"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("threshold at half the supply of 12 V", "threshold at 6 V, supply of 12 V"),
        ("threshold at two thirds of Vcc, Vcc = 9 V", "threshold at 6 V, Vcc = 9 V"),
        ("a tenth of 1 kHz", "100 Hz"),
        ("cutoff ten times lower than 10 kHz", "cutoff 1 kHz"),
        ("low-pass 2 kHz, 20 dB at ten times the corner", "low-pass 2 kHz, 20 dB at 20 kHz"),
        ("low-pass 2 kHz, 40 dB a decade above the cutoff", "low-pass 2 kHz, 40 dB at 20 kHz"),
        ("a 7 MHz filter, the third harmonic 40 dB down", "a 7 MHz filter, the 21 MHz 40 dB down"),
        ("Schwelle bei der halben Versorgung, 12 V Versorgung", "Schwelle bei 6 V, 12 V Versorgung"),
        ("seuil à la moitié de l'alimentation de 12 V", "seuil à 6 V, alimentation de 12 V"),
        ("half-wave rectifier, 12 V", "half-wave rectifier, 12 V"),
        ("double the gain of 10", "double the gain of 10"),
    ],
)
def test_shares_become_numbers(text: str, said: str) -> None:
    assert without_shares(text) == said


def test_a_share_of_nothing_stated_is_left_and_found() -> None:
    text = without_shares("comparator that switches at a third of the supply")
    assert left_in(text) == "a third"


@pytest.mark.parametrize(
    ("text", "count"), [("two cascaded RC sections", 2), ("deux cellules RC", 2), ("one RC", None)]
)
def test_sections_in_words(text: str, count: int | None) -> None:
    assert sections(text) == count


@pytest.mark.parametrize(
    ("text", "deck", "missed"),
    [
        ("switch with a TIP120", "M1 d g 0 0 MPOW", ["the part TIP120"]),
        ("stage with BC547", "Q1 c b e BC547", []),
        ("buffer with a J201 or 2N5457", "J1 d g s 2N5457", []),
        ("a low-pass in one op-amp", "XU1 a b c d e OPAMP\nXU2 a b c d e OPAMP", ["one op-amp"]),
        ("with two op-amps", "XU1 a b c d e OPAMP\nXU2 a b c d e OPAMP", []),
    ],
)
def test_named_parts_and_their_number_are_looked_up(text: str, deck: str, missed: list[str]) -> None:
    made = Made("voltage_follower", {}, "", f"title\n{deck}\n.end\n", {})
    assert constraints.unheeded(text, made) == missed


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("notch 50 Hz and 100 Hz", ["center", "center"]),
        ("notch between 50 Hz and 100 Hz", ["f_low", "f_high"]),
        ("low-pass, ripple not above 1 dB up to 5 kHz, and 10 kHz must be down at least 30 dB", ["pass", "stop"]),
    ],
)
def test_two_frequencies_are_a_band_only_where_words_say_so(text: str, roles: list[str]) -> None:
    assert [each.role for each in labelled(text) if each.quantity.unit == "Hz"] == roles


def test_a_corner_that_became_an_edge_is_missed() -> None:
    text = "RC low-pass, 1 dB at most up to 1 kHz (the -3 dB corner is somewhere else)"
    assert corner(text, load("rc_lowpass"), {"pass_hz": 1e3}, labelled(text)) == ["-3 dB"]
    assert corner(text, load("rc_lowpass"), {"cutoff_hz": 1e3}, labelled(text)) == []


def test_a_linear_regulator_has_the_efficiency_of_its_voltages() -> None:
    text = "linear regulator, 24 V to 5 V, efficiency at least {} %"
    said = contradictions.found(text.format(85), labelled(text.format(85)), "linear_regulator")
    assert "at most Vout / Vin = 21 %" in said
    assert not contradictions.found(text.format(20), labelled(text.format(20)), "linear_regulator")


def test_what_is_refused_beside_another_is_refused_too() -> None:
    made = Made("lc_lowpass", {}, "", "title\nL1 in out 1m\n.end\n", {})
    assert constraints.unheeded("filter without op-amps or inductors", made) == ["no inductor"]


def test_nothing_turns_at_zero_hertz() -> None:
    text = "RC low-pass with a cutoff of 0 Hz"
    assert "can't be" in contradictions.found(text, labelled(text), "rc_lowpass")
