"""What checking one artefact gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiki_core.events import Verdict

if TYPE_CHECKING:
    from kiki_tools.spice.ngspice import Simulation


@dataclass(frozen=True)
class Checked:
    """The tools' verdicts on one artefact. ``ok`` null: nothing failed, but a tool that had to judge is missing.

    ``complaints``: what the next draft must mend, each with the tool's message and the line that it is about.
    ``simulation``: the run behind a netlist's verdict.
    """

    verdicts: tuple[Verdict, ...]
    ok: bool | None
    complaints: tuple[str, ...] = ()
    simulation: Simulation | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict that counts most: the first that failed, else the last."""
        return next((one for one in self.verdicts if not one.evidence.ok), self.verdicts[-1])
