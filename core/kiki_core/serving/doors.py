"""Who may come in: by key; without one, only programs of this machine, and no web page."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from kiki_core.config import Serve
from kiki_core.errors import KikiError
from kiki_core.serving.errors import ApiError


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's own."""
    name = host.strip("[]").partition("%")[0]
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def checked(settings: Serve) -> None:
    """Raises KikiError if the server would be open to others without a key."""
    if not settings.api_key and not is_loopback(settings.host):
        raise KikiError(
            f"{settings.host} can be reached from other machines, and there is no key",
            "set KIKI_SERVE__API_KEY (or serve.api_key), or listen on 127.0.0.1",
        )


def admit(headers: Mapping[str, str], key: str) -> None:
    """Lets a request in. Without a key, a page in a browser is kept out: by its origin, or the name it came by.

    Raises:
        ApiError: 401 for a wrong key, 403 for a web page.
    """
    if key:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        # Compared as bytes in constant time, so that no client can find the key letter by letter.
        same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), key.encode("utf-8", "replace"))
        if scheme.lower() != "bearer" or not same:
            told = "the key is missing or wrong; send `Authorization: Bearer …`"
            raise ApiError(401, told, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
        return
    host, origin = headers.get("host", ""), headers.get("origin")
    if not is_loopback(_name(f"//{host}")) or (origin is not None and not is_loopback(_name(origin))):
        raise ApiError(403, "without a key, only programs of this machine may ask", code="forbidden")


def _name(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
