"""Single fields: addresses, time stamps, validity periods, data coding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from gateway.modem import timestamp, validity
from gateway.modem.address import Address, TypeOfNumber, read_address, to_address, write_address
from gateway.modem.fields import Cursor, PduError
from gateway.sms.data_coding import Coding, DataCoding, MessageWaiting, understand

HOUR_S, DAY_S, WEEK_S = 3600, 86400, 604800


# Addresses

ADDRESSES = {
    "international, odd": ("0B919700000000F1", "+79000000001"),
    "international, even": ("0A919700000000", "+7900000000"),
    "unknown type": ("0B819800000000F1", "89000000001"),
    "national": ("0AA1 0900000010", "9000000001"),
    "no extension bit": ("0B119700000000F1", "+79000000001"),
    "shorter than it says": ("0B9197F0", None),
    "ended early by filling": ("069197F0FF", "+790"),
    "empty": ("0091", ""),
    "seven letters that say fourteen semi-octets": ("0ED04376DA9D1ECF01", "Clinics"),
    "eight letters": ("0ED061F1985C369FD1", "abcdefgh"),
}


@pytest.mark.parametrize(("hex", "number"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_written_as_people_write_it(hex: str, number: str | None) -> None:
    cursor = Cursor(bytes.fromhex(hex))
    if number is None:
        with pytest.raises(PduError, match="TP-OA"):
            read_address(cursor, "TP-OA", {})
    else:
        assert read_address(cursor, "TP-OA", {}).number == number
        assert cursor.rest() == b""


RECIPIENTS = {
    "international": ("+79000000001", "0B919700000000F1"),
    "short code": ("1234", "04812143"),
    "three digits": ("112", "038111F2"),
    "star and hash": ("*100#", "05811A00FB"),
}


@pytest.mark.parametrize(("number", "hex"), RECIPIENTS.values(), ids=RECIPIENTS)
def test_a_recipient_is_international_by_its_plus(number: str, hex: str) -> None:
    assert write_address(to_address(number), {}) == bytes.fromhex(hex)


def test_an_address_has_at_most_twenty_digits() -> None:
    assert len(write_address(to_address("1" * 20), {})) == 12
    with pytest.raises(PduError, match="longer"):
        write_address(to_address("1" * 21), {})


def test_a_sender_name_has_at_most_eleven_letters() -> None:
    name = Address("Clinic No 7", TypeOfNumber.ALPHANUMERIC, 0)
    assert read_address(Cursor(write_address(name, {})), "TP-OA", {}) == name
    with pytest.raises(PduError, match="longer"):
        write_address(Address("Clinic No 70", TypeOfNumber.ALPHANUMERIC, 0), {})


def test_no_number_shows_in_a_repr() -> None:
    assert "7900" not in repr(to_address("+79000000001"))


# Time stamps

WEST = timezone(-timedelta(hours=3, minutes=30))
STAMPS = {
    "Moscow": ("62112201035021", datetime(2026, 11, 22, 10, 30, 5, tzinfo=timezone(timedelta(hours=3)))),
    "UTC": ("62112201035000", datetime(2026, 11, 22, 10, 30, 5, tzinfo=UTC)),
    "west of Greenwich": ("62112201035049", datetime(2026, 11, 22, 10, 30, 5, tzinfo=WEST)),
    "last century": ("99112201035000", datetime(1999, 11, 22, 10, 30, 5, tzinfo=UTC)),
    "a leap day": ("42209232959500", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
}
ODD_STAMPS = {
    "zeros": "00000000000000",
    "filling": "FFFFFFFFFFFFFF",
    "no leap year": "52209200000000",
    "month 13": "62311000000000",
    "day 0": "62110000000000",
    "hour 24": "62112242000000",
    "second 60": "62112201030600",
    "letters": "6211220103A500",
    "zone of filling": "621122010350FF",
    "zone of letters": "621122010350A2",
}


@pytest.mark.parametrize(("hex", "at"), STAMPS.values(), ids=STAMPS)
def test_a_time_stamp_is_read_and_written_with_its_zone(hex: str, at: datetime) -> None:
    assert timestamp.decode(bytes.fromhex(hex)) == at
    assert timestamp.decode(bytes.fromhex(hex)).utcoffset() == at.utcoffset()  # type: ignore[union-attr]
    assert timestamp.encode(at) == bytes.fromhex(hex)


@pytest.mark.parametrize("hex", ODD_STAMPS.values(), ids=ODD_STAMPS)
def test_an_odd_time_stamp_is_none(hex: str) -> None:
    assert timestamp.decode(bytes.fromhex(hex)) is None


def test_a_zone_that_has_no_quarters_is_written_in_utc() -> None:
    at = datetime(2026, 11, 22, 12, 0, 0, tzinfo=timezone(timedelta(minutes=7)))

    assert timestamp.decode(timestamp.encode(at)) == at


# Validity

PERIODS = {
    0: 300,
    11: HOUR_S,
    143: 12 * HOUR_S,
    144: 12 * HOUR_S + 1800,
    167: DAY_S,
    168: 2 * DAY_S,
    196: 30 * DAY_S,
    197: 5 * WEEK_S,
    255: 63 * WEEK_S,
}


@pytest.mark.parametrize(("octet", "seconds"), PERIODS.items())
def test_a_relative_period_is_the_standards(octet: int, seconds: int) -> None:
    assert validity.seconds_of(octet) == seconds
    assert validity.octet_for(seconds) == octet


@pytest.mark.parametrize("octet", range(255))
def test_a_period_is_rounded_up_to_the_next_step(octet: int) -> None:
    just_more = validity.seconds_of(octet) + 1

    assert validity.octet_for(just_more) == octet + 1


def test_longer_periods_have_higher_octets() -> None:
    assert all(shorter < longer for shorter, longer in pairwise(validity.STEPS_S))


@pytest.mark.parametrize(("seconds", "octet"), [(0, 0), (-5, 0), (1, 0), (33 * DAY_S, 197), (10**9, 255)])
def test_a_period_out_of_range_is_the_nearest_that_there_is(seconds: int, octet: int) -> None:
    assert validity.octet_for(seconds) == octet


# Data coding

CODINGS = {
    0x00: DataCoding(),
    0x04: DataCoding(Coding.EIGHT_BIT),
    0x08: DataCoding(Coding.UCS2),
    0x0C: DataCoding(),  # reserved alphabet
    0x10: DataCoding(message_class=0),
    0x1A: DataCoding(Coding.UCS2, message_class=2),
    0x28: DataCoding(Coding.UCS2, is_compressed=True),
    0x43: DataCoding(is_to_be_deleted=True),  # class bits without meaning
    0x5B: DataCoding(Coding.UCS2, message_class=3, is_to_be_deleted=True),
    0x80: DataCoding(),
    0xBF: DataCoding(),
    0xC0: DataCoding(waiting=MessageWaiting.VOICE, is_text_kept=False),
    0xCB: DataCoding(waiting=MessageWaiting.OTHER, is_waiting=True, is_text_kept=False),
    0xD9: DataCoding(waiting=MessageWaiting.FAX, is_waiting=True),
    0xE2: DataCoding(Coding.UCS2, waiting=MessageWaiting.MAIL),
    0xF0: DataCoding(message_class=0),
    0xF7: DataCoding(Coding.EIGHT_BIT, message_class=3),
    0xF9: DataCoding(message_class=1),
}


@pytest.mark.parametrize(("octet", "meaning"), CODINGS.items(), ids=[f"{octet:02X}" for octet in CODINGS])
def test_a_data_coding_is_understood_by_its_group(octet: int, meaning: DataCoding) -> None:
    assert understand(octet) == meaning


def test_every_data_coding_means_something() -> None:
    assert all(isinstance(understand(octet), DataCoding) for octet in range(256))
