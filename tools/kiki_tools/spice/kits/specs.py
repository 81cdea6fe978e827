"""What a request says of a low-pass or high-pass, resolved: the prototype, its place, and what has to be measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from kiki_tools.spice.kits import measures
from kiki_tools.spice.kits.measures import Measure
from kiki_tools.spice.kits.model import Impossible, Slot, Wanted, article, shown
from kiki_tools.spice.kits.prototypes import RESPONSES, Prototype, order_for, prototype

GAIN_TOLERANCE_DB = 0.5
_KEPT = 0.8
"""The part of an allowed loss that the design takes; the rest is for the parts."""
_FAR = 20.0
_SPARE_DB = 1.0
"""What the stop band is designed deeper."""

FREQUENCY_SLOTS = (
    Slot("cutoff_hz", "Hz", "where the level is 3 dB below the pass band's", least=1e-3, most=10e9),
    Slot("pass_hz", "Hz", "edge of the pass band, where max_loss_db holds", least=1e-3, most=10e9),
    Slot("pass_end_hz", "Hz", "of a high-pass: how far its pass band is watched", least=1e-3, most=10e9),
    Slot("max_loss_db", "dB", "most loss up to pass_hz", least=0.001, most=6.0),
    Slot("stop_hz", "Hz", "edge of the stop band, where stop_db holds", least=1e-3, most=10e9),
    Slot("stop_db", "dB", "least attenuation at stop_hz, against the pass band", least=0.1, most=120.0),
    Slot("rolloff_db_per_decade", "dB", "slope beyond the cutoff, per decade", least=6.0, most=200.0),
    Slot("tolerance", "%", "how far the cutoff may be off", default=5.0, least=0.1, most=30.0),
)
"""Slots of a low-pass or high-pass that say where it passes and stops."""
SHAPE_SLOTS = (
    Slot("order", "", "number of poles", least=1, most=10),
    Slot("response", "", "the approximation", choices=RESPONSES),
    Slot("ripple_db", "dB", "ripple of a Chebyshev's or elliptic's pass band", least=0.001, most=3.0),
)


@dataclass(frozen=True)
class Spec:
    """A low-pass or high-pass. ``prototype`` is in rad/s with 1 at ``at_hz``, ``level``: dB of its maximum.

    ``low``, ``high``: the sweep in Hz that shows all of it.
    """

    way: str
    prototype: Prototype
    at_hz: float
    corner_hz: float
    level: float
    low: float
    high: float
    measures: tuple[Measure, ...]
    wanted: tuple[Wanted, ...]
    title: str

    def hertz(self, w: float) -> float:
        """The frequency in Hz of a prototype's frequency in rad/s."""
        return self.at_hz * w if self.way == "low" else self.at_hz / w


@dataclass(frozen=True, slots=True)
class Family:
    """What a family of filters can have. ``odd_only``: responses that it has of odd order only."""

    name: str
    responses: tuple[str, ...]
    most_order: int
    default_order: int
    odd_only: tuple[str, ...] = ()

    def next_order(self, response: str, order: int) -> int:
        """The order itself, or the next one that there is."""
        if response == "linkwitz-riley":
            return order + order % 2
        return order + 1 if response in self.odd_only and order % 2 == 0 else order

    @property
    def usual(self) -> tuple[str, ...]:
        """The responses to choose from where none is named."""
        return tuple(each for each in self.responses if each not in ("bessel", "elliptic", "linkwitz-riley"))


def resolved(plan: dict[str, Any], way: str, family: Family, level: float) -> Spec:
    """The specification of a plan with `FREQUENCY_SLOTS` and `SHAPE_SLOTS`; ``way``: ``low`` or ``high``.

    ``level``: the highest level of the pass band in dB.

    Raises:
        Impossible: if it contradicts itself, or needs a higher order than the family has.
    """
    _check(plan, way)
    corner, edge = plan.get("cutoff_hz"), plan.get("pass_hz")
    stop, stop_db = plan.get("stop_hz"), plan.get("stop_db")
    response = plan.get("response") or ("chebyshev" if plan.get("ripple_db") and not plan.get("q") else None)
    if response is not None and response not in family.responses:
        raise Impossible(f"there is no {response} {family.name} here; there are {', '.join(family.responses)}")
    order = plan.get("order")
    if order is not None and response == "linkwitz-riley" and order % 2:
        raise Impossible(f"a Linkwitz-Riley filter has an even order, not {order:g}", {"order": order + 1})
    if order is not None and response is not None and family.next_order(response, int(order)) != order:
        raise Impossible(
            f"between equal resistances {article(response.capitalize())} {family.name} has an odd order, not {order:g}",
            {"order": order + 1},
        )
    if corner is None and edge is not None:
        found, at = _from_edges(plan, way, response, family)
    else:
        assert corner is not None
        found, at = _steep_enough(plan, way, response, family), corner
    if response == "elliptic" and stop is None and plan.get("stop_db") is not None:
        stop_db = float(plan["stop_db"])
        outer = 1.002 * at * found.where(stop_db) if way == "low" else at / found.where(stop_db) / 1.002
        stop = outer
    three = found.where(3.0103)
    corner_hz = at * three if way == "low" else at / three
    ends = [corner_hz, *(each for each in (edge, stop) if each)]
    watched = 1.05 * float(plan.get("pass_end_hz") or 0.0)
    low, high = (
        (min(ends) / 100, max(max(ends) * 3, corner_hz * 100)) if way == "low"
        else (min(min(ends) / 3, corner_hz / 100), max(max(ends) * 100, watched))
    )  # fmt: skip
    spec = Spec(way, found, at, corner_hz, level, low, high, (), (), "")
    spec = _measured(spec, plan, stop, stop_db)
    name = f"{found.response.capitalize()} {way}-pass, order {found.order}, {shown(corner or edge or 0, 'Hz')}"
    return replace(spec, title=name)


def _check(plan: dict[str, Any], way: str) -> None:
    corner, edge, stop = plan.get("cutoff_hz"), plan.get("pass_hz"), plan.get("stop_hz")
    if corner is None and edge is None:
        raise Impossible(f"a {way}-pass needs its cutoff frequency, or the edge of its pass band")
    deep_alone = stop is None and plan.get("response") == "elliptic"
    if (stop is None) != (plan.get("stop_db") is None) and not deep_alone:
        lacks = "the attenuation there" if stop else "the frequency where it holds"
        raise Impossible(f"the stop band needs a frequency and an attenuation: {lacks} is missing")
    inner = corner or edge
    if stop is not None and inner is not None and (stop <= inner if way == "low" else stop >= inner):
        side = "above" if way == "low" else "below"
        raise Impossible(
            f"a {way}-pass stops {side} its pass band: {shown(stop, 'Hz')} isn't {side} {shown(inner, 'Hz')}"
        )
    beyond = corner and edge and (edge > corner if way == "low" else edge < corner)
    if corner and edge and beyond and plan.get("max_loss_db", 3) < 3:
        raise Impossible(
            f"at its cutoff of {shown(corner, 'Hz')} the level is 3 dB down by definition, so "
            f"{shown(plan['max_loss_db'], 'dB')} can't hold as far as {shown(edge, 'Hz')}"
        )
    if plan.get("ripple_db") and plan.get("response") in ("butterworth", "bessel"):
        raise Impossible(f"a {plan['response'].capitalize()} response has no ripple", {"response": "chebyshev"})
    order = plan.get("order")
    if order is not None and order != int(order):
        raise Impossible(f"the order is a whole number, not {order:g}")


def _ratio(way: str, inner: float, outer: float) -> float:
    return outer / inner if way == "low" else inner / outer


def _too_high(
    plan: dict[str, Any], what: str, needed: int | None, family: Family, steeper: Sequence[str] = ()
) -> Impossible:
    needs = f"order {needed}" if needed else "an order above 20"
    if needed and needed <= family.most_order:
        return Impossible(f"{what} needs {needs}", {"order": needed})
    other = next((each for each in steeper if each != plan.get("response")), None)
    hint = f"; {other} is steeper" if other else ""
    return Impossible(
        f"{what} needs {needs}, and order {family.most_order} is the most of {article(family.name)} here{hint}",
        {"response": other} if other else {},
    )


def _steep_enough(plan: dict[str, Any], way: str, response: str | None, family: Family) -> Prototype:
    """The response asked for, or the first of the family that reaches the stop band."""
    tried = [response] if response else family.usual
    refused: Impossible | None = None
    for each in tried:
        try:
            return _from_corner(plan, way, each, family)
        except Impossible as error:
            refused = refused or error
    assert refused is not None
    raise refused


def _from_corner(plan: dict[str, Any], way: str, response: str, family: Family) -> Prototype:
    """A prototype with -3 dB at 1 rad/s."""
    corner, stop, stop_db = plan["cutoff_hz"], plan.get("stop_hz"), plan.get("stop_db")
    slope, most = plan.get("rolloff_db_per_decade"), family.most_order
    order = None if plan.get("order") is None else int(plan["order"])
    ripple = _KEPT * float(plan.get("ripple_db") or 0.5)
    deep = max(float(stop_db or 40.0) + _SPARE_DB, ripple + 10)

    def made(n: int) -> Prototype:
        if plan.get("q") is not None and n == 2:
            return _of_q(float(plan["q"]))
        found = prototype(response, n, ripple, deep)
        return found if response == "linkwitz-riley" else found.at_3db()

    def reached(n: int, ratio: float, spare: float) -> bool:
        found = made(n)
        least = float(stop_db or 0.0)
        if response == "elliptic":
            return n > 1 and found.where(least + min(spare, 0.9)) <= ratio  # it rises again beyond its zeros
        return found.loss_db(ratio) >= least + spare

    if order is not None and order > most:
        raise Impossible(f"order {most} is the most of {article(family.name)} here, not {order}", {"order": most})
    if slope is not None:
        least = family.next_order(response, max(math.ceil(slope / 20 - 0.05), 1))
        if least > (order or most):
            raise Impossible(
                f"each pole falls at 20 dB per decade: {slope:g} dB per decade needs order {least}, not {order or most}"
                + (f", the most of {article(family.name)} here" if least > most else ""),
                {"order": least} if least <= most else {},
            )
        order = order or least
    if stop is None or stop_db is None:
        return made(order or family.next_order(response, family.default_order))
    ratio = _ratio(way, corner, stop)
    orders = [n for n in range(1, 21) if family.next_order(response, n) == n]
    enough = next((n for n in orders if reached(n, ratio, _SPARE_DB if n > 1 else 0.1)), None)
    if order is None and enough is not None and enough <= most:
        return made(enough)
    if order is not None and reached(order, ratio, 0.05):
        return made(order)
    limit = order or most
    loss = made(limit).loss_db(ratio)
    raise _too_high(
        plan,
        f"{article(response.capitalize())} {family.name} of order {limit} with its cutoff at {shown(corner, 'Hz')} "
        f"attenuates {loss:.1f} dB at {shown(stop, 'Hz')}; {stop_db:g} dB",
        enough,
        family,
    )


def _of_q(q: float) -> Prototype:
    """A second-order low-pass with its poles at 1 rad/s; its maximum lies at DC or at the resonance."""
    peak = q / math.sqrt(1 - 1 / (4 * q * q)) if q > math.sqrt(0.5) else 1.0
    real = -1 / (2 * q)
    poles = (complex(real, math.sqrt(1 - real * real)),) if q > 0.5 else (
        complex(real - math.sqrt(real * real - 1)), complex(real + math.sqrt(real * real - 1)))  # fmt: skip
    return Prototype("second-order", 2, poles, dc=1 / max(peak, 1.0))


def _from_edges(plan: dict[str, Any], way: str, response: str | None, family: Family) -> tuple[Prototype, float]:
    """A prototype and the frequency in Hz of its 1 rad/s, from the edges of the pass and stop band."""
    edge = float(plan["pass_hz"])
    allowed = float(plan.get("max_loss_db") or plan.get("ripple_db") or 3.0)
    loss = _KEPT * min(allowed, float(plan.get("ripple_db") or allowed))
    order = None if plan.get("order") is None else int(plan["order"])
    stop, stop_db = plan.get("stop_hz"), plan.get("stop_db")
    if stop is None or stop_db is None:
        response = response or family.responses[0]
        deep = float(stop_db or 40.0) + _SPARE_DB
        found = prototype(response, order or family.next_order(response, family.default_order), loss, deep)
        return found.scaled(1 / _edge(found, loss)), edge
    deep, ratio = stop_db + _SPARE_DB, _ratio(way, edge, stop)
    if response is None:
        fits = list(family.usual)
        needed = {r: order_for(r, loss, deep, ratio) for r in fits}
        # Butterworth where it takes few poles more: it is the least sensitive to its parts.
        limit = order or min(family.most_order, 6)
        response = next((r for r in fits if (needed[r] or 99) <= limit), None) or min(
            fits, key=lambda r: needed[r] or 99
        )
    least = order_for(response, loss, deep, ratio)
    least = None if least is None else family.next_order(response, least)
    if least is None or least > (order or family.most_order):
        what = (
            f"{stop_db:g} dB at {shown(stop, 'Hz')} with at most {allowed:g} dB of loss at {shown(edge, 'Hz')} by "
            f"{article(response.capitalize())} {family.name}"
        )
        usual = family.usual
        steeper = usual[usual.index(response) + 1 :] if response in usual else ()
        raise _too_high(plan, what, least, family, steeper)
    found = prototype(response, order or least, loss, deep)
    inner = _edge(found, loss)
    outer = found.where(deep - 1e-6) if response == "elliptic" else _loss_at_least(found, deep)
    # Where the order gives more than is asked, both bands get their part of it.
    spare = max(ratio / (outer / inner), 1.0)
    return found.scaled(math.sqrt(spare) / inner), edge


def _edge(found: Prototype, loss: float) -> float:
    return found.edge if found.response in ("chebyshev", "elliptic") else found.where(loss)


def _loss_at_least(found: Prototype, loss: float) -> float:
    w = found.edge
    while found.loss_db(w) < loss:
        w *= 1.01
    return w


def _measured(spec: Spec, plan: dict[str, Any], stop: float | None, stop_db: float | None) -> Spec:
    low_pass, proto = spec.way == "low", spec.prototype
    # Far into the pass band, but not to where op-amps end.
    far = spec.low * 1.02 if low_pass else _FAR * max(spec.corner_hz, plan.get("pass_hz") or 0.0)
    if not low_pass:
        far = max(far, plan.get("pass_end_hz") or 0.0)
    ripples = proto.response in ("chebyshev", "elliptic")
    ripple_end = plan.get("pass_hz") or spec.hertz(_edge(proto, 0.1) if ripples else 0.01)
    fits = (far, ripple_end) if low_pass else (ripple_end, far)
    if proto.response == "second-order":
        gain, level = measures.level("gain_db", far), spec.level
    elif ripples:
        gain, level = measures.highest("gain_db", *fits), spec.level
    else:
        gain, level = measures.level("gain_db", far), spec.level
    found: list[Measure] = [gain]
    wanted = [Wanted("pass-band gain", "gain_db", "=", level, "dB", GAIN_TOLERANCE_DB)]
    if plan.get("cutoff_hz") and proto.response == "second-order":
        found += [measures.level("at_f0", plan["cutoff_hz"]), measures.less("resonance_db", "at_f0", "gain_db")]
        q_db = 20 * math.log10(plan["q"])
        wanted.append(Wanted("level at f0 (20 log Q)", "resonance_db", "=", q_db, "dB", 0.6))
    elif plan.get("cutoff_hz"):
        corner = float(plan["cutoff_hz"])
        down = 6.0206 if proto.response == "linkwitz-riley" else 3.0103
        found.append(measures.crossing("f3db", spec.level - down, corner, "fall" if low_pass else "rise"))
        wanted.append(
            Wanted(f"-{down:.0f} dB frequency", "f3db", "=", corner, "Hz", plan.get("tolerance", 5.0) / 100 * corner)
        )
    if proto.response in ("butterworth", "bessel", "linkwitz-riley") and proto.order > 1:
        # The corner alone would let a search bend the response: it may not rise on its way there.
        inside = (far, spec.corner_hz) if low_pass else (spec.corner_hz, far)
        found.append(measures.highest("pass_peak", *inside))
        wanted.append(Wanted("highest level in the pass band", "pass_peak", "<=", spec.level + 0.5, "dB"))
    allowed = plan.get("max_loss_db") or plan.get("ripple_db") or (3.0 if plan.get("pass_hz") else None)
    if allowed is not None and (plan.get("pass_hz") or ripples):
        # Highest and lowest are of the sweep's points: the edge itself lies between two of them.
        found += [
            measures.highest("pass_max", *fits),
            measures.lowest("pass_min", *fits),
            measures.level("pass_edge", ripple_end),
            measures.derived(
                "ripple_db",
                "max(pass_max,pass_edge)-min(pass_min,pass_edge)",
                lambda m: max(m["pass_max"], m["pass_edge"]) - min(m["pass_min"], m["pass_edge"]),
            ),
        ]
        shown_edge = "" if not plan.get("pass_hz") else f"{'up' if low_pass else 'down'} to {shown(ripple_end, 'Hz')}"
        wanted.append(Wanted("variation in the pass band", "ripple_db", "<=", allowed, "dB", condition=shown_edge))
    if stop is not None and stop_db is not None:
        beyond = (stop, spec.high) if low_pass else (spec.low, stop)
        found += [measures.highest("stop_max", *beyond), measures.level("stop_edge", stop),
                  measures.derived("stop_db", "gain_db-max(stop_max,stop_edge)",
                                   lambda m: m["gain_db"] - max(m["stop_max"], m["stop_edge"]))]  # fmt: skip
        side = "above" if low_pass else "below"
        wanted.append(
            Wanted("attenuation", "stop_db", ">=", stop_db, "dB", condition=f"at and {side} {shown(stop, 'Hz')}")
        )
    if (slope := plan.get("rolloff_db_per_decade")) is not None:
        factor = 10.0 if proto.order <= 2 else 5.0 if proto.response == "bessel" else 2.0
        one = spec.corner_hz * (factor if low_pass else 1 / factor)
        two = one * (2.0 if low_pass else 0.5)
        found += [measures.level("slope_near", one), measures.level("slope_far", two),
                  measures.derived("slope_db", "(slope_near-slope_far)/0.30103",
                                   lambda m: (m["slope_near"] - m["slope_far"]) / 0.30103)]  # fmt: skip
        wanted.append(Wanted("roll-off per decade", "slope_db", ">=", slope * 0.97, "dB",
                             condition=f"between {shown(one, 'Hz')} and {shown(two, 'Hz')}"))  # fmt: skip
    return replace(spec, measures=tuple(found), wanted=tuple(wanted))
