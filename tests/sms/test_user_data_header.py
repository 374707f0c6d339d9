"""The user data header, both ways and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms.message import Concatenation
from gateway.sms.user_data_header import Element, HeaderError, concatenation, decode, encode, for_concatenation

ELEMENTS = st.lists(st.builds(Element, st.integers(0, 0xFF), st.binary(max_size=20)), max_size=8).map(tuple)


def concatenations() -> st.SearchStrategy[Concatenation]:
    def build(is_wide: bool, reference: int, total: int, number: int) -> Concatenation:
        return Concatenation(reference if is_wide else reference & 0xFF, total, min(number, total), is_wide)

    return st.builds(build, st.booleans(), st.integers(0, 0xFFFF), st.integers(1, 255), st.integers(1, 255))


HEADERS = {
    "concatenation": ("0500034c0201", (Element(0x00, b"\x4c\x02\x01"),)),
    "wide concatenation": ("060804beef0201", (Element(0x08, b"\xbe\xef\x02\x01"),)),
    "ports and concatenation": (
        "0b05040b8423f00003030302",
        (Element(0x05, b"\x0b\x84\x23\xf0"), Element(0x00, b"\x03\x03\x02")),
    ),
    "unknown and empty": ("02e000", (Element(0xE0, b""),)),
    "the same twice": ("06700101700102", (Element(0x70, b"\x01"), Element(0x70, b"\x02"))),
}


@pytest.mark.parametrize(("octets", "elements"), HEADERS.values(), ids=HEADERS)
def test_a_header_is_written_and_read_alike(octets: str, elements: tuple[Element, ...]) -> None:
    header = bytes.fromhex(octets)
    assert encode(elements) == header
    assert decode(header + b"text") == (elements, len(header))


def test_no_elements_are_no_header() -> None:
    assert encode(()) == b""


def test_an_empty_header_takes_its_length_octet() -> None:
    assert decode(b"\x00text") == ((), 1)


@given(ELEMENTS.filter(len), st.binary(max_size=10))
def test_any_elements_come_back(elements: tuple[Element, ...], text: bytes) -> None:
    header = encode(elements)
    assert decode(header + text) == (elements, len(header))


@given(ELEMENTS.filter(len))
def test_a_header_cut_short_at_any_octet_is_a_header_error(elements: tuple[Element, ...]) -> None:
    header = encode(elements)
    for end in range(len(header)):
        with pytest.raises(HeaderError) as caught:
            decode(header[:end])
        assert caught.value.octet == 0


@given(st.binary(max_size=140))
def test_any_octets_are_elements_or_a_header_error(octets: bytes) -> None:
    try:
        elements, end = decode(octets)
    except HeaderError:
        return
    assert encode(elements) == octets[:end] or end == 1


DAMAGED = {
    "nothing at all": ("", 0),
    "longer than the user data": ("0500034c02", 0),
    "element without its length": ("0100", 1),
    "element longer than the header": ("050004 4c0201 aaaa", 2),
    "second element without its length": ("0600034c020170", 6),
}


@pytest.mark.parametrize(("octets", "octet"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_header_is_refused_at_its_octet(octets: str, octet: int) -> None:
    with pytest.raises(HeaderError) as caught:
        decode(bytes.fromhex(octets))
    assert caught.value.octet == octet


@given(concatenations())
def test_a_concatenation_comes_back_from_its_element(said: Concatenation) -> None:
    element = for_concatenation(said)
    assert concatenation([element]) == said
    assert len(encode([element])) == (7 if said.is_wide else 6)


FIRST, SECOND = Element(0x00, b"\x07\x02\x01"), Element(0x08, b"\x00\x08\x03\x02")
FOUND = {
    "none": ((), None),
    "only others": ((Element(0x05, b"\x00\x00\x00\x00"),), None),
    "the last of two that exclude each other": ((FIRST, SECOND), Concatenation(8, 3, 2, True)),
    "the last of two, other order": ((SECOND, FIRST), Concatenation(7, 2, 1)),
    "the sound one of two": ((FIRST, Element(0x00, b"\x07\x02\x03")), Concatenation(7, 2, 1)),
    "number nought": ((Element(0x00, b"\x07\x02\x00"),), None),
    "total nought": ((Element(0x00, b"\x07\x00\x00"),), None),
    "number over total": ((Element(0x00, b"\x07\x02\x03"),), None),
    "wrong length": ((Element(0x00, b"\x07\x02"), Element(0x08, b"\x07\x02\x01")), None),
    "one of one": ((Element(0x00, b"\x07\x01\x01"),), Concatenation(7, 1, 1)),
}


@pytest.mark.parametrize(("elements", "said"), FOUND.values(), ids=FOUND)
def test_the_last_sound_concatenation_counts(elements: tuple[Element, ...], said: Concatenation | None) -> None:
    assert concatenation(elements) == said


@pytest.mark.parametrize(("identifier", "length"), [(-1, 0), (256, 0), (0, 254)])
def test_an_element_that_no_header_can_hold_is_not_built(identifier: int, length: int) -> None:
    with pytest.raises(ValueError, match="information element"):
        Element(identifier, bytes(length))


def test_elements_that_no_header_can_hold_together_are_not_written() -> None:
    with pytest.raises(ValueError, match="255 octets"):
        encode([Element(0, bytes(200)), Element(0, bytes(200))])
