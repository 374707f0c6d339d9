"""[pure] What a deliver_sm or data_sm carries: header, text, and its place among the parts of a long one.

The text is in short_message or in message_payload; a part is told by its header or by sar_* parameters (SMPP 3.4,
5.2.12, 5.3.2.22-5.3.2.24 and 5.3.2.32).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.smpp import coding, tlv
from gateway.smpp.coding import Codings
from gateway.smpp.messages import UDHI, DataSm, DeliverSm
from gateway.sms import user_data_header
from gateway.sms.message import Concatenation


@dataclass(frozen=True, slots=True)
class Payload:
    """One SMS's content."""

    text: str = field(repr=False)
    concatenation: Concatenation | None
    is_whole: bool  # all of it was there and was understood


def open_payload(message: DeliverSm | DataSm, codings: Codings) -> Payload:
    """Never raises: what can be kept is kept."""
    octets = octets_of(message)
    has_header = bool(message.esm_class & UDHI)
    header, used, is_sound = user_data_header.read(octets) if has_header else ((), 0, True)
    found = coding.read(codings.of(message.data_coding), octets[used:], header, used)
    place = user_data_header.concatenation(header) or _by_parameters(message)
    return Payload(found.text, place, is_sound and found.is_whole and message.is_whole)


def octets_of(message: DeliverSm | DataSm) -> bytes:
    """Header and text, wherever they are."""
    return message.short_message or tlv.find(message.tlvs, tlv.MESSAGE_PAYLOAD) or b""


def _by_parameters(message: DeliverSm | DataSm) -> Concatenation | None:
    """sar_* parameters; None unless all three are there and can be true."""
    reference = tlv.integer(message.tlvs, tlv.SAR_MSG_REF_NUM)
    total = tlv.integer(message.tlvs, tlv.SAR_TOTAL_SEGMENTS)
    number = tlv.integer(message.tlvs, tlv.SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or number is None or not 1 <= number <= total:
        return None
    return Concatenation(reference, total, number, is_wide=True) if total > 1 else None
