"""What a request says of a filter's bands without naming the slot: a range of one side, an octave beside, a trap."""

from __future__ import annotations

import math
import re

from kiki_core.planning.implied import Filling
from kiki_core.planning.roles import sections

_COUPLING = re.compile(
    r"coupling cap\w*|koppelkond\w*|condensateur de (?:liaison|couplage)|condensador de (?:acoplo|acoplamiento)|"
    r"dc[- ]block\w*",
    re.IGNORECASE,
)
_OCTAVE = re.compile(
    r"(?<!\w)(?:an?|one|eine?|une|una) (?:octave|oktave|octava) (?:away|out\w*|beyond|beside|daneben|weiter|au-del[àa]|"
    r"[àa] c[ôo]t[ée]|plus loin|m[áa]s all[áa]|fuera)",
    re.IGNORECASE,
)


def of_one_side(to: Filling) -> None:
    """A loss over a range of one side: the range's end beside the stop band is the pass band's edge.

    "A high-pass, from 1.8 MHz up to 18 MHz at most 0.5 dB": that is its lower end, and the upper one says how
    far it is measured.
    """
    upright = to.kit.name.endswith("highpass")
    if not (upright or to.kit.name.endswith("lowpass")) or not to.open("pass_hz"):
        return
    low = next(iter(to.free("f_low")), None)
    high = next(iter(to.free("f_high")), None)
    if low is None or high is None or not low.value < high.value:
        return
    loss = next(
        (e for e in to.free("loss", "ripple_db", "") if e.quantity.unit == "dB" and 0 < e.value <= 3), None
    )  # fmt: skip
    if loss is None:
        return
    to.put("pass_hz", low if upright else high)
    if not upright:
        to.used.add(low.index)
    elif to.open("pass_end_hz"):
        to.put("pass_end_hz", high)
    if loss.role == "ripple_db" and to.open("ripple_db"):
        to.put("ripple_db", loss)
    elif to.open("max_loss_db"):
        to.put("max_loss_db", loss)


def coupled(to: Filling) -> None:
    """A coupling capacitor works into the input's own resistance."""
    if to.kit.name != "rc_highpass" or not _COUPLING.search(to.text[:4000]):
        return
    into = next((each for each in to.free("input_resistance", "load", "resistance", "system") if each.value), None)
    name = next((name for name in ("resistance", "resistance_ohm") if to.open(name)), None)
    if into is not None and name is not None:
        to.put(name, into)


def an_octave_beside(to: Filling) -> None:
    """ "An octave away at least 10 dB": the stop band by its distance from the corners."""
    match = _OCTAVE.search(to.text[:4000])
    if match is None or not to.open("stop_db"):
        return
    near = [each for each in to.free("", "attenuation") if each.quantity.unit == "dB" and each.value > 3]
    if not near:
        return
    corners = sorted(
        {e.value for e in to.labels if e.quantity.unit == "Hz" and e.role in ("cutoff", "f_low", "f_high", "pass", "")}
    )
    if to.open("stop_low_hz") and len(corners) == 2:
        to.plan["stop_low_hz"], to.plan["stop_high_hz"] = corners[0] / 2, corners[1] * 2
    elif to.open("stop_hz") and len(corners) == 1:
        to.plan["stop_hz"] = corners[0] * (0.5 if to.kit.name.endswith("highpass") else 2.0)
    else:
        return
    to.put("stop_db", min(near, key=lambda each: abs(each.quantity.start - match.end())))


def beside_a_trap(to: Filling) -> None:
    """A band-stop's width from what may be lost beside it: Butterworth, 3 dB where the nearer neighbour stands."""
    if to.kit.name != "lc_bandstop" or not to.open("bandwidth_hz"):
        return
    lost = next((e for e in to.free("loss") if e.quantity.op == "<=" and 0 < e.value <= 3.1), None)
    hertz = [each for each in to.labels if each.quantity.unit == "Hz" and each.role not in ("bandwidth", "sampling")]
    values = sorted({each.value for each in hertz})
    if lost is None or len(values) != 3:
        return
    below, center, above = values
    # at a distance x from the centre, in bandwidths, one resonator loses 10 lg (1 + 1/x²)
    spread = min(abs(f / center - center / f) for f in (below, above)) * center
    to.plan["center_hz"] = center
    to.plan["bandwidth_hz"] = 0.9 * spread * math.sqrt(10 ** (lost.value / 10) - 1)
    to.used.update((lost.index, *(each.index for each in hertz)))
    if to.open("stop_db"):
        deep = next((e for e in to.free("", "attenuation") if e.quantity.unit == "dB" and e.value >= 6), None)
        if deep is not None:
            to.put("stop_db", deep)


_KEPT_OUT = ("center", "switching", "mains", "oscillation", "sampling", "")
"""Roles of a frequency that only says what it is: hum, a clock, a carrier."""


def kept_out(to: Filling) -> None:
    """ "The 50 Hz hum must be 60 dB down", "PWM at 62.5 kHz ≥ 60 dB down": the stop band of a low-pass or high-pass."""
    if not (to.open("stop_hz") and to.open("stop_db")) or to.kit.slot("center_hz") or to.free("stop"):
        return
    edge = next((each for each in to.labels if each.role in ("cutoff", "pass") and each.quantity.op == "="), None)
    deep = [each for each in to.free("attenuation") if each.quantity.unit == "dB" and each.value > 3]
    upright = to.kit.name.endswith("highpass")
    out = [
        each for each in to.free(*_KEPT_OUT)
        if each.quantity.unit == "Hz" and edge is not None and (each.value < edge.value) == upright
    ]  # fmt: skip
    if edge is not None and len(deep) == len(out) == 1:
        to.put("stop_hz", out[0])
        to.put("stop_db", deep[0], abs(deep[0].value))


def lost_at_dc(to: Filling) -> None:
    """A loss beside a corner, where no edge of a pass band is stated: what is lost at DC, in the load's divider."""
    if not to.open("dc_loss_db") or not any(each.role == "cutoff" for each in to.labels):
        return
    if not any(each.role in ("load", "system") and each.value for each in to.labels) or to.free("pass"):
        return
    lost = next((each for each in to.free("loss") if each.quantity.op == "<=" and each.value > 0), None)
    if lost is not None:
        to.put("dc_loss_db", lost)


def matched_over(to: Filling) -> None:
    """ "Mismatch loss below 0.3 dB from 90 to 110 MHz", "two L sections": the band of a matching network."""
    if to.kit.name != "matching_network":
        return
    row = sections(to.text[:4000])
    if row:
        to.plan["sections"] = float(row)
    low, high = next(iter(to.free("f_low")), None), next(iter(to.free("f_high")), None)
    lost = next((each for each in to.free("loss") if each.quantity.op == "<=" and each.value > 0), None)
    if low is None or high is None or lost is None:
        return
    to.put("band_low_hz", low)
    to.put("band_high_hz", high)
    to.put("band_loss_db", lost)
    if not any(each.role in ("center", "") and each.quantity.unit == "Hz" for each in to.labels):
        to.plan["frequency_hz"] = math.sqrt(low.value * high.value)


def lossy_edges(to: Filling) -> None:
    """A band's loss belongs to the two edges that are stated, unless they are its corners ("-3 dB")."""
    edges = {"low_hz", "high_hz"} if to.kit.slot("low_hz") else {"f_low", "f_high"}
    if "max_loss_db" not in to.plan or not all(map(to.kit.slot, edges)):
        return
    corners = any(each.role in ("mark", "cutoff", "q", "bandwidth") for each in to.labels)
    if not corners and edges <= set(to.plan):
        return
    del to.plan["max_loss_db"]
    label = to.sources.pop("max_loss_db", None)
    if label is not None:
        to.used.discard(label.index)  # nothing measures it


_BAND_LEAST = re.compile(
    r"(?<!\w)(?:at least|or (?:more|wider|better)|minimum|mindestens|wenigstens|au moins|como m[íi]nimo|al menos|"
    r"anywhere between|everywhere (?:between|from)|partout (?:entre|de)|[üu]berall (?:zwischen|von))(?!\w)",
    re.IGNORECASE,
)
_NEAR = 40


def at_least_a_band(to: Filling) -> None:
    """ "20 Hz to 20 kHz at least": a band that the circuit has to cover, not its corners."""
    if not to.open("f_high_least"):
        return
    low, high = next(iter(to.free("f_low")), None), next(iter(to.free("f_high")), None)
    if low is None or high is None:
        return
    around = to.text[max(0, low.quantity.start - _NEAR) : high.quantity.end + 20]
    if not _BAND_LEAST.search(around):
        return
    to.put("f_low", low)
    to.put("f_high_least", high)
    lost = next((e for e in to.free("loss") if e.quantity.op == "<=" and 3 <= e.value <= 3.1), None)
    if lost is not None:
        to.used.add(lost.index)  # 3 dB at most is what a corner is
