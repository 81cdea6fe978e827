"""`kiki route`."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.routing import Router, Routing


@click.command()
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--why", is_flag=True, help="What spoke for each expert.")
@click.option("--jsonl", is_flag=True, help='A stream of {"text": …} lines in, a result line each out.')
def command(text: str | None, as_json: bool, why: bool, jsonl: bool) -> None:
    """Which experts a question goes to; `-` reads it from standard input."""
    from kiki_core.commands.models import ensure
    from kiki_core.encoder import Encoder
    from kiki_core.models.registry import ENCODER
    from kiki_core.routing import Router

    if not jsonl and text is None:
        raise KikiError("no question given", "kiki route TEXT, or --jsonl for a stream")
    ensure(ENCODER)
    router = Router(Encoder())
    if jsonl:
        for number, line in enumerate(sys.stdin, start=1):
            if line.strip():
                click.echo(json.dumps(_result(router, _text(line, number))[0]))
        return
    assert text is not None
    if text == "-":
        text = sys.stdin.buffer.read(1_000_000).decode("utf-8", "replace")
    result, routing = _result(router, text)
    if as_json:
        click.echo(json.dumps(result))
        return
    if routing.none:
        click.echo("none: the base model answers alone")
    for expert in routing.active:
        click.echo(f"{expert.weight:.2f}  {expert.domain}")
    if why:
        for reason in routing.why:
            click.echo(f"      {reason}")


def _text(line: str, number: int) -> str:
    try:
        value = json.loads(line)
        return str(value["text"])
    except (ValueError, KeyError, TypeError) as error:
        raise KikiError(f"line {number} is no object with a text", 'send {"text": "…"} on each line') from error


def _result(router: Router, text: str) -> tuple[dict[str, Any], Routing]:
    start = time.perf_counter()
    routing = router.route(text)
    elapsed = (time.perf_counter() - start) * 1e3
    active = [{"domain": expert.domain, "score": expert.weight} for expert in routing.active]
    scores = {domain: round(score, 4) for domain, score in routing.scores.items()}
    return {"scores": scores, "active": active, "none": routing.none, "elapsed_ms": round(elapsed, 2)}, routing
