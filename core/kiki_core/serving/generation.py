"""The answer to a chat request, in parts: by the whole pipeline, the base alone, or one expert."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kiki_core.backends.protocol import Request, Unable, WeightedAdapter
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Dissent, Event, Failed, Routed, Ruling, Token, Verdict, Vote, to_json
from kiki_core.serving.errors import failed, no_model, wrong

if TYPE_CHECKING:
    from kiki_core.app import Kiki
    from kiki_core.pipeline import Parts, Question
    from kiki_core.serving.chat import Chat

WHOLE, BASE = "kiki", "base"
_CORRECTED = "\n\n---\n\n"
"""Parts the first draft from the answer that replaced it, where the draft was streamed."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an answer. ``progress``: what the pipeline did meanwhile; ``answer``: the pipeline's last word."""

    text: str = ""
    finish: str | None = None
    usage: dict[str, int] | None = None
    progress: dict[str, Any] | None = None
    answer: Answer | None = None
    notes: tuple[str, ...] = ()


def experts(kiki: Kiki) -> list[str]:
    """The installed adapters that the configured model can take, by name."""
    from kiki_core.adapters.serving import fitting

    return [one.name for one in fitting(kiki.config)] if kiki.parts.backend.capabilities.adapters else []


async def parts(chat: Chat, kiki: Kiki) -> AsyncGenerator[Part, None]:
    """The answer as it is made. Closing the generator stops the model and the tools.

    Raises:
        ApiError: if the model isn't there, the request asks for what it can't do, or the backend fails.
    """
    if chat.model == WHOLE:
        making = _by_pipeline(chat, kiki)
    else:
        adapters: tuple[WeightedAdapter, ...] = ()
        if chat.model != BASE:
            there = await asyncio.to_thread(experts, kiki)
            if chat.model not in there:
                raise no_model(chat.model, [WHOLE, BASE, *there])
            adapters = (WeightedAdapter(chat.model, 1.0),)
        making = _by_backend(chat, kiki, adapters)
    try:
        async with aclosing(making) as pieces:
            async for piece in pieces:
                yield piece
    except Unable as error:
        raise wrong(str(error)) from error
    except KikiError as error:
        raise failed(str(error)) from error


async def _by_backend(chat: Chat, kiki: Kiki, adapters: tuple[WeightedAdapter, ...]) -> AsyncGenerator[Part, None]:
    backend = kiki.parts.backend
    able = backend.capabilities
    if chat.schema_ is not None and not able.json_schema:
        raise wrong(f"{backend.name} can't follow a JSON schema", "response_format")
    settings = kiki.config.pipeline
    request = Request(
        chat.turns,
        max_tokens=chat.most_tokens or settings.max_tokens,
        temperature=settings.temperature if chat.temperature is None else chat.temperature,
        seed=chat.seed,
        stop=chat.stops,
        adapters=adapters,
        json_schema=chat.schema_,
        grammar=chat.grammar,
    )
    usage: dict[str, int] | None = None
    finish = "stop"
    async with aclosing(backend.generate(request)) as pieces:
        async for piece in pieces:
            if piece.prompt_tokens is not None or piece.completion_tokens is not None:
                usage = {"prompt_tokens": piece.prompt_tokens or 0, "completion_tokens": piece.completion_tokens or 0}
            finish = piece.finish or finish
            if piece.text:
                yield Part(piece.text)
    yield Part(finish=finish, usage=usage)


async def _by_pipeline(chat: Chat, kiki: Kiki) -> AsyncGenerator[Part, None]:
    from kiki_core import pipeline

    question, notes = _question(chat)
    made_with = _as_wanted(kiki.parts, chat)
    streamed = ""
    async with aclosing(pipeline.ask(question, made_with)) as events:
        async for event in events:
            match event:
                case Token(text, attempt):
                    if attempt == 0 and chat.wanted.drafts:
                        streamed += text
                        yield Part(text)
                case Routed() | Verdict() | Vote() | Dissent() | Ruling() | Failed():
                    yield Part(progress=_told(event))
                case Answer():
                    if event.error and not event.text:
                        raise failed(event.error)
                    below = bool(streamed) and event.text.startswith(streamed.rstrip())
                    if event.text != streamed:
                        corrected = _CORRECTED + event.text if streamed else event.text
                        yield Part(event.text[len(streamed) :] if below else corrected)
                    yield Part(finish="stop", usage=event.usage, answer=event, notes=notes)


def _question(chat: Chat) -> tuple[Question, tuple[str, ...]]:
    """The last message of the user, with the turns before it, and what of the request wasn't used."""
    from kiki_core.pipeline import Question, validate

    for name, value in (("response_format", chat.schema_), ("grammar", chat.grammar), ("stop", chat.stops)):
        if value:
            raise wrong(f"{name} goes with {BASE!r} or an expert; {WHOLE!r} shapes its answers itself", name)
    turns = [message for message in chat.turns if message.role != "system"]
    if turns[-1].role != "user":
        raise wrong(f"the last message must be the user's for {WHOLE!r}", "messages")
    history: list[tuple[str, str]] = []
    asked: list[str] = []
    for message in turns[:-1]:
        if message.role == "user":
            asked.append(message.content)
        elif asked:
            history.append(("\n\n".join(asked), message.content))
            asked = []
    wanted = chat.wanted
    question = Question(
        "\n\n".join([*asked, turns[-1].content]),
        wanted.domain,
        session=wanted.session,
        memory=wanted.memory,
        candidates=wanted.candidates,
        history=tuple(history),
    )
    try:
        validate(question)
    except KikiError as error:
        raise wrong(str(error), "kiki" if error.wrong.startswith("unknown domain") else "messages") from error
    unused = any(message.role == "system" for message in chat.turns)
    return question, ("the system message was not used: kiki has its own",) if unused else ()


def _as_wanted(made_with: Parts, chat: Chat) -> Parts:
    asked = {"temperature": chat.temperature, "max_tokens": chat.most_tokens, "seed": chat.seed}
    changed = {name: value for name, value in asked.items() if value is not None}
    if not changed:
        return made_with
    settings = made_with.config.pipeline.model_copy(update=changed)
    return replace(made_with, config=made_with.config.model_copy(update={"pipeline": settings}))


def _told(event: Event) -> dict[str, Any]:
    told = to_json(event)
    for bulky in ("series", "log", "x_label", "x_log"):
        told.pop(bulky, None)
    return told
