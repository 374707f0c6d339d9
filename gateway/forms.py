"""[pure] Dates and numbers as people of each language write them: `22.11.2026 14:05`, `12 345`, `63,49 %`.

For sentences and tables that people read. Programs, files, logs and the tables of whoever looks after the modems have
ISO 8601 and bare digits. English keeps ISO's dates, for 03/04 is two days on the two sides of an ocean; GB/T 7408 and
Chinese programs write a date so too. What stands here as a date, a person may also type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

from gateway.i18n import LANGUAGE, ngettext

SEVERAL = 2  # at which every language has its form for more than one
ENDED_TWICE = re.compile(r"(?:…|(?<!\.)\.)\.\Z")
NARROW = "\u202f"  # a narrow blank at which no line ends


@dataclass(frozen=True, slots=True)
class Forms:
    """How one language writes them."""

    day: str  # of strftime
    between_thousands: str
    grouped_from: int
    point: str  # before the decimals
    percent: str


ENGLISH = Forms("%Y-%m-%d", ",", 1000, ".", "%")
RUSSIAN = Forms("%d.%m.%Y", NARROW, 10_000, ",", f"{NARROW}%")  # four digits are not parted in Russian print
ISO = ENGLISH  # whose dates are ISO 8601
OF: Mapping[str, Forms] = {"en": ENGLISH, "ru": RUSSIAN, "zh": ENGLISH}


def forms_of(language: str) -> Forms:
    """By its code, with or without a country (`zh-Hans-CN`); English for one that there are no texts in."""
    return OF.get(language.replace("_", "-").partition("-")[0], ENGLISH)


HERE = forms_of(LANGUAGE)


def day(value: date, forms: Forms = HERE) -> str:
    return value.strftime(forms.day)


def moment(at: datetime, zone: tzinfo, *, to_seconds: bool = False, forms: Forms = HERE) -> str:
    """By the clock of the zone; lists have the seconds, sentences don't."""
    return _moment(at.astimezone(zone), to_seconds, forms)


def cell(value: date | datetime | time | float, forms: Forms = HERE) -> str:
    """What a list's cell holds; seconds only where there are any. A number may be a card's: it is not parted."""
    if isinstance(value, int | float):
        return f"{value:.15g}".replace(".", forms.point)
    has_seconds = isinstance(value, datetime | time) and value.second > 0
    if isinstance(value, datetime):
        return _moment(value, has_seconds, forms)
    return day(value, forms) if isinstance(value, date) else _clock(value, has_seconds)


def whole(count: int, forms: Forms = HERE) -> str:
    """A count; never a row, an id or any other number that is a name."""
    return _parted(f"{count:,}", forms) if abs(count) >= forms.grouped_from else str(count)


def ranges(rows: Iterable[int], most: int | None = None) -> str:
    """Of rows: `1-3, 38`; beyond `most` spans an ellipsis."""
    told = spans(rows)
    return ", ".join(told[:most]) + (", …" if len(told) > len(told[:most]) else "")


def named(rows: Sequence[int], most: int | None = None) -> str:
    """`row 38`, `rows 1-3, 38`. How many is not said: 21 rows are several, though Russian has there the form of one."""
    words = ngettext("row {rows}", "rows {rows}", min(len(rows), SEVERAL))
    return words.format(rows=ranges(rows, most))


def spans(rows: Iterable[int]) -> list[str]:
    """Of rows: `1-3` and `38`."""
    found: list[list[int]] = []
    for row in rows:
        if found and found[-1][1] == row - 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return [str(first) if first == last else f"{first}-{last}" for first, last in found]


def ended(sentence: str) -> str:
    """With one full stop, where the last word brings its own: a heading such as `Каб.`, or the ellipsis of a list."""
    return sentence[:-1] if ENDED_TWICE.search(sentence) else sentence


def decimal(value: float, places: int, forms: Forms = HERE) -> str:
    """Rounded to so many decimals."""
    rounded = round(value, places)
    comma = "," if abs(rounded) >= forms.grouped_from else ""
    return _parted(f"{rounded:{comma}.{places}f}", forms)


def money(value: float, forms: Forms = HERE) -> str:
    """Of whatever currency the prices are in."""
    return decimal(value, 2, forms)


def percent(value: int, forms: Forms = HERE) -> str:
    return f"{whole(value, forms)}{forms.percent}"


def share(in_hundredths: int, forms: Forms = HERE) -> str:
    """Of a percent; every digit is said: 6349 is 63.49%."""
    percents, rest = divmod(in_hundredths, 100)
    return f"{whole(percents, forms)}{forms.point}{rest:02}{forms.percent}"


def _parted(number: str, forms: Forms) -> str:
    """From Python's own signs, a comma and a point."""
    return number.translate({ord(","): forms.between_thousands, ord("."): forms.point})


def _moment(at: datetime, to_seconds: bool, forms: Forms) -> str:
    return f"{day(at, forms)} {_clock(at.time(), to_seconds)}"


def _clock(at: time, to_seconds: bool) -> str:
    return at.strftime("%H:%M:%S" if to_seconds else "%H:%M")
