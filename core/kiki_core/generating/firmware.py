"""The init of an STM32 as artefacts: compiled by gcc, and read by kiki's own checks."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kiki_core.events import Artefact, Evidence
from kiki_core.generating.kinds import Made, NotMade
from kiki_tools.stm32.init import compiled
from kiki_tools.stm32.init.headers import find, usual
from kiki_tools.stm32.init.plan import ImpossiblePlan, read
from kiki_tools.stm32.init.plan import schema as _schema
from kiki_tools.stm32.init.setup import summary


def schema() -> dict[str, Any]:
    """The schema of a plan."""
    return _schema()


async def make(plan: Any, headers: Sequence[str]) -> Made:
    """The C files of a plan, with `compile_flags.txt` for compilers, clangd and `kiki run`. Raises NotMade."""
    try:
        setup, files = compiled.files(read(plan))
    except ImpossiblePlan as error:
        raise NotMade(*error.problems) from error
    found = find(setup.family.prefix, [*headers, *usual()])
    verdict, evidence = await checked(setup, files, found)
    files["compile_flags.txt"] = compiled.flags_file(setup, found)
    artefacts = tuple(
        Artefact(name, "c" if name.endswith((".c", ".h")) else "text", text, verdict) for name, text in files.items()
    )
    return Made(artefacts, evidence, tuple(summary(setup)))


async def checked(
    setup: compiled.Setup, files: Mapping[str, str], found: Mapping[str, str]
) -> tuple[bool | None, tuple[Evidence, ...]]:
    """What kiki's own checks and gcc say of generated files; ``found``: ST's headers, as `headers.find` gives them."""
    joined = "".join(f"{name}\n{text}" for name, text in files.items())
    sha256 = hashlib.sha256(joined.encode()).hexdigest()
    own = _own_checks(setup, files)
    checks = Evidence("kiki", "", sha256, not own, own[0] if own else "no remark")
    outcome = await compiled.verified(setup, files, found)
    gcc = Evidence("arm-none-eabi-gcc", outcome.version, sha256, outcome.ok is True, outcome.said)
    if own or outcome.ok is False:
        return False, (checks, gcc)
    return outcome.ok, (checks, gcc)


def _own_checks(setup: compiled.Setup, files: Mapping[str, str]) -> list[str]:
    """What kiki's own analysis remarks, a line each."""
    from kiki_core.checking import check

    with tempfile.TemporaryDirectory(prefix="kiki-") as folder:
        for name, text in {**files, "compile_flags.txt": compiled.flags_file(setup, {})}.items():
            Path(folder, name).write_text(text, "utf-8")
        findings = check([Path(folder)])
    return [
        f"{Path(one.path).name}:{each.range.start.line + 1}: {one.code} {one.message}"
        for each in findings
        if (one := each.diagnostic).severity != "hint"
    ]
