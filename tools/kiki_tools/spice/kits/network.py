"""A linear circuit as a list of parts: its cards for ngspice, and its frequency response for the search.

The response is modified nodal analysis (C.-W. Ho, A. Ruehli, P. Brennan, IEEE Trans. CAS-22, 1975) of resistors,
capacitors, inductors, one voltage source and one-pole op-amps with 50 ohm at their output. It only leads the search for
preferred values (see `fitting`); what counts is what ngspice measures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiki_tools.spice.kits.parts import HALF_SUPPLY, number, opamp

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OPEN_LOOP = 1e5
_OUTPUT_OHM = 50.0


@dataclass(frozen=True, slots=True)
class Part:
    """``name`` begins with R, C, L, E for a voltage-controlled source, or X for an op-amp with nodes plus, minus, out.

    ``value`` is a number, or the name of a variable.
    """

    name: str
    nodes: tuple[str, ...]
    value: float | str = 0.0


@dataclass(frozen=True, slots=True)
class Network:
    """Parts between the source's node and ``out``. ``level``: AC volts of the source; ``gbw``: of the op-amps in Hz.

    ``single``: the op-amps have one supply; what is on ground for signals then stands on half of it.
    """

    parts: tuple[Part, ...]
    source: str = "in"
    level: float = 1.0
    gbw: float = 0.0
    supply: float = 12.0
    single: bool = False

    def cards(self, values: Mapping[str, float]) -> str:
        """The cards of the circuit with its source, its supplies and the op-amp's model where it has one."""
        single = self.single and bool(self.gbw)
        lines = [f"V1 {self.source} 0 DC {self.supply / 2 if single else 0:g} AC {self.level:g}"]
        for part in self.parts:
            nodes = tuple("vref" if single and node == "0" else node for node in part.nodes)
            if part.name[0] == "X":
                plus, minus, out = nodes
                lines.append(f"{part.name} {plus} {minus} vcc {'0' if single else 'vee'} {out} OPAMP")
            else:
                lines.append(f"{part.name} {' '.join(nodes)} {number(_value(part, values))}")
        if single:
            lines += [f"Vcc vcc 0 {self.supply:g}", HALF_SUPPLY, opamp(self.gbw, drop=0.1)]
        elif self.gbw:
            lines += [f"Vcc vcc 0 {self.supply:g}", f"Vee vee 0 -{self.supply:g}", opamp(self.gbw, drop=1.5)]
        return "\n".join(lines)

    def response(self, values: Mapping[str, float], frequencies: Sequence[float], node: str = "out") -> NDArray[Any]:
        """The complex voltage at a node for each frequency in Hz."""
        import numpy as np

        names = {name: n for n, name in enumerate(dict.fromkeys(self._nodes()))}
        amplifiers = [part for part in self.parts if part.name[0] in "XE"]
        size = len(names) + 1 + len(amplifiers)
        s = 2j * math.pi * np.asarray(frequencies, dtype=float)
        matrix = np.zeros((len(s), size, size), dtype=complex)
        right = np.zeros((len(s), size, 1), dtype=complex)

        def add(row: int | None, column: int | None, admittance: Any) -> None:
            if row is not None and column is not None:
                matrix[:, row, column] += admittance

        for part in self.parts:
            if part.name[0] in "XE":
                continue
            value = _value(part, values)
            admittance: Any = {"R": 1 / value, "C": s * value, "L": 1 / (s * value)}[part.name[0]]
            a, b = (names.get(node_name) for node_name in part.nodes)
            for one, other in ((a, b), (b, a)):
                add(one, one, admittance)
                add(one, other, -admittance)
        row = len(names)
        matrix[:, row, names[self.source]] = matrix[:, names[self.source], row] = 1
        right[:, row, 0] = self.level
        for n, part in enumerate(amplifiers, row + 1):
            if part.name[0] == "E":
                out, _, plus, minus = (names.get(node_name) for node_name in part.nodes)
                gain, output = np.full(len(s), _value(part, values), dtype=complex), 0.0
            else:
                plus, minus, out = (names.get(node_name) for node_name in part.nodes)
                gain, output = _OPEN_LOOP / (1 + s * _OPEN_LOOP / (2 * math.pi * self.gbw)), _OUTPUT_OHM
            # v(out) = A (v+ - v-) - Ro i, where the unknown i flows out of the amplifier into its node.
            for column, coefficient in ((out, 1.0), (plus, -gain), (minus, gain), (n, output)):
                add(n, column, coefficient)
            add(out, n, -1)
        found: NDArray[Any] = np.linalg.solve(matrix, right)[:, names[node], 0]
        return found

    def _nodes(self) -> Iterator[str]:
        yield self.source
        for part in self.parts:
            yield from (node for node in part.nodes if node != "0")


def _value(part: Part, values: Mapping[str, float]) -> float:
    return values[part.value] if isinstance(part.value, str) else part.value
