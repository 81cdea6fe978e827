"""`kiki route`."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from kiki_core import config as configuration
from kiki_core.commands.incoming import batches
from kiki_core.commands.worded import Worded
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.routing import Router, Routing

_MOST_BYTES = 2_000_000
_BATCH = 64


@click.command(cls=Worded)
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--why", is_flag=True, help="What moved the scores, and the nearest training prompts.")
@click.option("--view", type=click.Choice(["domains", "merged", "families"]), default="domains", help="How to sum up.")
@click.option("--jsonl", is_flag=True, help='A stream of {"text": …} lines in, a result line each out.')
def command(text: str | None, as_json: bool, why: bool, view: str, jsonl: bool) -> int:
    """Which experts a question goes to; `-` reads it from standard input."""
    from kiki_core.routing.opening import open_router

    if not jsonl and text is None:
        raise KikiError("no question given", "kiki route TEXT, or --jsonl for a stream")
    router = open_router(configuration.load())
    if jsonl:
        return _stream(router)
    assert text is not None
    if text == "-":
        text = sys.stdin.buffer.read(_MOST_BYTES).decode("utf-8", "replace")
    _ = router.head
    start = time.perf_counter()
    routing = router.route(text)
    told = result(routing, (time.perf_counter() - start) * 1e3)
    if as_json:
        click.echo(json.dumps({**told, **(_why(router, routing, text) if why else {}), **_view(routing, view)}))
        return 0
    if routing.none:
        click.echo("none: the base model answers alone")
    for expert in routing.active:
        click.echo(f"{expert.weight:.2f}  {expert.domain}")
    for name, score in sorted(_view(routing, view).get(view, {}).items(), key=lambda item: -item[1])[:5]:
        click.echo(f"{score:.2f}  {name} ({view})")
    if why:
        _tell(_why(router, routing, text), routing.inside)
    return 0


def _stream(router: Router) -> int:
    """A result line for each line of the input, in order; for a wrong one its error, and 1 as the exit status."""
    status = 0
    for batch in batches(_BATCH):
        start = time.perf_counter()
        read = [_text(line, number) for number, line in batch]
        routings = iter(router.route_many([each for each in read if isinstance(each, str)]))
        elapsed = (time.perf_counter() - start) * 1e3 / len(batch)
        answers = [result(next(routings), elapsed) if isinstance(each, str) else each for each in read]
        status = status or int(any("error" in answer for answer in answers))
        click.echo("\n".join(json.dumps(answer) for answer in answers))
    return status


def _text(line: bytes, number: int) -> str | dict[str, Any]:
    """The text of a line, or what is wrong with it."""
    try:
        value = json.loads(line)["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        value = None
    if isinstance(value, str):
        return value
    return {"error": 'the line is no object with a text; send {"text": "…"}', "line": number}


def result(routing: Routing, elapsed_ms: float) -> dict[str, Any]:
    """A routing as the contract has it."""
    active = [{"domain": expert.domain, "score": expert.weight} for expert in routing.active]
    scores = {domain: round(score, 4) for domain, score in routing.scores.items()}
    inside = round(routing.inside, 4)
    return {
        "scores": scores,
        "active": active,
        "none": routing.none,
        "inside": inside,
        "elapsed_ms": round(elapsed_ms, 2),
    }


def _view(routing: Routing, view: str) -> dict[str, dict[str, float]]:
    from kiki_core.domains import families, merged

    if view == "domains":
        return {}
    scores = (merged if view == "merged" else families)(routing.scores)
    return {view: {name: round(score, 4) for name, score in scores.items()}}


def _why(router: Router, routing: Routing, text: str) -> dict[str, Any]:
    from kiki_core.routing.why import neighbours, reasons

    return {
        "why": [
            {"domain": reason.domain, "what": reason.what, "moved": round(reason.moved, 3)}
            for reason in reasons(router, routing, text)
        ],
        "nearest": [
            {"text": near.text, "labels": near.labels, "similarity": round(near.similarity, 3)}
            for near in neighbours(router, routing, text)
        ],
    }


def _tell(why: dict[str, Any], inside: float) -> None:
    click.echo(f"      fits any of kiki's domains: {inside:.2f}")
    for reason in why["why"]:
        click.echo(f"      {reason['moved']:+.2f}  {reason['domain']}: {reason['what']}")
    click.echo("      nearest training prompts:")
    for near in why["nearest"]:
        labels = ", ".join(near["labels"]) or "none"
        click.echo(f"      {near['similarity']:.2f}  {labels}: {' '.join(near['text'].split())[:90]}")
