"""Pairs for kicad-dsl: symbols, footprints, boards and design rules that KiCad loads, and that do what was asked for.

One in seven shows a broken file with the words of the check.
"""

from __future__ import annotations

from random import Random

from kiki_core.training.data import wording
from kiki_core.training.data.kicad_files import KINDS
from kiki_core.training.data.mending import broken_by
from kiki_core.training.data.model import Draft
from kiki_core.training.data.phrases import phrases

VERSION = 1
"""Changes when the same seed gives other pairs."""
_REPAIRS = 1 / 7


def draft(random: Random, place: int) -> Draft | None:
    """The proposal of a place: kinds take turns, all else is drawn. None where nothing can be broken."""
    kind = tuple(KINDS)[place % len(KINDS)]
    language = wording.language(random)
    made = KINDS[kind](random)
    phrase = random.choice(phrases("kicad")[kind][language]).format(**made.words)
    check = {"kind": "kicad-file", **made.check}
    answer, group = fenced(made.text), f"{kind}/{made.topic}"
    if random.random() >= _REPAIRS:
        return Draft(kind, group, language, wording.asked(random, phrase, language, "kicad"), answer, check)
    wrong = _broken(random, answer)
    if wrong is None:
        return None
    question = random.choice(phrases("frames")["kicad-mending"][language])
    question = question.replace("{x}", phrase).replace("{code}", wrong)
    return Draft(f"mend-{kind}", group, language, question, answer, check, wrong)


def fenced(text: str) -> str:
    """A file in its block."""
    return f"```kicad\n{text}```"


def _broken(random: Random, answer: str) -> str | None:
    """The file with one fault."""
    faults = (
        (r"\)\n```$", "\n```"),
        (r"\)\)\n", ")\n"),
        (r"\(at ", "(pos "),
        (r"power_in", "power"),
        (r"bidirectional", "inout"),
        (r"smd rect", "smd rectangle"),
        (r"thru_hole", "through_hole"),
        (r"F\.Cu", "Top"),
        (r"Edge\.Cuts", "Edge"),
        (r"A\.NetClass", "A.Class"),
        (r" == ", " = "),
        (r"(\d)mm", r"\1"),
        (r"\(min ", "(minimum "),
        (r"&&", "and"),
        (r"\(constraint (\w)\w+", r"(constraint \1"),
        (r'\(number "1"\)', '(number "9")'),
        (r"\(size ([\d.]+)", r"(size 2\1"),
        (r"\(version \d+\)", ""),
        (r"\(end (\d+)", r"(end 1\1"),
        (r'"\*\.Cu"', '"*.cu"'),
    )
    return broken_by(random, answer, faults)
