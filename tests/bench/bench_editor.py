"""kiki-lsp over its protocol: from an edit's notification to its diagnostics, by the size of the file."""

import json
import subprocess
import sys
import time
from pathlib import Path

from bench_spice import deck
from rows import Row, row

BIN = Path(sys.executable).parent


class Client:
    """The least of an editor."""

    def __init__(self) -> None:
        self.server = subprocess.Popen(
            [BIN / "kiki-lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def send(self, **body: object) -> None:
        data = json.dumps({"jsonrpc": "2.0", **body}).encode()
        assert self.server.stdin
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.server.stdin.flush()

    def receive(self) -> dict[str, object]:
        assert self.server.stdout
        length = 0
        while line := self.server.stdout.readline().strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        message: dict[str, object] = json.loads(self.server.stdout.read(length))
        return message

    def diagnostics(self, version: int) -> None:
        while True:
            message = self.receive()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["version"] == version:  # type: ignore[index]
                return


def benchmarks() -> list[Row]:
    rows = []
    for size in (0.05, 1, 5):
        text = deck(size).text
        client = Client()
        uri = "file:///tmp/ladder.cir"
        client.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
        client.receive()
        client.send(method="initialized", params={})
        document = {"uri": uri, "languageId": "spice", "version": 1, "text": text}
        client.send(method="textDocument/didOpen", params={"textDocument": document})
        client.diagnostics(1)
        samples = []
        lines = text.count("\n")
        for number in range(60):
            at = {"line": 20 + number * 37 % (lines - 40), "character": 0}
            new = f"R8{number} nq{number} 0 1k\n" if number % 2 else "* note\n"
            change = {"range": {"start": at, "end": at}, "text": new}
            started = time.perf_counter()
            client.send(
                method="textDocument/didChange",
                params={"textDocument": {"uri": uri, "version": number + 2}, "contentChanges": [change]},
            )
            client.diagnostics(number + 2)
            samples.append(time.perf_counter() - started)
            time.sleep(0.05)
        client.server.kill()
        client.server.wait()
        rows.append(row(f"kiki-lsp: edit to diagnostics, {len(text) / 1e6:.1f} MB", samples, "30 ms + its wait"))
    return rows
