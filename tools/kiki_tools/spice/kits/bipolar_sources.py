"""Constant currents without an op-amp: one transistor with a reference at its base, and the LM317 with one resistor.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 2.2.6 (transistor current sources);
Texas Instruments, LM317 (SLVS044), 8.3 (current regulator).
"""

from __future__ import annotations

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import at_least, choice, deck, equals, number, optional, resistor, value, vbe
from kiki_tools.spice.kits.pass_regulators import ADJUST, DROPOUT, LM317, REFERENCE

_BETA = {"QN": 120.0, "QSW": 60.0, "QPOW": 40.0, "QP": 90.0, "QPP": 40.0}
_QPP = ".model QPP PNP(IS=1p BF=110 VAF=100 IKF=3 RC=0.05 RB=1 BR=5 CJC=150p CJE=250p TF=20n TR=400n)"
_LED = ".model DLED D(IS=1e-20 N=1.8 RS=4)"


def transistor_source(plan: Plan) -> Design:
    """I = (Vref - Vbe)/RE; the reference is two diodes, an LED or a zener (Horowitz & Hill 2.2.6)."""
    current, supply = value(plan, "current"), value(plan, "supply", 12)
    sink = choice(plan, "kind", "sink") == "sink"
    reference = choice(plan, "reference", "auto")
    if reference == "auto":
        reference = "zener" if supply >= 10 else "diodes"
    volts = {"diodes": 1.3, "led": 1.75, "zener": 3.9, "pair": 1.35}[reference]
    over = volts - 0.65
    room = supply - over - 0.4
    load = value(plan, "load", 0.6 * max(room, 0.1) / current)
    if current * load > room:
        raise Impossible(
            f"{shown(current, 'A')} through {shown(load, 'ohm')} take {current * load:.3g} V and the source itself "
            f"{over + 0.4:.3g} V of a supply of {supply:.4g} V",
            {"current": round(0.95 * room / load, 6)}
            if room > 0.2
            else {"supply": round(current * load + over + 1, 1)},
        )
    power = (supply - current * load - over) * current
    if power > 10:
        raise Impossible(f"the transistor would take {power:.3g} W; a switching regulator wouldn't")
    large = current > 0.2 or power > 0.5
    model = ("QPOW" if large else "QSW" if current > 30e-3 else "QN") if sink else ("QPP" if large else "QP")
    if not sink and not large and current > 60e-3:
        model = "QPP"
    bias = max(3 * current / _BETA[model], 1e-3 if reference != "zener" else 3e-3)
    zener = f".model DZ D(IS=10f N=1.05 RS={0.04 / bias:.4g} BV={volts - 0.04:.5g} IBV={bias:.4g} CJO=100p)"
    chain = {"diodes": ("D1 b m DS", "D2 m {} DS", ""), "led": ("D1 b {} DLED", "", _LED),
             "zener": ("D1 {} b DZ", "", zener),
             "pair": (f"Q2 b e {{}} {'QN' if sink else 'QP'}", "", "")}[reference]  # fmt: skip
    ground, far = ("0", "in") if sink else ("in", "0")
    cards = [each.format(ground) for each in chain[:2] if each]
    if not sink and reference != "pair":  # the reference hangs on the supply: its parts turn round
        cards = [_turned(card) for card in cards]
    low = max(current * load + over + 0.35, 0.8 * supply)
    body = f"""Transistor current {"sink" if sink else "source"}, {shown(current, "A")}
Vcc in 0 {supply:.6g}
RB {far} b <RB>
{chr(10).join(cards)}
Q1 out b e {model}
RE e {ground} <RE>
RLOAD {"in out" if sink else "out 0"} {number(load)}
{chain[2]}
{_QPP if model == "QPP" else ""}
.dc Vcc {low:.6g} {1.21 * supply:.6g} {(1.21 * supply - low) / 100:.6g}
let i_load = {"(v(in)-v(out))" if sink else "v(out)"}/{load:.6g}
let v_ce = {"v(out)-v(e)" if sink else "v(e)-v(out)"}
.meas dc i_out find i_load at={supply:.6g}
.meas dc i_low min i_load
.meas dc i_more find i_load at={1.2 * supply:.6g}
.meas dc v_ce find v_ce at={supply:.6g}"""
    junction = vbe(current) if model == "QN" else 0.7 if model in ("QSW", "QP") else 0.66
    models = [each for each in (model, _NEEDED.get(reference + choice(plan, "kind", "sink"))) if each and each != "QPP"]
    junction = volts - 0.66 if reference == "pair" else junction
    name = f"Transistor current {'sink' if sink else 'source'}"
    return Design(
        name, deck(body, *dict.fromkeys(models)),
        (resistor("RB", (supply - volts) / (bias + current / _BETA[model]), "E24"),
         resistor("RE", (volts - junction) / current)),
        (equals("current", "i_out", current, "A", 0.05, f"through {shown(load, 'ohm')} from {supply:.4g} V"),
         equals("current at a lower supply", "i_low", current, "A", 0.1, f"{low:.3g} V"),
         equals("current at a fifth more supply", "i_more", current, "A", 0.1, f"{1.2 * supply:.3g} V"),
         at_least("voltage across the transistor", "v_ce", 0.2, "V", "it isn't saturated")),
        (f"The reference is {_SAID[reference]}; the transistor takes {shown(power, 'W')}.",),
    )  # fmt: skip


_NEEDED = {"diodessink": "DS", "diodessource": "DS", "pairsink": "QN", "pairsource": "QP"}
"""The model of the reference by its kind and the source's."""
_SAID = {
    "pair": "a second transistor's 0.65 V at RE",
    "diodes": "two silicon diodes",
    "led": "a red LED",
    "zener": "a 3.9 V zener",
}


def _turned(card: str) -> str:
    name, one, other, model = card.split()
    return f"{name} {other} {one} {model}"


def lm317_source(plan: Plan) -> Design:
    """I = 1.25 V/R + 50 uA (SLVS044 8.3.1)."""
    current, vin = value(plan, "current"), value(plan, "supply", 12)
    if current < 10e-3:
        raise Impossible(
            f"an LM317 needs 10 mA to regulate, not {shown(current, 'A')}; a transistor or JFET source does less",
            {"current": 10e-3},
        )
    if current > 1.5:
        raise Impossible(f"an LM317 gives 1.5 A at most, not {shown(current, 'A')}", {"current": 1.5})
    room = vin - DROPOUT - REFERENCE - 0.1
    load, across = optional(plan, "load"), optional(plan, "output")
    if load is not None and across is not None and not 0.8 < across / current / load < 1.25:
        raise Impossible(f"{across:.4g} V at {shown(load, 'ohm')} aren't {shown(current, 'A')}")
    drop = across if across is not None else current * load if load is not None else 0.5 * max(room, 0.1)
    if drop > room:
        raise Impossible(
            f"the load takes {drop:.3g} V, an LM317 as current source {DROPOUT + REFERENCE + 0.1:.3g} V more: "
            f"{vin:.4g} V are too little",
            {"supply": round(drop + DROPOUT + REFERENCE + 0.5, 1)},
        )
    power = (vin - drop - REFERENCE) * current
    if power > 20:
        raise Impossible(f"the LM317 would take {power:.3g} W; a switching regulator wouldn't")
    low = max(drop + DROPOUT + REFERENCE + 0.1, 0.9 * vin)
    step = (1.21 * vin - low) / 100
    body = f"""LM317 current source, {shown(current, "A")}
Vin in 0 {vin:.6g}
XU1 in out x LM317
R1 x out <R1>
RLOAD out 0 {number(drop / current)}
{LM317}
.dc Vin {low:.6g} {1.21 * vin:.6g} {step:.6g}
let i_load = v(out)/{drop / current:.6g}
.meas dc i_out find i_load at={vin:.6g}
.meas dc i_low min i_load
.meas dc i_more find i_load at={1.2 * vin:.6g}"""
    return Design(
        "LM317 current source", deck(body), (resistor("R1", REFERENCE / (current - ADJUST), "E96"),),
        (equals("current", "i_out", current, "A", 0.03, f"{drop:.3g} V across the load"),
         equals("current at a lower supply", "i_low", current, "A", 0.05, f"{low:.3g} V"),
         equals("current at a fifth more supply", "i_more", current, "A", 0.05, f"{1.2 * vin:.3g} V")),
        (f"R1 takes {shown(REFERENCE * current, 'W')}, the LM317 {shown(power, 'W')}.",),
    )  # fmt: skip


SINK = Kit(
    "transistor_current_source", "Transistor current source", "one transistor with a reference at its base",
    (Slot("current", "A", "the current", required=True, least=50e-6, most=1),
     Slot("supply", "V", "the supply", default=12.0, least=2.5, most=60),
     Slot("load", "ohm", "the load", least=0.1, most=10e6),
     Slot("kind", "", "sink to ground or source from the supply", default="sink", choices=("sink", "source")),
     Slot("reference", "", "at the base", default="auto", choices=("auto", "diodes", "led", "zener", "pair"))),
    ("single-transistor current sink, 20 mA from 12 V", "PNP constant current source of 5 mA with a zener"),
    transistor_source,
)  # fmt: skip
LM317_CURRENT = Kit(
    "lm317_current_source", "LM317 current source", "three-terminal regulator and one resistor hold a current",
    (Slot("current", "A", "the current", required=True, least=1e-3, most=5),
     Slot("supply", "V", "input", default=12.0, least=3, most=40),
     Slot("load", "ohm", "the load", least=0.1, most=10e3),
     Slot("output", "V", "voltage across the load, instead", least=0, most=37)),
    ("LM317 as a 350 mA constant-current source from 12 V", "LM317 current regulator, 100 mA"), lm317_source,
)  # fmt: skip
