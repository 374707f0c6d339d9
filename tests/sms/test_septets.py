"""Packing of septets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms.septets import pack, unpack

SEPTETS = st.lists(st.integers(0, 0x7F), max_size=160).map(bytes)
FILL_BITS = st.integers(0, 6)

PACKED = {
    "nothing": (b"", 0, ""),
    "hello": (b"hello", 0, "e8329bfd06"),  # the example of every textbook: 'o' ends in the fifth octet
    "hellohello": (b"hellohello", 0, "e8329bfd4697d9ec37"),
    "eight septets are seven octets": (b"aaaaaaaa", 0, "e170381c0e87c3"),
    "one bit of fill, as after a header of six octets": (b"A", 1, "82"),
    "six bits of fill": (b"A", 6, "4010"),
    "only fill": (b"", 3, "00"),
}


@pytest.mark.parametrize(("septets", "fill_bits", "octets"), PACKED.values(), ids=PACKED)
def test_septets_are_packed_lowest_bit_first_and_come_back(septets: bytes, fill_bits: int, octets: str) -> None:
    assert pack(septets, fill_bits).hex() == octets
    assert unpack(bytes.fromhex(octets), len(septets), fill_bits) == septets


@given(SEPTETS, FILL_BITS)
def test_any_septets_come_back_whatever_the_fill(septets: bytes, fill_bits: int) -> None:
    octets = pack(septets, fill_bits)
    assert len(octets) == (7 * len(septets) + fill_bits + 7) // 8
    assert unpack(octets, len(septets), fill_bits) == septets


@given(SEPTETS, FILL_BITS)
def test_what_follows_the_septets_does_not_change_them(septets: bytes, fill_bits: int) -> None:
    assert unpack(pack(septets, fill_bits) + b"\xff", len(septets), fill_bits) == septets


def test_a_full_user_data_field_holds_160_septets() -> None:
    assert len(pack(b"z" * 160)) == 140


@given(st.binary(max_size=140), FILL_BITS)
def test_more_septets_than_there_are_octets_for_are_an_error(octets: bytes, fill_bits: int) -> None:
    most = max(0, (8 * len(octets) - fill_bits) // 7)
    with pytest.raises(ValueError, match="don't hold"):
        unpack(octets, most + 1, fill_bits)


def test_an_octet_over_0x7f_is_not_a_septet() -> None:
    with pytest.raises(ValueError, match="0x7F"):
        pack(b"\x80")


@pytest.mark.parametrize("fill_bits", [-1, 7])
def test_fill_bits_only_reach_the_next_septet(fill_bits: int) -> None:
    with pytest.raises(ValueError, match="fill bits"):
        pack(b"A", fill_bits)
    with pytest.raises(ValueError, match="fill bits"):
        unpack(b"AAA", 1, fill_bits)
