"""Errors as OpenAI's API tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """What a client did wrong, or what went wrong for it. ``kind``: OpenAI's ``type``."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message = status, message
        self.kind, self.code, self.param = kind, code, param
        self.headers = dict(headers or {})

    def to_json(self) -> dict[str, Any]:
        """The body of the response."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


def wrong(message: str, param: str | None = None) -> ApiError:
    """A request that can't be done as it stands."""
    return ApiError(400, message, param=param)


def no_model(name: str, there: list[str]) -> ApiError:
    """A model that isn't served."""
    told = f"there is no model {name[:80]!r}; there are {', '.join(there)}"
    return ApiError(404, told, code="model_not_found", param="model")


def failed(message: str) -> ApiError:
    """The model server or a part of kiki failed."""
    return ApiError(502, message, "api_error", "backend_failed")
