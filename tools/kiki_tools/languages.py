"""The languages that kiki knows: which service answers for a file, and the rules of all. A new language joins here."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import PurePath

from kiki_tools.language import LanguageService
from kiki_tools.rules import Rule

_SERVICES = {
    "spice": ("kiki_tools.spice.service", "SPICE"),
    "kicad": ("kiki_tools.kicad.service", "KICAD"),
    "c": ("kiki_tools.stm32.service", "STM32"),
}
_RULES = ("kiki_tools.spice.codes", "kiki_tools.kicad.codes", "kiki_tools.stm32.codes")
_KICAD = ("kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod", "kicad_dru", "kicad_wks", "kicad_pro")
_IDS = {"spice": "spice", "c": "c", "cpp": "c", "kicad_table": "kicad", **dict.fromkeys(_KICAD, "kicad")}
_EXTENSIONS = {
    **dict.fromkeys((".cir", ".sp", ".spi", ".spice", ".ckt"), "spice"),
    **{f".{name}": "kicad" for name in _KICAD},
    ".c": "c",
}
_NAMES = {"sym-lib-table": "kicad", "fp-lib-table": "kicad"}
PATTERNS = (
    "**/*.{cir,sp,spi,spice,ckt,lib,inc,mod,model,sub,subckt}",
    "**/*.{kicad_sch,kicad_pcb,kicad_sym,kicad_mod,kicad_dru,kicad_wks,kicad_pro}",
    "**/{sym,fp}-lib-table",
    "**/*.{c,h,ioc,svd}",
    "**/startup_*.s",
    "**/{compile_commands.json,compile_flags.txt,platformio.ini}",
)
"""The files whose changes on the disk an editor's server wants to hear of."""
_loaded: dict[str, LanguageService] = {}


def language_of(path: str) -> str | None:
    """The language of a file by its name alone; None for one of others, or one that only its text tells."""
    pure = PurePath(path)
    if pure.suffix.lower() == ".s" and pure.name.lower().startswith("startup_"):
        return "c"
    return _NAMES.get(pure.name) or _EXTENSIONS.get(pure.suffix.lower())


def service(language: str) -> LanguageService:
    """The service of a language: `spice`, `kicad` or `c`."""
    if language not in _loaded:
        module, name = _SERVICES[language]
        _loaded[language] = getattr(import_module(module), name)
    return _loaded[language]


def service_of(language_id: str, path: str) -> LanguageService | None:
    """The service for an editor's language id, else for the file's name; None for a language of others."""
    language = _IDS.get(language_id) or language_of(path)
    return None if language is None else service(language)


def folders(service: LanguageService, libraries: Sequence[str]) -> Sequence[str]:
    """Where a language looks for libraries: a netlist in the configured folders, KiCad where it is installed."""
    if service.language == "kicad":
        from kiki_tools.kicad import installation

        return installation.folders()
    return libraries


def rules() -> dict[str, Rule]:
    """All diagnostics of all languages by code."""
    found: dict[str, Rule] = {}
    for module in _RULES:
        found.update(import_module(module).RULES)
    return found
