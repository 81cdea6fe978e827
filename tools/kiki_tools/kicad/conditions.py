"""The expressions in KiCad's custom design rules: what KiCad couldn't read, what never holds, and the names in them.

KiCad's language: `A.Type == 'Via' && (B.NetClass == 'HV*' || !A.isPlated())`. Strings stand in single quotes, numbers
have units, `||` binds stronger than `&&`, and comparisons can't be chained. Only blanks separate words. KiCad says
nothing of a fault when it loads rules: KiCad 9 never applies the rule, KiCad 10 drops the file if the expression
doesn't parse (`Fault.syntax`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from kiki_tools.kicad.condition_meaning import TEXTS, Is, Meaning, Value
from kiki_tools.kicad.condition_tokens import Fault, Severity, Token, not_a_unit, said, tokens, unreadable
from kiki_tools.kicad.dru_vocabulary import UNIT_KINDS, UNIT_SLIPS, UNITS

NameKind = Literal["object", "property", "function", "string", "number", "unit"]

__all__ = ["Condition", "Fault", "Name", "NameKind", "Severity", "parse"]

_DEEPEST = 97
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_BINDS = {",": 0, "&&": 1, "||": 2, **dict.fromkeys(_COMPARISONS, 3), "+": 5, "-": 5, "*": 6, "/": 6, ".": 7}
"""How strong operators bind; `!` comes between comparisons and sums."""
_NOT, _SIGN, _TIGHTEST = 4, 6, 8
_WORDS = {"and": "&&", "or": "||", "not": "!", "is": "==", "eq": "=="}


@dataclass(frozen=True, slots=True)
class Name:
    """A word of the expression; a string with its quotes, whose ``text`` is what it says."""

    start: int
    end: int
    kind: NameKind
    text: str
    about: str = ""
    """Of a string: the property that it is compared with, or the function that it is given to."""


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression as it was read."""

    text: str
    faults: tuple[Fault, ...]
    names: tuple[Name, ...]
    kind: Is = "unknown"
    """What it gives."""
    numbers: int = 0
    """How many numbers KiCad counts in it (a sign is one of them)."""
    without_unit: bool = False
    """Whether a number in it has no unit."""


class _Unreadable(Exception):
    """The expression doesn't parse; its fault is the first argument."""


def parse(text: str, *, layers: Collection[str] = (), kicad: int = 10, units: bool = True) -> Condition:
    """Reads an expression.

    Args:
        text: What stands between the double quotes, with its escapes resolved.
        layers: All names of layers of the board; names of layers aren't checked without them.
        kicad: The version of KiCad: what came later is a fault.
        units: Whether numbers may have units; they don't in counts.
    """
    known = UNITS if units else {}
    reader = _Reader(tuple(tokens(text, known)), Meaning(text, tuple(layers), kicad))
    kind: Is = "unknown"
    try:
        kind = reader.whole()
    except _Unreadable as refused:
        reader.meaning.faults = [refused.args[0]]
    faults = tuple(sorted(reader.meaning.faults, key=lambda fault: fault.start))
    return Condition(text, faults, tuple(reader.names()), kind, reader.numbers, reader.without_unit)


class _Reader:
    """Reads tokens from left to right; what a part is, is known when it has been read."""

    def __init__(self, tokens: tuple[Token, ...], meaning: Meaning) -> None:
        self.tokens = tokens
        self.meaning = meaning
        self.at = 0
        self.deep = 0
        self.numbers = 0
        self.without_unit = False

    @property
    def next(self) -> Token:
        """The token that is to be read."""
        return self.tokens[self.at]

    def whole(self) -> Is:
        """Reads it all; what it gives."""
        if self.next.kind == "end":
            return "boolean"
        value = self.operation(0)
        token = self.next
        if token.kind != "end":
            raise _Unreadable(self._leftover(token))
        self.meaning.must_be_true(value)
        return value.kind

    def names(self) -> Iterator[Name]:
        """The words of the expression, even where it can't be read."""
        before = Token("end", "", 0, 0)
        for token, after in zip(self.tokens, self.tokens[1:], strict=False):
            called = after.text == "(" and after.kind == "operator"
            if token.kind == "name":
                member = before.kind == "operator" and before.text == "."
                kind: NameKind = "function" if called else "property" if member else "object"
                yield Name(token.start, token.end, kind, token.text)
            elif token.kind in ("number", "unit"):
                yield Name(token.start, token.end, token.kind, token.text)
            elif token.kind == "string":
                yield Name(token.start, token.end, "string", said(token.text), self.meaning.about.get(token.start, ""))
            before = token

    def operation(self, least: int) -> Value:
        """An operand, and the operators behind it that bind at least as strong."""
        self.deep += 1
        if self.deep > _DEEPEST:
            raise _Unreadable(Fault(self.next.start, self.next.end, "this is nested too deep for KiCad", syntax=True))
        left = self.operand()
        while self.next.kind == "operator" and (binds := _BINDS.get(self.next.text, -1)) >= least:
            operator = self._taken()
            if binds == 3:
                right = self.operation(binds + 1)
                left = self.meaning.compared(operator, left, right)
                self._unchained()
            elif operator.text == ".":
                left = self.meaning.member(left, self.operation(_TIGHTEST))
            else:
                left = self.meaning.combined(operator, left, self.operation(binds + 1))
        self.deep -= 1
        return left

    def operand(self) -> Value:
        """What an operator can stand before or behind: a number, string, name or call, or something in parentheses."""
        token = self._taken()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "string":
            return self._string(token)
        if token.kind == "name":
            return self._name(token)
        if token.kind == "operator" and token.text == "(":
            return self._bracketed(token)
        if token.kind == "operator" and token.text == "!":
            value = self.operation(_NOT)
            self.meaning.must_be_true(value)
            return Value("boolean", token.start, value.end, shape="not")
        if token.kind == "operator" and token.text in "+-":
            value = self.operation(_SIGN)
            self.numbers += token.text == "-"
            self.meaning.must_be_number(value)
            kind: Is = "unknown" if value.kind in TEXTS else value.kind
            return Value(kind, token.start, value.end, constant=value.constant, amount=value.amount)
        raise _Unreadable(self._unexpected(token))

    def _taken(self) -> Token:
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def _number(self, token: Token) -> Value:
        self.numbers += 1
        amount = float(token.text.replace(",", "."))
        unit = self.next
        if unit.kind == "unit":
            self.at += 1
            if unit.text in ("fs", "ps") and self.meaning.kicad < 10:
                self.meaning.fault(unit.start, unit.end, f"only KiCad 10 knows the unit {unit.text}")
            return Value(UNIT_KINDS[unit.text], token.start, unit.end, constant=True, amount=amount)
        if unit.kind in ("name", "bad") and (unit.kind == "name" or unit.text in UNIT_SLIPS):
            raise _Unreadable(not_a_unit(unit))
        self.without_unit = True
        return Value("number", token.start, token.end, constant=True, amount=amount)

    def _string(self, token: Token) -> Value:
        if len(token.text) < 2 or not token.text.endswith("'") or token.text.endswith("\\'"):
            message = "this string has no ' at its end: KiCad takes all that follows into it"
            self.meaning.fault(token.start, token.end, message, "warning")
        return Value("string", token.start, token.end, said(token.text), constant=True, shape="string")

    def _name(self, token: Token) -> Value:
        if self.next.kind == "operator" and self.next.text == "(":
            bracket = self._taken()
            if self.next.kind == "operator" and self.next.text == ")":
                end = self._taken().end
                return Value("unknown", token.start, end, token.text, shape="call")
            arguments = self.operation(0)
            end = self._closed(bracket)
            listed = arguments.arguments if arguments.shape == "list" else (arguments,)
            return Value("unknown", token.start, end, token.text, shape="call", arguments=listed)
        return Value("unknown", token.start, token.end, token.text, shape="name")

    def _bracketed(self, bracket: Token) -> Value:
        value = self.operation(0)
        end = self._closed(bracket)
        if value.shape in ("or", "not"):
            value.shape = ""
        elif value.shape == "list":
            self.meaning.fault(bracket.start, end, "a comma stands only between the arguments of a function")
        if value.shape not in ("name", "call"):
            value.start, value.end = bracket.start, end
        return value

    def _closed(self, bracket: Token) -> int:
        token = self._taken()
        if token.kind == "operator" and token.text == ")":
            return token.end
        if token.kind == "end":
            raise _Unreadable(Fault(bracket.start, bracket.end, "this ( is closed nowhere", syntax=True))
        raise _Unreadable(self._leftover(token))

    def _unchained(self) -> None:
        if self.next.kind == "operator" and self.next.text in _COMPARISONS:
            token = self.next
            message = f"a comparison can't follow another: join them with &&, or set parentheses before {token.text}"
            raise _Unreadable(Fault(token.start, token.end, message, syntax=True))

    def _unexpected(self, token: Token) -> Fault:
        """A token where an operand should stand."""
        before = self.tokens[self.at - 2] if token.kind != "end" else self.tokens[max(self.at - 1, 0)]
        known = before.kind == "operator" and before is not token
        if token.kind == "bad":
            return unreadable(token, self.meaning.text)
        if token.kind == "unit":
            return Fault(token.start, token.end, f"{token.text} is a unit: a number stands before it", syntax=True)
        if token.kind == "operator" and known and before.text + token.text in ("<>", "><"):
            return Fault(before.start, token.end, "KiCad writes unequal as !=", syntax=True, near=("!=",))
        if token.kind == "end" or token.text in "),":
            if known and before.text == "(":
                return Fault(before.start, token.end, "nothing stands in these parentheses", syntax=True)
            if known:
                return Fault(before.start, before.end, f"something is missing behind {before.text}", syntax=True)
        if token.text == ".":
            return Fault(
                token.start, token.end, "an object stands before a dot, and digits before a decimal point", syntax=True
            )
        return Fault(token.start, token.end, f"something is missing before {token.text}", syntax=True)

    def _leftover(self, token: Token) -> Fault:
        """A token where an operator or the end should stand."""
        if token.kind == "bad":
            return unreadable(token, self.meaning.text)
        if token.kind == "operator" and token.text == ")":
            return Fault(token.start, token.end, "this ) closes nothing", syntax=True)
        if token.kind == "name" and token.text.lower() in _WORDS:
            wanted = _WORDS[token.text.lower()]
            return Fault(token.start, token.end, f"KiCad writes {token.text} as {wanted}", syntax=True, near=(wanted,))
        before = self.tokens[self.tokens.index(token) - 1]
        if before.kind == "name" and before.text.lower() == "not":
            return Fault(before.start, before.end, "KiCad writes not as !", syntax=True, near=("!",))
        return Fault(token.start, token.end, f"an operator is missing before {token.text}", syntax=True)
