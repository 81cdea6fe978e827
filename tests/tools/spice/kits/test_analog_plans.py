"""Any plan of an analog kit gives a deck that holds, or a reason why not: seeded plans, hostile ones too."""

import pytest
from kit_runs import complaints, fit, random_plan

from kiki_tools.spice.kits import KITS, load
from kiki_tools.spice.kits.fitting import text_of
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, read

_MODULES = ("transistors", "transistor_pairs", "switches", "opamp_stages", "opamp_functions", "range_mapper",
            "rectifiers", "regulators", "converters", "oscillators", "lc_oscillators", "timers", "drivers",
            "equalisers", "pass_regulators", "signals", "jfets", "bipolar_sources", "schmitts", "multipliers", "inrush",
            "tone", "sampling", "logarithm", "radio", "limits", "gyrators", "zero_cross")  # fmt: skip
OURS = [name for name, place in KITS.items() if place.split(":")[0] in _MODULES]
SLOW = {name for name in OURS if "oscillator" in name or "converter" in name or "multivibrator" in name}


def designed(kit: Kit, plan: Plan) -> Design | str:
    """The design of a plan, or the reason why there is none."""
    try:
        return kit.design(read(kit, plan))
    except Impossible as error:
        return error.reason


def deck(design: Design) -> str:
    """Its deck with the values that the formulas give."""
    return text_of(design, {each.name: each.start for each in design.variables})


@pytest.mark.parametrize("name", [name for name in OURS if name not in SLOW])
async def test_a_random_plan_holds_or_is_refused(name: str) -> None:
    found = await fit(name, **random_plan(load(name), 1))
    assert found.ok or not found.text, found.reason
    assert found.text or found.reason


@pytest.mark.parametrize("name", OURS)
def test_every_random_plan_gives_a_deck_without_complaints(name: str) -> None:
    kit, decks = load(name), 0
    for seed in range(16):
        design = designed(kit, random_plan(kit, seed))
        if isinstance(design, str):
            assert len(design) > 20
            continue
        decks += 1
        text = deck(design)
        if decks <= 3:
            assert not complaints(text), text
        assert all(f" {wanted.measure} " in text for wanted in design.wanted)
        assert all(each.low <= each.start <= each.high for each in design.variables)
    assert decks, "all of these plans are refused"


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("wild", [0.0, -1.0, 1e-30, 1e30, float("nan"), float("inf"), "five", True, None])
def test_a_wild_plan_is_refused_or_designed_but_never_fails(name: str, wild: object) -> None:
    kit = load(name)
    for plan in ({slot.name: wild for slot in kit.slots}, *({slot.name: wild} for slot in kit.slots)):
        design = designed(kit, plan)
        assert design if isinstance(design, str) else deck(design)


@pytest.mark.parametrize("name", OURS)
def test_the_edges_of_the_slots_are_refused_or_designed(name: str) -> None:
    kit = load(name)
    needed = {slot.name: random_plan(kit, 1).get(slot.name, slot.least) for slot in kit.slots if slot.required}
    for slot in kit.slots:
        for edge in (*slot.choices, slot.least, slot.most):
            design = designed(kit, {**needed, slot.name: edge})
            assert design if isinstance(design, str) else deck(design)


@pytest.mark.parametrize("name", OURS)
def test_a_kit_says_how_people_ask_for_it(name: str) -> None:
    kit = load(name)
    assert kit.examples
    assert all(slot.about for slot in kit.slots)
