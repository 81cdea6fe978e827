"""The files that a deck draws in, and those that it may not."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence
from pathlib import PurePath

from kiki_tools.spice.cards import Card, Deck, Word

SUFFIXES = frozenset(
    """
        .cir .ckt .sp .spi .spice .spc .net .lib .inc .mod .model .models .sub .subckt .pm .l .cdl .mdl .txt
        .par
    """.split()
)
"""What an included file is called. Others (`/etc/passwd`) are not opened for a deck."""


def included(deck: Deck, known: Container[str] = (), search: Sequence[str] = ()) -> Iterator[tuple[Card, Word, str]]:
    """Each include: its card, the word that names the file, and the file's absolute path.

    Of the places where the file may lie (beside the deck, then in ``search``) the first that is ``known``.
    """
    for card in deck.directives(".include", ".inc", ".lib"):
        found = target(card, deck.snapshot.path, search)
        if found is not None:
            word, paths, _ = found
            yield card, word, next((path for path in paths if path in known), paths[0])


def target(card: Card, path: str, search: Sequence[str] = ()) -> tuple[Word, list[str], str] | None:
    """What an include of the file ``path`` draws in: the word that names it, where it may lie, its section."""
    arguments = card.arguments
    # `.lib name` alone opens a section of this very file; `.lib file section` draws one in.
    if not arguments or (card.name.low == ".lib" and len(arguments) < 2 and not _looks_like_path(arguments[0])):
        return None
    name = arguments[0].text.strip("'\"")
    folder = os.path.dirname(path) or os.getcwd()
    section = arguments[1].low if len(arguments) > 1 else ""
    places = [os.path.normpath(os.path.join(place, os.path.expanduser(name))) for place in (folder, *search)]
    return arguments[0], list(dict.fromkeys(places)), section


def openable(path: str) -> bool:
    """Whether a deck may draw this file in: by its suffix, so that a deck can't leak what is no netlist."""
    return PurePath(path).suffix.lower() in SUFFIXES


def _looks_like_path(word: Word) -> bool:
    text = word.text.strip("'\"")
    return "/" in text or PurePath(text).suffix.lower() in SUFFIXES
