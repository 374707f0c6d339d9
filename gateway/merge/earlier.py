"""Which messages of a plan an earlier import has queued already; asked before anything is queued."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

COUNT_KNOWN = """
    SELECT count(*) FROM outbox WHERE external_id IN (SELECT value FROM json_each(?))"""


def count_known(connection: sqlite3.Connection, keys: Iterable[str]) -> int:
    """How many of the keys (plan.key_of) stand in the outbox."""
    return int(connection.execute(COUNT_KNOWN, (json.dumps(list(keys)),)).fetchone()[0])
