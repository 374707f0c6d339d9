"""User data: what is kept of damaged ones, headers, and national languages."""

from __future__ import annotations

import pytest

from gateway.modem import user_data
from gateway.modem.fields import PduError
from gateway.modem.user_data import UserData
from gateway.sms import national
from gateway.sms.message import Concatenation
from gateway.sms.user_data_header import Element


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
