"""C for STM32: read by kiki's own checks, and compiled by arm-none-eabi-gcc with all usual warnings, in the sandbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from kiki_core.events import Artefact, Evidence, Verdict
from kiki_core.verification import own
from kiki_core.verification.checked import Checked
from kiki_core.verification.spice import quoted
from kiki_tools.language import Workspace
from kiki_tools.stm32.device import Device

_GCC = "arm-none-eabi-gcc"
_SAID = re.compile(
    r"^(?:/w/src/)?(?P<file>[^:\s]+):(?P<line>\d+):\d+: (?P<kind>fatal error|error|warning): (?P<what>.*)$", re.M
)
_LOST = re.compile(r"(\S+): No such file or directory")
_PART = re.compile(r"\bSTM32[A-Z]\d\w{0,8}|\b(?:NUCLEO|DISCO)-?([A-Z]\d\d\d\w{0,3})", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"(?:stm32|core_c|cmsis|arm_|system_stm32|FreeRTOS|task\.h|queue\.h|semphr|usbd?_|lwip|ff\.h)", re.I
)
"""Headers that ST or another vendor gives, and that an answer doesn't bring."""
_ST = re.compile(r'#\s*include\s*[<"](stm32\w+\.h)[>"]')
_MOST = 4


async def check_firmware(artefacts: Sequence[Artefact], attempt: int) -> list[Checked]:
    """The check of each C file and header of one answer, compiled together."""
    found = await asyncio.to_thread(lambda: [own.analysed(one, artefacts) for one in artefacts])
    texts = {one.name: one.text for one in artefacts}
    ok, version, said, log = await compiled(texts)
    checks = []
    for one, diagnostics in zip(artefacts, found, strict=True):
        snapshot = own.snapshot_of(one)
        mine = [match for match in _SAID.finditer(log) if match["file"] == one.name]
        first = f"line {mine[0]['line']}: {mine[0]['what']}" if mine else said
        told = own.complaints(one, diagnostics)
        told += tuple(
            f"{_GCC}: {match['kind']}: {match['what'][:300]}{quoted(snapshot, int(match['line']) - 1)}"
            for match in mine[:_MOST]
        )
        if ok is False and not told and (not mine and not _SAID.search(log)):
            told = (f"{_GCC}: {said}",)
        compiles = None if ok is None else not mine and (ok or bool(_SAID.search(log)))
        evidence = Evidence(_GCC, version, snapshot.sha256, compiles is True, first)
        failed = compiles is False or any(each.severity == "error" for each in diagnostics)
        verdicts = (own.verdict(one, attempt, diagnostics), Verdict(attempt, one.name, evidence, log[:20_000]))
        checks.append(Checked(verdicts, False if failed else compiles, told))
    return checks


async def compiled(texts: dict[str, str]) -> tuple[bool | None, str, str, str]:
    """Whether the files compile without a warning (null where the compiler or a vendor's header is missing), the
    compiler's version, what it says in a line, and all that it says."""
    from kiki_tools.stm32 import compiler
    from kiki_tools.stm32.flags import core_flags

    sources = [name for name in texts if not name.endswith((".h", ".hpp"))] or list(texts)
    device = await asyncio.to_thread(_device, texts)
    defines, folders, stand_in = await asyncio.to_thread(_headers, texts, device)
    inputs = {f"src/{name}": text.encode("utf-8", "replace") for name, text in {**stand_in, **texts}.items()}
    words = [
        "-c", "-Os", "-std=gnu++17" if any(name.endswith(".cpp") for name in sources) else "-std=gnu11", "-Wall",
        "-fno-diagnostics-show-caret", *core_flags(device), *defines, "-I/w/src",
        *(word for folder in folders for word in ("-isystem", folder)),
        *(f"/w/src/{name}" for name in sources),
    ]  # fmt: skip
    try:
        outcome = await compiler.run(words, inputs, folders)
    except compiler.CompilerMissing as error:
        return None, "", f"{error}: nothing was verified", ""
    log = outcome.stderr.decode("utf-8", "replace").replace("/w/src/", "")
    log = _LOST.sub(r"\1 is included, but the answer doesn't give it", log) if not _is_of_others(log) else log
    if lost := _LOST.search(log):
        return None, "", f"not compiled: {lost[1]} is not here; nothing was verified", ""
    told = _SAID.search(log)
    if outcome.returncode != 0 or told:
        stopped = f"stopped: {outcome.stopped}" if outcome.stopped else log.strip()[:300] or "the compiler was stopped"
        return False, "", f"{told['file']}:{told['line']}: {told['what']}" if told else stopped, log
    against = f" for {device.name}" if device is not None else ""
    against += ", against kiki's stand-in for ST's header" if stand_in else ""
    return True, "", f"compiles without warnings (-Wall){against}", log


def _is_of_others(log: str) -> bool:
    """Whether the first header that isn't found is one that a vendor gives."""
    lost = _LOST.search(log)
    return lost is not None and _OF_OTHERS.match(lost[1].rpartition("/")[2]) is not None


def _device(texts: dict[str, str]) -> Device | None:
    """The device that the files name: by their includes, else anywhere in their text."""
    from kiki_tools.stm32.device import device
    from kiki_tools.stm32.project import project_of

    for name, text in texts.items():
        snapshot = own.snapshot_of(Artefact(name, "c", text, None))
        found = project_of(snapshot, Workspace({snapshot.path: snapshot}, {}, ())).device
        if found is not None and not re.fullmatch(r"(?i)stm32\w\d", found.name):
            return found
        for part in _PART.finditer(text[:200_000]):
            named = device(f"STM32{part[1]}" if part[1] else part[0].upper().rstrip("X"))
            if named is not None:
                return named
        if found is not None:
            return found
    return None


def _headers(texts: dict[str, str], device: Device | None) -> tuple[list[str], list[str], dict[str, str]]:
    """Macros, folders of ST's headers, and a stand-in for CMSIS' device header where that alone is missing."""
    from kiki_tools.stm32.init import cmsis
    from kiki_tools.stm32.init.headers import find, usual
    from kiki_tools.stm32.init.parts import part
    from kiki_tools.stm32.init.plan import ImpossiblePlan

    wanted = {name for text in texts.values() for name in _ST.findall(text)} - texts.keys()
    if not wanted or device is None:
        return [], [], {}
    try:
        defines = [f"-D{part(device.name).define}"]
    except ImpossiblePlan:
        defines = []
    prefix = f"stm32{device.family.lower()}xx"
    found = find(prefix, usual())
    if "device" in found and "core" in found:
        hal = ["-DUSE_HAL_DRIVER"] if any("_hal" in name for name in wanted) else []
        return [*defines, *hal], list(found.values()), {}
    made = cmsis.header(device)
    if made is None or any("_hal" in name or "_ll_" in name for name in wanted):
        return defines, [], {}
    return defines, [], dict.fromkeys(wanted, made)
