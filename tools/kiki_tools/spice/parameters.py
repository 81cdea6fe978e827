"""The parameters of ngspice's devices and models, as ngspice 46 itself names them (``devhelp``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

Parameters = Mapping[str, str]
"""What each parameter is, by its name in lower case."""

_DEVICES_OF_TYPE = {
    "r": "resistor", "res": "resistor", "c": "capacitor", "cap": "capacitor", "l": "inductor", "ind": "inductor",
    "d": "diode sidiode", "npn": "bjt vbic hicum2", "pnp": "bjt vbic hicum2", "njf": "jfet jfet2", "pjf": "jfet jfet2",
    "nmf": "mes mesa", "pmf": "mes mesa", "nhfet": "hfet1 hfet2", "phfet": "hfet1 hfet2", "sw": "switch",
    "csw": "cswitch", "urc": "urc", "ltra": "ltra", "txl": "transline", "cpl": "cpllines", "vdmos": "vdmos",
    "vdmosn": "vdmos", "vdmosp": "vdmos",
}  # fmt: skip
_MOSFETS = {
    1: "mos1", 2: "mos2", 3: "mos3", 4: "bsim1", 5: "bsim2", 6: "mos6", 8: "bsim3 bsim3v0 bsim3v1 bsim3v32", 9: "mos9",
    10: "b4soi", 14: "bsim4 bsim4v5 bsim4v6 bsim4v7", 49: "bsim3 bsim3v0 bsim3v1 bsim3v32",
    54: "bsim4 bsim4v5 bsim4v6 bsim4v7", 55: "b3soifd", 56: "b3soidd", 57: "b3soipd", 58: "b4soi", 60: "soi3",
    61: "hisim2", 62: "hisimhv1 hisimhv2", 68: "hisim2", 73: "hisimhv1 hisimhv2",
}  # fmt: skip
_UNDECLARED = {"ltra": "rel abs"}
"""What ngspice reads though `devhelp` shows it as an output."""
_ALWAYS = frozenset(
    """
        level version type nchan pchan npn pnp nmos pmos mfg vceo icrating vds ron qg ako paramchk lot dev
    """.split()
)
"""Written in models of every kind: to choose one, or as the vendor's remark."""


@cache
def devices() -> Mapping[str, Mapping[str, Parameters]]:
    """For each device of ngspice: ``model`` and ``instance`` parameters."""
    data = files("kiki_tools.spice").joinpath("data", "parameters.json").read_text("utf-8")
    found: dict[str, dict[str, dict[str, str]]] = json.loads(data)
    return found


@cache
def of_model(kind: str, level: int | None) -> Parameters | None:
    """The parameters of a ``.model`` of a type, and level if it has one; null where kiki doesn't know them."""
    if kind in ("nmos", "pmos"):
        names = _MOSFETS.get(level or 1, "")
    else:  # CIDER's cards (numd, nbjt, numos) are a language of their own
        names = _DEVICES_OF_TYPE.get(kind, "" if kind.startswith(("num", "nbjt")) else kind)
        names = " ".join(name for name in names.split() if name in devices())
    found: dict[str, str] = {}
    for name in names.split():
        found |= devices()[name]["model"]
        found |= {key: about for key, about in devices()[name]["instance"].items() if key not in found}
    return found or None


_OF_LETTER = {
    "r": "resistor", "c": "capacitor", "l": "inductor", "d": "diode sidiode", "q": "bjt vbic hicum2", "j": "jfet jfet2",
    "m": " ".join(dict.fromkeys(" ".join(_MOSFETS.values()).split())) + " vdmos",
}  # fmt: skip
_INSTANCES = frozenset("tol q c l r value cap ind res resistance capacitance inductance mult ic.file".split())
"""What ngspice or kiki read at an instance though `devhelp` doesn't list it."""


@cache
def of_instance(letter: str) -> Parameters | None:
    """The parameters of a device, by its letter; null where kiki doesn't know them all."""
    if letter not in _OF_LETTER:
        return None
    found: dict[str, str] = {}
    for name in _OF_LETTER[letter].split():
        found |= devices()[name]["instance"] if name in devices() else {}
    return found


def unknown_instance_parameters(letter: str, names: Iterable[str]) -> Iterator[str]:
    """The names that are no parameters of a device of this letter."""
    known = of_instance(letter)
    if known is None:
        return
    for name in names:
        if name not in known and name not in _INSTANCES and name[0].isalpha():
            yield name


def unknown_parameters(kind: str, named: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The parameters that a model of this type doesn't have, each with the nearest name (or nothing).

    ``named``: the names and values of its ``.model`` card, in lower case.
    """
    level = named.get("level", "1")
    known = of_model(kind, int(float(level)) if re.fullmatch(r"\d+(?:\.\d*)?", level) else -1)
    if known is None:
        return
    undeclared = _UNDECLARED.get(kind, "").split()
    for name in named:
        if name in known or name in _ALWAYS or name in undeclared or not name[0].isalpha():
            continue
        import difflib

        close = difflib.get_close_matches(name, list(known), 1)
        yield name, close[0] if close else ""
