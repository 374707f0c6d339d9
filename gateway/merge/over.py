"""[pure] Texts that name a day which is over: an old list that is sent once more, as a rule. And a day far ahead among
others that are not: a slip in the year, which the text may not show.

A day long gone is a day of birth, or of a first visit, and nobody mistakes it for an appointment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gateway import forms
from gateway.i18n import ngettext
from gateway.merge.days import DaysNamed
from gateway.merge.plan import Planned

LONG_GONE = timedelta(days=400)  # last year's list, or a slip in the year, is less than that ago
MOST = 0.5  # of the rows that name a day: from there on it is asked about
SPANS = 10  # of rows that are named
# Days of birth and of what has been: whoever writes of them means days that are over.
OF_THE_PAST = re.compile(
    r"рожд|^др$|^д\. ?р\.?$|birth|\bdob\b|\bborn\b|出生|生日|последн|прошл|предыдущ|\blast\b|previous|上次|最近|末次",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Over:
    """Of one column."""

    column: str
    rows: tuple[int, ...]  # whose day is over when their message goes, or far ahead of it
    of: int  # rows that name a day

    @property
    def is_most(self) -> bool:
        return len(self.rows) >= MOST * self.of


def found(days: DaysNamed, messages: Sequence[Planned], today: date) -> tuple[Over, ...]:
    """Of the messages that are to go; `today` is the day of those that go at once."""
    going = {message.row: _going(message, today) for message in messages} if _is_any_over(days, messages, today) else {}
    return tuple(_of_columns(days, going)) if going else ()


def _is_any_over(days: DaysNamed, messages: Sequence[Planned], today: date) -> bool:
    """Asked first: of most lists no day is."""
    has_slots = any(message.slot is not None for message in messages[:1])
    last = max((_going(message, today) for message in messages), default=today) if has_slots else today
    return any(day < last for by_day in days.values() for day in by_day)


def _going(message: Planned, today: date) -> date:
    """The day on which it goes, on its row's own clock."""
    if message.slot is None or message.slot.send_at is None:
        return today
    return max(today, message.slot.send_at.astimezone(message.slot.zone).date())


def _of_columns(days: DaysNamed, going: Mapping[int, date]) -> Iterator[Over]:
    for column, by_day in days.items():
        ages = [(row, going[row] - day) for day, rows in by_day.items() for row in rows if row in going]
        rows = sorted(row for row, age in ages if timedelta() < age <= LONG_GONE)
        long_gone = sum(age > LONG_GONE for _row, age in ages)
        if len(rows) > long_gone and not OF_THE_PAST.search(column):
            yield Over(column, tuple(rows), len(ages))


def far_ahead(days: DaysNamed, messages: Sequence[Planned], today: date) -> tuple[Over, ...]:
    """Rows whose day is more than a year after their message; where most are, a term is meant and no appointment."""
    if not any(day - today > LONG_GONE for by_day in days.values() for day in by_day):
        return ()
    going = {message.row: _going(message, today) for message in messages}
    return tuple(each for each in _far(days, going) if each.rows and not each.is_most)


def _far(days: DaysNamed, going: Mapping[int, date]) -> Iterator[Over]:
    for column, by_day in days.items():
        leads = [(row, day - going[row]) for day, rows in by_day.items() for row in rows if row in going]
        yield Over(column, tuple(sorted(row for row, lead in leads if lead > LONG_GONE)), len(leads))


def lines(over: Sequence[Over]) -> list[str]:
    """Sentences for a person, with the rows."""
    return [
        ngettext(
            "“{column}”: in {count} of {all} row the day is over ({rows}).",
            "“{column}”: in {count} of {all} rows the day is over ({rows}).",
            each.of,
        ).format(rows=forms.named(each.rows, SPANS), **_told(each))
        for each in over
    ]


def lines_far(far: Sequence[Over]) -> list[str]:
    """As `lines`."""
    return [
        ngettext(
            "“{column}”: in {count} of {all} row the day is more than a year ahead ({rows}).",
            "“{column}”: in {count} of {all} rows the day is more than a year ahead ({rows}).",
            each.of,
        ).format(rows=forms.named(each.rows, SPANS), **_told(each))
        for each in far
    ]


def doubt(over: Sequence[Over]) -> str | None:
    """What the question begins with where most rows are such; None where few are."""
    sentences = [
        ngettext(
            "“{column}”: in {count} of {all} row the day is over.",
            "“{column}”: in {count} of {all} rows the day is over.",
            each.of,
        ).format(**_told(each))
        for each in over
        if each.is_most
    ]
    return " ".join(sentences) or None


def _told(over: Over) -> dict[str, str]:
    return {"column": over.column, "count": forms.whole(len(over.rows)), "all": forms.whole(over.of)}


def document(over: Sequence[Over]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [{"column": each.column, "rows": list(each.rows), "of": each.of} for each in over]
