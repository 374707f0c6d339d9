"""[pure] What handsets show of the submits that an SMSC took: long messages are put together by their parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tests.fake_modem import alphabet
from tests.fake_smsc import codec
from tests.fake_smsc.codec import BadPdu, Submit

DEFAULT, ASCII, LATIN1, BINARY, UCS2 = 0x00, 0x01, 0x03, 0x04, 0x08
CONCATENATED, CONCATENATED_WIDE = 0x00, 0x08  # information elements (3GPP TS 23.040, 9.2.3.24)


@dataclass(frozen=True, slots=True)
class Part:
    reference: int
    total: int
    number: int


@dataclass(slots=True)
class Phones:
    """Texts by number, in the order in which they were complete."""

    is_packed: bool = False  # the account sends the default alphabet packed, as on the air
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _waiting: dict[tuple[str, str, int, int], dict[int, str]] = field(default_factory=dict)

    def take(self, submit: Submit) -> None:
        """Raises BadPdu when it can't be read."""
        part, octets, fill_bits = _part(submit)
        text = self._read(submit.data_coding, octets, fill_bits)
        number = submit.dest[2]
        if part is None:
            self.texts[number].append(text)
            return
        key = (submit.source[2], number, part.reference, part.total)
        parts = self._waiting.setdefault(key, {})
        if part.number in parts:  # the same part once more begins a second copy
            self.texts[number].append(f"[part {part.number} of {part.total} twice]")
        parts[part.number] = text
        if len(parts) == part.total:
            self.texts[number].append("".join(parts[each] for each in sorted(parts)))
            del self._waiting[key]

    @property
    def incomplete(self) -> int:
        """How many long messages wait for a part."""
        return len(self._waiting)

    def _read(self, coding: int, octets: bytes, fill_bits: int) -> str:
        match coding & 0x0F if coding >= 0xF0 else coding:
            case 0x00:
                return alphabet.read(self._septets(octets, fill_bits))
            case 0x01:
                return octets.decode("ascii")
            case 0x03:
                return octets.decode("latin-1")
            case 0x08:
                return octets.decode("utf-16-be")
        raise BadPdu(f"data_coding: {coding:#04x} is not a text")

    def _septets(self, octets: bytes, fill_bits: int) -> bytes:
        if self.is_packed:
            count = (len(octets) * 8 - fill_bits) // 7
            septets = alphabet.unpack(octets, count, fill_bits)
            # Seven spare bits at the end are a carriage return or nothing.
            is_full = (fill_bits + 7 * count) % 8 == 0
            return septets[:-1] if is_full and septets[-1:] in (b"\x0d", b"\0") else septets
        if any(octet > 0x7F for octet in octets):
            raise BadPdu("short_message: the default alphabet has only seven bits")
        return octets


def _part(submit: Submit) -> tuple[Part | None, bytes, int]:
    """Which part it is, the octets of its text, and the bits left before the first septet."""
    if submit.esm_class & codec.UDHI:
        return _by_header(submit.octets)
    if codec.SAR_REFERENCE in submit.tlvs:
        return _by_tlvs(submit), submit.octets, 0
    return None, submit.octets, 0


def _by_tlvs(submit: Submit) -> Part:
    lengths = [(codec.SAR_REFERENCE, 2), (codec.SAR_TOTAL, 1), (codec.SAR_NUMBER, 1)]
    values = []
    for tag, length in lengths:
        value = submit.tlvs.get(tag, b"")
        if len(value) != length:
            raise BadPdu(f"sar tlv {tag:#06x}: {len(value)} octets instead of {length}")
        values.append(int.from_bytes(value, "big"))
    return _checked(Part(*values))


def _by_header(octets: bytes) -> tuple[Part | None, bytes, int]:
    length = octets[0] if octets else 0
    if not octets or len(octets) < length + 1:
        raise BadPdu("user data header: is longer than the message")
    header, text, part = octets[1 : length + 1], octets[length + 1 :], None
    while header:
        tag, size = header[0], header[1] if len(header) > 1 else 255
        value, header = header[2 : 2 + size], header[2 + size :]
        if len(value) < size:
            raise BadPdu("user data header: an element is cut short")
        if tag == CONCATENATED:
            part = Part(value[0], value[1], value[2])
        elif tag == CONCATENATED_WIDE:
            part = Part(int.from_bytes(value[:2], "big"), value[2], value[3])
    return part and _checked(part), text, -(length + 1) * 8 % 7


def _checked(part: Part) -> Part:
    if not 1 <= part.number <= part.total:
        raise BadPdu(f"part {part.number} of {part.total}")
    return part
