"""A chat request as OpenAI's API has it, read and checked."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kiki_core.backends.protocol import Message
from kiki_core.serving.errors import wrong

_MOST_MESSAGES = 1000


class _Part(BaseModel):
    type: str
    text: str = ""


class _Turn(BaseModel):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part] | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class _ResponseFormat(BaseModel):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: dict[str, Any] | None = None


class Wanted(BaseModel):
    """kiki's own part of a request, under ``kiki``."""

    model_config = ConfigDict(extra="forbid")

    domain: str | None = None
    """This expert only, instead of the router's choice."""
    session: str | None = Field(default=None, max_length=200)
    """Remember under this session."""
    memory: bool = True
    """Recall and remember, if the configuration does."""
    candidates: int = Field(default=1, ge=1, le=8)
    """Drafts to try before repairs."""
    drafts: bool = True
    """Stream the first draft while it is written; false: only the checked answer."""


class Chat(BaseModel):
    """The fields that are understood; what changes the answer and isn't is refused in `read`."""

    model: str = Field(min_length=1, max_length=200)
    messages: list[_Turn] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1, le=262_144)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=262_144)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: str | list[str] | None = Field(default=None, max_length=16)
    n: Literal[1] | None = None
    response_format: _ResponseFormat | None = None
    grammar: str | None = None
    kiki: Wanted | None = None
    tools: list[Any] | None = None
    logprobs: bool | None = None

    @property
    def wanted(self) -> Wanted:
        """kiki's own part."""
        return self.kiki or Wanted()

    @property
    def most_tokens(self) -> int | None:
        """The longest answer that the client takes."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        """Where to stop."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def turns(self) -> tuple[Message, ...]:
        """The conversation."""
        return tuple(Message(_role(turn.role), _text(turn)) for turn in self.messages)

    @property
    def schema_(self) -> dict[str, object] | None:
        """The JSON schema that the answer must follow."""
        form = self.response_format
        if form is None or form.type == "text":
            return None
        if form.type == "json_object":
            return {"type": "object"}
        schema = (form.json_schema or {}).get("schema")
        if not isinstance(schema, dict):
            raise wrong("response_format.json_schema.schema must be an object", "response_format")
        try:
            json.dumps(schema, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError) as error:
            raise wrong("the schema can't be passed on: too deep, or no Unicode", "response_format") from error
        return schema


def read(body: Any) -> Chat:
    """The request.

    Raises:
        ApiError: 400, naming the first field that is wrong.
    """
    if not isinstance(body, dict):
        raise wrong("the body must be a JSON object")
    try:
        chat = Chat.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise wrong(f"{where}: {first['msg']}", str(first["loc"][0])) from error
    if chat.tools:
        raise wrong("tools are not supported", "tools")
    if chat.logprobs:
        raise wrong("logprobs are not supported", "logprobs")
    if not any(message.role == "user" and message.content.strip() for message in chat.turns):
        raise wrong("no message of the user has a text", "messages")
    return chat


def _role(role: str) -> Literal["system", "user", "assistant"]:
    return "assistant" if role == "assistant" else "user" if role == "user" else "system"


def _text(turn: _Turn) -> str:
    if turn.content is None or isinstance(turn.content, str):
        return turn.content or ""
    for part in turn.content:
        if part.type != "text":
            raise wrong(f"parts of the type {part.type[:40]!r} are not supported, only text", "messages")
    return "".join(part.text for part in turn.content)
