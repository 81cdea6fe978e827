"""How probable given answers are, from a server's reply: hand-made ones, and the requests that ask for them."""

import math
from typing import Any

import pytest

from kiki_core.backends.protocol import Message, Request
from kiki_core.backends.weighing import weigh_body, weighed
from kiki_core.errors import KikiError


def reply(*places: tuple[str, dict[str, float]]) -> dict[str, Any]:
    """A reply whose places have these tokens, each with its likeliest tokens' probabilities."""
    content = [
        {"token": token, "top_logprobs": [{"token": top, "logprob": math.log(p)} for top, p in tops.items()]}
        for token, tops in places
    ]
    usage = {"prompt_tokens": 50, "completion_tokens": len(places)}
    return {"choices": [{"logprobs": {"content": content}}], "usage": usage}


BEGIN = ("I would use", {"I would use": 0.5, "For": 0.5})


def test_an_answer_gets_the_probability_of_its_own_way() -> None:
    told = weighed(
        reply(BEGIN, (" a", {" a": 0.6, " an": 0.3, " the": 0.1}), (" f", {" f": 0.5, " r": 0.25})),
        ("an LED", "a fuse", "a relay"),
    )
    assert [math.exp(one) for one in told.logs] == pytest.approx([0.5 * 0.3, 0.5 * 0.6 * 0.5, 0.5 * 0.6 * 0.25])
    assert (told.prompt_tokens, told.completion_tokens) == (50, 3)


def test_a_token_that_two_answers_share_tells_them_apart_by_the_next() -> None:
    told = weighed(
        reply(BEGIN, (" ", {" ": 0.9, " r": 0.05}), ("2", {"2": 0.8, "4": 0.1}), ("2", {"2": 0.6, "7": 0.3})),
        ("22 kohm", "27 kohm", "47 kohm"),
    )
    assert [math.exp(one) for one in told.logs] == pytest.approx([0.9 * 0.24, 0.9 * 0.12, 0.9 * 0.05])


def test_what_isnt_among_the_likeliest_counts_as_the_least_of_them() -> None:
    told = weighed(reply(BEGIN, (" CAN", {" CAN": 0.9, " the": 0.01})), ("CAN", "SPI"))
    assert math.exp(told.logs[1]) == pytest.approx(0.5 * 0.01)


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        None,
        {"choices": []},
        {"choices": [{"logprobs": None}], "usage": {}},
        reply(),
        reply(("No", {"No": 1.0})),
    ],
)
def test_a_reply_without_weights_is_refused(told: object) -> None:
    with pytest.raises(KikiError):
        weighed(told, ("CAN", "SPI"))


def test_the_request_allows_only_the_answers() -> None:
    body = weigh_body(Request((Message("user", "?"),)), ('a 19" rack', "a 19 mm box"))
    assert body["grammar"] == 'root ::= "I would use " ("a 19\\" rack" | "a 19 mm box") "."'
    assert body["max_tokens"] >= 8 + len("a 19")
    assert body["stream"] is False
    assert body["logprobs"] is True
