"""Grammars of drafts: whatever they let through is read, ends, and names nothing twice."""

import json
import random
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from kiki_core.events import Artefact
from kiki_core.planning import grammar
from kiki_core.verification import own

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d+)?\}|[A-Za-z][\w-]*|[()|?*+]')


Word = Callable[[], str]


def words(text: str, rng: random.Random) -> str:
    """A random word of a grammar."""
    rules = dict(line.split(" ::= ", 1) for line in text.splitlines())

    def choice(tokens: Iterator[str]) -> Word:
        options: list[list[Word]] = [[]]
        for token in tokens:
            if token == ")":
                break
            if token == "|":
                options.append([])
            elif token == "?" or token[0] == "{":
                counts = [0, 1] if token == "?" else [int(count) for count in re.findall(r"\d+", token)]
                options[-1].append(repeated(options[-1].pop(), counts[0], counts[-1]))
            else:
                assert token not in ("*", "+"), "an unbounded repetition"
                options[-1].append(choice(tokens) if token == "(" else part(token))
        return lambda: "".join([each() for each in rng.choice(options)])

    def repeated(word: Word, least: int, most: int) -> Word:
        return lambda: "".join([word() for _ in range(rng.randint(least, most))])

    def part(token: str) -> Word:
        if token[0] == '"':
            return lambda: str(json.loads(token))
        if token[0] == "[":
            return lambda: rng.choice(members(token))
        return lambda: rule(token)()

    @cache
    def rule(name: str) -> Word:
        return choice(iter(_TOKEN.findall(rules[name])))

    return choice(iter(_TOKEN.findall(rules["root"])))()


@cache
def members(token: str) -> str:
    """The characters of a class; of a negated one some that it doesn't name."""
    body = re.compile(token)
    return "".join(char for char in map(chr, range(32, 127)) if body.fullmatch(char))


def block(text: str) -> str:
    return text.split("\n", 1)[1].removesuffix("```")


@pytest.mark.parametrize("seed", range(8))
def test_a_netlist_has_each_device_once_its_models_and_an_end(seed: int) -> None:
    deck = block(words(grammar.deck(["vref", "not a node"]), random.Random(seed)))
    cards = [line.split()[0] for line in deck.splitlines() if line[0].isalpha()]
    assert len(cards) == len(set(cards)) <= grammar.MOST_CARDS
    assert deck.endswith(".end\n")
    both = [line.split() for line in deck.splitlines() if line[0] in "VIRCLD"]
    assert all(one != other for _, one, other, *_ in both)
    assert "not a node" not in deck
    wrong = [each.code for each in own.analysed(Artefact("x.cir", "spice", deck, None)) if each.severity == "error"]
    assert not {code for code in wrong if "model" in code or "syntax" in code or "duplicate" in code}, deck


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("kicad_sym", grammar.symbol("LM317")),
        ("kicad_mod", grammar.footprint()),
        ("kicad_sch", grammar.expressions("kicad_sch", 20250114, depth=2)),
    ],
)
def test_a_kicad_file_is_balanced(language: str, text: str, seed: int) -> None:
    made = block(words(text, random.Random(seed)))
    bare = re.sub(r'"[^"]*"', "", made)
    assert bare.count("(") == bare.count(")")
    if language != "kicad_sch":
        found = own.analysed(Artefact(f"x.{language}", language, made, None))
        assert not [each.message for each in found if each.severity == "error" and "pin" not in each.message][:3]


@pytest.mark.parametrize(
    ("domain", "question", "begins"),
    [
        ("spice", "RC low-pass at 1 kHz", "```spice"),
        ("spice", "What is a low-pass?", None),
        ("kicad-dsl", "symbol of an LDO with 5 pins", "```kicad_sym"),
        ("kicad-pcb", "Empreinte SOIC-8", "```kicad_mod"),
        ("kicad-dsl", "schematic of a divider", "```kicad_sch"),
        ("stm32", "USART2 at 115200 baud", None),
    ],
)
def test_what_is_asked_for_has_its_grammar(domain: str, question: str, begins: str | None) -> None:
    found = grammar.of_domains([domain], question)
    assert (found and found.splitlines()[0].split("\\n")[0]) == (begins and f'root ::= "{begins}')
