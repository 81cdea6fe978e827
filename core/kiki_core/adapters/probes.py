"""Probes: questions whose answers are scored without a judge, one JSON object a line.

``{"id", "domain", "prompt", "check", "max_tokens"?}`` with one of these checks:

- ``{"kind": "choice", "options": [2 to 8 texts], "answer": index}``: the model may only say a letter;
- ``{"kind": "exact", "answers": [texts]}``: the whole answer, but for case, blanks, quotes and a full stop;
- ``{"kind": "number", "value": x, "tolerance"?: relative}``: the first number of the answer;
- ``{"kind": "regex", "pattern": "…"}``: found anywhere, whatever the case;
- ``{"kind": "spice", "expect"?: ["NAME OP VALUE"]}``: the answer's one deck runs in ngspice and meets what is expected;
- ``{"kind": "kicad", "file": "kicad_sch|kicad_pcb|kicad_sym|kicad_mod"}``: KiCad loads it;
- ``{"kind": "c"}``: arm-none-eabi-gcc compiles the C block without a warning.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError

_MOST_BYTES = 16_000_000
_MOST_PROBES = 10_000
KICAD_FILES = ("kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod")


@dataclass(frozen=True, slots=True)
class Probe:
    """One question. ``check`` has been validated."""

    id: str
    domain: str
    prompt: str
    check: Mapping[str, Any]
    max_tokens: int


def read(path: Path | None = None) -> tuple[Probe, ...]:
    """The probes of a file; without one, those that come with kiki.

    Raises:
        KikiError: for a file that can't be read, or the first line that is no probe (naming it).
    """
    if path is None:
        return tuple(_parsed(files("kiki_core.adapters.data").joinpath("probes.jsonl").read_bytes(), "kiki's probes"))
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise KikiError(f"can't read {path}: {error.strerror}", "name a file of probes") from error
    if len(content) > _MOST_BYTES:
        raise KikiError(f"{path} has more than {_MOST_BYTES // 1_000_000} MB", "split it")
    found = tuple(_parsed(content, str(path)))
    if not found:
        raise KikiError(f"{path} has no probe", "see docs/adapters.md for the format")
    return found


def _parsed(content: bytes, where: str) -> Iterator[Probe]:
    seen: set[str] = set()
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            probe = _probe(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError, re.error) as error:
            told = f"{error} is missing" if isinstance(error, KeyError) else str(error)[:200]
            raise KikiError(f"{where}, line {number}: {told}", "see docs/adapters.md for the format") from error
        if probe.id in seen or len(seen) >= _MOST_PROBES:
            raise KikiError(f"{where}, line {number}: the id {probe.id} occurs twice or there are too many", "mend it")
        seen.add(probe.id)
        yield probe


def _probe(value: Any) -> Probe:
    identity, domain, prompt, check = (value[key] for key in ("id", "domain", "prompt", "check"))
    most = value.get("max_tokens", 64)
    if not all(isinstance(text, str) and text.strip() for text in (identity, domain, prompt)):
        raise ValueError("id, domain and prompt are texts")
    if domain not in DOMAINS:
        raise ValueError(f"{domain!r} is no domain of kiki's")
    if type(most) is not int or not 1 <= most <= 4096:
        raise ValueError("max_tokens is a number from 1 to 4096")
    if len(prompt) > 20_000:
        raise ValueError("the prompt is longer than 20000 characters")
    _check(check)
    return Probe(identity, domain, prompt, check, most)


def _check(check: Any) -> None:
    kind = check["kind"]
    if kind == "choice":
        options, answer = check["options"], check["answer"]
        if not (_texts(options) and 2 <= len(options) <= 8 and type(answer) is int and 0 <= answer < len(options)):
            raise ValueError("a choice has 2 to 8 options, and the index of the answer")
    elif kind == "exact":
        if not _texts(check["answers"]):
            raise ValueError("exact has answers")
    elif kind == "number":
        if not all(_number(each) for each in (check["value"], check.get("tolerance", 0))):
            raise ValueError("number has a value, and perhaps a tolerance")
    elif kind == "regex":
        if not isinstance(check["pattern"], str) or len(check["pattern"]) > 2000:
            raise ValueError("regex has a pattern")
        re.compile(check["pattern"])
    elif kind == "spice":
        if "expect" in check and not _texts(check["expect"]):
            raise ValueError("expect is a list of texts")
    elif kind == "kicad":
        if check["file"] not in KICAD_FILES:
            raise ValueError(f"file is one of {', '.join(KICAD_FILES)}")
    elif kind != "c":
        raise ValueError(f"{kind!r} is no kind of check")


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and "\n" not in each for each in value)


def _number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
