"""[pure] Submission -> submit_sm: coding, concatenation, addresses, validity (SMPP 3.4, 4.4.1).

A segment is one SMS as it was cut, whatever the bind is told to do with long messages: the header (UDH) goes before its
text, its place among the others into sar_* parameters, or header and text together into message_payload. A segment that
is the whole of a message goes into message_payload when short_message has no room for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from gateway.carrier import Submission
from gateway.smpp import address, times, tlv
from gateway.smpp.address import DERIVED, Types
from gateway.smpp.coding import Codings
from gateway.smpp.messages import LONGEST_MESSAGE, UDHI, WITH_RECEIPT, SubmitSm
from gateway.smpp.tlv import Tlv, Tlvs
from gateway.sms import user_data_header
from gateway.sms.message import Concatenation


class LongMessages(Enum):
    """How a segment says which part of which message it is; the values are the words of the configuration."""

    UDH = "udh"  # a user data header before the text: what most SMSCs pass on as it is
    SAR = "sar"  # optional parameters: the SMSC writes the header
    PAYLOAD = "payload"  # as UDH, in message_payload


@dataclass(frozen=True, slots=True)
class Manner:
    """How one bind wants its SMS."""

    source: str = ""  # the sender when a message names none; "": the SMSC puts the account's own
    source_types: Types = DERIVED
    destination_types: Types = DERIVED
    long_messages: LongMessages = LongMessages.UDH
    codings: Codings = field(default_factory=Codings)
    service_type: str = ""


def shape(submission: Submission, manner: Manner, deliver_at: datetime | None = None) -> SubmitSm:
    """The submit_sm that carries it, to be delivered not before `deliver_at`. Raises Unencodable."""
    place = submission.segment.concatenation
    header = b"" if manner.long_messages is LongMessages.SAR else _header(place)
    written = manner.codings.write(submission.segment, len(header))
    message, payload = _placed(header + written.octets, manner.long_messages, is_part=place is not None)
    return SubmitSm(
        source=address.of_sender(submission.sender or manner.source, manner.source_types),
        destination=address.of_recipient(submission.recipient, manner.destination_types),
        short_message=message,
        data_coding=written.number,
        esm_class=UDHI if header else 0,
        registered_delivery=WITH_RECEIPT,
        validity_period="" if submission.validity_s is None else times.relative(submission.validity_s),
        schedule_delivery_time="" if deliver_at is None else times.absolute(deliver_at),
        service_type=manner.service_type,
        tlvs=_sar(place) + payload if manner.long_messages is LongMessages.SAR else payload,
    )


def _header(place: Concatenation | None) -> bytes:
    return user_data_header.encode((user_data_header.for_concatenation(place),)) if place else b""


def _placed(octets: bytes, long_messages: LongMessages, *, is_part: bool) -> tuple[bytes, Tlvs]:
    """short_message and message_payload, of which one is empty (5.3.2.32)."""
    is_payload = len(octets) > LONGEST_MESSAGE or (is_part and long_messages is LongMessages.PAYLOAD)
    return (b"", (Tlv(tlv.MESSAGE_PAYLOAD, octets),)) if is_payload else (octets, ())


def _sar(place: Concatenation | None) -> Tlvs:
    if place is None:
        return ()
    return (
        tlv.of_integer(tlv.SAR_MSG_REF_NUM, place.reference),
        tlv.of_integer(tlv.SAR_TOTAL_SEGMENTS, place.total),
        tlv.of_integer(tlv.SAR_SEGMENT_SEQNUM, place.number),
    )
