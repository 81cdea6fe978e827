"""Questions about a place in a file, and what of the file goes with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from kiki_core.domains import DOMAINS
from kiki_core.pipeline import Question
from kiki_tools.language import LanguageService
from kiki_tools.text import Snapshot, Span

_MOST_WHOLE = 6000
"""Characters of a file that goes with a question as a whole; of a longer one the part around the place does."""
_MOST_PART = 4000
_EXPERTS = {"spice": "spice", "kicad": "kicad-dsl", "c": "stm32"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the part of the file that an answer's artefact is to replace, or stand behind (an empty span)."""

    question: Question
    snapshot: Snapshot
    span: Span
    language: str


def part(service: LanguageService, snapshot: Snapshot, offset: int) -> Span:
    """The part of a file that is looked at: all of it, or what grows around a place as far as a prompt holds it."""
    if snapshot.length <= _MOST_WHOLE:
        return Span(0, snapshot.length)
    found = [one for one in service.selections(snapshot, offset) if one.end - one.start <= _MOST_PART]
    if found and found[-1].end - found[-1].start > 80:
        wide = found[-1]
    else:
        wide = Span(max(0, offset - _MOST_PART // 2), min(snapshot.length, offset + _MOST_PART // 2))
    first, last = snapshot.line_of(wide.start), snapshot.line_of(max(wide.start, wide.end - 1))
    return Span(snapshot.line_start(first), snapshot.line_start(last + 1))


def fix(service: LanguageService, snapshot: Snapshot, offset: int, messages: list[str]) -> Asked:
    """To mend what a diagnostic or an expectation says."""
    span = part(service, snapshot, offset)
    line = snapshot.line_of(offset)
    told = "; ".join(messages)[:600]
    text = (
        f"Mend {_name(snapshot)}, and change nothing else. Line {line + 1 - snapshot.line_of(span.start)} is "
        f"`{snapshot.line_text(line).strip()[:160]}`: {told}. Give the whole text again."
    )
    return _asked(service, snapshot, span, text, span)


def explain(service: LanguageService, snapshot: Snapshot, within: Span, messages: list[str]) -> Asked:
    """To explain the chosen lines, or what a diagnostic says of them."""
    span = part(service, snapshot, within.start)
    chosen = snapshot.slice(within).strip()[:1500] or snapshot.line_text(snapshot.line_of(within.start)).strip()
    told = f" The check says: {'; '.join(messages)[:600]}." if messages else ""
    return _asked(service, snapshot, span, f"Explain in a few sentences: `{chosen}`.{told}", span)


def review(service: LanguageService, snapshot: Snapshot, messages: list[str]) -> Asked:
    """To look the file through; what the checks say is given."""
    span = part(service, snapshot, 0)
    told = "\n".join(f"- {one}" for one in messages[:12])
    asked = f"Review {_name(snapshot)}: what is wrong or risky, and what would you change?"
    text = f"{asked} The checks say:\n{told or '- nothing'}"
    return _asked(service, snapshot, span, text, span)


def generate(service: LanguageService, snapshot: Snapshot, comment: tuple[str, Span]) -> Asked:
    """To write what a comment asks for, below it."""
    text, span = comment
    at = Span(span.end, span.end)
    return _asked(service, snapshot, at, text, None)


def _asked(service: LanguageService, snapshot: Snapshot, span: Span, text: str, shown: Span | None) -> Asked:
    name = _name(snapshot)
    texts = ((name, snapshot.slice(shown)),) if shown is not None else ()
    domain = _EXPERTS[service.language]
    assert domain in DOMAINS
    language = PurePath(snapshot.path).suffix.lstrip(".") if service.language == "kicad" else service.language
    return Asked(Question(text, domain, texts=texts, language=language), snapshot, span, language)


def _name(snapshot: Snapshot) -> str:
    return PurePath(snapshot.path).name or "the file"
