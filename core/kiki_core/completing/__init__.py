"""Completion while typing: the model proposes, the language service decides what is shown."""
