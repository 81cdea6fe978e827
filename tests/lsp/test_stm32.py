"""Firmware in an editor: the server as it is shipped."""

import asyncio
import sys
from pathlib import Path

import pytest_lsp
from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient

MAIN = """#include "stm32f4xx_hal.h"
void pins(void)
{
  GPIO_InitTypeDef init = {0};
  __HAL_RCC_GPIOA_CLK_ENABLE();
  init.Pin = GPIO_PIN_9;
  init.Mode = GPIO_MODE_AF_PP;
  init.Alternate = GPIO_AF7_USART2;
  HAL_GPIO_Init(GPIOA, &init);
}
"""


@pytest_lsp.fixture(config=ClientServerConfig(server_command=[sys.executable, "-m", "kiki_lsp"]))
async def client(lsp_client: LanguageClient):
    await lsp_client.initialize_session(t.InitializeParams(capabilities=t.ClientCapabilities(), process_id=None))
    yield
    await lsp_client.shutdown_session()


async def opened(client: LanguageClient, folder: Path, text: str) -> str:
    (folder / "compile_flags.txt").write_text("-DSTM32F446xx\n")
    path = folder / "main.c"
    path.write_text(text)
    document = t.TextDocumentItem(path.as_uri(), "c", 1, text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(document))
    await client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return path.as_uri()


async def test_a_wrong_alternate_function_is_told(client, tmp_path):
    uri = await opened(client, tmp_path, MAIN)
    (one,) = client.diagnostics[uri]
    assert (one.code, one.range.start.line) == ("ST101", 7)
    assert "AF7 USART1_TX" in one.message


async def test_hover_tells_what_the_pin_can_do(client, tmp_path):
    uri = await opened(client, tmp_path, MAIN)
    hover = await client.text_document_hover_async(t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(5, 16)))
    assert "| 7 | USART1_TX |" in hover.contents.value


async def test_completion_offers_the_functions_of_this_pin(client, tmp_path):
    text = MAIN.replace("GPIO_AF7_USART2", "")
    uri = await opened(client, tmp_path, text)
    place = t.CompletionParams(t.TextDocumentIdentifier(uri), t.Position(7, 19))
    found = await client.text_document_completion_async(place)
    items = found.items if isinstance(found, t.CompletionList) else found
    labels = [item.label for item in items]
    assert "GPIO_AF7_USART1" in labels
    assert "GPIO_AF7_USART2" not in labels


async def test_saving_asks_the_compiler(client, tmp_path):
    uri = await opened(client, tmp_path, "/* STM32 */\nint main(void) { return missing; }\n")
    client.text_document_did_save(t.DidSaveTextDocumentParams(t.TextDocumentIdentifier(uri)))
    for _ in range(100):
        if any(each.source == "arm-none-eabi-gcc" for each in client.diagnostics[uri]):
            break
        await asyncio.sleep(0.05)
    (one,) = [each for each in client.diagnostics[uri] if each.source == "arm-none-eabi-gcc"]
    assert "missing" in one.message
    assert one.range.start == t.Position(1, 24)
