"""kiki's two themes: a dark one like a lab bench at night, a light one like a data sheet."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="kiki-dark",
    primary="#5fb3e8",
    secondary="#8fa6b8",
    accent="#f2a65a",
    success="#6fcf97",
    warning="#f2c94c",
    error="#ff7b72",
    foreground="#dfe6ec",
    background="#10151b",
    surface="#161d25",
    panel="#1f2933",
    dark=True,
)

LIGHT = Theme(
    name="kiki-light",
    primary="#0b5f97",
    secondary="#51606c",
    accent="#a34a00",
    success="#14693a",
    warning="#7a5200",
    error="#b3261e",
    foreground="#1b2228",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e6e3db",
    dark=False,
)

THEMES = (DARK, LIGHT)
