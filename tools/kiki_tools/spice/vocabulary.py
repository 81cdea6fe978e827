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

BUILTIN_NAMES = frozenset(
    """
        pi e c kelvin echarge boltz planck true false yes no no_mod hertz temper time temp tnom gmin freq x y
        i vt thermal m dtemp w l r v defas defad
    """.split()
)
"""Names that an expression may use without a definition."""

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
