"""The way to a model server: one at an address, or one that is started here when it is first asked for."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from kiki_core.backends.launched import Launched, Program
from kiki_core.backends.openai import client_of
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    import httpx

    from kiki_core.config import BackendSettings


class Connection:
    """Clients of one server, and the hold on it where it was started here.

    ``package``: the import package that a start here needs. ``extra``: the extra of kiki that brings it.
    """

    def __init__(self, settings: BackendSettings, program: Program, package: str, extra: str) -> None:
        self._settings = settings
        self._launched = None if settings.url else Launched(program)
        self._package, self._extra = package, extra
        self._client: httpx.AsyncClient | None = None
        self._clients: list[httpx.AsyncClient] = []

    async def client(self) -> httpx.AsyncClient:
        """The client to ask with: the same one until the connection is `lost`.

        Raises:
            KikiError: if the server can't be started here.
        """
        if self._client is None:
            if self._launched is None:
                self._client = await client_of(self._settings)
            else:
                if find_spec(self._package) is None:
                    raise KikiError(
                        f"{self._package} is not installed here",
                        f"`pip install 'micro-kiki[{self._extra}]'`, or set backend.url to a server",
                    )
                url, key = await self._launched.place()
                self._client = await client_of(self._settings, f"{url}/v1", key)
            self._clients.append(self._client)
        return self._client

    def lost(self) -> None:
        """The server seems to be gone: the next request looks for it again. Others may still stream."""
        self._client = None

    async def aclose(self) -> None:
        """Closes the connections, and lets go of a server that was started here. Safe to call twice."""
        while self._clients:
            await self._clients.pop().aclose()
        self._client = None
        if self._launched is not None:
            self._launched.let_go()
