"""A draft with what the tools said of it, and which of two drafts is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiki_core import requirements
from kiki_core.events import Artefact, Requirement
from kiki_core.planning import shares
from kiki_core.verification import Checked, unmeasured

_MOST_QUESTION = 20_000


@dataclass(frozen=True)
class Draft:
    """A draft, its artefacts as they were judged, the checks behind that, and the stated numbers as measured."""

    text: str
    artefacts: tuple[Artefact, ...]
    checked: tuple[Checked, ...]
    requirements: tuple[Requirement, ...]
    attempt: int = 0
    faults: tuple[str, ...] = ()
    """What further measurements found that nothing of its kind may do."""
    cut: str = ""
    """Why the model was stopped before it had finished; empty if it wasn't."""
    left_open: tuple[Requirement, ...] = ()
    """Numbers that the question states, and nothing measured or holds."""
    unread: str = ""
    """A share or multiple in words that the question states, and nothing measured."""
    missing: tuple[str, ...] = ()
    """What else the question names that isn't there."""

    @property
    def verified(self) -> bool | None:
        """As the contract has it: a number that was stated and not measured is no verified one."""
        return False if self.holds and (self.left_open or self.unread or self.missing) else self.holds

    @property
    def holds(self) -> bool | None:
        """Whether all that the tools looked at holds: a further draft couldn't be told anything by them."""
        if not self.artefacts:
            return None if not self.requirements else False
        if self.faults or any(check.ok is False for check in self.checked):
            return False
        if any(check.ok is None for check in self.checked):
            return None
        return all(requirement.ok for requirement in self.requirements)

    @property
    def done(self) -> bool:
        """Whether nothing is left that a further draft could be told."""
        return self.holds is not False and not self.missing

    @property
    def rank(self) -> tuple[float, ...]:
        """Better drafts are greater: verified, then what ran, then what was met, then fewer complaints."""
        met = sum(1 for requirement in self.requirements if requirement.ok)
        complaints = sum(len(check.complaints) for check in self.checked)
        ran = sum(1 for check in self.checked if check.ok)
        lacking = len(self.left_open) + bool(self.unread) + len(self.missing)
        return (self.holds is True, bool(self.artefacts), ran == len(self.checked), met, -complaints, -lacking)

    def complaints(self) -> list[str]:
        """What the next draft must mend."""
        if self.requirements and not self.artefacts:
            return ["there is no netlist in it, so nothing of what is wanted was measured"]
        told = [*self.faults, *self.missing]
        told += [complaint for check in self.checked for complaint in check.complaints]
        for requirement in self.requirements:
            unit = requirement.unit
            if requirement.ok is None:
                told.append(
                    f"the {requirement.quantity} can't be measured: name the output node out and add its analysis"
                )
            elif not requirement.ok and requirement.measured is not None:
                measured = f"{requirement.measured:.4g} {unit}".rstrip()
                wanted = f"{requirement.value:.4g} {unit}".rstrip()
                told.append(f"the {requirement.quantity} is {measured}, not {wanted}")
        return told


def judged(
    question: str,
    text: str,
    artefacts: Sequence[Artefact],
    checked: Sequence[Checked],
    attempt: int = 0,
    circuit: bool = False,
) -> Draft:
    """The draft with its artefacts' verdicts, and the numbers that the question states as the simulation shows them.

    ``circuit``: whether a circuit is asked for; then a draft without any artefact has measured nothing of what is
    wanted.
    """
    marked = tuple(replace(one, verified=check.ok) for one, check in zip(artefacts, checked, strict=True))
    analyses = [a for check in checked if check.simulation for a in check.simulation.analyses]
    circuits = any(one.language == "spice" for one in artefacts) or (circuit and not artefacts)
    question = shares.without_shares(question[:_MOST_QUESTION])
    wanted = requirements.read(question) if circuits else ()
    return Draft(
        text, marked, tuple(checked), requirements.measure(wanted, analyses), attempt,
        left_open=unmeasured.left_open(question, artefacts, wanted),
        unread=unmeasured.unread(question, artefacts), missing=unmeasured.missing(question, artefacts),
    )  # fmt: skip
