"""`kiki serve`."""

from __future__ import annotations

import asyncio

import click

from kiki_core import config as configuration
from kiki_core.commands.models import ensure_all


@click.command()
@click.option("--host", help="The address to listen on (default: 127.0.0.1); others need a key.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port (default: 8035); 0 takes a free one.")
def command(host: str | None, port: int | None) -> None:
    """The chat API of OpenAI: `kiki` (the pipeline), `base`, and each expert."""
    from kiki_core.serving.doors import checked
    from kiki_core.serving.running import serve

    config = configuration.load()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    config = config.model_copy(update={"serve": config.serve.model_copy(update=given)})
    checked(config.serve)
    ensure_all(config)
    asyncio.run(serve(config, _tell))
    click.echo("stopped", err=True)


def _tell(address: str) -> None:
    click.echo(f"kiki answers at {address} (Ctrl-C ends it)")
