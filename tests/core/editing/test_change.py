"""Changes that are offered: the tool's word doesn't outweigh errors that the analysis of the whole file finds."""

import pytest

from kiki_core.editing import change
from kiki_core.events import Evidence, Verdict
from kiki_core.verification import Checked
from kiki_tools.language import Workspace
from kiki_tools.languages import service
from kiki_tools.text import Snapshot, Span

DECK = "* d\nV1 in 0 1\nR1 in 0 1k\n.op\n.end\n"


@pytest.mark.parametrize(("put", "verified"), [("R1 in 0 2k\n", True), ("R1 in\n", False)])
async def test_more_errors_than_before_are_not_verified(
    monkeypatch: pytest.MonkeyPatch, put: str, verified: bool
) -> None:
    async def content(artefacts: object, attempt: int) -> list[Checked]:
        return [Checked((Verdict(0, "d.cir", Evidence("ngspice", "46", "", True, "ran")),), True)]

    monkeypatch.setattr(change, "check", content)
    snapshot = Snapshot(DECK, "/w/d.cir")
    span = Span(DECK.index("R1"), DECK.index(".op"))
    found = await change.checked(snapshot, span, put, service("spice"), Workspace(), "")
    assert found is not None
    assert found.verified is verified
    assert any("more error" in line for line in found.evidence) is not verified


async def test_a_text_that_stays_as_it_is_is_no_change() -> None:
    snapshot = Snapshot(DECK, "/w/d.cir")
    assert await change.checked(snapshot, Span(0, len(DECK)), DECK, service("spice"), Workspace(), "") is None
