"""The one table of what a person can do: keys, slash commands, palette and help all come from here."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

Where = Literal["both", "screen", "plain"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do.

    ``run`` names the method ``do_<run>`` of the front end; it takes the text after the slash command.
    ``key`` is in Textual's notation, empty when there is none.
    """

    slash: str
    title: str
    help: str
    key: str = ""
    argument: str = ""
    where: Where = "both"
    aliases: tuple[str, ...] = ()

    @property
    def run(self) -> str:
        """Name of the front end's method."""
        return f"do_{self.slash}"

    @property
    def usage(self) -> str:
        """How the slash command is typed."""
        return f"/{self.slash} {self.argument}".rstrip()


ACTIONS: tuple[Action, ...] = (
    Action("help", "Help", "Every key and command. `?` on an empty line does the same.", "f1"),
    Action("check", "Check a file", "Diagnostics for a file, without running it.", argument="FILE"),
    Action("sim", "Simulate a deck", "Runs a deck in ngspice, in the sandbox; shows a verdict.", argument="FILE"),
    Action("new", "New session", "Begins a fresh session; the old one is kept.", "ctrl+n"),
    Action("sessions", "Sessions", "Resumes an earlier session.", "f3", "[NAME]", aliases=("resume",)),
    Action("rename", "Rename the session", "Gives this session a title.", argument="TITLE"),
    Action("export", "Export to Markdown", "Writes this session to a new file.", argument="[FILE]"),
    Action("save", "Save an artefact", "Writes the last artefact to a new file.", argument="[FILE]"),
    Action("copy", "Copy the answer", "Copies the last answer, or its last code.", "f5", "[code]", "screen"),
    Action("verdict", "Open or close the last verdict", "Its plot, deck, log, measures.", "f4", where="screen"),
    Action("domain", "Choose the expert", "Asks one domain only, or as the router chooses.", argument="[DOMAIN]"),
    Action("pin", "Pin an expert", "It answers in any case; again, or alone: no more.", argument="[DOMAIN]"),
    Action("mute", "Mute an expert", "It never answers; again, or alone: no more.", argument="[DOMAIN]"),
    Action("memory", "Memory on or off", "Whether earlier answers may be recalled.", argument="[on|off]"),
    Action("model", "Choose the model", "Lists the models; choose or name one.", "f6", "[NAME]"),
    Action("download", "Download the model", "Fetches missing weights.", argument="[NAME]"),
    Action("settings", "Settings", "Shows and changes the configuration.", "f2", "[KEY VALUE]"),
    Action("theme", "Light or dark", "Changes the theme.", "f8", "[dark|light]", "screen"),
    Action("cancel", "Stop the answer", "Stops the answer.", "escape", where="screen"),
    Action("quit", "Quit", "Leaves kiki; the session is kept.", "ctrl+q", aliases=("exit",)),
)  # fmt: skip

PROMPT_KEYS: tuple[tuple[str, str], ...] = (
    ("enter", "Sends the question, or takes the proposal"),
    ("shift+enter, ctrl+j", "Begins a new line"),
    ("up, down", "Earlier and later questions"),
    ("tab", "Takes a proposal; else goes on to the answers, where enter opens a verdict"),
    ("@", "Proposes files to attach"),
    ("/", "Proposes commands"),
    ("pageup, pagedown", "Scrolls through the conversation"),
    ("ctrl+p", "The command palette"),
)
"""Keys of the prompt, for the help."""


def find(slash: str) -> Action | None:
    """The action of a slash command, by its name without the slash."""
    for action in ACTIONS:
        if slash == action.slash or slash in action.aliases:
            return action
    return None


def parse(line: str) -> tuple[str, str] | None:
    """Name and argument of a slash command; None for a line that isn't one (such as a path)."""
    if not line.startswith("/") or "\n" in line.strip():
        return None
    name, _, argument = line[1:].rstrip().partition(" ")
    return (name, argument.strip()) if name.isalpha() and name.islower() else None


def nearest(slash: str) -> str:
    """What to say of a command that there isn't."""
    close = get_close_matches(slash, [action.slash for action in ACTIONS], 1)
    hint = f"did you mean /{close[0]}?" if close else "see /help"
    return f"there is no command /{slash}; {hint}"


def beginning(prefix: str) -> list[Action]:
    """Actions whose command begins so, in the table's order."""
    return [action for action in ACTIONS if action.slash.startswith(prefix)]
