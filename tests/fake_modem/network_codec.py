"""[pure] What the network sends to a handset: DELIVER and STATUS-REPORT (3GPP TS 23.040, 9.2.2.1, 9.2.2.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from tests.fake_modem import alphabet
from tests.fake_modem.codec import ALPHANUMERIC, INTERNATIONAL, NATIONAL, UNKNOWN

ZERO_STAMP, FILLED_STAMP = bytes(7), b"\xff" * 7  # what some centres write instead of a time
HEADER_OCTETS = {False: 6, True: 7}  # UDHL with an 8-bit or a 16-bit reference
CLINIC_ZONE = timezone(timedelta(hours=3))  # the zone in which this network writes its times


def semi_octets(digits: str) -> bytes:
    """Two digits per octet, the first in the low half, filled up with F."""
    padded = digits + "F" * (len(digits) % 2)
    return bytes(int(padded[i + 1] + padded[i], 16) for i in range(0, len(padded), 2))


def service_centre(number: str, *, counts_digits: bool = False) -> bytes:
    """The field before the TPDU; `counts_digits` gives the wrong length of some devices."""
    digits = number.removeprefix("+")
    packed = semi_octets(digits)
    return bytes((len(digits) if counts_digits else len(packed) + 1, 0x91)) + packed


def address(number: str, *, number_type: int | None = None) -> bytes:
    """TP-OA or TP-RA: digits, or letters for a sender with a name (9.1.2.5)."""
    digits = number.removeprefix("+")
    if not digits.isdigit():
        packed = alphabet.pack(alphabet.write(number) or b"")
        return bytes((-(-len(number) * 7 // 4), 0x80 | ALPHANUMERIC << 4)) + packed
    kind = number_type if number_type is not None else INTERNATIONAL if number.startswith("+") else UNKNOWN
    return bytes((len(digits), 0x81 | kind << 4)) + semi_octets(digits)


def report_address(recipient: str, form: str) -> bytes:
    """The recipient in a report: as it was submitted, or as a centre may rewrite it (`national`, `unknown`)."""
    if form == "as_submitted" or not recipient.startswith("+7"):
        return address(recipient)
    national = "8" + recipient[2:] if form == "unknown" else recipient[2:]
    return address(national, number_type=UNKNOWN if form == "unknown" else NATIONAL)


def time_stamp(at: datetime) -> bytes:
    """TP-SCTS: seven semi-octet fields, the last one quarters of an hour from UTC (9.2.3.11)."""
    local = at.astimezone(CLINIC_ZONE) if at.tzinfo is UTC else at
    offset = local.utcoffset() or timedelta(0)
    quarters = abs(int(offset.total_seconds())) // 900
    octets = bytearray(semi_octets(local.strftime("%y%m%d%H%M%S") + f"{quarters:02d}"))
    if offset < timedelta(0):
        octets[6] |= 0x08
    return bytes(octets)


def status_report(reference: int, recipient: bytes, stamp: bytes, discharged: bytes, tp_st: int) -> bytes:
    """A STATUS-REPORT TPDU; 06 = report, no more messages to send."""
    return b"\x06" + bytes((reference,)) + recipient + stamp + discharged + bytes((tp_st,))


def deliver(sender: str, coding: int, stamp: bytes, header: bytes, count: int, body: bytes, protocol: int = 0) -> bytes:
    """A DELIVER TPDU; 04 = no more messages to send, 44 = with a user data header."""
    first = 0x44 if header else 0x04
    return bytes((first,)) + address(sender) + bytes((protocol, coding)) + stamp + bytes((count,)) + header + body


def deliver_parts(
    sender: str, text: str, stamp: bytes, reference: int, *, is_wide: bool = False, message_class: int | None = None
) -> list[bytes]:
    """The DELIVER TPDUs of one text, in order: one, or as many as its length takes."""
    septets = alphabet.write(text)
    flags = 0 if message_class is None else 0x10 | message_class
    pieces = _pieces(text, septets, is_wide)
    total = len(pieces)
    return [
        _part(sender, flags, stamp, _header(reference, total, number, is_wide), piece, septets is not None)
        for number, piece in enumerate(pieces, 1)
    ]


def _pieces(text: str, septets: bytes | None, is_wide: bool) -> list[bytes]:
    """The user data of each part: septets one per byte, or UTF-16BE octets."""
    header = HEADER_OCTETS[is_wide]
    if septets is not None:
        return [septets] if len(septets) <= 160 else _cut(septets, 160 - (header * 8 + 6) // 7)
    units = text.encode("utf-16-be")
    return [units] if len(units) <= 140 else _cut_units(units, (140 - header) // 2 * 2)


def _cut(septets: bytes, size: int) -> list[bytes]:
    pieces, at = [], 0
    while at < len(septets):
        end = min(at + size, len(septets))
        end -= end < len(septets) and septets[end - 1] == alphabet.ESCAPE  # the pair stays together
        pieces.append(septets[at:end])
        at = end
    return pieces


def _cut_units(units: bytes, size: int) -> list[bytes]:
    pieces, at = [], 0
    while at < len(units):
        end = min(at + size, len(units))
        end -= 2 * (end < len(units) and 0xDC <= units[end] <= 0xDF)  # before a pair, not inside it
        pieces.append(units[at:end])
        at = end
    return pieces


def _header(reference: int, total: int, number: int, is_wide: bool) -> bytes:
    if total == 1:
        return b""
    if is_wide:
        return bytes((6, 0x08, 4, reference >> 8, reference & 0xFF, total, number))
    return bytes((5, 0x00, 3, reference & 0xFF, total, number))


def _part(sender: str, flags: int, stamp: bytes, header: bytes, piece: bytes, is_gsm7: bool) -> bytes:
    if not is_gsm7:
        return deliver(sender, flags | 0x08, stamp, header, len(header) + len(piece), piece)
    header_septets = (len(header) * 8 + 6) // 7
    fill_bits = header_septets * 7 - len(header) * 8
    return deliver(sender, flags, stamp, header, header_septets + len(piece), alphabet.pack(piece, fill_bits))
