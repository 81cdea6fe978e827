"""A plan compiled: its files in the chosen style, the flags that they are read with, and what gcc says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kiki_tools.stm32 import compiler
from kiki_tools.stm32.flags import core_flags
from kiki_tools.stm32.init import cmsis, hal, registers
from kiki_tools.stm32.init.plan import Plan
from kiki_tools.stm32.init.setup import Setup, solved

__all__ = ["Outcome", "Setup", "files", "flags_file", "verified"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the compiler says: ``ok`` None where it, or the headers, are missing."""

    ok: bool | None
    said: str
    version: str = ""


def files(plan: Plan) -> tuple[Setup, dict[str, str]]:
    """The setup of a plan and its C files by their names; the same plan gives the same text.

    Raises:
        ImpossiblePlan: says what can't be had, and what can.
    """
    setup = solved(plan)
    return setup, hal.files(setup) if plan.style == "hal" else registers.files(setup)


def defines(setup: Setup) -> list[str]:
    """The macros that the headers want."""
    return [f"-D{setup.part.define}", *(["-DUSE_HAL_DRIVER"] if setup.plan.style == "hal" else [])]


def flags_file(setup: Setup, headers: Mapping[str, str]) -> str:
    """`compile_flags.txt`: a flag a line; ``headers``: folders by what they hold, as `headers.find` gives them."""
    kinds = ("hal", "device", "core") if setup.plan.style == "hal" else ("device", "core")
    words = [
        *core_flags(setup.part.device),
        *defines(setup),
        "-I.",
        *(f"-I{headers[k]}" for k in kinds if k in headers),
    ]
    return "\n".join(words) + "\n"


async def verified(setup: Setup, made: Mapping[str, str], headers: Mapping[str, str]) -> Outcome:
    """Compiles the files with all warnings; register code without ST's headers against kiki's stand-in for them."""
    device_header = f"{setup.family.prefix}.h"
    wanted = {"hal": f"{setup.family.prefix}_hal.h", "device": device_header, "core": "core_cm4.h"}
    if setup.plan.style != "hal":
        del wanted["hal"]
    inputs = {f"src/{name}": text.encode() for name, text in made.items()}
    lost = [name for kind, name in wanted.items() if kind not in headers]
    against = ""
    if lost:
        stand_in = cmsis.header(setup.part.device) if setup.plan.style == "register" else None
        if stand_in is None:
            return Outcome(None, f"not compiled: {', '.join(lost)} not found; name ST's headers with --headers")
        inputs[f"src/{device_header}"] = stand_in.encode()
        wanted, against = {}, f", against kiki's stand-in for {device_header}"
    folders = [headers[kind] for kind in wanted]
    words = [
        "-c", "-O2", "-std=gnu11", "-Wall", "-Wextra", *core_flags(setup.part.device), *defines(setup), "-I/w/src",
        *(word for folder in folders for word in ("-isystem", folder)),
        *(f"/w/src/{name}" for name in made if name.endswith(".c")),
    ]  # fmt: skip
    try:
        outcome = await compiler.run(words, inputs, folders)
    except compiler.CompilerMissing as error:
        return Outcome(None, f"not compiled: {error}")
    said = outcome.stderr.decode("utf-8", "replace").replace("/w/src/", "")
    told = [line for line in said.splitlines() if ": error: " in line or ": warning: " in line or "fatal" in line]
    if outcome.returncode != 0 or told:
        return Outcome(False, told[0] if told else said[:300] or "the compiler was stopped")
    return Outcome(True, f"compiles without warnings (-Wall -Wextra) for {setup.part.define}{against}")
