"""Amplifiers with a shaped response: the RIAA preamplifier, shelves for bass and treble.

RIAA: time constants 3180, 318 and 75 µs (IEC 60098); the network of two RC pairs in series as in S. P. Lipshitz, J.
Audio Eng. Soc. 27 (1979). Shelves: U. Tietze, C. Schenk, Electronic Circuits, 2nd ed., ch. 13.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, shown
from kiki_tools.spice.kits.opamp_stages import SUPPLY
from kiki_tools.spice.kits.parts import (
    RAILS,
    capacitor,
    choice,
    deck,
    number,
    on_single_supply,
    opamp,
    optional,
    resistor,
    value,
)

_T1, _T2, _T3 = 3180e-6, 318e-6, 75e-6


def riaa_db(f: float) -> float:
    """The standard's level in dB against that at 1 kHz."""

    def level(hertz: float) -> float:
        s = 2j * math.pi * hertz
        return 20 * math.log10(abs((1 + s * _T2) / ((1 + s * _T1) * (1 + s * _T3))))

    return level(f) - level(1e3)


def riaa(plan: Plan) -> Design:
    """Non-inverting, with R1 || C1 (3180 µs) and R2 || C2 (75 µs) in the feedback; R1/R2 = 11.78 makes the 318 µs."""
    gain_db, supply = value(plan, "gain_db", 40), value(plan, "supply", 12)
    ratio = (_T1 - _T2) / (_T2 - _T3)
    c1 = 33e-9
    r1, r2 = _T1 / c1, _T1 / c1 / ratio
    s = 2j * math.pi * 1e3
    feedback = abs(r1 / (1 + s * _T1) + r2 / (1 + s * _T3))
    r0 = feedback / 10 ** (gain_db / 20)
    if not 20 <= r0 <= 5e3:
        raise Impossible(f"one stage makes 25 to 60 dB at 1 kHz, not {gain_db:.3g} dB: take two", {"gain_db": 40.0})
    points = ((20.0, 0.6), (100.0, 0.4), (1e3, 0.4), (1e4, 0.4), (2e4, 0.6))
    body = f"""RIAA preamplifier, {gain_db:.3g} dB at 1 kHz
Vin in 0 DC 0 AC 1
RIN in 0 47k
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
XU1 in inn vcc vee out OPAMP
R1 out m <R1>
C1 out m <C1>
R2 m inn <R2>
C2 m inn <C2>
R0 inn x <R0>
C0 x 0 <C0>
RL out 0 10k
{opamp(10e6 * max(1.0, 10 ** ((gain_db - 40) / 20)))}
.ac dec 50 5 100k
""" + "\n".join(f".meas ac db_{f:.0f} find vdb(out) at={number(f)}" for f, _ in points)
    if choice(plan, "rails", "dual") == "single":
        body = on_single_supply(body, supply)
    return Design(
        "RIAA preamplifier", deck(body),
        (resistor("R1", r1), resistor("R2", r2), resistor("R0", r0), capacitor("C1", c1), capacitor("C2", _T3 / r2),
         capacitor("C0", 1 / (2 * math.pi * 1.0 * r0), "E6")),
        tuple(Wanted("gain", f"db_{f:.0f}", "=", gain_db + riaa_db(f), "dB", tolerance, f"at {shown(f, 'Hz')}")
              for f, tolerance in points),
        ("The op-amp should be a low-noise one; C0 keeps its DC gain at 1.",),
    )  # fmt: skip


def _through(near: tuple[float, float], far: tuple[float, float], *, bass: bool) -> tuple[float, float]:
    """The pole in Hz and the lift (a ratio) of a shelf through two points in Hz and dB.

    ``|H|^2 = (1 + a f^2) / (1 + b f^2)`` is linear in ``a`` and ``b``; of a bass shelf ``1/f`` stands for ``f``.
    """
    (f1, db1), (f2, db2) = ((1 / f if bass else f, 10 ** (db / 10)) for f, db in (near, far))
    if not f1 < f2 or not 1 < db1 < db2:
        raise Impossible(f"a shelf rises from one end to the other: {near[1]:g} dB at {shown(near[0], 'Hz')} and "
                         f"{far[1]:g} dB at {shown(far[0], 'Hz')} don't")  # fmt: skip
    b = max(((f2 / f1) ** 2 * (db1 - 1) - (db2 - 1)) / (f2**2 * (db2 - db1)), (0.1 / f2) ** 2)
    a = (db1 - 1) / f1**2 + db1 * b
    there = 10 * math.log10((1 + a * f2**2) / (1 + b * f2**2))
    if abs(there - far[1]) > 0.45:
        raise Impossible(f"one pole that lifts by {near[1]:g} dB at {shown(near[0], 'Hz')} lifts by at most "
                         f"{there:.3g} dB at {shown(far[0], 'Hz')}, not by {far[1]:g} dB")  # fmt: skip
    return (math.sqrt(b) if bass else 1 / math.sqrt(b)), math.sqrt(a / b)


def shelf(plan: Plan) -> Design:
    """Non-inverting: bass by a capacitor across the feedback's R2, treble by one in series with R1."""
    boost, at, flat = value(plan, "boost_db"), value(plan, "boost_hz"), value(plan, "flat_hz")
    supply = value(plan, "supply", 12)
    bass = at < flat
    if boost < 0.5:
        raise Impossible(f"this stage lifts by 0.5 to 30 dB; {boost:.3g} dB is no lift")
    low, high = min(at, flat), max(at, flat)
    if high < 4 * low:
        raise Impossible(
            f"one pole can't rise by {boost:.3g} dB between {shown(low, 'Hz')} and {shown(high, 'Hz')}: they have to "
            "be four times apart at least"
        )
    middle, middle_db = optional(plan, "mid_hz"), optional(plan, "mid_db")
    wanted = 10 ** (boost / 20)
    # The pole where both ends are about as near to their levels.
    corner = math.sqrt(low * high / wanted) if bass else math.sqrt(low * high * wanted)
    x = (at / corner) ** 2 if bass else (corner / at) ** 2
    top = math.sqrt(max(wanted**2 * (1 + x) - x, 1.01))
    if middle and middle_db:
        corner, top = _through((middle, middle_db), (at, boost), bass=bass)
    rest = (flat / corner) if bass else (corner / flat)
    left = 20 * math.log10(math.hypot(top, rest) / math.hypot(1.0, rest))
    if left > 0.9:
        raise Impossible(
            f"a first-order shelf with {boost:.3g} dB at {shown(at, 'Hz')} still has {left:.2g} dB at "
            f"{shown(flat, 'Hz')}: move them apart"
        )
    r1 = 4.7e3
    r2 = r1 * (top - 1)
    c = 1 / (2 * math.pi * corner * (r2 if bass else r1))
    network = "C1 out inn <C1>\nR1 inn 0 <R1>" if bass else "R1 inn x <R1>\nC1 x 0 <C1>"
    kind = "bass" if bass else "treble"
    body = f"""Shelf: {kind} lifted by {boost:.3g} dB
Vin in 0 DC 0 AC 1
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
XU1 in inn vcc vee out OPAMP
R2 out inn <R2>
{network}
RL out 0 10k
{opamp()}
.ac dec 50 {number(low / 20)} {number(20 * high)}
.meas ac boost_db find vdb(out) at={number(at)}
.meas ac flat_db find vdb(out) at={number(flat)}"""
    between = []
    if middle and middle_db:
        body += f"\n.meas ac mid_db find vdb(out) at={number(middle)}"
        between = [Wanted("level between", "mid_db", "=", middle_db, "dB", 0.5, f"at {shown(middle, 'Hz')}")]
    if choice(plan, "rails", "dual") == "single":
        body = on_single_supply(body, supply)
    return Design(
        f"Shelf, {kind}", deck(body), (resistor("R1", r1), resistor("R2", r2), capacitor("C1", c)),
        (Wanted("lift", "boost_db", "=", boost, "dB", 0.5, f"at {shown(at, 'Hz')}"),
         Wanted("level where it is flat", "flat_db", "=", 0.0, "dB", 1.0, f"at {shown(flat, 'Hz')}"), *between),
    )  # fmt: skip


RIAA = Kit(
    "riaa_preamp", "RIAA preamplifier", "phono preamplifier with the RIAA curve, one op-amp",
    (Slot("gain_db", "dB", "gain at 1 kHz", default=40.0, least=10, most=80), SUPPLY, RAILS),
    ("RIAA phono preamp, 40 dB at 1 kHz", "phono stage for a moving magnet cartridge"), riaa,
)  # fmt: skip
SHELF = Kit(
    "shelf", "Shelf for bass or treble", "op-amp stage that lifts below or above a frequency",
    (Slot("boost_db", "dB", "lift", required=True, least=-40, most=30),
     Slot("boost_hz", "Hz", "where it is lifted", required=True, least=1, most=1e6),
     Slot("flat_hz", "Hz", "from where on it is flat", required=True, least=1, most=1e6),
     Slot("mid_hz", "Hz", "where mid_db holds, between the two", least=1, most=1e6),
     Slot("mid_db", "dB", "level at mid_hz", least=0.1, most=30), SUPPLY, RAILS),
    ("bass boost of 9 dB at 30 Hz, 0 dB from 2 kHz on", "treble shelf +6 dB at 15 kHz, 0 dB at 500 Hz"), shelf,
)  # fmt: skip
