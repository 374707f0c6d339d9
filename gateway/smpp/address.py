"""[pure] Numbers and names <-> addresses with type of number and numbering plan (SMPP 3.4, 5.2.5-5.2.9).

Types are derived from what the number looks like, unless the bind's settings name them: operators differ most in what
they want to see of short codes and names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gateway.i18n import _
from gateway.smpp.fields import Unencodable
from gateway.smpp.messages import Address

UNKNOWN, INTERNATIONAL, NETWORK_SPECIFIC, ALPHANUMERIC = 0, 1, 3, 5  # TON, 5.2.5
NO_PLAN, TELEPHONE_PLAN = 0, 1  # NPI, 5.2.6: none, E.164

LONGEST_NUMBER = 15  # digits of E.164
LONGEST_NAME = 11  # characters: what a phone can show (3GPP TS 23.040, 9.1.2.5)
LONGEST_SHORT_CODE = 8  # digits; more without a plus are an international number all the same


@dataclass(frozen=True, slots=True)
class Types:
    """What the settings say of one side's addresses; None: derived."""

    ton: int | None = None
    npi: int | None = None


DERIVED = Types()


def of_recipient(number: str, types: Types = DERIVED) -> Address:
    """E.164 with '+', or a short code's digits; raises Unencodable."""
    return _of_digits("destination_addr", number, types)


@lru_cache(maxsize=64)
def of_sender(sender: str, types: Types = DERIVED) -> Address:
    """A number, a short code or a name; "" leaves it to the SMSC. Raises Unencodable."""
    if not sender:
        return Address("", types.ton or UNKNOWN, types.npi or NO_PLAN)
    if _digits(sender):
        return _of_digits("source_addr", sender, types)
    if len(sender) > LONGEST_NAME or not (sender.isascii() and sender.isprintable()):
        reason = _("a sender's name has at most {most} Latin letters, digits and signs").format(most=LONGEST_NAME)
        raise Unencodable("source_addr", reason)
    return _typed(sender, (ALPHANUMERIC, NO_PLAN), types)


def number_of(address: Address) -> str:
    """As people write it: '+' before an international number, everything else as it came."""
    is_international = address.ton == INTERNATIONAL and _digits(address.value) == address.value
    return f"+{address.value}" if is_international and address.value else address.value


def is_number(address: Address) -> bool:
    """Whether it can be somebody's telephone number, or a short code."""
    return address.ton != ALPHANUMERIC and bool(_digits(address.value))


def is_short(address: Address) -> bool:
    """Whether it has no more digits than a short code."""
    return len(_digits(address.value)) <= LONGEST_SHORT_CODE


def _of_digits(field: str, number: str, types: Types) -> Address:
    digits = _digits(number)
    if not digits or len(digits) > LONGEST_NUMBER:
        reason = _("a number is 1 to {most} digits, with or without a plus before them").format(most=LONGEST_NUMBER)
        raise Unencodable(field, reason)
    is_short = digits == number and len(digits) <= LONGEST_SHORT_CODE
    return _typed(digits, (NETWORK_SPECIFIC, NO_PLAN) if is_short else (INTERNATIONAL, TELEPHONE_PLAN), types)


def _typed(value: str, derived: tuple[int, int], types: Types) -> Address:
    ton, npi = derived
    return Address(value, ton if types.ton is None else types.ton, npi if types.npi is None else types.npi)


def _digits(number: str) -> str:
    """Without the plus; "" for what is no number."""
    digits = number.removeprefix("+")
    return digits if digits.isascii() and digits.isdigit() else ""
