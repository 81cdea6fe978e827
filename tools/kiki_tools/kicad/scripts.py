"""Files that kiutils scripts build: a script runs in the sandbox, and what it writes is checked like any artefact.

kiutils is no part of kiki (GPL-3): it is looked for where kiki's interpreter would find it, and never imported here.
It loses parts of the files that it reads: kiki writes no file of a person's through it.
"""

from __future__ import annotations

import json

from kiki_tools import scripting
from kiki_tools.process import Limits
from kiki_tools.text import Snapshot

_FILES = "kiki-files.json"
_HARNESS = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
os.chdir("/out")
try:
    with open("/w/script.py", encoding="utf-8") as file:
        exec(compile(file.read(), "script.py", "exec"), {"__name__": "__main__", "__file__": "script.py"})
except SystemExit:
    pass
found = {}
for folder, _, names in os.walk("/out"):
    for name in names:
        path = os.path.join(folder, name)
        if (".kicad_" in name or name.endswith("-lib-table")) and not os.path.islink(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                found[os.path.relpath(path, "/out")] = file.read(20_000_000)
with open("/out/kiki-files.json", "w", encoding="utf-8") as file:
    json.dump(found, file)
"""


class NothingBuilt(ValueError):
    """The script wrote none of KiCad's files; the message is its last word."""


def is_script(snapshot: Snapshot) -> bool:
    """Whether the file is a kiutils script."""
    return snapshot.path.endswith(".py") and "kiutils" in snapshot.text


async def build(script: Snapshot, limits: Limits | None = None) -> dict[str, str]:
    """The files of KiCad's that the script writes, by their paths in the folder where it runs.

    Raises:
        CannotRun: if there is no kiutils, no fitting interpreter, or no sandbox to run the script in.
        NothingBuilt: if the script fails or writes none.
    """
    outcome = await scripting.run(script, "kiutils", _HARNESS, [_FILES], limits)
    content = outcome.outputs.get(_FILES)
    if content is None:
        raise NothingBuilt(scripting.last_word(outcome, "the script ended without a file"))
    found: dict[str, str] = json.loads(content)
    if not found:
        raise NothingBuilt("the script wrote none of KiCad's files")
    return found
