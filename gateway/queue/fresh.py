"""Who may be examined before those that were written earlier: nobody to whose number an earlier one waits.

What a program has written by the hundred thousand takes a minute to be examined, and whoever writes behind it is
examined with the next ones all the same (intake.py). Two messages to one number keep their order: while there is such a
crowd, the number of each that waits leaves a mark, read once and some at a time; until all of them have, nobody goes
ahead. A mark is one bit of a megabyte, so some numbers share theirs: then one waits for its turn that need not.
"""

from __future__ import annotations

import sqlite3
from binascii import crc32

MARKS = 1 << 23  # bits: of 100,000 numbers one in a hundred shares its mark
LOOKED = 5000  # ids in one go: a few milliseconds
TOLD_APART = 9  # last digits of a number: what comes before them is written in several ways
NO_DIGITS = bytes(octet for octet in range(256) if octet not in b"0123456789")

FIRST = "SELECT min(id) FROM outbox INDEXED BY outbox_new WHERE state = 'queued' AND due IS NULL"
WAITING = """
    SELECT CAST(recipient AS BLOB) FROM outbox NOT INDEXED
    WHERE id > :after AND id <= :until AND state = 'queued' AND due IS NULL"""


class Fresh:
    """What one examiner of rows knows of those that wait; empty until there are more than it examines at once."""

    def __init__(self) -> None:
        self.marks = bytearray()
        self._seen = 0  # the last id that was looked at

    def forget(self) -> None:
        """All that wait are examined now."""
        self.marks = bytearray()

    def look(self, connection: sqlite3.Connection, until: int) -> bool:
        """Mark the numbers of those up to this id; whether it came so far."""
        if not self.marks:
            self.marks = bytearray(MARKS // 8)
            self._seen = (connection.execute(FIRST).fetchone()[0] or 1) - 1
        reached = min(until, self._seen + LOOKED)
        for (written,) in connection.execute(WAITING, {"after": self._seen, "until": reached}):
            place = trace(written)
            self.marks[place >> 3] |= 1 << (place & 7)
        self._seen = max(self._seen, reached)
        return reached >= until

    def may_go_ahead(self, written: bytes | None) -> bool:
        """Whether nobody waits to this number."""
        place = trace(written)
        return not self.marks[place >> 3] & 1 << (place & 7)


def trace(written: bytes | None) -> int:
    """The place of a number's mark, however it is spelt."""
    digits = (written or b"").translate(None, NO_DIGITS)
    return crc32(digits[-TOLD_APART:]) % MARKS
