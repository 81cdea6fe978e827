"""How a function of the HAL, LL or CMSIS is called, with what its parameters take."""

from __future__ import annotations

import re

from kiki_tools.language import Signature, Workspace
from kiki_tools.stm32.completion import call_at
from kiki_tools.stm32.drivers import parameter_text, summary
from kiki_tools.stm32.headers import library_of
from kiki_tools.stm32.places import around
from kiki_tools.stm32.project import is_firmware
from kiki_tools.text import Snapshot


def signature(snapshot: Snapshot, offset: int, workspace: Workspace) -> Signature | None:
    """The call around the place, if it is of a function that the project's headers document."""
    if not is_firmware(snapshot):
        return None
    library = library_of(workspace)
    found = call_at(around(snapshot, offset).before)
    told = library.functions.get(found[0]) if found is not None else None
    if found is None or told is None:
        return None
    written = told["signature"].partition("(")[2].rpartition(")")[0].split(",")
    parameters = [
        (" ".join(text.split()), parameter_text(parameter, library))
        for text, parameter in zip(written, told["parameters"], strict=False)
    ]
    active = min(found[1], len(parameters) - 1) if parameters else None
    label = re.sub(r"\s+", " ", told["signature"])
    return Signature(label, summary(found[0], library), tuple(parameters), active)
