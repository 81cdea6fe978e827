"""The program `kiki-lsp`."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.metadata import version


def main() -> None:
    """Serve one editor over standard input and output, or over TCP."""
    parser = argparse.ArgumentParser("kiki-lsp", description="Language server for circuits: SPICE decks.")
    parser.add_argument("--stdio", action="store_true", help="serve standard input and output (the default)")
    parser.add_argument("--tcp", metavar="HOST:PORT", help="serve TCP, for example 127.0.0.1:2087")
    parser.add_argument("--version", action="version", version=f"kiki-lsp {version('micro-kiki')}")
    asked = parser.parse_args()
    if asked.tcp:
        host, _, port = asked.tcp.rpartition(":")
        if not port.isdigit() or int(port) > 65535:
            print("kiki: --tcp needs HOST:PORT; for example --tcp 127.0.0.1:2087", file=sys.stderr)
            sys.exit(2)
    from kiki_lsp.server import create

    if asked.tcp:
        create().start_tcp(host or "127.0.0.1", int(port))
        return
    # The protocol keeps the real streams to itself: print() goes to stderr, children read an empty stdin.
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    create().start_io(incoming, outgoing)


if __name__ == "__main__":
    main()
