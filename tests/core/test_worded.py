"""Texts on the command line that begin with a hyphen."""

import click
import pytest
from click.testing import CliRunner

from kiki_core.commands.worded import Worded


@click.command(cls=Worded)
@click.argument("text")
@click.option("--json", "as_json", is_flag=True)
@click.option("--session")
def asked(text: str, as_json: bool, session: str | None) -> None:
    click.echo(f"{text}|{as_json}|{session}")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-60 dB/decade from one RC"], "-60 dB/decade from one RC|False|None"),
        (["-60dB from one RC", "--json"], "-60dB from one RC|True|None"),
        (["--json", "-5V"], "-5V|True|None"),
        (["- what now", "--session", "- mine -"], "- what now|False|- mine -"),
        (["RC", "--session=a b"], "RC|False|a b"),
        (["--", "-60 dB"], "-60 dB|False|None"),
        (["-"], "-|False|None"),
    ],
)
def test_a_text_that_begins_with_a_hyphen_is_a_text(words: list[str], said: str) -> None:
    result = CliRunner().invoke(asked, words)
    assert result.output.strip() == said


@pytest.mark.parametrize("words", [["RC", "--jsno"], ["RC", "-x"], ["RC", "-60 dB"]])
def test_a_wrong_option_or_a_second_text_is_refused(words: list[str]) -> None:
    assert CliRunner().invoke(asked, words).exit_code == 2
