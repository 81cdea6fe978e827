"""Active low-pass and high-pass filters: Sallen-Key and multiple-feedback stages in a row, up to order 10."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kiki_tools.spice.kits import measures, specs, stages, zeros
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Wanted, shown
from kiki_tools.spice.kits.network import Network
from kiki_tools.spice.kits.parts import RAILS
from kiki_tools.spice.kits.prototypes import Section
from kiki_tools.spice.kits.specs import FREQUENCY_SLOTS, SHAPE_SLOTS, Family
from kiki_tools.spice.kits.stages import Grid, Stage, loop_gain
from kiki_tools.spice.kits.sweep import swept

GAIN_SLOTS = (
    Slot("gain", "V/V", "gain in the pass band; its sign doesn't count", least=-1e4, most=1e4),
    Slot("gain_db", "dB", "gain in the pass band, instead of gain", least=-60.0, most=80.0),
)
PART_SLOTS = (
    Slot("resistors", "", "series of the resistors", choices=("E12", "E24", "E48", "E96", "E192")),
    Slot("capacitors", "", "series of the capacitors", choices=("E6", "E12", "E24")),
    Slot("supply", "V", "supply voltage on each side of ground, or the single supply", default=12.0, least=2.5,
         most=40.0),
    RAILS,
)  # fmt: skip
TOPOLOGIES = ("sallen-key", "multiple feedback")
_GBW = (10e6, 50e6, 200e6, 1e9)
_MOST_STAGE_GAIN = 5.0
_SHARP = 6.0
_FAMILY = Family(
    "active filter",
    ("butterworth", "chebyshev", "bessel", "elliptic", "linkwitz-riley"),
    most_order=10,
    default_order=2,
)


def gain_db(plan: dict[str, Any]) -> float:
    """The gain in dB from ``gain`` or ``gain_db``; 0 without them.

    Raises:
        Impossible: if they contradict each other, or the gain is 0.
    """
    gain, db = plan.get("gain"), plan.get("gain_db")
    if gain is None:
        return float(db or 0.0)
    if gain == 0:
        raise Impossible("a filter with a gain of 0 passes nothing")
    found = 20 * math.log10(abs(gain))
    if db is not None and abs(db - found) > 0.3:
        raise Impossible(f"a gain of {gain:g} is {found:.2f} dB, not {db:g} dB")
    return found


def grid_of(plan: dict[str, Any], sharpest: float = 1.0) -> Grid:
    """The series of the parts: as asked for, else E96 and E12, and E192 where a stage has a high Q."""
    capacitors = plan.get("capacitors")
    resistors = plan.get("resistors") or ("E192" if sharpest > _SHARP else "E96")
    finer = None if plan.get("resistors") else "E192"
    return Grid(resistors, capacitors or "E12", capacitors or "E24", finer=finer)


def gbw_for(needed: float) -> float:
    """The gain-bandwidth product of a usual op-amp that has at least ``needed`` Hz.

    Raises:
        Impossible: if there is none.
    """
    for gbw in _GBW:
        if gbw >= needed:
            return gbw
    raise Impossible(
        f"op-amps with a gain-bandwidth product of {shown(needed, 'Hz')} would be needed, and 1 GHz is about the "
        "most that there is; an LC filter works there"
    )


def network_of(found: Sequence[Stage], grid: Grid, plan: Mapping[str, Any]) -> tuple[Network, str]:
    """The stages as one network on the plan's supply, and a note on its op-amps."""
    parts = tuple(part for stage in found for part in stage.parts)
    single = plan.get("rails") == "single"
    note = f"op-amps with a gain-bandwidth product of at least {shown(grid.gbw, 'Hz')}"
    if single:
        note += ", rail to rail; the signal idles at half the supply: couple it by capacitors"
    return Network(parts, gbw=grid.gbw, supply=plan["supply"], single=single), note


def _active(plan: dict[str, Any], way: str) -> Design:
    level, q = gain_db(plan), plan.get("q")
    if q is not None:
        if plan.get("order") not in (None, 2) or plan.get("response") or plan.get("stop_hz") or plan.get("pass_hz"):
            raise Impossible("a Q describes a single second-order section: with it, give the cutoff and the gain only")
        plan = {**plan, "order": 2}
    topology = plan.get("topology")
    spec = specs.resolved(plan, way, _FAMILY, level)
    sections, proto = spec.prototype.sections(), spec.prototype
    # A resonance of a given Q keeps the stated gain at DC; else the highest level of the pass band has it.
    gain = 10 ** (level / 20) * (1.0 if proto.response == "second-order" else proto.dc)
    sharpest = max(each.q or 0.5 for each in sections)
    found, grid = stages_of(sections, spec.hertz, way, gain, topology, grid_of(plan, sharpest))
    taken, wanted = list(spec.measures), list(spec.wanted)
    sign = plan.get("sign")
    if sign is not None:
        turns = sum(part.name[0] == "X" and part.nodes[0] == "0" for stage in found for part in stage.parts) % 2 == 1
        if turns != (sign == "inverting"):
            found, grid = _turned(sections, spec.hertz, way, gain, topology, grid)
        at = spec.low * 1.02 if way == "low" else spec.high / 1.02
        taken += [
            *measures.phase("phase", at),
            measures.derived("upright", "cos(phase_rad)", lambda m: math.cos(m["phase_rad"])),
        ]
        inverts = sign == "inverting"
        wanted.append(
            Wanted("sign of the output (cosine of its phase)", "upright", "<=" if inverts else ">=",
                   -0.7 if inverts else 0.7, "", 0.3, f"at {shown(at, 'Hz')}")
        )  # fmt: skip
    network, note = network_of(found, grid, plan)
    notched = any(each.zero for each in sections)
    kind = "state-variable" if notched else (
        "multiple feedback" if any(part.name[-1] == "c" for part in network.parts) else "Sallen-Key"
    )  # fmt: skip
    return swept(
        f"{kind} {spec.title}", network, [v for stage in found for v in stage.variables], taken, wanted,
        spec.low, spec.high, notes=(note,), q=sharpest,
    )  # fmt: skip


def stages_of(
    sections: Sequence[Section], hertz: Callable[[float], float], way: str, gain: float, topology: str | None,
    grid: Grid, ends: tuple[str, str] = ("in", "out"), prefix: str = "",
) -> tuple[list[Stage], Grid]:  # fmt: skip
    """A stage for each section, the gain spread over them; another amplifier where they can't hold it."""
    if any(each.zero for each in sections):
        return _notched(sections, hertz, way, gain, grid, ends, prefix)
    multiple = topology == "multiple feedback" or (topology is None and gain < 0.8)
    if gain < 0.8 and topology == "sallen-key":
        raise Impossible("a Sallen-Key stage doesn't attenuate its pass band", {"topology": "multiple feedback"})
    gain = gain if multiple else max(gain, 1.0)
    able = sum(each.q is not None for each in sections) if multiple else len(sections)
    each_gain = min(gain ** (1 / able), _MOST_STAGE_GAIN) if able else 1.0
    extras = _spread(gain / each_gain**able)
    hardest = max(hertz(each.w) * loop_gain(each.q, 1 + each_gain if multiple else each_gain, way) for each in sections)
    fastest = max(hertz(each.w) for each in sections) * loop_gain(None, max(extras, default=1.0), way)
    grid = replace(grid, gbw=max(grid.gbw, gbw_for(max(hardest, fastest))))
    found: list[Stage] = []
    nodes = [ends[0], *(f"s{prefix}{n}" for n in range(1, len(sections) + len(extras))), ends[1]]
    for n, section in enumerate(sections):
        name, start, end, f = f"{prefix}{n + 1}", nodes[n], nodes[n + 1], hertz(section.w)
        if section.q is None:
            found.append(stages.first_order(name, way, f, 1.0 if multiple else each_gain, start, end, grid))
        else:
            make = stages.multiple_feedback if multiple else stages.sallen_key
            found.append(make(name, way, f, section.q, each_gain, start, end, grid))
    for n, part in enumerate(extras, len(sections)):
        add = stages.amplifier if part >= 1 else stages.inverter
        found.append(add(f"{prefix}{n + 1}", part, nodes[n], nodes[n + 1], grid))
    return found, grid


def _turned(
    sections: Sequence[Section], hertz: Callable[[float], float], way: str, gain: float, topology: str | None,
    grid: Grid,
) -> tuple[list[Stage], Grid]:  # fmt: skip
    """The stages with one more inversion: a single pole around one inverting amplifier, else an inverter behind."""
    if len(sections) == 1 and sections[0].q is None:
        f = hertz(sections[0].w)
        grid = replace(grid, gbw=max(grid.gbw, gbw_for(f * loop_gain(None, 1 + gain, way))))
        return [stages.inverting_first_order("1", way, f, gain, "in", "out", grid)], grid
    found, grid = stages_of(sections, hertz, way, gain, topology, grid, ("in", "turned"))
    return [*found, stages.inverter("i", 1.0, "turned", "out", grid)], grid


def _notched(
    sections: Sequence[Section], hertz: Callable[[float], float], way: str, gain: float, grid: Grid,
    ends: tuple[str, str], prefix: str,
) -> tuple[list[Stage], Grid]:  # fmt: skip
    """Sections with zeros, each of gain 1, and the gain behind them."""
    extras = _spread(gain)
    fastest = max(hertz(each.w) * max(each.q or 1.0, 1.0) for each in sections)
    grid = replace(grid, r="E192" if grid.finer else grid.r, gbw=max(grid.gbw, gbw_for(150 * fastest)))
    nodes = [ends[0], *(f"s{prefix}{n}" for n in range(1, len(sections) + len(extras))), ends[1]]
    found: list[Stage] = []
    for n, each in enumerate(sections):
        name, start, end, f = f"{prefix}{n + 1}", nodes[n], nodes[n + 1], hertz(each.w)
        if each.q is None:
            found.append(stages.first_order(name, way, f, 1.0, start, end, grid))
        elif each.zero is None:
            found.append(stages.sallen_key(name, way, f, each.q, 1.0, start, end, grid))
        else:
            found.append(zeros.section(name, way, f, each.q, hertz(each.zero), start, end, grid))
    for n, part in enumerate(extras, len(sections)):
        add = stages.amplifier if part >= 1 else stages.inverter
        found.append(add(f"{prefix}{n + 1}", part, nodes[n], nodes[n + 1], grid))
    return found, grid


def _spread(gain: float) -> list[float]:
    """The gains of amplifiers of at most 100 each."""
    if 0.998 < gain < 1.002:
        return []
    count = max(1, math.ceil(math.log(gain, 100) - 1e-9)) if gain > 1 else 1
    return [gain ** (1 / count)] * count


def _kit(name: str, way: str, examples: tuple[str, ...]) -> Kit:
    return Kit(
        name,
        f"active {way}-pass",
        f"An active {way}-pass with op-amps, order 1 to 10, from its cutoff or from pass and stop band",
        (
            *FREQUENCY_SLOTS, *SHAPE_SLOTS, *GAIN_SLOTS,
            Slot("q", "", "quality of a second-order section, instead of a response", least=0.3, most=25.0),
            Slot("sign", "", "of the gain in the pass band", choices=("non-inverting", "inverting")),
            Slot("topology", "", "of the second-order stages", choices=TOPOLOGIES), *PART_SLOTS,
        ),
        examples,
        lambda plan: _active(dict(plan), way),
    )  # fmt: skip


LOWPASS = _kit("active_lowpass", "low", (
    "second-order Sallen-Key Butterworth low-pass at 1 kHz with a gain of 2",
    "anti-aliasing filter that passes 20 kHz with at most 0.5 dB loss and attenuates 60 dB at 100 kHz",
    "4th-order Chebyshev active low-pass, 0.5 dB ripple, 3.4 kHz",
    "MFB low-pass, fc = 10 kHz, Q = 1.2, gain -3",
))  # fmt: skip
HIGHPASS = _kit("active_highpass", "high", (
    "active high-pass at 100 Hz, 40 dB/decade, unity gain",
    "remove 50 Hz hum: attenuate 50 Hz by 40 dB and keep everything above 300 Hz within 1 dB",
))  # fmt: skip
