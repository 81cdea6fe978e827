"""The diagnostics of SPICE: their codes, severities and pages."""

from __future__ import annotations

from dataclasses import dataclass

from kiki_tools.language import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A diagnostic's page: what it says, why that is bad, an example, and what to do."""

    code: str
    title: str
    severity: Severity
    why: str
    example: str
    fix: str


_RULES = (
    Rule("SP101", "No device letter", "warning",
         "ngspice passes over a line that starts with no letter, with only a warning.", "?1 a b 1k",
         "Correct the first character, or make the line a comment."),
    Rule("SP102", "Too few nodes or values", "error",
         "ngspice drops the device and simulates the rest.", "R1 in 1k", "Give all nodes, then the value."),
    Rule("SP103", "Unbalanced .subckt and .ends", "error",
         "Everything up to the end of the file becomes part of the subcircuit, or an .ends closes nothing.",
         ".subckt amp in out\nR1 in out 1k\n.end", "Add or remove the .ends."),
    Rule("SP104", "Text after .end", "warning",
         "ngspice reads nothing after .end.", ".end\nR9 a b 1k", "Move .end to the end."),
    Rule("SP105", "Unbalanced braces or quotes", "error",
         "ngspice stops at an expression that isn't closed.", "R1 a 0 {2*rload", "Close the brace or the quote."),
    Rule("SP106", "Unknown directive", "error",
         "ngspice stops at a dot command that it doesn't know.", ".trann 1u 1m", "Correct its name."),
    Rule("SP107", "No .end", "hint",
         "ngspice reads such a deck; other simulators, and decks that are joined, need the .end.",
         "* divider\nV1 a 0 1\nR1 a 0 1k\n.op", "Write .end as the last line."),
    Rule("SP201", "Duplicate device", "error",
         "Two devices of one scope can't share a name.", "R1 a b 1k\nR1 b 0 1k", "Rename one of them."),
    Rule("SP202", "Undefined model", "error",
         "The simulation stops at a device whose model isn't there.", "Q1 c b e 2N9999",
         "Add the .model or its library."),
    Rule("SP203", "Undefined subcircuit", "error",
         "The simulation stops at a call of a subcircuit that isn't there.", "X1 in out opamp",
         "Add the .subckt or include its library."),
    Rule("SP204", "Wrong number of subcircuit pins", "error",
         "A call must connect each pin of the subcircuit, in order.", ".subckt amp in out\n.ends\nX1 a amp",
         "Connect as many nodes as the .subckt has pins."),
    Rule("SP205", "Undefined parameter", "error",
         "ngspice stops at an expression that uses a parameter nobody defines.", "R1 a 0 {rload}",
         "Define it by .param, or correct its name."),
    Rule("SP206", "Missing include", "error",
         "ngspice stops when a file that the deck draws in can't be read.", '.include "missing.lib"',
         "Correct the path; it is relative to the file that holds it."),
    Rule("SP207", "Model of another kind", "error",
         "A device takes models of its own kind: a diode no transistor's.", ".model QN NPN\nD1 a 0 QN",
         "Name a model of the right type, or correct the device's letter."),
    Rule("SP208", "Circular parameter", "error",
         "A parameter whose expression leads back to itself has no value.", ".param a={b+1} b={a-1}",
         "Break the circle."),
    Rule("SP209", "Undefined source or inductor", "error",
         "F, H and W devices name the voltage source whose current controls them, K the inductors that it couples.",
         "F1 out 0 vsens 10", "Name one of the same subcircuit, or add it (0 V to sense a current)."),
    Rule("SP210", "Unknown model type", "warning",
         "ngspice ignores a model of a type that it doesn't have, and stops at the device that names it.",
         ".model QN NPX(BF=100)", "Correct the type."),
    Rule("SP211", "Unknown model parameter", "warning",
         "ngspice passes over a parameter that the model's type doesn't have: its default counts.",
         ".model QN NPN(BFF=100)", "Correct its name; remove what is meant for another simulator."),
    Rule("SP212", "Defined twice", "warning",
         "ngspice takes one of the two definitions, not always the one that is meant.",
         ".model DX D(IS=1n)\n.model DX D(IS=1p)", "Rename or remove one of them."),
    Rule("SP213", "Undefined library section", "error",
         "ngspice stops when a library has no section of that name.", ".lib models.lib typical",
         "Name one of the library's sections (`.lib NAME` … `.endl` in it)."),
    Rule("SP214", "Include cycle", "error",
         "Files that draw each other in never end; ngspice gives up.", ".include a.inc\n* and there: .include b.cir",
         "Take out one of the includes."),
    Rule("SP215", "Unused parameter", "hint",
         "Perhaps an expression was meant to use it.", ".param rload=1k\nR1 out 0 2k", "Use it or remove it."),
    Rule("SP216", "Unknown device parameter", "error",
         "ngspice stops at a device with a parameter that it doesn't have, such as LTspice's Rser=.",
         "C1 a 0 1u Rser=10m", "Correct its name, or model it: a resistor in series."),
    Rule("SP301", "No ground", "error",
         "Without node 0 no voltage is defined.", "V1 a b 1\nR1 a b 1k", "Connect a node to 0."),
    Rule("SP302", "Node with one connection", "warning",
         "Often a misspelt node; without a path to ground the matrix is singular.", "R1 in outt 1k",
         "Connect the node, or correct its name."),
    Rule("SP303", "No DC path to ground", "warning",
         "A node that only capacitors, current sources or gates touch has no DC voltage: the matrix is singular.",
         "C1 in x 1n\nC2 x 0 1n", "Connect a large resistor to ground, for example 1G."),
    Rule("SP304", "Loop of voltage sources", "error",
         "Voltage sources in a loop contradict each other or leave their current undefined: the matrix is singular.",
         "V1 a 0 5\nV2 a 0 5", "Put a small resistance into the loop."),
    Rule("SP305", "Inductor in a loop of sources and inductors", "warning",
         "At DC an inductor is a short: in a loop of voltage sources and inductors its current is undefined.",
         "V1 a 0 1\nL1 a 0 1m\n.op", "Put a small resistance into the loop."),
    Rule("SP306", "No circuit", "warning",
         "Without a device ngspice has an empty netlist; commands that need none run.", ".control\nop\n.endc\n.end",
         "Add the circuit."),
    Rule("SP401", "M is milli, not mega", "warning",
         "SPICE reads M as milli in any case; mega is MEG.", "R1 a 0 10M", "Write 10MEG for ten million."),
    Rule("SP402", "Letter O for zero", "warning",
         "The node O is not the ground.", "R1 out O 1k", "Write the digit 0."),
    Rule("SP403", "Zero resistance", "warning",
         "ngspice replaces it by a tiny value; the matrix becomes ill-conditioned.", "R1 a b 0", "Use a 0 V source."),
    Rule("SP404", "Neither number nor model", "error",
         "ngspice takes what is no number for the name of a model, which isn't there.", "R1 a 0 abc",
         "Write a number; write a parameter in braces."),
    Rule("SP405", "Negative value", "warning",
         "A capacitor or inductor with a negative value makes most circuits unstable.", "C1 a 0 -1n",
         "Correct the value."),
    Rule("SP406", "Absurd value", "warning",
         "Capacitors have picofarads to millifarads; a suffix is probably missing.", "C1 a 0 10", "Add the suffix."),
    Rule("SP407", "Odd number", "warning",
         "ngspice reads a number up to its first odd character, and passes over the rest.", "R1 a 0 1.2.3k",
         "Write one number with one suffix."),
    Rule("SP501", "No analysis", "hint",
         "A deck without .op, .dc, .ac or .tran computes nothing.", "V1 a 0 1\nR1 a 0 1\n.end", "Add an analysis."),
    Rule("SP502", "The simulation failed", "error",
         "ngspice refused the deck or found no solution.", "V1 a 0 1\nV2 a 0 2\n.op", "Mend what its message says."),
    Rule("SP503", "Failed expectation", "error",
         "The circuit doesn't do what its @expect comment states.", "* @expect f3db = 1k +/- 5%",
         "Change the circuit, or the expectation."),
    Rule("SP504", "Measure without its analysis", "warning",
         "A .meas card needs the analysis that it names.", ".op\n.meas tran vmax max v(out)",
         "Add the analysis, or correct the measure."),
    Rule("SP505", "Sweep of an undefined source", "error",
         "ngspice stops when .dc names a source or resistor that isn't there.", ".dc V9 0 5 0.1",
         "Name one that is there."),
    Rule("SP506", "No solution found", "error",
         "ngspice found no operating point, or its time step became too small, at the device or node that it names.",
         "D1 a 0 DX\n.model DX D(IS=1e-300 N=0.001)",
         "Check the values there; give the node a path to ground; relax options (rshunt, gmin, reltol, method=gear)."),
    Rule("SP507", "AC analysis without AC source", "warning",
         "Without an AC value at a source every result of .ac is zero.", "V1 in 0 5\nR1 in 0 1k\n.ac dec 10 1 1k",
         "Give the source an AC value: V1 in 0 DC 5 AC 1."),
    Rule("SP508", "Measure of an undefined node", "warning",
         "The measure fails: the circuit has no such node.", ".meas tran vmax max v(outt)", "Correct the node's name."),
    Rule("SP601", "A control command reaches out of the simulation", "warning",
         "Commands such as shell run on the host when the deck is simulated outside of kiki's sandbox.",
         ".control\nshell rm -r data\n.endc", "Remove the command."),
    Rule("SP602", "Include of what is no netlist", "warning",
         "ngspice shows lines of a file that it can't read in its messages: kiki gives it no file of another kind.",
         ".include /etc/passwd", "Name a netlist or library (.cir, .lib, .inc, .mod …)."),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.code: rule for rule in _RULES}
"""All rules by code."""


def page(rule: Rule) -> str:
    """The rule's page as Markdown."""
    return (
        f"# {rule.code}: {rule.title}\n\nSeverity: {rule.severity}\n\n{rule.why}\n\n"
        f"## Example\n\n```spice\n{rule.example}\n```\n\n## What to do\n\n{rule.fix}\n\n"
        f"Silence it in a file with `* kiki: ignore {rule.code}`.\n"
    )
