"""What a call goes on with where one thing alone can be meant: `$` is the place."""

from pathlib import Path

import pytest
from firmware import marked

from kiki_tools.stm32.service import STM32

ONE = '#include "stm32f4xx_hal.h"\nUART_HandleTypeDef huart2;\nvoid go(void)\n{\n  {}\n}\n'
TWO = ONE.replace("huart2;", "huart2, huart3;\nUART_HandleTypeDef huart4;")
GIVEN = ONE.replace("UART_HandleTypeDef huart2;", "void other(UART_HandleTypeDef *port)\n{\n}").replace(
    "go(void)", "go(UART_HandleTypeDef *huart)"
)


@pytest.mark.parametrize(
    ("code", "body", "usual"),
    [
        (ONE, "HAL_UART_TxCpltCallback($", "&huart2);"),
        (ONE, "HAL_UART_TxCpltCallback($);", "&huart2"),  # what stands behind isn't said twice
        (GIVEN, "HAL_UART_TxCpltCallback($", "huart);"),  # another function's parameter isn't in sight
        (TWO, "HAL_UART_TxCpltCallback($", ""),  # either could be meant
        (ONE, "HAL_UART_Transmit($", ""),  # there is more to say
        (ONE, "nobody_knows($", ""),
    ],
)
def test_a_call_with_one_parameter_takes_what_is_of_its_type(tmp_path: Path, code: str, body: str, usual: str) -> None:
    found = STM32.continuation(*marked(tmp_path, code.replace("{}", body)))
    assert found is not None
    assert found.usual == usual
