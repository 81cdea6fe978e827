"""Episodes as JSON objects, one a line: what `kiki memory add --jsonl`, `export` and `import` speak."""

from __future__ import annotations

import json
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.memory import times
from kiki_core.memory.model import EDGE_KINDS, MOST_TEXT, Episode, Kept, Link, Recollection

_KNOWN = {
    "text", "answer", "session", "time", "author", "domain", "ref", "supersedes", "links", "id", "project", "verified",
    "artefacts", "pinned", "kind",
}  # fmt: skip


def episode_of(line: str | bytes) -> Episode:
    """The episode that a line describes: `text`, and if wanted `session`, `time`, `author`, `domain`, `ref`,
    `supersedes` (a ref or several), `links`; and what `export` adds. Other keys are left alone.

    Raises:
        KikiError: if it is no such object; the message says what is wrong with it.
    """
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise KikiError("the line is no JSON object", 'send {"text": "…"}') from None
    if not isinstance(given, dict):
        raise KikiError("the line is no JSON object", 'send {"text": "…"}')
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise KikiError("the object has no text", 'send {"text": "…"}')
    if len(text) > MOST_TEXT:
        raise KikiError(f"the text has {len(text)} characters, the limit is {MOST_TEXT}", "split it")
    moment = given.get("time")
    if moment is not None and not isinstance(moment, str | int | float):
        raise KikiError("time is neither a number nor a text", "write it as 2026-03-01T14:30:00Z")
    verified = given.get("verified")
    return Episode(
        text,
        answer=_text(given, "answer"),
        artefacts=tuple(str(one) for one in given.get("artefacts") or ()),
        verified=verified if isinstance(verified, bool) else None,
        domain=_text(given, "domain"),
        session=_text(given, "session"),
        author=_text(given, "author"),
        ref=_text(given, "ref"),
        time=None if moment is None else times.parse(moment),
        given_time=moment,
        supersedes=_refs(given.get("supersedes")),
        links=_links(given.get("links")),
        project=_text(given, "project") if given.get("project") is not None else None,
        pinned=given.get("pinned") is True,
        kind="summary" if given.get("kind") == "summary" else "episode",
        id=_id(given.get("id")),
    )


def exported(episode: Kept, supersedes: list[str], links: list[Link]) -> dict[str, Any]:
    """The object that `export` writes; `episode_of` reads it again."""
    found: dict[str, Any] = {
        "id": episode.id,
        "text": episode.question,
        "session": episode.session,
        "time": shown_time(episode),
        "author": episode.author,
        "domain": episode.domain,
        "ref": episode.ref,
    }
    if supersedes:
        found["supersedes"] = supersedes[0] if len(supersedes) == 1 else supersedes
    if links:
        found["links"] = [{"kind": link.kind, "ref": link.ref} for link in links]
    more = {
        "answer": episode.answer, "project": episode.project, "artefacts": list(episode.artefacts),
        "pinned": episode.pinned, "kind": episode.kind if episode.kind != "episode" else "",
    }  # fmt: skip
    found |= {name: value for name, value in more.items() if value}
    if episode.verified is not None:
        found["verified"] = episode.verified
    return found


def recalled(one: Recollection) -> dict[str, Any]:
    """The object that `recall` writes."""
    return {
        "id": one.id,
        "ref": one.ref,
        "text": one.text,
        "score": one.score,
        "domain": one.domain,
        "time": shown_time(one),
        "session": one.session,
        "author": one.author,
        "superseded": one.superseded,
        "why": one.why,
    }


def shown_time(episode: Kept | Recollection) -> str | float:
    """The time as the caller wrote it, else ISO 8601."""
    return times.written(episode.time) if episode.given_time is None else episode.given_time


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if isinstance(value, dict | list | bool):
        raise KikiError(f"{name} is no text", f'send {{"text": "…", "{name}": "…"}}')
    return str(value)


def _refs(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    refs = value if isinstance(value, list) else [value]
    if not all(isinstance(ref, str | int) for ref in refs):
        raise KikiError("supersedes is no ref", 'send {"text": "…", "supersedes": "the ref"}')
    return tuple(str(ref) for ref in refs)


def _links(value: Any) -> tuple[Link, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise KikiError("links is no list", 'send {"links": [{"kind": "causal", "ref": "…"}]}')
    links = []
    for one in value:
        if not isinstance(one, dict) or one.get("kind") not in EDGE_KINDS or not isinstance(one.get("ref"), str | int):
            raise KikiError(f"a link must have a ref and a kind, one of {', '.join(EDGE_KINDS)}", "mend the line")
        links.append(Link(one["kind"], str(one["ref"])))
    return tuple(links)


def _id(value: Any) -> str:
    identity = str(value) if isinstance(value, str) else ""
    return identity.lower() if len(identity) == 32 and all(c in "0123456789abcdefABCDEF" for c in identity) else ""
