"""What the generators say and write: numbers, phrases, decks that compute their values, parts from the E series."""

from random import Random

import pytest

from kiki_core.training.data import numbers, wording, working_out
from kiki_core.training.data.building import DOMAINS, generator
from kiki_core.training.data.circuits import kinds
from kiki_core.training.data.firmware import KINDS as FIRMWARE
from kiki_core.training.data.firmware.program import part
from kiki_core.training.data.kicad_files import KINDS as KICAD
from kiki_core.training.data.model import LANGUAGES, slots
from kiki_core.training.data.phrases import phrases
from kiki_core.training.data.spice_sim import deck
from kiki_tools.language import Workspace
from kiki_tools.spice.service import SpiceService
from kiki_tools.text import Snapshot


@pytest.mark.parametrize(
    ("value", "text"), [(2000, "2k"), (4.7e-6, "4.7u"), (1e6, "1meg"), (1e-8, "10n"), (999.96, "1k"), (0.5, "500m")]
)
def test_a_value_as_decks_have_it(value, text):
    assert numbers.spice(value) == text


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("f = 1/(2*pi*10k*10n) = 1.59 kHz", "Hz", 1590),
        ("R = 12*51k/(12+51k) = 12 ohm", "ohm", 12),
        ("A = -30k/1.8k = -16.7", "", -16.7),
        ("I = 5/1k = 5 mA", "A", 5e-3),
        ("it is 3,3 µF", "F", 3.3e-6),
        ("no number here", "V", None),
    ],
)
def test_the_last_number_of_an_answer(text, unit, value):
    found = numbers.last_number(text, unit)
    assert found == (None if value is None else pytest.approx(value))


def test_small_letters_never_change_a_value():
    for seed in range(300):
        text = wording.asked(Random(seed), "a 2 MHz filter", "en")
        assert "2 MHz" in text


def test_a_german_title_stands_in_the_nominative():
    assert wording.bare("einen invertierenden Verstärker mit {db}") == "invertierender Verstärker mit {db}"
    assert wording.bare("eine LED mit {i}") == "LED mit {i}"


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_a_circuit_can_be_asked_for_in_each_language_and_its_deck_has_no_fault(kind):
    for of in LANGUAGES:
        for phrase in kind.asks[of]:
            circuit = kind.make(Random(1), slots(phrase))
            assert "{" not in wording.filled(Random(1), phrase, circuit, of)
    snapshot = Snapshot(deck("one", circuit), "/deck.cir")
    found = SpiceService().diagnostics(snapshot, Workspace({snapshot.path: snapshot}))
    assert [each.message for each in found if each.severity == "error"] == []


def test_firmware_and_kicad_files_can_be_asked_for_in_each_language():
    told = phrases("firmware")
    for name, make in FIRMWARE.items():
        program = next(made for seed in range(20) if (made := make(Random(seed), part("STM32F407VG"))) is not None)
        for of in LANGUAGES:
            for phrase in told[name][of]:
                assert slots(phrase) <= set(program.words), (name, phrase)
    for name, make in KICAD.items():
        made = make(Random(1))
        for of in LANGUAGES:
            for phrase in phrases("kicad")[name][of]:
                assert slots(phrase) <= set(made.words), (name, phrase)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_place_has_the_same_draft_each_time(domain):
    drafts = generator(domain)
    for place in (0, 7, 30):
        assert drafts.draft(Random(f"seed {place}"), place) == drafts.draft(Random(f"seed {place}"), place)


def test_a_deck_is_worked_out_with_parts_that_can_be_bought():
    body = (
        ".param f=2k C=10n\n.param R={1/(6.2832*f*C)}\nV1 in 0 AC 1\nR1 in out {R}\nC1 out 0 {C}\n.ac dec 10 1 {f*100}"
    )
    text, parts = working_out.worked_out(body)
    assert text.splitlines() == ["V1 in 0 AC 1", "R1 in out 8.2k", "C1 out 0 10n", ".ac dec 10 1 200k"]
    assert working_out.told(parts[0]) == "R1 = 1/(2*pi*f*C) = 7.958k ohm, nearest E24: 8.2k"


@pytest.mark.parametrize("expression", ["__import__('os')", "f.real", "1/0", "9**9**9**9", "(lambda: 1)()", "x"])
def test_only_arithmetic_is_worked_out(expression):
    with pytest.raises(working_out.NotWorkedOut):
        working_out.value(expression, {"f": 1.0})
