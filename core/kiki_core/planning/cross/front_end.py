"""The analog front end between a sensor and a converter: divider, amplifier or level shift, and an anti-alias filter.

Each is a deck that carries its own test: the sensor at both ends of its range, the step between them, and where the filter
has several poles its response.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from kiki_core.planning.cross import filters
from kiki_core.planning.cross.amplifiers import Make, fast_enough
from kiki_core.planning.cross.ranges import Signal
from kiki_core.planning.cross.stages import Impossible, Stage, staged
from kiki_core.planning.cross.wishes import Wishes
from kiki_core.planning.shown import with_unit
from kiki_tools.spice.kits.series import nearest

__all__ = ["FrontEnd", "Impossible", "designed"]

FILL = 0.94
"""How much of the converter's range the signal fills: the rest is for tolerances of parts and offsets."""
_FULL = 0.985
"""The same where the text states the whole range itself."""
_SETTLED = 5.0
"""Periods of the filter's corner after which its output has settled."""
_MOST_ORDER = 4


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A deck, and the line that its output follows: out = offset + slope * in (volts per volt, or per ampere).

    ``corner``: of its filter, in hertz; ``order``: its poles; ``values``: its parts for people; ``amplifier``: their make.
    """

    deck: str
    slope: float
    offset: float
    corner: float
    values: dict[str, float]
    kind: str
    order: int = 1
    amplifier: str = ""
    gain: float = 1.0
    notes: tuple[str, ...] = field(default=())


def designed(signal: Signal, wishes: Wishes, make: Make | None = None) -> FrontEnd:
    """The front end for a signal and what the text wants of it; ``make``: the amplifier that it names. Raises Impossible."""
    reference, corner = wishes.reference, wishes.corner
    order = _order(wishes)
    scale = signal.shunt or 1.0
    if signal.light:
        stage, source, scale = _of_light(signal, reference), 0.0, 1.0
    else:
        low, high = signal.low * scale, signal.high * scale
        slope, offset = _line(low, high, signal, wishes)
        stage = staged(low, high, slope, offset, signal, wishes)
        source = signal.shunt if not stage.cards else 0.0
    needed = 3.5 * corner * stage.noise_gain if stage.cards else 0.0
    amplifier = fast_enough(max(needed, 40 * corner if order > 1 else 0.0), make)
    if amplifier is None:
        raise Impossible(
            f"{make.name + f' with {make.hertz / 1e6:g} MHz' if make else 'an amplifier of 50 MHz gain-bandwidth'} is too slow for a corner of "
            f"{corner:g} Hz at this gain: take a faster one"
        )
    lag = stage.noise_gain / (2 * math.pi * amplifier.hertz) if stage.cards else 0.0
    node = "sig" if stage.cards else "s"
    try:
        low_pass = (
            filters.single(node, corner, source, lag)
            if order == 1
            else filters.cascade(node, corner, source, order, wishes.response)
        )
    except filters.TooSlow:
        raise Impossible(
            f"{amplifier.name} is too slow for a corner of {corner:g} Hz at this gain: take a faster one"
        ) from None
    settled = _SETTLED / corner
    models = [*(amplifier.cards() if stage.cards else []), *(amplifier.cards("filteramp") if order > 1 else [])]
    clamps = (
        ["* Schottky diodes keep the pin between ground and the reference", f"Vclamp vclamp 0 DC {reference:.6g}", "D1 out vclamp BAT54",
         "D2 0 out BAT54", ".model BAT54 D(IS=2e-8 N=1.04 RS=0.5)"] if wishes.clamped else []
    )  # fmt: skip
    lines = [f"* Front end: {signal.what} to the converter ({stage.kind})", *_source(signal, settled), *models, *stage.cards,
             *low_pass.cards, *clamps]  # fmt: skip
    slope, offset = stage.slope * scale, stage.offset
    deck = _with_tests(lines, signal, slope, offset, wishes, order, settled)
    notes = tuple(stage.notes)
    used = amplifier.name if models else ""
    return FrontEnd(
        deck, slope, offset, corner, stage.values | low_pass.values, stage.kind, order, used, abs(stage.slope), notes
    )


def _order(wishes: Wishes) -> int:
    """The poles that the filter has: as stated, or as an attenuation needs."""
    order = wishes.order or 1
    if wishes.response.startswith(("tscheb", "cheb", "ellip", "cauer")):
        raise Impossible(f"a filter after {wishes.response.title()} isn't made here; Butterworth and Bessel are")
    if wishes.attenuation and not wishes.order:
        decibels, hertz = wishes.attenuation
        over = hertz / wishes.corner
        if over <= 1:
            raise Impossible(
                f"{decibels:g} dB at {hertz:g} Hz, below the corner of {wishes.corner:g} Hz: no low-pass has that"
            )
        order = max(1, math.ceil(decibels / (20 * math.log10(over)) - 0.02))
    if order > _MOST_ORDER:
        raise Impossible(f"that takes a filter of order {order}; up to {_MOST_ORDER} are made here")
    return order


def _line(low: float, high: float, signal: Signal, wishes: Wishes) -> tuple[float, float]:
    """Slope and offset from volts of the sensor to volts at the converter."""
    reference = wishes.reference
    if high - low <= 0:
        raise Impossible("the signal's range is empty: its ends are the same")
    if high - low < 1e-4:
        raise Impossible(
            f"a span of {(high - low) * 1e6:.3g} uV drowns in the offset of an operational amplifier: take a delta-sigma converter"
        )
    if high > 1000 or low < -1000:
        raise Impossible(f"{max(high, -low):g} V without isolation is dangerous: take an isolated measurement")
    if wishes.bare and not signal.floating:
        if low < 0:
            raise Impossible(
                f"{with_unit(low, 'V')} is below ground: without a level shift the converter sees nothing negative, only 0 to {reference:g} V"
            )
        if high <= reference:
            return 1.0, 0.0
        raise Impossible(f"{with_unit(high, 'V')} is more than the converter's {reference:g} V: it needs a divider")
    top = FILL * reference
    if wishes.target is not None:
        one, other = wishes.target.low, wishes.target.high
        if other > _FULL * reference:
            one, other = max(one, (1 - _FULL) * reference if low != 0 else one), _FULL * reference
        slope = (other - one) / (high - low)
        return slope, one - slope * low
    if wishes.gain:
        offset = wishes.offset if wishes.offset is not None else reference / 2 if low < -1e-9 else 0.0
        if low > 0.05 * high and wishes.gain * high > reference and wishes.gain * (high - low) < reference:
            offset = reference / 2 - wishes.gain * (low + high) / 2  # its own level is taken off
        least, most = wishes.gain * low + offset, wishes.gain * high + offset
        if least < -1e-3 or most > reference * 1.0005:
            fits = min((reference - offset) / high if high > 0 else math.inf, offset / -low if low < 0 else math.inf)
            raise Impossible(f"a gain of {wishes.gain:g} brings {high:.4g} V to {most:.4g} V, but the converter takes 0 to {reference:g} V; at most {fits:.4g} fits")  # fmt: skip
        return wishes.gain, offset
    if wishes.offset is not None and low < -1e-9:
        slope = FILL * min(reference - wishes.offset, wishes.offset) / max(high, -low)
        return slope, wishes.offset
    if low < -1e-9:
        slope = top / (high - low)
        return slope, reference / 2 - slope * (low + high) / 2
    if wishes.whole and low > 0.05 * high:
        slope = top / (high - low)
        return slope, (1 - FILL) / 2 * reference - slope * low
    if high > reference or (high > top and signal.shunt == 0):
        return top / high, 0.0
    if high < 0.8 * top or signal.floating:
        return top / high, 0.0
    return 1.0, 0.0


def _of_light(signal: Signal, reference: float) -> Stage:
    """A transimpedance stage: the diode's current, drawn from the inverting input, through one resistor."""
    if signal.low < 0 or not 1e-9 <= signal.high <= 10e-3:
        raise Impossible("a transimpedance stage of one supply takes currents from zero up, of 1 nA to 10 mA")
    resistor = nearest(0.99 * FILL * reference / signal.high, "E96")
    cards = ["* The diode's cathode is at s, its anode at ground; a small capacitor across Rt tames the diode's own.", "X1 0 s sig opamp",
             f"Rt sig s {resistor:.6g}"]  # fmt: skip
    return Stage(cards, resistor, 0.0, {"Rt": resistor}, "transimpedance stage", 1.0)


def _source(signal: Signal, settled: float) -> list[str]:
    """The sensor: first at the low end of its range, then at the high one; ``settled``: seconds for each."""
    drive = f"DC {signal.low:.9g} AC 1 PWL(0 {signal.low:.9g} {settled:.6g} {signal.low:.9g} {1.001 * settled:.9g} {signal.high:.9g})"
    if signal.light:
        return [f"Iin s 0 {drive}"]
    if signal.shunt:
        return [f"Iin 0 s {drive}", f"Rshunt s 0 {signal.shunt:.6g}"]
    if signal.floating:
        return [f"Vin s sn {drive}", "Vcm sn 0 DC 1.65"]
    return [f"Vin s 0 {drive}"]


def _with_tests(
    lines: list[str], signal: Signal, slope: float, offset: float, wishes: Wishes, order: int, settled: float
) -> str:
    """The deck with its analyses and what it must show; the corner of one pole by the time constant of the step."""
    corner = wishes.corner
    ends = [offset + slope * end for end in (signal.low, signal.high)]
    span = abs(ends[1] - ends[0])
    tests = [
        f".tran {settled / 2000:.4g} {2 * settled:.6g}",
        f".meas tran out_low find v(out) at={0.99 * settled:.6g}",
        f".meas tran out_high find v(out) at={1.99 * settled:.6g}",
    ]
    if order == 1:
        risen = ends[0] + (1 - math.exp(-1)) * (ends[1] - ends[0])
        edge = "rise" if ends[1] > ends[0] else "fall"
        tests += [f".meas tran risen when v(out)={risen:.6g} {edge}=1",
                  f".meas tran f3db param='1/(6.2831853*(risen-{1.0005 * settled:.9g}))'"]  # fmt: skip
    else:
        last = max(20 * corner, 1.5 * wishes.attenuation[1]) if wishes.attenuation else 20 * corner
        tests += [f".ac dec 200 {corner / 100:.6g} {last:.6g}", f".meas ac f3db when vm(out)={abs(slope) * 0.70795:.6g} fall=1",
                  f".meas ac far find vdb(out) at={10 * corner:.6g}"]  # fmt: skip
    attenuation = wishes.attenuation
    if attenuation:
        if order == 1:
            tests.append(f".ac dec 200 {corner / 100:.6g} {20 * max(corner, attenuation[1]):.6g}")
        tests.append(f".meas ac stopped find vdb(out) at={attenuation[1]:.6g}")
    tests += [
        f"* @expect out_low within {ends[0] - 0.01 * span:.5g} {ends[0] + 0.01 * span:.5g}",
        f"* @expect out_high within {ends[1] - 0.01 * span:.5g} {ends[1] + 0.01 * span:.5g}",
        f"* @expect f3db = {corner:.5g} +/- 5%",
    ]
    level = 20 * math.log10(abs(slope))
    if order > 1:
        tests.append(f"* @expect far <= {level - filters.far_down(order, wishes.response):.5g}")
    if attenuation:
        tests.append(f"* @expect stopped <= {level - attenuation[0]:.5g}")
    return "\n".join([*lines, *tests, ".end"]) + "\n"
