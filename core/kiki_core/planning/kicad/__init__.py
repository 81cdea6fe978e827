"""Symbols, footprints and small schematics for KiCad from a request: planned by rules, generated, checked by KiCad."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kiki_core.events import Evidence, Requirement, Verdict
from kiki_core.planning import Planned
from kiki_core.planning.kicad import footprints, rules, symbols
from kiki_core.planning.kicad.asked import missing
from kiki_core.planning.kicad.blocks import BLOCKS
from kiki_core.planning.kicad.circuits import circuit
from kiki_core.planning.kicad.pinlists import pins_of
from kiki_core.planning.kicad.sheet import Impossible
from kiki_core.planning.shown import table

if TYPE_CHECKING:
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_core.generating.kinds import Made

__all__ = ["kind_of", "planned"]

MOST_TEXT = 8000
_SYMBOL = re.compile(
    r"\bs[yi]m(?:bo?le?|obl)s?\b|\bsym\b|\b\w{0,30}symbole?n?s?\b|s[íi]mbolo|schaltzeichen|kicad_sym", re.IGNORECASE
)
_FOOTPRINT = re.compile(
    r"foo?t[- ]?pr?i(?:n|rn)t|footprin\b|land pattern|empreinte|huella|fußabdruck|lötfläche|pad layout|kicad_mod|landing pattern|pastillas",
    re.IGNORECASE,
)
_SCHEMATIC = re.compile(
    r"sch?e?ma?t[ia]?c|schéma(?!tique de)|schaltplan(?!symbol)|stromlaufplan|esquem|kicad_sch|circuit diagram|schematique|schematics?|schaltbild|eeschema",
    re.IGNORECASE,
)
_KICAD = re.compile(r"kicad", re.IGNORECASE)
_SPICE = re.compile(r"\bspice|simulat|netlist|\.cir\b|ngspice|deck\b", re.IGNORECASE)
_QUESTION = re.compile(r"\s*(?:what|why|which|when|who|where|explain|describe|compare|is|are|does|do|did|how (?:many|much|does|is|are|come)|(?:what's the )?difference(?! ampl)|"
                       r"should i|pourquoi|quelle?s?|qu'est|explique|combien|est-ce|quand|warum|wieso|was\b|welche\w*|wie (?:viele?|funktioniert)|erkläre?|ist\b|"
                       r"por qué|qué|cuál|cuánt\w*|cómo funciona|explica|es\b|¿)", re.IGNORECASE)  # fmt: skip
_REPAIR = re.compile(
    r"\bfix|\bdebug|wrong with|review|corrige|repar|error in|erc error|drc|doesn'?t|does not|this schematic|attached|rename|convert",
    re.IGNORECASE,
)
_OTHER_WORK = re.compile(
    r"python script|plugin|pcbnew|kiutils|\blayout (?:the|a) (?:board|pcb)|route the|gerber",
    re.IGNORECASE,
)
_RULES = re.compile(
    r"\bdru\b|kicad_dru|(?:custom|design|board|kicad|pcb)\W+(?:\w+ )?rules?\b|\bdrc\b|(?:design|drc|entwurfs|kicad)[- ]?regeln?|r[èe]gles? (?:de |du |pour )?"
    r"(?:drc|conception|dessin|routage|kicad|personnalis\w+|pcb)|reglas? (?:de )?(?:drc|dise[ñn]o|kicad|personalizad\w+|pcb)|^\s*(?:a |une |eine |una )?(?:rule|regel|r[èe]gle|regla)\b",
    re.IGNORECASE,
)

_PINS = re.compile(r"pin|broche|patilla|anschl", re.IGNORECASE)
_RULE_WORDS = re.compile(
    r"net ?class|netzklasse|classe de nets|clase de red|clearance|creepage|kriechstrecke|courtyard|track width|leiterbahnbreite|annular|hole size|edge|silk|"
    r"text height|\bskew\b|diff\w* pair|keep-?out|no vias|hole to hole|zone connection|thermal relief",
    re.IGNORECASE,
)


def kind_of(text: str, domains: Sequence[str]) -> str:
    """What a request asks for: symbol, footprint, schematic, rules, or nothing of these (empty)."""
    if _OTHER_WORK.search(text) or _QUESTION.match(text):
        return ""
    if _RULES.search(text) and rules.named(text) and not _SCHEMATIC.search(text):
        return "rules"
    found = [(match.start(), kind) for pattern, kind in ((_SYMBOL, "symbol"), (_FOOTPRINT, "footprint"), (_SCHEMATIC, "schematic"))
             if (match := pattern.search(text))]  # fmt: skip
    if found:
        kinds = [kind for _, kind in sorted(found)]
        if "schematic" in kinds and re.search(
            r"sch?e?ma?t[ia]?c s[yi]m(?:bo?l|obl)|symbol for (?:the |my )?schematic", text, re.IGNORECASE
        ):
            return "symbol"
        return kinds[0]
    if _RULES.search(text):
        return ""
    routed = bool({"kicad-dsl", "kicad-pcb", "kicad"} & set(domains[:2]))
    if (_KICAD.search(text) or routed) and not _SPICE.search(text):
        if _RULE_WORDS.search(text) and rules.named(text):
            return "rules"
        return _unsaid(text)
    return ""


def _condensed(text: str) -> str:
    """A text without long runs of one sign, which mean nothing and cost patterns time."""
    return re.sub(r"([^\w\s])\1{3,}", r"\1\1\1", re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]{3,}", "  ", text)))


def _unsaid(text: str) -> str:
    """What a text means that doesn't say it: a list of pins is a symbol, a package alone a footprint."""
    if len(pins_of(text, 0, regulator=False, connector=False)) >= 3 and _PINS.search(text):
        return "symbol"
    if symbols.names_units(text):
        return "symbol"
    if footprints.names_package(text) and not any(block.asks.search(text) for block in BLOCKS):
        return "footprint"
    return "schematic"


async def planned(
    text: str,
    domains: Sequence[str],
    backend: Backend,
    *,
    adapters: Sequence[WeightedAdapter] = (),
    files: Sequence[tuple[str, str]] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> Planned | None:
    """The answer to a request for a symbol, footprint or small schematic; None where it is none of them."""
    text = _condensed(text[:MOST_TEXT])
    kind = kind_of(text, domains)
    if not kind or (files and _REPAIR.search(text)):
        return None
    tell(f"plans the {kind}")
    claims: tuple[Requirement, ...] = ()
    notes: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    try:
        if kind == "symbol":
            plan = symbols.plan(text)
        elif kind == "footprint":
            plan = footprints.plan(text)
        elif kind == "rules":
            plan = rules.plan(text)
        else:
            drawn = circuit(text)
            if drawn is None:
                return None
            plan, claims, notes, apart = drawn
    except Impossible as error:
        return _refused(kind, str(error))
    return await _made(kind, plan, claims, notes, (*apart, *missing(kind, text, plan, claims)))


async def _made(
    kind: str, plan: dict[str, Any], claims: Sequence[Requirement], notes: Sequence[str], lost: Sequence[str]
) -> Planned:
    from kiki_core.generating import kicad
    from kiki_core.generating.kinds import NotMade

    maker = {"symbol": kicad.symbol, "footprint": kicad.footprint, "schematic": kicad.schematic,
             "rules": kicad.rules}[kind]  # fmt: skip
    try:
        made = await maker(plan, [])
    except NotMade as error:
        return _refused(kind, "; ".join(error.problems), plan)
    verified = made.verified
    if lost or any(claim.ok is False for claim in claims):
        verified = False
    if lost:
        notes = (
            *notes,
            f"Not in {'these rules' if kind == 'rules' else f'this {kind}'}, though asked for: {', '.join(lost)}.",
        )
    text = _answer(kind, plan, made, claims, notes)
    verdicts = tuple(Verdict(0, made.artefacts[0].name, each) for each in made.evidence)
    return Planned(
        made.artefacts[0].language, plan, text, made.artefacts, tuple(claims), verdicts, verified, tuple(notes), 0, 0
    )


def _answer(kind: str, plan: dict[str, Any], made: Made, claims: Sequence[Requirement], notes: Sequence[str]) -> str:
    artefact = made.artefacts[0]
    lines = [f"{'KiCad rules' if kind == 'rules' else f'A KiCad {kind}'}: `{artefact.name}`.", ""]
    if claims:
        lines += [table(claims), ""]
    if kind == "symbol":
        rows = [f"| {pin['number']} | {pin['name']} | {pin['kind']} |" for pin in plan["pins"][:60]]
        lines += ["| pin | name | type |", "| --- | --- | --- |", *rows, ""]
    elif kind == "schematic":
        rows = [f"| {part['reference']} | {part['value'] or part['symbol'].partition(':')[2]} | "
                f"{', '.join(f'{pin} {net}' for pin, net in part['pins'].items())} |" for part in plan["parts"][:60]]  # fmt: skip
        lines += ["| part | value | pins and nets |", "| --- | --- | --- |", *rows, ""]
    lines += [*(f"> {note}" for note in notes), ""] if notes else []
    lines += ["Checked: " + "; ".join(f"{each.tool}: {each.summary}" for each in made.evidence) + ".", ""]
    return "\n".join([*lines, f"```{artefact.language}", artefact.text.rstrip("\n"), "```", ""])


def _refused(kind: str, reason: str, plan: dict[str, Any] | None = None) -> Planned:
    text = f"As asked, {'these rules' if kind == 'rules' else f'this {kind}'} can't be made:\n\n- {reason}\n"
    verdict = Verdict(0, "plan", Evidence("kiki", "", hashlib.sha256(text.encode()).hexdigest(), False, reason))
    return Planned(
        {"rules": "kicad_dru", "footprint": "kicad_mod", "symbol": "kicad_sym", "schematic": "kicad_sch"}[kind],
        plan or {},
        text,
        (),
        (),
        (verdict,),
        False,
        (),
        0,
        0,
    )
