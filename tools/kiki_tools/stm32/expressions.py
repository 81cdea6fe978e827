"""Constant expressions of C: what `(0x3UL << 10)` or `USART_CR1_UE | USART_CR1_TE` comes to."""

from __future__ import annotations

import re
from collections.abc import Callable

_TOKEN = re.compile(r"\s*(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlL]*(?![\w.])|([A-Za-z_]\w*)|(<<|>>|[-+*/%|&^~()]))")
_CAST = re.compile(r"\(\s*(?:const\s+|volatile\s+|__IO\s+)*(?:u?int(?:8|16|32|64)_t|unsigned|int|long|char|short)"
                   r"(?:\s+(?:int|long|char|short))*\s*\)")  # fmt: skip
_BINDS = {"|": 1, "^": 2, "&": 3, "<<": 4, ">>": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
_LONGEST = 600
_DEEPEST = 40
_WORD = 0xFFFF_FFFF_FFFF_FFFF


class _Unknown(ValueError):
    """No constant, or none that is understood."""


def evaluate(text: str, value_of: Callable[[str], int | None] = lambda _: None) -> int | None:
    """The value of a constant expression in 64 bits; ``value_of`` gives those of names. None if it has none."""
    if len(text) > _LONGEST:
        return None
    try:
        tokens = _tokens(_CAST.sub(" ", text), value_of)
        value, rest = _binary(tokens, 0, 0, 0)
        return value if rest == len(tokens) else None
    except _Unknown:
        return None


def _tokens(text: str, value_of: Callable[[str], int | None]) -> list[int | str]:
    found: list[int | str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Unknown
        number, name, operator = match.groups()
        if number is not None:
            octal = len(number) > 1 and number.isdigit() and number[0] == "0"
            try:
                found.append(int(number, 8 if octal else 0) & _WORD)
            except ValueError:
                raise _Unknown from None
        elif name is not None:
            value = value_of(name)
            if value is None:
                raise _Unknown
            found.append(value)
        else:
            found.append(operator)
        at = match.end()
    return found


def _binary(tokens: list[int | str], at: int, binds: int, depth: int) -> tuple[int, int]:
    left, at = _unary(tokens, at, depth)
    while at < len(tokens) and isinstance(tokens[at], str) and _BINDS.get(str(tokens[at]), 0) > binds:
        operator = str(tokens[at])
        right, at = _binary(tokens, at + 1, _BINDS[operator], depth + 1)
        left = _applied(operator, left, right) & _WORD
    return left, at


def _unary(tokens: list[int | str], at: int, depth: int) -> tuple[int, int]:
    if at >= len(tokens) or depth > _DEEPEST:
        raise _Unknown
    token = tokens[at]
    if isinstance(token, int):
        return token, at + 1
    if token == "(":
        value, at = _binary(tokens, at + 1, 0, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise _Unknown
        return value, at + 1
    if token in ("~", "-", "+"):
        value, at = _unary(tokens, at + 1, depth + 1)
        return {"~": ~value, "-": -value, "+": value}[token] & _WORD, at
    raise _Unknown


def _applied(operator: str, left: int, right: int) -> int:
    if operator in ("<<", ">>"):
        if right > 63:
            raise _Unknown
        return left << right if operator == "<<" else left >> right
    if operator in ("/", "%"):
        if right == 0:
            raise _Unknown
        return left // right if operator == "/" else left % right
    return {"|": left | right, "^": left ^ right, "&": left & right, "+": left + right, "-": left - right}.get(
        operator, left * right
    )
