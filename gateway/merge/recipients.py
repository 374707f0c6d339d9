"""[pure] Which numbers of a row its message goes to: one or several, out of one phone column or of several.

The person who sends chooses (`--phones`); nothing is taken from a column that wasn't named or found to be the one of
the phones, since it may be the doctor's. Whoever declines in one of the cells is not written to at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import NamedTuple

from gateway.i18n import _
from gateway.merge import phone
from gateway.merge.cells import Cell, cell_at
from gateway.merge.phone import Phone
from gateway.merge.template import Column
from gateway.sms import quick_number
from gateway.sms.number import NumberError

SEVERAL = "several_numbers"
REPAIRED = "repaired_number"
FOREIGN = "foreign_number"


class Choice(Enum):
    """What `--phones` may be."""

    FIRST = "first"  # the first one that can be written to
    MOBILE = "mobile"  # each one that can be written to; landlines and broken ones beside it are left out
    ALL = "all"  # every one, and each must be good: else the row is refused


REASONS = {
    Choice.FIRST: _("The row holds several numbers: the first mobile one is taken."),
    Choice.MOBILE: _("The row holds several numbers: only the mobile ones are taken."),
    Choice.ALL: _("The row holds several numbers: each one is written to."),
}
REPAIRED_REASON = _("A spreadsheet had made a calculated number of it; every digit is there.")
FOREIGN_REASON = _("The number is of another country ({country}): an SMS there may cost more, or not arrive.")
IN_CELL = _("The cell holds several numbers: the first mobile one is taken.")


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a person should look at."""

    column: str
    code: str
    reason: str


class Recipients(NamedTuple):
    """Whom a row's message goes to, each number once."""

    numbers: tuple[str, ...]
    doubts: tuple[Doubt, ...] = ()

    def __repr__(self) -> str:
        return f"Recipients(doubts={self.doubts})"


class Unreachable(ValueError):
    """The row's message can't go to anybody."""

    def __init__(self, column: str, error: NumberError) -> None:
        super().__init__(error.reason)
        self.column = column
        self.code = error.code
        self.reason = error.reason


@dataclass(frozen=True, slots=True)
class _Found:
    """One number of a row, or why one isn't."""

    column: Column
    phone: Phone | NumberError = field(repr=False)


def choose(
    cells: Sequence[Cell],
    columns: Sequence[Column],
    choice: Choice,
    country: str,
    short_codes: Collection[str] = (),
) -> Recipients:
    """Raises Unreachable."""
    if len(columns) == 1:
        cell = cell_at(cells, columns[0].index)
        if isinstance(cell, str) and (plain := quick_number.read(cell, country)):
            return Recipients((plain,))  # nearly every row of nearly every list
        if choice is Choice.FIRST:
            return _of_one_cell(cell, columns[0], country, short_codes)
    return _of([each for column in columns for each in _in_cell(cells, column, country, short_codes)], choice)


def _of(found: Sequence[_Found], choice: Choice) -> Recipients:
    """Of all numbers of a row those that are chosen."""
    if len(found) == 1 and isinstance(only := found[0].phone, Phone) and only.is_plain:
        return Recipients((only.msisdn,))
    good = {each.phone.msisdn: each for each in reversed(found) if isinstance(each.phone, Phone)}
    bad = [each for each in found if isinstance(each.phone, NumberError) and not _is_absent(each.phone)]
    _refuse(found, bad, choice, is_any_good=bool(good))
    taken = list(islice(reversed(good.values()), 1 if choice is Choice.FIRST else None))
    return Recipients(
        tuple(number.msisdn for number in _phones(taken)),
        tuple(_doubts(taken, choice, is_several=len(good) + len(bad) > 1)),
    )


def _of_one_cell(cell: Cell, column: Column, country: str, short_codes: Collection[str]) -> Recipients:
    """The usual list: one column, one number."""
    try:
        found = phone.find(cell, country, short_codes)
    except NumberError as error:
        raise Unreachable(column.name, error) from None
    if found.is_plain:
        return Recipients((found.msisdn,))
    return Recipients((found.msisdn,), tuple(_doubts_of_cell(found, column)))


def _doubts_of_cell(found: Phone, column: Column) -> Iterator[Doubt]:
    if found.has_others:
        yield Doubt(column.name, SEVERAL, IN_CELL)
    yield from _doubts_of_number(found, column)


def _doubts_of_number(found: Phone, column: Column) -> Iterator[Doubt]:
    if found.is_repaired:
        yield Doubt(column.name, REPAIRED, REPAIRED_REASON)
    if found.region:
        yield Doubt(column.name, FOREIGN, FOREIGN_REASON.format(country=found.region))


def _in_cell(cells: Sequence[Cell], column: Column, country: str, short_codes: Collection[str]) -> Iterator[_Found]:
    for each in phone.find_all(cell_at(cells, column.index), country, short_codes):
        yield _Found(column, each)


def _is_absent(error: NumberError) -> bool:
    """No number and no word against one: the next column may have it."""
    return error.code == phone.DECLINED


def _refuse(found: Sequence[_Found], bad: Sequence[_Found], choice: Choice, *, is_any_good: bool) -> None:
    """Raises Unreachable for a row that nobody of is written to."""
    declined = [each for each in found if isinstance(each.phone, phone.Declined)]
    wrong = bad if choice is Choice.ALL or not is_any_good else []
    absent = [] if is_any_good else found
    for each in (*declined, *wrong, *absent):
        if isinstance(each.phone, NumberError):
            raise Unreachable(each.column.name, each.phone)


def _phones(taken: Sequence[_Found]) -> Iterator[Phone]:
    return (each.phone for each in taken if isinstance(each.phone, Phone))


def _doubts(taken: Sequence[_Found], choice: Choice, *, is_several: bool) -> Iterator[Doubt]:
    """Of a row: that there are several numbers, which one was repaired, and which is foreign; each kind once."""
    if is_several:
        yield Doubt(taken[0].column.name, SEVERAL, REASONS[choice])
    found: dict[str, Doubt] = {}
    for each in taken:
        if isinstance(each.phone, Phone):
            for doubt in _doubts_of_number(each.phone, each.column):
                found.setdefault(doubt.code, doubt)
    yield from found.values()
