"""Keys, tokens and passwords in a text: recognised, and never stored."""

from __future__ import annotations

import re

_LEAD = r"(?i:pass(?:word|wd|phrase|wort)|pwd|psk|secret|token|api[ _-]?key|access[ _-]?key|mot de passe|contraseñ?a)"
_KNOWN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "private key",
        re.compile(
            r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?"
            r"(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
    ),
    ("AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255})")),
    ("GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{16,64}")),
    ("Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,255}")),
    ("Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{20,64}\b")),
    ("PyPI token", re.compile(r"\bpypi-[A-Za-z0-9_-]{40,255}")),
    ("npm token", re.compile(r"\bnpm_[A-Za-z0-9]{30,64}\b")),
    ("API key", re.compile(r"\b(?:sk|pk|rk)[-_](?:(?:ant|proj|live|test|or)[-_])?[A-Za-z0-9_-]{20,255}")),
    ("JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}")),
    ("bearer token", re.compile(r"(?i:\bbearer)\s+(?P<secret>[A-Za-z0-9._~+/-]{16,2000}=*)")),
    ("password in an address", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,200}:(?P<secret>[^\s/@]{1,200})@")),
    (
        "password",
        re.compile(
            _LEAD + r"[\w \t]{0,24}?[\"']?\s{0,3}(?:[:=]{1,2}|\bis\b|\best\b|\bist\b|\bes\b)\s{0,3}[\"'`]?"
            r"(?P<secret>(?=[^\s\"'`,;]*[\d\W_A-Z])[^\s\"'`,;]{6,300})"
        ),
    ),
)


def redacted(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its secrets, each replaced by what it was, and their kinds.

    After a word such as "password", only what looks like one goes: at least six characters, not all lower-case letters.
    """
    kinds: list[str] = []
    for kind, pattern in _KNOWN:

        def replaced(match: re.Match[str], kind: str = kind) -> str:
            kinds.append(kind)
            told = f"[{kind} removed]"
            if "secret" not in match.re.groupindex:
                return told
            start, end = match.span("secret")
            return match.string[match.start() : start] + told + match.string[end : match.end()]

        text = pattern.sub(replaced, text)
    return text, tuple(kinds)
