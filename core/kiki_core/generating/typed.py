"""Frozen dataclasses as JSON: the schema of a class, and an object of it, read with every fault at its place."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union

_MOST_ITEMS = 5000
_MOST_TEXT = 20_000
FAMILY = "family"
"""Where several classes are possible, this key names one."""

T = TypeVar("T")


class NotRead(ValueError):
    """The JSON isn't what the schema wants; each problem names its place."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def schema(of: Any) -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a type: a dataclass, a union of them, a plain type, a collection."""
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if dataclasses.is_dataclass(of) and isinstance(of, type):
        return _schema_of_class(of)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_one_of_several(each, arguments) for each in arguments if each is not type(None)]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and Ellipsis not in arguments:
        return {"type": "array", "prefixItems": [schema(each) for each in arguments], "minItems": len(arguments),
                "maxItems": len(arguments)}  # fmt: skip
    if _is_list(origin):
        return {"type": "array", "items": schema(arguments[0])}
    if origin in (Mapping, dict):
        return {"type": "object", "additionalProperties": schema(arguments[1])}
    return {str: {"type": "string"}, int: {"type": "integer"}, float: {"type": "number"}, bool: {"type": "boolean"}}[of]


def _one_of_several(each: Any, among: Sequence[Any]) -> dict[str, Any]:
    found = schema(each)
    if dataclasses.is_dataclass(each) and isinstance(each, type) and _are_several(among):
        found = {**found, "properties": {FAMILY: {"const": each.__name__}, **found["properties"]}}
        found["required"] = [FAMILY, *found.get("required", [])]
    return found


def _are_several(among: Sequence[Any]) -> bool:
    return sum(dataclasses.is_dataclass(each) for each in among) > 1


def _is_list(origin: Any) -> bool:
    return origin in (list, tuple, Sequence, frozenset, typing.Collection) or (
        isinstance(origin, type) and issubclass(origin, (Sequence, AbstractSet, typing.Collection))
        and not issubclass(origin, Mapping)
    )  # fmt: skip


def _schema_of_class(of: type[Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(of)
    fields = dataclasses.fields(of)
    found: dict[str, Any] = {
        "type": "object",
        "description": " ".join((of.__doc__ or "").replace("``", "`").split()),
        "properties": {each.name: schema(hints[each.name]) for each in fields},
        "additionalProperties": False,
    }
    required = [each.name for each in fields if _is_required(each)]
    return {**found, "required": required} if required else found


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def read(of: type[T], data: Any, where: str) -> T:
    """An object of a dataclass from parsed JSON; ``where``: what faults call the whole.

    Raises:
        NotRead: with every fault, and what may stand there.
    """
    problems: list[str] = []
    found = _read(of, data, where, problems)
    if problems:
        raise NotRead(*problems[:20])
    assert isinstance(found, of)
    return found


def _read(of: Any, data: Any, where: str, problems: list[str]) -> Any:
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if dataclasses.is_dataclass(of) and isinstance(of, type):
        return _object(of, data, where, problems)
    if origin in (Union, types.UnionType):
        return _of_several(arguments, data, where, problems)
    if origin is Literal:
        return (
            data if data in arguments else _told(problems, f"{where}: one of {', '.join(map(str, arguments))} expected")
        )
    if _is_list(origin) or origin is tuple:
        return _items(origin, arguments, data, where, problems)
    if origin in (Mapping, dict) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        if not isinstance(data, dict) or len(data) > _MOST_ITEMS:
            return _told(problems, f"{where}: an object expected, not {_shown(data)}")
        return {str(key): _read(arguments[1], value, f"{where}.{key}", problems) for key, value in data.items()}
    return _plain(of, data, where, problems)


def _plain(of: Any, data: Any, where: str, problems: list[str]) -> Any:
    if of is float and isinstance(data, int) and not isinstance(data, bool):
        data = float(data) if abs(data) < 10**15 else math.inf
    kinds = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    if type(data) is not of or (of is float and not math.isfinite(data)) or (of is str and len(data) > _MOST_TEXT):
        return _told(problems, f"{where}: {kinds[of]} expected, not {_shown(data)}")
    return data


def _items(origin: Any, arguments: Sequence[Any], data: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(data, list) or len(data) > _MOST_ITEMS:
        return _told(problems, f"{where}: a list expected, not {_shown(data)}")
    if origin is tuple and Ellipsis not in arguments:
        if len(data) != len(arguments):
            return _told(problems, f"{where}: a list of {len(arguments)} expected")
        kinds: Sequence[Any] = arguments
    else:
        kinds = [arguments[0]] * len(data)
    found = [
        _read(kind, each, f"{where}[{n}]", problems) for n, (kind, each) in enumerate(zip(kinds, data, strict=True))
    ]
    if origin is frozenset:
        return frozenset(each for each in found if each is not None)
    return tuple(found)


def _of_several(among: Sequence[Any], data: Any, where: str, problems: list[str]) -> Any:
    if data is None and type(None) in among:
        return None
    classes = {each.__name__: each for each in among if dataclasses.is_dataclass(each) and isinstance(each, type)}
    if isinstance(data, dict) and classes:
        if len(classes) == 1:
            return _object(next(iter(classes.values())), data, where, problems)
        family = data.get(FAMILY)
        if not isinstance(family, str) or family not in classes:
            return _told(problems, f"{where}.{FAMILY}: one of {', '.join(classes)} expected, not {_shown(family)}")
        return _object(classes[family], {k: v for k, v in data.items() if k != FAMILY}, where, problems)
    plain = [each for each in among if each not in classes.values() and each is not type(None)]
    tries: list[str] = []
    for each in plain:
        tries = []
        found = _read(each, data, where, tries)
        if not tries:
            return found
    return _told(problems, tries[0] if tries else f"{where}: an object expected, not {_shown(data)}")


def _object(of: type[Any], data: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(data, dict):
        return _told(problems, f"{where}: an object expected, not {_shown(data)}")
    hints = typing.get_type_hints(of)
    fields = {each.name: each for each in dataclasses.fields(of)}
    before = len(problems)
    for key in data:
        if key not in fields:
            near = get_close_matches(str(key), fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}"
            problems.append(f"{where} has no {str(key)[:40]!r}; {hint}")
    missing = [name for name, each in fields.items() if _is_required(each) and name not in data]
    problems += [f"{where}: {name} is missing" for name in missing]
    values = {name: _read(hints[name], data[name], f"{where}.{name}", problems) for name in fields if name in data}
    if len(problems) > before:
        return None
    try:
        return of(**values)
    except ValueError as error:
        return _told(problems, f"{where}: {error}")


def _told(problems: list[str], problem: str) -> None:
    problems.append(problem)


def _shown(data: Any) -> str:
    return "nothing" if data is None else repr(data)[:40]
