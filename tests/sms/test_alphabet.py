"""The GSM 7-bit alphabet against an independent table, and the choice of alphabet."""

from __future__ import annotations

import sys

import gsm0338
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms.alphabet import (
    _UNSENDABLE,
    EXTENSION,
    UnsendableCharacter,
    check,
    choose,
    from_septets,
    to_septets,
    units,
)
from gateway.sms.message import Alphabet
from gateway.sms.segmentation import split

ORACLE = gsm0338.Codec()
GSM7_TEXT = "".join(chr(code) for code in range(0x10000) if choose(chr(code)) is Alphabet.GSM7)


def oracle_has(character: str) -> bool:
    try:
        ORACLE.encode(character)
    except UnicodeEncodeError:
        return False
    return character != "\x1b"


def test_the_alphabet_is_the_standards_one() -> None:
    assert {character for character in map(chr, range(0xD800)) if oracle_has(character)} == set(GSM7_TEXT)
    assert len(GSM7_TEXT) == 127 + 10


@pytest.mark.parametrize("character", GSM7_TEXT)
def test_each_character_has_the_standards_septets_both_ways(character: str) -> None:
    septets, _ = ORACLE.encode(character)
    assert to_septets(character) == septets
    assert from_septets(septets) == character


CHOICES = {
    "plain": ("Please come at 10:00", Alphabet.GSM7),
    "section sign": ("§ 5", Alphabet.GSM7),
    "extension": ("[5€]", Alphabet.GSM7),
    "form feed": ("one\ftwo", Alphabet.GSM7),
    "lines": ("one\r\ntwo", Alphabet.GSM7),
    "capital c cedilla": ("Ç", Alphabet.GSM7),
    "small c cedilla": ("ç", Alphabet.UCS2),
    "backtick": ("`", Alphabet.UCS2),
    "tab": ("one\ttwo", Alphabet.UCS2),
    "no-break space": ("10\u00a0000", Alphabet.UCS2),
    "e and combining acute": ("e\u0301", Alphabet.UCS2),
    "precomposed e acute": ("\u00e9", Alphabet.GSM7),
    "Greek look-alikes of Latin": ("Α", Alphabet.UCS2),
    "Cyrillic": ("Ждём", Alphabet.UCS2),
    "emoji": ("ok 👍", Alphabet.UCS2),
}


@pytest.mark.parametrize(("text", "alphabet"), CHOICES.values(), ids=CHOICES)
def test_the_smallest_alphabet_that_carries_the_text_is_chosen(text: str, alphabet: Alphabet) -> None:
    assert choose(text) is alphabet


@given(st.text(GSM7_TEXT))
def test_a_text_comes_back_from_its_septets(text: str) -> None:
    septets = to_septets(text)
    assert from_septets(septets) == text
    assert len(septets) == units(text, Alphabet.GSM7)


@given(st.binary())
def test_any_octets_can_be_shown(octets: bytes) -> None:
    assert len(from_septets(octets)) <= len(octets)


ODD_SEPTETS = {
    "a code that the extension table lacks": (b"\x1bA", "A"),
    "an escape twice": (b"\x1b\x1bA", " A"),
    "an escape twice before an extension character": (b"\x1b\x1b\x65", " e"),
    "an escape at the end": (b"A\x1b", "A "),
    "only an escape": (b"\x1b", " "),
    "what is no septet": (b"\x80", "\ufffd"),
    "what is no septet, escaped": (b"\x1b\xffA", "\ufffdA"),
    "a line feed after an escape is a form feed": (b"\x1b\n", "\f"),
}


@pytest.mark.parametrize(("septets", "shown"), ODD_SEPTETS.values(), ids=ODD_SEPTETS)
def test_odd_septets_are_shown_as_the_standard_says(septets: bytes, shown: str) -> None:
    assert from_septets(septets) == shown


UNSENDABLE = {
    "NUL": ("ab\x00", "NULL", 3),
    "escape": ("\x1b", "ESCAPE", 1),
    "vertical tab": ("\x0b", "LINE TABULATION", 1),
    "delete": ("a\x7f", "DELETE", 2),
    "start of text": ("a\x02", "U+0002", 2),
    "a dash read in the wrong code page": ("10\x9612", "U+0096", 3),
    "high surrogate": ("👍\ud83d", "U+D83D", 2),
    "low surrogate": ("\udc4d", "U+DC4D", 1),
    "two halves that were never joined": ("\ud83d\udc4d", "U+D83D", 1),
    "noncharacter": ("\uffff", "U+FFFF", 1),
    "swapped byte order mark": ("\ufffe", "U+FFFE", 1),
    "noncharacter of the last plane": ("\U0010ffff", "U+10FFFF", 1),
    "noncharacter among Arabic forms": ("\ufdd0", "U+FDD0", 1),
    "the second of two": ("ok \x01\x00", "U+0001", 4),
}


@pytest.mark.parametrize(("text", "character", "position"), UNSENDABLE.values(), ids=UNSENDABLE)
def test_what_no_phone_can_show_is_refused_by_name_and_position(text: str, character: str, position: int) -> None:
    with pytest.raises(UnsendableCharacter) as caught:
        check(text)
    assert (caught.value.character, caught.value.position) == (character, position)
    assert caught.value.code == "unsendable_character"
    assert character in str(caught.value)


def test_nothing_that_is_unsendable_is_printable() -> None:
    """`check` looks no further at a text that is."""
    unsendable = _UNSENDABLE.findall("".join(map(chr, range(sys.maxunicode + 1))))
    assert len(unsendable) > 2048
    assert not any(map(str.isprintable, unsendable))


SENDABLE = {
    "lines": "a\r\nb\nc\rd\fe",
    "tab": "a\tb",
    "byte order mark": "\ufeffa",
    "family emoji": "👨‍👩‍👧",
    "variation selector": "❤️",
    "flag of Scotland": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "right-to-left mark": "\u200fשלום",
    "private use": "\uf8ff",
    "replacement character": "\ufffd",
    "not yet assigned": "\U0001fadd",
    "soft hyphen": "\u00ad",
    "no-break space": "10\u00a0:\u00a000",
}


@pytest.mark.parametrize("text", SENDABLE.values(), ids=SENDABLE)
def test_what_phones_show_goes_out_as_it_is_written(text: str) -> None:
    assert "".join(segment.text for segment in split(text, reference=1)) == text


def test_septets_of_what_the_alphabet_lacks_are_refused_by_name() -> None:
    with pytest.raises(UnsendableCharacter) as caught:
        to_septets("ab ж")
    assert (caught.value.character, caught.value.position) == ("CYRILLIC SMALL LETTER ZHE", 4)


@pytest.mark.parametrize("character", EXTENSION.values())
def test_an_extension_character_takes_two_septets(character: str) -> None:
    assert units(f"a{character}", Alphabet.GSM7) == 3


def test_a_character_beyond_the_basic_plane_takes_two_units() -> None:
    assert units("ж👍", Alphabet.UCS2) == 3
