"""Plans: from a question to an artefact that was computed, not written by the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_core.events import Artefact, Requirement, Verdict

_PLANNERS = ("cross", "kicad", "firmware", "spice")
"""Modules of this package with `planned`, in the order in which they are asked; each answers only what is its own."""


@dataclass(frozen=True)
class Planned:
    """An answer from a plan.

    ``kind``: what was made, such as `spice`, `kicad_sch` or `stm32`. ``plan``: what it was made from. ``text``: the
    answer in Markdown: requirements wanted and measured, values, why not where it can't be, the artefact. ``verified``:
    as the contract has it; False with the reason in ``text`` for what can't be.
    """

    kind: str
    plan: dict[str, Any]
    text: str
    artefacts: tuple[Artefact, ...]
    requirements: tuple[Requirement, ...]
    verdicts: tuple[Verdict, ...]
    verified: bool | None
    notes: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int


async def planned(
    text: str,
    domains: Sequence[str],
    backend: Backend,
    *,
    adapters: Sequence[WeightedAdapter] = (),
    files: Sequence[tuple[str, str]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Planned | None:
    """The answer to a question for which a kit or generator fits; None where none does, to be drafted freely.

    ``domains``: the routed ones. ``files``: names and texts of what is attached. ``tell``: what is under way, for
    people. Never raises for odd questions.
    """
    for name in _PLANNERS:
        if find_spec(f"{__name__}.{name}") is None:
            continue
        module = import_module(f"{__name__}.{name}")
        found: Planned | None = await module.planned(text, domains, backend, adapters=adapters, files=files, tell=tell)
        if found is not None:
            return found
    return None
