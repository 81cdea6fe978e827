"""A real Neovim, with the plugin as it is shipped, on a real deck."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

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
local at = {{ textDocument = vim.lsp.util.make_text_document_params(0), position = {{ line = 3, character = 7 }} }}
local found = client:request_sync("textDocument/definition", at, 5000, 0)
print("definition " .. vim.inspect(found.result):gsub("%s+", " ") .. "\\n")
local hover = client:request_sync("textDocument/hover", at, 5000, 0)
print("hover " .. vim.inspect(hover.result):gsub("%s+", " ") .. "\\n")
vim.cmd("qa!")
"""


def test_neovim_shows_diagnostics_hover_and_definition(tmp_path: Path) -> None:
    bin_folder = Path(sys.executable).parent
    nvim = shutil.which("nvim", path=f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    assert nvim is not None, "Neovim comes with the development dependencies"
    (tmp_path / "amp.lib").write_text(".subckt amp in out\nR1 in out 1k\n.ends\n")
    deck = tmp_path / "deck.cir"
    deck.write_text('* t\n.include "amp.lib"\nV1 a 0 1\nX1 a b amp\nX2 a b nosub\n.op\n.end\n')
    script = tmp_path / "init.lua"
    script.write_text(SCRIPT.format(server=bin_folder / "kiki-lsp", plugin=PLUGIN, deck=deck))
    ran = subprocess.run(
        [nvim, "--headless", "--clean", "-l", str(script)],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    shown = ran.stdout + ran.stderr
    assert ran.returncode == 0, shown
    assert shown.count("4 SP203") == 1
    assert "amp.lib" in shown.split("definition", 1)[1]
    assert "subcircuit" in shown.split("hover", 1)[1]
