"""What a request says of a band-pass or a notch: its centre, width and edges, and what has to be measured.

Edges lie at ``f0 (sqrt(1 + 1/(4 Q^2)) -+ 1/(2 Q))``; a low-pass prototype becomes a band-pass by ``s -> Q (s + 1/s)``
(A. I. Zverev, Handbook of Filter Synthesis).
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiki_tools.spice.kits import measures
from kiki_tools.spice.kits.measures import Measure
from kiki_tools.spice.kits.model import Impossible, Slot, Wanted, article, shown
from kiki_tools.spice.kits.prototypes import Prototype, Section

BAND_SLOTS = (
    Slot("center_hz", "Hz", "centre frequency", least=1e-3, most=10e9),
    Slot("q", "", "quality: centre divided by the -3 dB bandwidth", least=0.1, most=200.0),
    Slot("bandwidth_hz", "Hz", "-3 dB bandwidth", least=1e-4, most=10e9),
    Slot("low_hz", "Hz", "lower -3 dB edge", least=1e-3, most=10e9),
    Slot("high_hz", "Hz", "upper -3 dB edge", least=1e-3, most=10e9),
    Slot("tolerance", "%", "how far centre and edges may be off", default=5.0, least=0.1, most=30.0),
)
STOP_SLOTS = (
    Slot("stop_low_hz", "Hz", "up to here stop_db holds, below the band", least=1e-3, most=10e9),
    Slot("stop_high_hz", "Hz", "from here on stop_db holds, above the band", least=1e-3, most=10e9),
    Slot("stop_db", "dB", "least attenuation at stop_low_hz and stop_high_hz", least=0.1, most=100.0),
)
LOSS_SLOT = Slot(
    "max_loss_db", "dB", "most loss from low_hz to high_hz, which are the pass band's edges then, not its corners",
    least=0.01, most=2.9,
)  # fmt: skip
_SPARE_DB = 1.0
_KEPT = 0.6
"""The part of an allowed loss at the edges that the design takes; the rest is for the parts."""
WIDTH_TOLERANCE = 0.10
"""How far a -3 dB bandwidth may be off, in parts of it; a narrow band's has the parts' errors times its Q."""


@dataclass(frozen=True, slots=True)
class Band:
    """Centre and edges in Hz; ``by_edges``: whether the edges were asked for, not centre and width."""

    center: float
    low: float
    high: float
    by_edges: bool

    @property
    def q(self) -> float:
        """Centre by bandwidth."""
        return self.center / (self.high - self.low)

    def ratio(self, f: float) -> float:
        """The frequency of the low-pass prototype, in rad/s, that ``f`` stands for."""
        return abs(self.q * (f / self.center - self.center / f))


def band(plan: dict[str, Any], default_q: float | None = None) -> Band:
    """The band of a plan with `BAND_SLOTS`.

    Raises:
        Impossible: if too little is said, or what is said contradicts itself.
    """
    center, low, high = plan.get("center_hz"), plan.get("low_hz"), plan.get("high_hz")
    q, width = plan.get("q"), plan.get("bandwidth_hz")
    if low and high:
        if low >= high:
            raise Impossible(f"the lower edge of {shown(low, 'Hz')} isn't below the upper one of {shown(high, 'Hz')}")
        found = Band(math.sqrt(low * high), low, high, True)
        middle = (low + high) / 2
        if center and min(abs(center / found.center - 1), abs(center / middle - 1)) > 0.05:
            raise Impossible(f"the centre between {shown(low, 'Hz')} and {shown(high, 'Hz')} is "
                             f"{shown(found.center, 'Hz')}, not {shown(center, 'Hz')}")  # fmt: skip
        if q and abs(q / found.q - 1) > 0.1:
            raise Impossible(f"from {shown(low, 'Hz')} to {shown(high, 'Hz')} the Q is {found.q:.3g}, not {q:g}")
        return found
    if low or high:
        raise Impossible("a band has two edges: one is missing")
    if not center:
        raise Impossible("the centre frequency, or both edges, are missing")
    if q and width and abs(center / width / q - 1) > 0.1:
        raise Impossible(f"a Q of {q:g} at {shown(center, 'Hz')} is a bandwidth of {shown(center / q, 'Hz')}, not "
                         f"{shown(width, 'Hz')}")  # fmt: skip
    q = center / width if width else q or default_q
    if not q:
        raise Impossible("the bandwidth or the Q is missing")
    if width and width >= 3 * center:
        raise Impossible(f"a band {shown(width, 'Hz')} wide about {shown(center, 'Hz')} is no band: give its edges")
    half = 1 / (2 * q)
    return Band(
        center, center * (math.sqrt(1 + half * half) - half), center * (math.sqrt(1 + half * half) + half), False
    )


def widened(plan: dict[str, Any], make: Any, most: int, name: str) -> tuple[dict[str, Any], Band | None]:
    """A plan whose edges are those of a pass band with ``max_loss_db``: with the corners that it takes, and the band.

    The corners lie where both the pass band's loss and the stop band's attenuation have room, at the least order.
    """
    allowed, low, high = plan.get("max_loss_db"), plan.get("low_hz"), plan.get("high_hz")
    if not (allowed and low and high):
        return plan, None
    inner = band({"low_hz": low, "high_hz": high})
    stops = [inner.ratio(each) for each in (plan.get("stop_low_hz"), plan.get("stop_high_hz")) if each]
    stop_db = plan.get("stop_db")
    orders = [int(plan["order"]) // 2] if plan.get("order") else list(range(1, most // 2 + 1))
    if not (stops and stop_db) and not plan.get("order"):
        orders = [2]
    for n in orders:
        proto: Prototype = make(n)
        least = 1 / proto.where(_KEPT * allowed)
        widest = min(stops) / proto.where(stop_db + _SPARE_DB) if stops and stop_db else 1.3 * least
        if widest >= least:
            half = math.sqrt(least * widest) / (2 * inner.q)
            low, high = (inner.center * (math.sqrt(1 + half * half) + sign * half) for sign in (-1, 1))
            return {**plan, "low_hz": low, "high_hz": high, "center_hz": None, "order": 2 * n}, inner
    raise Impossible(f"{article(name)} of order {2 * orders[-1]} can't lose at most {allowed:g} dB in its band and "
                     f"{stop_db:g} dB in its stop band")  # fmt: skip


def order_of(plan: dict[str, Any], found: Band, make: Any, default: int, most: int, name: str) -> Prototype:
    """The low-pass prototype, with -3 dB at 1 rad/s, that a band-pass needs; its order is half the band-pass's.

    ``make``: from an order to a prototype.
    """
    order = plan.get("order")
    if order is not None and (order != int(order) or order % 2):
        raise Impossible(
            f"{article(name)} has an even number of poles, not {order:g}", {"order": 2 * math.ceil(order / 2)}
        )
    stop_db = plan.get("stop_db")
    stops = [each for each in (plan.get("stop_low_hz"), plan.get("stop_high_hz")) if each]
    if (stop_db is None) != (not stops):
        lacks = "the frequency where it holds" if stop_db else "the attenuation there"
        raise Impossible(f"the stop band needs a frequency and an attenuation: {lacks} is missing")
    if plan.get("stop_low_hz", 0) > found.low or plan.get("stop_high_hz", math.inf) < found.high:
        raise Impossible(
            f"the stop band lies within the pass band from {shown(found.low, 'Hz')} to {shown(found.high, 'Hz')}"
        )
    if not stops or stop_db is None:
        return make(int(order or default) // 2)  # type: ignore[no-any-return]
    ratio = min(found.ratio(each) for each in stops)
    enough = next((n for n in range(1, 11) if make(n).loss_db(ratio) >= stop_db + _SPARE_DB), None)
    limit = int(order or most) // 2
    if enough is None or enough > limit:
        loss = make(limit).loss_db(ratio)
        raise Impossible(
            f"{article(name)} of order {2 * limit} attenuates {loss:.1f} dB there; {stop_db:g} dB needs "
            + (f"order {2 * enough}" if enough else "an order above 20"),
            {"order": 2 * enough} if enough and 2 * enough <= most else {},
        )
    return make(limit if order else enough)  # type: ignore[no-any-return]


def sections(proto: Prototype, found: Band) -> list[Section]:
    """The band-pass's second-order sections, ``w`` in rad/s, by rising Q."""
    out = []
    for pole in proto.poles:
        half = pole / (2 * found.q)
        root = cmath.sqrt(half * half - 1)
        # A complex pole of the prototype gives two pairs, a real one gives one.
        for s in (half + root, half - root) if pole.imag > 0 or root.imag == 0 else (half + root,):
            s = s * 2 * math.pi * found.center
            out.append(Section(abs(s), abs(s) / (-2 * s.real)))
    return sorted(out, key=lambda each: each.q or 0.0)


def sweep_of(found: Band, stops: Sequence[float] = ()) -> tuple[float, float]:
    """Where the sweep begins and ends: it shows the band, and the stop bands."""
    reach = max(12 / found.q, 3.0)
    low = min([found.center / reach, *(each / 3 for each in stops)])
    high = max([found.center * reach, *(each * 3 for each in stops)])
    return low, high


def passed(
    plan: dict[str, Any], found: Band, level: float, inner: Band | None = None
) -> tuple[list[Measure], list[Wanted]]:
    """Measures and requirements of a band-pass with its gain ``level`` in dB; ``inner``: its pass band (`widened`)."""
    stops = [each for each in (plan.get("stop_low_hz"), plan.get("stop_high_hz")) if each]
    low, high = sweep_of(found, stops)
    part = plan["tolerance"] / 100
    out = [
        measures.highest("gain_db", low * 1.01, high / 1.01),
        measures.crossing("f_low", level - 3.0103, found.low, "rise"),
        measures.crossing("f_high", level - 3.0103, found.high, "fall"),
    ]
    wanted = [Wanted("gain in the band", "gain_db", "=", level, "dB", 0.5)]
    if inner is not None:
        out += [
            measures.lowest("pass_min", inner.low, inner.high),
            measures.level("pass_low", inner.low), measures.level("pass_high", inner.high),
            measures.derived("loss_db", "gain_db-min(pass_min,min(pass_low,pass_high))",
                             lambda m: m["gain_db"] - min(m["pass_min"], m["pass_low"], m["pass_high"])),
        ]  # fmt: skip
        where = f"from {shown(inner.low, 'Hz')} to {shown(inner.high, 'Hz')}"
        wanted.append(Wanted("loss in the pass band", "loss_db", "<=", plan["max_loss_db"], "dB", condition=where))
    elif found.by_edges:
        wanted += [Wanted("lower -3 dB edge", "f_low", "=", found.low, "Hz", part * found.low),
                   Wanted("upper -3 dB edge", "f_high", "=", found.high, "Hz", part * found.high)]  # fmt: skip
    else:
        out += width_measures()
        wanted += width_wanted(found, part, WIDTH_TOLERANCE)
    for side, stop in (("low", plan.get("stop_low_hz")), ("high", plan.get("stop_high_hz"))):
        if not stop:
            continue
        ends = (low, stop) if side == "low" else (stop, high)
        out += [
            measures.highest(f"stop_{side}_max", *ends),
            measures.level(f"stop_{side}_edge", stop),
            measures.derived(f"stop_{side}_db", f"gain_db-max(stop_{side}_max,stop_{side}_edge)", _deep(side)),
        ]
        where = "below" if side == "low" else "above"
        wanted.append(Wanted("attenuation", f"stop_{side}_db", ">=", plan["stop_db"], "dB",
                             condition=f"at and {where} {shown(stop, 'Hz')}"))  # fmt: skip
    return out, wanted


def _deep(side: str) -> Callable[[Mapping[str, float]], float]:
    """The attenuation from the edge of a stop band on; the edge itself lies between two points of the sweep."""
    return lambda m: m["gain_db"] - max(m[f"stop_{side}_max"], m[f"stop_{side}_edge"])


def width_measures() -> list[Measure]:
    """Centre and width from the two edges."""
    return [
        measures.derived("center", "sqrt(f_low*f_high)", lambda m: math.sqrt(m["f_low"] * m["f_high"])),
        measures.less("width", "f_high", "f_low"),
    ]


def width_wanted(found: Band, part: float, width_part: float) -> list[Wanted]:
    """Requirements on centre and width."""
    width = found.high - found.low
    return [Wanted("centre frequency", "center", "=", found.center, "Hz", part * found.center),
            Wanted("-3 dB bandwidth", "width", "=", width, "Hz", width_part * width)]  # fmt: skip


def stopped(plan: dict[str, Any], found: Band, level: float, depth_db: float) -> tuple[list[Measure], list[Wanted]]:
    """Measures and requirements of a notch or band-stop in a pass band at ``level`` dB."""
    low, high = sweep_of(found)
    part = plan["tolerance"] / 100
    out = [
        measures.level("gain_db", low * 1.02),
        measures.level("gain_above_db", high / 1.02),
        measures.level("at_center", found.center),
        measures.less("depth_db", "gain_db", "at_center"),
        measures.crossing("f_low", level - 3.0103, found.low, "down"),
        measures.crossing("f_high", level - 3.0103, found.high, "up"),
    ]
    wanted = [
        Wanted("gain below the stop band", "gain_db", "=", level, "dB", 0.5),
        Wanted("gain above the stop band", "gain_above_db", "=", level, "dB", 0.5),
        Wanted("attenuation", "depth_db", ">=", depth_db, "dB", condition=f"at {shown(found.center, 'Hz')}"),
    ]
    if found.by_edges:
        wanted += [Wanted("lower -3 dB edge", "f_low", "=", found.low, "Hz", part * found.low),
                   Wanted("upper -3 dB edge", "f_high", "=", found.high, "Hz", part * found.high)]  # fmt: skip
    else:
        out += width_measures()
        wanted += width_wanted(found, part, WIDTH_TOLERANCE)
    return out, wanted
