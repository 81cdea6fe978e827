"""Listens, serves, and ends well: on Ctrl-C or SIGTERM what is being answered gets a moment to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import uvicorn

from kiki_core.app import open_kiki
from kiki_core.errors import KikiError
from kiki_core.serving.api import open_api
from kiki_core.serving.doors import checked

if TYPE_CHECKING:
    from kiki_core.config import Config

_GRACE_S = 5
_MOST_CONNECTIONS = 512
_BACKLOG = 128


class _Server(uvicorn.Server):
    """uvicorn without its own signals, which would end the process before the model is let go of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        KikiError: if the address isn't this machine's, or the port is in use or not allowed.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        number = getattr(error, "errno", None)
        if number == errno.EADDRINUSE:
            raise KikiError(f"port {port} is in use", "choose another one with --port") from error
        if number == errno.EACCES:
            raise KikiError(f"port {port} needs more rights", "choose one above 1023 with --port") from error
        raise KikiError(f"can't listen on {host}: {error}", "choose an address of this machine") from error


async def serve(config: Config, tell: Callable[[str], None]) -> None:
    """Serves until a signal or a cancel; ``tell`` gets the address once it listens.

    Raises:
        KikiError: if it can't listen, may not, or the router can't be read.
    """
    settings = config.serve
    checked(settings)
    with listen(settings.host, settings.port) as listening:
        kiki = open_kiki(config)
        try:
            api = await asyncio.to_thread(open_api, kiki)
            server = _Server(
                uvicorn.Config(
                    api.app(), http="h11", ws="none", lifespan="off", access_log=False, log_config=None,
                    log_level="error", server_header=False, limit_concurrency=_MOST_CONNECTIONS,
                    timeout_keep_alive=30, timeout_graceful_shutdown=_GRACE_S,
                )
            )  # fmt: skip
            with _signals(server):
                port = listening.getsockname()[1]
                shown = f"[{settings.host}]" if ":" in settings.host else settings.host
                tell(f"http://{shown}:{port}/v1")
                await server.serve(sockets=[listening])
        finally:
            await kiki.aclose()


@contextlib.contextmanager
def _signals(server: uvicorn.Server) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        server.force_exit = server.should_exit  # the second time, at once
        server.should_exit = True

    added = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # only the main thread has signals
            loop.add_signal_handler(number, stop)
            added.append(number)
    try:
        yield
    finally:
        for number in added:
            loop.remove_signal_handler(number)
