"""What words don't decide, the model does: among kits that the words allow, and among the request's numbers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from kiki_core.backends.protocol import Backend, Message, Request, WeightedAdapter
from kiki_core.errors import KikiError

_SECONDS = 20.0
_MOST_TEXT = 1500
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Said:
    """The model's JSON, null if it gave none, and what it cost."""

    data: dict[str, Any] | None
    prompt_tokens: int = 0
    completion_tokens: int = 0


async def chosen(text: str, names: Sequence[str], titles: Sequence[str], backend: Backend,
                 adapters: Sequence[WeightedAdapter]) -> tuple[str | None, Said]:  # fmt: skip
    """The one of several circuits that a request means."""
    schema = _object({"circuit": {"enum": list(titles)}})
    said = await _asked(
        f"Which circuit does this request mean? Answer with JSON.\nRequest: {text[:_MOST_TEXT]}",
        schema,
        backend,
        adapters,
    )
    by_title = dict(zip(titles, names, strict=True))
    return by_title.get(str((said.data or {}).get("circuit"))), said


async def assigned(text: str, slots: Sequence[tuple[str, str]], numbers: Sequence[str], backend: Backend,
                   adapters: Sequence[WeightedAdapter]) -> tuple[dict[str, str], Said]:  # fmt: skip
    """For each slot (name, meaning) the one of ``numbers`` that it is; slots that aren't stated are left out."""
    schema = _object({name: {"enum": [*numbers, NOT_STATED]} for name, _ in slots})
    meanings = "\n".join(f"- {name}: {about}" for name, about in slots)
    prompt = (
        f"Request: {text[:_MOST_TEXT]}\nThe numbers in it: {', '.join(numbers)}\nWhich number is which? "
        f"Answer with JSON; {NOT_STATED!r} where the request has none.\n{meanings}"
    )
    said = await _asked(prompt, schema, backend, adapters)
    found = {name: value for name, value in (said.data or {}).items() if value in numbers}
    return found, said


def _object(properties: dict[str, Any]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


async def _asked(prompt: str, schema: dict[str, object], backend: Backend, adapters: Sequence[WeightedAdapter]) -> Said:
    if not backend.capabilities.json_schema:
        return Said(None)
    messages = (
        Message("system", "You read requests for electronic circuits. Answer with JSON only."),
        Message("user", prompt),
    )
    request = Request(messages, max_tokens=120, temperature=0.0, seed=1, adapters=tuple(adapters), json_schema=schema)
    text, spent = "", [0, 0]
    try:
        async with asyncio.timeout(_SECONDS), aclosing(backend.generate(request)) as pieces:
            async for piece in pieces:
                text += piece.text
                spent[0] += piece.prompt_tokens or 0
                spent[1] += piece.completion_tokens or 0
                if len(text) > 4000:
                    break
        data = json.loads(text)
    except (KikiError, TimeoutError, ValueError):
        return Said(None, *spent)
    return Said(data if isinstance(data, dict) else None, *spent)
