"""The words of texts as memory keeps them."""

import pytest

from kiki_core.memory.words import shown, terms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the 3.3 V rail", "3.3 V"),
        ("3V3", "3.3 V"),
        ("a 100 nF capacitor", "100 nF"),
        ("at 2.5MHz", "2.5 MHz"),
        ("4k7", "4.7k"),
        ("within 5 %", "5 %"),
    ],
)
def test_a_quantity_is_shown_as_a_person_writes_it(text: str, said: str) -> None:
    assert [shown(each) for each in terms(text).quantities] == [said]


@pytest.mark.parametrize("word", ["rail", "q", "tps62840", "quartz"])
def test_other_words_stay_as_they_are(word: str) -> None:
    assert shown(word) == word
