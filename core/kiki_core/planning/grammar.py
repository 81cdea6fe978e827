"""Netlists as a GBNF grammar (llama.cpp's notation) for drafts where no design kit fits.

A deck that follows it has a title, well-formed cards with the number of nodes that each device takes, an analysis and
``.end``; how often a card may follow is bounded, so a draft ends. Names that exist only elsewhere (a model, a node) no
context-free grammar can check: the simulation does.
"""

from __future__ import annotations

MOST_CARDS = 40
"""Cards between the title and the analysis."""

_RULES = r"""
deck ::= title card{2,MOST} model{0,8} analysis{1,2} measure{0,4} ".end\n"
title ::= "* " [^\n*]{3,70} "\n"
card ::= (passive | source | diode | bjt | mos | linear | behavioural | switch) "\n"
passive ::= [RCL] name s node s node s value (" IC=" value)?
source ::= [VI] name s node s node (s "DC" s value | s value)? (s "AC" s value)? (s wave)?
wave ::= "SIN(" value (s value){2,4} ")" | "PULSE(" value (s value){5,6} ")" | "PWL(" value (s value){3,15} ")"
diode ::= "D" name s node s node s model-name
bjt ::= "Q" name s node s node s node s model-name
mos ::= "M" name s node s node s node s node s model-name (" W=" value " L=" value)?
linear ::= ("E" | "G") name s node s node s node s node s value | ("F" | "H") name s node s node s "V" name s value
behavioural ::= "B" name s node s node s ("V" | "I") "=" expression
switch ::= "S" name s node s node s node s node s model-name
model ::= ".model " model-name s model-kind ("(" parameter (s parameter){0,9} ")")? "\n"
model-kind ::= "D" | "NPN" | "PNP" | "NMOS" | "PMOS" | "SW"
parameter ::= [A-Za-z] [A-Za-z0-9]{0,7} "=" value
analysis ::= (".op" | ac | tran | dc) "\n"
ac ::= ".ac dec " [1-9] [0-9]{0,2} s value s value
tran ::= ".tran " value s value (" 0 " value)? (" uic")?
dc ::= ".dc " [VI] name s value s value s value
measure ::= ".meas " (extreme | place | crossing) "\n"
extreme ::= ("ac" | "tran" | "dc") s word s ("max" | "min" | "avg" | "pp" | "rms") s vector
place ::= ("ac" | "tran") s word " find " vector " at=" value
crossing ::= ("ac" | "tran") s word " when " vector "=" value (" rise=1" | " fall=1" | " cross=1")
vector ::= ("v" | "vdb" | "vm" | "vp" | "i") "(" word ")"
expression ::= term (operator term){0,7}
term ::= value | "V(" node ("," node)? ")" | "I(V" name ")" | "(" expression ")" | [a-z]{2,5} "(" expression ")"
operator ::= "+" | "-" | "*" | "/"
value ::= "-"? [0-9]{1,7} ("." [0-9]{1,6})? ("e" "-"? [0-9]{1,2})? ("meg" | "f" | "p" | "n" | "u" | "m" | "k" | "g")?
node ::= "0" | [a-z] [a-z0-9_]{0,9} | [1-9] [0-9]?
model-name ::= [A-Z] [A-Z0-9_]{0,11}
name ::= [A-Za-z0-9]{1,6}
word ::= [a-z] [a-z0-9_]{0,11}
s ::= " "
"""

DECK = "root ::= deck\n" + _RULES.strip().replace("MOST", str(MOST_CARDS)) + "\n"
"""A bare netlist."""
FENCED = 'root ::= "```spice\\n" deck "```"\n' + _RULES.strip().replace("MOST", str(MOST_CARDS)) + "\n"
"""A netlist in a fenced block, and nothing else."""
EXPLAINED = (
    'root ::= prose? "```spice\\n" deck "```\\n" prose?\nprose ::= [^`]{1,600}\n'
    + _RULES.strip().replace("MOST", str(MOST_CARDS))
    + "\n"
)
"""The same with a little prose around it."""
