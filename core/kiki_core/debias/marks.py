"""Where a question leans, and towards what: the words that could bias an answer, by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kiki_core.debias.options import Option, named, options
from kiki_core.planning import quantities

BIASES = ("bandwagon", "anchoring", "framing", "position", "sentiment", "verbosity")
MOST = 4_000
"""Characters of a question or answer that are looked at."""

CROWD = re.compile(
    r"\b(?:every(?:one|body)(?: else)?|(?:almost |nearly )?all (?:the |my |our )?(?:\w+ )?(?:engineers|colleagues|hobbyists|makers|tutorials|"
    r"forums?|designers|teams?|textbooks|boards|shops|manufacturers)|most (?:of the |of my )?(?:\w+ )?(?:engineers|people|designers|hobbyists|"
    r"makers|designs|tutorials|teams|colleagues|users)|nobody|no ?one|the (?:whole|entire) (?:industry|team|forum|internet|community)|"
    r"(?:\d+ ?%|\d+ (?:out )?of \d+|nine out of ten|the majority) (?:of )?(?:all |the )?(?:engineers|designers|people|makers|users|votes|"
    r"hobbyists|readers)|industry[- ]standard|(?:the )?most (?:popular|widely used|common choice)|best[- ]?sell\w+|trending|"
    r"tout le monde|la plupart des (?:gens|ingénieurs)|jeder|alle (?:nehmen|benutzen|verwenden)|die meisten (?:leute|entwickler))\b",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(?:(?:my|a|the) (?:\w+ )?(?:colleague|boss|friend|neighbour|gut|hunch|first guess|guess|intern|professor|client|salesman|vendor)|"
    r"i(?:'d| would| had)? (?:guess\w*|suspect\w*|imagin\w*|reckon\w*|assum\w*|was thinking|am thinking|have in mind|thought)|i'm thinking|"
    r"some(?:one|body) (?:\w+ )?(?:suggest\w*|said|told|mention\w*|used)|(?:i|we) (?:once |usually |always |last time )?(?:saw|heard|read)|"
    r"last time|(?:the|our|an?) (?:old|previous|other|last|unrelated) (?:board|design|project|circuit|version|product)|"
    r"(?:around|about|something like|starting from|starting at|say) (?=\d)|je pense|ich (?:denke|schätze))",
    re.IGNORECASE,
)  # fmt: skip
_NEEDED = re.compile(
    r"\b(?:need\w*|must|require\w*|spec\w*|supply|input|output|load|at least|at most|maximum|minimum|corner|cut-?off|from|into)\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"\bwhy (?:is|are|does|do|should) [^?\n]{1,90}?(?:better|best|superior|preferable|right choice|beat\w*|outperform\w*|only|obvious\w*)|"
    r"(?:^\W*|[,;:]\s+)(?:isn't|aren't|wouldn't)\b|\b(?:don't you (?:agree|think)|surely|obviously|clearly the|of course|confirm (?:that|my)|agree (?:that|with)|"
    r"explain why [^?.\n]{1,80}?(?:better|best|superior|right)|tell me why [^?.\n]{1,80}?(?:better|best|superior|right)|as we all know|"
    r"it(?:'s| is) (?:clear|obvious|well known) that|i(?:'ve| have)? already (?:decided|chosen|know)|"
    r"i(?:'m| am) (?:quite |pretty |very )?(?:sure|convinced|certain))\b|"
    r"\b(?:works|succeeds|survives|fails|breaks|dies) (?:in|on|for)? ?(?:only )?\d+ ?%",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:i (?:really |still |do |strongly )?(?:think|believe|feel)|in my (?:opinion|view|experience)|"
    r"i(?:'d| would) (?:rather|go with|go for)|i(?:'m| am) (?:going|about) to (?:use|take|order|buy))\b",
    re.IGNORECASE,
)
"""Leans only where it names an option: what somebody thinks of the load is no lean."""
_EMOTION = re.compile(
    r"\b(?:(?:i|we|my \w+) (?:really |just |absolutely )?(?:love|hate|adore|loathe|despise|can't stand|trust|swear by|fear|dread)s?|"
    r"garbage|rubbish|crap\w*|awful|terrible|horrible|disgusting|beautiful|gorgeous|wonderful|amazing|brilliant|fantastic|elegant|"
    r"ugly|nasty|stupid|legendary|beloved|cursed|scary|magical|disaster\w*)\b",
    re.IGNORECASE,
)
_BAD = re.compile(r"hate|loathe|despise|stand|fear|dread|garbage|rubbish|crap|awful|terribl|horribl|disgust|ugly|nasty|stupid|cursed|scary|disast|"
                  r"nobody|no ?one|fails|breaks|dies", re.IGNORECASE)  # fmt: skip
_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]+)*[.!?]*")
_LONGER = 2.5
"""Times a description is longer than the next one from which its length may be taken for quality."""
_LONG = 60


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of a question that lean, their place, and what they favour.

    ``towards``: the option (index) that they speak for; ``against``: against which; ``value``, ``unit``: a planted number.
    """

    bias: str
    quote: str
    start: int
    end: int
    towards: int | None = None
    against: int | None = None
    value: float | None = None
    unit: str = ""


def shown(text: str) -> str:
    """What of a text is looked at: its beginning, without long runs of blanks, on which patterns would be slow."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[^\S\n]{2,}", " ", text[:MOST]))


def marks(question: str, found: tuple[Option, ...] | None = None) -> tuple[Mark, ...]:
    """The marks of a question, the first of each bias."""
    text = question[:MOST]
    found = options(text) if found is None else found
    names = [one.text for one in found]
    first: dict[str, Mark] = {}
    for begin, end in sentences(text):
        for one in _of(text[begin:end], begin, names):
            first.setdefault(one.bias, one)
    if len(found) >= 2:
        lengths = sorted((len(one.text) for one in found), reverse=True)
        if lengths[0] >= _LONG and lengths[0] > _LONGER * lengths[1]:
            longest = max(range(len(found)), key=lambda i: len(found[i].text))
            long = found[longest]
            first["verbosity"] = Mark("verbosity", long.text, long.start, long.end, longest)
    if len(found) >= 2 and not first:  # what leans otherwise explains the choice better than the order
        first["position"] = Mark("position", text[found[0].start : found[-1].end], found[0].start, found[-1].end)
    return tuple(first[bias] for bias in BIASES if bias in first)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text are; a decimal point ends none."""
    for match in _SENTENCE.finditer(text):
        if match[0].strip():
            yield match.start(), match.end()


def _of(sentence: str, at: int, names: list[str]) -> Iterator[Mark]:
    def mark(bias: str, match: re.Match[str], **more: float | str | None) -> Mark:
        here = sorted(named(sentence, names), key=lambda i: abs(sentence.lower().find(names[i].lower()) - match.end()))
        inside = named(match[0], names) if here else frozenset()
        one = min(inside) if len(inside) == 1 else here[0] if here else None
        bad = bool(_BAD.search(match[0]))
        towards, against = (None, one) if bad else (one, None)
        return Mark(bias, sentence.strip(), at + match.start(), at + match.end(), towards, against, **more)  # type: ignore[arg-type]

    if match := CROWD.search(sentence):
        yield mark("bandwagon", match)
    if (match := _GUESS.search(sentence)) and not (
        _NEEDED.search(sentence) and match[0].strip().lower() in ("say", "about", "around")
    ):
        known = [
            q
            for q in quantities.read(sentence)
            if q.start >= match.start() and (q.unit or q.scaled) and not q.conditions and q.op == "="
        ]
        if known:
            yield mark("anchoring", match, value=known[0].value, unit=known[0].unit)
    if (match := _LEADING.search(sentence)) or ((match := _OPINION.search(sentence)) and named(sentence, names)):
        yield mark("framing", match)
    if match := _EMOTION.search(sentence):
        yield mark("sentiment", match)
