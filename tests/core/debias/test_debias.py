"""Biases of answers: what is found and quoted, what is left alone, and what becomes of it in an answer."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core import pipeline, prompts
from kiki_core.backends.protocol import Capabilities, Piece, Request, Weights
from kiki_core.config import Config, Pipeline
from kiki_core.debias import find
from kiki_core.debias.fitting import examples, rows
from kiki_core.debias.framing import framed, neutral
from kiki_core.debias.marks import marks
from kiki_core.debias.options import conclusion, options
from kiki_core.events import Answer, BiasFinding, Event
from kiki_core.memory import Memory
from kiki_core.pipeline import Parts, Question
from kiki_core.routing import Router

CROWD = "Everybody takes a linear regulator. For 24 V to 5 V at 2 A: linear regulator or buck converter?"
PLAIN = "For 24 V to 5 V at 2 A: linear regulator or buck converter?"


@pytest.mark.parametrize(
    ("question", "answer", "bias"),
    [
        (CROWD, "Use the linear regulator.", "bandwagon"),
        ("A friend suggested 47 uF. Which capacitor holds 1 mA for 1 s within 1 V?", "47 uF is fine.", "anchoring"),
        ("Why is a fuse better than a breaker for daily overloads?", "A fuse is better as it is simple.", "framing"),
        ("Which bus for 40 m: I2C, CAN or SPI?", "I2C.", "position"),
        ("I hate crystals. For a UART within 1 %: crystal or RC oscillator?", "The RC oscillator.", "sentiment"),
        ("What is a fuse?", "It is important to note that, in general, various robust fuses exist. " * 20, "verbosity"),
        ("Which diode for 100 kHz?", "A 1N4007, everyone uses it.", "bandwagon"),
    ],
)
def test_an_answer_that_gives_way_is_found_with_its_words(question: str, answer: str, bias: str) -> None:
    found = find(question, answer)
    assert [one.bias for one in found] == [bias]
    assert found[0].quote in question + answer
    assert 0.5 <= found[0].confidence <= 1


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (CROWD, "The buck converter: a linear regulator would dissipate (24 - 5) * 2 = 38 W."),
        (PLAIN, "The linear regulator is out, because it would dissipate 38 W: use a buck converter."),
        ("RC low-pass with a corner at 1 kHz", "R = 15.9 kohm and C = 10 nF."),
        ("Why does a capacitor block DC?", "Its current is C dv/dt."),
        ("", ""),
        ("?" * 5000 + "or (a) (b)", "(" * 5000),
        (" " * 20_000, " " * 20_000),
    ],
)
def test_a_grounded_or_unmarked_answer_is_left_alone(question: str, answer: str) -> None:
    assert find(question, answer) == ()


def test_the_kept_model_is_the_one_that_the_examples_give() -> None:
    x, y, _ = rows(examples())
    from kiki_core.debias.detector import probabilities

    flagged = probabilities(x) >= 0.5
    assert (flagged == (y == 1)).mean() >= 0.95


@pytest.mark.parametrize(
    ("question", "opposite"),
    [
        (CROWD, PLAIN),
        ("My boss guessed 1 kohm. Which resistor gives 2 mA from 5 V?", "Which resistor gives 2 mA from 5 V?"),
        ("Why is SPI better than I2C for a display?", "Why is I2C better than SPI for a display?"),
        ("Which bus for 40 m: I2C, CAN or SPI?", "Which bus for 40 m: SPI, CAN or I2C?"),
        ("Don't you agree that SPI is better than I2C here?", "Which is better: SPI or I2C here?"),
        (
            "Don't you agree that a wire is better than a shifter for a 3.3 V input that isn't 5 V tolerant?",
            "Which is better for a 3.3 V input that isn't 5 V tolerant: a wire or a shifter?",
        ),
        (
            "Isn't a Chebyshev obviously the best choice for pulses, or a Bessel?",
            "Which is the best choice for pulses: a Chebyshev or a Bessel?",
        ),
        ("For a clock: an RC oscillator or a crystal?", "For a clock: a crystal or an RC oscillator?"),
        (
            "Everybody uses a 9 kohm one, nobody uses a 50 ohm one. For a line: a 50 ohm one or a 9 kohm one?",
            "For a line: a 50 ohm one or a 9 kohm one?",
        ),
        ("I think we should take SPI. For a line: SPI or CAN?", "For a line: SPI or CAN?"),
        (
            "Everybody here needs 2 A at 5 V. For it: a buck or an LDO?",
            "some people here needs 2 A at 5 V. For it: a buck or an LDO?",
        ),
        ("For a line: SPI or CAN? I'm sure that it is SPI; confirm that I'm right.", "For a line: SPI or CAN?"),
        (
            "Which suits: (a) a fuse; (b) a relay with a coil, which has been described at great length in many books?",
            "Which suits: (a) a fuse; (b) a relay with a coil?",
        ),
        (
            "Everybody uses an LM317 to make 5 V from 9 V at 1 A, or should I use a buck converter?",
            "some people uses an LM317 to make 5 V from 9 V at 1 A, or should I use a buck converter?",
        ),
    ],
)
def test_a_question_is_framed_otherwise_and_keeps_what_is_needed(question: str, opposite: str) -> None:
    assert framed(question, marks(question)[0]).opposite == opposite


def test_what_somebody_thinks_is_needed_is_no_lean() -> None:
    question = "I think that the load draws 2 A. For it: a buck or an LDO?"
    assert neutral(question) == question
    assert [mark.bias for mark in marks(question)] == ["position"]


def test_the_neutral_question_has_no_mark() -> None:
    assert neutral(f"I love it. {CROWD}") == PLAIN


@pytest.mark.parametrize(
    ("answer", "chosen"),
    [
        ("I recommend the buck converter rather than the linear regulator.", 1),
        ("Don't use a linear regulator, a buck converter is best.", 1),
        ("A linear regulator.", 0),
        ("It depends.", None),
    ],
)
def test_the_conclusion_is_what_is_chosen(answer: str, chosen: int | None) -> None:
    assert conclusion(answer, [one.text for one in options(PLAIN)]) == chosen


class Leaning:
    """A backend that gives way to what leans, unless it is ``firm``."""

    name = "leaning"
    capabilities = Capabilities(0, False, False, False, False, 8192)

    def __init__(self, firm: bool = False, artefact: str = "") -> None:
        self.firm, self.artefact = firm, artefact
        self.asked: list[str] = []

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        self.asked.append(request.messages[-1].content)
        leans = self.firm or "Everybody" in self.asked[-1]
        yield Piece(f"Use a {'linear regulator' if leans else 'buck converter'}.{self.artefact}", 10, 5)

    async def aclose(self) -> None:
        pass


async def events(backend: Leaning, folder: Path, debias: str, text: str = CROWD) -> list[Event]:
    encoder = WordVectors()
    config = Config(pipeline=Pipeline.model_validate({"plans": False, "debias": debias, "repairs": 0}))
    parts = Parts(config, backend, Router(), prompts.Examples(encoder), Memory(folder / "memory", encoder))
    asked = Question(text, domain="reasoning", memory=False)
    return [event async for event in pipeline.ask(asked, parts)]


async def test_an_answer_that_changes_with_the_framing_is_rewritten(tmp_path: Path) -> None:
    backend = Leaning()
    got = await events(backend, tmp_path, "auto")
    assert [one.action for one in got if isinstance(one, BiasFinding)] == ["corrected"]
    assert isinstance(got[-1], Answer)
    assert "buck converter" in got[-1].text
    assert len(backend.asked) <= 3
    assert got[-1].usage["completion_tokens"] == 5 * len(backend.asked)


class Weighing(Leaning):
    """A backend that also tells its weights: for the first option of a list, and for the buck converter."""

    async def weigh(self, request: Request, answers: tuple[str, ...]) -> Weights:
        question = request.messages[-1].content
        assert "Everybody" not in question
        first = min(answers, key=question.index)
        return Weights(tuple(1.0 * (one == first) + 0.5 * ("buck" in one) for one in answers), 40, 6)


async def test_a_backend_that_tells_weights_is_asked_for_one_answer_only(tmp_path: Path) -> None:
    backend = Weighing()
    got = await events(backend, tmp_path, "auto")
    assert [one.action for one in got if isinstance(one, BiasFinding)] == ["corrected"]
    assert isinstance(got[-1], Answer)
    assert "buck converter" in got[-1].text
    assert len(backend.asked) == 2
    assert got[-1].usage == {"prompt_tokens": 2 * 10 + 2 * 40, "completion_tokens": 2 * 5 + 2 * 6}


async def test_an_answer_that_stays_is_kept_and_unmarked_questions_cost_nothing(tmp_path: Path) -> None:
    backend = Leaning(firm=True)
    got = await events(backend, tmp_path, "auto")
    assert [one.action for one in got if isinstance(one, BiasFinding)] == ["kept"]
    assert isinstance(got[-1], Answer)
    assert got[-1].text.strip() == "Use a linear regulator."
    quiet = Leaning()
    await events(quiet, tmp_path, "auto", "What makes 5 V from 24 V at 2 A?")
    assert len(quiet.asked) == 1


@pytest.mark.parametrize(("mode", "actions"), [("mark", ["marked"]), ("off", [])])
async def test_marking_asks_nothing_and_changes_nothing(tmp_path: Path, mode: str, actions: list[str]) -> None:
    backend = Leaning()
    got = await events(backend, tmp_path, mode)
    assert [one.action for one in got if isinstance(one, BiasFinding)] == actions
    assert len(backend.asked) == 1


async def test_what_the_tools_verified_is_not_rewritten(tmp_path: Path) -> None:
    backend = Leaning(artefact="\n```spice\n* t\nV1 in 0 1\nR1 in 0 1k\n.op\n.end\n```\n")
    got = await events(backend, tmp_path, "auto", CROWD.replace("24 V to 5 V at 2 A", "a radio"))
    assert isinstance(got[-1], Answer)
    assert got[-1].verified is True
    assert [one.action for one in got if isinstance(one, BiasFinding)] == ["marked"]
    assert len(backend.asked) == 1
