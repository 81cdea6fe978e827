"""KiCad: schematics, boards, symbols and footprints, their files read and written."""
