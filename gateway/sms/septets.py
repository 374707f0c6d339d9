"""[pure] Packing seven-bit septets into octets, lowest bit first (3GPP TS 23.038, 6.1.2.1)."""

from __future__ import annotations

_BITS = tuple(f"{septet:07b}" for septet in range(0x80))


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack septets, one a byte, after `fill_bits` zero bits (0-6: they end a user data header at a septet boundary)."""
    _check_fill(fill_bits)
    if not septets.isascii():
        raise ValueError("a septet is at most 0x7F")
    bits = "".join([_BITS[septet] for septet in reversed(septets)]) + "0" * fill_bits
    return int(bits or "0", 2).to_bytes((len(bits) + 7) // 8, "little")  # 160 septets = 1120 bits = 140 octets


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """The first `count` septets after `fill_bits` bits, one a byte; ValueError when `octets` are too few for them."""
    _check_fill(fill_bits)
    if not 0 <= fill_bits + 7 * count <= 8 * len(octets):
        raise ValueError(f"{len(octets)} octets don't hold {count} septets")
    stream = int.from_bytes(octets, "little") >> fill_bits
    return bytes([stream >> 7 * place & 0x7F for place in range(count)])


def _check_fill(fill_bits: int) -> None:
    if not 0 <= fill_bits <= 6:
        raise ValueError("there are 0 to 6 fill bits")
