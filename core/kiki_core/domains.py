"""The 35 domains of kiki's experts, their merges and families."""

from __future__ import annotations

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
