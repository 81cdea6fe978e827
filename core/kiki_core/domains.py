"""The 35 domains of kiki's experts, their merges and families."""

from __future__ import annotations

from collections.abc import Mapping

DOMAINS: tuple[str, ...] = (
    "chat-fr", "components", "cpp", "devops", "docker", "dsp", "electronics", "embedded", "emc", "freecad",
    "html-css", "iot", "kicad-dsl", "kicad-pcb", "llm-ops", "llm-orch", "lua-upy", "math", "ml-training",
    "music-audio", "platformio", "power", "python", "reasoning", "rust", "security", "shell", "spice",
    "spice-sim", "sql", "stm32", "typescript", "web-backend", "web-frontend", "yaml-json",
)  # fmt: skip

MERGES: dict[str, tuple[str, ...]] = {
    "electronics-hw": ("components", "electronics", "power"),
    "spice": ("spice", "spice-sim"),
    "kicad": ("kicad-dsl", "kicad-pcb"),
}

MAX_ACTIVE = 4
"""At most this many experts answer one question."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "hardware": (
        "components", "electronics", "emc", "freecad", "kicad-dsl", "kicad-pcb", "power", "spice", "spice-sim",
    ),
    "firmware": ("embedded", "iot", "lua-upy", "platformio", "stm32"),
    "signals": ("dsp", "math", "music-audio"),
    "code": ("cpp", "python", "rust", "shell", "sql", "typescript", "yaml-json"),
    "web": ("html-css", "web-backend", "web-frontend"),
    "operations": ("devops", "docker", "security"),
    "models": ("llm-ops", "llm-orch", "ml-training"),
    "language": ("chat-fr", "reasoning"),
}  # fmt: skip
"""What lies together; each domain is in one family."""


def merged(scores: Mapping[str, float]) -> dict[str, float]:
    """The 31-way view of the same scores: a merge has the probability that any of its domains is wanted."""
    inner = {domain: name for name, domains in MERGES.items() for domain in domains}
    return _view(scores, {domain: inner.get(domain, domain) for domain in DOMAINS})


def families(scores: Mapping[str, float]) -> dict[str, float]:
    """The view by families: the probability that any of a family's domains is wanted."""
    return _view(scores, {domain: name for name, domains in FAMILIES.items() for domain in domains})


def _view(scores: Mapping[str, float], names: Mapping[str, str]) -> dict[str, float]:
    missed: dict[str, float] = {}
    for domain in DOMAINS:
        missed[names[domain]] = missed.get(names[domain], 1.0) * (1 - scores[domain])
    return {name: 1 - share for name, share in missed.items()}
