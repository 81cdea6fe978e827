"""How probable given answers are, from the next tokens of a model, here one that is written down."""

import math
from collections.abc import Mapping

import pytest

from kiki_core.backends.weighing import tokens_of, weighed
from kiki_core.errors import KikiError


class Written:
    """The probabilities of the next tokens, by the beginning of the answer."""

    def __init__(self, tokens: Mapping[str, Mapping[str, float]]) -> None:
        self.tokens = tokens
        self.asked: list[str] = []

    async def likely(self, said: str) -> dict[str, float]:
        self.asked.append(said)
        return {token: math.log(p) for token, p in self.tokens[said].items()}


async def test_an_answer_gets_the_probability_of_its_own_way() -> None:
    written = Written(
        {
            "I would use": {" a": 0.6, " an": 0.3, " the": 0.1},
            "I would use a": {" fuse": 0.5, " f": 0.01, " relay": 0.25},
        }
    )
    logs = await weighed(("an LED", "a fuse", "a relay"), written.likely)
    assert [math.exp(one) for one in logs] == pytest.approx([0.3, 0.6 * 0.5, 0.6 * 0.25])


async def test_words_that_all_answers_begin_with_cost_nothing() -> None:
    written = Written({"I would use a": {" low": 0.5, " high": 0.1}})
    logs = await weighed(("a low-pass", "a high-pass"), written.likely)
    assert [math.exp(one) for one in logs] == pytest.approx([0.5, 0.1])
    assert len(written.asked) == 1


async def test_numbers_are_told_apart_digit_by_digit() -> None:
    written = Written(
        {
            "I would use": {" ": 0.9, " a": 0.1},
            "I would use ": {"2": 0.8, "4": 0.2},
            "I would use 2": {"2": 0.6, "7": 0.3, "0": 0.1},
        }
    )
    logs = await weighed(("22 kohm", "27 kohm", "47 kohm"), written.likely)
    assert [math.exp(one) for one in logs] == pytest.approx([0.9 * 0.8 * 0.6, 0.9 * 0.8 * 0.3, 0.9 * 0.2])


async def test_what_isnt_among_the_likeliest_counts_as_the_least_of_them() -> None:
    written = Written({"I would use": {" CAN": 0.9, " the": 0.01}})
    logs = await weighed(("CAN", "SPI"), written.likely)
    assert math.exp(logs[1]) == pytest.approx(0.01)


async def test_the_same_answer_twice_comes_to_an_end() -> None:
    written = Written({"I would use": {" the": 0.5}, "I would use CAN": {" the": 0.5}})
    assert len(await weighed(("CAN", "CAN"), written.likely)) == 2


@pytest.mark.parametrize("told", [{}, [], None, {"completion_probabilities": []}, {"completion_probabilities": [{}]}])
def test_a_reply_without_probabilities_is_refused(told: object) -> None:
    with pytest.raises(KikiError, match="no probabilities"):
        tokens_of(told)


async def test_a_server_that_tells_no_token_is_refused() -> None:
    with pytest.raises(KikiError, match="no probabilities"):
        await weighed(("CAN", "SPI"), Written({"I would use": {}}).likely)
