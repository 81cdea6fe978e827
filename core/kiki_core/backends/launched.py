"""A model server that kiki starts on this machine, or joins when another kiki has started it."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from kiki_core import paths
from kiki_core.errors import KikiError


@dataclass(frozen=True, slots=True)
class Program:
    """How a server is started. ``{port}`` in an argument becomes its port; its key is in ``key_variable``."""

    name: str
    model: str
    arguments: tuple[str, ...]
    start_s: float
    environment: dict[str, str] = field(default_factory=dict)
    key_variable: str = ""


class Launched:
    """One owner's hold on the server."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._owner: IO[str] | None = None

    async def place(self) -> tuple[str, str]:
        """Address and key of the server, once it is ready.

        Raises:
            KikiError: if it can't be started.
        """
        state = self._state()
        with state.with_suffix(".lock").open("w") as lock:
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                await asyncio.sleep(0.1)
            server = _read(state)
            if server is None or await _health(server) != 200:
                server = await self._start(state)
        return str(server["url"]), str(server["key"])

    def let_go(self) -> None:
        """Ends the hold; the server ends when nobody holds it."""
        if self._owner is not None:
            Path(self._owner.name).unlink(missing_ok=True)
            self._owner.close()
            self._owner = None

    def _state(self) -> Path:
        folder = paths.home() / "run"
        which = hashlib.sha256(json.dumps(self._program.arguments).encode()).hexdigest()[:12]
        state = folder / f"{self._program.name}-{which}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            if self._owner is None:
                self._owner = (folder / f"{state.stem}.owner-{os.getpid()}-{secrets.token_hex(3)}").open("w")
                fcntl.flock(self._owner, fcntl.LOCK_EX)
        except OSError as error:
            raise KikiError(f"can't use {folder}: {error.strerror}", "set KIKI_HOME to a folder of yours") from error
        return state

    async def _start(self, state: Path) -> dict[str, Any]:
        state.unlink(missing_ok=True)
        program, logs = self._program, paths.home() / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{program.name}-server.log"
        key = secrets.token_urlsafe(24) if program.key_variable else ""
        environment = {**os.environ, **program.environment, "KIKI_SERVER_KEY": key}
        if key:
            environment[program.key_variable] = key
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "kiki_core.backends.guard", str(state), *program.arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, env=environment,
            )  # fmt: skip
        try:
            deadline = time.monotonic() + program.start_s
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise KikiError(f"the {program.name} server ended while it started", f"see {log}")
                server = _read(state)
                health = await _health(server) if server is not None else None
                if server is not None and health == 200:
                    return server
                if health == 503:  # it listens, and won't recover: mlx-lm without its model, vLLM without its engine
                    raise KikiError(f"the {program.name} server couldn't load {program.model}", f"see {log}")
                await asyncio.sleep(0.2)
            raise KikiError(f"the {program.name} server did not answer within {program.start_s:.0f} s", f"see {log}")
        except BaseException:
            process.terminate()  # nobody knows of it yet
            raise


def _read(state: Path) -> dict[str, Any] | None:
    try:
        server = json.loads(state.read_text())
    except (OSError, ValueError):
        return None
    return server if isinstance(server, dict) and {"url", "key"} <= server.keys() else None


async def _health(server: dict[str, Any]) -> int | None:
    """The status of its `/health`; null while nothing listens."""
    import httpx

    try:
        async with httpx.AsyncClient(base_url=server["url"], timeout=2) as client:
            return (await client.get("/health")).status_code
    except httpx.HTTPError:
        return None
