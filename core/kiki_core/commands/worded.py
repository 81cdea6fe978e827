"""A command whose argument is prose: a text that begins with a hyphen, such as "-60 dB/decade", is no option."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

_NUMBER = re.compile(r"-\d")


class Worded(click.Command):
    """Takes words with blanks, and ones that begin with a negative number, for text, wherever they stand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, with such texts behind a `--`."""
        return super().parse_args(ctx, self._parted(args))

    def _parted(self, args: Sequence[str]) -> list[str]:
        options = [param for param in self.params if isinstance(param, click.Option)]
        names = {name for option in options for name in option.opts}
        valued = {name for option in options if not option.is_flag for name in option.opts}
        end = args.index("--") if "--" in args else len(args)
        texts: list[str] = []
        others: list[str] = []
        for place, word in enumerate(args[:end]):
            prose = len(word.split()) > 1 or _NUMBER.match(word)
            given = place > 0 and args[place - 1] in valued
            named = word.partition("=")[0] in names
            (texts if word.startswith("-") and prose and not given and not named else others).append(word)
        return [*others, "--", *texts, *args[end + 1 :]] if texts else list(args)
