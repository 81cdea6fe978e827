"""What the decks of the analog kits are made of: models of ordinary parts, an op-amp, and how values are filled in.

The models carry the parameters that vendors publish for these parts (2N3904, 2N3906, 2N2222A, 1N4148, 1N4007, …), the
op-amp is the one-pole macromodel with slew rate and rails of G. R. Boyle et al., IEEE JSSC SC-9 (1974), simplified.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from kiki_tools.spice.kits.model import Impossible, Plan, Slot, Values, Variable, Wanted, shown

VT = 0.02585
"""Thermal voltage at 27 °C in V, the temperature at which ngspice works."""

_SUFFIXES = ((1e9, "g"), (1e6, "meg"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p"))
_PLACE = re.compile(r"<(\w+)>")
_ANALYSIS = re.compile(r"\.(?:ac|dc|tran)\b")
_COMMAND = re.compile(r"\.(?:ac|dc|tran|meas)\b|let ")
_COMPUTED = re.compile(r"\.meas (\w+) (\w+) param='([^']*)'")

CORNER_LOW = "let level_low = 0.70711*gain\n.meas ac f_low when vm(out)=level_low rise=1"
CORNER_HIGH = "let level_high = 0.70711*gain\n.meas ac f_high when vm(out)=level_high fall=1"
"""The -3 dB corners below and above the frequency at which the measure ``gain`` was taken."""

GAIN = (
    Slot("gain", "V/V", "magnitude of the voltage gain", least=-1e5, most=1e5),
    Slot("gain_db", "dB", "the gain in dB, instead of gain", least=-60, most=100),
    Slot("tolerance", "%", "how far the gain may be off", least=0.2, most=50),
)

MODELS = {
    "QN": "NPN(IS=6.734f BF=300 VAF=74 NE=1.26 ISE=6.734f IKF=66.8m XTB=1.5 BR=0.74 RC=1 RB=10 CJC=3.64p MJC=0.31 "
    "CJE=4.49p MJE=0.26 TR=240n TF=301p)",
    "QP": "PNP(IS=1.41f BF=180 VAF=18.7 IKF=80m XTB=1.5 BR=4.98 RC=2.5 RB=10 CJC=9.73p MJC=0.58 CJE=8.06p MJE=0.37 "
    "TR=33n TF=179p)",
    "QSW": "NPN(IS=14.3f BF=256 VAF=74 NE=1.31 ISE=14.3f IKF=0.285 XTB=1.5 BR=6.1 RC=0.3 RB=3 CJC=7.3p CJE=22p "
    "TR=47n TF=411p)",
    "QPOW": "NPN(IS=1p BF=120 VAF=100 IKF=3 RC=0.05 RB=1 BR=5 CJC=120p CJE=250p TF=15n TR=300n)",
    "MN": "NMOS(LEVEL=1 VTO=1.8 KP=0.1 LAMBDA=0.01 RD=0.5 RS=0.1 CGSO=20u CGDO=5u)",
    "MPOW": "NMOS(LEVEL=1 VTO=1.8 KP=40 LAMBDA=0.005 RD=12m RS=3m CGSO=1m CGDO=0.1m)",
    "DS": "D(IS=2.52n RS=0.568 N=1.752 CJO=4p M=0.4 TT=20n)",
    "DR": "D(IS=7.03n RS=0.034 N=1.81 CJO=10p M=0.33)",
    "DFLY": "D(IS=7.03n RS=0.034 N=1.81 CJO=10p M=0.33 TT=4.3u)",
    "DSK": "D(IS=1u RS=20m N=1.05 CJO=100p M=0.4)",
    "DPOW": "D(IS=20u RS=5m N=1.05 CJO=500p M=0.4)",
}
"""2N3904, 2N3906, 2N2222A, a TIP31-like, a small and a logic-level power MOSFET, 1N4148, 1N4007 (for a coil
with its storage time, which damps; on the mains' frequency that only costs steps), Schottky diodes."""


def number(value: float) -> str:
    """``value`` as SPICE writes it, six significant digits: ``4.7k``, ``100n``, ``10meg``."""
    for scale, suffix in _SUFFIXES:
        if abs(value) >= scale * 0.9999995:
            return f"{value / scale:.6g}{suffix}"
    return f"{value:.6g}"


def deck(body: str, *models: str) -> Callable[[Values], str]:
    """The template of a deck: ``<R1>`` in the body stands for the value R1; named models follow it, then ``.end``.

    ngspice keeps the measures of the last analysis only, and its ``.meas`` can't compare with another measure's
    result. So a body with several analyses, or with ``let`` lines, gets them as commands of a ``.control`` block, in
    the order of the body: ``.meas`` cards behind their analysis, ``let`` before the measure that uses its vector.
    """
    lines = [line for line in body.splitlines() if line.strip()]
    lines[0] = lines[0].replace("µ", "u").replace("Ω", "ohm")
    analyses = [line for line in lines if _ANALYSIS.match(line)]
    cards = [f".model {name} {MODELS[name]}" for name in models]
    if len(analyses) > 1 or any(line.startswith("let ") for line in lines):
        commands = [line for line in lines if _COMMAND.match(line)]
        lines = [line for line in lines if not _COMMAND.match(line)]
        cards += [".control", *(each for line in commands for each in _command(line)), ".endc"]
    text = "\n".join([*lines, *cards, ".end", ""])

    def filled(values: Values) -> str:
        return _PLACE.sub(lambda place: number(values[place[1]]), text)

    return filled


def _command(line: str) -> tuple[str, ...]:
    found = _COMPUTED.match(line)
    if found is None:
        return (line.removeprefix("."),)
    kind, name, expression = found.groups()
    return f"let {name}_is = {expression}", f"meas {kind} {name} max {name}_is"


def opamp(gbw: float = 10e6, slew: float = 10e6, drop: float = 0.05) -> str:
    """The subcircuit ``OPAMP inp inn vcc vee out``: 100 dB, gain-bandwidth product in Hz, slew rate in V/s.

    Its output comes within ``drop`` V of the rails.
    """
    c = 10e-12
    gm = 2 * math.pi * gbw * c
    limit = max(slew, 2 * gbw) * c
    return f"""
.subckt OPAMP inp inn vcc vee out
Rid inp inn 1g
Rcm inn 0 10g
Rcp inp 0 10g
Bin 0 x I={limit:.6g}*tanh({gm / limit:.6g}*V(inp,inn))
Rx x 0 {1e5 / gm:.6g}
Cx x 0 10p
Vhi vcc hi {drop:.6g}
Vlo lo vee {drop:.6g}
Dhi x hi DCLAMP
Dlo lo x DCLAMP
Eo y 0 x 0 1
Ro y out 50
.model DCLAMP D(IS=1p N=0.05)
.ends""".strip()


RAILS = Slot("rails", "", "two supplies about ground, or a single one", default="dual", choices=("dual", "single"))
_ELEMENT = re.compile(r"^([RCX])(\w*)(\s+)(.*)$")
_BIASED = re.compile(r"^(V(?!cc|ee)\w* \w+ 0 DC) 0(?![.\d])")


def on_single_supply(body: str, supply: float, *, bias: float | None = None) -> str:
    """The body of an op-amp circuit on ``supply`` V alone instead of two rails.

    What stood on ground stands on half the supply, made by two resistors and a buffer, and the sources idle there. With
    ``bias`` the circuit stays on ground and its sources idle at that voltage instead (R. Mancini, Op Amps for Everyone,
    ch. 4).
    """
    lines, inside, has_reference = [], False, False
    for line in body.splitlines():
        inside = inside or line.startswith(".subckt")
        if inside or line.startswith((".", "let ", "*")):
            inside = inside and not line.startswith(".ends")
            lines.append(line)
            continue
        if re.match(r"^Vee vee 0 ", line):
            continue
        line = re.sub(r"(?<= )vee(?= )", "0", line) if bias is not None else line
        element = _ELEMENT.match(line)
        if element is not None and bias is None and not line.startswith("RL"):
            nodes = re.sub(r"(?<!\S)0(?= )", "vref", element[4])
            has_reference = has_reference or nodes != element[4]
            line = f"{element[1]}{element[2]}{element[3]}{nodes}".replace(" vee ", " 0 ")
        rest = supply / 2 if bias is None else bias
        line = _BIASED.sub(rf"\g<1> {rest:.6g}", line).replace(" SIN(0 ", f" SIN({rest:.6g} ")
        lines.append(re.sub(r"^Vcc vcc 0 .*$", f"Vcc vcc 0 {supply:.6g}", line))
    text = "\n".join(lines)
    if has_reference:
        text = text.replace(f"Vcc vcc 0 {supply:.6g}", f"Vcc vcc 0 {supply:.6g}\n{HALF_SUPPLY}", 1)
    return text


HALF_SUPPLY = """* half the supply, buffered
RREF1 vcc vh 10k
RREF2 vh 0 10k
CREF vh 0 10u
XREF vh vref vcc 0 vref OPAMP"""
"""The reference at half of a single supply: node ``vref``."""


def value(plan: Plan, name: str, default: float | None = None) -> float:
    """The number of a slot, or the default.

    Raises:
        Impossible: if there is neither, or it isn't finite.
    """
    found = plan.get(name)
    if found is None:
        found = default
    if found is None:
        raise Impossible(f"{name.replace('_', ' ')} is not given")
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise Impossible(f"{name.replace('_', ' ')} is no number")
    return float(found)


def optional(plan: Plan, name: str) -> float | None:
    """The number of a slot that may be left out."""
    return None if plan.get(name) is None else value(plan, name)


def choice(plan: Plan, name: str, default: str) -> str:
    """The word of a slot of choices."""
    return str(plan.get(name) or default)


def vbe(current: float) -> float:
    """Base-emitter voltage in V of the model QN at a collector current in A."""
    return VT * math.log(current / 6.734e-15)


def formula(predict: Callable[[Values], Values]) -> Callable[[Values], Callable[[Values], Values]]:
    """The predictor of a design whose formula is the same everywhere."""
    return lambda _: predict


def parallel(*resistances: float) -> float:
    """Resistors in parallel."""
    return 1 / sum(1 / r for r in resistances)


def within(plan: Plan, tolerance: float) -> float:
    """The relative tolerance that was asked for in per cent, or the kit's own."""
    asked = optional(plan, "tolerance")
    return tolerance if asked is None else asked / 100


def gain_of(plan: Plan, default: float | None = None) -> float:
    """The magnitude of the gain in V/V, from ``gain`` or ``gain_db``."""
    db = optional(plan, "gain_db")
    gain = abs(value(plan, "gain", default)) if db is None else 10 ** (db / 20)
    if not 1e-6 < gain < 1e7:
        raise Impossible(f"a gain of {gain:.3g} is none")
    return gain


def equals(quantity: str, measure: str, to: float, unit: str, tolerance: float = 0.05, condition: str = "") -> Wanted:
    """``measure`` must be ``to`` within a relative tolerance."""
    return Wanted(quantity, measure, "=", to, unit, tolerance * abs(to), condition)


def at_least(quantity: str, measure: str, least: float, unit: str, condition: str = "") -> Wanted:
    """``measure`` must reach a value."""
    return Wanted(quantity, measure, ">=", least, unit, 0.0, condition)


def at_most(quantity: str, measure: str, most: float, unit: str, condition: str = "") -> Wanted:
    """``measure`` must not exceed a value."""
    return Wanted(quantity, measure, "<=", most, unit, 0.0, condition)


def resistor(name: str, start: float, series: str | None = "E96", *, span: float = 2.0) -> Variable:
    """A resistance in ohm near ``start``.

    Raises:
        Impossible: if no resistor has such a value.
    """
    if not 0.005 <= start <= 50e6:
        raise Impossible(f"{name} would have {shown(start, 'ohm')}, which no resistor has")
    return Variable(name, start, start / span, start * span, series)


def capacitor(name: str, start: float, series: str | None = "E12", *, span: float = 2.0) -> Variable:
    """A capacitance in F near ``start``.

    Raises:
        Impossible: if no capacitor has such a value.
    """
    if not 0.5e-12 <= start <= 0.2:
        raise Impossible(f"{name} would have {shown(start, 'F')}, which no capacitor has")
    return Variable(name, start, start / span, start * span, series)


def inductor(name: str, start: float, series: str | None = "E12", *, span: float = 2.0) -> Variable:
    """An inductance in H near ``start``.

    Raises:
        Impossible: if no inductor has such a value.
    """
    if not 0.5e-9 <= start <= 100:
        raise Impossible(f"{name} would have {shown(start, 'H')}, which no inductor has")
    return Variable(name, start, start / span, start * span, series)


def gain_wanted(plan: Plan, gain: float, tolerance: float = 0.05) -> Wanted:
    """The gain as it was asked for: measure ``gain`` in V/V, or ``gain_db`` in dB."""
    tolerance = within(plan, tolerance)
    if optional(plan, "gain_db") is not None:
        db = 20 * math.log10(gain)
        return Wanted("gain", "gain_db", "=", db, "dB", 20 * math.log10(1 + tolerance))
    return equals("gain", "gain", gain, "V/V", tolerance)
