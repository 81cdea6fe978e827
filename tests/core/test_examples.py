"""The decks that the model is shown run in ngspice."""

import pytest

from kiki_core.encoder import Encoder
from kiki_core.prompts import Example, Examples
from kiki_tools.spice import ngspice
from kiki_tools.text import Snapshot

ALL = Examples(Encoder()).all


@pytest.mark.parametrize("example", ALL, ids=[example.question for example in ALL])
async def test_an_example_runs(example: Example) -> None:
    simulation = await ngspice.simulate(Snapshot(example.deck))
    assert simulation.ok, simulation.errors
