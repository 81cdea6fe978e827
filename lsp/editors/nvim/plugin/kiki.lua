if vim.fn.has("nvim-0.11") == 1 then
  vim.lsp.enable("kiki")
end
