"""Completion of a text by llama.cpp's server: the marks that a model was trained with, and the order of the parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kiki_core.backends.protocol import Fill

if TYPE_CHECKING:
    import httpx

FILLING = 1
"""The server's slot for completions; conversations have the other one, so that neither drops the other's cache."""


class Marks(NamedTuple):
    """The tokens that stand before the text before a place, behind it, and where the model goes on; empty: none."""

    before: str
    behind: str
    middle: str


NO_MARKS = Marks("", "", "")
_STYLES = (
    Marks("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),  # Qwen, CodeGemma
    Marks("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),  # StarCoder
    Marks("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),  # DeepSeek
    Marks("<PRE>", "<SUF>", "<MID>"),  # Code Llama
)


async def marks_of(client: httpx.AsyncClient, path: str = "tokenize") -> Marks:
    """The marks that the server's model knows as single tokens; none if it knows none, or the server doesn't tell."""
    import httpx

    for style in _STYLES:
        try:
            counts = [await _count(client, path, mark) for mark in style]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return NO_MARKS
        if counts == [1, 1, 1]:
            return style
    return NO_MARKS


async def _count(client: httpx.AsyncClient, path: str, text: str) -> int:
    asked = {"content": text, "add_special": False, "parse_special": True}
    answer = await client.post(path, json=asked)
    return len(answer.json()["tokens"])


def fill_body(request: Fill, marks: Marks) -> dict[str, Any]:
    """The request as llama.cpp's `/v1/completions` wants it.

    What stands behind comes first: so the cache holds while the text before the place grows (the order that StarCoder
    calls SPM). Marks in the texts themselves are taken out: a file must not end the text early.
    """
    before, behind = _plain(request.before), _plain(request.behind)
    prompt = before
    if marks.middle:
        prompt = f"{marks.before}{marks.behind}{behind}{marks.middle}{before}"
    body: dict[str, Any] = {
        "prompt": prompt,
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stream": True,
        "stop": list(request.stop),
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.grammar:
        body["grammar"] = request.grammar
    return body


def _plain(text: str) -> str:
    for style in _STYLES:
        for mark in style:
            text = text.replace(mark, "")
    return text.replace("<|endoftext|>", "").replace("<|im_end|>", "").replace("<|im_start|>", "")
