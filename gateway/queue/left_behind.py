"""What was written after a backup was made, and still waited when the backup was put in the database's place.

Nothing sends it any more, and the programs that wrote it believe it queued. It is not taken over by itself: the queue
that is put back is the backup's. A person is told, and decides who writes it once more.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.queue import backup, restored

WAITING = "SELECT count(*) FROM outbox WHERE id > :last AND state IN ('queued', 'held')"


def count(replaced: Path, copied: Path) -> int | None:
    """How many messages of `replaced` wait and are unknown to `copied`; None when one of them can't tell."""
    if not replaced.exists():
        return None
    try:
        with closing(backup.source(copied)) as connection:
            last = _last_id(connection)
        with closing(backup.source(replaced)) as connection:
            return int(connection.execute(WAITING, {"last": last}).fetchone()[0])
    except sqlite3.DatabaseError:
        return None


def _last_id(connection: sqlite3.Connection) -> int:
    found = connection.execute(restored.LAST_ID, {"name": "outbox"}).fetchone()
    return int(found[0]) if found else 0
