"""[pure] The GSM 7-bit default alphabet as a handset reads and writes it (3GPP TS 23.038, 6.1.2 and 6.2.1).

Written for the bank alone: the gateway's own tables are what it checks.
"""

from __future__ import annotations

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
ESCAPE = 0x1B
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_CODES = {character: (code,) for code, character in enumerate(BASIC) if code != ESCAPE} | {
    character: (ESCAPE, code) for code, character in EXTENSION.items()
}


def read(septets: bytes) -> str:
    """The text that a handset shows; an unknown escape shows the basic character, one at the end a space."""
    if ESCAPE not in septets:
        return "".join([BASIC[code] for code in septets])
    shown, codes = [], iter(septets)
    for code in codes:
        shown.append(_escaped(next(codes, None)) if code == ESCAPE else BASIC[code])
    return "".join(shown)


def _escaped(code: int | None) -> str:
    if code is None or code == ESCAPE:
        return " "
    return EXTENSION.get(code, BASIC[code])


def write(text: str) -> bytes | None:
    """One septet per byte, or None when the alphabet has not every character of `text`."""
    try:
        return bytes(code for character in text for code in _CODES[character])
    except KeyError:
        return None


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """`count` septets that start after `fill_bits` (3GPP TS 23.038, 6.1.2.1)."""
    bits = int.from_bytes(octets, "little") >> fill_bits
    return bytes([(bits >> shift) & 0x7F for shift in range(0, count * 7, 7)])


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """The septets in as few octets as hold them, after `fill_bits` zero bits."""
    bits = sum(septet << (index * 7) for index, septet in enumerate(septets)) << fill_bits
    return bits.to_bytes((len(septets) * 7 + fill_bits + 7) // 8, "little")
