"""A real Neovim, with the plugin as it is shipped, on a real deck."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filling_api import Filling, served
from firmware import written

PLUGIN = Path(__file__).parent.parent.parent / "lsp" / "editors" / "nvim"

SCRIPT = """
vim.g.kiki_lsp = "{server}"
vim.opt.runtimepath:append("{plugin}")
vim.cmd("runtime! ftdetect/*.lua plugin/kiki.lua")
vim.cmd("edit {deck}")
local function wait(what, ready)
  assert(vim.wait(20000, ready, 50), what)
end
wait("no client", function() return #vim.lsp.get_clients({{ bufnr = 0 }}) > 0 end)
wait("no diagnostics", function() return #vim.diagnostic.get(0) > 0 end)
vim.wait(1500)
for _, one in ipairs(vim.diagnostic.get(0)) do
  print(one.lnum .. " " .. tostring(one.code) .. "\\n")
end
local client = vim.lsp.get_clients({{ bufnr = 0 }})[1]
local text = vim.lsp.util.make_text_document_params(0)
local at = {{ textDocument = text, position = {{ line = 3, character = {column} }} }}
local found = client:request_sync("textDocument/definition", at, 20000, 0)
print("definition " .. vim.inspect(found.result):gsub("%s+", " ") .. "\\n")
local hover = client:request_sync("textDocument/hover", at, 20000, 0)
print("hover " .. vim.inspect(hover.result):gsub("%s+", " ") .. "\\n")
vim.cmd("qa!")
"""


DRAWN = """(kicad_sch (version 20250114) (generator "eeschema") (uuid "00000000-0000-4000-8000-000000000000")
\t(lib_symbols
\t\t(symbol "Device:R" (symbol "R_1_1" (pin passive line (at 0 2.54 270) (length 0) (name "~") (number "1")))))
\t(symbol (lib_id "Device:R") (at 50.8 50.8 0) (unit 1) (uuid "00000000-0000-4000-8000-000000000001")
\t\t(property "Reference" "R1" (at 0 0 0))))
"""


def neovim(script: Path, home: Path) -> str:
    """What a Neovim that runs the script prints."""
    bin_folder = Path(sys.executable).parent
    nvim = shutil.which("nvim", path=f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    assert nvim is not None, "Neovim comes with the development dependencies"
    ran = subprocess.run(
        [nvim, "--headless", "--clean", "-l", str(script)],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env={**os.environ, "HOME": str(home)},
    )  # fmt: skip
    shown = ran.stdout + ran.stderr
    assert ran.returncode == 0, shown
    return shown


def test_neovim_knows_kicad_files(tmp_path: Path) -> None:
    sheet = tmp_path / "a.kicad_sch"
    sheet.write_text(DRAWN)
    script = tmp_path / "init.lua"
    script.write_text(
        SCRIPT.format(server=Path(sys.executable).parent / "kiki-lsp", plugin=PLUGIN, deck=sheet, column=22)
    )
    shown = neovim(script, tmp_path)
    assert "KC301" in shown, "the pin is open"
    assert "a.kicad_sch" in shown.split("definition", 1)[1].split("hover")[0]
    assert "1 passive" in shown.split("hover", 1)[1], "the part's pins"


def test_neovim_shows_diagnostics_hover_and_definition(tmp_path: Path) -> None:
    (tmp_path / "amp.lib").write_text(".subckt amp in out\nR1 in out 1k\n.ends\n")
    deck = tmp_path / "deck.cir"
    deck.write_text('* t\n.include "amp.lib"\nV1 a 0 1\nX1 a b amp\nX2 a b nosub\n.op\n.end\n')
    script = tmp_path / "init.lua"
    script.write_text(
        SCRIPT.format(server=Path(sys.executable).parent / "kiki-lsp", plugin=PLUGIN, deck=deck, column=7)
    )
    shown = neovim(script, tmp_path)
    assert shown.count("4 SP203") == 1
    assert "amp.lib" in shown.split("definition", 1)[1]
    assert "subcircuit" in shown.split("hover", 1)[1]


FIRMWARE = """
local function wait(what, ready) assert(vim.wait(20000, ready, 50), what) end
vim.g.kiki_lsp = "{server}"
vim.opt.runtimepath:append("{plugin}")
vim.cmd("runtime! ftdetect/*.lua plugin/kiki.lua")
vim.cmd("edit {file}")
wait("no client", function() return #vim.lsp.get_clients({{ bufnr = 0 }}) > 0 end)
local client = vim.lsp.get_clients({{ bufnr = 0 }})[1]
local text = vim.lsp.util.make_text_document_params(0)
local function ask(method, line, column)
  local params = {{ textDocument = text, position = {{ line = line, character = column }} }}
  local found = client:request_sync("textDocument/" .. method, params, 20000, 0)
  print(method .. " " .. vim.inspect(found.result):gsub("%s+", " ") .. "\\n")
end
ask("hover", 4, 12)
ask("completion", 5, 17)
ask("signatureHelp", 6, 29)
vim.cmd("qa!")
"""


def test_neovim_knows_the_chip(tmp_path: Path) -> None:
    code = "  USART2->CR1 = 0;\n  USART2->CR1 |= ;\n  HAL_UART_Transmit(&huart2, 0, 0, 0);\n"
    main = written(tmp_path, f'#include "stm32f4xx_hal.h"\nUART_HandleTypeDef huart2;\nint main(void)\n{{\n{code}}}\n')
    script = tmp_path / "init.lua"
    script.write_text(FIRMWARE.format(server=Path(sys.executable).parent / "kiki-lsp", plugin=PLUGIN, file=main))
    shown = neovim(script, tmp_path)
    hover, rest = shown.split("completion", 1)
    completion, signature = rest.split("signatureHelp", 1)
    assert "USART Control register 1" in hover
    assert "0x40004404" in hover
    assert "USART_CR1_UE" in completion
    assert "HAL_UART_Transmit(" in signature
    assert "activeParameter = 1" in signature


PROPOSED = """
vim.g.kiki_lsp = "{server}"
vim.env.KIKI_BACKEND__KIND = "openai"
vim.env.KIKI_BACKEND__URL = "{url}"
vim.env.KIKI_EDITOR__MODEL = "true"
vim.env.KIKI_HOME = "{home}"
vim.opt.runtimepath:append("{plugin}")
vim.cmd("runtime! ftdetect/*.lua plugin/kiki.lua")
vim.cmd("edit {deck}")
assert(vim.wait(20000, function() return #vim.lsp.get_clients({{ bufnr = 0 }}) > 0 end, 50), "no client")
local client = vim.lsp.get_clients({{ bufnr = 0 }})[1]
client:request_sync("workspace/executeCommand", {{ command = "kiki.status", arguments = {{}} }}, 20000, 0)
vim.api.nvim_buf_set_lines(0, 4, 5, true, {{ "R3 out " }})
local text = vim.lsp.util.make_text_document_params(0)
local at = {{ textDocument = text, position = {{ line = 4, character = 7 }} }}
local item
assert(vim.wait(20000, function()
  local found = client:request_sync("textDocument/completion", at, 20000, 0)
  for _, one in ipairs(found.result.items or {{}}) do
    if one.detail == "kiki proposes" then item = one end
  end
  return item ~= nil
end, 200), "no proposal")
vim.lsp.util.apply_text_edits({{ item.textEdit }}, vim.api.nvim_get_current_buf(), client.offset_encoding)
print(vim.api.nvim_buf_get_lines(0, 4, 5, true)[1] .. "\\n")
vim.cmd("qa!")
"""


async def test_neovim_gets_what_the_model_proposes_as_an_item(tmp_path: Path) -> None:
    deck = tmp_path / "d.cir"
    deck.write_text("* divider\nV1 in 0 DC 5\nR1 in out 1k\nR2 out 0 1k\n\n.op\n.end\n")
    script = tmp_path / "init.lua"
    async with served(Filling(lambda prompt: "0 2k")) as url:
        server = Path(sys.executable).parent / "kiki-lsp"
        script.write_text(PROPOSED.format(server=server, plugin=PLUGIN, deck=deck, url=url, home=tmp_path / "home"))
        assert "R3 out 0 2k" in await asyncio.to_thread(neovim, script, tmp_path)
