"""[pure] From a recipient as written to the number that the network knows (E.164), or the reason why there is none.

Nothing is guessed: a number that reads two ways is refused. Which numbers exist, and of what kind, phonenumbers knows.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.sms.identity_number import is_identity_number
from gateway.sms.number_error import Cause, NumberError, refusal
from gateway.sms.written_number import Written, read

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

__all__ = ["Number", "NumberError", "foreign_region", "mask", "parse"]

_SHORT = range(3, 6)  # digits of a short code
# Those of the countries around us and those that phones know everywhere (3GPP TS 22.101, 10.1); phonenumbers has more.
_EMERGENCY = frozenset(
    ("000", "01", "02", "03", "04", "101", "102", "103", "104", "110", "112", "119", "120", "911", "999")
)

_COUNTING = ("0123456789", "1234567890", "9876543210", "123456789", "987654321", "12345678", "1234567")
_LEAST_PLACEHOLDER = 5  # digits; a short code may well be 777

# Written so, even a number that exists is doubtful: Kazakh without country code, a digit lost, or a company's INN.
_DOUBTFUL = {"RU": re.compile(r"7\d{9}")}

# Ten digits that begin as a mobile number does with all eleven; by chance they may pass for a company's INN.
_LACKING = {"RU": re.compile(r"[78]9\d{8}")}

_MAY_RECEIVE = frozenset((1, 2))  # phonenumbers.PhoneNumberType: mobile, fixed line or mobile (one plan for both)
_UNKNOWN = 99  # no number of any kind
_KINDS = {0: Cause.LANDLINE, 3: Cause.TOLL_FREE, 4: Cause.PREMIUM}  # other kinds: NOT_MOBILE

# phonenumbers.NumberParseException: invalid country code, not a number, too short twice, too long
_UNREADABLE = {0: Cause.NO_COUNTRY, 1: Cause.TOO_SHORT, 2: Cause.TOO_SHORT, 3: Cause.TOO_SHORT, 4: Cause.TOO_LONG}
# phonenumbers.ValidationResult: too short, too long, a local number without its area; 0 and 5 depend on the length
_IMPOSSIBLE = {2: Cause.TOO_SHORT, 3: Cause.TOO_LONG, 4: Cause.TOO_SHORT}

_LEAST_E164 = 8  # digits; with fewer there is no country code

_SHOWN_BEHIND = 4  # digits of a masked number that help a person to recognise it
_LEAST_MASKED = 8  # a shorter number is hidden whole


@dataclass(frozen=True, slots=True)
class Number:
    """A recipient that SMS can be sent to."""

    msisdn: str = field(repr=False)  # E.164 with '+', or a short code's digits
    is_short_code: bool = False


def parse(text: str, country: str, short_codes: Collection[str] = ()) -> Number:
    """Read `text` as people of `country` (ISO 3166 code) write numbers; raises NumberError."""
    written = read(text, country)
    if _is_listed(written, country, short_codes):
        return Number(written.digits, is_short_code=True)
    _refuse_placeholder(written.digits)
    _refuse_short(written, country)
    return Number(_read_one_way(written, country))


def foreign_region(msisdn: str, country: str) -> str:
    """The country of an E.164 number (ISO 3166) if it is another one than `country`, "" if it isn't."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, country_code_for_region, region_code_for_number
    from phonenumbers import parse as interpret

    code = country_code_for_region(country)
    if not msisdn.startswith("+") or (msisdn.startswith(f"+{code}") and len(COUNTRY_CODE_TO_REGION_CODE[code]) == 1):
        return ""
    region = region_code_for_number(interpret(msisdn)) or ""
    return "" if region == country else region


def mask(msisdn: str) -> str:
    """`+7******4567`: enough to recognise a number that one knows."""
    digits = msisdn.removeprefix("+")
    plus = msisdn[: len(msisdn) - len(digits)]
    if len(digits) < _LEAST_MASKED:
        return plus + "*" * len(digits)
    return plus + digits[0] + "*" * (len(digits) - 1 - _SHOWN_BEHIND) + digits[-_SHOWN_BEHIND:]


def _is_listed(written: Written, country: str, short_codes: Collection[str]) -> bool:
    is_listed = written.digits in short_codes and not written.is_international
    return is_listed and not _is_emergency(written.digits, country)


def _refuse_short(written: Written, country: str) -> None:
    if len(written.digits) not in range(_SHORT.stop):
        return
    if _is_emergency(written.digits, country):
        raise refusal(Cause.EMERGENCY)
    is_code = len(written.digits) in _SHORT and not written.is_international
    raise refusal(Cause.SHORT_CODE if is_code else Cause.TOO_SHORT)


def _is_emergency(digits: str, country: str) -> bool:
    import phonenumbers

    return digits in _EMERGENCY or phonenumbers.is_emergency_number(digits, country)


def _refuse_placeholder(digits: str) -> None:
    if len(digits) >= _LEAST_PLACEHOLDER and (len(set(digits)) == 1 or digits in _COUNTING):
        raise refusal(Cause.PLACEHOLDER)


def _read_one_way(written: Written, country: str) -> str:
    """The E.164 number of the only reading that is a number at all, when it can receive SMS."""
    from phonenumbers import PhoneNumberFormat, format_number, number_type

    readings = _readings(written, country)
    kinds = {format_number(reading, PhoneNumberFormat.E164): number_type(reading) for reading in readings}
    existing = [number for number, kind in kinds.items() if kind != _UNKNOWN]
    if not existing:
        raise refusal(_why_unknown(written, country, readings[0]))
    if len(existing) > 1 or _is_doubtful(written, country):
        raise refusal(Cause.TWO_WAYS)
    if kinds[existing[0]] not in _MAY_RECEIVE:
        raise refusal(_KINDS.get(kinds[existing[0]], Cause.NOT_MOBILE))
    return existing[0]


def _readings(written: Written, country: str) -> list[PhoneNumber]:
    """As a number of `country`, and with its country code in front when the digits begin with that; never empty."""
    from phonenumbers import country_code_for_region

    if written.is_international:
        return [_interpret(f"+{written.digits}", country)]
    national = _interpret(written.digits, country)
    code = str(country_code_for_region(country))
    is_same = f"{national.country_code}{national.national_number}" == written.digits
    if is_same or not written.digits.startswith(code) or len(written.digits) < _LEAST_E164:
        return [national]
    return [national, _interpret(f"+{written.digits}", country)]


def _interpret(digits: str, country: str) -> PhoneNumber:
    from phonenumbers import NumberParseException, national_significant_number
    from phonenumbers import parse as interpret

    try:
        number = interpret(digits, country)
    except NumberParseException as problem:
        raise refusal(_UNREADABLE.get(problem.error_type, Cause.UNASSIGNED)) from None  # its text has the number
    _refuse_placeholder(national_significant_number(number))
    return number


def _is_doubtful(written: Written, country: str) -> bool:
    doubtful = _DOUBTFUL.get(country)
    return bool(doubtful and not written.is_international and doubtful.fullmatch(written.digits))


def _why_unknown(written: Written, country: str, number: PhoneNumber) -> Cause:
    from phonenumbers import is_possible_number_with_reason

    if not written.is_international and is_identity_number(written.digits, country):
        lacking = _LACKING.get(country)
        return Cause.TOO_SHORT if lacking and lacking.fullmatch(written.digits) else Cause.IDENTITY
    possible = is_possible_number_with_reason(number)
    return _IMPOSSIBLE.get(possible) or _by_length(written, country, number, is_possible=possible == 0)


def _by_length(written: Written, country: str, number: PhoneNumber, *, is_possible: bool) -> Cause:
    """Compared with the mobile numbers of its country, without what is dialled before them."""
    import phonenumbers

    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    example = phonenumbers.example_number_for_type(region, 1)
    usual = len(str(example.national_number)) if example else 0
    digits = phonenumbers.national_significant_number(number)  # with a nought that begins it
    length = len(digits)
    prefixes = (str(number.country_code), phonenumbers.ndd_prefix_for_region(country, True) or "-")
    if not written.is_international and digits.startswith(prefixes) and length <= usual:
        return Cause.TOO_SHORT  # 8 900 000-12-3: the eight is not the number's own
    if is_possible or length == usual:
        return Cause.UNASSIGNED
    return Cause.TOO_LONG if length > usual else Cause.TOO_SHORT
