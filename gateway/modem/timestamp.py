"""[pure] Time stamps: TP-SCTS, TP-DT and the absolute TP-VP, seven octets (3GPP TS 23.040, 9.2.3.11).

Year, month, day, hour, minute, second and the zone in quarters of an hour, two digits each, the tens in the low half.
Devices also send 00.., FF.. and dates that no calendar has: those are None, never an error.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from gateway.modem.fields import Cursor, Values

OCTETS = 7
FIRST_YEAR = 1980  # the year has two digits: 80 to 99 are before there were SMS or soon after, all else is now
NEGATIVE = 0x08  # in the zone's tens
QUARTER = timedelta(minutes=15)
FARTHEST_ZONE = 79 * QUARTER  # the tens have three bits
UNKNOWN = bytes(OCTETS)  # what is written for None


def decode(octets: bytes) -> datetime | None:
    """An aware time, or None when the octets are none."""
    tens = [octet & 0x0F for octet in octets]
    units = [octet >> 4 for octet in octets]
    sign = -1 if tens[-1] & NEGATIVE else 1
    tens[-1] &= ~NEGATIVE
    if max(tens + units) > 9:
        return None
    year, month, day, hour, minute, second, quarters = (10 * ten + unit for ten, unit in zip(tens, units, strict=True))
    try:
        zone = timezone(sign * quarters * QUARTER)
        return datetime(FIRST_YEAR + (year - FIRST_YEAR) % 100, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:  # the 31st of February, month 0, …
        return None


def encode(at: datetime | None) -> bytes:
    """`at` is aware; its zone is written in whole quarters of an hour, else the time is written in UTC."""
    if at is None:
        return UNKNOWN
    offset = at.utcoffset() or timedelta()
    if offset % QUARTER or abs(offset) > FARTHEST_ZONE:
        return encode(at.astimezone(UTC))
    octets = [_swap(part) for part in (at.year % 100, at.month, at.day, at.hour, at.minute, at.second)]
    zone = _swap(abs(offset) // QUARTER) | (NEGATIVE if offset < timedelta() else 0)
    return bytes((*octets, zone))


def read_time_stamp(cursor: Cursor, label: str, _values: Values) -> datetime | None:
    return decode(cursor.take(OCTETS, label))


def write_time_stamp(at: datetime | None, _values: Values) -> bytes:
    return encode(at)


def _swap(number: int) -> int:
    return number // 10 | number % 10 << 4
