"""How probable given answers are, from the next tokens of a model, here one that is written down."""

import math
from collections.abc import Mapping

import pytest

from kiki_core.backends.weighing import pieces_of, tokens_of, weighed
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
        {"use": {" a": 0.6, " an": 0.3, " the": 0.1}, "use a": {" di": 0.5, " dio": 0.01, " relay": 0.25}}
    )
    answers = (("use", " an", " LED"), ("use", " a", " di", "ode"), ("use", " a", " relay"))
    logs = await weighed(answers, written.likely)
    assert [math.exp(one) for one in logs] == pytest.approx([0.3, 0.6 * 0.5, 0.6 * 0.25])


async def test_what_all_answers_begin_with_costs_nothing() -> None:
    written = Written({"use a": {" low": 0.5, " high": 0.1}})
    logs = await weighed((("use", " a", " low", "-pass"), ("use", " a", " high", "-pass")), written.likely)
    assert [math.exp(one) for one in logs] == pytest.approx([0.5, 0.1])
    assert len(written.asked) == 1


async def test_what_isnt_among_the_likeliest_counts_as_the_least_of_them() -> None:
    written = Written({"use": {" CAN": 0.9, " the": 0.01}})
    logs = await weighed((("use", " CAN"), ("use", " SPI")), written.likely)
    assert math.exp(logs[1]) == pytest.approx(0.01)


@pytest.mark.parametrize("answers", [(("use", "2"), ("use", "2")), (("2",), ("2", "0")), ((), ("2",))])
async def test_answers_that_never_part_come_to_an_end(answers: tuple[tuple[str, ...], ...]) -> None:
    async def any_token(said: str) -> dict[str, float]:
        return {"x": -1.0}

    assert len(await weighed(answers, any_token)) == 2


@pytest.mark.parametrize("told", [{}, [], None, {"completion_probabilities": []}, {"completion_probabilities": [{}]}])
def test_a_reply_without_probabilities_is_refused(told: object) -> None:
    with pytest.raises(KikiError, match="no probabilities"):
        tokens_of(told)


async def test_a_server_that_tells_no_token_is_refused() -> None:
    with pytest.raises(KikiError, match="no probabilities"):
        await weighed((("CAN",), ("SPI",)), Written({"": {}}).likely)


@pytest.mark.parametrize("told", [{}, None, [], {"tokens": [1, 2]}])
def test_a_reply_without_tokens_is_refused(told: object) -> None:
    with pytest.raises(KikiError, match="tokens of a text"):
        pieces_of(told)


def test_a_servers_tokens_are_read() -> None:
    assert pieces_of({"tokens": [{"id": 1, "piece": "I"}, {"id": 2, "piece": " would"}]}) == ("I", " would")
