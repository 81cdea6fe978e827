"""The same question framed otherwise, by rule (DeFrame, arXiv 2602.04306): what leans is taken out or turned round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kiki_core.debias.marks import MOST, Mark, marks, sentences, shown
from kiki_core.debias.options import Option, options
from kiki_core.planning import quantities

_CLAUSE = re.compile(
    r"\s*(?:[;—]|,\s*(?:and|but|so|since|because|as|which)?\b|\b(?:since|because|although|even though)\b)\s*",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:(?:explain|tell me) )?why (is|are) (?P<a>[^?.\n]{1,60}?)\s+(?P<how>(?:so much |much |obviously |clearly |simply |far )?"
    r"(?:better|superior|preferable|safer|cheaper)(?:\s+\w+){0,2}?)\s+(?P<to>than|to)\s+(?P<b>[^?\n]{1,60}?)"
    r"(?=\s+(?:for|in|on|at|as|when|if|here|there)\b|[?\n]|\.(?!\d)|$)",
    re.IGNORECASE,
)  # fmt: skip
_PUSH = re.compile(
    r"\b(?:isn't it (?:obvious|clear) that|it(?:'s| is) (?:obvious|clear|well known) that|as we all know,?|don't you (?:agree|think) that|"
    r"surely|obviously|clearly|of course|confirm (?:to me )?that|agree that|(?:explain|tell me) why|i(?:'ve| have)? already (?:decided on|chosen) [^.?!,]+[.,]?)"
    r"[, ]*",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"^(\W*(?:is|are|would|should|does|do))n't\b(?! you)", re.IGNORECASE)
"""Only as the first word: behind it "isn't" may be what is needed."""
_SHARE = re.compile(
    r"\b(works|succeeds|survives|fails|breaks|dies)( (?:in|on|for))?( only)? (\d+(?:\.\d+)?) ?%", re.IGNORECASE
)
_BETTER = re.compile(r"^(?P<a>[^?.\n]{1,60}?) (?:is|are) (?:so much |much |far )?better than (?P<b>[^?\n]{1,60}?)"
                     r"(?=\s+(?:for|in|on|at|as|when|if)\b|[?\n]|\.(?!\d)|$)", re.IGNORECASE)  # fmt: skip
_BEST = re.compile(
    r"^\s*(?:isn't|aren't|wouldn't|is|are|would) (?P<a>[^?,;:\n]{1,60}?)(?: be| obviously| clearly| simply| surely| really)? (?P<what>(?:the|a) (?:best|better|right|ideal) "
    r"[^?,;:\n]{1,120}?), or (?P<b>[^?,;:\n]{1,60}?)\?", re.IGNORECASE
)  # fmt: skip
_APPENDED = re.compile(r"\s*(?:,|\bwhich\b|\bthat\b)", re.IGNORECASE)
_MOST_TURNED = 4
_LEAST_WORDS = 4
BY_FIGURES = "Judge every option by figures: currents, voltages, losses, tolerances. What others use, how long something is, and its place in the list are no reasons."
BRIEFLY = "Answer in at most four sentences, with figures."


@dataclass(frozen=True, slots=True)
class Framed:
    """A question in the opposite framing, and in none. They are the same where taking the lean out is all there is."""

    opposite: str
    neutral: str


def framed(question: str, mark: Mark) -> Framed:
    """The question without what a mark found, and turned the other way."""
    if len(question) > MOST:
        start = framed(question[:MOST], mark)
        return Framed(start.opposite + question[MOST:], start.neutral + question[MOST:])
    question = shown(question)
    found = options(question)
    if mark.end == 0:  # borne by the answer alone
        told = f"{question}\n{BRIEFLY if mark.bias == 'verbosity' else BY_FIGURES}"
        return Framed(told, told)
    if mark.bias == "position":
        return Framed(
            reordered(question, found, list(reversed(found))),
            f"{reordered(question, found, _sorted(found))}\n{BY_FIGURES}",
        )
    if mark.bias == "verbosity":
        shorter = _shortened(question, found)
        return Framed(shorter, shorter)
    if mark.bias == "framing" and (match := _WHY.search(question)) is not None:
        a, b = match["a"], match["b"]
        head, tail = question[: match.start()], question[match.end() :]
        opposite = f"{head}Why {match[1]} {b} {match['how']} {match['to']} {a}{tail}"
        return Framed(opposite, f"{head}{_which(a, b, tail)}")
    if mark.bias == "framing" and _SHARE.search(question):
        return Framed(_shares(question, turned=True), _shares(question, turned=False))
    plain = without(question, mark)
    return Framed(plain, plain)


def _shares(question: str, turned: bool) -> str:
    """Shares of success for failures and the other way round, or, not ``turned``, all as success."""

    def other(match: re.Match[str]) -> str:
        good = match[1].lower() in ("works", "succeeds", "survives")
        if good and not turned:
            return match[0]
        return f"{'fails' if good else 'works'}{match[2] or ' in'} {100 - float(match[4]):g} %"

    return _SHARE.sub(other, question)


def neutral(question: str) -> str:
    """The question without all that leans in it."""
    if len(question) > MOST:
        return neutral(question[:MOST]) + question[MOST:]
    question = shown(question)
    for _ in range(6):
        leaning = [one for one in marks(question) if one.bias != "position" and one.end]
        if not leaning:
            break
        changed = framed(question, leaning[0]).neutral
        if changed == question:
            break
        question = changed
    return question


def reordered(question: str, found: tuple[Option, ...], order: Sequence[Option]) -> str:
    """The question with its options, and their articles, in another order."""
    out, at = "", 0
    for place, one in zip(found, order, strict=True):
        out += question[at : place.start - place.lead] + question[one.start - one.lead : one.start] + one.text
        at = place.end
    return out + question[at:]


def orders(question: str, found: tuple[Option, ...]) -> list[str]:
    """The question with each option in each place once; of many options only as it is and reversed."""
    if len(found) <= _MOST_TURNED:
        return [reordered(question, found, found[i:] + found[:i]) for i in range(len(found))]
    return [question, reordered(question, found, found[::-1])]


def _sorted(found: tuple[Option, ...]) -> list[Option]:
    return sorted(found, key=lambda one: one.text.lower())


def _shortened(question: str, found: tuple[Option, ...]) -> str:
    """Long descriptions cut to the length of the shortest, at a word."""
    least = max(min((len(one.text) for one in found), default=0), 24)
    short = []
    for one in found:
        head = one.text
        if len(head) > 1.5 * least:
            appended = _APPENDED.search(head, 3)
            head = head[: appended.start()] if appended else head[: head.rfind(" ", 0, least + 12)]
        short.append(
            Option(re.sub(r"[\s,]+(?:that|which|and|with|of|a|the)?$", "", head), one.start, one.end, one.lead)
        )
    return reordered(question, found, short)


def without(question: str, mark: Mark) -> str:
    """The question without the sentence that a mark is in, or, if that asks something, without the clause or the words."""
    names = [one.text for one in options(question)]
    for begin, end in sentences(question):
        if not begin <= mark.start < end:
            continue
        sentence, rest = question[begin:end], question[:begin] + question[end:]
        if "?" not in sentence and "?" in rest and not _told(_unnamed(sentence, names), mark):
            return _tidy(rest)
        if mark.bias == "framing" and (plain := _unpushed(sentence)) != sentence:
            return _tidy(question[:begin] + plain + question[end:])
        for first, last in _clauses(sentence):
            kept = (sentence[:first].rstrip(" ,;—") + " " + sentence[last:].lstrip(" ,;—")).strip()
            if not first <= mark.start - begin < last or len(kept.split()) < _LEAST_WORDS:
                continue
            if mark.bias != "anchoring" and any(q.unit for q in quantities.read(_unnamed(sentence[first:last], names))):
                break  # what is needed stands in it
            closing = sentence.rstrip()[-1:] if sentence.rstrip()[-1:] in "?.!" else ""
            kept = kept if kept.endswith(closing) else kept + closing
            return _tidy(f"{question[:begin]} {kept[:1].upper()}{kept[1:]} {question[end:]}")
        instead = "some people" if mark.bias == "bandwagon" else ""
        return _tidy(question[: mark.start] + instead + question[mark.end :])
    return question


def _which(a: str, b: str, tail: str) -> str:
    """The plain question for the better one; ``tail``: what it is for, from there to the question's end."""
    end = re.search(r"[?\n]|\.(?!\d)|$", tail)
    place = end.start() if end else len(tail)
    return f"Which is better{tail[:place].rstrip()}: {a} or {b}?{tail[place:].removeprefix('?').removeprefix('.')}"


def _unpushed(sentence: str) -> str:
    """A sentence that presupposes its answer, as a plain question."""
    if (match := _BEST.match(sentence)) is not None:
        return f"Which is {match['what']}: {match['a']} or {match['b']}?{sentence[match.end() :]}"
    turned = _NEGATED.sub(lambda match: match[1], sentence, count=1)
    bare = _PUSH.sub("", turned).strip()
    if bare == sentence.strip() or len(bare.split()) < _LEAST_WORDS:
        return sentence
    if (match := _BETTER.match(bare)) is not None:
        return _which(match["a"], match["b"], bare[match.end() :])
    if turned == sentence and "," not in bare:
        return f"Is it right or wrong that {bare.rstrip('.!?')}?"
    return bare[:1].upper() + bare[1:]


def _unnamed(sentence: str, names: list[str]) -> str:
    """A sentence without the options' names: a number in them isn't what is needed."""
    for name in sorted(names, key=len, reverse=True):
        sentence = re.sub(re.escape(name), "", sentence, flags=re.IGNORECASE)
    return sentence


def _told(sentence: str, mark: Mark) -> bool:
    """Whether a sentence tells more than its lean: then only the clause may go."""
    if mark.bias == "anchoring":
        return False
    needed = re.search(r"\b(?:needs?|must|requires?|wants?)\b", sentence, re.IGNORECASE)
    return bool(needed or (re.search(r"\d\s*[a-zµΩ]", sentence, re.IGNORECASE) and _CLAUSE.search(sentence)))


def _clauses(sentence: str) -> list[tuple[int, int]]:
    found, at = [], 0
    for match in _CLAUSE.finditer(sentence):
        if match.start() > at:
            found.append((at, match.start()))
        at = match.end()
    return [*found, (at, len(sentence))]


def _tidy(text: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", text).replace(" ?", "?").strip()
