"""The program `kiki-lsp`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from importlib.metadata import version
from typing import NoReturn


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, as all of kiki's errors."""
        _stop(f"{message}; see `kiki-lsp --help`")


def main() -> None:
    """Serve one editor over standard input and output, or over TCP."""
    parser = _Parser("kiki-lsp", description="Language server for SPICE decks, KiCad's files and STM32 firmware.")
    parser.add_argument("--stdio", action="store_true", help="serve standard input and output (the default)")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="serve TCP, for example 127.0.0.1:2087")
    parser.add_argument("--version", action="version", version=f"kiki-lsp {version('micro-kiki')}")
    asked = parser.parse_args()
    if asked.tcp:
        host, _, port = asked.tcp.rpartition(":")
        if not port.isdigit() or int(port) > 65535:
            _stop("--tcp needs HOST:PORT; for example --tcp 127.0.0.1:2087")
    from kiki_lsp.protocol import Refusals
    from kiki_lsp.server import create

    for name in ("pygls.server", "pygls.protocol.json_rpc"):
        logging.getLogger(name).addFilter(Refusals())
    server = create()
    if asked.tcp:
        try:
            server.start_tcp(host or "127.0.0.1", int(port))
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else error
            _stop(f"can't listen on {asked.tcp}: {reason}; choose another address with --tcp")
        return
    # The protocol keeps the real streams to itself: print() goes to stderr, children read an empty stdin.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    server.start_io(incoming, outgoing)
    sys.exit(server.ends_with)


def _stop(line: str) -> NoReturn:
    print(f"kiki: {line}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
