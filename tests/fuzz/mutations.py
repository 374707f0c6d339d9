"""[pure] The ways in which octets are damaged; each takes the chance and some octets, and gives other ones."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

MOST_STEPS = 4  # mutations of one item
MOST_REPEATS = 3000  # of a piece: longer than the longest line that a modem may send
LONGEST = 60_000  # octets: what is longer is cut, so that one item stays small
ODD = (
    b"\x00", b"\r", b"\n", b"\r\n", b"\r\r\n", b">", b"> ", b"\x1a", b"\x1b", b"\xff", b"\xc3\x28", b"\xf0\x9f\x91",
    b'"', b",", b":", b"(", b")", b"-", b" ", b"\t", b"\xa0", b"\x85", b"\xb2", b"OK", b"\r\nOK\r\n", b"ERROR",
    b"+CMS ERROR: ", b"+CME ERROR: ", b"+CMGS: ", b"+CMTI: ", b"+CDS: ", b"AT", b"F", b"00", b"FF", b"7F", b"+CUSD: ",
)  # fmt: skip
NUMBERS = (
    b"0", b"1", b"-1", b"7", b"127", b"128", b"255", b"256", b"65535", b"65536", b"2147483648", b"4294967296",
    b"9223372036854775807", b"9223372036854775808", b"1" * 40, b"9" * 5000, b"1.5", b"1e9", b"0x10",
)  # fmt: skip

Mutation = Callable[[Random, bytes], bytes]


def _flip(chance: Random, octets: bytes) -> bytes:
    at = chance.randrange(len(octets))
    return octets[:at] + bytes((octets[at] ^ 1 << chance.randrange(8),)) + octets[at + 1 :]


def _set(chance: Random, octets: bytes) -> bytes:
    at = chance.randrange(len(octets))
    return octets[:at] + bytes((chance.randrange(256),)) + octets[at + 1 :]


def _cut(chance: Random, octets: bytes) -> bytes:
    return octets[: chance.randrange(len(octets))]


def _behead(chance: Random, octets: bytes) -> bytes:
    return octets[chance.randrange(len(octets)) :]


def _lose(chance: Random, octets: bytes) -> bytes:
    start, end = _span(chance, octets)
    return octets[:start] + octets[end:]


def _double(chance: Random, octets: bytes) -> bytes:
    start, end = _span(chance, octets)
    return octets[:end] + octets[start:]


def _repeat(chance: Random, octets: bytes) -> bytes:
    """Often a few times, now and then beyond all measure."""
    start = chance.randrange(len(octets))
    end = start + chance.choice((1, 1, 2, 3, 8))
    times = chance.choice((2, 3, 10, 300, MOST_REPEATS)) if chance.random() < 0.3 else 2
    return octets[:start] + octets[start:end] * times + octets[end:]


def _swap(chance: Random, octets: bytes) -> bytes:
    start, end = _span(chance, octets)
    middle = (start + end) // 2
    return octets[:start] + octets[middle:end] + octets[start:middle] + octets[end:]


def _insert_odd(chance: Random, octets: bytes) -> bytes:
    return _inserted(chance, octets, chance.choice(ODD))


def _change_number(chance: Random, octets: bytes) -> bytes:
    """Another number where one stands, lengths among them."""
    starts = [at for at, octet in enumerate(octets) if 0x30 <= octet <= 0x39]
    if not starts:
        return _inserted(chance, octets, chance.choice(NUMBERS))
    start = end = chance.choice(starts)
    while end < len(octets) and 0x30 <= octets[end] <= 0x39:
        end += 1
    return octets[:start] + chance.choice(NUMBERS) + octets[end:]


def _other_line_ends(chance: Random, octets: bytes) -> bytes:
    return octets.replace(b"\r\n", chance.choice((b"\r", b"\n", b"\r\r\n", b"\n\r", b"")))


MUTATIONS: tuple[Mutation, ...] = (
    _flip, _set, _cut, _behead, _lose, _double, _repeat, _swap, _insert_odd, _change_number, _other_line_ends,
)  # fmt: skip


def damaged(chance: Random, octets: bytes) -> bytes:
    """A few mutations of one sample; now and then none at all."""
    for _step in range(chance.randrange(MOST_STEPS + 1)):
        octets = chance.choice(MUTATIONS)(chance, octets or chance.choice(ODD))[:LONGEST]
    return octets


def spliced(chance: Random, octets: bytes, other: bytes) -> bytes:
    """`other` somewhere in the midst."""
    return _inserted(chance, octets, other)


def damaged_hexadecimal(chance: Random, digits: bytes) -> bytes:
    """Half of the time the octets that the digits stand for, else the digits themselves."""
    if chance.random() < 0.5:
        return damaged(chance, digits)
    return damaged(chance, bytes.fromhex(digits.decode("ascii"))).hex().upper().encode("ascii")


def _span(chance: Random, octets: bytes) -> tuple[int, int]:
    start = chance.randrange(len(octets))
    return start, min(len(octets), start + chance.choice((1, 1, 2, 4, 16, 64)))


def _inserted(chance: Random, octets: bytes, other: bytes) -> bytes:
    at = chance.randrange(len(octets) + 1)
    return octets[:at] + other + octets[at:]
