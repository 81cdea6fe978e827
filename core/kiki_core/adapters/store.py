"""Installed adapters: ``$KIKI_HOME/adapters/<name>/``, each with its files as they came and a manifest.

A name is there whole or not at all: a version is made ready beside the others and takes its place by a rename; what it
replaces is kept as the previous version until the gate has decided. What a killed process left is put right by
the next one that changes something.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kiki_core import paths
from kiki_core.adapters.base import Base, same_name
from kiki_core.adapters.files import LAYOUTS, Layout, Opened, open_adapter, sync_folder
from kiki_core.adapters.health import health
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.models.store import sha256_of

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
_MANIFEST = "manifest.json"
_PREVIOUS, _STAGING, _TRASH = ".previous", ".staging", ".trash"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of an installed adapter.

    ``base``: the base model, with its ``fingerprint``. ``files``: name -> SHA-256. ``provenance``: data,
    recipe, evaluation and whatever else its maker told. ``gate``: the report that admitted it; null if none did.
    """

    name: str
    domain: str
    layout: Layout
    base: Mapping[str, Any]
    rank: int
    alpha: float
    files: Mapping[str, str]
    installed: float
    """Seconds since 1970."""
    source: str
    provenance: Mapping[str, Any] = field(default_factory=dict)
    gate: Mapping[str, Any] | None = None

    @property
    def fingerprint(self) -> str:
        """Of the base."""
        return str(self.base["fingerprint"])

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return next(digest for name, digest in sorted(self.files.items()) if name.endswith((".safetensors", ".gguf")))


def folder() -> Path:
    """Where adapters are installed."""
    return paths.home() / "adapters"


def installed() -> tuple[Manifest, ...]:
    """All adapters, by name; a folder whose manifest can't be read is passed over."""
    found = []
    _recover()
    with contextlib.suppress(OSError):
        for path in sorted(folder().iterdir()):
            if _NAME.match(path.name) and path.is_dir():
                with contextlib.suppress(KikiError):
                    found.append(manifest(path.name))
    return tuple(found)


def manifest(name: str) -> Manifest:
    """The manifest of an installed adapter.

    Raises:
        KikiError: if there is none of this name (naming those that are), or its manifest is damaged.
    """
    path = folder() / checked_name(name) / _MANIFEST
    _recover()
    try:
        value = json.loads(path.read_bytes())
        layout = value["layout"]
        if value["version"] != _VERSION or layout not in LAYOUTS or not value["files"]:
            raise KikiError(f"{path} is of another version of kiki", f"`kiki adapters remove {name}`, install it again")
        return Manifest(
            name, str(value["domain"]), layout, value["base"], int(value["rank"]), float(value["alpha"]),
            value["files"], float(value["installed"]), str(value["source"]), value["provenance"], value["gate"],
        )  # fmt: skip
    except OSError as error:
        there = ", ".join(one.name for one in installed()) if not path.exists() else ""
        raise KikiError(f"no adapter {name!r} is installed", f"there are {there or 'none'}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise KikiError(f"{path} is damaged", f"`kiki adapters remove {name}`, install it again") from error


def is_installed(name: str) -> bool:
    """Whether there is an adapter of this name."""
    _recover()
    return bool(_NAME.match(name)) and (folder() / name / _MANIFEST).is_file()


def weights_of(one: Manifest) -> Path:
    """The weights of an installed adapter, after their SHA-256 was checked.

    Raises:
        KikiError: if a file is missing or was changed.
    """
    for name, digest in one.files.items():
        path = folder() / one.name / os.path.basename(name)
        try:
            actual = sha256_of(path)
        except OSError as error:
            raise KikiError(f"can't read {path}: {error.strerror}", "install the adapter again") from error
        if actual != digest:
            raise KikiError(f"{path} was changed after it was installed", "install the adapter again")
    names = [name for name in one.files if name.endswith((".safetensors", ".gguf"))]
    return folder() / one.name / os.path.basename(names[0])


def load(name: str, base: Base | None = None) -> tuple[Opened, Manifest]:
    """An installed adapter, with its integrity checked; with a ``base``, only if it was made for that one.

    Raises:
        KikiError: if it isn't there, was changed, or belongs to another base.
    """
    one = manifest(name)
    if base is not None:
        fits(one, base)
    return open_adapter(weights_of(one)), one


def fits(one: Manifest, base: Base) -> None:
    """Raises KikiError unless the adapter was installed for exactly this base."""
    if one.fingerprint != base.fingerprint:
        own = base.to_json()
        told = ", ".join(f"{key} {one.base.get(key)}" for key in own if one.base.get(key) != own[key])
        raise KikiError(
            f"{one.name} belongs to another base than {base.name} ({told or 'another fingerprint'})",
            "choose its base with `kiki models use`",
        )


def install(
    path: Path,
    name: str,
    base: Base,
    *,
    domain: str = "",
    replace: bool = False,
    provenance: Mapping[str, Any] | None = None,
    gate: Mapping[str, Any] | None = None,
    source: str = "",
) -> Manifest:
    """Installs a copy of an adapter for a base. Half of it is never seen, whatever happens meanwhile.

    Raises:
        KikiError: if it is unhealthy, names or fits another base, the name is taken, or the disk refuses.
    """
    checked_name(name)
    opened = open_adapter(path)
    admissible(opened, base, str(path))
    alphas = [module.scale * module.rank for module in opened.adapter.modules.values()]
    with _changing() as root:
        if is_installed(name) and not replace:
            raise KikiError(f"an adapter {name} is installed", "choose another name, or --replace it")
        staging = Path(tempfile.mkdtemp(dir=root, prefix=f"{_STAGING}-"))
        try:
            files = {}
            for each in opened.files:
                shutil.copyfile(each, staging / each.name)
                files[each.name] = sha256_of(staging / each.name)
                _sync(staging / each.name)
            made = Manifest(
                name, domain, opened.layout, {**base.to_json(), "fingerprint": base.fingerprint}, opened.adapter.rank,
                max(alphas), files, time.time(), source or str(path), dict(provenance or {}), gate,
            )  # fmt: skip
            copy = open_adapter(staging / opened.files[0].name)  # what was copied, not what may have changed since
            admissible(copy, base, str(path))
            write_atomically(staging / _MANIFEST, json.dumps({"version": _VERSION, **asdict(made)}, indent=2))
            staging.chmod(0o755)
            _swap(root, name, staging)
        except OSError as error:
            raise KikiError(
                f"can't install {name}: {error.strerror}", "nothing was changed; free some space"
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return made


def admissible(opened: Opened, base: Base, where: str) -> None:
    """Raises KikiError unless the adapter is healthy and made for this base, by its name and every module's size."""
    adapter = opened.adapter
    if adapter.base_name and not same_name(adapter.base_name, base.name):
        raise KikiError(
            f"{where} is for {adapter.base_name}, not for {base.name or base.architecture}", "name its base with --base"
        )
    if adapter.architecture and adapter.architecture != base.architecture:
        raise KikiError(
            f"{where} is for {adapter.architecture}, not for {base.architecture}", "name its base with --base"
        )
    found = health(adapter, base)
    for module in found.modules:
        if module.problem:
            raise KikiError(f"{where}: {module.name}: {module.problem}", "`kiki adapters health` tells all")


def remove(name: str) -> None:
    """Removes an adapter and its previous version.

    Raises:
        KikiError: if there is none of this name.
    """
    checked_name(name)
    with _changing() as root:
        if not (root / name).is_dir():
            manifest(name)
        for path in (root / name, root / _PREVIOUS / name):
            if path.is_dir():
                os.replace(path, Path(tempfile.mkdtemp(dir=root, prefix=f"{_TRASH}-")) / name)
        _put_right(root)


def roll_back(name: str) -> bool:
    """Takes the installed version back: the previous one returns, or the name goes. Gives whether one returned.

    Raises:
        KikiError: if there is none of this name.
    """
    with _changing() as root:
        manifest(name)
        previous = root / _PREVIOUS / name
        os.replace(root / name, Path(tempfile.mkdtemp(dir=root, prefix=f"{_TRASH}-")) / name)
        if previous.is_dir():
            os.replace(previous, root / name)
        sync_folder(root)
        _put_right(root)
    return is_installed(name)


def keep(name: str, gate: Mapping[str, Any]) -> None:
    """Notes the gate's report in the manifest, and lets the previous version go.

    Raises:
        KikiError: if there is none of this name, or the disk refuses.
    """
    with _changing() as root:
        one = asdict(manifest(name)) | {"gate": gate}
        write_atomically(root / name / _MANIFEST, json.dumps({"version": _VERSION, **one}, indent=2))
        shutil.rmtree(root / _PREVIOUS / name, ignore_errors=True)


def _swap(root: Path, name: str, staging: Path) -> None:
    current = root / name
    if current.exists():
        (root / _PREVIOUS).mkdir(exist_ok=True)
        shutil.rmtree(root / _PREVIOUS / name, ignore_errors=True)
        os.replace(current, root / _PREVIOUS / name)  # killed here, the next process brings it back
    try:
        os.replace(staging, current)
    except BaseException:
        _put_right(root)
        raise
    sync_folder(root)


def _put_right(root: Path) -> None:
    """Ends what a killed process began: leftovers go; a version without a successor comes back."""
    for path in root.iterdir():
        if path.name.startswith((_STAGING, _TRASH)):
            shutil.rmtree(path, ignore_errors=True)
    if (root / _PREVIOUS).is_dir():
        for path in (root / _PREVIOUS).iterdir():
            if not (root / path.name).exists():
                os.replace(path, root / path.name)


def _recover() -> None:
    """Brings back what a process killed in the middle of a replacement left without its name."""
    root = folder()
    with contextlib.suppress(OSError):
        lost = [path for path in (root / _PREVIOUS).iterdir() if not (root / path.name).exists()]
        if lost:
            with (root / ".lock").open("w") as lock, contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # held: the process is at it, not dead
                _put_right(root)


@contextlib.contextmanager
def _changing() -> Iterator[Path]:
    """The store's folder, for one process at a time."""
    root = folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with (root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _put_right(root)
            yield root
    except OSError as error:
        raise KikiError(f"can't change {root}: {error.strerror}", "set KIKI_HOME to a folder of yours") from error


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def checked_name(name: str) -> str:
    """The name itself, if an adapter can have it; raises KikiError otherwise."""
    if not _NAME.match(name):
        raise KikiError(f"{name[:80]!r} is no name of an adapter", "use letters, digits, dot, dash, underscore")
    return name
