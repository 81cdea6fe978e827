"""The value of a parameter's expression, as ngspice's numparam computes it (ngspice manual, 2.9.5)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from kiki_tools.spice.values import parse_number

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[a-zµ]*)|(?P<name>[a-z_][\w.]*)"
    r"|(?P<op>\*\*|&&|\|\||[<>=!]=|[-+*/%^()<>!?:,]))",
    re.IGNORECASE,
)
_DEEPEST = 60
_LONGEST = 10_000
_CONSTANTS = {"pi": math.pi, "e": math.e, "true": 1.0, "false": 0.0, "temper": 27.0, "temp": 27.0}
_FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "sqrt": (1, math.sqrt), "abs": (1, abs), "exp": (1, math.exp), "ln": (1, math.log), "log": (1, math.log),
    "log10": (1, math.log10), "sin": (1, math.sin), "cos": (1, math.cos), "tan": (1, math.tan),
    "asin": (1, math.asin), "acos": (1, math.acos), "atan": (1, math.atan), "arctan": (1, math.atan),
    "sinh": (1, math.sinh), "cosh": (1, math.cosh), "tanh": (1, math.tanh), "sqr": (1, lambda x: x * x),
    "int": (1, lambda x: float(math.trunc(x))), "floor": (1, lambda x: float(math.floor(x))),
    "ceil": (1, lambda x: float(math.ceil(x))), "nint": (1, lambda x: float(round(x))),
    "sgn": (1, lambda x: float((x > 0) - (x < 0))), "min": (2, min), "max": (2, max),
    "pow": (2, lambda x, y: float(x**y)), "pwr": (2, lambda x, y: math.copysign(abs(x) ** y, x)),
    "ternary_fcn": (3, lambda c, x, y: x if c else y),
}  # fmt: skip
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("+", "-"),
    ("*", "/", "%"),
)


class NoValue(ValueError):
    """The expression has no value that can be told without a simulation."""


def evaluate(expression: str, names: Callable[[str], float | None]) -> float:
    """The value of an expression, with or without its braces or quotes. ``names`` gives a parameter's value.

    Raises:
        NoValue: for a name without a value, a function that kiki doesn't know, or no expression at all.
    """
    text = expression.strip()
    if text[:1] in "{'\"":
        text = text[1:].rstrip("}'\"")
    if len(text) > _LONGEST:
        raise NoValue("too long")
    reader = _Reader(text, names)
    try:
        value = reader.choice(0)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise NoValue(str(error)) from error
    if reader.at != len(reader.tokens) or isinstance(value, complex) or not math.isfinite(value):
        raise NoValue("not an expression with a finite value")
    return value


def values(expressions: Mapping[str, str]) -> dict[str, float]:
    """The values of parameters that may use each other, as far as they have any."""
    known: dict[str, float] = {}
    busy: set[str] = set()

    def value_of(name: str) -> float | None:
        if name in known:
            return known[name]
        if name in busy or name not in expressions or len(busy) > _DEEPEST:
            return None
        busy.add(name)
        try:
            known[name] = evaluate(expressions[name], value_of)
        except NoValue:
            return None
        finally:
            busy.discard(name)
        return known[name]

    for name in expressions:
        value_of(name)
    return known


class _Reader:
    """Precedence climbing over the tokens."""

    def __init__(self, text: str, names: Callable[[str], float | None]) -> None:
        self.names = names
        self.tokens: list[tuple[str, str]] = []
        self.at = 0
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise NoValue(f"odd character {text[position]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, wanted: str) -> None:
        if self.peek() != wanted:
            raise NoValue(f"{wanted} is missing")
        self.at += 1

    def choice(self, depth: int) -> float:
        if depth > _DEEPEST:
            raise NoValue("too deep")
        condition = self.binary(0, depth)
        if self.peek() != "?":
            return condition
        self.take("?")
        yes = self.choice(depth + 1)
        self.take(":")
        no = self.choice(depth + 1)
        return yes if condition else no

    def binary(self, level: int, depth: int) -> float:
        if level == len(_LEVELS):
            return self.power(depth)
        left = self.binary(level + 1, depth)
        while (op := self.peek()) in _LEVELS[level]:
            self.at += 1
            left = _apply(op, left, self.binary(level + 1, depth))
        return left

    def power(self, depth: int) -> float:
        if self.peek() in ("-", "+", "!"):
            sign = self.peek()
            self.at += 1
            if depth > _DEEPEST:
                raise NoValue("too deep")
            value = self.power(depth + 1)
            return {"-": -value, "+": value, "!": float(not value)}[sign]
        base = self.atom(depth)
        if self.peek() in ("**", "^"):
            self.at += 1
            return float(base ** self.power(depth + 1))
        return base

    def atom(self, depth: int) -> float:
        if self.at >= len(self.tokens):
            raise NoValue("it ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            number = parse_number(text)
            if number is None:
                raise NoValue(f"{text} is no number")
            return number
        if kind == "name":
            return self.call(text.lower(), depth) if self.peek() == "(" else self.value(text.lower())
        if text != "(":
            raise NoValue(f"{text} stands where a value should")
        value = self.choice(depth + 1)
        self.take(")")
        return value

    def value(self, name: str) -> float:
        found = self.names(name)
        found = _CONSTANTS.get(name) if found is None else found
        if found is None:
            raise NoValue(f"{name} has no value here")
        return found

    def call(self, name: str, depth: int) -> float:
        self.take("(")
        arguments = [self.choice(depth + 1)]
        while self.peek() == ",":
            self.at += 1
            arguments.append(self.choice(depth + 1))
        self.take(")")
        count, function = _FUNCTIONS.get(name, (-1, abs))
        if count != len(arguments):
            raise NoValue(f"{name} is no function of {len(arguments)} arguments")
        return float(function(*arguments))


def _apply(op: str, left: float, right: float) -> float:
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "%":
            return math.fmod(left, right)
        case "<":
            return float(left < right)
        case ">":
            return float(left > right)
        case "<=":
            return float(left <= right)
        case ">=":
            return float(left >= right)
        case "==":
            return float(left == right)
        case "!=":
            return float(left != right)
        case "&&":
            return float(bool(left) and bool(right))
    return float(bool(left) or bool(right))
