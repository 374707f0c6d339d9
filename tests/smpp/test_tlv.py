"""Optional parameters, both ways and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import tlv
from gateway.smpp.fields import Unencodable
from gateway.smpp.tlv import Tlv

TLVS = st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=6).map(tuple)


@given(TLVS)
def test_any_parameters_come_back(tlvs: tlv.Tlvs) -> None:
    assert tlv.read(tlv.write(tlvs)) == (tlvs, True)


@given(TLVS, st.binary(max_size=20))
def test_they_begin_where_the_mandatory_fields_end(tlvs: tlv.Tlvs, before: bytes) -> None:
    assert tlv.read(before + tlv.write(tlvs), len(before)) == (tlvs, True)


@given(TLVS.filter(len))
def test_a_stream_cut_at_any_octet_gives_what_came_whole(tlvs: tlv.Tlvs) -> None:
    octets = tlv.write(tlvs)
    borders = {len(tlv.write(tlvs[:count])): count for count in range(len(tlvs) + 1)}
    for end in range(len(octets) + 1):
        found, is_whole = tlv.read(octets[:end])
        assert found == tlvs[: len(found)]
        assert is_whole == (end in borders)


def test_a_parameter_that_claims_more_than_there_is_is_no_parameter() -> None:
    sound = Tlv(tlv.MESSAGE_STATE, b"\x02")
    assert tlv.read(tlv.write([sound]) + b"\x00\x1e\x00\x50x") == ((sound,), False)


def test_vendors_and_unknown_parameters_are_kept() -> None:
    tlvs = (Tlv(0x1400, b"vendor"), Tlv(0x3FFF, b""), Tlv(0x0FFF, b"?"), Tlv(0x1400, b"again"))
    assert tlv.read(tlv.write(tlvs)) == (tlvs, True)
    assert tlv.find(tlvs, 0x1400) == b"vendor"


INTEGERS = {
    "as the specification has it": (tlv.MESSAGE_STATE, b"\x02", 2),
    "in four octets instead of one": (tlv.MESSAGE_STATE, b"\x00\x00\x00\x02", 2),
    "with a NUL behind it": (tlv.MESSAGE_STATE, b"\x02\x00", 2),
    "in one octet instead of two": (tlv.SAR_MSG_REF_NUM, b"\x2a", 42),
    "in four octets instead of two": (tlv.USER_MESSAGE_REFERENCE, b"\x00\x00\x12\x34", 0x1234),
    "nothing": (tlv.MESSAGE_STATE, b"", None),
    "no number": (tlv.MESSAGE_STATE, b"DELIVERED", None),
    "not there": (tlv.SAR_TOTAL_SEGMENTS, None, None),
}


@pytest.mark.parametrize(("tag", "value", "number"), INTEGERS.values(), ids=INTEGERS)
def test_a_number_is_read_whatever_its_length(tag: int, value: bytes | None, number: int | None) -> None:
    tlvs = () if value is None else (Tlv(tag, value),)
    assert tlv.integer(tlvs, tag) == number


def test_the_length_of_one_does_not_move_the_next() -> None:
    tlvs = (Tlv(tlv.USER_MESSAGE_REFERENCE, b"\x00\x00\x12\x34"), tlv.of_string(tlv.RECEIPTED_MESSAGE_ID, "1a2b"))
    found, is_whole = tlv.read(tlv.write(tlvs))
    assert is_whole
    assert tlv.string(found, tlv.RECEIPTED_MESSAGE_ID) == "1a2b"


@pytest.mark.parametrize("value", [b"1a2b\x00", b"1a2b", b"1a2b\x00rubbish"])
def test_a_string_may_lack_its_nul(value: bytes) -> None:
    assert tlv.string((Tlv(tlv.RECEIPTED_MESSAGE_ID, value),), tlv.RECEIPTED_MESSAGE_ID) == "1a2b"


def test_what_does_not_fit_is_refused_by_name() -> None:
    for build in (
        lambda: tlv.of_integer(tlv.SAR_TOTAL_SEGMENTS, 256),
        lambda: tlv.of_integer(tlv.SAR_TOTAL_SEGMENTS, -1),
        lambda: tlv.write([Tlv(tlv.MESSAGE_PAYLOAD, bytes(0x10000))]),
        lambda: tlv.write([Tlv(0x10000, b"")]),
    ):
        with pytest.raises(Unencodable):
            build()


def test_names_are_the_specifications() -> None:
    assert tlv.name(0x0427) == "message_state"
    assert tlv.name(0x1400) == "0x1400"


def test_no_content_shows_in_a_repr() -> None:
    assert "secret" not in repr(Tlv(tlv.MESSAGE_PAYLOAD, b"secret"))
