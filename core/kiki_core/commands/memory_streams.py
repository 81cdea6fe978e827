"""The streams of `kiki memory add --jsonl` and `recall --jsonl`: a line in, a line out, in order."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click

from kiki_core.commands.incoming import LONGEST_LINE, batches
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.memory import Memory

_AT_ONCE = 256
"""Lines that become durable in one step when they come faster than the disk."""


def add_lines(memory: Memory) -> int:
    """Answers each line once it is durable; gives the exit status.

    Lines that came while the disk worked become durable together.
    """
    from kiki_core.memory.interchange import episode_of
    from kiki_core.memory.model import Episode

    status = 0
    for batch in batches(_AT_ONCE):
        answers: list[dict[str, Any]] = []
        episodes: list[Episode] = []
        places: list[int] = []
        for number, line in batch:
            try:
                episode = episode_of(line)
            except KikiError as error:
                status = 1
                answers.append({"error": str(error), "line": number})
                continue
            places.append(len(answers))
            answers.append({"id": "", "ref": episode.ref})
            episodes.append(episode)
        for place, identity in zip(places, memory.add(episodes), strict=True):
            answers[place]["id"] = identity
        sys.stdout.write("".join(json.dumps(answer) + "\n" for answer in answers))
        sys.stdout.flush()
    return status


def recall_lines(memory: Memory, values: dict[str, Any]) -> int:
    """Answers each line with its results; gives the exit status. ``values``: of the query where a line says nothing."""
    from kiki_core.memory import Query
    from kiki_core.memory.interchange import recalled

    status = 0
    memory.search(Query("warm", 1, project=memory.project))
    while line := sys.stdin.buffer.readline(LONGEST_LINE):
        if not line.strip():
            continue
        started = time.perf_counter()
        try:
            given = json.loads(line)
            text, wanted = given["query"], {**values}
            if not isinstance(text, str):
                raise TypeError
            for name, kind in (("k", int), ("session", str), ("relevant", bool), ("superseded", bool), ("budget", int)):
                if given.get(name) is not None:
                    wanted[name] = kind(given[name])
            if given.get("now") is not None:
                from kiki_core.memory import times

                wanted["now"] = times.parse(given["now"])
        except (ValueError, KeyError, TypeError, RecursionError):
            status = 1
            problem = 'the line is no object with a query; send {"query": "…"}'
            click.echo(json.dumps({"query": None, "results": [], "error": problem}))
            continue
        except KikiError as error:
            status = 1
            click.echo(json.dumps({"query": text, "results": [], "error": str(error)}))
            continue
        found = [recalled(one) for one in memory.search(Query(text, **wanted))]
        elapsed = round((time.perf_counter() - started) * 1e3, 2)
        click.echo(json.dumps({"query": text, "results": found, "elapsed_ms": elapsed}, ensure_ascii=False))
        sys.stdout.flush()
    return status
