"""Whether an answer passes its probe's check: by comparing, or by the tool that judges such artefacts."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Mapping
from typing import Any

from kiki_core.adapters.probes import Probe
from kiki_core.backends.protocol import Backend, Message, Request, WeightedAdapter
from kiki_core.errors import KikiError

_LETTERS = "ABCDEFGH"
_LETTER = re.compile(rf"\W*([{_LETTERS}])\b")
_FENCE = re.compile(r"```[ \t]*[\w+-]*[^\n]*\n(.*?)(?:```|\Z)", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_MOST_TEXT = 40_000
_REGEX_S = 5
"""Of processor time, so that a busy machine fails no pattern; of the clock it may take ten times that."""
_WAIT = "the gate decides nothing without it"
_SEARCH = """
import contextlib, json, re, sys
with contextlib.suppress(ImportError):
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
pattern, text = json.load(sys.stdin)
sys.exit(0 if re.search(pattern, text, re.IGNORECASE | re.DOTALL) else 3)
"""


def request(probe: Probe, adapters: tuple[WeightedAdapter, ...], *, grammar: bool) -> Request:
    """The question to a model, greedy, so that both runs differ in their adapters only.

    ``grammar``: whether the model's server can be held to the letters of a choice.
    """
    prompt, held, most = probe.prompt, None, probe.max_tokens
    if probe.check["kind"] == "choice":
        options = probe.check["options"]
        letters = _LETTERS[: len(options)]
        listed = "\n".join(f"{letter}) {option}" for letter, option in zip(letters, options, strict=True))
        prompt = f"{prompt}\n{listed}\nAnswer with the letter only."
        if grammar:
            held = "root ::= " + " | ".join(f'"{letter}"' for letter in letters)
        most = 2
    return Request(
        (Message("user", prompt),), max_tokens=most, temperature=0.0, seed=1, adapters=adapters, grammar=held
    )


async def passes(probe: Probe, adapters: tuple[WeightedAdapter, ...], backend: Backend) -> bool:
    """Asks the model and scores its answer.

    Raises:
        KikiError: if the model can't answer, or the tool that judges is missing.
    """
    text = ""
    stream = backend.generate(request(probe, adapters, grammar=backend.capabilities.grammar))
    try:
        async for piece in stream:
            text += piece.text
            if len(text) > _MOST_TEXT:
                break
    finally:
        await stream.aclose()
    return await scored(probe.check, text[:_MOST_TEXT])


async def scored(check: Mapping[str, Any], text: str) -> bool:
    """Whether a text passes a check.

    Raises:
        KikiError: if the tool that judges is missing, or a pattern takes too long.
    """
    match check["kind"]:
        case "choice":
            chosen = _LETTER.match(text)
            return chosen is not None and chosen.group(1) == _LETTERS[check["answer"]]
        case "exact":
            return _plain(text) in {_plain(answer) for answer in check["answers"]}
        case "number":
            found = _NUMBER.search(text.replace(",", ""))
            margin = check.get("tolerance", 0) * abs(check["value"])
            return found is not None and abs(float(found.group()) - check["value"]) <= margin
        case "regex":
            return await _matches(check["pattern"], text)
        case "spice":
            return await _deck_runs(text, check.get("expect", []))
        case "kicad":
            return await _kicad_loads(text, check["file"])
        case "c":
            return await _compiles(text)
    raise KikiError(f"unknown check {check['kind']!r}", "see docs/adapters.md")


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .`'\"*").casefold()


async def _matches(pattern: str, text: str) -> bool:
    """In a process of its own: a pattern can take for ever, and Python's can't be stopped."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", _SEARCH, str(_REGEX_S),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.communicate(json.dumps([pattern, text]).encode()), 10 * _REGEX_S)
    except TimeoutError as error:
        raise _slow(pattern) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode is not None and process.returncode < 0:  # the system ended it at its limit
        raise _slow(pattern)
    return process.returncode == 0


def _slow(pattern: str) -> KikiError:
    return KikiError(f"the pattern {pattern[:80]!r} takes too long", "write one that doesn't backtrack")


def _block(text: str) -> str:
    """The first fenced block, else all."""
    fence = _FENCE.search(text)
    return fence.group(1) if fence else text


async def _deck_runs(text: str, expected: list[str]) -> bool:
    from dataclasses import replace

    from kiki_core import artefacts
    from kiki_core.verification import check_deck

    decks = artefacts.find(text)
    if len(decks) != 1:
        return False
    lines = decks[0].text.splitlines()
    stated = [f"* @expect {one}" for one in expected]
    checked = await check_deck(replace(decks[0], text="\n".join([*lines[:1], *stated, *lines[1:]]) + "\n"), 0)
    if checked.ok is None and not checked.complaints:
        raise KikiError("ngspice is not installed", _WAIT)
    return checked.ok is True


async def _kicad_loads(text: str, kind: str) -> bool:
    from kiki_tools.kicad import instrument
    from kiki_tools.text import Snapshot

    snapshot = Snapshot(_block(text), f"/probe/answer.{kind}")
    try:
        if kind == "kicad_sch":
            await instrument.check("erc", snapshot, {})
        elif kind == "kicad_pcb":
            await instrument.check("drc", snapshot, {})
        else:
            await instrument.picture(snapshot, {})
    except instrument.KicadMissing as error:
        raise KikiError(str(error), _WAIT) from error
    except instrument.KicadFailed:
        return False
    return True


async def _compiles(text: str) -> bool:
    from kiki_tools.stm32 import compiler

    words = [
        "-c",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-mcpu=cortex-m4",
        "-mthumb",
        "/probe/answer.c",
        "-o",
        "/out/answer.o",
    ]
    try:
        outcome = await compiler.run(
            words, {"/probe/answer.c": _block(text).encode("utf-8", "replace")}, [], ["answer.o"]
        )
    except compiler.CompilerMissing as error:
        raise KikiError(str(error), _WAIT) from error
    return "answer.o" in outcome.outputs
