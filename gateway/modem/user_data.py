"""[pure] TP-UDL and TP-UD: header and text or data, coded as TP-DCS says (3GPP TS 23.040, 9.2.3.16 and 9.2.3.24).

Reading keeps what can be kept: user data cut short, a header that makes no sense or half a surrogate pair give a value
that `is_damaged`, never an error. TP-UDL counts septets for the 7-bit alphabet and octets for all else, the header
included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.i18n import _
from gateway.modem.fields import HAS_HEADER, Cursor, PduError, Values
from gateway.sms import alphabet, national, septets, user_data_header
from gateway.sms.data_coding import Coding, DataCoding, may_be_ucs2, understand
from gateway.sms.message import Concatenation, Segment
from gateway.sms.user_data_header import Element

MOST_OCTETS = 140  # = 160 septets
EUROPEAN_BLOCKS = 0x06  # high octets of Latin, Greek, Cyrillic, Hebrew and Arabic letters
REPLACEMENT = "\ufffd"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class UserData:
    """What one SMS carries: `text` for the text codings, `data` for 8-bit and compressed ones."""

    text: str = field(default="", repr=False)
    header: tuple[Element, ...] = field(default=(), repr=False)
    data: bytes = field(default=b"", repr=False)
    is_damaged: bool = False  # something is missing or could not be read

    @property
    def concatenation(self) -> Concatenation | None:
        return user_data_header.concatenation(self.header)


def for_segment(segment: Segment) -> UserData:
    header = (user_data_header.for_concatenation(segment.concatenation),) if segment.concatenation else ()
    return UserData(segment.text, header)


def read_user_data(cursor: Cursor, label: str, values: Values) -> UserData:
    """From TP-UDL to the end of the PDU; what stands behind the user data is filling."""
    length = cursor.take_octet(label)
    octets = cursor.rest()
    cursor.position = len(cursor.octets)
    has_header = bool(values["first_octet"] & HAS_HEADER)
    return decode(octets, length, values.get("data_coding") or 0, has_header=has_header)


def write_user_data(user_data: UserData, values: Values) -> bytes:
    length, octets = encode(user_data, values.get("data_coding") or 0)
    if len(octets) > MOST_OCTETS:
        raise PduError("TP-UD", 0, _("longer than one SMS can be"))
    return bytes((length,)) + octets


def header_bit(user_data: UserData | None) -> int:
    """TP-UDHI."""
    return HAS_HEADER if user_data is not None and user_data.header else 0


# Writing


def encode(user_data: UserData, data_coding: int) -> tuple[int, bytes]:
    """TP-UDL and TP-UD. Raises PduError for what this coding can't carry."""
    header = user_data_header.encode(user_data.header)
    understood = understand(data_coding)
    if _is_data(understood):
        body = user_data.data
    elif understood.coding is Coding.UCS2:
        body = _encode_ucs2(user_data.text)
    else:
        return _encode_septets(header, user_data)
    return len(header) + len(body), header + body


def _encode_septets(header: bytes, user_data: UserData) -> tuple[int, bytes]:
    """The text begins on a septet's border: 6 octets of header and 1 fill bit are 7 septets; 7 octets are 8 septets."""
    if any(element.identifier in national.SHIFTS for element in user_data.header):
        raise PduError("TP-UD", 0, _("national language tables are only read, never written"))
    body = alphabet.to_septets(user_data.text)
    packed = septets.pack(body, _fill_bits(header))
    return _septets_of(header) + len(body), header + packed


def _encode_ucs2(text: str) -> bytes:
    try:
        return text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise PduError("TP-UD", 0, _("half a surrogate pair is no character")) from None  # the cause holds the text


# Reading


def decode(octets: bytes, length: int, data_coding: int, *, has_header: bool) -> UserData:
    """`octets` from TP-UD to the PDU's end, `length` is TP-UDL. Never raises."""
    understood = understand(data_coding)
    if may_be_ucs2(data_coding) and _proves_ucs2(octets, length):
        understood = DataCoding(Coding.UCS2)
    if understood.coding is Coding.GSM7 and not understood.is_compressed:
        return _decode_septets(octets[: (length * 7 + 7) // 8], length, has_header)
    return _decode_octets(octets[:length], length, has_header, understood)


def _decode_septets(octets: bytes, length: int, has_header: bool) -> UserData:
    header, used, is_whole = user_data_header.read(octets) if has_header else NO_HEADER
    fill_bits = _fill_bits(octets[:used])
    wanted = length - _septets_of(octets[:used])
    present = max(0, len(octets) * 8 - used * 8 - fill_bits) // 7
    count = min(wanted, present)
    body = septets.unpack(octets[used:], count, fill_bits) if count > 0 else b""
    text, is_known = national.decode(body, header)
    return UserData(text, header, is_damaged=not (is_whole and is_known and 0 <= wanted <= present))


def _decode_octets(octets: bytes, length: int, has_header: bool, understood: DataCoding) -> UserData:
    header, used, is_whole = user_data_header.read(octets) if has_header else NO_HEADER
    is_whole &= len(octets) == length
    if _is_data(understood):
        return UserData(header=header, data=octets[used:], is_damaged=not is_whole)
    text, is_clean = _decode_ucs2(octets[used:])
    return UserData(text, header, is_damaged=not (is_whole and is_clean))


NO_HEADER: tuple[tuple[Element, ...], int, bool] = ((), 0, True)  # the elements, their octets, all is well


def _decode_ucs2(octets: bytes) -> tuple[str, bool]:
    """UTF-16BE, and whether it was clean: no half character, no half surrogate pair (which can't be stored)."""
    text = octets[: len(octets) // 2 * 2].decode("utf-16-be", "surrogatepass")
    clean, lone = LONE_SURROGATE.subn(REPLACEMENT, text)
    return clean, not lone and len(octets) % 2 == 0


def _proves_ucs2(octets: bytes, length: int) -> bool:
    """TP-UDL counts octets where it should count septets: 8 septets and more never fill as many octets.

    Below that the bits that septets would leave empty, or high octets all of European scripts, are the proof.
    """
    if len(octets) != length or length % 2 or not length:
        return False
    if length > 7:
        return True
    spare_bits = octets[-1] >> (8 - length)  # n septets leave n bits of the n-th octet empty
    return spare_bits != 0 or max(octets[::2]) <= EUROPEAN_BLOCKS


def _is_data(understood: DataCoding) -> bool:
    return understood.coding is Coding.EIGHT_BIT or understood.is_compressed


def _fill_bits(header: bytes) -> int:
    return -8 * len(header) % 7


def _septets_of(header: bytes) -> int:
    """How many septets the header and its fill bits take."""
    return (8 * len(header) + 6) // 7
