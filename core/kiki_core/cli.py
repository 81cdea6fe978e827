"""`kiki`: the command line. Each command lives in its own module and is imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys

import click

from kiki_core.errors import KikiError

COMMANDS: dict[str, str] = {
    "adapters": "LoRA experts: install, check, compare, compose, judge, convert.",
    "ask": "Answer one question, with verified artefacts.",
    "check": "Diagnostics for files and folders.",
    "clangd": "What makes clangd read an STM32 project.",
    "data": "Build training data that a tool has verified.",
    "debias": "Bias in answers: look for it; build the adapter that weakens it.",
    "doctor": "What is found, what is missing, and what adds it.",
    "explain": "The page of one diagnostic code.",
    "fmt": "Format netlists and KiCad files: blanks and columns, never a word.",
    "generate": "Artefacts from a plan: an STM32's init, a schematic, a symbol, a footprint.",
    "memory": "What is remembered: add, recall, walk, list, edit, pin, forget.",
    "models": "Weights and backends: list, pull, use, verify.",
    "netlist": "The connectivity of a deck or schematic.",
    "render": "A picture of a KiCad file, or of a chip's pins in use, as SVG.",
    "route": "Which experts a question goes to.",
    "router": "Train, evaluate and calibrate the router; fit it to your corrections.",
    "run": "Build firmware and run it in QEMU.",
    "serve": "The chat API of OpenAI over the pipeline, the base and the experts.",
    "sim": "Simulate a deck in the sandbox.",
    "stats": "How proposals in the editor fared.",
    "sweep": "Simulate a deck many times: steps, corners, Monte Carlo.",
    "train": "Train an expert by its recipe; the gate decides whether it stays.",
}
"""Command -> its line in the help. `kiki_core.commands.<name>.command` is the click command."""


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"kiki_core.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="micro-kiki", prog_name="kiki")
def kiki() -> None:
    """The hardware engineer's copilot that checks its own work."""


def main() -> None:
    """Runs `kiki`. Errors are one line on stderr and exit 2; a traceback only with KIKI_DEBUG=1."""
    debug = os.environ.get("KIKI_DEBUG") == "1"
    try:
        code = kiki.main(standalone_mode=False)
    except click.exceptions.Abort:
        print("kiki: stopped", file=sys.stderr)
        sys.exit(130)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.ctx.get_help() if error.ctx else "")
        sys.exit(0)
    except click.UsageError as error:
        remedy = f"see `{error.ctx.command_path} --help`" if error.ctx else "see `kiki --help`"
        print(f"kiki: {_one_line(error.format_message())}; {remedy}", file=sys.stderr)
        sys.exit(2)
    except click.ClickException as error:
        print(f"kiki: {_one_line(error.format_message())}; see `kiki --help`", file=sys.stderr)
        sys.exit(2)
    except KikiError as error:
        if debug:
            raise
        print(f"kiki: {_one_line(str(error))}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except KeyboardInterrupt:
        print("kiki: stopped", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if debug:
            raise
        print(
            f"kiki: {type(error).__name__}: {_one_line(str(error))}; "
            "this is a fault of kiki: set KIKI_DEBUG=1 to see where",
            file=sys.stderr,
        )
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


if __name__ == "__main__":
    main()
