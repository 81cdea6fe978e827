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
    Rule("SP101", "Unknown device letter or directive", "warning",
         "ngspice ignores such a line, with only a warning.", "y1 a b 1k",
         "Correct the first letter, or the directive."),
    Rule("SP102", "Too few nodes or values", "error",
         "ngspice drops the device and simulates the rest.", "R1 in 1k", "Give all nodes, then the value."),
    Rule("SP103", "Unbalanced .subckt and .ends", "error",
         "Everything up to the end of the file becomes part of the subcircuit, or an .ends closes nothing.",
         ".subckt amp in out\nR1 in out 1k\n.end", "Add or remove the .ends."),
    Rule("SP104", "Text after .end", "warning",
         "ngspice reads nothing after .end.", ".end\nR9 a b 1k", "Move .end to the end."),
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
    Rule("SP206", "Missing include", "error",
         "ngspice stops when a file that the deck draws in can't be read.", '.include "missing.lib"',
         "Correct the path; it is relative to the file that holds it."),
    Rule("SP301", "No ground", "error",
         "Without node 0 no voltage is defined.", "V1 a b 1\nR1 a b 1k", "Connect a node to 0."),
    Rule("SP302", "Node with one connection", "warning",
         "Often a misspelt node; without a path to ground the matrix is singular.", "R1 in outt 1k",
         "Connect the node, or correct its name."),
    Rule("SP401", "M is milli, not mega", "warning",
         "SPICE reads M as milli in any case; mega is MEG.", "R1 a 0 10M", "Write 10MEG for ten million."),
    Rule("SP402", "Letter O for zero", "warning",
         "The node O is not the ground.", "R1 out O 1k", "Write the digit 0."),
    Rule("SP403", "Zero resistance", "warning",
         "ngspice replaces it by a tiny value; the matrix becomes ill-conditioned.", "R1 a b 0", "Use a 0 V source."),
    Rule("SP501", "No analysis", "hint",
         "A deck without .op, .dc, .ac or .tran computes nothing.", "V1 a 0 1\nR1 a 0 1\n.end", "Add an analysis."),
    Rule("SP502", "The simulation failed", "error",
         "ngspice refused the deck or found no solution.", "V1 a 0 1\nV2 a 0 2\n.op", "Mend what its message says."),
    Rule("SP503", "Failed expectation", "error",
         "The circuit doesn't do what its @expect comment states.", "* @expect f3db = 1k +/- 5%",
         "Change the circuit, or the expectation."),
    Rule("SP601", "A control command reaches out of the simulation", "warning",
         "Commands such as shell run on the host when the deck is simulated outside of kiki's sandbox.",
         ".control\nshell rm -r data\n.endc", "Remove the command."),
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
