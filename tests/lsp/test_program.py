"""The program `kiki-lsp`: its options, and what it ends with."""

import json
import socket
import subprocess
import sys

PROGRAM = [sys.executable, "-m", "kiki_lsp"]
FIRST = {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}


def framed(*messages: dict) -> bytes:
    bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
    return b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)


def test_wrong_use_is_one_line_and_exit_2():
    done = subprocess.run([*PROGRAM, "--bogus"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "kiki: unrecognized arguments: --bogus; see `kiki-lsp --help`\n"


def test_a_taken_port_is_one_line_and_exit_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run([*PROGRAM, "--tcp", address], capture_output=True, text=True, timeout=60)
    reason = "Address already in use; choose another address with --tcp"
    assert (done.returncode, done.stderr) == (2, f"kiki: can't listen on {address}: {reason}\n")


def test_a_request_of_the_wrong_shape_gets_an_error_and_an_exit_without_shutdown_the_status_1():
    said = framed(FIRST, {"id": 2, "method": "textDocument/hover", "params": {"place": 1}}, {"method": "exit"})
    done = subprocess.run(PROGRAM, input=said, capture_output=True, timeout=60)
    answers = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in done.stdout.split(b"Content-Length: ")[1:]]
    assert [each["error"]["code"] for each in answers if each.get("id") == 2] == [-32602]
    assert b"Traceback" not in done.stderr
    assert done.returncode == 1


def test_an_exit_after_shutdown_has_the_status_0():
    said = framed(FIRST, {"id": 2, "method": "shutdown"}, {"method": "exit"})
    assert subprocess.run(PROGRAM, input=said, capture_output=True, timeout=60).returncode == 0
