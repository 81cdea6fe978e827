"""What pygls leaves open of the protocol: texts kept once, every request answered, the exit status, a readable log."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from typing import Any

from cattrs.errors import ClassValidationError
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method

_Steps = Generator[tuple[Any, tuple[Any, ...], None], None, None]


class KikiProtocol(LanguageServerProtocol):
    """Leaves the texts to `Snapshot`: pygls's own copies take time and memory with the size of the file."""

    exit_status = 0
    """What the process ends with: 1 after an `exit` that no `shutdown` came before."""

    def _to_feature(self, method: str, params: Any) -> _Steps:
        feature = self.fm.features.get(method)
        if feature is not None:
            yield feature, (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> _Steps:
        """A document is open."""
        yield from self._to_feature(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> _Steps:
        """A document's text changed."""
        yield from self._to_feature(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> _Steps:
        """A document is closed."""
        yield from self._to_feature(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> _Steps:
        """The client ends the process. pygls swallows the status on standard streams, so it is kept."""
        self.exit_status = 0 if self._shutdown else 1
        yield from super().lsp_exit(*args)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """A message as its type.

        pygls only logs a request whose parameters have the wrong shape, and its client waits for ever: the error is
        sent here.
        """
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], None, error.to_response_error())
            raise


class Refusals(logging.Filter):
    """A refused request is a line in the log, not a traceback: the client has the reason in its answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, without the traceback of a refusal unless KIKI_DEBUG=1."""
        error = record.exc_info[1] if record.exc_info else sys.exc_info()[1]
        if isinstance(error, JsonRpcException | ClassValidationError) and os.environ.get("KIKI_DEBUG") != "1":
            record.msg, record.args, record.exc_info = "refused: %s", (error,), None
        return True
