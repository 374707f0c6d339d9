"""[pure] The forms in which an SMSC writes one message id: in its answer, and in the receipt (SMPP 3.4, appendix B).

Many write hexadecimal in one place and decimal in the other, or pad with zeros, or change case. `Learner` finds out by
itself what a bind's SMSC does: from ids that it answered with and that come again in receipts.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from gateway.i18n import _

# What is longer than 64 bits is no number that anybody converts; of a UUID not even the case is touched.
NUMERAL = re.compile(r"(?:0[xX])?([0-9a-fA-F]{1,16}|[0-9]{17,20})")
DECIMAL = re.compile(r"[0-9]+")
LONG_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{17,64}")
WIDTHS = (0, 8, 10, 16, 20)  # digits to which ids are padded with zeros; 0: none
HEX_WIDTHS = WIDTHS[:-1]  # 64 bits have 16 hexadecimal digits, and 20 decimal ones
MOST_HEX_DIGITS, BEYOND = 16, 1 << 64


class Radix(Enum):
    """What is done to a receipt's id to get the answer's."""

    SAME = "same"
    HEX_TO_DECIMAL = "hex_to_decimal"
    DECIMAL_TO_HEX = "decimal_to_hex"


class Case(Enum):
    """Of hexadecimal digits."""

    KEPT = "kept"
    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True, slots=True)
class Form:
    """How to write a receipt's id as the answer would have it."""

    radix: Radix = Radix.SAME
    width: int | None = None  # digits, padded with zeros; 0: no zeros before it; None: as it is
    case: Case = Case.KEPT

    def of(self, receipted: str) -> str | None:
        """None when such an id can't be written so."""
        if self.radix is Radix.SAME and self.width is None:
            return CASES[self.case](receipted)
        found = NUMERAL.fullmatch(receipted)
        digits = _converted(found[1], self.radix) if found else None
        if digits is None:
            return None
        padded = digits if self.width is None else (digits.lstrip("0") or "0").rjust(self.width, "0")
        return CASES[self.case](padded)


def _kept(text: str) -> str:
    return text


CASES: Mapping[Case, Callable[[str], str]] = {Case.KEPT: _kept, Case.LOWER: str.lower, Case.UPPER: str.upper}


# The simpler first: of those that say the same the first one counts.
FORMS = (
    Form(),
    Form(case=Case.LOWER),
    Form(case=Case.UPPER),
    *(Form(Radix.SAME, width, case) for width in WIDTHS for case in (Case.LOWER, Case.UPPER)),
    *(Form(Radix.HEX_TO_DECIMAL, width) for width in WIDTHS),
    *(Form(Radix.DECIMAL_TO_HEX, width, case) for width in HEX_WIDTHS for case in (Case.LOWER, Case.UPPER)),
)
NUMBERS_END = 7  # digits by which a number is known, with or without its country's code
AS_IS, CASES_ONLY = FORMS[:1], FORMS[:3]


def forms(receipted: str, preferred: Iterable[Form] = ()) -> tuple[str, ...]:
    """Every way in which the answer may have written a receipt's id, the likeliest first, each once."""
    possible = FORMS if NUMERAL.fullmatch(receipted) else CASES_ONLY if LONG_HEXADECIMAL.fullmatch(receipted) else AS_IS
    written = (form.of(receipted) for form in (*preferred, *possible))
    return tuple(dict.fromkeys(each for each in written if each is not None))


def _converted(digits: str, radix: Radix) -> str | None:
    """The digits that `radix` makes of these; None when they are no such number, or one beyond 64 bits."""
    if radix is Radix.SAME:
        return digits
    if radix is Radix.HEX_TO_DECIMAL:
        return str(int(digits, 16)) if len(digits) <= MOST_HEX_DIGITS else None
    number = int(digits) if DECIMAL.fullmatch(digits) else BEYOND
    return f"{number:x}" if number < BEYOND else None


class Learner:
    """What one SMSC's receipts have shown of the form of its ids."""

    ENOUGH = 3  # pairs that agree
    REMEMBERED = 10_000  # answers, 2.5 MB: of seconds at the highest pace, within which most receipts come

    def __init__(self) -> None:
        self._answers: OrderedDict[str, str] = OrderedDict()  # the end of its recipient's number, by id
        self._possible: tuple[Form, ...] = FORMS
        self._agreed = 0

    @property
    def is_sure(self) -> bool:
        return self._agreed >= self.ENOUGH

    @property
    def form(self) -> Form | None:
        """The simplest form that fits all pairs; None until enough of them agree."""
        return self._possible[0] if self.is_sure else None

    def answered(self, message_id: str, recipient: str = "") -> None:
        """The SMSC took a segment and gave it this id."""
        self._answers[message_id] = recipient[-NUMBERS_END:]
        if len(self._answers) > self.REMEMBERED:
            self._answers.popitem(last=False)

    def receipted(self, message_id: str, recipient: str = "") -> tuple[str, ...]:
        """A receipt bears this id: how the answer may have written it, the likeliest first.

        The recipient tells a receipt that is there before its answer from that of another SMS, whose id, written in
        another way, has the same digits.
        """
        surely = self.form.of(message_id) if self.form else None
        if surely is not None and self._has(surely, recipient):
            return (surely,)
        found = forms(message_id, self._possible if self.is_sure else ())
        fitting = [each for each in found if self._has(each, recipient)]
        if len(fitting) == 1:  # of two nobody knows which one is meant
            self._told(fitting[0], message_id)
        return found

    def _has(self, message_id: str, recipient: str) -> bool:
        """Whether an SMS to this recipient got this id; one that is not told may be any."""
        end = self._answers.get(message_id)
        return end is not None and (not end or not recipient or recipient.endswith(end) or end.endswith(recipient))

    def _told(self, answered: str, receipted: str) -> None:
        """One more pair. What contradicts all that was known begins anew."""
        agreeing = tuple(form for form in self._possible if form.of(receipted) == answered)
        if agreeing:
            self._possible, self._agreed = agreeing, self._agreed + 1
        else:
            self._possible = tuple(form for form in FORMS if form.of(receipted) == answered)
            self._agreed = 1

    @property
    def words(self) -> str:
        """For people."""
        form = self.form
        return _("form of ids not known yet") if form is None else SAID[form.radix]


SAID = {
    Radix.SAME: _("ids alike in answers and receipts"),
    Radix.HEX_TO_DECIMAL: _("ids decimal in answers, hexadecimal in receipts"),
    Radix.DECIMAL_TO_HEX: _("ids hexadecimal in answers, decimal in receipts"),
}
