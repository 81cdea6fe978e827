"""What this machine has of what kiki needs, and the command that adds what is missing."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from kiki_core import paths
from kiki_core.config import Config
from kiki_core.models.registry import ENCODER, MODELS
from kiki_core.models.store import blob, present
from kiki_tools import process
from kiki_tools.kicad import installation
from kiki_tools.spice import ngspice


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the machine. ``fix`` is the exact command that adds it; empty when nothing is to be done."""

    name: str
    found: bool
    version: str
    path: str
    needed_for: str
    fix: str
    required: bool = False


def components(config: Config) -> tuple[Component, ...]:
    """Everything that kiki looks for."""
    simulator = ngspice.find()
    sandbox = process.isolation()
    python = f"{platform.python_version()}"
    found = [
        Component("python", sys.version_info >= (3, 11), python, sys.executable, "kiki itself", "", True),
        Component(
            "ngspice", simulator is not None,
            simulator.version if simulator else "", simulator.path if simulator else "",
            "simulating and verifying circuits", "" if simulator else _install("ngspice"), True,
        ),
        Component(
            "bubblewrap", sandbox.works, sandbox.version, sandbox.path,
            f"the sandbox{'' if sandbox.works else f' ({sandbox.why_not})'}",
            "" if sandbox.works else _install("bubblewrap"),
        ),
    ]  # fmt: skip
    kicad = installation.find()
    enough = kicad is not None and kicad.major >= installation.OLDEST
    found.append(
        Component(
            "kicad-cli", enough, kicad.version if kicad else "", kicad.path if kicad else "",
            "KiCad's own ERC, DRC and pictures (kiki's analysis works without)", "" if enough else _install("kicad"),
        )
    )  # fmt: skip
    for program, word, package, use in (
        ("arm-none-eabi-gcc", "-dumpfullversion", "gcc-arm-none-eabi libnewlib-arm-none-eabi", "compiling firmware"),
        ("qemu-system-arm", "--version", "qemu-system-arm", "running firmware"),
    ):
        where = shutil.which(program) or ""
        told = version_of(where, word) if where else ""
        found.append(Component(program, bool(where), told, where, use, "" if where else _install(package)))
    packages = (("xllamacpp", "the embedded model"), ("onnxruntime", "memory and examples"), ("lancedb", "memory"))
    for package, use in packages:
        found.append(_package(package, use))
    local = config.backend.kind == "llamacpp"
    if local and config.models.name in MODELS:
        weights = MODELS[config.models.name]
        here = present(weights)
        found.append(
            Component(
                f"model {weights.name}", here, weights.files[0].sha256[:12],
                str(blob(weights.files[0])) if here else "",
                "answers", "" if here else f"kiki models pull {weights.name}", True,
            )
        )  # fmt: skip
    elif local:
        path = Path(config.models.name).expanduser()
        fix = "" if path.is_file() else f"kiki models use {next(iter(MODELS))}"
        found.append(Component(f"model {path.name}", path.is_file(), "", str(path), "answers", fix, True))
    else:
        remote, kind = config.backend.url, config.backend.kind
        started = {"vllm": "vllm", "mlx": "mlx_lm"}.get(kind)
        there = bool(remote) or (started is not None and find_spec(started) is not None)
        fix = "set backend.url in the configuration" if started is None else f"pip install 'micro-kiki[{kind}]'"
        found.append(
            Component(f"{kind} model", there, config.backend.model, remote, "answers", "" if there else fix, True)
        )
    here = present(ENCODER)
    found.append(
        Component(
            "sentence encoder", here, ENCODER.files[0].sha256[:12], str(blob(ENCODER.files[0])) if here else "",
            "memory and examples", "" if here else f"kiki models pull {ENCODER.name}", True,
        )
    )  # fmt: skip
    found += [_training(), _home()]
    return tuple(found)


def works(found: tuple[Component, ...]) -> bool:
    """Whether the main job, a verified answer, can be done."""
    return all(component.found for component in found if component.required)


def _package(name: str, use: str) -> Component:
    try:
        return Component(name, True, version(name), "", use, "", True)
    except PackageNotFoundError:
        return Component(name, False, "", "", use, "make setup", True)


def version_of(path: str, word: str) -> str:
    """What a program says of its version after ``word``; empty if it says none within ten seconds."""
    try:
        said = subprocess.run([path, word], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return match.group() if (match := re.search(r"\d+(?:\.\d+)+", said)) else ""


def _training() -> Component:
    """The training extra: torch and peft, or mlx-lm for bases in folders."""
    use = "training experts (`kiki train`)"
    for name, packages in (("torch", ("torch", "transformers", "peft", "gguf")), ("mlx-lm", ("mlx", "mlx_lm"))):
        if all(find_spec(package) for package in packages):
            return Component("training", True, f"{name} {version(name)}", "", use, "")
    return Component("training", False, "", "", use, "pip install 'micro-kiki[train]'")


def _home() -> Component:
    home = paths.home()
    writable = True
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError:
        writable = False
    fix = "" if writable else "set KIKI_HOME to a folder of yours"
    return Component("home", writable, "", str(home), "memory, sessions, logs", fix, True)


def _install(package: str) -> str:
    if sys.platform == "darwin":
        return f"brew install {package}" if package != "bubblewrap" else ""
    for program, words in (("apt-get", "apt-get install -y --no-install-recommends"), ("dnf", "dnf install -y"),
                           ("pacman", "pacman -S"), ("zypper", "zypper install")):  # fmt: skip
        if shutil.which(program):
            return f"sudo {words} {package}"
    return f"install {package} with your package manager"
