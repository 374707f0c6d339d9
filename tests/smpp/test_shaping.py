"""A submission as a submit_sm, in every manner that binds want."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.carrier import Submission
from gateway.smpp import tlv
from gateway.smpp.address import Types
from gateway.smpp.coding import Coding, Codings
from gateway.smpp.fields import Unencodable
from gateway.smpp.messages import Address, SubmitSm
from gateway.smpp.shaping import LongMessages, Manner, shape
from gateway.sms.message import Alphabet, Segment
from gateway.sms.segmentation import split

UDH, SAR, PAYLOAD = LongMessages.UDH, LongMessages.SAR, LongMessages.PAYLOAD
LONG = "Ждём вас завтра в 10:00. " * 4


def submission(text: str = "Hello", **fields: object) -> Submission:
    return Submission(1, "+79000000001", split(text, 0x4C)[0], **fields)  # type: ignore[arg-type]


def test_a_short_text_needs_no_header() -> None:
    assert shape(submission(), Manner(source="Clinic")) == SubmitSm(
        source=Address("Clinic", 5, 0),
        destination=Address("79000000001", 1, 1),
        short_message=b"Hello",
        registered_delivery=1,
    )


@pytest.mark.parametrize("manner", LongMessages)
def test_a_receipt_is_asked_for_with_every_segment(manner: LongMessages) -> None:
    for segment in split(LONG, 1):
        assert shape(Submission(1, "+79000000001", segment), Manner(long_messages=manner)).registered_delivery == 1


def test_parts_by_header() -> None:
    shaped = shape(submission(LONG), Manner(long_messages=UDH))
    assert shaped.esm_class == 0x40
    assert shaped.data_coding == 8
    assert shaped.short_message[:6] == bytes.fromhex("0500034c0201")
    assert len(shaped.short_message) == 140
    assert shaped.tlvs == ()


def test_a_wide_reference_by_header() -> None:
    segment = split(LONG, 0xBEEF, is_wide=True)[1]
    shaped = shape(Submission(1, "+79000000001", segment), Manner())
    assert shaped.short_message[:7] == bytes.fromhex("060804beef0202")
    assert shaped.short_message[7:].decode("utf-16-be") == segment.text


def test_parts_by_parameters() -> None:
    segment = split(LONG, 0x4C)[0]
    shaped = shape(submission(LONG), Manner(long_messages=SAR))
    assert shaped.esm_class == 0
    assert shaped.short_message.decode("utf-16-be") == segment.text
    tags = (tlv.SAR_MSG_REF_NUM, tlv.SAR_TOTAL_SEGMENTS, tlv.SAR_SEGMENT_SEQNUM)
    assert [tlv.integer(shaped.tlvs, tag) for tag in tags] == [0x4C, 2, 1]
    assert [len(each.value) for each in shaped.tlvs] == [2, 1, 1]


def test_parts_as_payload() -> None:
    by_header, shaped = (shape(submission(LONG), Manner(long_messages=manner)) for manner in (UDH, PAYLOAD))
    assert (shaped.short_message, shaped.esm_class) == (b"", 0x40)
    assert tlv.find(shaped.tlvs, tlv.MESSAGE_PAYLOAD) == by_header.short_message


def test_a_whole_message_that_short_message_can_not_hold_goes_as_payload() -> None:
    segment = Segment("Ж" * 128, Alphabet.UCS2)
    shaped = shape(Submission(1, "+79000000001", segment), Manner())
    assert (shaped.short_message, shaped.esm_class) == (b"", 0)
    assert tlv.find(shaped.tlvs, tlv.MESSAGE_PAYLOAD) == ("Ж" * 128).encode("utf-16-be")


def test_packed_text_begins_on_a_septets_border_behind_its_header() -> None:
    segments = split("a" * 161, 1)
    shaped = shape(Submission(1, "+79000000001", segments[0]), Manner(codings=Codings({0: Coding.GSM_PACKED})))
    assert len(shaped.short_message) == 140  # 6 octets and one bit before 153 septets
    assert shaped.short_message[6] == ord("a") << 1 & 0xFF


def test_a_period_of_validity_is_given_on() -> None:
    assert shape(submission(validity_s=3600), Manner()).validity_period == "000000010000000R"
    assert shape(submission(), Manner()).validity_period == ""


def test_a_time_of_delivery_can_be_given_on() -> None:
    at = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    assert shape(submission(), Manner(), at).schedule_delivery_time == "261122073000000+"


SENDERS = {
    "the bind's": (None, "Clinic", Address("Clinic", 5, 0)),
    "the message's own": ("Lab", "Clinic", Address("Lab", 5, 0)),
    "a short code": (None, "1234", Address("1234", 3, 0)),
    "the account's": (None, "", Address("", 0, 0)),
}


@pytest.mark.parametrize(("own", "source", "wanted"), SENDERS.values(), ids=SENDERS)
def test_a_message_may_name_its_sender(own: str | None, source: str, wanted: Address) -> None:
    assert shape(submission(sender=own), Manner(source=source)).source == wanted


def test_the_settings_types_are_used() -> None:
    manner = Manner(source="1234", source_types=Types(0, 1), destination_types=Types(npi=8), service_type="CMT")
    shaped = shape(submission(), manner)
    assert (shaped.source, shaped.destination) == (Address("1234", 0, 1), Address("79000000001", 1, 8))
    assert shaped.service_type == "CMT"


@pytest.mark.parametrize(
    ("fields", "field"), [({"sender": "Клиника"}, "source_addr"), ({"sender": "much too long"}, "source_addr")]
)
def test_what_can_not_be_shaped_says_which_field(fields: dict[str, object], field: str) -> None:
    with pytest.raises(Unencodable) as caught:
        shape(submission(**fields), Manner())
    assert caught.value.field == field


@pytest.mark.parametrize("manner", LongMessages)
@pytest.mark.parametrize("text", ["plain " * 60, LONG, "€" * 200, "😀" * 40])
def test_every_segment_fits_its_fields(manner: LongMessages, text: str) -> None:
    for segment in split(text, 255):
        octets = shape(Submission(1, "+79000000001", segment, 10**9, "Clinic"), Manner(long_messages=manner)).encode(1)
        assert len(octets) < 300
