"""Which messages of a plan an earlier import has queued already; asked before anything is queued."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

# The keys come in the order of the index: a hundred thousand of them go through it once.
KNOWN = """
    SELECT json_group_array(external_id) FROM json_each(?) AS k CROSS JOIN external_ids ON external_id = k.value"""

# A message that is cancelled had not been handed to the network. Each key is looked up by itself: left to choose,
# SQLite goes from the campaigns to their messages, and through all keys for each of those.
TAKEN_BACK = """
    SELECT o.external_id, o.id FROM json_each(?) AS k CROSS JOIN outbox AS o ON o.external_id = k.value
    CROSS JOIN campaigns AS c ON c.id = o.campaign
    WHERE o.state = 'cancelled' AND c.state = 'cancelled'"""


def known_keys(connection: sqlite3.Connection, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys (plan.key_of) that were ever used: one of a message that was deleted since is known too."""
    return frozenset(json.loads(connection.execute(KNOWN, (json.dumps(sorted(keys)),)).fetchone()[0]))


def taken_back(connection: sqlite3.Connection, known: Iterable[str]) -> dict[str, int]:
    """Of these keys those of messages that were cancelled with their whole campaign, and the messages' ids."""
    return dict(connection.execute(TAKEN_BACK, (json.dumps(list(known)),)).fetchall())
