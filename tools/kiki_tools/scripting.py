"""Python scripts of others: each runs in the sandbox, in a process of its own, beside the package that it is for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from kiki_tools import process
from kiki_tools.process import Limits, Outcome
from kiki_tools.text import Snapshot


class CannotRun(RuntimeError):
    """The package, the sandbox, or an interpreter that the sandbox can reach is not there."""


async def run(
    script: Snapshot,
    package: str,
    harness: str,
    collect: Sequence[str],
    limits: Limits | None = None,
    env: Mapping[str, str] | None = None,
) -> Outcome:
    """Runs ``harness``, which finds the script as `/w/script.py` and the package's folder in its first argument.

    Raises:
        CannotRun: if there is no such package, no fitting interpreter, or no sandbox.
    """
    found = find_spec(package)
    if found is None or found.origin is None:
        raise CannotRun(f"{package} is not installed")
    sandbox = process.isolation()
    if not sandbox.works:
        raise CannotRun(f"scripts run in the sandbox alone, and there is none ({sandbox.why_not})")
    packages = Path(found.origin).parents[1]
    python = interpreter()
    prefix = () if python.is_relative_to("/usr") else (Path(sys.base_prefix),)
    return await process.run(
        [str(python), "-I", "/w/harness.py", str(packages)],
        inputs={"script.py": script.text.encode("utf-8", "replace"), "harness.py": harness.encode()},
        readonly=[packages, *prefix],
        collect=collect,
        limits=limits or Limits(cpu_s=30, wall_s=60),
        env=env,
    )


def interpreter() -> Path:
    """An interpreter of this version that the sandbox can reach: this one, else the system's."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (os.path.realpath(sys.executable), shutil.which(version, path="/usr/bin:/usr/local/bin")):
        if candidate is not None and _reachable(Path(os.path.realpath(candidate))):
            return Path(os.path.realpath(candidate))
    raise CannotRun(f"no {version} that the sandbox can reach (it becomes another user when kiki runs as root)")


def _reachable(path: Path) -> bool:
    """Whether a user who is not the owner gets there."""
    return os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in path.parents)


def last_word(outcome: Outcome, otherwise: str) -> str:
    """Why a script left nothing: over a limit, or the last line that it said."""
    if outcome.stopped:
        return f"the script was stopped: over the limit ({outcome.stopped})"
    said = outcome.stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1] if said else otherwise
