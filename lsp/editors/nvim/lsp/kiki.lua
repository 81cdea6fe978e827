-- The configuration that `vim.lsp.enable("kiki")` reads (Neovim 0.11).
return {
  cmd = { vim.g.kiki_lsp or "kiki-lsp" },
  filetypes = {
    "spice", "kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod", "kicad_dru", "kicad_wks", "kicad_pro", "kicad_table",
    "c", "cpp", "asm",
  },
  root_markers = { ".git" },
}
