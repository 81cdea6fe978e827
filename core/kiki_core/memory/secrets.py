"""Keys, tokens and passwords in a text: recognised, and never stored."""

from __future__ import annotations

import re

_LEAD = (
    r"(?i:pass(?:word|wd|phrase|wort)|kennwort|pwd|psk|secret|token|credentials?|api[ _-]?key|access[ _-]?key"
    r"|mot de passe|contraseñ?a)"
)
_KEY = (
    r"(?i:\b[\w-]{0,24}(?:app|nwk|dev|net|account|session|shared|private|encryption|signing|client|master|aes)"
    r"_?s?[ _-]?key\b)"
)
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
    (
        "API key",
        re.compile(
            r"\b(?:whsec_|do[op]_v1_|shp(?:at|ca|pa|ss)_|dckr_pat_|lin_api_|sq0csp-|AGE-SECRET-KEY-1|r8_|gsk_|nvapi-)"
            r"[A-Za-z0-9_-]{16,255}|\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,128}"
        ),
    ),
    ("bot token", re.compile(r"\b\d{8,10}:AA[A-Za-z0-9_-]{30,64}|\b[MNO][\w-]{22,26}\.[\w-]{6}\.[\w-]{25,64}")),
    (
        "webhook",
        re.compile(
            r"(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks|webhook\.office\.com)/"
            r"(?P<secret>[\w/@.-]{16,300})"
        ),
    ),
    ("JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}")),
    ("bearer token", re.compile(r"(?i:\bbearer)\s+(?P<secret>[A-Za-z0-9._~+/-]{16,2000}=*)")),
    ("password in an address", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,200}:(?P<secret>[^\s/@]{1,200})@")),
    (
        "credentials",
        re.compile(
            r"(?i:authorization)[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:\w{1,20}\s+)?(?P<secret>[A-Za-z0-9._~+/-]{8,2000}=*)"
        ),
    ),
    (
        "password on a command line",
        re.compile(
            r"(?:\bcurl\b[^\n]{0,200}?\s(?:-u|--user)\s{1,3}[\"']?[^\s:]{1,64}:|\bmosquitto_\w{3}\b[^\n]{0,200}?\s-P\s{1,3}"
            r"|\bsshpass\s{1,3}-p\s{0,3})(?P<secret>[^\s]{3,200})"
        ),
    ),
    (
        "key",
        re.compile(
            _KEY + r"[\w \t\[\]]{0,12}[\"']?\s{0,3}(?:[:=]{1,2}|\bis\b|\blautet\b)?\s{0,3}"
            r"(?P<secret>\{(?:\s{0,4}0x[0-9a-fA-F]{2}\s{0,4},?){8,64}\s{0,4}\}"
            r"|[\"'`]?(?:[0-9a-fA-F]{2}[ :-]?){8,64}(?![\w])"
            r"|[\"'`]?(?=[A-Za-z+/_-]{0,80}\d)[A-Za-z0-9+/_-]{20,200}={0,2})"
        ),
    ),
    (
        "password",
        re.compile(
            _LEAD
            + r"[\w \t]{0,24}?[\"']?\s{0,3}(?:[:=]{1,2}|\bis\b|\best\b|\bist\b|\blautet\b|\bes\b|(?=[\"'`]))\s{0,3}"
            r"(?P<quote>[\"'`])(?P<secret>[^\"'`\n]{6,200})(?P=quote)"
        ),
    ),
    (
        "password",
        re.compile(
            _LEAD + r"[\w \t]{0,24}?[\"']?\s{0,3}(?:[:=]{1,2}|\bis\b|\best\b|\bist\b|\blautet\b|\bes\b)\s{0,3}[\"'`]?"
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
