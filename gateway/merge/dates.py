"""[pure] What in a cell is unmistakably a date or a time of day, whether Excel knows it as one or holds it as text.

`01.12.2026`, `2026-12-01 10:30`, `10:30`, `2:30 PM` and `2026年12月1日` are; `01/12/2026` reads two ways and is not.
Words of months (`5 декабря 2026 г.`), a weekday beside (`05.12.2026 (сб)`), no dividers (`20261205`), and a bare number
as Excel's count of days within this century, are a date only where the template asks for one; `9ч30м` and `полдень` are
a time where it asks for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from gateway.merge import weekdays
from gateway.merge.cells import Cell
from gateway.merge.words import month_named

Moment = date | datetime | time

EPOCH = datetime(1899, 12, 30)  # day 0 of Excel's count, from March 1900 on
SERIALS = (36526, 72686)  # 2000-01-01 to 2098-12-31
CENTURY = 2000  # of a year of two digits
SECONDS_PER_DAY = 86400
HALF_A_SECOND = timedelta(microseconds=500_000)

# 10:30, 10:30:00.5, 2:30 PM, 9am, 下午2:30, 9点, 9点30分
CLOCK = (
    r"(?:(?P<half_zh>[上下])午\s?)?(?P<hour>\d{1,2})"
    r"(?:[:：](?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?|[点时](?:(?P<minute_zh>\d{1,2})分?)?|(?=\s?[ap]\.?m))"
    r"(?:\s?(?P<half>[ap])\.?m\.?)?"
)
# 9.05 and 9-30, where a time is asked for, so that it is no day and month; not 10-14, which is from ten to two as well
CLOCK_BY_HAND = r"(?P<hour>[01]?\d|2[0-3])(?:\.(?P<minute>[0-5]\d)|-(?P<minute_zh>00|2[4-9]|[3-5]\d))"
DAY_FORMS = (
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})(?:\s?г\.?)?",
    r"(?P<year>\d{4})(?P<divider>[-/.])(?P<month>\d{1,2})(?P=divider)(?P<day>\d{1,2})",
    r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日",
    r"(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{1,2})/(?P<year>\d{4})",  # no month has a number above 12
    r"(?P<month>\d{1,2})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>\d{4})",
)
DAYS = tuple(re.compile(rf"{form}(?:(?:T|,?\s+(?:в\s+)?|(?=[上下]午)){CLOCK})?", re.IGNORECASE) for form in DAY_FORMS)
WORDED_FORMS = (
    r"(?P<day>\d{1,2})[\s-]*(?P<word>[a-zа-яё]{3,9})\.?,?[\s-]*(?P<year>\d{4})(?:\s?(?:г\.?|года))?",
    r"(?P<word>[a-z]{3,9})\.?\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
)
WORDED_DAYS = tuple(re.compile(rf"{form}(?:,?\s+(?:в\s+|at\s+)?{CLOCK})?", re.IGNORECASE) for form in WORDED_FORMS)
TIME = re.compile(CLOCK, re.IGNORECASE)
TIME_BY_HAND = re.compile(CLOCK_BY_HAND)
# 9ч30м, 9 ч. 30 мин., 9 часов 30 минут; not 9 ч alone, which is how long as well
TIME_IN_WORDS = re.compile(
    r"(?P<hour>[01]?\d|2[0-3])\s?(?:ч\.?|час(?:а|ов)?)\s?(?P<minute>[0-5]?\d)\s?(?:м\.?|мин\.?|минут[аы]?)",
    re.IGNORECASE,
)
NOON = frozenset({"noon", "12 noon", "полдень", "正午"})  # and no 中午, which lasts for two hours
# 20261205, where a date is asked for: read from its end it would be of another age (20.26.1205)
COMPACT_DAY = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>\d{2})")
FIRST_SIGNS = frozenset("0123456789上下")
AFTERNOON = frozenset("p下")
HOURS_OF_HALF = {"a": range(13), "p": range(1, 24), "上": range(12), "下": range(1, 24)}
DAY_LIKE = re.compile(r"\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})(?:\s.*)?", re.DOTALL)
MIDNIGHT = time()


def is_date_text(text: str) -> bool:
    """Whether a text is written like a date or time; an impossible one (31.02.2026) counts too."""
    return DAY_LIKE.fullmatch(text) is not None or text_moment(text) is not None


def moment_of(value: Cell, wants_day: bool) -> Moment | None:
    """The date or time that the cell holds, to the second; None if it holds none for certain."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _serial(value, wants_day)
    if isinstance(value, timedelta):
        return _clock_of(value)
    if isinstance(value, str):
        moment = text_moment(value) or (_of_asked_day(value) if wants_day else _time_by_hand(value))
        return _day_alone(moment)
    return _to_the_second(value) if isinstance(value, Moment) else None


def _day_alone(moment: Moment | None) -> Moment | None:
    """A day at 0:00 is how programs write a day (`01.12.2026 0:00:00`): nobody is expected at midnight."""
    return moment.date() if isinstance(moment, datetime) and moment.time() == MIDNIGHT else moment


def as_date(moment: Moment | None) -> date | None:
    return moment if isinstance(moment, date) else None


def as_time(moment: Moment | None) -> time | None:
    """The time of day; a date alone has none."""
    if isinstance(moment, datetime):
        return moment.time()
    return moment if isinstance(moment, time) else None


def text_moment(text: str) -> Moment | None:
    """The date or time that a text is, if it reads in one way only."""
    if text[:1] not in FIRST_SIGNS:  # nearly every cell of a list
        return None
    for form in DAYS:
        if match := form.fullmatch(text):
            return _built(match)
    return _built(match) if (match := TIME.fullmatch(text)) else None


def _of_asked_day(text: str) -> Moment | None:
    """Without dividers, in words, or beside a weekday, which tells of a slip where it is another date's."""
    if compact := COMPACT_DAY.fullmatch(text):
        return _built(compact)
    if (worded := _worded(text)) or (parted := weekdays.parted(text)) is None:
        return worded
    moment = as_date(text_moment(parted[0]) or _worded(parted[0]))
    return moment if moment is not None and moment.weekday() == parted[1] else None


def _worded(text: str) -> Moment | None:
    """`5 декабря 2026 г.`, `Dec 5, 2026 at 9:30 AM`; without a year it could be any."""
    match = next((match for form in WORDED_DAYS if (match := form.fullmatch(text))), None)
    month = month_named(match["word"]) if match else None
    return _built(match, {"month": month}) if match and month else None


def _time_by_hand(text: str) -> Moment | None:
    if text.casefold() in NOON:
        return time(12)
    match = TIME_BY_HAND.fullmatch(text) or TIME_IN_WORDS.fullmatch(text)
    return _built(match) if match else None


def _built(match: re.Match[str], known: Mapping[str, int] = MappingProxyType({})) -> Moment | None:
    found = match.groupdict()
    half = found.pop("half_zh", None) or found.pop("half", None)
    told = {name: int(digits) for name, digits in found.items() if digits is not None and digits.isdigit()}
    parts = told | dict(known)
    try:
        clock = _clock(parts, half and half.lower()) if "hour" in parts else None
        if "year" not in parts:
            return clock
        year = parts["year"] + (CENTURY if len(match["year"]) == 2 else 0)
        day = date(year, parts["month"], parts["day"])
    except ValueError:
        return None
    return day if clock is None else datetime.combine(day, clock)


def _clock(parts: dict[str, int], half: str | None) -> time:
    """`half` is of the day (a, p, 上, 下) or None. Raises ValueError for 14 AM, 0 PM and 上午12, noon or midnight."""
    hour = parts["hour"]
    if half is not None:
        if hour not in HOURS_OF_HALF[half]:
            raise ValueError("no hour of that half of the day")
        hour = hour if hour > 12 else hour % 12 + 12 * (half in AFTERNOON)
    return time(hour, parts.get("minute", parts.get("minute_zh", 0)), parts.get("second", 0))


def _serial(value: float, wants_day: bool) -> Moment | None:
    """Excel's count: days since 1899-12-30, the time of day as a fraction."""
    if not wants_day and 0 < value < 1:
        return as_time(_to_the_second(EPOCH + timedelta(days=value)))
    if is_count(value):
        moment = EPOCH + timedelta(days=value)
        return _to_the_second(moment) if value % 1 else moment.date()
    return _of_asked_day(str(int(value))) if wants_day and float(value).is_integer() else None


def is_count(value: float) -> bool:
    """Whether a number may be Excel's count of days."""
    return SERIALS[0] <= value <= SERIALS[1]


def _clock_of(value: timedelta) -> time | None:
    """A duration of less than a day is how Calc, and `[h]:mm`, write a time of day."""
    seconds = round(value.total_seconds())
    return (EPOCH + timedelta(seconds=seconds)).time() if 0 <= seconds < SECONDS_PER_DAY else None


def _to_the_second(value: Moment) -> Moment:
    """Excel's fractions miss the second by some microseconds: 10:29:59.999999 is half past ten."""
    if isinstance(value, datetime):
        return (value + HALF_A_SECOND).replace(microsecond=0)
    if isinstance(value, time) and value.microsecond:
        return (datetime.combine(EPOCH, value) + HALF_A_SECOND).time().replace(microsecond=0)
    return value
