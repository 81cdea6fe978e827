"""Takes a model's thoughts (`<think>…</think>`) out of a stream, wherever its pieces are cut."""

from __future__ import annotations

_OPEN, _CLOSE = "<think>", "</think>"


class Thinking:
    """A filter with the state of one stream. A tag in backquotes is text about tags, and stays."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._shown = ""  # the last character that was let through
        self.thought = False

    def feed(self, text: str) -> str:
        """What of the stream up to here is certainly no thought and wasn't given yet."""
        self._held += text
        out = ""
        while True:
            tag = _CLOSE if self._inside else _OPEN
            at = self._held.find(tag)
            if at < 0:
                break
            before, self._held = self._held[:at], self._held[at + len(tag) :]
            if self._inside:
                self._inside, self.thought = False, True
                if not self._shown:
                    self._held = self._held.lstrip()
            else:
                out += self._let(before)
                if self._shown == "`":
                    out += self._let(tag)
                else:
                    self._inside = True
        if self._inside:
            if not self._shown:  # thoughts before the answer can be long and never come back
                self._held = self._held[-len(_CLOSE) :]
            return out
        kept = _overlap(self._held)
        ready, self._held = self._held[: len(self._held) - kept], self._held[len(self._held) - kept :]
        return out + self._let(ready)

    def end(self) -> str:
        """What is left: the begin of a tag that never came, or, after an answer's begin, a thought that never ended."""
        if self._inside and not self._shown:
            self.thought = True
            return ""
        left = (_OPEN if self._inside else "") + self._held
        self._held, self._inside = "", False
        return left

    def _let(self, text: str) -> str:
        if not self._shown and self.thought:
            text = text.lstrip()
        if text.strip() or (text and self._shown):
            self._shown = text[-1]
        return text


def _overlap(text: str) -> int:
    """How many characters at the end could be the begin of a tag."""
    return next((size for size in range(min(len(_OPEN) - 1, len(text)), 0, -1) if _OPEN.startswith(text[-size:])), 0)
