"""Typing in a real kiki-lsp while the model is idle and while it generates without a pause, block by block in turn.

    python tests/bench/run.py bench_typing

A typist adds cards to a netlist, a key every 0.12 s; each key asks for diagnostics and for the completion list, and in
the blocks of the model for a proposal too, while a conversation runs on the same model. About 2 minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

from bench_spice import deck
from rows import Row, row

BIN = Path(sys.executable).parent
_KEY_S = 0.12
_BLOCKS, _CARDS = 3, 5
"""Blocks of each kind, and cards typed in one."""
_URI = "file:///tmp/typed.cir"


class _Typist:
    """An editor that notes when it sent what, and when what came back."""

    def __init__(self, home: str) -> None:
        self.server = subprocess.Popen(
            [BIN / "kiki-lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "KIKI_HOME": home},
        )  # fmt: skip
        self.arrived: dict[object, float] = {}
        self.answers: dict[object, Any] = {}
        self.version, self.asked, self.line = 1, 100, 0
        threading.Thread(target=self._read, daemon=True).start()

    def send(self, **body: object) -> float:
        data = json.dumps({"jsonrpc": "2.0", **body}).encode()
        assert self.server.stdin
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.server.stdin.flush()
        return time.perf_counter()

    def _read(self) -> None:
        assert self.server.stdout
        while True:
            length = 0
            while line := self.server.stdout.readline().strip():
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(self.server.stdout.read(length))
            if message.get("method") == "textDocument/publishDiagnostics":
                self.arrived.setdefault(("diagnostics", message["params"].get("version")), time.perf_counter())
            elif "method" not in message:
                self.arrived.setdefault(message["id"], time.perf_counter())
                self.answers[message["id"]] = message.get("result")

    def wait(self, what: object, seconds: float = 60.0) -> float | None:
        until = time.perf_counter() + seconds
        while what not in self.arrived:
            if time.perf_counter() > until:
                return None
            time.sleep(0.002)
        return self.arrived[what]

    def ask(self, method: str, **params: object) -> tuple[int, float]:
        self.asked += 1
        return self.asked, self.send(id=self.asked, method=method, params=params)

    def open(self, text: str) -> None:
        inline = {"textDocument": {"inlineCompletion": {}, "completion": {}}}
        self.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": inline})
        self.wait(1)
        self.send(method="initialized", params={})
        document = {"uri": _URI, "languageId": "spice", "version": 1, "text": text}
        self.send(method="textDocument/didOpen", params={"textDocument": document})
        self.wait(("diagnostics", 1))

    def type(self, text: str, line: int, proposals: bool) -> tuple[list[float], list[float]]:
        """Types a text at the start of a line; seconds to the diagnostics and to the list, key by key."""
        sent: list[tuple[int, float, int, float]] = []
        for column, char in enumerate(text):
            started = time.perf_counter()
            self.version += 1
            at = {"line": line, "character": column}
            change = {"range": {"start": at, "end": at}, "text": char}
            document = {"uri": _URI, "version": self.version}
            edited = self.send(
                method="textDocument/didChange", params={"textDocument": document, "contentChanges": [change]}
            )
            if char != "\n":
                place = {"textDocument": {"uri": _URI}, "position": {"line": line, "character": column + 1}}
                listed, asked = self.ask("textDocument/completion", **place)
                if proposals:
                    self.ask("textDocument/inlineCompletion", **place, context={"triggerKind": 2})
                sent.append((self.version, edited, listed, asked))
            time.sleep(max(0.0, _KEY_S - (time.perf_counter() - started)))
        time.sleep(0.5)
        told = [self.arrived["diagnostics", v] - t for v, t, _, _ in sent if ("diagnostics", v) in self.arrived]
        return told, [self.arrived[i] - t for _, _, i, t in sent if i in self.arrived]


@contextmanager
def _talking(home: str) -> Iterator[None]:
    """Lets the model generate without a pause."""
    from kiki_core.backends.llamacpp import LlamaCppBackend
    from kiki_core.backends.protocol import Message, Request
    from kiki_core.config import Config

    ended, begun = threading.Event(), threading.Event()

    async def talk() -> None:
        os.environ["KIKI_HOME"] = home
        model = LlamaCppBackend(Config())
        try:
            while not ended.is_set():
                request = Request((Message("user", "Count from 1 to 1000 in words."),), max_tokens=600)
                async with aclosing(model.generate(request)) as pieces:
                    async for _ in pieces:
                        begun.set()
                        if ended.is_set():
                            break
        finally:
            await model.aclose()

    thread = threading.Thread(target=lambda: asyncio.run(talk()), daemon=True)
    thread.start()
    begun.wait(120)
    try:
        yield
    finally:
        ended.set()
        thread.join(30)


def benchmarks() -> list[Row]:
    with tempfile.TemporaryDirectory() as home:
        typist = _Typist(home)
        try:
            return _rows(typist, home)
        finally:
            typist.server.kill()
            typist.server.wait()


def _rows(typist: _Typist, home: str) -> list[Row]:
    text = deck(0.05).text
    typist.open(text)
    place = {"textDocument": {"uri": _URI}, "position": {"line": 5, "character": 0}}
    warmed, _ = typist.ask("textDocument/inlineCompletion", **place, context={"triggerKind": 1})
    typist.wait(warmed, 180)  # the model is loaded, and its server runs from here on
    told: dict[bool, list[float]] = {True: [], False: []}
    listed: dict[bool, list[float]] = {True: [], False: []}
    number = 0
    for block in range(2 * _BLOCKS):
        generates = block % 2 == 1
        with _talking(home) if generates else _nothing():
            for _ in range(_CARDS):
                number += 1
                more, items = typist.type(f"R9{number} n{number} n{number + 2} 1k\n", 20 + 7 * number, generates)
                told[generates] += more
                listed[generates] += items
    return [
        row("typing: edit to diagnostics, model idle", told[False], "-"),
        row("typing: edit to diagnostics, model generating", told[True], "within 10 %", ("idle", told[False])),
        row("typing: completion list, model idle", listed[False], "-"),
        row("typing: completion list, model generating", listed[True], "within 10 %", ("idle", listed[False])),
    ]


@contextmanager
def _nothing() -> Iterator[None]:
    yield
