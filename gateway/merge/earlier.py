"""Which messages of a plan an earlier import has queued already; asked before anything is queued."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

COUNT_KNOWN = """
    SELECT count(*) FROM external_ids WHERE external_id IN (SELECT value FROM json_each(?))"""


def count_known(connection: sqlite3.Connection, keys: Iterable[str]) -> int:
    """How many of the keys (plan.key_of) were ever used: one of a message that was deleted since is known too."""
    return int(connection.execute(COUNT_KNOWN, (json.dumps(list(keys)),)).fetchone()[0])
