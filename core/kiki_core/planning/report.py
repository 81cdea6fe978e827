"""The answer to a planned request as Markdown: wanted and measured, the parts, what was assumed, the netlist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiki_core.events import Requirement
from kiki_tools.spice.kits.fitting import Check, Fitted
from kiki_tools.spice.kits.model import Slot, Wanted, said, shown

_UNITS = {"R": "ohm", "C": "F", "L": "H", "V": "V", "I": "A", "T": "s"}


def requirement(check: Check) -> Requirement:
    """A fitted requirement as the event that front ends show."""
    wanted = check.wanted
    return Requirement(_name(wanted), wanted.op, wanted.value, wanted.unit, check.measured, check.ok)


def _name(wanted: Wanted) -> str:
    return f"{wanted.quantity} {wanted.condition}".strip()


def answer(
    title: str,
    fitted: Fitted,
    unmeasured: Sequence[Requirement],
    assumed: Sequence[str],
    notes: Sequence[str],
    *,
    question: str = "",
    unheeded: Sequence[str] = (),
) -> str:
    """The whole answer with its netlist. ``unmeasured``: what was stated and can't be measured here.

    ``unheeded``: what the words ask for and this circuit doesn't have.
    """
    parts = [_verdict(title, fitted, unmeasured, question, unheeded)]
    if unheeded:
        parts.append(f"Asked for, and not so in this circuit, so not verified: {', '.join(unheeded)}.")
    if assumed:
        parts.append("Taken, because the request doesn't say: " + "; ".join(assumed) + ".")
    parts.append(_table(fitted.checks, unmeasured))
    if fitted.values:
        parts.append(
            "Parts: " + ", ".join(f"{name} = {_part(name, value)}" for name, value in fitted.values.items()) + "."
        )
    parts += [note for note in notes if note]
    runs = "once" if fitted.runs == 1 else f"{fitted.runs} times"
    parts.append(
        f"Checked with {fitted.simulator or 'ngspice'}, run {runs}. Each requirement stands in the netlist as an "
        "`@expect`, which `kiki check --simulate` measures again."
    )
    parts.append(f"```spice\n{fitted.text.rstrip()}\n```")
    return "\n\n".join(parts)


def listed(texts: Sequence[str]) -> str:
    """Words of the request, quoted, in a row."""
    return ", ".join(f"“{each}”" for each in texts[:4])


def _verdict(
    title: str, fitted: Fitted, unmeasured: Sequence[Requirement], question: str, unheeded: Sequence[str]
) -> str:
    if question:
        return f"**{title}**: {question}"
    if not fitted.ok:
        return f"**{title}**: not every requirement is met. {_sentence(fitted.reason)}"
    if unheeded:
        return f"**{title}**: the numbers are met, but not all that was asked for."
    if unmeasured:
        names = ", ".join(one.quantity for one in unmeasured)
        return f"**{title}**: what could be measured is met. Not measured, so not verified: {names}."
    return f"**{title}**: every requirement is met in the simulation."


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _table(checks: Sequence[Check], unmeasured: Sequence[Requirement]) -> str:
    rows = ["| requirement | wanted | measured | |", "| --- | --- | --- | --- |"]
    for check in checks:
        wanted = check.wanted
        measured = "—" if check.measured is None else shown(check.measured, wanted.unit)
        rows.append(f"| {_name(wanted)} | {compared(wanted)} | {measured} | {'met' if check.ok else 'missed'} |")
    for one in unmeasured:
        rows.append(f"| {one.quantity} | {_op(one.op)}{shown(one.value, one.unit)} | — | not measured |")
    return "\n".join(rows)


def compared(wanted: Wanted) -> str:
    """What is wanted, for people: "≥ 40 dB", "1 kHz ± 5 %"."""
    if wanted.op != "=":
        return f"{_op(wanted.op)}{shown(wanted.value, wanted.unit)}"
    if not wanted.tolerance:
        return shown(wanted.value, wanted.unit)
    if wanted.unit in ("dB", "deg") or not wanted.value:
        return f"{shown(wanted.value, wanted.unit)} ± {shown(wanted.tolerance, wanted.unit)}"
    return f"{shown(wanted.value, wanted.unit)} ± {100 * wanted.tolerance / abs(wanted.value):.3g} %"


def _op(op: str) -> str:
    return {"=": "", ">=": "≥ ", "<=": "≤ "}[op]


def _part(name: str, value: float) -> str:
    return shown(value, _UNITS.get(name[:1].upper(), ""))


def impossible(title: str, reason: str, nearest: Fitted | None, best: Mapping[str, float | str]) -> str:
    """Why it can't be, with what can be where the kit knows it."""
    parts = [f"**{title}**: that can't be. {_sentence(reason)}"]
    if nearest is not None and nearest.text:
        changed = ", ".join(
            f"{name.replace('_', ' ')} {value if isinstance(value, str) else f'{value:g}'}"
            for name, value in best.items()
        )
        state = "meets the other requirements" if nearest.ok else "comes nearest"
        parts += [
            f"With {changed} it works out; this netlist {state}. It isn't what was asked for, so it doesn't count as "
            "verified.",
            _table(nearest.checks, ()),
            f"```spice\n{nearest.text.rstrip()}\n```",
        ]
    return "\n\n".join(parts)


def unclear(title: str, missing: Sequence[Slot], bare: Sequence[str]) -> str:
    """What the request has to say before anything can be computed."""
    names = ", ".join(said(slot) for slot in missing)
    parts = [f"**{title}**: {names} {'is' if len(missing) == 1 else 'are'} missing."]
    if bare:
        units = sorted({slot.unit for slot in missing if slot.unit and slot.unit != "V/V"})
        given = ", ".join(f"“{text}”" for text in bare)
        parts.append(
            f"{given} {'has' if len(bare) == 1 else 'have'} no unit{f'; {units[0]}?' if len(units) == 1 else ''}."
        )
    parts.append(
        "Say it with its unit, such as: "
        + "; ".join(f"{said(slot)} in {slot.unit} ({slot.about})" if slot.unit else slot.about for slot in missing)
        + "."
    )
    return " ".join(parts)
