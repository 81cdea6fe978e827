"""What a judge says, and the one judgement that is the same for all: of a request that must be refused."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from typing import Any, Protocol


class Told(Protocol):
    """An answer, as far as a refusal is judged."""

    text: str
    verified: bool | None


@dataclass(frozen=True)
class Judged:
    """Whether every check held; ``failed``: those that didn't, with what was found."""

    ok: bool
    failed: tuple[str, ...]


def boxed(*words: str) -> list[str]:
    """A command that runs what a model wrote: without network, files can't be changed, where bubblewrap is there."""
    box = ("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-all", "--die-with-parent")
    return [*(box if shutil.which("bwrap") else ()), *words]


def of_refusal(item: dict[str, Any], made: Told) -> Judged | None:
    """Whether an answer says what can't be, and isn't verified; null where the request can be met."""
    refusal = next((check for check in item["checks"] if check["kind"] == "refuses"), None)
    if refusal is None:
        return None
    lost = [f"not said: {each}" for each in refusal["says"] if not re.search(each, made.text)]
    if made.verified is not False:
        lost.append(f"verified is {made.verified}")
    return Judged(not lost, tuple(lost))
