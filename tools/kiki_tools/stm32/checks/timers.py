"""Timers: counters and prescalers that their registers don't hold."""

from __future__ import annotations

from kiki_tools.stm32.checks.scope import Finding, Findings, Scope, split_field
from kiki_tools.stm32.code import Function, Word

_WIDE = {"f0": ("TIM2",), "f3": ("TIM2", "TIM5"), "g0": ("TIM2",), "g4": ("TIM2", "TIM5"), "l4": ("TIM2", "TIM5"),
         "f2": ("TIM2", "TIM5"), "f4": ("TIM2", "TIM5"), "f7": ("TIM2", "TIM5"),
         "h7": ("TIM2", "TIM5", "TIM23", "TIM24"), "f1": (), "l0": (), "c0": ("TIM2",)}  # fmt: skip
"""The timers whose counter has 32 bits (the manuals' chapters on general-purpose timers)."""


def counters(scope: Scope, function: Function) -> Findings:
    """ST220: a `Period` or `Prescaler` that the timer's register doesn't hold."""
    if "TIM" not in function.text or "Prescaler" not in function.text:
        return
    wide = _WIDE.get(scope.device.family) if scope.device else None
    fields: dict[str, dict[str, Word]] = {}
    for assignment in function.assignments:
        owner, name = split_field(assignment.target.text)
        if assignment.operator == "=" and name in ("Instance", "Prescaler", "Period", "Autoreload"):
            fields.setdefault(owner, {})[name] = assignment.value
    for call in function.calls:
        if call.name.text == "LL_TIM_Init" and len(call.arguments) == 2:
            fields.get(call.arguments[1].text.lstrip("& "), {}).setdefault("Instance", call.arguments[0])
    for settings in fields.values():
        instance = scope.value(settings["Instance"].text) if "Instance" in settings else ""
        if not instance.startswith("TIM"):
            continue
        for name, word in settings.items():
            limit = 0xFFFF if name == "Prescaler" or (wide is not None and instance not in wide) else 0xFFFF_FFFF
            value = scope.number(word.text) if name != "Instance" else None
            if value is not None and value > limit:
                message = (
                    f"{name} of {instance} has {16 if limit == 0xFFFF else 32} bits: {value} comes to {value & limit}"
                )
                yield Finding("ST220", word.span, message)
