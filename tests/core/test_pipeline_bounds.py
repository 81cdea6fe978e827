"""Answers under odd models, with a panel, and from plans: bounded, explained, never a fake pass."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.word_vectors import WordVectors

from kiki_core import pipeline, planning, prompts
from kiki_core.backends.protocol import Capabilities, Piece, Request, Unable
from kiki_core.config import Config, Pipeline
from kiki_core.errors import KikiError
from kiki_core.events import (
    Answer,
    Artefact,
    Dissent,
    Event,
    Evidence,
    Expert,
    Failed,
    Progress,
    Requirement,
    Ruling,
    Verdict,
    Vote,
    to_json,
)
from kiki_core.memory import Memory
from kiki_core.pipeline import Parts, Question
from kiki_core.pipeline.speaking import circling
from kiki_core.routing import Router

GOOD = "```spice\n* RC\nV1 in 0 AC 1\nR1 in out 15.9k\nC1 out 0 10n\n.ac dec 50 10 100k\n.end\n```"
DEAD = "```spice\n* dead\nV1 in 0 AC 1\nR1 in 0 1k\nR2 out 0 1k\n.ac dec 5 10 1k\n.end\n```"


class Model:
    """A backend that says what the test wrote, draft by draft; a callable makes its own pieces."""

    name = "model"
    capabilities = Capabilities(4, False, True, False, False, 8192)

    def __init__(self, *said: Any) -> None:
        self.said = list(said)
        self.requests: list[Request] = []

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        self.requests.append(request)
        said = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if callable(said):
            async for piece in said():
                yield piece
        else:
            cost = (900, 100) if isinstance(said, str) else (300, 40)
            yield Piece(said if isinstance(said, str) else json.dumps(said), *cost)

    async def aclose(self) -> None:
        pass


async def answered(
    model: Model, folder: Path, text: str, limits: dict[str, Any] | None = None, **more: Any
) -> list[Event]:
    encoder = WordVectors()
    config = Config(pipeline=Pipeline(**{"plans": False, **(limits or {})}))
    router = more.pop("router", None) or Router()
    parts = Parts(config, model, router, prompts.Examples(encoder), Memory(folder / "memory", encoder))
    question = Question(text, **{"domain": "spice", "memory": False, **more})
    return [event async for event in pipeline.ask(question, parts)]


def last(events: list[Event]) -> Answer:
    assert isinstance(events[-1], Answer)
    return events[-1]


async def endless() -> AsyncGenerator[Piece, None]:
    number = 0
    while True:
        number += 1
        yield Piece(f"word{number} ")


async def circles() -> AsyncGenerator[Piece, None]:
    while True:
        yield Piece("R1 in out 1k and R1 in out 1k again, ")


async def silence() -> AsyncGenerator[Piece, None]:
    yield Piece("It ")
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("said", "limits", "told"),
    [
        (endless, {"max_tokens": 32}, "didn't stop at 32 tokens"),
        (circles, {}, "round in circles"),
        (silence, {"answer_s": 0.2}, "pipeline.answer_s = 0.2"),
    ],
)
async def test_a_model_that_never_stops_is_stopped(said, limits, told, tmp_path):
    events = await answered(Model(said), tmp_path, "RC low-pass with a corner at 1 kHz", limits)
    assert any(told in event.message for event in events if isinstance(event, Failed))
    assert last(events).verified is False
    text = last(events).text
    assert "This doesn't hold" in text
    assert told in text.partition("**Cut off:**")[2]
    assert last(events).usage["completion_tokens"] > 0


async def test_the_tokens_of_an_answer_are_bounded(tmp_path):
    broken = GOOD.replace("C1 out", "X1 out")
    events = await answered(Model(broken), tmp_path, "an RC low-pass", {"answer_tokens": 120, "repairs": 9})
    assert any("pipeline.answer_tokens = 120" in event.message for event in events if isinstance(event, Failed))
    assert last(events).usage["completion_tokens"] <= 200
    assert last(events).verified is False


async def test_garbage_is_no_pass(tmp_path):
    answer = last(await answered(Model("\x00)(*&^ ;;; ```spice ``` {{{"), tmp_path, "RC low-pass, corner at 1 kHz"))
    assert answer.verified is False
    assert "no netlist in it" in answer.text


def test_an_ordinary_netlist_is_no_circle():
    deck = "\n".join(f"R{number} n{number} n{number + 1} 1k" for number in range(400))
    assert not circling(deck)
    assert circling("and so on " * 500)


async def test_a_mended_attachment_is_the_artefact(tmp_path):
    file = tmp_path / "filter.cir"
    file.write_text(GOOD.strip("`").removeprefix("spice\n").replace("C1 out 0 10n", "Q1 out 0 0 nomodel"))
    model = Model(GOOD)
    answer = last(await answered(model, tmp_path, "fix my netlist", files=(file,)))
    assert [(one.name, one.verified) for one in answer.artefacts] == [("filter.cir", True)]
    asked = model.requests[0].messages[-1].content
    assert "nomodel" in asked.partition("The check of the file says")[2]


async def test_what_the_checks_can_mend_needs_no_model(tmp_path):
    file = tmp_path / "rules.kicad_dru"
    file.write_text('(version 1)\n(rule "x" (constraint clearence (min 0.2mm)))\n')
    model = Model("never asked")
    answer = last(await answered(model, tmp_path, "Please fix my rules", files=(file,)))
    assert model.requests == []
    assert answer.verified is True
    assert answer.artefacts[0].name == "rules.kicad_dru"
    assert "(constraint clearance (min 0.2mm))" in answer.artefacts[0].text
    assert "clearence" in file.read_text()


async def test_a_fix_that_must_do_more_is_the_models(tmp_path):
    file = tmp_path / "rules.kicad_dru"
    file.write_text('(version 1)\n(rule "x" (constraint clearence (min 0.2mm)))\n')
    model = Model("Here.")
    await answered(model, tmp_path, "fix my rules so that vias are 0.3 mm", files=(file,))
    assert len(model.requests) == 1
    assert "clearence" in model.requests[0].messages[-1].content


async def test_a_dead_output_is_doubted_and_goes_back(tmp_path):
    model = Model(DEAD, GOOD)
    events = await answered(model, tmp_path, "an RC low-pass", memory=True)
    doubts = [event for event in events if isinstance(event, Dissent)]
    assert [(one.measurement, one.ok) for one in doubts] == [("output", False), ("output", True)]
    ruling = next(event for event in events if isinstance(event, Ruling))
    assert (ruling.by, ruling.refused) == ("measurement", True)
    assert "does the output do anything" in model.requests[1].messages[-1].content
    assert last(events).verified is True
    assert "R1 in out" in last(events).artefacts[0].text


async def test_a_dead_output_that_stays_is_not_verified(tmp_path):
    answer = last(await answered(Model(DEAD), tmp_path, "an RC low-pass"))
    assert answer.verified is False
    assert "the output reaches 0 V" in answer.text


async def test_doubt_can_be_switched_off(tmp_path):
    events = await answered(Model(DEAD), tmp_path, "an RC low-pass", {"catfish": "off", "panel": "off"})
    assert not any(isinstance(event, (Dissent, Ruling)) for event in events)
    assert last(events).verified is True


class TwoDomains(Router):
    """Routes everything to two experts."""

    def route(self, *asked: Any, **more: Any) -> Any:
        found = super().route("RC low-pass")
        return replace(found, active=(Expert("spice", 0.9), Expert("stm32", 0.8)), none=False)


async def test_several_domains_vote_on_what_the_tools_leave_open(tmp_path):
    keep = {letter: {"facts": [f"{letter}1"], "reason": "it ran", "vote": "KEEP"} for letter in "AB"}
    model = Model(
        GOOD, GOOD.replace("10n", "11n"), keep, keep, keep, {"reason": "", "choice": "B"}, {"measurement": "output"}
    )
    events = await answered(
        model, tmp_path, "Filter for the ADC", domain=None, candidates=2, router=TwoDomains(), memory=True
    )
    votes = [event for event in events if isinstance(event, Vote)]
    assert {vote.panelist for vote in votes} == {"spice", "stm32", "base"}
    assert len(votes) == 6
    ruling = [event for event in events if isinstance(event, Ruling)][-1]
    assert ruling.panel == ("spice", "stm32", "base")
    assert ruling.prompt_tokens + ruling.completion_tokens == 340 * (len(model.requests) - 2)
    assert sum(last(events).usage.values()) <= 2 * 2000  # twice the drafts
    assert last(events).verified is True
    assert json.dumps([to_json(event) for event in events])


async def test_one_verified_draft_of_one_domain_asks_nobody(tmp_path):
    model = Model(GOOD)
    events = await answered(model, tmp_path, "RC low-pass with a corner at 1 kHz")
    assert len(model.requests) == 1
    assert not any(isinstance(event, (Vote, Ruling)) for event in events)


async def test_a_panel_without_its_model_leaves_the_evidence(tmp_path):
    async def dying() -> AsyncGenerator[Piece, None]:
        raise KikiError("the model is gone", "start it")
        yield Piece("")

    events = await answered(
        Model(GOOD, GOOD.replace("10n", "11n"), dying),
        tmp_path,
        "Filter",
        domain=None,
        candidates=2,
        router=TwoDomains(),
    )
    assert any(event.step == "panel" for event in events if isinstance(event, Failed))
    assert last(events).verified is True
    assert last(events).error is None


async def test_claims_in_prose_are_put_right_and_the_artefact_stays(tmp_path):
    text = f"The corner frequency is 3 kHz.\n{GOOD}"
    answer = last(await answered(Model(text), tmp_path, "RC low-pass with a corner at 1 kHz"))
    assert answer.text.startswith("The corner frequency is 1.001 kHz (measured).")
    assert answer.artefacts[0].text in answer.text


async def test_a_plan_that_fits_is_the_answer(tmp_path, monkeypatch):
    evidence = Evidence("ngspice", "46", "ab", True, "ran", {"f3db": 1e3})
    made = planning.Planned(
        "spice", {"corner": 1e3}, "A filter.", (Artefact("filter.cir", "spice", "* t\n.end\n", True),),
        (Requirement("corner frequency", "=", 1e3, "Hz", 1e3, True),), (Verdict(0, "filter.cir", evidence),), True,
        ("E24",), 30, 40,
    )  # fmt: skip

    async def planned(text: str, domains: Any, backend: Any, *, tell: Any, **more: Any) -> planning.Planned:
        tell("fitting values")
        return made

    monkeypatch.setattr(planning, "planned", planned)
    model = Model("never asked")
    events = await answered(model, tmp_path, "RC low-pass at 1 kHz", {"plans": True})
    assert [event.text for event in events if isinstance(event, Progress)] == ["fitting values"]
    answer = last(events)
    assert (answer.verified, answer.plan, answer.notes) == (True, {"kind": "spice", "corner": 1e3}, ("E24",))
    assert answer.usage == {"prompt_tokens": 30, "completion_tokens": 40}
    assert model.requests == []
    assert to_json(answer)["requirements"][0]["measured"] == 1e3


async def test_a_plan_that_breaks_off_costs_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def planned(*_: Any, **__: Any) -> planning.Planned:
        raise ValueError("a fault")

    monkeypatch.setattr(planning, "planned", planned)
    events = await answered(Model(GOOD), tmp_path, "RC low-pass at 1 kHz", {"plans": True})
    assert [event.message for event in events if isinstance(event, Failed)] == [
        "the plan broke off (ValueError); the answer is drafted without one"
    ]
    assert last(events).verified is True


async def test_a_draft_follows_the_grammar_and_goes_without_one_where_none_is_taken(tmp_path: Path) -> None:
    model = Model(GOOD)
    assert last(await answered(model, tmp_path, "RC low-pass at 1 kHz", {"grammar": "auto"})).verified is True
    assert (model.requests[0].grammar or "").startswith("root ::= ")
    refusing = Model(no_grammars, GOOD)
    events = await answered(refusing, tmp_path, "RC low-pass at 1 kHz", {"grammar": "auto"})
    assert [event.message for event in events if isinstance(event, Failed)] == ["model follows no grammar"]
    assert refusing.requests[1].grammar is None
    assert last(events).verified is True


async def no_grammars() -> AsyncGenerator[Piece, None]:
    raise Unable("model follows no grammar")
    yield Piece("")
