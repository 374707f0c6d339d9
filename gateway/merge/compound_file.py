"""[pure] Reads one stream out of a compound file (MS-CFB): the wrapping of an .xls, and of an encrypted .xlsx."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER_SIZE = 512
ENTRY_SIZE = 128
LAST_SECTOR = 0xFFFFFFFA  # from here on a number ends a chain
MINI_STREAM_LIMIT = 4096  # shorter streams live in the mini stream
DIFAT_IN_HEADER = 109


class NotCompound(ValueError):
    """No compound file, or one that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream of the directory."""

    name: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class CompoundFile:
    """The file's octets with its sector chains."""

    octets: bytes = field(repr=False)
    sector_size: int
    fat: tuple[int, ...]
    entries: tuple[Entry, ...]

    def stream(self, name: str) -> bytes | None:
        """The content of the stream, None if there is none of that name; capitals don't count (2.6.4)."""
        entry = next((each for each in self.entries if each.name.lower() == name.lower()), None)
        if entry is None:
            return None
        if entry.size >= MINI_STREAM_LIMIT:
            return _joined(self.octets, self.fat, entry.start, self.sector_size)[: entry.size]
        return self._mini(entry)

    def _mini(self, entry: Entry) -> bytes:
        size = 1 << _number(self.octets, "<H", 32)
        table = _numbers(_joined(self.octets, self.fat, _number(self.octets, "<I", 60), self.sector_size))
        container = _joined(self.octets, self.fat, self.entries[0].start, self.sector_size)
        chain = _chain(table, entry.start, _most(container, size))
        return b"".join(container[each * size : (each + 1) * size] for each in chain)[: entry.size]


def parse(octets: bytes) -> CompoundFile:
    """Raises NotCompound."""
    if not octets.startswith(MAGIC) or len(octets) < HEADER_SIZE:
        raise NotCompound
    try:
        sector_size = 1 << _number(octets, "<H", 30)
        fat_sectors = islice(_fat_sectors(octets, sector_size), _most(octets, sector_size))
        fat = _numbers(b"".join(_sector(octets, each, sector_size) for each in fat_sectors))
        directory = _joined(octets, fat, _number(octets, "<I", 48), sector_size)
        return CompoundFile(octets, sector_size, fat, tuple(_entries(directory)))
    except (struct.error, ValueError, MemoryError, OverflowError) as error:
        raise NotCompound from error


def _number(octets: bytes, form: str, offset: int) -> int:
    return int(struct.unpack_from(form, octets, offset)[0])


def _numbers(octets: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(octets) // 4}I", octets[: len(octets) // 4 * 4])


def _sector(octets: bytes, number: int, size: int) -> bytes:
    return octets[(number + 1) * size : (number + 2) * size]


def _fat_sectors(octets: bytes, size: int) -> Iterator[int]:
    """The sectors of the allocation table: 109 in the header, more in a chain of their own."""
    numbers: Sequence[int] = struct.unpack_from(f"<{DIFAT_IN_HEADER}I", octets, 76)
    following, left = _number(octets, "<I", 68), _number(octets, "<I", 72)
    while True:
        yield from (number for number in numbers if number < LAST_SECTOR)
        if following >= LAST_SECTOR or left <= 0 or left > len(octets) // size:
            return
        *numbers, following = _numbers(_sector(octets, following, size))
        left -= 1


def _most(octets: bytes, size: int) -> int:
    """How many sectors of this size these octets hold, the last one perhaps in part."""
    return -(-len(octets) // size)


def _chain(table: tuple[int, ...], start: int, most: int) -> Iterator[int]:
    """The sector numbers from `start` on, until one that is none; a ring is broken after as many as there can be."""
    for _ in range(most):
        if start >= len(table):
            return
        yield start
        start = table[start]


def _joined(octets: bytes, table: tuple[int, ...], start: int, size: int) -> bytes:
    return b"".join(_sector(octets, each, size) for each in _chain(table, start, _most(octets, size)))


def _entries(directory: bytes) -> Iterator[Entry]:
    for offset in range(0, len(directory) - ENTRY_SIZE + 1, ENTRY_SIZE):
        length = _number(directory, "<H", offset + 64)  # octets of UTF-16 with the closing zero
        name = directory[offset : offset + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        yield Entry(name, _number(directory, "<I", offset + 116), _number(directory, "<I", offset + 120))
