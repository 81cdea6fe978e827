"""The answer to a request for firmware, in Markdown: what was asked and got, what was chosen, the code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from kiki_core.events import Artefact, Requirement
from kiki_core.planning.shown import table, with_unit
from kiki_tools.stm32.init.setup import Setup, summary

_FENCED = ("main.c",)


def made(
    setup: Setup, asked: Mapping[str, Any], requirements: Sequence[Requirement], notes: Sequence[str],
    artefacts: Sequence[Artefact], said: Sequence[str],
) -> str:  # fmt: skip
    """The answer where code was made; ``said``: what the tools said of it."""
    style = "ST's HAL" if asked.get("style") == "hal" else "CMSIS registers"
    lines = [f"Init code for the **{asked['device']}**, in C for {style}.", ""]
    if requirements:
        lines += [table(requirements), ""]
    lines += ["Chosen:", *(f"- {line}" for line in summary(setup)), ""]
    lines += [*(f"> {note}" for note in notes), ""] if notes else []
    lines += ["Checked: " + "; ".join(said) + ".", ""] if said else []
    shown = [each for each in artefacts if each.name.endswith((".c", ".h")) and not _is_header_of_st(each.name)]
    for each in shown:
        lines += [f"`{each.name}`:", "", "```c", each.text.rstrip("\n"), "```", ""]
    if any(_is_header_of_st(each.name) for each in artefacts):
        name = next(each.name for each in artefacts if _is_header_of_st(each.name))
        lines.append(f"`{name}` beside it is a stand-in with the registers that this code uses; where ST's CMSIS headers "
                     "are installed, leave it out.")  # fmt: skip
    return "\n".join(lines).rstrip("\n") + "\n"


def _is_header_of_st(name: str) -> bool:
    return re.fullmatch(r"stm32\w\dxx\.h", name) is not None


def impossible(asked: Mapping[str, Any], problems: Sequence[str], changed: Sequence[str] = ()) -> str:
    """Why a request can't be met, plainly; ``changed``: what the nearest that can be made does differently."""
    lines = [f"As asked, this can't be done on the **{asked['device']}**:", ""]
    lines += [f"- {plainly(problem, asked)}" for problem in problems]
    if changed:
        lines += ["", "The nearest that can be made, below, differs in this:", ""]
        lines += [f"- {each}" for each in changed]
    return "\n".join(lines) + "\n"


def plainly(problem: str, asked: Mapping[str, Any]) -> str:
    """A problem in the words of the request rather than of the plan."""
    entries = asked.get("peripherals", [])

    def named(match: re.Match[str]) -> str:
        number = int(match.group(1))
        entry = entries[number] if number < len(entries) else {}
        return str(entry.get("instance") or entry.get("label") or str(entry.get("kind", "")).upper())

    def ranged(match: re.Match[str]) -> str:
        """A field beyond its range, in the request's units."""
        unit, scale = {
            "us": ("s", 1e-6),
            "ms": ("s", 1e-3),
            "mv": ("V", 1e-3),
            "hz": ("Hz", 1),
            "percent": ("%", 1),
        }.get(match.group(3), (match.group(3), 1))
        value, low, high = (value_of(float(each.replace(" ", "")) * scale, unit) for each in match.groups()[3:])
        name = match.group(2).replace("_", " ")
        return f"peripherals[{match.group(1)}]: a {name} of {value} can't be had; at least {low}, at most {high}"

    text = re.sub(
        r"peripherals\[(\d+)\]\.(\w+)_(us|ms|s|k?hz|mv|percent): (\S+) isn't within ([\d. ]+) and ([\d. ]+)$",
        ranged,
        problem,
    )
    text = re.sub(r"peripherals\[(\d+)\](?: \([^)]*\))?(?:\.\w+)?", named, text)
    text = text.replace("clock.sysclk_hz", "core clock").replace("clock.hse_hz", "crystal")
    return re.sub(r"^(\w+): \1 ", r"\1 ", text)


def value_of(number: float, unit: str) -> str:
    """A number with its unit, as engineers write it."""
    return with_unit(number, unit)
