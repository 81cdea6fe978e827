"""From the command to something useful: kiki-lsp's first diagnostics, and kiki's help."""

import json
import subprocess
import sys
from pathlib import Path

from rows import Row, row, seconds

BIN = Path(sys.executable).parent


def _message(body: dict[str, object]) -> bytes:
    data = json.dumps({"jsonrpc": "2.0", **body}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(data), data)


def _first_diagnostics() -> None:
    server = subprocess.Popen(
        [BIN / "kiki-lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdin
    assert server.stdout
    text = "* t\nV1 a 0 1\nX1 a nosub\n.op\n.end\n"
    document = {"uri": "file:///tmp/x.cir", "languageId": "spice", "version": 1, "text": text}
    for body in (
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
    ):
        server.stdin.write(_message(body))
    server.stdin.flush()
    seen = b""
    while b"SP203" not in seen:
        seen += server.stdout.read1(65536)
    server.kill()
    server.wait()


def benchmarks() -> list[Row]:
    help_ = seconds(lambda: subprocess.run([BIN / "kiki", "--help"], capture_output=True, check=True), 5)
    return [
        row("kiki-lsp: command to first diagnostics", seconds(_first_diagnostics, 5), "<= 1500 ms"),
        row("kiki --help", help_, ""),
    ]
