"""Times as people write them: stamps of episodes, and phrases in a question ("last Tuesday", "before the respin")."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from kiki_core.errors import KikiError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january february march april may june july august september october november december").split()
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_FORMATS = (
    "%I:%M %p on %d %B, %Y",
    "%d %B %Y",
    "%d %B, %Y",
    "%B %d, %Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
)
_DAY_NAMES = "|".join(_DAYS)
_MONTH_NAMES = "|".join([*_MONTHS, *(m[:3] for m in _MONTHS), "sept"])

_RELATIVE = re.compile(
    rf"\b(?:(?P<today>today|this morning|this afternoon|tonight)|(?P<yesterday>yesterday)"
    rf"|(?P<before_yesterday>the day before yesterday)"
    rf"|(?P<which>last|past|this|previous)\s+(?P<unit>week|month|year|{_DAY_NAMES})"
    rf"|on\s+(?P<day>{_DAY_NAMES})"
    rf"|(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})\s+(?P<units>day|week|month|year)s?\s+ago"
    rf"|(?:in\s+)?the\s+(?:last|past)\s+(?P<span>\d{{1,3}}|{'|'.join(_COUNTS)})\s+(?P<spans>day|week|month|year)s?)\b",
    re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})"
    rf"|(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{_MONTH_NAMES})\.?,?(?:\s+(?P<y1>\d{{4}}))?"
    rf"|(?P<m2>{_MONTH_NAMES})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*\d)(?:,?\s+(?P<y2>\d{{4}}))?"
    rf"|(?:(?:in|of|during|since|until|before|after)\s+)(?P<m3>{_MONTH_NAMES})\b\.?(?:,?\s+(?P<y3>\d{{4}}))?"
    rf"|(?P<m4>{_MONTH_NAMES})\.?,?\s+(?P<y4>\d{{4}})"
    rf"|\b(?:in|during|since|until|before|after)\s+(?P<y5>(?:19|20)\d{{2}}))\b",
    re.IGNORECASE,
)
_RELATION = re.compile(
    r"\b(?P<word>before|after|since|until|prior to|ahead of|following)\s+(?P<what>[^?,;.!]{2,80})", re.I
)
_LEADING = re.compile(r"\b(before|after|since|until|prior to|on|in|from|during)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that a question names, in seconds since 1970, its words, and the question without them.

    ``strict``: what lies outside isn't meant ("last Tuesday", "before …"). A date in a question may also be that of
    an event that was told days later, so it isn't strict.
    """

    start: float
    end: float
    phrase: str
    rest: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stretch that is named by an event: "before the respin"."""

    before: bool
    event: str
    phrase: str
    rest: str


def parse(value: str | float | int) -> float:
    """Seconds since 1970 of a stamp: a number of seconds, ISO 8601 (without a zone: UTC), or a plain date.

    Raises:
        KikiError: if it is none of these.
    """
    if isinstance(value, bool):
        raise KikiError(f"{value!r} is no time", "write it as 2026-03-01T14:30:00Z")
    if isinstance(value, int | float):
        seconds = float(value)
        if not -6e10 < seconds < 2.5e11:
            raise KikiError(f"{value!r} is no time in seconds since 1970", "write it as 2026-03-01T14:30:00Z")
        return seconds
    text = value.strip()
    try:
        return parse(float(text))
    except ValueError:
        pass
    for read in (datetime.fromisoformat, *(_reader(form) for form in _FORMATS)):
        try:
            moment = read(text)
        except ValueError:
            continue
        try:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (OverflowError, OSError):
            break
    raise KikiError(f"{value!r} is no time", "write it as 2026-03-01T14:30:00Z")


def written(seconds: float) -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(seconds: float, zone: tzinfo | None = None) -> str:
    """As a person says it: 3 June 2026, in local time."""
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    return f"{moment.day} {moment:%B %Y}"


def window(question: str, now: float, zone: tzinfo | None = None) -> Window | None:
    """The stretch of time that a question names, in the zone of the person who asks (null: local)."""
    for pattern, strict in ((_RELATIVE, True), (_ABSOLUTE, False)):
        match = pattern.search(question)
        if match is None:
            continue
        try:
            moment = datetime.fromtimestamp(now, UTC).astimezone(zone)
            span = _relative(match, moment) if strict else _absolute(match, moment)
        except (ValueError, OverflowError):
            continue
        lead = _LEADING.search(question[: match.start()]) or re.match(
            r"(before|after|since|until|in|on|during)\b", match.group(), re.IGNORECASE
        )
        word = lead.group(1).lower() if lead else ""
        start, end = span[0].timestamp(), span[1].timestamp()
        if word in ("before", "until", "prior to"):
            start, end, strict = float("-inf"), start if word != "until" else end, True
        elif word == "after":
            start, end, strict = end, float("inf"), True
        elif word in ("since", "from"):
            start, end, strict = start, float("inf"), True
        first = lead.start() if lead and lead.end() <= match.start() and word else match.start()
        rest = f"{question[:first]} {question[match.end() :]}"
        return Window(start, end, question[first : match.end()].strip(), " ".join(rest.split()), strict)
    return None


def anchor(question: str) -> Anchor | None:
    """The event that a question names a time by, for the store to look up."""
    match = _RELATION.search(question)
    if match is None:
        return None
    before = match["word"].lower() in ("before", "until", "prior to", "ahead of")
    rest = f"{question[: match.start()]} {question[match.end() :]}"
    return Anchor(before, match["what"].strip(), match.group().strip(), " ".join(rest.split()))


def _reader(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)


def _relative(match: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    one = timedelta(days=1)
    if match["today"]:
        return today, today + one
    if match["before_yesterday"]:
        return today - 2 * one, today - one
    if match["yesterday"]:
        return today - one, today
    name = (match["day"] or match["unit"] or "").lower()
    if name in _DAYS:
        back = (today.weekday() - _DAYS.index(name)) % 7
        if (match["which"] or "").lower() != "this" and match["which"]:
            back = back or 7  # said on a Tuesday, "last Tuesday" was a week ago
        start = today - back * one
        return start, start + one
    if match["units"]:
        start = today - _length(match["count"], match["units"])
        slack = {"day": 0, "week": 3, "month": 15, "year": 180}[match["units"].lower()]
        return start - slack * one, start + (slack + 1) * one
    if match["spans"]:
        return today - _length(match["span"], match["spans"]), now + one
    this = match["which"].lower() == "this"
    if name == "week":
        start = today - today.weekday() * one
        return (start, start + 7 * one) if this else (start - 7 * one, start)
    if name == "month":
        start = today.replace(day=1)
        return (start, now + one) if this else ((start - one).replace(day=1), start)
    start = today.replace(month=1, day=1)
    return (start, now + one) if this else (start.replace(year=start.year - 1), start)


def _length(count: str, unit: str) -> timedelta:
    number = int(count) if count.isdigit() else _COUNTS[count.lower()]
    return timedelta(days=number * {"day": 1, "week": 7, "month": 30, "year": 365}[unit.lower()])


def _absolute(match: re.Match[str], now: datetime) -> tuple[datetime, datetime]:
    one = timedelta(days=1)
    if match["iso"]:
        start = datetime.fromisoformat(match["iso"]).replace(tzinfo=now.tzinfo)
        return start, start + one
    if match["y5"]:
        start = datetime(int(match["y5"]), 1, 1, tzinfo=now.tzinfo)
        return start, start.replace(year=start.year + 1)
    month = next(m for m in (match["m1"], match["m2"], match["m3"], match["m4"]) if m).lower()
    number = next(i for i, name in enumerate(_MONTHS, start=1) if name.startswith(month[:3]))
    year_text = match["y1"] or match["y2"] or match["y3"] or match["y4"]
    date = match["d1"] or match["d2"]
    # Without a year, the last such date that has begun.
    year = int(year_text) if year_text else now.year - ((number, int(date or 1)) > (now.month, now.day))
    start = datetime(year, number, int(date or 1), tzinfo=now.tzinfo)
    if date:
        return start, start + one
    return start, (start.replace(day=28) + 4 * one).replace(day=1)
