-- The configuration that `vim.lsp.enable("kiki")` reads (Neovim 0.11).
return {
  cmd = { vim.g.kiki_lsp or "kiki-lsp" },
  filetypes = { "spice" },
  root_markers = { ".git" },
}
