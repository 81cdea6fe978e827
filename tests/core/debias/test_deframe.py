"""Rounds of a flagged answer: which of a question's options stands when neither words nor order lean."""

import math

import pytest

from kiki_core.debias.deframe import settled

LEANING = "Everybody takes a fuse. For daily overloads: a breaker or a fuse?"


class Model:
    """Takes options by what it knows (log odds by name), by their place, and by what everybody takes."""

    def __init__(self, knows: dict[str, float], first: float = 1.0, crowd: float = 4.0) -> None:
        self.knows, self.first, self.crowd = knows, first, crowd
        self.asked: list[str] = []
        self.weighed: list[str] = []

    def _logs(self, question: str, names: tuple[str, ...]) -> tuple[float, ...]:
        head, _, listed = question.rpartition(":")
        return tuple(
            self.knows[name]
            + self.first * (listed.find(name) == min(listed.find(one) for one in names))
            + self.crowd * (name in head)
            for name in names
        )

    async def ask(self, question: str) -> str:
        self.asked.append(question)
        names = tuple(self.knows)
        logs = self._logs(question, names)
        return f"Use {names[logs.index(max(logs))]}."

    async def weigh(self, question: str, names: tuple[str, ...]) -> tuple[float, ...]:
        self.weighed.append(question)
        return self._logs(question, names)


async def test_the_crowds_option_gives_way_to_the_one_that_is_likelier_in_both_orders_together() -> None:
    model = Model({"a breaker": 0.6, "a fuse": 0.0})
    done = await settled(LEANING, await model.ask(LEANING), model.ask, model.weigh)
    assert [one.action for one in done.findings] == ["corrected"]
    assert done.answer == "Use a breaker."
    assert model.weighed == [
        "For daily overloads: a breaker or a fuse?",
        "For daily overloads: a fuse or a breaker?",
    ]
    assert "Everybody" not in done.question


async def test_an_option_that_the_crowd_is_right_about_stays_though_it_comes_last() -> None:
    model = Model({"a breaker": 0.0, "a fuse": 0.6})
    done = await settled(LEANING, "Use a fuse.", model.ask, model.weigh)
    assert [one.action for one in done.findings] == ["kept"]
    assert done.answer == "Use a fuse."
    assert model.asked == []


async def test_what_hardly_differs_in_all_orders_stays_as_the_question_has_it() -> None:
    model = Model({"a breaker": 0.0, "a fuse": 0.1})
    assert (await settled(LEANING, "Use a fuse.", model.ask, model.weigh)).answer == "Use a breaker."
    plain = "For daily overloads: a breaker or a fuse?"
    assert (await settled(plain, "Use a breaker.", model.ask, model.weigh)).answer == "Use a breaker."


@pytest.mark.parametrize("weighs", [True, False])
async def test_what_is_chosen_in_each_order_is_chosen_whatever_is_told(weighs: bool) -> None:
    model = Model({"a breaker": 3.0, "a fuse": 0.0})
    done = await settled(LEANING, "Use a fuse.", model.ask, model.weigh if weighs else None)
    assert done.answer == "Use a breaker."


@pytest.mark.parametrize("question", ["For overloads: a fuse or a breaker?", "For overloads: a breaker or a fuse?"])
async def test_with_weights_the_order_of_the_options_doesnt_decide(question: str) -> None:
    model = Model({"a breaker": 0.6, "a fuse": 0.0})
    done = await settled(question, await model.ask(question), model.ask, model.weigh)
    assert done.answer == "Use a breaker."


async def test_without_weights_an_answer_that_only_the_order_decides_is_kept() -> None:
    model = Model({"a breaker": 0.6, "a fuse": 0.0})
    done = await settled("For overloads: a fuse or a breaker?", "Use a fuse.", model.ask)
    assert [one.action for one in done.findings] == ["kept"]
    assert done.answer == "Use a fuse."
    assert len(model.asked) == 1


async def test_three_options_are_each_in_each_place_once() -> None:
    model = Model({"SPI": 0.2, "CAN": 0.9, "I2C": 0.0})
    done = await settled("Which bus for 40 m: SPI, I2C or CAN?", "SPI.", model.ask, model.weigh)
    assert [view.rpartition(": ")[2] for view in model.weighed] == [
        "SPI, I2C or CAN?",
        "I2C, CAN or SPI?",
        "CAN, SPI or I2C?",
    ]
    assert done.answer == "Use CAN."


async def test_a_backend_whose_weights_fail_is_asked_in_words() -> None:
    model = Model({"a breaker": 3.0, "a fuse": 0.0})

    async def fails(question: str, names: tuple[str, ...]) -> None:
        return None

    done = await settled(LEANING, "Use a fuse.", model.ask, fails)
    assert done.answer == "Use a breaker."


async def test_a_new_answer_that_doesnt_say_what_is_likelier_is_not_taken() -> None:
    model = Model({"a breaker": 3.0, "a fuse": 0.0})

    async def stubborn(question: str) -> str:
        return "A fuse."

    done = await settled(LEANING, "Use a fuse.", stubborn, model.weigh)
    assert [one.action for one in done.findings] == ["marked"]
    assert done.answer == "Use a fuse."


async def test_weights_of_nothing_change_nothing() -> None:
    async def nothing(question: str, names: tuple[str, ...]) -> tuple[float, ...]:
        return tuple(-math.inf if name == "a breaker" else -20.0 for name in names)

    done = await settled(LEANING, "Use a fuse.", Model({"a fuse": 0.0}).ask, nothing)
    assert done.answer == "Use a fuse."
