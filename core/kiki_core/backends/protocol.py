"""The protocol that every language model backend speaks."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from kiki_core.errors import KikiError


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class WeightedAdapter:
    """An installed LoRA adapter by name, and the weight it gets in this request."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Request:
    """One generation. ``json_schema`` and ``grammar`` (GBNF) constrain it where the backend can."""

    messages: tuple[Message, ...]
    max_tokens: int = 1024
    temperature: float = 0.2
    seed: int | None = None
    stop: tuple[str, ...] = ()
    adapters: tuple[WeightedAdapter, ...] = ()
    json_schema: dict[str, object] | None = None
    grammar: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A streamed piece of text; the last one of a stream carries the token counts.

    ``finish``: why the text ends, where the server says it: ``stop`` or ``length``.
    """

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish: str | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """Text that is to go on between what stands before and behind a place. ``grammar`` (GBNF) holds it."""

    before: str
    behind: str = ""
    max_tokens: int = 48
    temperature: float = 0.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    adapters: tuple[WeightedAdapter, ...] = ()
    grammar: str = ""


class Unable(KikiError):
    """A request asks for what its backend can't do."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a backend can do. What it can't do it says here; nobody fakes it."""

    adapters: int
    grammar: bool
    json_schema: bool
    embeddings: bool
    remote: bool
    context_tokens: int


@runtime_checkable
class Fills(Protocol):
    """A backend that goes on with a text, besides answering in a conversation."""

    def fill(self, request: Fill) -> AsyncGenerator[Piece, None]:
        """Streams what may stand at the place; closing the iterator stops the generation.

        Raises:
            KikiError: if the model can't be reached or started.
        """
        ...

    async def aclose(self) -> None:
        """Ends what the backend owns. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """The natural logarithm of each answer's probability, comparable with each other only, and what asking took."""

    logs: tuple[float, ...]
    prompt_tokens: int = 0
    completion_tokens: int = 0


@runtime_checkable
class Weighs(Protocol):
    """A backend that tells how probable it finds each of a few answers."""

    async def weigh(self, request: Request, answers: tuple[str, ...]) -> Weights:
        """The weights of these answers to the request, in their order.

        Raises:
            KikiError: if the model can't be reached or started, or its server tells no probabilities.
        """
        ...


class Backend(Protocol):
    """A language model. ``name`` is what the status line shows."""

    @property
    def name(self) -> str:
        """Model and place, for people."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this backend can do."""
        ...

    def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Streams the completion; closing the iterator stops the generation.

        Raises:
            KikiError: if the model can't be reached or started.
        """
        ...

    async def aclose(self) -> None:
        """Ends what the backend owns. Safe to call twice."""
        ...
