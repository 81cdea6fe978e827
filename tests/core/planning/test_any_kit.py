"""What a request states is read for any kit, also for one that means something else by it."""

import pytest

from kiki_core.planning import slots
from kiki_core.planning.spice import labelled
from kiki_tools.spice.kits import KITS, load

NUMBERS = "440 Hz, Q 20, 5 V, 12 V to 3.3 V, 1 A, 10 %, 2 W, 40 dB, 10k, 100 nF, 1 ms, gain 3, third order"


@pytest.mark.parametrize("name", list(KITS))
def test_words_and_numbers_of_every_kind_fill_a_plan(name: str) -> None:
    kit = load(name)
    for word in ["", *(word for slot in kit.slots for word in slot.choices)]:
        text = f"{kit.title}, {word}: {NUMBERS}"
        filled = slots.filled(kit, text, labelled(text))
        for slot in kit.slots:
            value = filled.plan.get(slot.name)
            assert value is None or isinstance(value, str) == bool(slot.choices), (word, slot.name, value)
