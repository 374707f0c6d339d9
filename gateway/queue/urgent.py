"""Whether something urgent is just being examined: a carrier that takes many at a time leaves it a place."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from gateway.plan.limits import URGENT_RANK
from gateway.queue.statements import WEIGHT

# Two look-ups. Where urgent messages are due the carrier takes these, and nobody waits behind what weighs less.
IS_COMING = f"""
    SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_new
                   WHERE state = 'queued' AND due IS NULL AND {WEIGHT} >= :urgent)
       AND NOT EXISTS (SELECT 1 FROM json_each(:routes) AS k CROSS JOIN outbox AS o INDEXED BY outbox_due
                       ON o.state = 'queued' AND o.due = 1 AND o.route = k.value AND o.rank >= :urgent)"""
ANYBODY = ""  # the route of what every carrier may take


def is_coming(connection: sqlite3.Connection, carrier: str, ways: Iterable[str]) -> bool:
    """Nobody has examined it yet, so nobody knows whether this carrier may take it; and no urgent one is due for it."""
    values = {"urgent": URGENT_RANK, "routes": json.dumps([ANYBODY, carrier, *ways])}
    return bool(connection.execute(IS_COMING, values).fetchone()[0])
