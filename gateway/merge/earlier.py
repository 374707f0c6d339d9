"""Which messages of a plan an earlier import has queued already; asked before anything is queued."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

KNOWN = """
    SELECT external_id FROM external_ids WHERE external_id IN (SELECT value FROM json_each(?))"""


def known_keys(connection: sqlite3.Connection, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys (plan.key_of) that were ever used: one of a message that was deleted since is known too."""
    return frozenset(key for (key,) in connection.execute(KNOWN, (json.dumps(list(keys)),)))
