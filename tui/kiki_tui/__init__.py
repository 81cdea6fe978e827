"""kiki-tui: the terminal program."""
