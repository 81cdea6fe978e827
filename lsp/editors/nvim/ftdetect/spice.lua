vim.filetype.add({
  extension = { cir = "spice", ckt = "spice", sp = "spice", spi = "spice", spice = "spice" },
})
