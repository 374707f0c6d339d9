"""submit_sm, deliver_sm, data_sm, query_sm, and what is answered to them: limits, round trips, damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import codes, tlv
from gateway.smpp.commands import AlertNotification, Bind, BindResp, Outbind
from gateway.smpp.fields import Malformed, Unencodable
from gateway.smpp.messages import Address, DataSm, DeliverSm, MessageId, QuerySm, QuerySmResp, SubmitSm
from gateway.smpp.pdu import HEADER, HEADER_OCTETS
from gateway.smpp.tlv import Tlv

CLINIC = Address("Clinic", 5, 0)
PATIENT = Address("79000000001", 1, 1)
SUBMIT = SubmitSm(CLINIC, PATIENT, b"Hello", validity_period="000001000000000R")

OCTET = st.integers(0, 0xFF)
TLVS = st.lists(st.builds(Tlv, st.integers(0, 0xFFFF), st.binary(max_size=20)), max_size=3).map(tuple)


def strings(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=0xFF), max_size=longest)


def addresses(longest: int = 20) -> st.SearchStrategy[Address]:
    return st.builds(Address, strings(longest), OCTET, OCTET)


TIMES = st.sampled_from(("", "261122103000000+", "000001000000000R"))
TEXT = st.binary(max_size=254)
MESSAGES = st.one_of(
    st.builds(SubmitSm, addresses(), addresses(), TEXT, OCTET, OCTET, OCTET, TIMES, TIMES, strings(5), OCTET, OCTET,
              OCTET, OCTET, TLVS),
    st.builds(DeliverSm, addresses(), addresses(), TEXT, OCTET, OCTET, OCTET, strings(5), OCTET, OCTET, TLVS),
    st.builds(DataSm, addresses(64), addresses(64), OCTET, OCTET, OCTET, strings(5), TLVS),
    st.builds(QuerySm, strings(64), addresses()),
    st.builds(QuerySmResp, strings(64), TIMES, OCTET, OCTET),
    st.builds(Outbind, strings(15), strings(8)),
    st.builds(AlertNotification, OCTET, OCTET, strings(64), OCTET, OCTET, strings(64), TLVS),
)  # fmt: skip
Message = SubmitSm | DeliverSm | DataSm | QuerySm | QuerySmResp | Outbind | AlertNotification


def body_of(octets: bytes) -> bytes:
    length, *_rest = HEADER.unpack_from(octets)
    assert length == len(octets)
    return octets[HEADER_OCTETS:]


@given(MESSAGES)
def test_what_is_written_is_read(message: Message) -> None:
    octets = message.encode(0x7FFFFFFF)
    assert HEADER.unpack_from(octets)[3] == 0x7FFFFFFF
    assert type(message).parse(body_of(octets)) == message


@given(st.builds(MessageId, strings(64), TLVS))
def test_an_answer_is_read_as_it_was_written(answer: MessageId) -> None:
    assert MessageId.parse(body_of(answer.encode(codes.SUBMIT_SM_RESP, 1))) == answer


BINDS = st.builds(
    Bind, st.sampled_from((codes.BIND_TRANSCEIVER, codes.BIND_RECEIVER)), strings(15), strings(64), strings(12), OCTET,
    OCTET, OCTET, strings(40),
)  # fmt: skip


@given(BINDS)
def test_a_bind_is_read_as_it_was_written(bind: Bind) -> None:
    octets = bind.encode(1)
    assert Bind.parse(HEADER.unpack_from(octets)[1], body_of(octets)) == bind


def test_the_layout_is_the_specifications() -> None:
    assert SUBMIT.encode(5) == bytes.fromhex(
        "00000047 00000004 00000000 00000005"
        "00 05 00 436c696e696300 01 01 373930303030303030303100 00 00 00"  # addresses, esm_class, protocol, priority
        "00 3030303030313030303030303030305200 01 00 00 00 05 48656c6c6f"  # times, receipt, replace, coding, canned
    )


# Limits

LIMITS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "service_type": ("service_type", lambda: replace(SUBMIT, service_type="123456").encode(1)),
    "source of 21": ("source_addr", lambda: replace(SUBMIT, source=Address("1" * 21)).encode(1)),
    "recipient of 25": ("destination_addr", lambda: replace(SUBMIT, destination=Address("1" * 25)).encode(1)),
    "Cyrillic sender": ("source_addr", lambda: replace(SUBMIT, source=Address("Клиника", 5)).encode(1)),
    "NUL in a string": ("destination_addr", lambda: replace(SUBMIT, destination=Address("7\x009")).encode(1)),
    "text of 255": ("short_message", lambda: replace(SUBMIT, short_message=bytes(255)).encode(1)),
    "half a time": ("validity_period", lambda: replace(SUBMIT, validity_period="0000").encode(1)),
    "number of two octets": ("octet", lambda: replace(SUBMIT, data_coding=256).encode(1)),
    "negative number": ("octet", lambda: replace(SUBMIT, esm_class=-1).encode(1)),
    "password of 65": ("password", lambda: Bind(codes.BIND_TRANSCEIVER, "clinic", "p" * 65).encode(1)),
    "system_id of 16": ("system_id", lambda: Bind(codes.BIND_TRANSCEIVER, "c" * 16, "").encode(1)),
    "system_type of 13": ("system_type", lambda: Bind(codes.BIND_TRANSCEIVER, "c", "", "t" * 13).encode(1)),
    "TON beyond an octet": ("addr_ton", lambda: Bind(codes.BIND_TRANSCEIVER, "c", "", addr_ton=256).encode(1)),
    "message_id of 65": ("message_id", lambda: MessageId("1" * 65).encode(codes.DELIVER_SM_RESP, 1)),
    "data_sm's address of 65": ("source_addr", lambda: DataSm(Address("1" * 65), PATIENT).encode(1)),
}


@pytest.mark.parametrize(("field", "encode"), LIMITS.values(), ids=LIMITS)
def test_what_is_too_much_for_a_field_is_refused_by_its_name_and_never_cut(
    field: str, encode: Callable[[], bytes]
) -> None:
    with pytest.raises(Unencodable) as caught:
        encode()
    assert caught.value.field == field
    for content in ("Клиника", "ppp", "111", "7\x009"):
        assert content not in str(caught.value)


def test_the_longest_that_fits_is_written_whole() -> None:
    message = replace(SUBMIT, source=Address("1" * 20), destination=Address("2" * 20), short_message=b"x" * 254)
    assert SubmitSm.parse(body_of(message.encode(1))) == message


# Damage

RECEIPT = DeliverSm(
    PATIENT, CLINIC, b"id:1a2b stat:DELIVRD", esm_class=4, tlvs=(tlv.of_string(tlv.RECEIPTED_MESSAGE_ID, "1a2b"),)
)


def test_a_deliver_sm_cut_at_any_octet_is_an_error_or_says_that_it_is_not_whole() -> None:
    body = body_of(RECEIPT.encode(1))
    text_at = body.index(RECEIPT.short_message)
    tlvs_at = text_at + len(RECEIPT.short_message)
    for end in range(len(body)):
        if end < text_at:
            with pytest.raises(Malformed) as caught:
                DeliverSm.parse(body[:end])
            assert 0 <= caught.value.octet <= end
        else:
            found = DeliverSm.parse(body[:end])
            assert found.source == PATIENT
            assert body[text_at:end].startswith(found.short_message)
            assert found.is_whole == (end == tlvs_at)


@pytest.mark.parametrize("message", [DataSm(PATIENT, CLINIC), QuerySm("1", CLINIC), QuerySmResp("1", "", 2)])
def test_the_others_cut_at_any_octet_are_an_error(message: DataSm | QuerySm | QuerySmResp) -> None:
    body = body_of(message.encode(1))
    for end in range(len(body)):
        with pytest.raises(Malformed):
            type(message).parse(body[:end])


def test_a_data_sm_whose_parameters_break_off_says_so() -> None:
    message = DataSm(PATIENT, CLINIC, tlvs=(Tlv(tlv.MESSAGE_PAYLOAD, b"Hello"),))
    found = DataSm.parse(body_of(message.encode(1))[:-1])
    assert (found.source, found.tlvs, found.is_whole) == (PATIENT, (), False)


ANSWERS = {
    "as it should be": (b"1a2b\x00", "1a2b"),
    "no body": (b"", ""),
    "an empty id": (b"\x00", ""),
    "an id without its end": (b"1a2b", "1a2b"),
    "a parameter that the specification does not name here": (b"1a2b\x00\x04\x27\x00\x01\x02", "1a2b"),
    "a vendor's parameter": (b"1a2b\x00\x14\x00\x00\x01\x02", "1a2b"),
    "a broken parameter": (b"1a2b\x00\x04\x27\x00\x09", "1a2b"),
}


@pytest.mark.parametrize(("body", "message_id"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_always_is_one(body: bytes, message_id: str) -> None:
    assert MessageId.parse(body).message_id == message_id


def test_a_bind_that_is_refused_may_have_no_body() -> None:
    assert BindResp.parse(b"") == BindResp()
    assert BindResp.parse(b"").interface_version is None


def test_an_smsc_says_what_it_speaks() -> None:
    answer = BindResp("smsc", (tlv.of_integer(tlv.SC_INTERFACE_VERSION, 0x34),))
    octets = answer.encode(codes.BIND_TRANSCEIVER, 1)
    assert HEADER.unpack_from(octets)[1] == codes.BIND_TRANSCEIVER_RESP
    assert BindResp.parse(body_of(octets)).interface_version == 0x34


def test_neither_numbers_nor_texts_nor_passwords_show_in_a_repr() -> None:
    shown = repr((SUBMIT, RECEIPT, DataSm(PATIENT, CLINIC), Bind(codes.BIND_TRANSCEIVER, "clinic", "secret!")))
    for content in ("79000000001", "Hello", "1a2b", "secret"):
        assert content not in shown
