vim.filetype.add({
  extension = {
    kicad_sch = "kicad_sch", kicad_pcb = "kicad_pcb", kicad_sym = "kicad_sym", kicad_mod = "kicad_mod",
    kicad_dru = "kicad_dru", kicad_wks = "kicad_wks", kicad_pro = "kicad_pro",
  },
  filename = { ["sym-lib-table"] = "kicad_table", ["fp-lib-table"] = "kicad_table" },
})
