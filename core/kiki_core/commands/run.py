"""`kiki run`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--machine", "machine_name", help="QEMU's machine; else the one for the project's device.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(0.1, 600), default=10.0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON.")
@click.pass_context
def command(ctx: click.Context, file: Path, machine_name: str | None, timeout_s: float, as_json: bool) -> None:
    """Build firmware and run it in QEMU: UART and semihosting on the output, `@expect uart "…"` comments checked.

    FILE is an ELF file, a C file whose folder (or compile_commands.json) holds the rest of the program, or a
    project's folder. It runs until it exits, has said all that is expected, or the time is over. Exit 1 if it failed.
    """
    from kiki_core.firmware import run

    found = asyncio.run(run(file, machine_name, timeout_s))
    if as_json:
        click.echo(json.dumps(_json(found)))
    else:
        click.echo(found.run.uart, nl=not found.run.uart.endswith("\n"))
        if found.run.message:
            click.echo(found.run.message, err=True)
        for one in found.expectations:
            click.echo(f'{"met" if one.ok else "not met"}: line {one.line + 1}: uart "{one.text}"', err=True)
        stopped = "stopped, all is said" if found.run.enough else f"stopped after {timeout_s:g} s"
        ended = f"exit code {found.run.exit_code}" if found.run.exit_code is not None else stopped
        click.echo(f"{found.run.machine}: {ended}", err=True)
        click.echo(f"{found.run.machine} doesn't model {found.lacks}", err=True)
    if not found.ok:
        ctx.exit(1)


def _json(found: Any) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "machine": found.run.machine,
        "uart": found.run.uart,
        "exit_code": found.run.exit_code,
        "expectations": [{"line": one.line, "text": one.text, "ok": one.ok} for one in found.expectations],
        "elapsed_s": round(found.run.elapsed_s, 4),
        "not_modelled": found.lacks,
    }
