"""[pure] Optional parameters: tag, length and value (SMPP 3.4, 3.2.4 and 5.3.2).

A value's own length says where the next one begins, whatever the specification says of its tag. Vendors' and unknown
ones are kept. A stream that breaks off gives what came whole, and says that it is not all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from struct import Struct

from smpplib.consts import OPTIONAL_PARAMS

from gateway.i18n import _
from gateway.smpp.fields import Unencodable

HEAD = Struct(">HH")  # tag, length of the value
LONGEST = 0xFFFF
VENDORS = range(0x1400, 0x4000)  # 3.2.4.1
LONGEST_INTEGER = 8  # octets; what is longer is no integer

ADDITIONAL_STATUS_INFO_TEXT: int = OPTIONAL_PARAMS["additional_status_info_text"]
RECEIPTED_MESSAGE_ID: int = OPTIONAL_PARAMS["receipted_message_id"]
USER_MESSAGE_REFERENCE: int = OPTIONAL_PARAMS["user_message_reference"]
SAR_MSG_REF_NUM: int = OPTIONAL_PARAMS["sar_msg_ref_num"]
SAR_TOTAL_SEGMENTS: int = OPTIONAL_PARAMS["sar_total_segments"]
SAR_SEGMENT_SEQNUM: int = OPTIONAL_PARAMS["sar_segment_seqnum"]
SC_INTERFACE_VERSION: int = OPTIONAL_PARAMS["sc_interface_version"]
NETWORK_ERROR_CODE: int = OPTIONAL_PARAMS["network_error_code"]
MESSAGE_PAYLOAD: int = OPTIONAL_PARAMS["message_payload"]
DELIVERY_FAILURE_REASON: int = OPTIONAL_PARAMS["delivery_failure_reason"]
MORE_MESSAGES_TO_SEND: int = OPTIONAL_PARAMS["more_messages_to_send"]
MESSAGE_STATE: int = OPTIONAL_PARAMS["message_state"]

# Octets of the integers that we read or write (5.3.2); a value of another length is read all the same
SIZES = {
    USER_MESSAGE_REFERENCE: 2,
    SAR_MSG_REF_NUM: 2,
    SAR_TOTAL_SEGMENTS: 1,
    SAR_SEGMENT_SEQNUM: 1,
    SC_INTERFACE_VERSION: 1,
    DELIVERY_FAILURE_REASON: 1,
    MORE_MESSAGES_TO_SEND: 1,
    MESSAGE_STATE: 1,
}


@dataclass(frozen=True, slots=True)
class Tlv:
    """One optional parameter."""

    tag: int
    value: bytes = field(repr=False)


Tlvs = tuple[Tlv, ...]


def read(octets: bytes, position: int = 0) -> tuple[Tlvs, bool]:
    """The parameters from `position` to the end, and whether the stream was whole."""
    found: list[Tlv] = []
    end = len(octets)
    while position + HEAD.size <= end:
        tag, length = HEAD.unpack_from(octets, position)
        first = position + HEAD.size
        position = first + length
        if position > end:
            return tuple(found), False
        found.append(Tlv(tag, octets[first:position]))
    return tuple(found), position == end


def write(tlvs: Iterable[Tlv]) -> bytes:
    """Raises Unencodable for a tag or length beyond two octets."""
    return b"".join([_head(each) + each.value for each in tlvs])


def _head(tlv: Tlv) -> bytes:
    if not 0 <= tlv.tag <= 0xFFFF:
        raise Unencodable("tag", _("a tag has two octets"))
    if len(tlv.value) > LONGEST:
        raise Unencodable(name(tlv.tag), _("it is longer than {most} octets").format(most=LONGEST))
    return HEAD.pack(tlv.tag, len(tlv.value))


def find(tlvs: Sequence[Tlv], tag: int) -> bytes | None:
    """The value of the first parameter with this tag."""
    for each in tlvs:
        if each.tag == tag:
            return each.value
    return None


def integer(tlvs: Sequence[Tlv], tag: int) -> int | None:
    """A number; None when it is not there, or no number.

    Of a value that is longer than its tag's the number may be padded before it or behind it: what fits is taken.
    """
    value = find(tlvs, tag)
    if not value or len(value) > LONGEST_INTEGER:
        return None
    size = SIZES.get(tag, len(value))
    number = int.from_bytes(value, "big")
    return number if number < 1 << 8 * size else int.from_bytes(value[:size], "big")


def string(tlvs: Sequence[Tlv], tag: int) -> str | None:
    """A C-octet string, with its NUL or without; None when it is not there."""
    value = find(tlvs, tag)
    return None if value is None else value.partition(b"\x00")[0].decode("latin-1")


def of_integer(tag: int, number: int) -> Tlv:
    """A parameter of this tag's own size; raises Unencodable for a number that doesn't fit."""
    try:
        return Tlv(tag, number.to_bytes(SIZES[tag], "big"))
    except OverflowError:
        raise Unencodable(name(tag), _("the number does not fit")) from None


def of_string(tag: int, value: str) -> Tlv:
    """A parameter that is a C-octet string."""
    return Tlv(tag, value.encode("latin-1") + b"\x00")


NAMES = {tag: known for known, tag in OPTIONAL_PARAMS.items()}


def name(tag: int) -> str:
    """The specification's name, or the number."""
    return NAMES.get(tag) or f"0x{tag:04x}"
