"""Adapters on disk: which layout a path holds, reading it, and writing another. Never a pickle."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from kiki_core.adapters import gguf, lora_gguf, mlx, peft, safetensors
from kiki_core.adapters.base import Base
from kiki_core.adapters.model import Adapter
from kiki_core.adapters.order import in_order
from kiki_core.errors import KikiError

Layout = Literal["peft", "mlx", "gguf"]
LAYOUTS: tuple[str, ...] = get_args(Layout)

WEIGHTS = {"peft": "adapter_model.safetensors", "mlx": "adapters.safetensors"}
CONFIG = "adapter_config.json"
_MOST_CONFIG = 4_000_000
_IN_HEADER = "adapter_config"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".npz")


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An adapter with the layout and the files that it came in."""

    adapter: Adapter
    layout: Layout
    files: tuple[Path, ...]


def open_adapter(path: Path) -> Opened:
    """The adapter in a folder, a ``.safetensors`` file (PEFT or MLX), or a ``.gguf`` file.

    Raises:
        KikiError: if it can't be read, is damaged, or is no plain low-rank adapter.
    """
    weights = _weights(path)
    if weights.suffix == ".gguf":
        return Opened(_not_empty(lora_gguf.read(gguf.read(weights)), weights), "gguf", (weights,))
    contents = safetensors.read(weights)
    config, config_file = _config(weights, contents.strings)
    files = (weights, config_file) if config_file else (weights,)
    if any(".lora_a" in key for key in contents.tensors):
        return Opened(_not_empty(mlx.read(contents.tensors, config, str(weights)), weights), "mlx", files)
    return Opened(_not_empty(peft.read(contents.tensors, config, str(weights)), weights), "peft", files)


def _not_empty(adapter: Adapter, path: Path) -> Adapter:
    if not adapter.modules:
        raise KikiError(f"{path} holds no module", "name another file")
    return adapter


def _weights(path: Path) -> Path:
    if path.is_dir():
        for name in (*WEIGHTS.values(), "adapter.safetensors"):
            if (path / name).is_file():
                return path / name
        found = sorted(each for each in path.glob("*.gguf") if each.is_file())
        if len(found) == 1:
            return found[0]
        if any(path.glob("adapter_model.bin")):
            raise KikiError(f"{path} holds a pickle (adapter_model.bin), which kiki never loads", "save as safetensors")
        raise KikiError(f"{path} holds no adapter", f"it needs {', '.join(WEIGHTS.values())} or one .gguf file")
    if path.suffix.lower() in _PICKLES:
        raise KikiError(f"{path} may be a pickle, which kiki never loads", "save the adapter as safetensors")
    if not path.is_file():
        raise KikiError(f"there is no adapter {path}", "name a file, a folder, or one of `kiki adapters list`")
    if path.suffix.lower() not in (".safetensors", ".gguf"):
        raise KikiError(f"{path} is neither .safetensors nor .gguf", "name an adapter's file or folder")
    return path


def _config(weights: Path, strings: Mapping[str, str]) -> tuple[dict[str, Any] | None, Path | None]:
    """The configuration in the header of a file that kiki wrote, else in the folder."""
    if _IN_HEADER in strings:
        return _object(strings[_IN_HEADER], str(weights)), None
    file = weights.parent / CONFIG
    if not file.is_file():
        return None, None
    try:
        if file.stat().st_size > _MOST_CONFIG:
            raise KikiError(f"{file} is too large for a configuration", "mend or remove it")
        return _object(file.read_bytes(), str(file)), file
    except OSError as error:
        raise KikiError(f"can't read {file}: {error.strerror}", "make it readable") from error


def _object(text: str | bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KikiError(f"{where} is no JSON", "mend adapter_config.json") from error
    if not isinstance(value, dict):
        raise KikiError(f"{where} is no JSON object", "mend adapter_config.json")
    return value


def sound(adapter: Adapter) -> Adapter:
    """The adapter itself, if the factors of every module fit each other.

    Raises:
        KikiError: naming the first module where they don't.
    """
    for module in adapter.modules.values():
        if problem := module.misfit():
            raise KikiError(f"{module.name}: {problem}", "`kiki adapters health` tells all")
    return adapter


def layout_for(out: Path, wanted: str | None) -> Layout:
    """The layout to write to a path: by its ending, else as wanted, else PEFT's.

    Raises:
        KikiError: if the ending and the wish contradict each other.
    """
    if out.suffix == ".gguf":
        if wanted not in (None, "gguf"):
            raise KikiError(
                f"{out.name} is no name for the layout {wanted}", "end it in .safetensors, or name a folder"
            )
        return "gguf"
    if wanted == "gguf":
        raise KikiError(f"{out.name} is no name for a GGUF file", "end it in .gguf")
    if out.suffix not in ("", ".safetensors") and not out.is_dir():
        raise KikiError(f"{out.name} is neither a folder nor .safetensors nor .gguf", "choose one of these")
    return "mlx" if wanted == "mlx" else "peft"


def save(adapter: Adapter, layout: Layout, out: Path, base: Base | None) -> tuple[str, ...]:
    """Writes an adapter, whole or not at all; gives what couldn't be kept to the bit (nothing, as a rule).

    A ``.safetensors`` file has its configuration in its header; usual names and folders get ``adapter_config.json``.

    Raises:
        KikiError: if the layout can't hold it, the base must be known and isn't, or the disk refuses.
    """
    sound(adapter)
    experts = base.experts if base else 0
    if layout == "gguf":
        if base is not None and not adapter.architecture:
            adapter = replace(adapter, architecture=base.architecture)
        metadata, tensors, notes = lora_gguf.write(in_order(adapter, "gguf", base), experts)
        _write(out, gguf.encode(metadata, tensors))
        return tuple(notes)
    plain = in_order(adapter, "hf", base)
    if layout == "mlx":
        tensors, config, notes = mlx.write(plain, experts)
    else:
        tensors, config = peft.write(plain)
        notes = []
    text = json.dumps(config, indent=2)
    strings = {"format": "mlx" if layout == "mlx" else "pt"}
    if out.suffix == ".safetensors":
        _write(out, safetensors.encode(tensors, {**strings, _IN_HEADER: text}))
        if out.name in WEIGHTS.values():
            _write(out.parent / CONFIG, [text.encode()])
        return tuple(notes)
    with new_folder(out) as folder:
        _write(folder / WEIGHTS[layout], safetensors.encode(tensors, strings))
        _write(folder / CONFIG, [text.encode()])
    return tuple(notes)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """`files.write_atomically` for content that comes in pieces."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise KikiError(f"can't write {path}: {error.strerror}", "choose another place") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError as error:
        raise KikiError(f"can't write {path}: {error.strerror}", "free some space or choose another place") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that appears under ``path`` when the block ends, and never half; nothing is left if it fails.

    Raises:
        KikiError: if there is something at ``path`` other than an empty folder, or the disk refuses.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise KikiError(f"{path} is there already", "choose another place or remove it")
    try:
        staging = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise KikiError(f"can't write {path}: {error.strerror}", "choose another place") from error
    try:
        yield staging
        staging.chmod(0o755)
        os.replace(staging, path)
        sync_folder(path.parent)
    except OSError as error:
        raise KikiError(f"can't write {path}: {error.strerror}", "free some space or choose another place") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def sync_folder(path: Path) -> None:
    """Brings a folder's names to the disk, where the platform can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
