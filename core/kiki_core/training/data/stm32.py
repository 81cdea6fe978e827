"""Pairs for stm32: register code that compiles without a warning and touches what the question names.

One in six shows broken code with the compiler's words.
"""

from __future__ import annotations

from random import Random
from typing import Any

from kiki_core.training.data import wording
from kiki_core.training.data.firmware import KINDS
from kiki_core.training.data.firmware.program import PARTS, part
from kiki_core.training.data.mending import broken_by
from kiki_core.training.data.model import Draft, slots
from kiki_core.training.data.phrases import phrases
from kiki_core.training.data.registers import steps_to_json

VERSION = 1
"""Changes when the same seed gives other pairs."""
_REPAIRS = 1 / 6


def draft(random: Random, place: int) -> Draft | None:
    """The proposal of a place: kinds take turns, all else is drawn. None where the part can't do it."""
    kind = tuple(KINDS)[place % len(KINDS)]
    language = wording.language(random)
    of = part(random.choice(PARTS))
    program = KINDS[kind](random, of)
    if program is None:
        return None
    phrase = random.choice(phrases("firmware")[kind][language])
    told = {name: str(program.words[name]) for name in slots(phrase)}
    named = of.name[:9] if random.random() < 0.5 else of.name
    header = f"stm32{of.device.family}xx.h"
    answer = fenced(f'#include "{header}"\n\n{program.code}')
    check: dict[str, Any] = {"kind": "firmware", "part": of.name, "needs": list(program.needs)}
    if program.steps:
        check["steps"] = steps_to_json(program.steps)
    group = f"{kind}/{program.topic}"
    if random.random() >= _REPAIRS:
        question = wording.asked(random, phrase.format(**told), language, "firmware").replace("{part}", named)
        return Draft(kind, group, language, question, answer, check)
    wrong = _broken(random, answer)
    if wrong is None:
        return None
    question = random.choice(phrases("frames")["firmware-mending"][language])
    question = question.replace("{code}", wrong).replace("{part}", named)
    return Draft(f"mend-{kind}", group, language, question, answer, check, wrong)


def fenced(code: str) -> str:
    """C in its block."""
    return f"```c\n{code}```"


def _broken(random: Random, answer: str) -> str | None:
    """The code with one fault that the compiler tells."""
    faults = (
        (r";\n", "\n"), (r"->(\w+)R\b", r"->\1REG"), (r'#include "[^"]+"\n\n', ""), (r"_IRQn\b", "_IRQ"),
        (r"EN;", "_EN;"), (r"\}\n```$", "```"), (r"\n    \S", r"\n    int unused;\g<0>"), (r"\buint32_t\b", "u32"),
        (r"\(void\)\n", "(void);\n"), (r"return ", "retrun "), (r"GPIO([A-E])->", r"GPIO_\1->"), (r"1U <<", "1U <"),
    )  # fmt: skip
    return broken_by(random, answer, faults)
