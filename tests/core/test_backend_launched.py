"""Servers that kiki starts: behind their key, shared, started again, gone with their owners."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiki_core import paths
from kiki_core.backends.launched import Launched, Program
from kiki_core.errors import KikiError

SERVER = """
import http.server, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.end_headers()
assert len(os.environ["A_KEY"]) > 20 and os.environ["ALSO"] == "this"
open(sys.argv[3], "a").write(f"{os.getpid()}\\n")
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path))
    yield tmp_path
    for state in (tmp_path / "run").glob("*.json"):
        os.kill(json.loads(state.read_text())["pid"], signal.SIGTERM)


def program(home: Path, status: int = 200) -> Program:
    words = (sys.executable, "-c", SERVER, "{port}", str(status), str(home / "started"))
    return Program("tiny", "a model", words, 20.0, {"ALSO": "this"}, "A_KEY")


def started(home: Path) -> list[int]:
    return [int(line) for line in (home / "started").read_text().split()]


async def gone(pid: int) -> None:
    async with asyncio.timeout(30):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.1)


async def test_two_owners_share_one_server_and_a_dead_one_is_started_again(home: Path) -> None:
    one, two = Launched(program(home)), Launched(program(home))
    place = await one.place()
    assert await two.place() == place
    assert len(started(home)) == 1
    os.kill(started(home)[0], signal.SIGKILL)
    assert (await two.place())[1] != place[1]
    assert len(started(home)) == 2
    (state,) = (paths.home() / "run").glob("*.json")
    assert state.stat().st_mode & 0o777 == 0o600
    one.let_go()
    two.let_go()
    os.kill(json.loads(state.read_text())["pid"], signal.SIGTERM)
    await gone(started(home)[1])


@pytest.mark.slow
async def test_the_server_ends_with_its_last_owner(home: Path) -> None:
    owner = Launched(program(home))
    await owner.place()
    owner.let_go()
    await gone(started(home)[0])


async def test_one_that_can_not_load_its_model_is_told_at_once_and_ended(home: Path) -> None:
    owner = Launched(program(home, 503))
    with pytest.raises(KikiError, match=r"couldn't load a model; see .*tiny-server\.log"):
        await owner.place()
    owner.let_go()
    await gone(started(home)[0])


async def test_one_that_ends_is_told(home: Path) -> None:
    owner = Launched(Program("tiny", "m", (sys.executable, "-c", "raise SystemExit(3)"), 20.0))
    with pytest.raises(KikiError, match="ended while it started"):
        await owner.place()
    owner.let_go()
