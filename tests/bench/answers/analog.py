"""The judge of analog answers: own analyses of the answer's netlist, measured on its nodes, never by its own measures.

The deck's analyses, measures and control blocks are taken out; an ``.ac``, ``.op`` or the deck's own ``.tran`` is put
in. A spec is met if the numbers say so. ``wrong`` makes decks that must fail.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from analog_bench import IN, OUT, TRAN, Bench, elements, quiet, source_nodes, supplied, vector, with_ac
from judging import Judged

from kiki_tools.spice import ngspice, waveform
from kiki_tools.spice.values import parse_number

PLANNER = "spice"


async def judge(item: dict[str, Any], deck: str | None) -> Judged:
    """Every check of an item on a deck."""
    if not deck:
        return Judged(False, ("no netlist",))
    bench = Bench(deck, {})
    failed = []
    for check in item["checks"]:
        try:
            measured, ok = await _CHECKS[check["kind"]](bench, check)
        except (ngspice.Refused, ValueError, ZeroDivisionError, IndexError) as error:
            measured, ok = str(error)[:60], False
        if not ok:
            failed.append(f"{check['kind']} {_short(check)}: {measured}")
    return Judged(not failed, tuple(failed))


def wrong(deck: str) -> list[str]:
    """Decks with wrong values: resistors alternately up and down, reactances up, or down."""
    decks = []
    for factor in (2.2, 1 / 2.2):
        lines, turn = [], 0
        for line in deck.splitlines():
            match = re.match(r"^([RCL]\w*)(\s+\S+\s+\S+\s+)(\S+)(.*)$", line, re.IGNORECASE)
            value = parse_number(match[3]) if match else None
            if match is None or value is None:
                lines.append(line)
                continue
            turn += 1
            scale = (1.6 if turn % 2 else 1 / 1.6) if match[1][0] in "rR" else factor
            lines.append(f"{match[1]}{match[2]}{value * scale:.6g}{match[4]}")
        decks.append("\n".join(lines) + "\n")
    return decks


def _short(check: dict[str, Any]) -> str:
    return ", ".join(f"{k} {v}" for k, v in check.items() if k != "kind")


def _near(value: float, check: dict[str, Any]) -> bool:
    if "least" in check:
        return bool(value >= check["least"])
    if "most" in check:
        return bool(value <= check["most"])
    return bool(abs(value - check["value"]) <= check["tol"] * abs(check["value"]))


def _span(check: dict[str, Any]) -> tuple[float, float]:
    at = [check[k] for k in ("at", "value", "least", "low", "high", "from", "to") if k in check]
    return min(at) / 200, max(at) * 200


async def _corner(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    at = float(next(check[key] for key in ("value", "least", "most") if key in check))
    found = await bench.response(at / 300, at * 300)
    if found is None:
        return "no response", False
    low, high = waveform.corner_frequencies(found[0], found[1])
    corner = high if check["way"] == "low" else low
    return corner, corner is not None and _near(corner, check)


async def _gain(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(check["at"] / 2, check["at"] * 2)
    if found is None:
        return "no response", False
    db = waveform.value_at(found[0], waveform.magnitude_db(found[1]), check["at"])
    if db is None or "value" not in check:
        return db, db is not None and _near(db, check)
    return db, abs(db - check["value"]) <= check["tol"]


async def _phase(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(check["at"] / 2, check["at"] * 2)
    if found is None:
        return "no response", False
    n = int(np.abs(found[0] - check["at"]).argmin())
    phase = math.degrees(np.angle(found[1][n]))
    return phase, abs((phase - check["value"] + 180) % 360 - 180) <= check["tol"]


async def _attenuation(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(*_span(check))
    if found is None:
        return "no response", False
    db = waveform.magnitude_db(found[1])
    loss = float(db.max() - (waveform.value_at(found[0], db, check["at"]) or 0.0))
    return loss, _near(loss, check)


async def _flat(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(check["from"], check["to"])
    if found is None:
        return "no response", False
    db = waveform.magnitude_db(found[1])
    return float(db.max() - db.min()), bool(db.max() - db.min() <= check["most"])


async def _peak(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    low, high = await _half_power(bench, check["value"])
    if low is None or high is None:
        return "no peak", False
    return math.sqrt(low * high), _near(math.sqrt(low * high), check)


async def _half_power(bench: Bench, at: float) -> tuple[float | None, float | None]:
    found = await bench.response(at / 100, at * 100)
    if found is None:
        return None, None
    # A sharp peak needs more points than the wide sweep has.
    peak = float(found[0][int(np.abs(found[1]).argmax())])
    fine = await bench.analysis("ac", f".ac lin 20001 {peak / 2:.6g} {peak * 2:.6g}", with_ac(bench.body))
    if fine is None:
        return None, None
    out, source = vector(fine, OUT), vector(fine, IN)
    h = out if source is None or float(np.abs(source).max()) < 1e-15 else out / source
    return waveform.corner_frequencies(np.abs(next(iter(fine.vectors.values())).values), h)


async def _bandwidth(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(check["value"] / 10, check["value"] * 1e3)
    if found is None:
        return "no response", False
    peak = float(found[0][int(np.abs(found[1]).argmax())])
    low, high = await _half_power(bench, peak)
    if low is None or high is None:
        return "no band", False
    return high - low, _near(high - low, check)


async def _edges(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(check["low"] / 100, check["high"] * 100)
    if found is None:
        return "no response", False
    low, high = waveform.corner_frequencies(found[0], found[1])
    if low is None or high is None:
        return (low, high), False
    if check["kind"] == "edges_cover":
        return (low, high), low <= check["low"] * (1 + check["slack"]) and high >= check["high"] * (1 - check["slack"])
    near = [abs(got - want) <= check["tol"] * want for got, want in ((low, check["low"]), (high, check["high"]))]
    return (low, high), all(near)


async def _notch(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    at = check["at"]
    wide = await bench.response(at / 100, at * 100)
    fine = await bench.response(at * 0.999, at * 1.001, f"lin 201 {at * 0.999:.9g} {at * 1.001:.9g}")
    if wide is None or fine is None:
        return "no response", False
    there = waveform.magnitude_db(fine[1])[int(np.abs(fine[0] - at).argmin())]
    depth = float(waveform.magnitude_db(wide[1]).max() - there)
    return depth, depth >= check["least"]


async def _rin(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.response(check["at"] / 2, check["at"] * 2)
    if found is None:
        return "no response", False
    nodes = set(source_nodes(with_ac(bench.body)))
    name = next((name for name, ends, _ in elements(bench, "V") if ends[0] in nodes), None)
    current = vector(found[2], (f"i({name})", f"{name}#branch"))
    n = int(np.abs(found[0] - check["at"]).argmin())
    source = vector(found[2], tuple(f"v({node})" for node in nodes))
    value = float(abs(source[n]) / max(abs(current[n]), 1e-18))
    return value, _near(value, check)


async def _transimpedance(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.analysis("ac", f".ac dec 50 {check['at'] / 10:.6g} {check['at'] * 10:.6g}", bench.body)
    out = None if found is None else vector(found, OUT)
    if out is None:
        return "no response", False
    n = int(np.abs(np.abs(next(iter(found.vectors.values())).values) - check["at"]).argmin())
    return float(abs(out[n])), _near(float(abs(out[n])), check)


async def _loss(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    body = with_ac(bench.body)
    found = await bench.analysis("ac", f".ac dec 200 {check['at'] / 2:.6g} {check['at'] * 2:.6g}", body)
    out = None if found is None else vector(found, OUT)
    source = None if found is None else vector(found, tuple(f"v({node})" for node in source_nodes(body)))
    if out is None or source is None:
        return "no response", False
    f = np.abs(next(iter(found.vectors.values())).values)
    n = int(np.abs(f - check["at"]).argmin())
    power = (abs(out[n]) ** 2 / check["rl"]) / (abs(source[n]) ** 2 / (4 * check["rs"]))
    loss = -10 * math.log10(max(power, 1e-30))
    return loss, abs(loss - check["value"]) <= check["tol"]


async def _loss_any(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """The loss between two resistances, whichever of them is the source."""
    found = [await _loss(bench, {**check, "rs": rs, "rl": rl}) for rs, rl in check["pairs"]]
    return [measured for measured, _ in found], any(ok for _, ok in found)


async def _settled(bench: Bench, body: list[str] | None = None) -> tuple[Any, Any, Any] | None:
    found = await bench.levels(body)
    out = None if found is None else vector(found, OUT)
    if out is None:
        return None
    if found.kind == "op":
        return found, np.array([0.0, 1.0]), np.real(np.array([out[-1], out[-1]]))
    t = next(iter(found.vectors.values())).values
    return found, *_last(t, np.real(out))


def _last(t: Any, y: Any) -> tuple[Any, Any]:
    keep = t >= t[0] + 0.7 * (t[-1] - t[0])
    return t[keep], y[keep]


async def _vout(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """The output's mean; with ``supply``: where the source that lies ``within`` these volts is set to that."""
    body = supplied(bench.body, check["within"], f"{check['supply']}") if "supply" in check else None
    found = await _settled(bench, body)
    if found is None:
        return "no output", False
    value = abs(waveform.mean(found[1], found[2]))
    return value, _near(value, check)


async def _ripple(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    # Three times the deck's own span, so that what rings after the start isn't taken for ripple.
    tran = TRAN.search(bench.deck)
    words = tran[1].split() if tran is not None else []
    stop = parse_number(words[1]) if len(words) > 1 else None
    if stop is None:
        return "no transient", False
    found = await bench.analysis("tran", " ".join([".tran", words[0], f"{3 * stop:.9g}", *words[2:]]))
    out = None if found is None else vector(found, OUT)
    if out is None:
        return "no transient", False
    t = next(iter(found.vectors.values())).values
    last = np.real(out)[t >= 0.9 * t[-1]]
    value = waveform.peak_to_peak(last)
    return value, value <= check["most"] and float(np.abs(last).mean()) > 0.1


async def _iload(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await _settled(bench)
    if found is None:
        return "no output", False
    volts = waveform.mean(found[1], found[2])
    current = 0.0
    for name, ends, rest in elements(bench, "RI"):
        if set(ends) == {"out", "0"}:
            number = re.search(r"\d[\w.]*", rest)
            value = abs((parse_number(number[0]) if number else None) or 0.0)
            current += abs(volts) / value if name[0] == "r" and value else value
    return current, _near(current, check)


async def _isupply(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.analysis("op", ".op")
    if found is None:
        return "no operating point", False
    currents = [abs(v.values[-1]) for n, v in found.vectors.items() if n.startswith("i(") or n.endswith("#branch")]
    value = float(max(currents, default=0.0))
    return value, _near(value, check) and value > 1e-9


async def _ivout(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.analysis("op", ".op")
    if found is None:
        return "no operating point", False
    volts = vector(found, OUT)
    value = 0.0
    for name, ends, rest in elements(bench, "VR"):
        if "out" in ends:
            branch = vector(found, (f"i({name})", f"{name}#branch"))
            if branch is not None:
                value += abs(float(np.real(branch[-1])))
            elif name[0] == "r" and volts is not None:
                other = vector(found, (f"v({next(end for end in ends if end != 'out')})",))
                value += abs(float(volts[-1] - (0 if other is None else other[-1]))) / (
                    parse_number(rest.split()[0]) or 1e12
                )
    return value, _near(value, check)


async def _frequency(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = await bench.levels()
    out = None if found is None or found.kind != "tran" else vector(found, OUT)
    if out is None:
        return "no transient", False
    t = next(iter(found.vectors.values())).values
    value = waveform.oscillation_frequency(t, np.real(out))
    return value, value is not None and _near(value, check)


async def _dc_map(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    body = [
        re.sub(r"^(\s*V\w*\s+(?:in|vin|input)\s+\S+\s+).*$", rf"\g<1>DC {check['in']}", line, flags=re.IGNORECASE)
        for line in bench.body
    ]
    found = await bench.analysis("op", ".op", body)
    out = None if found is None else vector(found, OUT)
    if out is None:
        return "no operating point", False
    return float(out[-1]), abs(float(out[-1]) - check["out"]) <= check["tol"]


async def _thresholds(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """Where the output changes over, the input swept slowly up (``high``) and down (``low``), in volts."""
    source = next((name for name, ends, _ in elements(bench, "V") if ends[0] in ("in", "vin", "input")), None)
    room = check["high"] - check["low"]
    ends, step, got = [check["low"] - room, check["high"] + room], room / 200, []
    for start, stop, by in ((*ends, step), (*ends[::-1], -step)):
        found = await bench.analysis("dc", f".dc {source} {start:.6g} {stop:.6g} {by:.6g}")
        out = None if found is None else vector(found, OUT)
        if out is None or not len(out):
            return "no sweep", False
        high = np.real(out) > (np.real(out).max() + np.real(out).min()) / 2
        turns = np.flatnonzero(np.diff(high.astype(int)))
        got.append(float(np.real(next(iter(found.vectors.values())).values)[turns[0] + 1]) if len(turns) else math.inf)
    near = [abs(a - check[key]) <= check["tol"] for a, key in zip(got, ("high", "low"), strict=True)]
    return got, all(near)


async def _supply(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    values = [parse_number(word) for _, _, rest in elements(bench, "V") for word in re.split(r"[\s()]+", rest)]
    return values, any(v is not None and abs(abs(v) - check["value"]) < 1e-6 for v in values)


async def _part(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    values = [parse_number(rest.split()[0]) for _, _, rest in elements(bench, check["letter"])]
    return values, any(v is not None and abs(v - check["value"]) <= check["tol"] * check["value"] for v in values)


async def _has(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    return "none", bool(elements(bench, check["letter"]))


async def _psrr(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """How much of the ripple of the source of ``supply`` volts the output is spared, in dB."""
    value = check["supply"]
    body = supplied(quiet(bench.body), [value * 0.999, value * 1.001], f"{value} AC 1")
    found = await bench.analysis("ac", f".ac dec 50 {check['at'] / 10:.6g} {check['at'] * 10:.6g}", body)
    out = None if found is None else vector(found, OUT)
    if out is None or body == quiet(bench.body):
        return "no such supply", False
    f = np.abs(next(iter(found.vectors.values())).values)
    db = -20 * math.log10(max(float(abs(out[int(np.abs(f - check["at"]).argmin())])), 1e-15))
    return db, _near(db, check)


async def _rout(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """The magnitude of the output's impedance, with what loads it in the deck."""
    body = [*quiet(bench.body), "Ijudge 0 out DC 0 AC 1"]
    found = await bench.analysis("ac", f".ac dec 50 {check['at'] / 10:.6g} {check['at'] * 10:.6g}", body)
    out = None if found is None else vector(found, OUT)
    if out is None:
        return "no response", False
    f = np.abs(next(iter(found.vectors.values())).values)
    value = float(abs(out[int(np.abs(f - check["at"]).argmin())]))
    return value, _near(value, check)


async def _ceiling(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """The most gain between two frequencies, in dB."""
    found = await bench.response(check["from"], check["to"])
    top = math.inf if found is None else float(waveform.magnitude_db(found[1]).max())
    return top, top <= check["most"]


async def _shape(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """Of the deck's own transient: ``swing`` from peak to peak, ``duty``, or the longest ``pulse`` that ends, in s."""
    found = await bench.levels()
    out = None if found is None or found.kind != "tran" else vector(found, OUT)
    if out is None:
        return "no transient", False
    t, y = next(iter(found.vectors.values())).values, np.real(out)
    if check["kind"] != "pulse":
        t, y = _last(t, y)
    if check["kind"] == "swing":
        return waveform.peak_to_peak(y), _near(waveform.peak_to_peak(y), check)
    high = (y > (y.max() + y.min()) / 2).astype(int)
    ups, downs = t[1:][np.diff(high) > 0], t[1:][np.diff(high) < 0]
    lengths = [float(after[0] - up) for up in ups if len(after := downs[downs > up])]
    if not lengths or (check["kind"] == "duty" and len(ups) < 2):
        return "no pulse", False
    value = max(lengths) if check["kind"] == "pulse" else lengths[0] / float(ups[1] - ups[0])
    return value, _near(value, check)


async def _lacks(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    found = [name for name, _, _ in elements(bench, check["letters"])]
    return found, not found


async def _names(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    return "not named", re.search(check["says"], bench.deck) is not None


async def _range(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """Whether all parts of a letter are at least, or at most, of a value."""
    values = [parse_number(rest.split()[0]) for _, _, rest in elements(bench, check["letter"])]
    odd = [v for v in values if v is not None and not _near(v, check)]
    return odd, not odd


async def _series(bench: Bench, check: dict[str, Any]) -> tuple[Any, bool]:
    """Whether the parts' values are those of E6, E12 or E24, but for values that the request gives."""
    two = [10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91]
    steps = two[:: 24 // check["series"]]
    values = [parse_number(rest.split()[0]) for _, _, rest in elements(bench, check["letter"])]
    odd = [
        v for v in values if v and v not in check.get("except", [])
        and min(abs(v / 10 ** math.floor(math.log10(v) + 1e-9) * 10 - step) for step in steps) > 0.01
    ]  # fmt: skip
    return odd, bool(values) and not odd


_CHECKS = {
    "corner": _corner, "gain_at": _gain, "phase_at": _phase, "attenuation": _attenuation,
    "attenuation_below": _attenuation,
    "flat": _flat, "peak": _peak, "bandwidth": _bandwidth, "edges": _edges, "edges_cover": _edges, "notch": _notch,
    "rin": _rin, "transimpedance": _transimpedance, "loss_matched": _loss,
    "loss_matched_any": _loss_any, "vout": _vout, "ripple": _ripple,
    "iload": _iload, "isupply": _isupply, "ivout": _ivout, "frequency": _frequency, "dc_map": _dc_map,
    "supply": _supply, "part": _part, "has": _has, "lacks": _lacks, "names": _names, "series": _series,
    "range": _range, "thresholds": _thresholds,
    "psrr": _psrr, "rout": _rout, "ceiling": _ceiling, "swing": _shape, "duty": _shape, "pulse": _shape,
}  # fmt: skip
