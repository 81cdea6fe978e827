"""The tools that accept a domain's answers, with their versions."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from kiki_core.diagnosis import version_of
from kiki_core.errors import KikiError

_DOCTOR = "`kiki doctor` names the command that adds it"


def versions(domain: str) -> Mapping[str, str]:
    """The tools that judge a domain, by their names.

    Raises:
        KikiError: if one isn't installed, or the sandbox that it runs in doesn't work.
    """
    from kiki_tools import process

    if domain in ("spice-sim", "electronics"):
        from kiki_tools.spice import ngspice

        found = ngspice.find()
        if found is None:
            raise KikiError(f"{domain} needs ngspice, which is not installed", _DOCTOR)
        told = {"ngspice": found.version}
    elif domain == "kicad-dsl":
        from kiki_tools.kicad import installation

        kicad = installation.find()
        if kicad is None or kicad.major < installation.OLDEST:
            raise KikiError(f"{domain} needs kicad-cli 8 or newer, which is not installed", _DOCTOR)
        told = {"kicad-cli": kicad.version}
    else:
        from kiki_tools.stm32 import compiler

        path = compiler.find()
        if path is None:
            raise KikiError(f"{domain} needs arm-none-eabi-gcc, which is not installed", _DOCTOR)
        told = {"arm-none-eabi-gcc": version_of(path, "-dumpfullversion") or "unknown"}
        if (qemu := shutil.which("qemu-system-arm")) is not None:
            told["qemu-system-arm"] = version_of(qemu, "--version") or "unknown"
    if not (sandbox := process.isolation()).works:
        raise KikiError(f"the sandbox doesn't work: {sandbox.why_not}", _DOCTOR)
    return told
