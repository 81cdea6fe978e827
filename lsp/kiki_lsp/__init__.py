"""kiki-lsp: kiki's language services over the Language Server Protocol."""
