"""What the parts of an expression of KiCad's design rules are, and which of them KiCad can't know or compare."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Literal

from kiki_tools.kicad.condition_tokens import Fault, Severity, Token
from kiki_tools.kicad.dru_vocabulary import FUNCTIONS, OBJECTS, PROPERTIES, RENAMED, UNREADABLE, Function, Property

Is = Literal["length", "angle", "time", "number", "boolean", "string", "choice", "layer", "object", "null", "unknown"]

TEXTS = ("string", "choice", "layer")
_TINY = 1000
"""Lengths in nm below which a unit was forgotten."""


@dataclass(slots=True)
class Value:
    """What a part of the expression is, from ``start`` to ``end``."""

    kind: Is
    start: int
    end: int
    text: str = ""
    """What a string says; the name of a bare word."""
    property: Property | None = None
    constant: bool = False
    amount: float | None = None
    """The number, of one that isn't calculated."""
    shape: Literal["", "name", "string", "not", "or", "list", "call"] = ""
    arguments: tuple[Value, ...] = ()


class Meaning:
    """Tells what parts of one expression are, and collects the faults in that."""

    def __init__(self, text: str, layers: tuple[str, ...], kicad: int) -> None:
        self.text = text
        self.layers = layers
        self.kicad = kicad
        self.faults: list[Fault] = []
        self.about: dict[int, str] = {}
        """Of strings, by where they begin: what they are compared with or given to."""

    def settled(self, value: Value) -> Value:
        """The value of a bare name or call, which is known now not to stand before or behind a dot."""
        if value.shape == "call":
            self._bare_call(value)
        elif value.shape == "name":
            self._bare_name(value)
        else:
            return value
        value.shape = ""
        return value

    def _bare_name(self, value: Value) -> None:
        if value.text.lower() == "null":
            value.kind = "null"
        elif value.text in OBJECTS:
            value.kind = "layer" if value.text == "L" else "object"
        elif value.text.lower() in ("true", "false"):
            number = "1" if value.text.lower() == "true" else "0"
            self.fault(value.start, value.end, f"KiCad knows no {value.text}: write {number}", near=(number,))
        elif value.text.lower() in PROPERTIES:
            wanted = f"A.{PROPERTIES[value.text.lower()].name}"
            self.fault(value.start, value.end, f"whose {value.text}? write {wanted}", near=(wanted,))
        elif value.text.upper() in OBJECTS:
            self._unknown_object(value)
        else:
            quoted = f"'{value.text}'"
            message = f"KiCad knows no {value.text}: a string stands in single quotes, {quoted}"
            self.fault(value.start, value.end, message, near=(quoted,))

    def _bare_call(self, value: Value) -> None:
        function = FUNCTIONS.get(value.text.lower())
        if function is None:
            self._unknown_function(value)
            return
        subject = "AB" if function.name == "isCoupledDiffPair" else "A"
        wanted = f"{subject}.{function.name}"
        message = f"{function.name} is asked of an object: {wanted}(…)"
        self.fault(value.start, value.start + len(value.text), message, near=(wanted,))

    def _unknown_object(self, value: Value) -> None:
        near = tuple(name for name in OBJECTS if name == value.text.upper())
        meant = f"; did you mean {near[0]}?" if near else ": there are A, B, AB and L"
        self.fault(value.start, value.end, f"KiCad knows no object {value.text}{meant}", near=near)

    def _unknown_function(self, value: Value) -> None:
        near = _near(value.text, (each.name for each in FUNCTIONS.values()))
        meant = f"; did you mean {near[0]}?" if near else ""
        self.fault(value.start, value.start + len(value.text), f"unknown function {value.text}{meant}", near=near)

    def member(self, owner: Value, member: Value) -> Value:
        """What stands on both sides of a dot."""
        start, end = owner.start, member.end
        if owner.shape != "name":
            said = "what stands before this dot is no object: there are A, B, AB and L"
            self.fault(owner.start, owner.end, said)
        elif owner.text not in OBJECTS:
            self._unknown_object(owner)
        if member.shape == "call":
            return self._call(owner, member, start, end)
        if member.shape != "name":
            self.fault(member.start, member.end, "behind a dot stands the name of a property or function")
            return Value("unknown", start, end)
        property_ = self._property(owner, member)
        kind: Is = property_.kind if property_ is not None else "unknown"
        return Value(kind, start, end, property=property_)

    def _property(self, owner: Value, member: Value) -> Property | None:
        low = member.text.lower()
        found = PROPERTIES.get(low)
        if found is None:
            self._unknown_property(member)
            return None
        if found.since > self.kicad:
            self.fault(member.start, member.end, f"{found.name} came with KiCad {found.since}")
        if owner.text in ("AB", "L") and low in ("type", "netclass", "netname", "componentclass"):
            self.fault(member.start, member.end, f"{owner.text} has no {found.name}: ask A or B")
            return None
        return found

    def _unknown_property(self, member: Value) -> None:
        low = member.text.lower()
        if low in FUNCTIONS:
            wanted = f"{FUNCTIONS[low].name}({', '.join(chr(39) + a + chr(39) for a in FUNCTIONS[low].arguments)})"
            message = f"{FUNCTIONS[low].name} is a function: write {wanted}"
            self.fault(member.start, member.end, message, near=(wanted,))
        elif low in UNREADABLE:
            self.fault(member.start, member.end, f"KiCad's conditions can't read {UNREADABLE[low]}")
        else:
            near = (RENAMED[low],) if low in RENAMED else _near(member.text, (p.name for p in PROPERTIES.values()))
            meant = f"; did you mean {near[0]}?" if near else ""
            self.fault(member.start, member.end, f"unknown property {member.text}{meant}", near=near)

    def _call(self, owner: Value, call: Value, start: int, end: int) -> Value:
        function = FUNCTIONS.get(call.text.lower())
        arguments = [self.settled(each) for each in call.arguments]
        for each in arguments:
            if each.shape == "string":
                self.about[each.start] = function.name if function is not None else call.text
        if function is None:
            self._unknown_call(call)
            return Value("unknown", start, end)
        if function.since > self.kicad:
            message = f"{function.name} came with KiCad {function.since}"
            self.fault(call.start, call.start + len(call.text), message)
        self._check_arguments(function, call, arguments)
        return Value(function.result, start, end)

    def _unknown_call(self, call: Value) -> None:
        if call.text.lower() in PROPERTIES:
            name = PROPERTIES[call.text.lower()].name
            self.fault(call.start, call.end, f"{name} is a property: it takes no parentheses", near=(name,))
        else:
            self._unknown_function(call)

    def _check_arguments(self, function: Function, call: Value, arguments: list[Value]) -> None:
        wanted, given = len(function.arguments), len(arguments)
        if wanted != given:
            takes = ", ".join(function.arguments) if wanted else "nothing"
            message = f"{function.name} takes {takes}; {given or 'nothing'} given"
            self.fault(call.start, call.end, message)
            return
        for name, value in zip(function.arguments, arguments, strict=True):
            if value.shape == "string" and not value.text and function.name != "getField":
                self.fault(value.start, value.end, f"{function.name} needs the {name}; this one is empty")
            elif value.shape == "string" and function.name == "existsOnLayer":
                self._check_layer(value)
            elif value.kind in ("number", "length", "angle", "time", "object"):
                message = f"{function.name} takes the {name} as a string in single quotes"
                self.fault(value.start, value.end, message, "warning")

    def combined(self, operator: Token, left: Value, right: Value) -> Value:
        """Both sides of an operator that is no comparison."""
        left, right = self.settled(left), self.settled(right)
        start, end = left.start, right.end
        if operator.text == ",":
            listed = (*(left.arguments if left.shape == "list" else (left,)), right)
            return Value("unknown", start, end, shape="list", arguments=listed)
        if operator.text in ("&&", "||"):
            self.must_be_true(left)
            self.must_be_true(right)
            if operator.text == "||":
                return Value("boolean", start, end, shape="or")
            for side in (left, right):
                self._misread(side)
            return Value("boolean", start, end)
        self.must_be_number(left)
        self.must_be_number(right)
        kind = _dimension(operator.text, left.kind, right.kind)
        return Value(kind, start, end, constant=left.constant and right.constant)

    def compared(self, operator: Token, left: Value, right: Value) -> Value:
        """Both sides of a comparison."""
        left, right = self.settled(left), self.settled(right)
        result = Value("boolean", left.start, right.end)
        for side in (left, right):
            if side.kind == "object":
                message = f"{self.text[side.start : side.end]} is a whole object: compare one of its properties"
                self.fault(side.start, side.end, message, "warning")
                return result
        kinds = (left.kind, right.kind)
        if "unknown" in kinds or "null" in kinds:
            return result
        if (left.kind in TEXTS) != (right.kind in TEXTS):
            self._mixed(operator, left, right)
        elif left.kind in TEXTS:
            self._texts(operator, left, right)
        else:
            self._magnitudes(left, right)
        return result

    def _mixed(self, operator: Token, left: Value, right: Value) -> None:
        words, number = (left, right) if left.kind in TEXTS else (right, left)
        marked = words if words.constant and not number.constant and number.shape != "not" else number
        ends = "always differs from" if operator.text == "!=" else "never compares with"
        if number.shape == "not":
            self.faults = [each for each in self.faults if each.start <= number.start or each.end > number.end]
            message = (
                f"! takes only {self.text[number.start + 1 : number.end].strip()}: write !(…) around the comparison"
            )
        elif number.property is not None and number.property.name == "Net":
            owner = self.text[number.start : number.end].partition(".")[0]
            message = f"Net is the number of a net: its name is {owner}.NetName"
        elif marked is words:
            message = f"{self.text[number.start : number.end]} is a number: it {ends} a string"
        else:
            message = f"{self.text[words.start : words.end]} is a string: it {ends} a number"
        self.fault(marked.start, marked.end, message, "warning")

    def _texts(self, operator: Token, left: Value, right: Value) -> None:
        if operator.text not in ("==", "!="):
            self.fault(operator.start, operator.end, "KiCad knows no order of strings", "warning")
            return
        for value, other in ((left, right), (right, left)):
            if other.shape != "string":
                continue
            name = value.property.name if value.property is not None else "L" if value.kind == "layer" else ""
            self.about[other.start] = name
            if other is left and set("*?") & set(other.text) and value.shape != "string":
                message = "* and ? match anything only in the string on the right"
                self.fault(other.start, other.end, message, "warning")
            elif value.kind == "layer":
                self._check_layer(other)
            elif value.property is not None and value.property.values and (other.text or operator.text == "=="):
                self._check_choice(value.property, other)

    def _check_choice(self, property_: Property, value: Value) -> None:
        text = value.text.lower()
        suffixed = text.removesuffix("+no_connect") if property_.name == "Pin_Type" else text
        if not any(_matches(suffixed, each.lower()) for each in property_.values):
            near = _near(value.text, property_.values)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            message = f"{property_.name} is never '{value.text}'{meant}"
            self.fault(value.start, value.end, message, "warning", tuple(f"'{each}'" for each in near))

    def _check_layer(self, value: Value) -> None:
        if self.layers and not any(_matches(value.text, each) for each in self.layers):
            near = _near(value.text, self.layers)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            message = f"the board has no layer '{value.text}'{meant}"
            self.fault(value.start, value.end, message, "warning", tuple(f"'{each}'" for each in near))

    def _magnitudes(self, left: Value, right: Value) -> None:
        for value, other in ((left, right), (right, left)):
            if other.kind in ("number", "boolean") and value.kind in ("length", "time"):
                if other.constant and (other.amount is None or 0 < other.amount < _TINY):
                    self._lacks_unit(value, other)
                return
            if other.kind == "length" and value.kind in ("angle", "time"):
                message = f"a length is compared with {'an angle' if value.kind == 'angle' else 'a time'}"
                self.fault(left.start, right.end, message, "warning")
                return

    def _lacks_unit(self, value: Value, other: Value) -> None:
        written = self.text[other.start : other.end]
        if value.kind == "length":
            meant = (f"{written}mm",) if other.amount is not None else ()
            message = f"{written} without a unit is in nm" + (f": write {meant[0]}" if meant else "")
            self.fault(other.start, other.end, message, "warning", meant)
        else:
            self.fault(
                other.start, other.end, f"{written} lacks a unit: write {written}ps", "warning", (f"{written}ps",)
            )

    def must_be_true(self, value: Value) -> None:
        """Checks what stands for true or false."""
        self.settled(value)
        written = self.text[value.start : value.end]
        if value.kind == "object":
            self.fault(value.start, value.end, f"{written} is a whole object, which is never true", "warning")
        elif value.kind in TEXTS:
            self.fault(value.start, value.end, f"{written} is a string, which is never true: compare it", "warning")
        elif value.shape == "list":
            self.fault(value.start, value.end, "a comma stands only between the arguments of a function")

    def must_be_number(self, value: Value) -> None:
        """Checks what is calculated with."""
        self.settled(value)
        if value.kind in (*TEXTS, "object"):
            written = self.text[value.start : value.end]
            self.fault(value.start, value.end, f"{written} is no number: KiCad can't calculate with it", "warning")

    def _misread(self, value: Value) -> None:
        if value.shape == "or":
            written = self.text[value.start : value.end]
            message = "|| binds stronger than && in KiCad: set parentheses to show what is meant"
            self.fault(value.start, value.end, message, "information", (f"({written})",))

    def fault(
        self, start: int, end: int, message: str, severity: Severity = "error", near: tuple[str, ...] = ()
    ) -> None:
        """Notes a fault at characters ``start`` to ``end``."""
        self.faults.append(Fault(start, end, message, severity, near=near))


def _matches(pattern: str, text: str) -> bool:
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _near(name: str, known: Collection[str] | Iterator[str]) -> tuple[str, ...]:
    """The known name that is most like this one."""
    by_low = {each.lower(): each for each in known}
    low = name.lower()
    found = get_close_matches(low, by_low, 1, 0.7)
    if not found and (bare := low.replace("_", "")):
        found = [each for each in by_low if each.replace("_", "") == bare]
    return tuple(by_low[each] for each in found)


def _dimension(operator: str, left: Is, right: Is) -> Is:
    """What a calculation gives: a length plus a number is a length, a length by a length is a number."""
    plain = ("number", "boolean")
    if left in (*TEXTS, "object", "null", "unknown") or right in (*TEXTS, "object", "null", "unknown"):
        return "unknown"
    if left in plain:
        return "number" if right in plain else right if operator != "/" else "unknown"
    if right in plain:
        return left
    if operator == "/":
        return "number" if left == right else "unknown"
    return left if operator in "+-" and left == right else "unknown"
