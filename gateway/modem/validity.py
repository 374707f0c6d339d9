"""[pure] TP-VP, how long the network may keep trying, in its three formats (3GPP TS 23.040, 9.2.3.12)."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

from gateway.modem import timestamp
from gateway.modem.fields import Cursor, Values

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S
WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Range:
    """Octets up to `last` mean `base_s` and (octet - `before`) steps more."""

    last: int
    before: int
    base_s: int
    step_s: int


RANGES = (  # 9.2.3.12.1
    Range(143, -1, 0, 5 * MINUTE_S),  # 5 minutes to 12 hours
    Range(167, 143, 12 * HOUR_S, 30 * MINUTE_S),  # to 24 hours
    Range(196, 166, 0, DAY_S),  # 2 to 30 days
    Range(255, 192, 0, WEEK_S),  # 5 to 63 weeks
)
LONGEST = 255

# TP-VPF, bits 3 and 4 of the first octet (9.2.3.3)
NONE, ENHANCED, RELATIVE, ABSOLUTE = 0x00, 0x08, 0x10, 0x18
FORMAT = 0x18

# The enhanced format's first octet
FORMAT_OF_ENHANCED = 0x07
SINGLE_SHOT = 0x40  # try once only
NO_TIME, ONE_OCTET, SECONDS, HOURS_MINUTES_SECONDS = 0, 1, 2, 3
MOST_SECONDS = 255  # in one octet
MOST_CLOCK_S = 100 * HOUR_S - 1  # 99:59:59


@dataclass(frozen=True, slots=True)
class RelativeValidity:
    """So long from when the service centre has it; written rounded up to the next step, 5 minutes to 63 weeks."""

    seconds: int


@dataclass(frozen=True, slots=True)
class AbsoluteValidity:
    """Until then; None when the octets are no time."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class EnhancedValidity:
    """So long, to the second; None leaves it to the network."""

    seconds: int | None
    is_single_shot: bool = False


Validity = RelativeValidity | AbsoluteValidity | EnhancedValidity

FORMAT_OF = {type(None): NONE, EnhancedValidity: ENHANCED, RelativeValidity: RELATIVE, AbsoluteValidity: ABSOLUTE}


def seconds_of(octet: int) -> int:
    """What a relative TP-VP octet means."""
    of_octet = next(each for each in RANGES if octet <= each.last)
    return of_octet.base_s + (octet - of_octet.before) * of_octet.step_s


def octet_for(seconds: float) -> int:
    """The shortest relative period that is not shorter than `seconds`; the longest there is when none is."""
    return min(bisect_left(STEPS_S, seconds), LONGEST)


STEPS_S = tuple(seconds_of(octet) for octet in range(LONGEST + 1))


def is_there(values: Values) -> bool:
    return bool(values["first_octet"] & FORMAT)


def read_validity(cursor: Cursor, label: str, values: Values) -> Validity:
    vpf = values["first_octet"] & FORMAT
    if vpf == RELATIVE:
        return RelativeValidity(seconds_of(cursor.take_octet(label)))
    octets = cursor.take(timestamp.OCTETS, label)
    return AbsoluteValidity(timestamp.decode(octets)) if vpf == ABSOLUTE else _decode_enhanced(octets)


def write_validity(validity: Validity, _values: Values) -> bytes:
    if isinstance(validity, RelativeValidity):
        return bytes((octet_for(validity.seconds),))
    if isinstance(validity, AbsoluteValidity):
        return timestamp.encode(validity.until)
    return _encode_enhanced(validity).ljust(timestamp.OCTETS, b"\x00")


def _decode_enhanced(octets: bytes) -> EnhancedValidity:
    """The first octet says the format; a further functionality octet (its top bit) is not defined by the standard."""
    first, *rest = octets
    clock = [octet % 16 * 10 + octet // 16 for octet in rest[:3]]
    seconds = {
        ONE_OCTET: seconds_of(rest[0]),
        SECONDS: rest[0],
        HOURS_MINUTES_SECONDS: clock[0] * HOUR_S + clock[1] * MINUTE_S + clock[2],
    }.get(first & FORMAT_OF_ENHANCED)
    return EnhancedValidity(seconds, bool(first & SINGLE_SHOT))


def _encode_enhanced(validity: EnhancedValidity) -> bytes:
    seconds, bits = validity.seconds, SINGLE_SHOT if validity.is_single_shot else 0
    if seconds is None:
        return bytes((bits | NO_TIME,))
    if seconds <= MOST_SECONDS:
        return bytes((bits | SECONDS, seconds))
    if seconds > MOST_CLOCK_S:
        return bytes((bits | ONE_OCTET, octet_for(seconds)))
    clock = (seconds // HOUR_S, seconds // MINUTE_S % 60, seconds % 60)
    return bytes((bits | HOURS_MINUTES_SECONDS, *(part // 10 | part % 10 << 4 for part in clock)))
