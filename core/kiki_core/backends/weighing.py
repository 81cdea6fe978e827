"""How probable a model finds each of a few given answers, from one short completion under their grammar.

The server tells the probabilities of the likeliest tokens at each place, before the grammar. Along the answer that it
gives they multiply; another answer leaves it at some token, and gets the probability up to there times that of its own
next token.
"""

from __future__ import annotations

import json
import math
from typing import Any

from kiki_core.backends.openai import chat_body
from kiki_core.backends.protocol import Request, Weights
from kiki_core.errors import KikiError

BEGIN = "I would use "
"""How the answer begins: said by the grammar, so that what follows is the answer's name."""
_TOP = 200
_RARE = -20.0
_TOKENS = 8
"""Places that are looked at: three of the beginning, the rest of the name."""


def weigh_body(request: Request, answers: tuple[str, ...]) -> dict[str, Any]:
    """The request as llama.cpp's chat API wants it: greedy, one of these answers, with probabilities."""
    body = chat_body(request) | {"stream": False, "temperature": 0.0, "logprobs": True, "top_logprobs": _TOP}
    del body["stream_options"]
    longest = max((_shared(one, other) for one in answers for other in answers if one != other), default=0)
    names = " | ".join(json.dumps(one, ensure_ascii=False) for one in answers)
    return body | {"max_tokens": _TOKENS + longest, "grammar": f'root ::= "{BEGIN}" ({names}) "."'}


def weighed(reply: object, answers: tuple[str, ...]) -> Weights:
    """What the server's reply tells of each answer.

    Raises:
        KikiError: if the reply has no probabilities, or none of these answers.
    """
    try:
        usage = reply["usage"]  # type: ignore[index]
        spent = int(usage["prompt_tokens"]), int(usage["completion_tokens"])
        places = reply["choices"][0]["logprobs"]["content"]  # type: ignore[index]
        read = [
            (str(place["token"]), {str(top["token"]): float(top["logprob"]) for top in place["top_logprobs"]})
            for place in places
        ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise KikiError(
            "the server tells no probabilities of tokens", "another backend, or a newer llama.cpp"
        ) from error
    wholes = [f"{BEGIN}{one}." for one in answers]
    left = set(range(len(answers)))
    found: list[list[float]] = [[] for _ in answers]
    so_far, said = 0.0, ""
    for token, tops in read:
        on = {i for i in left if wholes[i].startswith(said + token)}
        if not on:
            break
        least = min(tops.values(), default=_RARE)
        for i in left:
            others = on - {i}
            ways = [
                p
                for top, p in tops.items()
                if top and top != token and wholes[i].startswith(said + top)
                and not any(wholes[j].startswith(said + top) for j in others)
            ]  # fmt: skip
            if ways and (others or i not in on):
                found[i].append(so_far + max(ways))
            elif i not in on and not found[i]:
                found[i].append(so_far + least)
        so_far += tops.get(token, least)
        said, left = said + token, on
        if len(on) == 1:
            found[next(iter(on))].append(so_far)
            break
    if not any(found):
        raise KikiError("the server gave none of the answers", "does it take grammars?")
    floor = min(p for some in found for p in some)
    return Weights(tuple(_sum(some) if some else floor for some in found), *spent)


def _sum(logs: list[float]) -> float:
    most = max(logs)
    return most + math.log(sum(math.exp(one - most) for one in logs))


def _shared(one: str, other: str) -> int:
    """Characters that two answers begin with; no token has fewer than one."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
