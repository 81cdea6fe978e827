"""Netlists and KiCad's files as GBNF grammars (llama.cpp's notation) for drafts where no design kit fits.

A weak model under a loose grammar writes prose into every free word, or the same card forty times. So words are closed
lists, devices are numbered through in their order (no name comes twice), every repetition is bounded, and what holds a
file together but can't be said context-free (models of the devices used, a symbol's name in its units) is spelt out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.gbnf import choice, grammar, literal

MOST_CARDS = 12
"""Devices of a netlist."""
MOST_PINS = 48
"""Pins of a symbol, pads of a footprint."""
NODES = ("0", "in", "out", "vcc", "vee", "vdd", "inp", "inn", "mid", "a", "b", "c", "e", "g", "d", "s")
_MOST_NODES = 40
_MODELS = {
    "": "",
    "d": ".model DX D(IS=1e-14 RS=0.5)\n.model DZ D(IS=1e-14 BV=5.1 IBV=5m)\n",
    "q": ".model QN NPN(BF=200 IS=1e-14 VAF=100)\n.model QP PNP(BF=150 IS=1e-14 VAF=80)\n.model DX D(IS=1e-14)\n",
    "m": ".model MN NMOS(VTO=1 KP=20m)\n.model MP PMOS(VTO=-1 KP=10m)\n.model DX D(IS=1e-14)\n",
    "s": ".model SX SW(VT=0.5 RON=0.1 ROFF=1meg)\n.model DX D(IS=1e-14)\n",
}
"""Models of a netlist by its kind: passive with op-amps, diodes, bipolar, MOS, switched; each is written out at its
end, so that a device always has its model."""
_DEVICES = {
    "": ("v", "i", "passive", "e"),
    "d": ("v", "i", "passive", "e", "d"),
    "q": ("v", "i", "passive", "e", "dx", "q"),
    "m": ("v", "i", "passive", "e", "dx", "m"),
    "s": ("v", "i", "passive", "e", "dx", "sw"),
}
_SPICE = {
    "value": r'[1-9] [0-9]{0,2} ("." [0-9]{1,2})? ("meg" | [pnumkgf])? | "0." [0-9]{1,3} [munk]?',
    "signed": '"0" | "-"? value',
    "source": '"DC " signed (" AC 1")? | "AC 1" | wave (" AC 1")?',
    "wave": '"SIN(" signed " " value " " value ")" | '
    '"PULSE(" signed " " signed " " time " " time " " time " " value " " value ")"',
    "time": '"0" | value',
    "expr": 'term ([-+*/] term){0,6}',
    "term": 'value | "V(" node ("," node)? ")" | "(" part ([-+*/] part){1,4} ")" | '
    '("max" | "min" | "abs" | "sqrt" | "exp" | "tanh") "(" part ("," part)? ")"',
    "part": 'value | "V(" node ("," node)? ")"',
    "analysis": '(".op" | ".ac dec " [1-9] [0-9]{0,1} " " value " " value | ".tran " value " " value) "\\n"',
    "f-v": '"V" INDEX " " two source',
    "f-i": '"I" INDEX " " two source',
    "f-passive": '[RCL] INDEX " " two value',
    "f-e": '"E" INDEX " " two two ("1e5" | "1e6" | value) | "G" INDEX " " two two value | "B" INDEX " " two "V=" expr',
    "f-d": '"D" INDEX " " two ("DX" | "DZ")',
    "f-dx": '"D" INDEX " " two "DX"',
    "f-q": '"Q" INDEX " " node " " node " " node " " ("QN" | "QP")',
    "f-m": '"M" INDEX " " node " " node " " node " " node " " ("MN" | "MP") " W=" value "u L=1u"',
    "f-sw": '"S" INDEX " " two two "SX"',
}  # fmt: skip


def deck(nodes: Sequence[str] = ()) -> str:
    """A whole netlist in a fenced block and nothing else: a fixed title, source, devices, models, one analysis, `.end`.

    ``nodes``: names in scope beside the usual ones; what isn't a node's name is left out.
    """
    named = [name for name in nodes if re.fullmatch(r"[A-Za-z0-9_+-]{1,16}", name)]
    numbered = [f"n{number}" for number in range(1, 10)]
    rules = {name: rule for name, rule in _SPICE.items() if not name.startswith("f-")}
    every = list(dict.fromkeys([*NODES, *named[:_MOST_NODES], *numbered]))
    rules["node"] = choice(literal(name) for name in every)
    rules["two"] = choice(f"{literal(f'{name} ')} not{place}" for place, name in enumerate(every))
    for place, name in enumerate(every):
        rules[f"not{place}"] = choice(literal(f"{other} ") for other in every if other != name)
    for index in range(1, MOST_CARDS + 1):
        for name, rule in _SPICE.items():
            if name.startswith("f-"):
                rules[f"{name[2:]}{index}"] = rule.replace("INDEX", literal(str(index)))
        for kind, devices in _DEVICES.items():
            body = choice(f"{device}{index}" for device in devices) if index > 1 else "v1"
            rest = "" if index == MOST_CARDS else f" k{kind}{index + 1}" + ("?" if index > 2 else "")
            rules[f"k{kind}{index}"] = f'{body} "\\n"{rest}'
    decks = choice(f"k{kind}1 {literal(models)}" if models else f"k{kind}1" for kind, models in _MODELS.items())
    return grammar(f'"```spice\\n* circuit\\n" {decks} analysis ".end\\n```"', rules)


_TYPES = (
    "input", "output", "bidirectional", "passive", "power_in", "power_out", "open_collector", "open_emitter",
    "tri_state", "no_connect", "unspecified", "free",
)  # fmt: skip
_HEAD = '(version {}) (generator "kiki") (generator_version "9.0")'
_END = ")\n```"
_NAME = re.compile(r"[A-Za-z0-9_+.-]{1,40}")
_EFFECTS = "(effects (font (size 1.27 1.27)))"
_KICAD = {
    "text": r'"\"" [A-Za-z0-9_+~/ .-]{1,24} "\""',
    "number": '"-"? [0-9]{1,3} ("." [0-9]{1,3})?',
    "size": '[0-9]{1,2} ("." [0-9]{1,3})?',
    "turn": '"0" | "90" | "180" | "270"',
}


def symbol(name: str = "") -> str:
    """A library of one symbol in a fenced block. ``name``: the part's, else it is called `PART`."""
    name = name if _NAME.fullmatch(name) else "PART"
    head = f'```kicad_sym\n(kicad_symbol_lib {_HEAD.format(20241209)}\n  (symbol "{name}"\n'
    for key, said, y in (("Reference", "U", "12.7"), ("Value", name, "-12.7")):
        head += f'    (property "{key}" "{said}" (at 0 {y} 0) {_EFFECTS})\n'
    head += f'    (symbol "{name}_1_1"\n      (rectangle (start -10.16 '
    filled = ") (stroke (width 0.254) (type default)) (fill (type background)))\n"
    rules = _KICAD | {
        "box": _row("@size", ") (end 10.16 -", "@size", filled),
        "types": choice(literal(each) for each in _TYPES),
        "pin": _row(
            "      (pin ", "@types", " line (at ", "@number", " ", "@number", " ", "@turn", ") (length 2.54) (name ",
            "@text", ") (number ",
        ),
    }  # fmt: skip
    for index in range(1, MOST_PINS + 1):
        rules[f"pin{index}"] = _row("@pin", f'"{index}"))\n') + _next("pin", index)
    return grammar(_row(head, "@box", "@pin1", "    )\n  )\n)\n```"), rules)


def footprint(name: str = "") -> str:
    """A footprint in a fenced block: its pads, numbered through, all on the surface or all with holes."""
    name = name if _NAME.fullmatch(name) else "PART"
    head = f'```kicad_mod\n(footprint "{name}" {_HEAD.format(20241229)} (layer "F.Cu")\n'
    for key, said, y, layer in (("Reference", "REF**", "-6", "F.SilkS"), ("Value", name, "6", "F.Fab")):
        head += f'  (property "{key}" "{said}" (at 0 {y} 0) (layer "{layer}") {_EFFECTS})\n'
    shape = choice(literal(each) for each in ("rect", "oval", "circle"))
    place = (" (at ", "@number", " ", "@number", ") (size ", "@size", " ", "@size")
    rules = _KICAD | {
        "smd": f"{shape} " + _row(*place, ') (layers "F.Cu" "F.Paste" "F.Mask"))\n'),
        "hole": f"{shape} " + _row(*place, ") (drill ", "@size", ') (layers "*.Cu" "*.Mask"))\n'),
    }
    for rule, kind in (("smd", "smd"), ("hole", "thru_hole")):
        for index in range(1, MOST_PINS + 1):
            rules[f"{rule}{index}"] = _row(f'  (pad "{index}" {kind} ', f"@{rule}") + _next(rule, index)
    pads = choice((_row("  (attr smd)\n", "@smd1"), _row("  (attr through_hole)\n", "@hole1")))
    return grammar(f"{literal(head)} {pads} {literal(_END)}", rules)


def expressions(head: str, version: int, depth: int = 6) -> str:
    """Any file of KiCad's as balanced lists, at most ``depth`` deep; ``head``: its first word, such as `kicad_sch`."""
    rules = _KICAD | {"word": "[a-z_]{1,20}", "atom": "number | text | word"}
    for level in range(depth):
        inner = f' ("\\n{"  " * (level + 2)}" list{level + 1}){{0,12}}' if level + 1 < depth else ""
        rules[f"list{level}"] = f'"(" word (" " atom){{0,5}}{inner} ")"'
    opening = literal(f"```{head}\n({head} {_HEAD.format(version)}\n")
    return grammar(f'{opening} ("  " list0 "\\n"){{1,40}} {literal(_END)}', rules)


def _row(*parts: str) -> str:
    """One after the other: texts as they are, rules behind an @."""
    return " ".join(part[1:] if part.startswith("@") else literal(part) for part in parts)


def _next(rule: str, index: int) -> str:
    """What may follow the numbered rule ``index``: the next one or nothing."""
    return f" {rule}{index + 1}?" if index < MOST_PINS else ""


def of_domains(domains: Sequence[str], question: str) -> str | None:
    """The grammar of what a question wants made, by its strongest domain; null where no grammar serves."""
    from kiki_core import prompts

    if prompts.asks_for_circuit(question, domains):
        return deck()
    if not domains or domains[0] not in ("kicad-dsl", "kicad-pcb") or prompts.is_about(question):
        return None
    words = question.lower()
    if re.search(r"symbol|symbole|símbolo", words):
        return symbol()
    if re.search(r"footprint|empreinte|huella|land pattern|fußabdruck", words):
        return footprint()
    return expressions("kicad_sch", 20250114) if re.search(r"schem|schalt|schéma|esquem|circuit|sheet", words) else None
