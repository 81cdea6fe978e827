"""Netlists of the disk with what they draw in, by the configuration's library folders and dialect."""

from __future__ import annotations

import os

from kiki_core import config
from kiki_tools.language import Workspace
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Snapshot
from kiki_tools.workspace import gather


def drawn_in(snapshot: Snapshot) -> Workspace:
    """The texts that the netlist includes, directly or not; relative ones beside it, else in ``spice.libraries``.

    Raises:
        KikiError: if the configuration can't be read.
    """
    settings = config.load().spice
    folders = [os.path.abspath(os.path.expanduser(folder)) for folder in settings.libraries]
    return gather(SPICE, snapshot, search=folders, dialect=settings.dialect)
