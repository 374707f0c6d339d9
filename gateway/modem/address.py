"""[pure] Addresses: TP-OA, TP-DA, TP-RA and the service centre's, read and written (3GPP TS 23.040, 9.1.2.5).

A number is written in semi-octets, the first digit in the low half, an F filling the last octet of an odd count. A
sender name is written in packed septets, and its length still counts semi-octets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from gateway.i18n import _
from gateway.modem.fields import Cursor, PduError, Values
from gateway.sms import alphabet, septets

MOST_SEMI_OCTETS = 20  # an address is at most 12 octets: length, type and ten more
SEMI_OCTETS = "0123456789*#abc"  # what the halves 0 to 14 mean; 15 fills
FILL = 0x0F
NO_EXTENSION = 0x80  # the top bit of the type octet


class TypeOfNumber(IntEnum):
    """TON, three bits."""

    UNKNOWN = 0
    INTERNATIONAL = 1
    NATIONAL = 2
    NETWORK_SPECIFIC = 3
    SUBSCRIBER = 4
    ALPHANUMERIC = 5
    ABBREVIATED = 6
    RESERVED = 7


TELEPHONE_PLAN = 1  # NPI: ISDN/telephone numbering plan, E.164
NO_PLAN = 0


@dataclass(frozen=True, slots=True)
class Address:
    """Who sends, receives or forwards."""

    value: str = field(repr=False)  # digits (also * # a b c), or a sender name
    type_of_number: TypeOfNumber = TypeOfNumber.UNKNOWN
    numbering_plan: int = TELEPHONE_PLAN

    @property
    def number(self) -> str:
        """As people write it: '+' before an international number, everything else as it came."""
        is_international = self.type_of_number is TypeOfNumber.INTERNATIONAL
        return f"+{self.value}" if is_international and self.value else self.value


def to_address(number: str, label: str = "TP-DA") -> Address:
    """'+' and digits is international (type octet 0x91), digits alone are of unknown type (0x81); else PduError."""
    digits = number.removeprefix("+")
    if not digits or any(digit not in SEMI_OCTETS for digit in digits):
        raise PduError(label, 0, _("a number is digits, with or without a plus before them"))
    is_international = digits != number
    return Address(digits, TypeOfNumber.INTERNATIONAL if is_international else TypeOfNumber.UNKNOWN)


def read_address(cursor: Cursor, label: str, _values: Values) -> Address:
    """The length counts semi-octets, without the type octet."""
    start = cursor.position
    count = cursor.take_octet(label)
    if count > MOST_SEMI_OCTETS:
        raise PduError(label, start, _("longer than an address can be"))
    type_octet = cursor.take_octet(label)
    return _decode(type_octet, cursor.take((count + 1) // 2, label), count)


def write_address(address: Address, _values: Values) -> bytes:
    octets, count = _encode(address)
    if count > MOST_SEMI_OCTETS:
        raise PduError("address", 0, _("longer than an address can be"))
    return bytes((count, _type_octet(address))) + octets


def decode_service_centre(octets: bytes) -> Address | None:
    """The service centre's field counts octets, with the type octet: these. None when there is no number."""
    return _decode(octets[0], octets[1:], 2 * len(octets) - 2) if len(octets) > 1 else None


def _type_octet(address: Address) -> int:
    return NO_EXTENSION | address.type_of_number << 4 | address.numbering_plan


def _decode(type_octet: int, octets: bytes, count: int) -> Address:
    type_of_number = TypeOfNumber(type_octet >> 4 & 0x07)
    is_name = type_of_number is TypeOfNumber.ALPHANUMERIC
    value = _decode_name(octets, count) if is_name else decode_digits(octets, count)
    return Address(value, type_of_number, type_octet & 0x0F)


def _encode(address: Address) -> tuple[bytes, int]:
    """The octets and how many semi-octets they count as."""
    if address.type_of_number is TypeOfNumber.ALPHANUMERIC:
        name = alphabet.to_septets(address.value)
        return septets.pack(name), (len(name) * 7 + 3) // 4  # 7 letters: 49 bits: 13 semi-octets
    return encode_digits(address.value), len(address.value)


def _decode_name(octets: bytes, count: int) -> str:
    """Seven letters are 13 semi-octets, but some networks say 14: then the eighth septet is no '@' but filling."""
    name = septets.unpack(octets, min(count * 4, len(octets) * 8) // 7)
    if len(name) % 8 == 0:
        name = name.removesuffix(b"\x00")
    return alphabet.from_septets(name)


def decode_digits(octets: bytes, count: int) -> str:
    """Up to `count` digits, ended early by a filling F."""
    halves = [half for octet in octets for half in (octet & 0x0F, octet >> 4)][:count]
    if FILL in halves:
        halves = halves[: halves.index(FILL)]
    return "".join(SEMI_OCTETS[half] for half in halves)


def encode_digits(digits: str) -> bytes:
    """Raises PduError for what is no digit."""
    halves = [SEMI_OCTETS.find(digit) for digit in digits] + [FILL] * (len(digits) % 2)
    if -1 in halves:
        raise PduError("address", 0, _("a number is digits, with or without a plus before them"))
    return bytes(low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))
