"""A deck with its `.param` formulas worked out, and its parts taken from the E series, as one buys them."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiki_core.training.data.numbers import E12, E24, nearest, spice
from kiki_tools.spice.values import parse_number

_BRACES = re.compile(r"\{([^{}]+)\}")
_BINDING = re.compile(r"(\w+)=(\{[^{}]*\}|\S+)")
_NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)(meg|[fpnumkg])\b", re.IGNORECASE)
_FUNCTIONS: Mapping[str, Callable[[float], float]] = {"sqrt": math.sqrt, "exp": math.exp, "ln": math.log}
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_SERIES = {"R": ("E24", E24), "C": ("E12", E12), "L": ("E12", E12)}
_UNITS = {"R": "ohm", "C": "F", "L": "H"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part whose value was worked out: the formula, what it gives (SI), and what is taken."""

    name: str
    formula: str
    exact: float
    taken: float


class NotWorkedOut(ValueError):
    """An expression that isn't plain arithmetic."""


def value(expression: str, known: Mapping[str, float]) -> float:
    """An expression of `.param`, whose names don't tell capitals from small letters. Raises NotWorkedOut."""
    plain = _NUMBER.sub(lambda found: repr(parse_number(found.group()) or 0.0), expression)
    try:
        return _evaluated(ast.parse(plain, mode="eval").body, known)
    except (SyntaxError, ZeroDivisionError, OverflowError, ValueError) as error:
        raise NotWorkedOut(f"{expression}: {error}") from error


def _evaluated(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name.lower() in known:
            return known[name.lower()]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand, known)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_evaluated(left, known), _evaluated(right, known))
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_evaluated(argument, known))
    raise NotWorkedOut(ast.dump(node))


def worked_out(body: str) -> tuple[str, list[Part]]:
    """The deck's lines with numbers in place of expressions, and the parts that were worked out.

    Raises:
        NotWorkedOut: if an expression is more than arithmetic.
    """
    known: dict[str, float] = {}
    formulas: dict[str, str] = {}
    lines: list[str] = []
    parts: list[Part] = []
    for line in body.splitlines():
        if line.startswith(".param"):
            for name, written in _BINDING.findall(line):
                inner = written.strip("{}")
                known[name.lower()] = value(inner, known)
                formulas[name.lower()] = inner if written.startswith("{") else ""
            continue
        words = line.split(" ")
        if words[0][0] in _SERIES and len(words) >= 4 and words[3].startswith("{"):
            formula = words[3].strip("{}")
            exact = value(formula, known)
            if exact <= 0:
                raise NotWorkedOut(f"{words[0]} is {exact:g}")
            taken = nearest(exact, _SERIES[words[0][0]][1])
            shown = formulas.get(formula.lower(), formula)
            if shown:
                parts.append(Part(words[0], shown, exact, taken))
            words[3] = spice(taken)
            line = " ".join(words)
        lines.append(_BRACES.sub(lambda found: spice(value(found[1], known), 5), line))
    return "\n".join(lines), parts


def told(part: Part) -> str:
    """A part's working in one line: `R1 = 1/(2*pi*f*C) = 7.958k ohm, nearest E24: 8.2k`."""
    letter = part.name[0]
    formula = part.formula.replace("6.2832", "2*pi")
    exact = f" = {spice(part.exact)}" if not re.fullmatch(r"[\d.]+\w*", formula) else ""
    return f"{part.name} = {formula}{exact} {_UNITS[letter]}, nearest {_SERIES[letter][0]}: {spice(part.taken)}"
