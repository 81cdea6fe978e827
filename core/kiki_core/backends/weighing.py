"""How probable a model finds each of a few given answers, from the likeliest next tokens where they part.

Each answer gets the product of the probabilities of the tokens at which it leaves the others; what all of them begin
with counts for none. So nothing is generated: two answers that part once take one evaluation of the prompt.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from kiki_core.errors import KikiError

BEGIN = "I would use"
"""How the model's answer begins, in its mouth."""
TOP = 300
"""Tokens that are looked at in each place; a rarer one counts as the last of them."""

Likely = Callable[[str], Awaitable[Mapping[str, float]]]
"""The likeliest tokens behind a beginning of the model's answer, with the natural logarithm of their probabilities."""


async def weighed(answers: Sequence[Sequence[str]], likely: Likely) -> tuple[float, ...]:
    """The natural logarithm of each answer's probability, comparable with each other only; ``answers``: their tokens.

    Raises:
        KikiError: if no tokens are told.
    """
    logs = [0.0] * len(answers)
    groups = [(0, 0.0, list(range(len(answers))))]
    while groups:
        place, so_far, some = groups.pop()
        while len({_at(answers[i], place) for i in some}) == 1 and place < len(answers[some[0]]):
            place += 1
        tops = await likely("".join(answers[some[0]][:place]))
        if not tops:
            raise KikiError("the server tells no probabilities of tokens", "another backend, or a newer llama.cpp")
        parted: dict[str, list[int]] = {}
        for i in some:
            parted.setdefault(_at(answers[i], place), []).append(i)
        for token, those in parted.items():
            here = so_far + tops.get(token, min(tops.values()))
            if len(those) > 1 and token:
                groups.append((place + 1, here, those))
            else:
                for i in those:
                    logs[i] = here
    return tuple(logs)


def _at(tokens: Sequence[str], place: int) -> str:
    return tokens[place] if place < len(tokens) else ""


def pieces_of(reply: object) -> tuple[str, ...]:
    """The tokens in a reply of llama.cpp's `tokenize`.

    Raises:
        KikiError: if there are none in it.
    """
    try:
        return tuple(str(one["piece"]) for one in reply["tokens"])  # type: ignore[index]
    except (KeyError, TypeError) as error:
        raise KikiError(
            "the server doesn't tell the tokens of a text", "another backend, or a newer llama.cpp"
        ) from error


def tokens_of(reply: object) -> dict[str, float]:
    """The likeliest tokens in a reply of llama.cpp's `completion`.

    Raises:
        KikiError: if there are none in it.
    """
    try:
        tops = reply["completion_probabilities"][0]["top_logprobs"]  # type: ignore[index]
        return {str(one["token"]): float(one["logprob"]) for one in reversed(tops)}
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise KikiError(
            "the server tells no probabilities of tokens", "another backend, or a newer llama.cpp"
        ) from error
