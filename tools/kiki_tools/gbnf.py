"""Pieces of GBNF, the grammar notation of llama.cpp: https://github.com/ggml-org/llama.cpp/blob/master/grammars."""

from __future__ import annotations

import json
from collections.abc import Iterable


def literal(text: str) -> str:
    """Exactly this text."""
    return json.dumps(text, ensure_ascii=False)


def choice(options: Iterable[str]) -> str:
    """One of some expressions, in parentheses; of none of them, what nothing matches can't be written: give one."""
    return "(" + " | ".join(dict.fromkeys(options)) + ")"


def grammar(root: str, rules: dict[str, str]) -> str:
    """A whole grammar; rules that nothing refers to are harmless."""
    return "\n".join([f"root ::= {root}", *(f"{name} ::= {body}" for name, body in rules.items())])
