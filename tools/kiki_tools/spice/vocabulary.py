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
