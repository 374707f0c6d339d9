"""Cutting PDUs from a stream, whatever the pieces; bad lengths; sequence numbers that come round."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import codes
from gateway.smpp.pdu import HEADER, LAST_SEQUENCE, LONGEST, BadLength, Cutter, Pdu, encode, following, framed

PDUS = st.builds(
    Pdu, st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=80)
)
READ_SIZES = (1, 2, 3, 7)  # octets; small reads find faults that whole reads hide


def cut(octets: bytes, size: int) -> list[Pdu]:
    cutter = Cutter()
    return [pdu for start in range(0, len(octets), size) for pdu in cutter.feed(octets[start : start + size])]


@pytest.mark.parametrize("size", [*READ_SIZES, 4096])
@given(st.lists(PDUS, max_size=4))
def test_pdus_come_out_as_they_went_in_whatever_the_reads(size: int, pdus: list[Pdu]) -> None:
    assert cut(b"".join(map(encode, pdus)), size) == pdus


def test_half_a_pdu_waits_for_the_rest() -> None:
    octets = framed(codes.ENQUIRE_LINK, codes.OK, 7)
    cutter = Cutter()

    assert list(cutter.feed(octets[:9])) == []
    assert cutter.pending == 9
    assert list(cutter.feed(octets[9:])) == [Pdu(codes.ENQUIRE_LINK, codes.OK, 7)]
    assert cutter.pending == 0


def test_what_is_not_taken_comes_with_the_next_read() -> None:
    first, second = (framed(codes.ENQUIRE_LINK, codes.OK, number) for number in (1, 2))
    cutter = Cutter()
    cutter.feed(first + second)

    assert [pdu.sequence for pdu in cutter.feed(b"")] == [1, 2]


def test_what_was_cut_is_not_kept() -> None:
    cutter, octets = Cutter(), framed(codes.DELIVER_SM, codes.OK, 1, bytes(10_000))
    tracemalloc.start()
    for _again in range(100):  # 1 MB in all
        assert len(list(cutter.feed(octets))) == 1
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000


BAD_LENGTHS = {"nothing": 0, "less than a header": 15, "beyond all measure": 0x7FFFFFFF, "one too many": LONGEST + 1}


@pytest.mark.parametrize("length", BAD_LENGTHS.values(), ids=BAD_LENGTHS)
def test_a_length_that_no_pdu_has_ends_the_stream_at_its_fourth_octet(length: int) -> None:
    cutter = Cutter()
    pdus = cutter.feed(framed(codes.ENQUIRE_LINK, codes.OK, 1) + length.to_bytes(4, "big"))
    assert next(pdus).sequence == 1
    with pytest.raises(BadLength) as caught:
        next(pdus)
    assert caught.value.length == length
    with pytest.raises(BadLength):
        next(cutter.feed(b"whatever comes then"))


@pytest.mark.parametrize("length", [16, LONGEST])
def test_the_shortest_and_the_longest_pdu_are_taken(length: int) -> None:
    octets = HEADER.pack(length, codes.DELIVER_SM, 0, 1) + bytes(length - 16)
    assert [len(pdu.body) for pdu in cut(octets, 4096)] == [length - 16]


def test_sequence_numbers_come_round_without_a_zero() -> None:
    assert following(1) == 2
    assert following(LAST_SEQUENCE - 1) == LAST_SEQUENCE
    assert following(LAST_SEQUENCE) == 1


def test_an_answer_is_known_by_its_command() -> None:
    assert Pdu(codes.SUBMIT_SM_RESP, 0, 1).is_response
    assert Pdu(codes.GENERIC_NACK, 0, 1).is_response
    assert not Pdu(codes.DELIVER_SM, 0, 1).is_response


def test_no_content_shows_in_a_repr() -> None:
    assert "79000000001" not in repr(Pdu(codes.DELIVER_SM, 0, 1, b"\x00\x01\x0179000000001\x00"))
