"""`kiki serve` as a process: what it says, how it ends, and a real answer of the default model."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

ASKED = {"model": "base", "stream": True, "max_tokens": 12, "messages": [{"role": "user", "content": "Say: hi"}]}


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts `kiki serve` on a free port; gives the process and its address."""
    processes: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "kiki_core.cli", "serve", "--port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "KIKI_HOME": str(tmp_path), **environment},
        )  # fmt: skip
        processes.append(process)
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("kiki answers at http://127.0.0.1:"), process.communicate()
        return process, line.split()[3]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def slow_model() -> Iterator[str]:
    """The address of a model whose second word comes late."""
    release = threading.Event()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            for word in ("first", "second"):
                self.wfile.write(b"data: " + json.dumps({"choices": [{"delta": {"content": word}}]}).encode() + b"\n\n")
                self.wfile.flush()
                release.wait(0.7)
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    release.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_an_answer_end_and_takes_no_other(
    started: Callable[..., tuple[subprocess.Popen[str], str]], slow_model: str, number: signal.Signals
) -> None:
    process, address = started(KIKI_BACKEND__KIND="openai", KIKI_BACKEND__URL=slow_model)
    told = ""
    with httpx.stream("POST", f"{address}/chat/completions", json=ASKED, timeout=60) as answer:
        for line in answer.iter_lines():
            if "first" in line:
                process.send_signal(number)
            told += line
    assert "second" in told
    assert told.endswith("data: [DONE]")
    _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (0, "stopped\n")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/models")


def test_a_port_in_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "kiki_core.cli", "serve", "--port", port],
            capture_output=True, text=True, env={**os.environ, "KIKI_HOME": str(tmp_path)}, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"kiki: port {port} is in use; choose another one with --port\n"


def test_a_configuration_that_can_not_answer_is_told_at_the_start(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiki_core.cli", "serve", "--port", "0"], capture_output=True, text=True, check=False,
        env={**os.environ, "KIKI_HOME": str(tmp_path), "KIKI_BACKEND__KIND": "openai"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("kiki: backend.url is empty; set it")


@pytest.mark.model
def test_the_default_model_streams_real_tokens(started: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
    process, address = started()
    with httpx.stream("POST", f"{address}/chat/completions", json=ASKED, timeout=120) as answer:
        lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line]
    assert lines.pop() == "[DONE]"
    words = [json.loads(line)["choices"][0]["delta"].get("content") for line in lines]
    assert len([word for word in words if word]) >= 2
    assert json.loads(lines[-1])["choices"][0]["finish_reason"] in ("stop", "length")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
