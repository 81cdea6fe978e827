"""The safetensors format: a JSON header, then the numbers. Nothing in it is ever executed.

Format: https://huggingface.co/docs/safetensors. Read by a mapping of the file, so that a header that promises
terabytes costs nothing.
"""

from __future__ import annotations

import json
import math
import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from kiki_core.adapters.model import MOST_ELEMENTS, NUMPY, Float, Tensor
from kiki_core.errors import KikiError

_MOST_HEADER = 16_000_000
_MOST_TENSORS = 400_000
_SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}
_DAMAGED = "fetch it again; it is damaged or no safetensors file"


@dataclass(frozen=True, slots=True)
class Contents:
    """The tensors by name, and the header's own strings."""

    tensors: Mapping[str, Tensor]
    strings: Mapping[str, str]


def mapped(path: Path) -> memoryview:
    """The file's bytes, mapped.

    Raises:
        KikiError: if it can't be read or is empty.
    """
    try:
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise KikiError(f"can't read {path}: {error.strerror}", "name an adapter's file or folder") from error
    except ValueError as error:
        raise KikiError(f"{path} is empty", _DAMAGED) from error


def read(path: Path) -> Contents:
    """The tensors of a file, still in their stored format.

    Raises:
        KikiError: if the file can't be read or breaks the format in any way.
    """
    content = mapped(path)
    if len(content) < 8:
        raise KikiError(f"{path} is cut short: {len(content)} bytes", _DAMAGED)
    (length,) = struct.unpack("<Q", content[:8])
    if length > min(_MOST_HEADER, len(content) - 8):
        raise KikiError(f"{path}: the header claims {length} bytes, the file has {len(content) - 8}", _DAMAGED)
    header = _header(bytes(content[8 : 8 + length]), path)
    data = content[8 + length :]
    strings = header.pop("__metadata__", {})
    if not isinstance(strings, dict) or not all(isinstance(value, str) for value in strings.values()):
        raise KikiError(f"{path}: __metadata__ is no map of strings", _DAMAGED)
    if len(header) > _MOST_TENSORS:
        raise KikiError(f"{path} lists {len(header)} tensors", _DAMAGED)
    spans: list[tuple[int, int]] = []
    tensors = {name: _tensor(name, entry, data, path, spans) for name, entry in header.items()}
    at = 0
    for begin, end in sorted(spans):
        if begin != at:
            raise KikiError(f"{path}: the tensors overlap or leave a gap at byte {min(begin, at)}", _DAMAGED)
        at = end
    if at != len(data):
        raise KikiError(f"{path}: the tensors take {at} bytes, the file has {len(data)}", _DAMAGED)
    return Contents(tensors, strings)


def _header(text: bytes, path: Path) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise KikiError(f"{path}: the name {name[:100]!r} occurs twice", _DAMAGED)
            found[name] = value
        return found

    try:
        header = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise KikiError(f"{path}: the header is no JSON", _DAMAGED) from error
    if not isinstance(header, dict):
        raise KikiError(f"{path}: the header is no JSON object", _DAMAGED)
    return header


def _tensor(name: str, entry: Any, data: memoryview, path: Path, spans: list[tuple[int, int]]) -> Tensor:
    where = f"{path}: {name[:100]!r}"
    if not isinstance(entry, dict):
        raise KikiError(f"{where} has no description", _DAMAGED)
    shape: Any
    offsets: Any
    dtype, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in _SIZES:
        raise KikiError(f"{where} holds {str(dtype)[:20]}, not F32, F16 or BF16", "kiki reads unquantised adapters")
    if not _naturals(shape, 8) or not _naturals(offsets, 2) or len(offsets) != 2:
        raise KikiError(f"{where} has a bad shape or place", _DAMAGED)
    begin, end = offsets
    elements = math.prod(shape)
    if elements > MOST_ELEMENTS:
        raise KikiError(f"{where} claims the shape {shape}", "no adapter has factors of that size")
    if not (begin <= end <= len(data) and end - begin == elements * _SIZES[dtype]):
        raise KikiError(f"{where} of shape {shape} doesn't fit bytes {begin} to {end} of {len(data)}", _DAMAGED)
    spans.append((begin, end))
    kind = np.dtype(NUMPY[dtype]).newbyteorder("<")
    return Tensor(cast(Float, dtype), np.frombuffer(data[begin:end], dtype=kind).reshape(shape))


def _naturals(value: Any, most: int) -> bool:
    return isinstance(value, list) and len(value) <= most and all(type(n) is int and 0 <= n < 1 << 40 for n in value)


def encode(tensors: Mapping[str, Tensor], strings: Mapping[str, str]) -> Iterator[bytes]:
    """A file with these tensors, in pieces, sorted by name."""
    header: dict[str, Any] = {"__metadata__": dict(strings)} if strings else {}
    at = 0
    for name in sorted(tensors):
        size = math.prod(tensors[name].shape) * _SIZES[tensors[name].dtype]
        header[name] = {"dtype": tensors[name].dtype, "shape": tensors[name].shape, "data_offsets": (at, at + size)}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    yield struct.pack("<Q", len(text)) + text
    for name in sorted(tensors):
        yield little(tensors[name])


def little(tensor: Tensor) -> bytes:
    """The numbers as bytes, row by row, little endian."""
    bits = np.ascontiguousarray(tensor.bits)
    return bits.astype(bits.dtype.newbyteorder("<"), copy=False).tobytes()
