"""Single fields: addresses, time stamps, validity periods, data coding, user data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from gateway.modem import national, timestamp, user_data, validity
from gateway.modem.address import Address, TypeOfNumber, read_address, to_address, write_address
from gateway.modem.data_coding import Coding, DataCoding, MessageWaiting, understand
from gateway.modem.fields import Cursor, PduError
from gateway.modem.user_data import UserData
from gateway.sms.message import Concatenation
from gateway.sms.user_data_header import Element

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


# User data


def of(hex: str, length: int, data_coding: int = 0x00, *, has_header: bool = False) -> UserData:
    return user_data.decode(bytes.fromhex(hex), length, data_coding, has_header=has_header)


F9_TEXTS = {
    "Cyrillic": ("04140430", 4, "Да"),
    "one Latin letter": ("0041", 2, "A"),
    "Chinese, seen by the length": ("4F60597D4F60597D", 8, "你好你好"),
    "Chinese, seen by the spare bits": ("4F60597D", 4, "你好"),
    "7-bit by the letter": ("E8329BFD4697D9EC37", 10, "hellohello"),
    "7-bit, two letters": ("E834", 2, "hi"),
    "7-bit, seven letters": ("61F1985C369F01", 7, "abcdefg"),
    "nothing": ("", 0, ""),
}


@pytest.mark.parametrize(("hex", "length", "text"), F9_TEXTS.values(), ids=F9_TEXTS)
def test_data_coding_f9_is_ucs2_where_the_text_proves_it(hex: str, length: int, text: str) -> None:
    assert of(hex, length, 0xF9) == UserData(text)


DAMAGED = {
    "septets missing": (("E8329BFD46", 10), UserData("hello", is_damaged=True)),
    "nothing left": (("", 10), UserData(is_damaged=True)),
    "half a UCS-2 character": (("041404", 4, 0x08), UserData("Д", is_damaged=True)),
    "an odd length in UCS-2": (("041404", 3, 0x08), UserData("Д", is_damaged=True)),
    "a high surrogate alone": (("D83D0041", 4, 0x08), UserData("\ufffdA", is_damaged=True)),
    "a low surrogate alone": (("DE00", 2, 0x08), UserData("\ufffd", is_damaged=True)),
    "surrogates the wrong way round": (("DE00D83D", 4, 0x08), UserData("\ufffd\ufffd", is_damaged=True)),
    "8-bit data missing": (("00FF", 3, 0x04), UserData(data=b"\x00\xff", is_damaged=True)),
}


@pytest.mark.parametrize(("arguments", "expected"), DAMAGED.values(), ids=DAMAGED)
def test_what_is_left_of_damaged_user_data_is_kept_and_marked(
    arguments: tuple[str, int, int], expected: UserData
) -> None:
    assert of(*arguments) == expected


BAD_HEADERS = {
    "longer than the user data": ("0A000305", 4, ""),
    "an element longer than the header": ("0300FF05 40A701", 7, "hi"),  # 4 octets and 3 fill bits are 5 septets
    "missing": ("", 0, ""),
}


@pytest.mark.parametrize(("hex", "length", "text"), BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_senseless_header_is_passed_over_and_the_text_marked(hex: str, length: int, text: str) -> None:
    assert of(hex, length, has_header=True) == UserData(text, is_damaged=True)


def test_an_empty_header_takes_its_octet() -> None:
    assert of("00 003A0D", 4, has_header=True) == UserData("hi")  # 8 bits of header and 6 fill bits are 2 septets


def test_a_length_smaller_than_the_header_leaves_no_text() -> None:
    read = of("050003050201D069", 3, has_header=True)

    assert (read.text, read.is_damaged) == ("", True)


CONCATENATIONS = {
    "8 bits": (Element(0x00, bytes([5, 2, 1])), Concatenation(5, 2, 1)),
    "16 bits": (Element(0x08, bytes([0x12, 0x34, 2, 1])), Concatenation(0x1234, 2, 1, is_wide=True)),
    "number 0": (Element(0x00, bytes([5, 2, 0])), None),
    "beyond the total": (Element(0x00, bytes([5, 2, 3])), None),
    "cut short": (Element(0x00, bytes([5, 2])), None),
}


@pytest.mark.parametrize(("element", "expected"), CONCATENATIONS.values(), ids=CONCATENATIONS)
def test_user_data_says_which_part_it_is(element: Element, expected: Concatenation | None) -> None:
    assert UserData("hi", (element,)).concatenation == expected


def test_user_data_is_at_most_140_octets() -> None:
    assert len(user_data.write_user_data(UserData("a" * 160), {"data_coding": 0})) == 141
    for text, data_coding in (("a" * 161, 0x00), ("д" * 71, 0x08)):
        with pytest.raises(PduError, match="TP-UD"):
            user_data.write_user_data(UserData(text), {"data_coding": data_coding})


def test_half_a_surrogate_pair_is_never_written_nor_shown_in_the_error() -> None:
    with pytest.raises(PduError) as caught:
        user_data.encode(UserData("секрет\ud83d"), 0x08)

    assert "секрет" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_no_text_shows_in_a_repr() -> None:
    assert "secret" not in repr(UserData("secret", data=b"secret"))


# National languages

LANGUAGES = {
    "Turkish extension": ((0x24, 1), b"\x1b\x53\x1b\x69\x1b\x65", "Şı€"),
    "Turkish alphabet": ((0x25, 1), b"\x60\x40\x1d\x41", "çİşA"),
    "Spanish extension": ((0x24, 2), b"\x1b\x61\x1b\x09a", "áça"),
    "Portuguese extension": ((0x24, 3), b"\x1b\x7b\x1b\x1f", "ãÊ"),
    "Portuguese alphabet": ((0x25, 3), b"\x7b\x12\x60\x7f", "ãª~à"),
    "Turkish alphabet, default extension": ((0x25, 1), b"\x1b\x3c\x1b", "[ "),
}


@pytest.mark.parametrize(("shift", "septets", "text"), LANGUAGES.values(), ids=LANGUAGES)
def test_a_national_language_is_read_by_its_table(shift: tuple[int, int], septets: bytes, text: str) -> None:
    identifier, language = shift

    assert national.decode(septets, [Element(identifier, bytes([language]))]) == (text, True)


@pytest.mark.parametrize("data", [b"\x0d", b"", b"\x01\x01"], ids=["Urdu", "none", "two octets"])
def test_an_unknown_language_is_read_by_the_default_table_and_marked(data: bytes) -> None:
    assert national.decode(b"hi\x1b\x65", [Element(0x24, data)]) == ("hi€", False)


def test_a_text_in_an_unknown_language_is_marked_as_damaged() -> None:
    header = (Element(0x25, b"\x0d"),)  # 4 octets and 3 fill bits are 5 septets

    assert of("0325010D 40A701", 7, has_header=True) == UserData("hi", header, is_damaged=True)


def test_national_languages_are_never_written() -> None:
    with pytest.raises(PduError, match="TP-UD"):
        user_data.encode(UserData("hi", (Element(0x24, b"\x01"),)), 0x00)
