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


async def weighed(answers: Sequence[str], likely: Likely) -> tuple[float, ...]:
    """The natural logarithm of each answer's probability, comparable with each other only.

    Raises:
        KikiError: if no tokens are told.
    """
    wholes = [f" {one}." for one in answers]
    logs = [0.0] * len(wholes)
    groups = [("", 0.0, list(range(len(wholes))))]
    while groups:
        said, so_far, some = groups.pop()
        said += _shared([wholes[i][len(said) :] for i in some])
        tops = await likely(BEGIN + said)
        if not tops:
            raise KikiError("the server tells no probabilities of tokens", "another backend, or a newer llama.cpp")
        parted: dict[str, list[int]] = {}
        for i in some:
            ways = [token for token in tops if token and wholes[i].startswith(token, len(said))]
            if ways:
                parted.setdefault(max(ways, key=len), []).append(i)  # as tokenizers part words: not " a" for "an"
            else:
                logs[i] = so_far + min(tops.values())
        for token, those in parted.items():
            if len(those) == 1:
                logs[those[0]] = so_far + tops[token]
            else:
                groups.append((said + token, so_far + tops[token], those))
    return tuple(logs)


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


def _shared(texts: Sequence[str]) -> str:
    """The whole words that all texts begin with; what follows is then a token's beginning too."""
    least, most = min(texts), max(texts)
    end = next((i for i, (a, b) in enumerate(zip(least, most, strict=False)) if a != b), min(len(least), len(most)))
    whole = all(text[end : end + 1] == " " for text in texts)
    return least[:end] if whole else least[: max(least.rfind(" ", 0, end), 0)]
