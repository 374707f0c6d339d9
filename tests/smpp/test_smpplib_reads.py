"""An independent reader of what we write, and writer of what we read: smpplib's PDU classes, where they are sound."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import smpp
from smpplib.client import SimpleSequenceGenerator

from gateway.carrier import Submission
from gateway.smpp import codes, pdu, tlv
from gateway.smpp.commands import Bind, BindResp
from gateway.smpp.messages import Address, DeliverSm, MessageId, SubmitSm
from gateway.smpp.pdu import Cutter, Pdu
from gateway.smpp.shaping import LongMessages, Manner, shape
from gateway.sms.message import Alphabet, Segment
from gateway.sms.segmentation import split

PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
TEXTS = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFFFD, exclude_categories=("Cs", "Cn", "Cc")), min_size=1
)


def read_by_smpplib(octets: bytes) -> Any:
    return smpp.parse_pdu(octets, client=SimpleSequenceGenerator(), allow_unknown_opt_params=True)


def written_by_smpplib(command: str, sequence: int, status: int = 0, **fields: Any) -> Pdu:
    made = smpp.make_pdu(command, client=SimpleSequenceGenerator(), **fields)
    made.sequence, made.status = sequence, status
    (found,) = Cutter().feed(made.generate())
    return found


@pytest.mark.parametrize("long_messages", LongMessages)
@given(text=TEXTS, sender=st.text(PRINTABLE, max_size=11), validity_s=st.none() | st.integers(60, 10**6))
def test_smpplib_reads_every_field_of_a_submit_sm_as_it_was_meant(
    long_messages: LongMessages, text: str, sender: str, validity_s: int | None
) -> None:
    if not text.strip():
        return
    manner = Manner(long_messages=long_messages)
    for segment in split(text, 7):
        ours = shape(Submission(1, "+79000000001", segment, validity_s, sender or None), manner)
        theirs = read_by_smpplib(ours.encode(77))
        assert (theirs.sequence, theirs.status, theirs.command) == (77, 0, "submit_sm")
        assert (theirs.source_addr_ton, theirs.source_addr) == (ours.source.ton, ours.source.value.encode())
        assert (theirs.dest_addr_ton, theirs.dest_addr_npi, theirs.destination_addr) == (1, 1, b"79000000001")
        assert (theirs.data_coding, theirs.esm_class) == (ours.data_coding, ours.esm_class)
        assert (theirs.validity_period or b"") == ours.validity_period.encode()
        assert theirs.registered_delivery == 1
        assert (theirs.short_message or b"") == ours.short_message
        assert (theirs.message_payload or b"") == (tlv.find(ours.tlvs, tlv.MESSAGE_PAYLOAD) or b"")
        assert theirs.sar_msg_ref_num == tlv.integer(ours.tlvs, tlv.SAR_MSG_REF_NUM)
        assert theirs.sar_segment_seqnum == tlv.integer(ours.tlvs, tlv.SAR_SEGMENT_SEQNUM)


@given(st.text(PRINTABLE, min_size=1, max_size=15), st.text(PRINTABLE, max_size=8), st.integers(0, 6))
def test_smpplib_reads_our_bind_and_writes_the_same(system_id: str, password: str, ton: int) -> None:
    ours = Bind(codes.BIND_TRANSCEIVER, system_id, password, "type", addr_ton=ton, addr_npi=1, address_range="^79")
    theirs = read_by_smpplib(ours.encode(1))
    assert (theirs.system_id, theirs.password) == (system_id.encode(), password.encode())
    again = written_by_smpplib(
        "bind_transceiver", 1, system_id=system_id, password=password, system_type="type", interface_version=0x34,
        addr_ton=ton, addr_npi=1, address_range="^79",
    )  # fmt: skip
    assert pdu.encode(again) == ours.encode(1)


@given(
    st.text(PRINTABLE, max_size=20),
    st.binary(max_size=254),
    st.integers(0, 255),
    st.text(PRINTABLE, min_size=1, max_size=64),
)
def test_we_read_smpplibs_deliver_sm(source: str, text: bytes, data_coding: int, message_id: str) -> None:
    found = written_by_smpplib(
        "deliver_sm", 9, source_addr_ton=1, source_addr_npi=1, source_addr=source, dest_addr_ton=5, dest_addr_npi=0,
        destination_addr="Clinic", esm_class=4, data_coding=data_coding, short_message=text,
        receipted_message_id=message_id, message_state=2,
    )  # fmt: skip
    read = DeliverSm.parse(found.body)
    assert (found.command, found.sequence) == (codes.DELIVER_SM, 9)
    assert (read.source, read.destination) == (Address(source, 1, 1), Address("Clinic", 5, 0))
    assert (read.short_message, read.data_coding, read.esm_class, read.is_whole) == (text, data_coding, 4, True)
    assert tlv.string(read.tlvs, tlv.RECEIPTED_MESSAGE_ID) == message_id
    assert tlv.integer(read.tlvs, tlv.MESSAGE_STATE) == 2


@given(st.text(PRINTABLE, max_size=64), st.sampled_from((0, 0x0B, 0x58, 0x400)))
def test_answers_are_read_both_ways(message_id: str, status: int) -> None:
    theirs = written_by_smpplib("submit_sm_resp", 5, status, message_id=message_id)
    assert (theirs.command, theirs.status, theirs.sequence) == (codes.SUBMIT_SM_RESP, status, 5)
    assert MessageId.parse(theirs.body).message_id == message_id
    ours = read_by_smpplib(MessageId(message_id).encode(codes.SUBMIT_SM_RESP, 5, status))
    assert (ours.message_id or b"", ours.status) == (message_id.encode(), status)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (codes.ENQUIRE_LINK, "enquire_link"),
        (codes.ENQUIRE_LINK_RESP, "enquire_link_resp"),
        (codes.UNBIND, "unbind"),
        (codes.UNBIND_RESP, "unbind_resp"),
        (codes.GENERIC_NACK, "generic_nack"),
    ],
)
def test_pdus_without_a_body_are_the_same_octets(command: int, name: str) -> None:
    assert pdu.encode(written_by_smpplib(name, 3)) == pdu.framed(command, codes.OK, 3)


# What smpplib does wrong with PDUs (docs/smpp.md), and must never come here

WHOLE = DeliverSm(Address("79000000001", 1, 1), Address("1234", 3, 0), b"Yes")
BODY = WHOLE.encode(1)[pdu.HEADER_OCTETS :]


def test_half_a_pdu_is_never_thrown_away() -> None:
    cutter, octets = Cutter(), WHOLE.encode(1)
    assert list(cutter.feed(octets[:20])) == []
    assert list(cutter.feed(b"")) == []  # a read that timed out
    assert [found.body for found in cutter.feed(octets[20:] + octets)] == [BODY, BODY]


def test_a_vendors_parameter_and_a_known_one_in_the_wrong_place_break_nothing() -> None:
    body = b"1a2b\x00" + tlv.write([tlv.Tlv(0x1400, b"x"), tlv.of_integer(tlv.MESSAGE_STATE, 2)])
    assert MessageId.parse(body).message_id == "1a2b"


def test_an_id_keeps_its_last_character_without_a_terminator() -> None:
    assert MessageId.parse(b"1a2b469x").message_id == "1a2b469x"


def test_a_parameter_of_another_length_moves_nothing() -> None:
    tlvs = tlv.write([tlv.Tlv(tlv.USER_MESSAGE_REFERENCE, bytes(4)), tlv.of_integer(tlv.MESSAGE_STATE, 2)])
    read = DeliverSm.parse(BODY + tlvs)
    assert tlv.integer(read.tlvs, tlv.MESSAGE_STATE) == 2
    assert read.is_whole


def test_a_parameter_that_claims_80_octets_and_has_one_is_not_believed() -> None:
    read = DeliverSm.parse(BODY + b"\x04\x24\x00\x50x")
    assert tlv.find(read.tlvs, tlv.MESSAGE_PAYLOAD) is None
    assert not read.is_whole


def test_a_text_of_161_to_254_octets_is_sent_and_255_become_a_payload() -> None:
    for length, is_payload in ((254, False), (255, True)):
        shaped = shape(Submission(1, "+79000000001", Segment("a" * length, Alphabet.GSM7)), Manner())
        assert (len(shaped.short_message) == 0) == is_payload
        assert SubmitSm.parse(shaped.encode(1)[pdu.HEADER_OCTETS :]) == shaped


def octets_of(text: str) -> list[bytes]:
    """What the parts of `text` carry behind their headers."""
    parts = (shape(Submission(1, "+79000000001", segment), Manner()) for segment in split(text, 7))
    return [part.short_message[6:] for part in parts]


def test_no_part_ends_between_an_escape_and_its_character() -> None:
    first, second = octets_of("a" * 152 + "€" * 10)
    assert (first, second) == (b"a" * 152, b"\x1be" * 10)


def test_no_part_ends_inside_an_emoji() -> None:
    first, second = octets_of("Ж" * 66 + "😀" * 5)
    assert first.decode("utf-16-be") + second.decode("utf-16-be") == "Ж" * 66 + "😀" * 5


def test_a_backtick_and_a_paragraph_sign_arrive_as_what_they_are() -> None:
    texts = {"`": (8, "`".encode("utf-16-be")), "§": (0, b"\x5f")}
    for text, wanted in texts.items():
        shaped = shape(Submission(1, "+79000000001", split(text, 7)[0]), Manner())
        assert (shaped.data_coding, shaped.short_message) == wanted


def test_every_parameter_is_written_also_a_vendors_and_one_without_a_value() -> None:
    tlvs = (tlv.Tlv(0x130C, b""), tlv.Tlv(0x1400, b"v"), tlv.Tlv(0x000D, b"\x01"))
    ours = SubmitSm(Address("Clinic", 5, 0), Address("79000000001", 1, 1), b"Hello", tlvs=tlvs).encode(1)
    assert ours.endswith(bytes.fromhex("130c0000 1400000176 000d000101"))


def test_an_smscs_version_in_the_bind_answer_is_read() -> None:
    theirs = written_by_smpplib("bind_transceiver_resp", 1, system_id="smsc", sc_interface_version=0x34)
    assert BindResp.parse(theirs.body).interface_version == 0x34
