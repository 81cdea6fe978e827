"""`kiki render` for firmware: the pins in use, as a picture or a table."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from firmware import written

from kiki_core.commands.render import command
from kiki_core.errors import KikiError

MAIN = """#include "stm32f4xx_hal.h"
void pins(void)
{
  GPIO_InitTypeDef init = {0};
  init.Pin = GPIO_PIN_2;
  init.Mode = GPIO_MODE_AF_PP;
  init.Alternate = GPIO_AF7_USART2;
  HAL_GPIO_Init(GPIOA, &init);
}
"""


def rendered(*arguments: str) -> str:
    ran = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_project_is_drawn(tmp_path: Path) -> None:
    main = written(tmp_path, MAIN)
    for asked in (main, tmp_path):
        out = tmp_path / "pins.svg"
        assert "1 pin in use of LQFP64" in rendered(str(asked), "--out", str(out))
        assert "USART2_TX" in out.read_text()


def test_a_table_goes_to_a_markdown_file(tmp_path: Path) -> None:
    main = written(tmp_path, MAIN)
    rendered(str(main), "--out", str(tmp_path / "pins.md"), "--package", "LQFP144")
    assert "| PA2 | 36 | alternate | USART2_TX |" in (tmp_path / "pins.md").read_text()


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        ({"main.c": "int main(void) { return 0; }\n"}, (), "no firmware"),
        ({"main.c": MAIN}, ("--package", "DIP8"), "LQFP64"),
        ({"main.c": "/* stm32 */\n", "compile_flags.txt": ""}, (), "device"),
    ],
)
def test_what_cant_be_drawn_is_said(
    tmp_path: Path, files: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    main = written(tmp_path, files.pop("main.c"), **files)
    with pytest.raises(KikiError, match=said):
        CliRunner().invoke(command, [str(main), *arguments], catch_exceptions=False)
