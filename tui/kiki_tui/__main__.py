"""`kiki-tui`: the terminal program."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import click

from kiki_core.errors import KikiError


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="micro-kiki", prog_name="kiki-tui")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True, help="A line at a time: for screen readers, dumb terminals and pipes.")
def command(path: Path | None, plain: bool) -> int:
    """The hardware engineer's copilot in the terminal.

    PATH is a folder to work in, or a file that goes with the first question.
    """
    from kiki_core import paths
    from kiki_tui.desk import Desk

    folder, attached = _place(path)
    if plain or not _is_screen():
        from kiki_core import config
        from kiki_tui.plain import talk

        return talk(Desk(folder, paths.home(), config=config.load(), attached=attached))
    gc.disable()  # imports make no garbage, and looking for it takes a tenth of the start
    from kiki_tui.app import KikiApp

    gc.enable()
    # The configuration's library takes a third of a second: it is read once the prompt is there.
    app = KikiApp(Desk(folder, paths.home(), attached=attached), theme=_theme(paths.config_file()))
    app.run()
    if app.fault is not None:
        raise app.fault
    return app.return_code or 0


def _theme(file: Path) -> str:
    """The theme to start with; whatever is wrong with the file is said when all of it is read."""
    import tomllib

    theme = os.environ.get("KIKI_TUI__THEME")
    if theme is None:
        try:
            theme = tomllib.loads(file.read_text("utf-8")).get("tui", {}).get("theme")
        except (OSError, ValueError, AttributeError):
            theme = None
    return "light" if theme == "light" else "dark"


def main() -> None:
    """Runs `kiki-tui`. Errors are one line on stderr and exit 2; a traceback only with KIKI_DEBUG=1."""
    try:
        code = command.main(standalone_mode=False)
    except click.ClickException as error:
        _stop(f"{error.format_message().rstrip('.')}; see `kiki-tui --help`")
    except KikiError as error:
        if os.environ.get("KIKI_DEBUG") == "1":
            raise
        _stop(str(error))
    except (KeyboardInterrupt, click.exceptions.Abort):
        print("kiki: stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    sys.exit(code if isinstance(code, int) else 0)


def _place(path: Path | None) -> tuple[Path, tuple[str, ...]]:
    """The working folder, and the files that go with the first question."""
    try:
        if path is None:
            return Path.cwd(), ()
        if path.is_dir():
            return path.resolve(), ()
        if path.is_file():
            return path.resolve().parent, (str(path.resolve()),)
    except (OSError, ValueError) as error:
        raise KikiError(f"{path} can't be opened: {error}", "name a folder or a file") from error
    raise KikiError(f"there is no file or folder {path}", "name one that exists")


def _is_screen() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def _stop(line: str) -> None:
    print(f"kiki: {' '.join(line.split()).rstrip('.')}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
