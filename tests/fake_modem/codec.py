"""[pure] Strict reading of the SUBMIT that a modem is given (3GPP TS 23.040, 9.2.2.2), with the bank's own code.

Nothing is forgiven: a length that does not match, a spare bit that is set, a half surrogate of a field is `BadPdu`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.fake_modem import alphabet

SUBMIT = 0b01  # TP-MTI from the handset
VALIDITY_OCTETS = {0b00: 0, 0b10: 1, 0b01: 7, 0b11: 7}  # TP-VPF: none, relative, enhanced, absolute
INTERNATIONAL, NATIONAL, ALPHANUMERIC, UNKNOWN = 1, 2, 5, 0  # type of number
MAX_SEPTETS, MAX_OCTETS = 160, 140


class BadPdu(ValueError):
    """The PDU is not a SUBMIT that a network would take: `field` and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a long message (elements 00 and 08)."""

    reference: int
    total: int
    number: int
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Submit:
    """A SUBMIT as the network understands it."""

    smsc: str
    rejects_duplicates: bool
    wants_report: bool
    validity_s: int | None
    recipient: str
    protocol: int
    data_coding: int
    alphabet: str  # gsm7, 8bit or ucs2
    elements: tuple[tuple[int, bytes], ...]
    part: Part | None
    text: str
    user_data_length: int


class _Reader:
    """Octets taken from the left, each time by the name of the field that they are."""

    def __init__(self, octets: bytes) -> None:
        self.octets, self.at = octets, 0

    def take(self, field: str, count: int = 1) -> bytes:
        taken = self.octets[self.at : self.at + count]
        if len(taken) < count:
            raise BadPdu(field, f"cut short at octet {len(self.octets)}")
        self.at += count
        return taken

    def octet(self, field: str) -> int:
        return self.take(field)[0]


def octets_of(hexadecimal: str) -> bytes:
    """The octets that the digits stand for, with not a blank between."""
    try:
        octets = bytes.fromhex(hexadecimal)
    except ValueError:
        raise BadPdu("PDU", "is not hexadecimal") from None
    if len(octets) * 2 != len(hexadecimal):
        raise BadPdu("PDU", "has blanks in it")
    return octets


def read_submit(octets: bytes, length: int) -> Submit:
    """What `octets` (service-centre field first) ask for; `length` is AT+CMGS's, without that field."""
    reader = _Reader(octets)
    smsc = _service_centre(reader)
    if len(octets) - reader.at != length:
        raise BadPdu("length", f"AT+CMGS said {length}, came {len(octets) - reader.at}")
    first = reader.octet("first octet")
    if first & 0b11 != SUBMIT:
        raise BadPdu("TP-MTI", "is no SUBMIT")
    reader.octet("TP-MR")
    recipient = _recipient(reader)
    protocol, coding = reader.octet("TP-PID"), reader.octet("TP-DCS")
    validity_s = _validity(reader, first >> 3 & 0b11)
    letters = alphabet_of(coding)
    count = reader.octet("TP-UDL")
    elements, text = _user_data(reader, letters, count, bool(first & 0x40))
    return Submit(
        smsc=smsc,
        rejects_duplicates=bool(first & 0x04),
        wants_report=bool(first & 0x20),
        validity_s=validity_s,
        recipient=recipient,
        protocol=protocol,
        data_coding=coding,
        alphabet=letters,
        elements=elements,
        part=part_of(elements),
        text=text,
        user_data_length=count,
    )


def _service_centre(reader: _Reader) -> str:
    count = reader.octet("SMSC length")
    if count == 0:
        return ""
    if count < 2 or count > 11:
        raise BadPdu("SMSC length", f"{count} octets")
    kind, digits = reader.octet("SMSC type"), reader.take("SMSC", count - 1)
    return _digits("SMSC", digits, len(digits) * 2 - (digits[-1] >> 4 == 0xF), kind >> 4 & 0b111)


def _recipient(reader: _Reader) -> str:
    count, kind = reader.octet("TP-DA length"), reader.octet("TP-DA type")
    if not 1 <= count <= 20:
        raise BadPdu("TP-DA length", f"{count} digits")
    if not kind & 0x80:
        raise BadPdu("TP-DA type", "bit 7 is not set")
    number_type = kind >> 4 & 0b111
    if number_type == ALPHANUMERIC:
        raise BadPdu("TP-DA type", "nobody can be reached by letters")
    if kind & 0b1111 != 1:
        raise BadPdu("TP-DA type", "is no telephone numbering plan")
    return _digits("TP-DA", reader.take("TP-DA", (count + 1) // 2), count, number_type)


def _digits(field: str, octets: bytes, count: int, number_type: int) -> str:
    nibbles = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in octets)
    digits, filler = nibbles[:count], nibbles[count:]
    if not digits.isdigit():
        raise BadPdu(field, "has a digit that is none")
    if filler.strip("f"):
        raise BadPdu(field, "is not filled up with F")
    return ("+" if number_type == INTERNATIONAL else "") + digits


def _validity(reader: _Reader, validity_format: int) -> int | None:
    """Seconds by the relative form (9.2.3.12.1); the other two forms are taken, not read."""
    octets = reader.take("TP-VP", VALIDITY_OCTETS[validity_format])
    if len(octets) != 1:
        return None
    value = octets[0]
    if value <= 143:
        return (value + 1) * 300  # steps of 5 minutes up to 12 hours
    if value <= 167:
        return 12 * 3600 + (value - 143) * 1800  # steps of 30 minutes up to a day
    return (value - 166) * 86400 if value <= 196 else (value - 192) * 7 * 86400


def alphabet_of(coding: int) -> str:
    """gsm7, 8bit or ucs2 by the coding group (3GPP TS 23.038, 4)."""
    group = coding >> 4
    if group < 0b0100 or 0b0100 <= group < 0b1000:
        if coding & 0x20:
            raise BadPdu("TP-DCS", "compressed text")
        kind = coding >> 2 & 0b11
        if kind == 0b11:
            raise BadPdu("TP-DCS", "reserved alphabet")
        return ("gsm7", "8bit", "ucs2")[kind]
    if group in (0b1100, 0b1101):
        return "gsm7"
    if group == 0b1110:
        return "ucs2"
    if group == 0b1111 and not coding & 0x08:
        return "8bit" if coding & 0x04 else "gsm7"
    raise BadPdu("TP-DCS", f"reserved value {coding:02X}")


def _user_data(
    reader: _Reader, letters: str, count: int, has_header: bool
) -> tuple[tuple[tuple[int, bytes], ...], str]:
    if count > (MAX_SEPTETS if letters == "gsm7" else MAX_OCTETS):
        raise BadPdu("TP-UDL", f"{count} is more than one SMS holds")
    octets = reader.take("TP-UD", (count * 7 + 7) // 8 if letters == "gsm7" else count)
    if reader.at != len(reader.octets):
        raise BadPdu("TP-UD", f"{len(reader.octets) - reader.at} octets too many")
    header_octets = _header_octets(octets) if has_header else 0
    elements = _elements(octets[1:header_octets])
    if letters == "gsm7":
        return elements, _septet_text(octets, count, header_octets)
    return elements, _octet_text(octets[header_octets:], letters)


def _header_octets(octets: bytes) -> int:
    if not octets or octets[0] == 0 or octets[0] + 1 > len(octets):
        raise BadPdu("UDHL", "does not fit into the user data")
    return octets[0] + 1


def _elements(octets: bytes) -> tuple[tuple[int, bytes], ...]:
    reader, elements = _Reader(octets), []
    while reader.at < len(octets):
        identifier, count = reader.octet("IEI"), reader.octet("IEDL")
        elements.append((identifier, reader.take("IED", count)))
    return tuple(elements)


def _septet_text(octets: bytes, count: int, header_octets: int) -> str:
    header_septets = (header_octets * 8 + 6) // 7
    fill_bits = header_septets * 7 - header_octets * 8
    if header_septets > count:
        raise BadPdu("TP-UDL", "is less than the header takes")
    body = octets[header_octets:]
    used_bits = fill_bits + (count - header_septets) * 7
    bits = int.from_bytes(body, "little")
    if bits & ((1 << fill_bits) - 1) or bits >> used_bits:
        raise BadPdu("TP-UD", "a bit that fills up is set")
    return alphabet.read(alphabet.unpack(body, count - header_septets, fill_bits))


def _octet_text(octets: bytes, letters: str) -> str:
    if letters == "8bit":
        return octets.decode("latin-1")
    if len(octets) % 2:
        raise BadPdu("TP-UDL", "half a UCS-2 character")
    return octets.decode("utf-16-be", "replace")  # half a surrogate pair shows as U+FFFD, as on a handset


def part_of(elements: tuple[tuple[int, bytes], ...]) -> Part | None:
    """The first concatenation element; one that contradicts itself is no SUBMIT that we take."""
    for identifier, data in elements:
        if identifier not in (0x00, 0x08):
            continue
        is_wide = identifier == 0x08
        if len(data) != (4 if is_wide else 3):
            raise BadPdu("IEDL", "wrong length of a concatenation element")
        if not 1 <= data[-1] <= data[-2]:
            raise BadPdu("IED", f"part {data[-1]} of {data[-2]}")
        return Part(int.from_bytes(data[:-2], "big"), data[-2], data[-1], is_wide)
    return None
