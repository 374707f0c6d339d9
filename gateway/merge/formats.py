"""[pure] A cell's value -> the text that a template asks for: `{Column:format}`.

Dates take strftime's directives, numbers a width or decimals, texts a width; nothing else. The directives are our own
table and not the C library's, so that the same template gives the same text on every machine, with the names of months
in the template's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from gateway.i18n import _
from gateway.merge.cells import Cell
from gateway.merge.dates import as_date, as_time, is_count, moment_of
from gateway.merge.words import WORDS, Language, half_of, parted

Moment = date | datetime | time
CACHED = 4096  # values: the days, times and rooms of a list repeat
MAX_LENGTH = 40  # characters of a format
DIRECTIVE = re.compile(r"%([OE]B|-?[A-Za-z%])")
# [fill zero or alignment] width [thousands] [.decimals]: widths of up to two digits, or a cell could fill the memory
NUMBER_FORMAT = re.compile(r"(?P<align>[<>^]?)(?P<zero>0?)(?P<width>\d{0,2})(?P<comma>,?)(?:\.(?P<decimals>\d))?f?")
WIDTH = re.compile(r"[<>^]?\d{1,2}")
NUMBER_TEXT = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,10})?")
AMONG_SIGNS = re.compile(r"\D{0,5}\d[\d.,\s]{0,20}\D{0,12}")  # $1,250.00; 1 200,50 руб.
BLANK = re.compile(r"\s")
DIVIDERS = re.compile("[.,]")
IN_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,10})?")  # 12 000,50: reads in one way
WITH_BOTH = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3}){1,4}\.\d{1,10}|(?:\.\d{3}){1,4},\d{1,10})")  # 1,250.50 or 1.250,50
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")  # 1,250: more than a thousand, or a bit more than one

DAY: dict[str, Callable[[date], str]] = {
    "d": lambda day: f"{day.day:02}",
    "-d": lambda day: str(day.day),
    "e": lambda day: str(day.day),
    "m": lambda day: f"{day.month:02}",
    "-m": lambda day: str(day.month),
    "Y": lambda day: f"{day.year:04}",
    "y": lambda day: f"{day.year % 100:02}",
    "j": lambda day: f"{day.timetuple().tm_yday:03}",
    "u": lambda day: str(day.isoweekday()),
    "F": lambda day: f"{day.year:04}-{day.month:02}-{day.day:02}",
}
CLOCK: dict[str, Callable[[time], str]] = {
    "H": lambda at: f"{at.hour:02}",
    "-H": lambda at: str(at.hour),
    "I": lambda at: f"{at.hour % 12 or 12:02}",
    "-I": lambda at: str(at.hour % 12 or 12),
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "R": lambda at: f"{at.hour:02}:{at.minute:02}",
    "T": lambda at: f"{at.hour:02}:{at.minute:02}:{at.second:02}",
}
WORDS_OF_DAYS = frozenset(WORDS[Language.RUSSIAN])
MONTH_WORDS = frozenset(["B", "b"])
DAYS_OF_MONTH = frozenset(["d", "-d", "e"])
DAY_DIRECTIVES = frozenset({*DAY, *WORDS_OF_DAYS})
CLOCK_DIRECTIVES = frozenset({*CLOCK, "p"})

# How a date without a format is written: by its country; everywhere else as in ISO 8601.
DOTTED = frozenset(
    [
        "RU",
        "BY",
        "KZ",
        "UA",
        "KG",
        "UZ",
        "TJ",
        "TM",
        "AM",
        "AZ",
        "GE",
        "MD",
        "DE",
        "AT",
        "CH",
        "PL",
        "CZ",
        "SK",
        "BG",
        "RO",
        "TR",
        "FI",
        "NO",
        "EE",
        "LV",
        "LT",
    ]
)
DOTTED_DAY, ISO_DAY = "%d.%m.%Y", "%Y-%m-%d"
CLOCK_FORMAT = "%H:%M"
NO_NUMBER = _("The cell holds no number, and the template asks for one.")
# The sign of one row may be another's, and the text would show neither.
WITH_MORE = _("The cell holds more than a number, such as a currency, and the template asks for a number alone.")
AS_DAY = _("The cell holds a bare number, which was read as Excel's count of days.")
AS_CLOCK = _("The cell holds a bare number, which was read as a time of day, as Excel keeps it: 0.5 is noon.")


class FormatMistake(ValueError):
    """The format itself is wrong; `str()` is one sentence."""


class Unsuitable(ValueError):
    """The value can't be written so; `code` is a stable word, `str()` one sentence."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def check_format(spec: str) -> None:
    """Raises FormatMistake."""
    unknown = [each for each in DIRECTIVE.findall(spec) if each not in DAY_DIRECTIVES | CLOCK_DIRECTIVES | {"%"}]
    if len(spec) > MAX_LENGTH:
        raise FormatMistake(_("a format has at most {most} characters").format(most=MAX_LENGTH))
    if unknown:
        raise FormatMistake(_("%{directive} is no part of a date").format(directive=unknown[0]))
    if "%" not in spec and not NUMBER_FORMAT.fullmatch(spec):
        raise FormatMistake(_("a format is like %d.%m.%Y, %H:%M, .2f or 10"))


def is_date_format(spec: str) -> bool:
    return "%" in spec


def shows_day(spec: str) -> bool:
    """Whether a day, where the cell holds one, may be seen in the text."""
    return not spec or not DAY_DIRECTIVES.isdisjoint(DIRECTIVE.findall(spec))


def doubt_of_number(value: Cell, spec: str) -> str | None:
    """Of a bare number where the format asks for a date or time: as what it was read, for it may be another one."""
    if not isinstance(value, int | float):
        return None
    if not shows_day(spec):
        return AS_CLOCK
    return AS_DAY if is_count(value) else None  # 20261205 can be nothing else


@lru_cache(maxsize=CACHED, typed=True)
def plain(value: Cell, country: str = "RU") -> str:
    """The value without a format, as a person would write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return plain_number(value)
    if isinstance(value, timedelta):
        return _duration(value)
    return _plain_moment(value, DOTTED_DAY if country in DOTTED else ISO_DAY) if isinstance(value, Moment) else ""


def plain_number(value: float) -> str:
    """1500.0 is 1500, 0.1 + 0.2 is 0.3."""
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"


def _plain_moment(value: Moment, day_format: str) -> str:
    if isinstance(value, datetime):
        return formatted(value, f"{day_format} {CLOCK_FORMAT}")
    return formatted(value, day_format if isinstance(value, date) else CLOCK_FORMAT)


def _duration(value: timedelta) -> str:
    minutes = round(value.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


@lru_cache(maxsize=CACHED, typed=True)
def formatted(value: Cell, spec: str, language: Language = Language.RUSSIAN, lead: str = "") -> str:
    """With the preposition `lead` before it, in the form that fits (`во вторник`).

    Raises Unsuitable when the value is no date, has no time of day, is no number, …
    """
    if is_date_format(spec):
        return _date(value, spec, language, lead)
    if isinstance(value, str) and WIDTH.fullmatch(spec) and not NUMBER_TEXT.fullmatch(value):
        return lead + format(value, spec)
    return lead + _number(value, spec)


def _number(value: Cell, spec: str) -> str:
    number = _as_number(value)
    parts = NUMBER_FORMAT.fullmatch(spec)
    if parts is None or number is None:
        raise Unsuitable("not_a_number", WITH_MORE if _has_number(value) else NO_NUMBER)
    digits = f"{number:{parts['comma']}.{parts['decimals']}f}" if parts["decimals"] else plain_number(number)
    width = int(parts["width"] or 0)
    return digits.zfill(width) if parts["zero"] else f"{digits:{parts['align'] or '>'}{width or ''}}"


def _has_number(value: Cell) -> bool:
    return isinstance(value, str) and AMONG_SIGNS.fullmatch(value) is not None


def _as_number(value: Cell) -> float | None:
    if isinstance(value, str) and TWO_WAYS.fullmatch(value):
        raise Unsuitable("not_a_number", _("The number reads in two ways: write it without a comma or dot."))
    if isinstance(value, str) and WITH_BOTH.fullmatch(value):
        decimals = max(value.rfind(","), value.rfind("."))
        return float(f"{DIVIDERS.sub('', value[:decimals])}.{value[decimals + 1 :]}")
    if isinstance(value, str) and (NUMBER_TEXT.fullmatch(value) or IN_THOUSANDS.fullmatch(value)):
        return float(BLANK.sub("", value).replace(",", "."))
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _date(value: Cell, spec: str, language: Language, lead: str) -> str:
    wants_day, wants_clock, pieces = _compiled(spec, language, lead)
    moment = moment_of(value, wants_day)
    day, at = as_date(moment), as_time(moment)
    if wants_day and day is None:
        raise Unsuitable(
            "not_a_date", _("The cell holds no date that reads in one way only, and the template asks for one.")
        )
    if wants_clock and at is None:
        raise Unsuitable("not_a_time", _("The cell holds no time of day, and the template asks for one."))
    return "".join(piece if isinstance(piece, str) else piece(day, at) for piece in pieces)


Piece = str | Callable[[date | None, time | None], str]


@lru_cache(maxsize=64)
def _compiled(spec: str, language: Language, lead: str) -> tuple[bool, bool, tuple[Piece, ...]]:
    """Whether the format needs a day, a time of day, and its pieces."""
    parts = DIRECTIVE.split(lead + spec)  # text, directive, text, …
    names = parts[1::2]
    with_day = not DAYS_OF_MONTH.isdisjoint(names)
    if not MONTH_WORDS.isdisjoint(names):  # «5 декабря», and not «05 декабря»
        names = ["-d" if name == "d" else name for name in names]
    pieces: list[Piece] = []
    for text, name in zip(parts[::2], [*names, ""], strict=True):
        before, preposition = parted(text) if name in WORDS_OF_DAYS else (text, "")
        pieces += [before, _piece(name, language, preposition, with_day)]
    return any(n in DAY_DIRECTIVES for n in names), any(n in CLOCK_DIRECTIVES for n in names), tuple(pieces)


def _piece(name: str, language: Language, lead: str, with_day: bool) -> Piece:
    if name in CLOCK:
        clock = CLOCK[name]
        return lambda _day, at: clock(at or time())
    if name in DAY:
        calendar = DAY[name]
        return lambda day, _at: calendar(day or date.min)
    if name in WORDS_OF_DAYS:
        word = WORDS[language][name]
        return lambda day, _at: word(day or date.min, lead, with_day)
    return (lambda _day, at: half_of(at or time(), language)) if name == "p" else name
