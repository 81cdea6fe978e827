"""The dissenter's measurements, really run."""

import pytest

from kiki_core import requirements
from kiki_core.deliberation.measurements import LIST, Case, fitting, run
from kiki_core.events import Artefact, Requirement
from kiki_core.verification import check_deck

RC = "* RC\nV1 in 0 AC 1\nR1 in out 15.9k\nC1 out 0 10n\n.ac dec 50 10 100k\n.end\n"
CORNER = Requirement("corner frequency", "=", 1e3, "Hz", None, None)


async def case(deck: str, *wanted: Requirement) -> Case:
    artefact = Artefact("c.cir", "spice", deck, None)
    simulation = (await check_deck(artefact, 0)).simulation
    assert simulation is not None
    return Case(0, artefact, simulation, requirements.measure(wanted, simulation.analyses))


def named(name: str):
    return next(each for each in LIST if each.name == name)


@pytest.mark.parametrize(
    ("deck", "name", "ok"),
    [
        (RC, "output", True),
        ("* dead\nV1 in 0 AC 1\nR1 in 0 1k\nR2 out 0 1k\n.ac dec 5 10 1k\n.end\n", "output", False),
        ("* no node of that name\nV1 a 0 1\nR1 a 0 1k\n.op\n.end\n", "output", None),
        ("* short\nV1 in 0 5\nR1 in out 1m\nR2 out 0 1m\n.op\n.end\n", "current", False),
        ("* divider\nV1 in 0 5\nR1 in out 1k\nR2 out 0 1k\n.op\n.end\n", "current", True),
        ("* coarse\nV1 in 0 SIN(0 1 1k)\nR1 in out 1k\nC1 out 0 10n\n.tran 10u 4m\n.end\n", "time step", True),
    ],
)
async def test_what_no_working_circuit_does_is_found(deck, name, ok):
    assert (await run(named(name), await case(deck))).ok is ok


async def test_a_met_requirement_is_pressed_on():
    sound = await case(RC, CORNER)
    assert {"tolerance", "meter"} <= {each.name for each in fitting(sound)}
    assert (await run(named("tolerance"), sound)).ok is True
    assert (await run(named("meter"), sound)).ok is True
    weak = await case(RC.replace("15.9k", "15.9meg").replace("10n", "10p"), CORNER)
    loaded = await run(named("meter"), weak)
    assert loaded.ok is False
    assert "corner frequency" in loaded.result


async def test_an_unstated_number_is_not_pressed_on():
    assert {each.name for each in fitting(await case(RC))} == {"output", "current"}
