"""Errors that a person can act on."""

from __future__ import annotations


class KikiError(Exception):
    """What is wrong and what to do about it, as one line (`kiki: what is wrong; what to do`)."""

    def __init__(self, wrong: str, remedy: str = "") -> None:
        self.wrong = wrong
        self.remedy = remedy
        super().__init__(f"{wrong}; {remedy}" if remedy else wrong)
