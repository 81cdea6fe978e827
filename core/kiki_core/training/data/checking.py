"""Whether an answer to a question is right, by the domain's tool: of a proposed pair, or of a model asked."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_core.training.data.judgement import PASSED, Judgement
from kiki_core.training.pairs import Pair

if TYPE_CHECKING:
    from kiki_tools.spice.ngspice import Simulation

MOST_TEXT = 40_000
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*```[ \t]*[\w+-]*[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", re.MULTILINE | re.DOTALL)


async def check(pair: Pair, answer: str) -> Judgement:
    """Judges an answer to a pair's question, the pair's own or a model's.

    Raises:
        KikiError: if the pair has no check, or the tool that judges is missing.
    """
    if not pair.check:
        raise KikiError(f"no tool can judge answers to {pair.instruction[:60]!r}", "take pairs that have a check")
    return await judged(pair.check, answer)


async def judged(check: Mapping[str, Any], answer: str) -> Judgement:
    """Judges an answer by a check: a probe's, or one of this package's kinds: `circuit`, `card`, `value`, `firmware`,
    `kicad-file`.

    Raises:
        KikiError: if the tool that judges is missing, or the check is of no known kind.
    """
    answer = answer[:MOST_TEXT]
    match check["kind"]:
        case "circuit":
            return await circuit(check, answer)
        case "card":
            return await card(check, answer)
        case "value":
            return await value(check, answer)
        case "firmware":
            return await firmware(check, answer)
        case "kicad-file":
            from kiki_core.training.data import kicad_checking

            return await kicad_checking.check(check, block(answer))
        case _:
            from kiki_core.adapters.scoring import scored

            return PASSED if await scored(check, answer) else Judgement(False, f"{check['kind']}: not passed")


async def card(check: Mapping[str, Any], answer: str) -> Judgement:
    """At most three cards which, put into the check's deck, run in ngspice and give what was stated.

    Raises:
        KikiError: if ngspice is missing.
    """
    found = block(answer)
    lines = [line for line in found.splitlines() if line.strip() and not line.startswith("*")]
    if not 1 <= len(lines) <= 3:
        return Judgement(False, "no card" if not lines else "more than a card")
    return await _simulated(check, str(check["deck"]).replace("{card}", "\n".join(lines)))


async def value(check: Mapping[str, Any], answer: str) -> Judgement:
    """The last number of an answer that has the unit is, within 3 %, what ngspice measures in the check's deck.

    Raises:
        KikiError: if ngspice is missing.
    """
    from kiki_core.training.data.measuring import measured
    from kiki_core.training.data.numbers import last_number

    stated = last_number(answer, str(check["unit"]))
    if stated is None:
        return Judgement(False, "no number", f"no number in {check['unit'] or 'plain digits'}")
    simulation, why_not = await _ran(str(check["deck"]))
    if simulation is None:
        return why_not
    if "measure" in check:
        found = simulation.measures.get(str(check["measure"]))
    else:
        found = measured(str(check["quantity"]), None, simulation.analyses, float(check.get("near", 0.0)))
    if found is None:
        return Judgement(False, "not measurable")
    found *= float(check.get("scale", 1.0))
    is_near = abs(stated - found) <= 0.03 * abs(found)
    return PASSED if is_near else Judgement(False, "another number", f"{stated:.4g}, but ngspice measures {found:.4g}")


def block(answer: str) -> str:
    """The first fenced block of an answer, else all of it."""
    fence = _FENCE.search(answer)
    return fence.group(1) if fence else answer


async def circuit(check: Mapping[str, Any], answer: str) -> Judgement:
    """One deck, with the devices that were asked for, runs in ngspice and gives what was stated.

    Raises:
        KikiError: if ngspice is missing.
    """
    from kiki_core import artefacts

    decks = artefacts.find(answer)
    if len(decks) != 1:
        return Judgement(False, "no deck" if not decks else "several decks")
    letters = {line[:1].upper() for line in decks[0].text.splitlines()[1:]}
    if lacking := [letter for letter in check.get("devices", "") if letter not in letters]:
        return Judgement(False, "a device is missing", f"no {', '.join(lacking)} card")
    return await _simulated(check, decks[0].text)


async def _simulated(check: Mapping[str, Any], deck: str) -> Judgement:
    from kiki_core.training.data.measuring import outside

    simulation, why_not = await _ran(deck)
    if simulation is None:
        return why_not
    for want in check.get("wants", ()):
        if (wrong := outside(want, simulation.analyses)) is not None:
            return Judgement(False, f"missed: {want['quantity']}", wrong)
    if "measure" in check and (wrong := _not_measured(check["measure"], simulation.measures)) is not None:
        return Judgement(False, "missed: .meas", wrong)
    if failed := [one for one in simulation.expectations if not one.ok]:
        return Judgement(False, "missed: @expect", f"{failed[0].text}: {failed[0].problem}")
    return PASSED


async def _ran(deck: str) -> tuple[Simulation | None, Judgement]:
    """The deck's simulation without an error, or why there is none."""
    from kiki_core.events import Artefact
    from kiki_core.verification import check_deck

    checked = await check_deck(Artefact("circuit.cir", "spice", deck, None), 0)
    simulation = checked.simulation
    if simulation is None:
        if checked.complaints:
            return None, Judgement(False, "refused without a sandbox", checked.complaints[0])
        raise KikiError("ngspice is not installed", "`kiki doctor` names the command that adds it")
    if simulation.errors:
        return None, Judgement(False, "ngspice refuses it", checked.complaints[0] if checked.complaints else "")
    return simulation, PASSED


def _not_measured(wanted: Mapping[str, Any], measures: Mapping[str, float | None]) -> str | None:
    value = measures.get(str(wanted["name"]).lower())
    if value is None:
        return f"no .meas named {wanted['name']}"
    return None if wanted["low"] <= value <= wanted["high"] else f"{wanted['name']} is {value:.4g}"


async def firmware(check: Mapping[str, Any], answer: str) -> Judgement:
    """One C file that compiles without a warning and touches what was asked for, in which kiki finds no error, and
    which, where QEMU is installed, leaves in the registers what was asked for.

    Against kiki's stand-in for ST's device header, which has the registers and the bits that kiki's own code uses.

    Raises:
        KikiError: if the compiler is missing.
    """
    from kiki_core.training.data import registers
    from kiki_tools.stm32 import compiler
    from kiki_tools.stm32.device import device
    from kiki_tools.stm32.flags import core_flags
    from kiki_tools.stm32.init import cmsis

    code, of = block(answer), device(str(check["part"]))
    assert of is not None
    bare = re.sub(r"\s+", "", _COMMENT.sub(" ", code).replace("void ", "void").replace("int ", "int"))
    for need in check.get("needs", ()):
        if re.search(need, bare) is None:
            return Judgement(False, "something asked for is missing", f"nothing matches {need}")
    define = f"-D{of.name[:9]}xx"
    name = f"stm32{of.family}xx.h"
    inputs = {"src/main.c": code.encode("utf-8", "replace"), f"src/{name}": (cmsis.header(of) or "").encode()}
    words = ["-c", "-O2", "-std=gnu11", "-Wall", "-Wextra", *core_flags(of), define, "-I/w/src", "/w/src/main.c"]
    try:
        outcome = await compiler.run([*words, "-o", "/out/main.o"], inputs, [], ["main.o"])
    except compiler.CompilerMissing as error:
        raise KikiError(str(error), "`kiki doctor` names the command that adds it") from error
    said = outcome.stderr.decode("utf-8", "replace").replace("/w/src/", "")
    told = [line for line in said.splitlines() if ": error: " in line or ": warning: " in line or "fatal" in line]
    if told or "main.o" not in outcome.outputs:
        what = "gcc warns" if told and ": warning: " in told[0] else "gcc refuses it"
        return Judgement(False, what, told[0] if told else said[:300])
    own = _own(code, [*core_flags(of), define])
    if not own.ok or not check.get("steps") or shutil.which("qemu-system-arm") is None:
        return own
    fault = await registers.wrong(code, check["steps"], of)
    return PASSED if fault is None else Judgement(False, "wrong in the registers", fault)


def _own(code: str, flags: Sequence[str]) -> Judgement:
    """What kiki's own analysis says: pins without the function, clocks not enabled, and the like."""
    from kiki_core.checking import check as findings

    with tempfile.TemporaryDirectory(prefix="kiki-") as folder:
        Path(folder, "main.c").write_text(code, "utf-8")
        Path(folder, "compile_flags.txt").write_text("\n".join(flags) + "\n", "utf-8")
        for each in findings([Path(folder)]):
            if each.diagnostic.severity == "error":
                return Judgement(False, f"kiki: {each.diagnostic.code}", each.diagnostic.message)
    return PASSED
