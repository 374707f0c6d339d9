"""data_coding and text, both ways; nothing is replaced, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings import rules
from gateway.smpp import coding
from gateway.smpp.coding import Coding, Codings, Text
from gateway.smpp.fields import Unencodable
from gateway.smpp.terms import GSM7
from gateway.sms import alphabet
from gateway.sms.message import Alphabet, Concatenation, Segment
from gateway.sms.repertoire import is_carried
from gateway.sms.segmentation import split
from gateway.sms.user_data_header import Element

GSM_CHARACTERS = "".join(character for character in alphabet.BASIC if character != "\uffff") + "€[]{}~^|\\\f"
GSM_TEXTS = st.text(st.sampled_from(GSM_CHARACTERS), max_size=153)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=70)
BOTH_WAYS = [each for each in Coding if each is not Coding.BINARY]

WRITTEN = {
    "unpacked": (Coding.GSM, "Hi @£_", b"Hi \x00\x01\x11"),
    "the euro takes two septets": (Coding.GSM, "5€", b"5\x1be"),
    "packed": (Coding.GSM_PACKED, "hello", bytes.fromhex("e8329bfd06")),
    "packed, seven letters and a filling carriage return": (
        Coding.GSM_PACKED,
        "abcdefg",
        bytes.fromhex("61f1985c369f1b"),
    ),
    "ASCII": (Coding.ASCII, "a_`", b"a_`"),
    "Latin-1": (Coding.LATIN1, "naïve", b"na\xefve"),
    "UCS-2": (Coding.UCS2, "Ж😀", bytes.fromhex("0416d83dde00")),
    "UTF-8": (Coding.UTF8, "Ж", bytes.fromhex("d096")),
    "Cyrillic": (Coding.CYRILLIC, "Ждём", bytes.fromhex("b6d4f1dc")),
}


@pytest.mark.parametrize(("how", "text", "octets"), WRITTEN.values(), ids=WRITTEN)
def test_a_text_is_written_and_read_alike(how: Coding, text: str, octets: bytes) -> None:
    assert coding.write(how, text) == octets
    assert coding.read(how, octets) == Text(text, is_whole=True)


LACKING = [
    (Coding.GSM, "`"),
    (Coding.GSM, "ç"),
    (Coding.GSM_PACKED, "Ж"),
    (Coding.ASCII, "é"),
    (Coding.LATIN1, "€"),
    (Coding.CYRILLIC, "é"),
    (Coding.JAPANESE, "¥"),
    (Coding.UCS2, "\ud83d"),
]


@pytest.mark.parametrize(("how", "text"), LACKING)
def test_a_coding_that_lacks_a_character_does_not_replace_it(how: Coding, text: str) -> None:
    assert coding.write(how, f"a{text}b") is None


@pytest.mark.parametrize("how", BOTH_WAYS)
@given(text=TEXTS)
def test_what_a_coding_carries_comes_back(how: Coding, text: str) -> None:
    octets = coding.write(how, text)
    if octets is not None and how is not Coding.GSM_PACKED:
        assert coding.read(how, octets) == Text(text, is_whole=True)


@given(GSM_TEXTS, st.sampled_from((0, 6, 7)))
def test_packed_texts_come_back_behind_any_header(text: str, header_octets: int) -> None:
    octets = coding.write(Coding.GSM_PACKED, text, header_octets)
    assert octets is not None
    found = coding.read(Coding.GSM_PACKED, octets, header_octets=header_octets).text
    assert found == text or (text.endswith(("@", "\r")) and found == text[:-1])  # nothing says how many septets


@pytest.mark.parametrize("how", Coding)
@given(octets=st.binary(max_size=60))
def test_any_octets_are_read_as_something_that_can_be_stored(how: Coding, octets: bytes) -> None:
    coding.read(how, octets).text.encode("utf-8")


DAMAGED = {
    "half a character of UCS-2": (Coding.UCS2, b"\x04\x16\x04", "Ж"),
    "half a surrogate pair": (Coding.UCS2, b"\xd8\x3d\x00a", "\ufffda"),
    "Latin-1 where septets should be": (Coding.GSM, b"na\xefve", "naïve"),
    "broken UTF-8": (Coding.UTF8, b"a\xd0", "a\ufffd"),
    "no ASCII": (Coding.ASCII, b"a\xff", "a\ufffd"),
    "data": (Coding.BINARY, b"\xde\xad", "DE AD"),
}


@pytest.mark.parametrize(("how", "octets", "text"), DAMAGED.values(), ids=DAMAGED)
def test_what_can_be_read_is_kept_and_the_rest_marked(how: Coding, octets: bytes, text: str) -> None:
    assert coding.read(how, octets) == Text(text, is_whole=False)


def test_a_header_that_names_a_language_is_heeded() -> None:
    turkish = (Element(0x24, b"\x01"),)
    assert coding.read(Coding.GSM, b"\x1bs", turkish) == Text("ş", is_whole=True)


# A bind's table

NUMBERS = {
    0: Coding.GSM,
    1: Coding.ASCII,
    3: Coding.LATIN1,
    4: Coding.BINARY,
    6: Coding.CYRILLIC,
    8: Coding.UCS2,
    0x10: Coding.GSM,  # a phone's own numbers: class 0 …
    0x18: Coding.UCS2,
    0xF1: Coding.GSM,
    0xF5: Coding.BINARY,
    0xC8: Coding.GSM,  # … message waiting, and
    0x20: Coding.BINARY,  # compressed
}


@pytest.mark.parametrize(("number", "how"), NUMBERS.items())
def test_a_number_means_what_the_standards_say(number: int, how: Coding) -> None:
    assert Codings().of(number) is how


def test_every_number_means_something() -> None:
    assert all(isinstance(Codings().of(number), Coding) for number in range(256))


def test_an_operator_may_mean_something_else() -> None:
    codings = Codings({0: Coding.LATIN1, 24: Coding.UCS2})
    assert (codings.of(0), codings.of(24), codings.of(8)) == (Coding.LATIN1, Coding.UCS2, Coding.UCS2)
    assert codings.write(split("naïve", 1)[0]).number == 24  # its "ï" is cut for UCS-2
    assert codings.write(split("plain", 1)[0]) == coding.Written(0, b"plain")


FIRST_THAT_CAN = {
    "7-bit": ({0: Coding.GSM, 8: Coding.UCS2}, "5€", (0, b"5\x1be")),
    "packed": ({0: Coding.GSM_PACKED, 8: Coding.UCS2}, "hello", (0, bytes.fromhex("e8329bfd06"))),
    "Latin-1 that lacks the euro: UCS-2": ({0: Coding.LATIN1, 8: Coding.UCS2}, "5€", (8, b"\x005\x20\xac")),
    "ASCII first, then Latin-1": ({1: Coding.ASCII, 3: Coding.LATIN1, 8: Coding.UCS2}, "£", (3, b"\xa3")),
    "Cyrillic in UCS-2": ({0: Coding.GSM, 8: Coding.UCS2}, "Ж", (8, b"\x04\x16")),
    "data is never a text": ({2: Coding.BINARY, 0: Coding.GSM}, "a", (0, b"a")),
}


@pytest.mark.parametrize(("configured", "text", "wanted"), FIRST_THAT_CAN.values(), ids=FIRST_THAT_CAN)
def test_the_first_coding_that_carries_the_text_is_used(
    configured: dict[int, Coding], text: str, wanted: tuple[int, bytes]
) -> None:
    written = Codings(configured).write(split(text, 1)[0])
    assert (written.number, written.octets) == wanted


def test_a_segment_of_160_septets_does_not_become_several_sms_in_ucs_2() -> None:
    codings = Codings({0: Coding.LATIN1, 8: Coding.UCS2})
    assert codings.write(Segment("€" * 70, Alphabet.GSM7)).number == 8
    with pytest.raises(Unencodable) as caught:
        codings.write(Segment("€" * 71, Alphabet.GSM7))
    assert caught.value.field == "data_coding"
    part = Concatenation(1, 2, 1)
    assert codings.write(Segment("€" * 67, Alphabet.GSM7, part)).number == 8
    with pytest.raises(Unencodable):
        codings.write(Segment("€" * 68, Alphabet.GSM7, part))


def test_all_parts_of_a_cyrillic_text_go_out_in_one_coding() -> None:
    segments = split("Ж" + "plain " * 20, 1)
    assert {Codings().write(segment).number for segment in segments} == {8}


def test_a_text_that_no_coding_of_the_bind_carries_is_refused_without_showing_it() -> None:
    with pytest.raises(Unencodable) as caught:
        Codings({0: Coding.GSM}).write(split("Ждём", 1)[0])
    assert "Ж" not in str(caught.value)


def test_no_text_shows_in_a_repr() -> None:
    assert "Hello" not in repr((coding.read(Coding.GSM, b"Hello"), Codings().write(split("Hello", 1)[0])))


@pytest.mark.parametrize("gsm7", list(GSM7))
@given(text=st.text(st.sampled_from(GSM_CHARACTERS), min_size=1, max_size=400).filter(lambda text: not text.isspace()))
def test_what_the_queue_lets_through_is_what_a_bind_can_write(gsm7: str, text: str) -> None:
    codings = Codings({0: GSM7[gsm7], 8: Coding.UCS2})
    segments = split(text, 7)
    assert is_carried(segments, rules.LACKING[gsm7]) is all(_can_write(codings, each) for each in segments)


def _can_write(codings: Codings, segment: Segment) -> bool:
    try:
        return bool(codings.write(segment).octets)
    except Unencodable:
        return False
