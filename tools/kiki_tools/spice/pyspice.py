"""Circuits that PySpice scripts build: a script runs in the sandbox, in a process of its own, and leaves a deck.

PySpice is no part of kiki (GPL-3): it is looked for where kiki's interpreter would find it, and never imported here.
"""

from __future__ import annotations

import re

from kiki_tools import scripting
from kiki_tools.process import Limits
from kiki_tools.spice.cards import Card, Deck, comment_start
from kiki_tools.spice.roles import nodes_of
from kiki_tools.spice.values import parse_number
from kiki_tools.text import Snapshot

_DECK = "deck.cir"
_HARNESS = '''
import sys
sys.path.insert(0, sys.argv[1])
from PySpice.Spice import Simulation
from PySpice.Spice.Netlist import Circuit

class Built(BaseException):
    """The script asked for an analysis: the circuit is built."""

class Recorder(Simulation.CircuitSimulator):
    SIMULATOR = "ngspice"

    def _run(self, analysis, *args, **kwargs):
        super()._run(analysis, *args, **kwargs)
        raise Built(str(self))

def factory(cls, circuit, *args, simulator=None, **kwargs):
    return Recorder(circuit, *args, **kwargs)

Simulation.CircuitSimulator.factory = classmethod(factory)
scope = {"__name__": "__main__", "__file__": "script.py"}
deck = None
try:
    with open("/w/script.py", encoding="utf-8") as file:
        exec(compile(file.read(), "script.py", "exec"), scope)
except Built as built:
    deck = str(built)
except SystemExit:
    pass
if deck is None:
    circuits = [value for value in scope.values() if isinstance(value, Circuit)]
    if not circuits:
        sys.exit("the script builds no circuit")
    deck = str(circuits[-1]) + "\\n.op\\n.end\\n"
with open("/out/deck.cir", "w", encoding="utf-8") as file:
    file.write(deck)
'''


class PySpiceMissing(RuntimeError):
    """PySpice, or an interpreter that the sandbox can reach, is not there."""


class NoCircuit(ValueError):
    """The script built none; the message is its last word."""


def is_script(snapshot: Snapshot) -> bool:
    """Whether the file is a PySpice script."""
    return snapshot.path.endswith(".py") and "PySpice" in snapshot.text


async def build(script: Snapshot, limits: Limits | None = None) -> Snapshot:
    """The deck that the script builds up to its first analysis; its operating point if it asks for none.

    Raises:
        PySpiceMissing: if there is no PySpice, no fitting interpreter, or no sandbox to run the script in.
        NoCircuit: if the script fails or builds none.
    """
    environment = {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg", "MPLCONFIGDIR": "/tmp"}
    try:
        outcome = await scripting.run(script, "PySpice", _HARNESS, [_DECK], limits, environment)
    except scripting.CannotRun as error:
        raise PySpiceMissing(str(error)) from error
    deck = outcome.outputs.get(_DECK)
    if outcome.stopped or deck is None:
        raise NoCircuit(scripting.last_word(outcome, "the script ended without a circuit"))
    return Snapshot(deck.decode("utf-8", "replace"), script.path)


_MAKERS = frozenset("rclvi")


def to_script(deck: Deck) -> str:
    """The deck as a PySpice script: simple parts and calls as objects, all else as the text that it is."""
    title = deck.title.name.text.lstrip("* ") if deck.title is not None else ""
    lines = ["from PySpice.Spice.Netlist import Circuit", "", f"circuit = Circuit({title!r})"]
    raw: list[str] = []
    analysis = ""
    for card in deck.cards:
        written = re.split(r"\r\n|\n|\r", deck.snapshot.slice(card.span))
        kept = [line[: comment_start(line)].lstrip(" \t+") for line in written if line.lstrip()[:1] != "*"]
        text = " ".join(" ".join(kept).split())
        made = _made(card, text) if card.kind == "device" and not card.scope else None
        found = _analysis(card)
        if made is not None:
            lines.append(made)
        elif found is not None and not analysis:
            analysis = found
        elif card.kind != "title" and card.name.low != ".end":
            raw.append(text)
    lines += [f"circuit.raw_spice += {line!r}" for line in (f"{each}\n" for each in raw)]
    lines += ["", "simulator = circuit.simulator()", f"analysis = simulator.{analysis or 'operating_point()'}"]
    return "\n".join(lines) + "\n"


def _made(card: Card, text: str) -> str | None:
    """The call that makes a part; null for what is better left as text."""
    words = card.positional()
    nodes = nodes_of(card.letter, words)
    if card.letter == "x" and words and not any(word.text == "=" for word in card.words):
        arguments = [words[-1].text, *(node.text for node in nodes)]
    elif card.letter in _MAKERS and len(words) >= 3 and len(nodes) == 2:
        # The value as it is written: a number, an expression, a source's whole text.
        arguments = [nodes[0].text, nodes[1].text, text.split(" ", 3)[3]]
    else:
        return None
    listed = ", ".join(repr(argument) for argument in (card.name.text[1:], *arguments))
    return f"circuit.{card.letter.upper()}({listed})"


def _analysis(card: Card) -> str | None:
    """The call that runs an analysis; null if the card is none, or not one of plain numbers."""
    words = [word.text for word in card.arguments]
    numbers = [parse_number(word) for word in words]
    match card.name.low, len(words):
        case ".op", _:
            return "operating_point()"
        case ".tran", 2 if None not in numbers:
            return f"transient(step_time={numbers[0]!r}, end_time={numbers[1]!r})"
        case ".ac", 4 if None not in numbers[1:]:
            return (
                f"ac(variation={words[0].lower()!r}, number_of_points={int(numbers[1] or 0)}, "
                f"start_frequency={numbers[2]!r}, stop_frequency={numbers[3]!r})"
            )
    return None
