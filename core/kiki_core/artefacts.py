"""Artefacts in a draft: netlists, KiCad's files and C for STM32, in fenced blocks or bare in prose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kiki_core.events import Artefact

_FENCE = re.compile(
    r"^[ \t]*+(`{3,}+|~{3,}+)[ \t]*+([\w+-]*+)([^\n]*+)\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_SPICE_NAMES = frozenset({"spice", "ngspice", "netlist", "cir", "ltspice", "sp", "hspice"})
_C_NAMES = {"c": "c", "h": "c", "cpp": "cpp", "c++": "cpp"}
_PLAIN = frozenset({"", "text", "plaintext", "txt"})
_CARD = re.compile(
    r"^[ \t]*(?:[rclvidqmjexfghbs]\w*(?:[ \t]+[\w.+-]+){2,}.*"
    r"|\.(?:tran|ac|dc|op|model|subckt|ends?|param|meas)\b.*|\+.*|\*.*)$",
    re.IGNORECASE,
)
_ANALYSIS_OR_END = re.compile(r"^[ \t]*\.(?:end|tran|ac|dc|op)\b", re.IGNORECASE | re.MULTILINE)
_HEADS = {
    "kicad_sch": "kicad_sch", "kicad_symbol_lib": "kicad_sym", "footprint": "kicad_mod", "module": "kicad_mod",
    "kicad_pcb": "kicad_pcb",
}  # fmt: skip
_KICAD_HEAD = re.compile(r"^\s*+\(\s*+(" + "|".join(_HEADS) + r")[\s\"]")
_DRU_HEAD = re.compile(r"^\s*+(?:#[^\n]*+\n\s*+)*+\(\s*+(?:version\s+\d+\s*+\)|rule[\s\"])")
_BARE_KICAD = re.compile(r"^[ \t]*\((?:" + "|".join(_HEADS) + r")[\s\"]", re.MULTILINE)
_FIRMWARE = re.compile(r"stm32|\bHAL_\w+|\bLL_\w+_|\bRCC->|\bGPIO[A-K]->|\b\w+_IRQHandler\b", re.IGNORECASE)
_DEFINES = re.compile(r"^[ \t]*#[ \t]*include\b|^\w[\w \t*]*\([^;{}]*\)\s*\{", re.MULTILINE)
_NAMED = re.compile(r"([\w.-]{1,60}\.(?:cir|sp|spice|kicad_\w{3}|c|h|cpp|hpp))\b")
_NAMES = {
    "spice": ("circuit", ".cir"), "kicad_sch": ("circuit", ".kicad_sch"), "kicad_sym": ("symbol", ".kicad_sym"),
    "kicad_mod": ("footprint", ".kicad_mod"), "kicad_pcb": ("board", ".kicad_pcb"),
    "kicad_dru": ("rules", ".kicad_dru"), "c": ("main", ".c"), "cpp": ("main", ".cpp"),
}  # fmt: skip
MOST_TEXT = 200_000
_MOST = 8


def find(draft: str, attached: Sequence[str] = (), firmware: bool = False) -> tuple[Artefact, ...]:
    """The artefacts of a draft, unverified, in the order of the text; at most eight.

    ``attached``: names of the files that came with the question; the only artefact of such a file's language is that
    file, mended. ``firmware``: whether C of which no line tells is meant for an STM32 too.
    """
    draft = draft[:MOST_TEXT]
    found: list[Artefact] = []
    fences = list(_FENCE.finditer(draft))
    for match in fences:
        body = match[4]
        if language := _language(match[2].lower(), body, firmware):
            name = _name_of(match[3], body) if language in ("c", "cpp") else ""
            found.append(Artefact(name, language, _tidied(body), None))
    if not found and not fences:
        found = [Artefact("", language, _tidied(body), None) for language, body in _bare(draft)]
    return tuple(_named(found[:_MOST], attached))


def kind(name: str, text: str) -> str | None:
    """The language of a file, by its name and its text; null for what kiki can't check."""
    from kiki_tools.languages import language_of
    from kiki_tools.spice.recognise import is_spice

    suffix = os.path.splitext(name)[1].lower().lstrip(".")
    if suffix in _NAMES and suffix.startswith("kicad_"):
        return suffix
    if language_of(name) == "c":
        return "c"
    return "spice" if is_spice(name, text) else None


def without(draft: str) -> list[tuple[int, int]]:
    """The places of a draft's prose: what lies in no fenced block, as begin and end offsets."""
    places, at = [], 0
    for match in _FENCE.finditer(draft[:MOST_TEXT]):
        places.append((at, match.start()))
        at = match.end()
    return [*places, (at, min(len(draft), MOST_TEXT))]


def _language(tag: str, body: str, firmware: bool) -> str | None:
    """The language of a block, by its head where that tells, else by its tag; null for what kiki can't check."""
    if head := _KICAD_HEAD.match(body):
        return _HEADS[head[1]]
    if tag in ("kicad_dru", "dru") or (_DRU_HEAD.match(body) and "(constraint" in body):
        return "kicad_dru"
    if tag.startswith("kicad_") and tag in _NAMES:
        return tag
    if tag in _SPICE_NAMES or (tag in _PLAIN and _is_deck(body)):
        return "spice"
    if (tag in _C_NAMES or (tag in _PLAIN and "#include" in body)) and _DEFINES.search(body):
        return _C_NAMES.get(tag, "c") if firmware or _FIRMWARE.search(body) else None
    return None


def _named(found: list[Artefact], attached: Sequence[str]) -> Iterator[Artefact]:
    """The artefacts with names of their own, none twice."""
    taken: set[str] = set()
    for one in found:
        alone = sum(each.language == one.language for each in found) == 1
        own = [name for name in attached if alone and _of_language(name, one.language)]
        stem, suffix = _NAMES[one.language]
        numbered = [f"{stem}{number}{suffix}" for number in range(1, _MOST + 1)]
        first = [f"{stem}{suffix}"] if alone or one.language in ("c", "cpp") else []
        name = next(name for name in [*own[:1], *filter(None, [one.name]), *first, *numbered] if name not in taken)
        taken.add(name)
        yield replace(one, name=name)


def _of_language(name: str, language: str) -> bool:
    from kiki_tools.languages import language_of

    if language.startswith("kicad_"):
        return name.lower().endswith(f".{language}")
    if language == "spice":
        return language_of(name) == "spice" or name.lower().endswith((".net", ".lib", ".sub", ".mod", ".inc"))
    return os.path.splitext(name)[1].lower() in ((".c", ".h") if language == "c" else (".cpp", ".cc", ".hpp"))


def _name_of(rest: str, body: str) -> str:
    """A file's name on the fence's line or in the block's first line."""
    first = body.lstrip("\n").partition("\n")[0]
    found = _NAMED.search(rest) or (None if first.lstrip().startswith("#") else _NAMED.search(first))
    return found[1] if found else ""


def _is_deck(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    cards = sum(1 for line in lines if _CARD.match(line))
    return cards >= 3 and cards >= len(lines) * 0.6 and bool(_ANALYSIS_OR_END.search(text))


def _bare(text: str) -> list[tuple[str, str]]:
    """The one artefact of a text without fences: KiCad's by its parentheses, else the longest run of cards."""
    if head := _BARE_KICAD.search(text):
        body = text[head.start() :]
        body = body[: _closing(body)]
        return [(language, body)] if (language := _language("", body, False)) else []
    best: list[str] = []
    run: list[str] = []
    for line in [*text.splitlines(), "end of the text"]:
        if _CARD.match(line) or (run and not line.strip()):
            run.append(line)
            continue
        best, run = max(best, run, key=len), []
    joined = "\n".join(best)
    return [("spice", joined)] if _is_deck(joined) else []


_PARENS = re.compile(r'[()]|"(?:[^"\\\n]|\\.)*+"')


def _closing(text: str) -> int:
    """The offset behind the parenthesis that closes the first one; the text's end if none does."""
    depth = 0
    for match in _PARENS.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0 and match[0] == ")":
            return match.end()
    return len(text)


def _tidied(text: str) -> str:
    return text.strip("\n") + "\n"
