"""Runs the real server with a small language in place of SPICE: `include PATH`, `def NAME`, `bad`, `crash`."""

import re
import sys
from pathlib import Path

from kiki_lsp.__main__ import main
from kiki_tools import languages
from kiki_tools.language import Completion, Diagnostic, Hover, Location, Symbol
from kiki_tools.text import Span


class Small:
    language = "spice"

    def wanted(self, snapshot, workspace):
        here = Path(snapshot.path).parent
        names = [str(here / m[1]) for m in re.finditer(r"^include (\S+)", snapshot.text, re.M)]
        return [n for n in names if n not in workspace.snapshots and n not in workspace.unreadable]

    def diagnostics(self, snapshot, workspace, *, patient=True):
        print("this must not reach the protocol")
        if "crash" in snapshot.text:
            raise RuntimeError("small language crashed")
        heavy = {"numpy", "lancedb", "onnxruntime", "matplotlib", "textual", "httpx"} & sys.modules.keys()
        found = [(m.span(), "bad word") for m in re.finditer("bad", snapshot.text)]
        found += [((0, 1), f"unreadable: {why}") for why in workspace.unreadable.values()]
        found += [((0, 1), f"heavy: {name}") for name in heavy]
        return [Diagnostic(snapshot.path, Span(*s), "error", "SP101", text) for s, text in found]

    def symbols(self, snapshot):
        names = re.finditer(r"^def (\w+)", snapshot.text, re.M)
        return [Symbol(m[1], "subcircuit", "", Span(*m.span()), Span(*m.span(1))) for m in names]

    def hover(self, snapshot, offset, workspace):
        return Hover(Span(offset, offset), f"at {offset}")

    def completions(self, snapshot, offset, workspace):
        return [Completion("zeta", "node", Span(offset, offset), "zeta")]

    def definition(self, snapshot, offset, workspace):
        every = {**workspace.snapshots, snapshot.path: snapshot}.values()
        return [Location(s.path, Span(*m.span(1))) for s in every for m in re.finditer(r"def (\w+)", s.text)]


languages._loaded["spice"] = Small()
main()
