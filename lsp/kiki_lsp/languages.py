"""Which language service answers for a document: the one table that a new language joins."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePath

from kiki_tools.language import LanguageService

_SERVICES = {"spice": ("kiki_tools.spice.service", "SPICE")}
_EXTENSIONS = dict.fromkeys((".cir", ".sp", ".spi", ".spice", ".ckt"), "spice")
PATTERN = "**/*.{cir,sp,spi,spice,ckt,lib,inc,mod,model,sub,subckt}"
"""The files whose changes on the disk the server wants to hear of."""
_loaded: dict[str, LanguageService] = {}


def service_of(language_id: str, path: str) -> LanguageService | None:
    """The service for the editor's language id, else for the file's extension; None for a language of others."""
    language = language_id if language_id in _SERVICES else _EXTENSIONS.get(PurePath(path).suffix.lower())
    if language is None:
        return None
    if language not in _loaded:
        module, name = _SERVICES[language]
        if find_spec(module) is None:
            return None
        _loaded[language] = getattr(import_module(module), name)
    return _loaded[language]
