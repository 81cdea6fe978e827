"""What a diagnostic's page says, in every language that kiki checks."""

from __future__ import annotations

from dataclasses import dataclass

from kiki_tools.language import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A diagnostic's page: what it says, why that is bad, an example, and what to do."""

    code: str
    title: str
    severity: Severity
    why: str
    example: str
    fix: str
    rule: str = ""
    """The name that another tool gives the same rule: KiCad's."""


_SILENCING = {
    "SP": ("spice", "`* kiki: ignore {code}`"),
    "ST": ("c", "`/* kiki: ignore {code} */`"),
    "KC": ("lisp", '`(property "kiki" "ignore {code}")` in the item or the symbol that it is about'),
}


def page(rule: Rule) -> str:
    """The rule's page as Markdown."""
    fence, silence = _SILENCING[rule.code[:2]]
    parts = [f"# {rule.code}: {rule.title}", f"Severity: {rule.severity}"]
    if rule.rule:
        parts.append(f"KiCad calls it `{rule.rule}`; the project file can change its severity.")
    if rule.why:
        parts.append(rule.why)
    if rule.example:
        parts.append(f"## Example\n\n```{fence}\n{rule.example}\n```")
    parts.append(f"## What to do\n\n{rule.fix}")
    parts.append(f"Silence it in a file with {silence.format(code=rule.code)}.")
    return "\n\n".join(parts) + "\n"
