"""The requirements that a drafted netlist meets, written into it as ``@expect`` lines: it carries its own test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kiki_core.events import Requirement

if TYPE_CHECKING:
    from kiki_tools.spice.ngspice import Simulation

_END = re.compile(r"^[ \t]*\.end[ \t]*$", re.IGNORECASE | re.MULTILINE)
_OUTPUTS = ("out", "vout", "output")


def stated(deck: str, requirements: Sequence[Requirement], simulation: Simulation) -> str | None:
    """The netlist with a line for each requirement that is met and can be said of a vector; null if there is none.

    The caller runs it: a line that a run doesn't confirm is no test.
    """
    lines = [line for one in requirements if one.ok for line in _lines(one, simulation)]
    if not lines or "@expect" in deck:
        return None
    told = "\n".join(lines) + "\n"
    end = _END.search(deck)
    at = end.start() if end else len(deck)
    return deck[:at] + ("" if deck[:at].endswith("\n") else "\n") + told + deck[at:]


def _lines(one: Requirement, simulation: Simulation) -> Iterator[str]:
    import numpy as np

    for analysis in simulation.analyses:
        node = next((name for name in _OUTPUTS if f"v({name})" in analysis.vectors), None)
        if node is None:
            continue
        values = analysis.vectors[f"v({node})"].values
        if analysis.kind == "op" and one.quantity == "output voltage":
            yield f"* @expect v({node}) {_bound(one, 0.1 * abs(one.value))}"
            return
        if analysis.kind != "ac" or not len(values):
            continue
        scale = np.abs(next(iter(analysis.vectors.values())).values)
        levels = 20 * np.log10(np.maximum(np.abs(values), 1e-15))
        peak, at = float(levels.max()), float(scale[int(levels.argmax())])
        source = analysis.vectors.get("v(in)")
        unit_input = source is not None and bool(np.allclose(np.abs(source.values), 1, rtol=1e-3))
        if one.quantity == "corner frequency" and one.op == "=":
            yield f"* @expect vdb({node})@{one.value:g} within {peak - 4.5:.3f} {peak - 1.8:.3f}"
            return
        if one.quantity == "gain" and unit_input:
            name = "vdb" if one.unit == "dB" else "vm"
            wanted = one if one.unit == "dB" else _positive(one)
            yield f"* @expect {name}({node})@{at:g} {_bound(wanted, 1.0 if one.unit == 'dB' else 0.1 * abs(one.value))}"
            return


def _positive(one: Requirement) -> Requirement:
    return replace(one, value=abs(one.value))


def _bound(one: Requirement, margin: float) -> str:
    return f"{one.op} {one.value:g}" + (f" +/- {margin:g}" if one.op == "=" else "")
