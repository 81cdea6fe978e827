"""Firmware in an editor: the server as it is shipped."""

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path

import pytest
import pytest_lsp
from firmware import DEVICE, written
from lsp_waiting import diagnostics_of
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


USES = """#include "stm32f4xx_hal.h"
UART_HandleTypeDef huart2;
int main(void)
{
  RCC->AHB1ENR |= RCC_AHB1ENR_GPIOAEN;
  USART2->CR1 |= 0x2000;
  HAL_UART_Transmit(&huart2, 0, 0, 0);
  USART2->CR1 |= ;
}
"""
HOME = tempfile.mkdtemp(prefix="kiki-test-")


pytestmark = pytest.mark.asyncio(loop_scope="module")
"""One server for all: to start one takes longer than to ask it."""


@pytest_lsp.fixture(
    scope="module",
    loop_scope="module",
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "kiki_lsp"], server_env={**os.environ, "KIKI_HOME": HOME}
    ),
)
async def client(lsp_client: LanguageClient):
    markdown = t.ClientCapabilities(
        text_document=t.TextDocumentClientCapabilities(
            hover=t.HoverClientCapabilities(content_format=[t.MarkupKind.Markdown])
        )
    )
    await lsp_client.initialize_session(t.InitializeParams(capabilities=markdown, process_id=None))
    yield
    await lsp_client.shutdown_session()


async def opened(client: LanguageClient, folder: Path, text: str) -> str:
    (folder / "compile_flags.txt").write_text("-DSTM32F446xx\n")
    path = folder / "main.c"
    path.write_text(text)
    document = t.TextDocumentItem(path.as_uri(), "c", 1, text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(document))
    await diagnostics_of(client, path.as_uri())
    return path.as_uri()


async def test_a_wrong_alternate_function_is_told(client, tmp_path):
    uri = await opened(client, tmp_path, MAIN)
    (one,) = client.diagnostics[uri]
    assert one.code == "ST101"
    assert one.range.start.line == 5, "at the pin: the function is right on others, and this one has nothing of USART2"
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
    async with asyncio.timeout(60):
        while not any(each.source == "arm-none-eabi-gcc" for each in client.diagnostics[uri]):
            await asyncio.sleep(0.05)
    (one,) = [each for each in client.diagnostics[uri] if each.source == "arm-none-eabi-gcc"]
    assert "missing" in one.message
    assert one.range.start == t.Position(1, 24)


async def with_headers(client: LanguageClient, folder: Path, text: str = USES) -> str:
    path = written(folder, text)
    document = t.TextDocumentItem(path.as_uri(), "c", 1, text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(document))
    await diagnostics_of(client, path.as_uri())
    return path.as_uri()


def at(uri: str, line: int, character: int) -> t.HoverParams:
    return t.HoverParams(t.TextDocumentIdentifier(uri), t.Position(line, character))


async def test_hover_knows_the_projects_own_headers_at_once(client, tmp_path):
    uri = await with_headers(client, tmp_path)
    hover = await client.text_document_hover_async(at(uri, 4, 9))
    assert "`0x40023804`" in hover.contents.value
    assert "clock of GPIOA" in hover.contents.value
    hover = await client.text_document_hover_async(at(uri, 6, 6))
    assert "Sends an amount of data" in hover.contents.value


async def test_indexes_are_kept_by_content_and_a_damaged_one_is_made_anew(client, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    await client.text_document_hover_async(at(await with_headers(client, tmp_path / "one"), 4, 9))
    kept = {path: path.stat().st_mtime_ns for path in Path(HOME).glob("cache/indexes/*.json")}
    assert any("USART_CR1" in json.loads(path.read_text()).get("fields", {}) for path in kept)
    for path in kept:
        path.write_text("{")
    uri = await with_headers(client, tmp_path / "two")
    hover = await client.text_document_hover_async(at(uri, 4, 9))
    assert "clock of GPIOA" in hover.contents.value
    assert all(json.loads(path.read_text()) for path in kept)


async def test_a_header_that_changes_is_read_again(client, tmp_path):
    uri = await with_headers(client, tmp_path)
    await client.text_document_hover_async(at(uri, 4, 9))
    header = tmp_path / "Include" / "stm32f446xx.h"
    header.write_text(DEVICE.replace("0x3800UL", "0x7C00UL"))
    changed = [t.FileEvent(header.as_uri(), t.FileChangeType.Changed)]
    client.workspace_did_change_watched_files(t.DidChangeWatchedFilesParams(changed))
    hover = await client.text_document_hover_async(at(uri, 4, 9))
    assert "`0x40027C04`" in hover.contents.value


async def test_fields_of_the_register_are_proposed(client, tmp_path):
    uri = await with_headers(client, tmp_path)
    place = t.CompletionParams(t.TextDocumentIdentifier(uri), t.Position(7, 17))
    found = await client.text_document_completion_async(place)
    assert [item.label for item in found.items] == ["USART_CR1_TE", "USART_CR1_UE"]


async def test_a_space_proposes_only_behind_an_operator(client, tmp_path):
    uri = await with_headers(client, tmp_path)

    async def labels(line: int, character: int) -> list[str]:
        how = t.CompletionContext(t.CompletionTriggerKind.TriggerCharacter, " ")
        place = t.CompletionParams(t.TextDocumentIdentifier(uri), t.Position(line, character), how)
        found = await client.text_document_completion_async(place)
        return [item.label for item in found.items] if found else []

    assert await labels(7, 17) == ["USART_CR1_TE", "USART_CR1_UE"]
    assert await labels(7, 2) == []


async def test_the_signature_names_the_parameter(client, tmp_path):
    uri = await with_headers(client, tmp_path)
    place = t.SignatureHelpParams(t.TextDocumentIdentifier(uri), t.Position(6, 29))
    found = await client.text_document_signature_help_async(place)
    assert found.active_parameter == 1
    assert found.signatures[0].parameters[1].label == "const uint8_t *pData"


async def test_a_register_constant_is_shown_in_fields(client, tmp_path):
    uri = await with_headers(client, tmp_path)
    await client.text_document_hover_async(at(uri, 4, 9))
    whole = t.Range(t.Position(0, 0), t.Position(9, 0))
    hints = await client.text_document_inlay_hint_async(t.InlayHintParams(t.TextDocumentIdentifier(uri), whole))
    assert [(hint.position.line, hint.label) for hint in hints] == [(5, "UE")]


async def test_the_pin_out_is_drawn_and_opened(client, tmp_path):
    uri = await opened(client, tmp_path, MAIN)
    lenses = await client.text_document_code_lens_async(t.CodeLensParams(t.TextDocumentIdentifier(uri)))
    (lens,) = [each for each in lenses if "pin-out" in each.command.title]
    assert lens.range.start.line == 1
    done = await client.workspace_execute_command_async(
        t.ExecuteCommandParams(lens.command.command, lens.command.arguments)
    )
    assert "PA9" in Path(done["path"]).read_text()


async def test_the_workspace_lists_peripherals_pins_and_handlers(client, tmp_path):
    await opened(client, tmp_path, MAIN.replace("}\n", "}\nvoid USART1_IRQHandler(void) {}\n"))
    found = await client.workspace_symbol_async(t.WorkspaceSymbolParams("USART1_IRQ"))
    assert [each.name for each in found] == ["USART1_IRQHandler"]
    found = await client.workspace_symbol_async(t.WorkspaceSymbolParams("PA9"))
    assert "PA9 GPIO_AF7_USART2" in {each.name for each in found}


async def test_the_vector_table_tells_what_is_handled(client, tmp_path):
    written(tmp_path, "/* STM32 */\nvoid USART2_IRQHandler(void) {}\n")
    text = "/* stm32 */\ng_pfnVectors:\n  .word USART2_IRQHandler\n  .word TIM2_IRQHandler\n"
    path = tmp_path / "startup_stm32f446xx.s"
    path.write_text(text)
    client.text_document_did_open(t.DidOpenTextDocumentParams(t.TextDocumentItem(path.as_uri(), "asm", 1, text)))
    await diagnostics_of(client, path.as_uri())
    lenses = await client.text_document_code_lens_async(t.CodeLensParams(t.TextDocumentIdentifier(path.as_uri())))
    assert [(each.range.start.line, each.command.title) for each in lenses] == [
        (1, "1 of 2 vectors are handled"),
        (2, "USART2_IRQHandler: main.c"),
    ]
    hover = await client.text_document_hover_async(at(path.as_uri(), 2, 12))
    assert "interrupt 38" in hover.contents.value


async def test_a_projects_other_files_are_kept_for_the_next_time(client, tmp_path):
    (tmp_path / "other.c").write_text("/* STM32 of this test only */\nvoid TIM2_IRQHandler(void) {}\n")
    before = set(Path(HOME).glob("cache/indexes/*.json"))
    uri = await with_headers(client, tmp_path)
    await client.text_document_hover_async(at(uri, 4, 9))

    def kept() -> bool:
        new = set(Path(HOME).glob("cache/indexes/*.json")) - before
        return any("TIM2_IRQHandler" in path.read_text() for path in new)

    for _ in range(1200):
        if kept():
            break
        await asyncio.sleep(0.05)
    assert kept()
