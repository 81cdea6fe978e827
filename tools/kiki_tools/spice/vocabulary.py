"""What ngspice's device letters and directives are (ngspice manual, chapters 2 to 15)."""

from __future__ import annotations

DEVICES: dict[str, str] = {
    "a": "XSPICE code model", "b": "behavioural source", "c": "capacitor", "d": "diode",
    "e": "voltage-controlled voltage source", "f": "current-controlled current source",
    "g": "voltage-controlled current source", "h": "current-controlled voltage source", "i": "current source",
    "j": "JFET", "k": "coupled inductors", "l": "inductor", "m": "MOSFET", "n": "Verilog-A device",
    "o": "lossy transmission line", "p": "coupled transmission lines", "q": "bipolar transistor", "r": "resistor",
    "s": "voltage-controlled switch", "t": "lossless transmission line", "u": "distributed RC line",
    "v": "voltage source", "w": "current-controlled switch", "x": "subcircuit call", "z": "MESFET",
}  # fmt: skip

DIRECTIVES: dict[str, str] = {
    ".ac": "small-signal analysis: .ac dec|oct|lin POINTS FSTART FSTOP",
    ".control": "commands up to .endc",
    ".dc": "sweep: .dc SOURCE START STOP STEP",
    ".end": "the end of the deck",
    ".endc": "ends .control",
    ".ends": "ends a subcircuit",
    ".func": "a function: .func name(args) {expression}",
    ".global": "nodes that all subcircuits share",
    ".ic": "initial conditions: .ic V(node)=value",
    ".include": "the text of another file",
    ".lib": "a section of a library: .lib FILE SECTION",
    ".meas": "a measure: .meas tran|ac|dc NAME …",
    ".model": "a model: .model NAME TYPE(parameters)",
    ".noise": "noise analysis: .noise V(out) SOURCE dec POINTS FSTART FSTOP",
    ".op": "the operating point",
    ".options": "options of the simulator",
    ".param": "parameters: .param name=value",
    ".save": "the vectors to keep",
    ".subckt": "a subcircuit: .subckt NAME PINS … [params: name=value]",
    ".temp": "the temperature in °C",
    ".tf": "transfer function: .tf V(out) SOURCE",
    ".tran": "transient analysis: .tran STEP STOP [START [MAXSTEP]] [uic]",
}

KNOWN_DIRECTIVES = frozenset(
    """
    enddata sndparam sndprint
        ac aliases alter backanno biaschk connect control csparam data dc dcmatch dcvolt del dialect disto
        distribution else elseif embeddedsampling end endaliases endc endif endl endm ends eom ferret fft four
        fourier func global global_param graph hb hdl ic if inc include initcond inoise input lib libs lin
        loadbias lstb machine macro malias mc meas measure model monte mor net nodeset noise op opt option
        options output param params patch pce plot pprint preprocess print probe prot protect pss pz result
        sample sampling save savebias sens sp stdev step stimulus store stp subckt temp text tf tfour title
        tran tran_op unprot unprotect vec vector veriloga watch wave wcase width
    """.split()
)
"""Without their dot: those that ngspice reads or passes over, and those of LTspice, PSpice, HSPICE and Xyce."""

COMMANDS_THAT_ANALYSE = frozenset({"run", "op", "tran", "ac", "dc", "noise", "tf", "pz", "disto", "sens", "sp", "pss"})
"""Commands of ``.control`` that run an analysis."""

ANALYSES = (".op", ".tran", ".ac", ".dc", ".noise", ".tf", ".pz", ".disto", ".sens", ".sp", ".pss", ".hb")
"""Directives that run an analysis."""

MODEL_TYPES: dict[str, frozenset[str]] = {
    letter: frozenset(types.split())
    for letter, types in {
        "r": "r res", "c": "c cap", "l": "l ind", "d": "d numd", "q": "npn pnp nbjt lpnp", "j": "njf pjf",
        "m": "nmos pmos vdmos vdmosn vdmosp nsoi psoi numos nvdmos pvdmos", "z": "nmf pmf nhfet phfet",
        "s": "sw vswitch aswitch", "w": "csw iswitch", "o": "ltra", "u": "urc ugate utgate uio", "y": "txl",
        "p": "cpl", "a": "core",
    }.items()
}  # fmt: skip
"""The model types that fit a device, by its letter (ngspice manual, table 2.3; PSpice's switches)."""

ALL_TYPES = frozenset(kind for kinds in MODEL_TYPES.values() for kind in kinds)

DIALECTS: dict[str, frozenset[str]] = {
    "ltspice": frozenset({".backanno", ".step", ".wave", ".machine", ".loadbias", ".savebias", ".text"}),
    "pspice": frozenset({".aliases", ".endaliases", ".stimulus", ".wcase", ".vector", ".distribution", ".mc"}),
    "hspice": frozenset({".alter", ".data", ".enddata", ".prot", ".unprot", ".del", ".malias", ".biaschk", ".lstb"}),
    "xyce": frozenset({".preprocess", ".global_param", ".hb", ".mor", ".result", ".sampling", ".pce", ".initcond"}),
}
"""Directives that only one other simulator has: by them a netlist is known for its."""

BUILTIN_NAMES = frozenset({"temper", "time", "hertz"})
"""Names that every expression may use without a definition (tried with ngspice 46)."""

CONSTANTS = frozenset({"pi", "e"})
"""Names that behavioural expressions know too, and those of parameters don't."""

FUNCTIONS: dict[str, str] = {
    "abs": "absolute value", "acos": "arc cosine", "asin": "arc sine", "atan": "arc tangent", "ceil": "next integer",
    "cos": "cosine", "exp": "e to the power", "floor": "integer below", "int": "integer part",
    "ln": "natural logarithm",
    "log": "natural logarithm", "log10": "decimal logarithm", "max": "the greater of two", "min": "the lesser of two",
    "nint": "nearest integer", "pow": "pow(x, y): x to the power y",
    "pwr": "pwr(x, y): |x| to the power y with x's sign",
    "sgn": "sign", "sin": "sine", "sqrt": "square root", "tan": "tangent", "tanh": "hyperbolic tangent",
    "agauss": "agauss(nominal, absolute, sigma): normal distribution",
    "gauss": "gauss(nominal, relative, sigma): normal distribution",
    "aunif": "aunif(nominal, absolute): uniform distribution", "unif": "unif(nominal, relative): uniform distribution",
    "limit": "limit(nominal, absolute): one of the two limits", "ternary_fcn": "ternary_fcn(condition, yes, no)",
}  # fmt: skip
"""Functions of parameter expressions (ngspice manual, 2.9.5)."""

OPTIONS: dict[str, str] = {
    "abstol": "absolute current tolerance, 1p A", "chgtol": "charge tolerance, 10f C",
    "cshunt": "capacitance from every node to ground", "gmin": "least conductance, 1p S",
    "gminsteps": "steps of gmin stepping", "itl1": "iterations of the operating point, 100",
    "itl2": "iterations of a DC sweep, 50", "itl4": "iterations of a time step, 10",
    "keepopinfo": "keep the bias point",
    "klu": "KLU matrix solver", "maxord": "order of Gear integration, 2", "method": "trap or gear",
    "noacct": "no accounting", "noopiter": "skip the first iteration, step at once", "pivrel": "relative pivot, 1e-3",
    "pivtol": "absolute pivot, 1e-13", "reltol": "relative tolerance, 1e-3",
    "rshunt": "resistance from every node to ground",
    "savecurrents": "keep all device currents", "scale": "scale of MOSFET geometry", "seed": "seed of random functions",
    "sourcesteps": "steps of source stepping", "temp": "temperature, 27 °C", "tnom": "temperature of the models, 27 °C",
    "trtol": "factor of the truncation error, 7", "vntol": "absolute voltage tolerance, 1u V",
    "xmu": "damping of the trapezoidal rule, 0.5",
}  # fmt: skip
"""Options of the simulator (ngspice manual, 11.1)."""


def _signature(label: str, about: str, **parameters: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return label, about, tuple((name.rstrip("_"), text) for name, text in parameters.items())


_TWO = {"plus": "positive node", "minus": "negative node"}
SIGNATURES: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "r": _signature("R… plus minus value", "resistor", **_TWO, value="ohms, or a model"),
    "c": _signature("C… plus minus value", "capacitor", **_TWO, value="farads, or a model"),
    "l": _signature("L… plus minus value", "inductor", **_TWO, value="henries, or a model"),
    "v": _signature("V… plus minus value", "voltage source", **_TWO, value="[DC] volts, AC magnitude, waveform"),
    "i": _signature("I… plus minus value", "current source", **_TWO, value="[DC] amperes, AC magnitude, waveform"),
    "d": _signature("D… anode cathode model", "diode", anode="anode", cathode="cathode", model="a model of type D"),
    "q": _signature("Q… collector base emitter model", "bipolar transistor", collector="collector", base="base",
                    emitter="emitter", model="a model of type NPN or PNP"),
    "m": _signature("M… drain gate source bulk model", "MOSFET", drain="drain", gate="gate", source="source",
                    bulk="bulk", model="a model of type NMOS, PMOS or VDMOS"),
    "j": _signature("J… drain gate source model", "JFET", drain="drain", gate="gate", source="source",
                    model="a model of type NJF or PJF"),
    "e": _signature("E… plus minus cplus cminus gain", "voltage-controlled voltage source", **_TWO,
                    cplus="positive controlling node", cminus="negative controlling node", gain="volts per volt"),
    "g": _signature("G… plus minus cplus cminus gm", "voltage-controlled current source", **_TWO,
                    cplus="positive controlling node", cminus="negative controlling node", gm="amperes per volt"),
    "f": _signature("F… plus minus source gain", "current-controlled current source", **_TWO,
                    source="the voltage source whose current controls", gain="amperes per ampere"),
    "h": _signature("H… plus minus source rm", "current-controlled voltage source", **_TWO,
                    source="the voltage source whose current controls", rm="volts per ampere"),
    "k": _signature("K… L1 L2 coupling", "coupled inductors", L1="inductor", L2="inductor", coupling="0 to 1"),
    "s": _signature("S… plus minus cplus cminus model", "voltage-controlled switch", **_TWO,
                    cplus="positive controlling node", cminus="negative controlling node", model="a model of type SW"),
    ".tran": _signature(".tran step stop [start [max]] [uic]", "transient analysis", step="printing step, s",
                        stop="end, s", start="first time that is kept, s", max="largest time step, s"),
    ".ac": _signature(".ac dec|oct|lin points fstart fstop", "small-signal analysis", scale="dec, oct or lin",
                      points="points per decade, per octave, or in all", fstart="first frequency, Hz",
                      fstop="last frequency, Hz"),
    ".dc": _signature(".dc source start stop step", "sweep", source="source, resistor or temp", start="first value",
                      stop="last value", step="increment"),
    ".noise": _signature(".noise v(out) source dec points fstart fstop", "noise analysis", output="v(node)",
                         source="input source", scale="dec, oct or lin", points="points", fstart="Hz", fstop="Hz"),
    ".tf": _signature(".tf output source", "transfer function", output="v(node) or i(source)", source="input source"),
    ".meas": _signature(".meas tran|ac|dc name what", "measure", analysis="tran, ac, dc, sp", name="its name",
                        what="avg, max, min, pp, rms, integ, find … at=, when …, trig … targ …, param="),
    ".model": _signature(".model name type(parameters)", "model", name="its name",
                         type="R C L D NPN PNP NMOS PMOS NJF PJF SW …", parameters="name=value …"),
    ".subckt": _signature(".subckt name pins… [params: name=value]", "subcircuit", name="its name", pins="its nodes"),
    ".param": _signature(".param name=expression …", "parameters"),
    "pulse(": _signature("PULSE(v1 v2 delay rise fall width period)", "pulse", v1="initial value", v2="pulsed value",
                         delay="s", rise="s", fall="s", width="s", period="s"),
    "sin(": _signature("SIN(offset amplitude freq delay damping phase)", "sine", offset="V or A", amplitude="V or A",
                       freq="Hz", delay="s", damping="1/s", phase="degrees"),
    "exp(": _signature("EXP(v1 v2 delay1 tau1 delay2 tau2)", "exponential", v1="initial value", v2="pulsed value",
                       delay1="s", tau1="s", delay2="s", tau2="s"),
    "pwl(": _signature("PWL(t1 v1 t2 v2 …)", "piecewise linear", t1="s", v1="V or A", t2="s", v2="V or A"),
    "sffm(": _signature("SFFM(offset amplitude carrier index signal)", "frequency modulation", offset="V or A",
                        amplitude="V or A", carrier="Hz", index="modulation index", signal="Hz"),
}  # fmt: skip
"""How cards and waveforms are written: label, what it is, parameters (ngspice manual, chapters 3 to 11)."""
