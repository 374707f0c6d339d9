"""[pure] The user data header and its information elements (3GPP TS 23.040, 9.2.3.24).

Elements that nobody here knows are kept as they are. A concatenation element that can't be true is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.errors import GatewayError
from gateway.sms.message import Concatenation

CONCATENATION_8 = 0x00  # 9.2.3.24.1: reference, total, number
CONCATENATION_16 = 0x08  # 9.2.3.24.8: reference of two octets, total, number

_LONGEST_ELEMENT = 253  # UDHL is one octet: 255, less the element's identifier and length
_NARROW = struct.Struct(">BBB")
_WIDE = struct.Struct(">HBB")


class HeaderError(GatewayError):
    """The header doesn't fit the user data; `octet` counts from 0 at UDHL."""

    def __init__(self, octet: int, reason: str) -> None:
        super().__init__(f"user data header, octet {octet}: {reason}")
        self.octet = octet
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Element:
    """One information element."""

    identifier: int  # 0-255
    data: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.identifier <= 0xFF:
            raise ValueError("an information element's identifier is one octet")
        if len(self.data) > _LONGEST_ELEMENT:
            raise ValueError(f"an information element has at most {_LONGEST_ELEMENT} octets")


def encode(elements: Sequence[Element]) -> bytes:
    """The header with its leading length octet (UDHL); b"" when there are no elements."""
    body = b"".join(bytes((element.identifier, len(element.data))) + element.data for element in elements)
    if len(body) > 0xFF:
        raise ValueError("a user data header has at most 255 octets after its length")
    return bytes((len(body),)) + body if elements else b""


def decode(user_data: bytes) -> tuple[tuple[Element, ...], int]:
    """The elements of the header that `user_data` begins with, and its octets with UDHL; raises HeaderError."""
    if not user_data:
        raise HeaderError(0, "the header's length is missing")
    end = 1 + user_data[0]
    if end > len(user_data):
        raise HeaderError(0, f"the header is said to have {end} octets, there are {len(user_data)}")
    elements: list[Element] = []
    octet = 1
    while octet < end:
        element, octet = _decode_element(user_data[:end], octet)
        elements.append(element)
    return tuple(elements), end


def read(octets: bytes) -> tuple[tuple[Element, ...], int, bool]:
    """The elements, the octets they take, and whether they made sense; senseless ones are passed over by UDHL."""
    try:
        elements, used = decode(octets)
    except HeaderError:
        return (), min(1 + octets[0], len(octets)) if octets else 0, False
    return elements, used, True


def _decode_element(header: bytes, octet: int) -> tuple[Element, int]:
    if octet + 2 > len(header):
        raise HeaderError(octet, "an element's length is missing")
    first, after = octet + 2, octet + 2 + header[octet + 1]
    if after > len(header):
        reason = f"an element is said to have {after - first} octets, there are {len(header) - first}"
        raise HeaderError(octet + 1, reason)
    return Element(header[octet], header[first:after]), after


def for_concatenation(concatenation: Concatenation) -> Element:
    """The element that says which part of which long message a segment is."""
    identifier, layout = (CONCATENATION_16, _WIDE) if concatenation.is_wide else (CONCATENATION_8, _NARROW)
    return Element(identifier, layout.pack(concatenation.reference, concatenation.total, concatenation.number))


def concatenation(elements: Sequence[Element]) -> Concatenation | None:
    """What the last sound concatenation element says: of those that exclude each other the last counts (9.2.3.24)."""
    known = (element for element in reversed(elements) if element.identifier in _READERS)
    return next((sound for element in known if (sound := _READERS[element.identifier](element.data))), None)


def _reader(layout: struct.Struct, *, is_wide: bool) -> Callable[[bytes], Concatenation | None]:
    def read(data: bytes) -> Concatenation | None:
        if len(data) != layout.size:
            return None
        reference, total, number = layout.unpack(data)
        return Concatenation(reference, total, number, is_wide) if 1 <= number <= total else None

    return read


_READERS = {CONCATENATION_8: _reader(_NARROW, is_wide=False), CONCATENATION_16: _reader(_WIDE, is_wide=True)}
