"""[pure] The phone cell of a row -> the number that the message goes to, or the reason why there is none.

How a number is written is gateway.sms.number's matter; here is what a spreadsheet does to it, and the choice among
several in one cell.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw
from gateway.merge.template import FLAW_REASONS
from gateway.sms import quick_number
from gateway.sms.number import NumberError, foreign_region, parse
from gateway.sms.number_error import Cause
from gateway.sms.written_number import BEHIND_WHOSE

EXACT_LIMIT = 10**15  # Excel keeps fifteen digits of a number and writes zeros for the rest
FULL_NUMBER = 7  # digits that make a number of their own
SEVERAL = re.compile(r"[,;/\\|\n，；、／和或]|\s(?:и|или|or|and)\s|(?<=\d)\s*(?=\+)", re.IGNORECASE)
BEHIND_LABEL = re.compile(BEHIND_WHOSE)
CALCULATED = re.compile(r"\s*\+?\d+(?:[.,]0+|[.,]?\d*E\+?\d+)\s*", re.IGNORECASE)  # 79000000001.0, 7.9000000001E+10
NOT_DIGIT = re.compile(r"\D")
DECLINED, AMBIGUOUS = "no_phone", "ambiguous"
AGAINST = re.compile(
    r"отказ|стоп|запре|умер|не\s+(?:звон|пис|беспок|отправ|слать)|\bstop|refus|do(?: not|n.?t)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be written to."""

    msisdn: str = field(repr=False)
    has_others: bool = False  # the cell holds more numbers; this is the first mobile one
    is_repaired: bool = False  # written out from what a spreadsheet had made of it
    region: str = ""  # of a number of another country: that one (ISO 3166)

    @property
    def is_plain(self) -> bool:
        """Nothing of it is worth a look."""
        return not (self.has_others or self.is_repaired or self.region)


class Declined(NumberError):
    """Words in the cell say not to write to this person."""

    def __init__(self) -> None:
        super().__init__(*Cause.DECLINED.value)


def find(cell: Cell, country: str, short_codes: Collection[str] = ()) -> Phone:
    """The first number of the cell that can be written to. Raises NumberError."""
    text = as_text(cell)
    try:
        return _one(text, country, short_codes)
    except NumberError as error:
        if error.code != AMBIGUOUS:
            raise
        return _first_mobile(text, country, error)


def as_text(cell: Cell) -> str:
    """The cell as a person would have typed the number."""
    if isinstance(cell, str):
        return cell.lstrip("'`’")  # Excel's sign for "this is text", kept by a copy
    if cell is None:
        raise NumberError("no_phone", _("There is no phone number."))
    if isinstance(cell, Flaw):
        raise NumberError(cell.value, FLAW_REASONS[cell])
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell >= 0:
        return _digits(cell)
    raise NumberError("invalid_recipient", _("The cell holds no phone number but a date, a time or the like."))


def _digits(number: float) -> str:
    if number >= EXACT_LIMIT:
        raise NumberError("precision_lost", _("The spreadsheet has lost digits of the number: type it again, as text."))
    return str(int(number)) if float(number).is_integer() else repr(number)


def find_all(cell: Cell, country: str, short_codes: Collection[str] = ()) -> list[Phone | NumberError]:
    """Every number of the cell in its order, each as a Phone or as the reason why it can't be written to."""
    try:
        text = as_text(cell)
    except NumberError as error:
        return [error]
    if quick := quick_number.read(text, country):
        return [Phone(quick)]
    if AGAINST.search(text):
        return [Declined()]
    whole = _or_error(text, country, short_codes)
    if isinstance(whole, Phone) or whole.code != AMBIGUOUS:
        return [whole]
    parts = [_or_error(part, country, ()) for part in _parts(text, country)]
    return [whole] if len(parts) < 2 else parts


def _or_error(text: str, country: str, short_codes: Collection[str]) -> Phone | NumberError:
    try:
        return _one(text, country, short_codes)
    except NumberError as error:
        return Declined() if error.code == DECLINED and any(map(str.isdigit, text)) else error


def _one(text: str, country: str, short_codes: Collection[str]) -> Phone:
    if quick := quick_number.read(text, country):
        return Phone(quick)
    msisdn = parse(text, country, short_codes).msisdn
    return Phone(msisdn, is_repaired=CALCULATED.fullmatch(text) is not None, region=foreign_region(msisdn, country))


def _first_mobile(text: str, country: str, error: NumberError) -> Phone:
    """The first number of several that can be written to; when somebody declines beside one of them, none is."""
    found: list[str] = []
    others = [error]
    for part in _parts(text, country):
        try:
            found.append(parse(part, country).msisdn)
        except NumberError as problem:
            if problem.code == DECLINED:
                raise
            others.append(problem)
    if not found:
        raise others[1 if len(others) == 2 else 0]
    has_others = len(others) > 1 or len(set(found)) > 1
    return Phone(found[0], has_others=has_others, region=foreign_region(found[0], country))


def _parts(text: str, country: str) -> Iterator[str]:
    for part in filter(str.strip, SEVERAL.split(text)):
        labelled = BEHIND_LABEL.split(part)
        if all(_is_known(each, country) for each in labelled):  # and not within `+1 (cell) 916 123-45-67`
            yield from labelled
        else:
            yield from _cut_at_spaces(part.split(), country)


def _cut_at_spaces(words: list[str], country: str) -> Iterator[str]:
    """`8 900 000-00-01 8 900 000-00-02`: the shortest beginnings that are numbers, and what is left."""
    start = 0
    for end in range(1, len(words)):
        left = " ".join(words[start:end])
        if _count(left) >= FULL_NUMBER <= _count(" ".join(words[end:])) and _is_known(left, country):
            yield left
            start = end
    yield " ".join(words[start:])


def _is_known(text: str, country: str) -> bool:
    """Whether it is a number, be it one that can't be written to."""
    try:
        parse(text, country)
    except NumberError as error:
        return error.code in {"landline", "toll_free"}
    return True


def _count(text: str) -> int:
    return len(NOT_DIGIT.sub("", text))
