"""What waits for a contact who has withdrawn: messages of campaigns to contacts, which go out no more from then on.

Only those are known to be for this person. A message of a list, or of another program, is for a number, which may be a
family's: about that an answer of STOP decides (queue/opt_outs.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime

from gateway.contacts import consents
from gateway.contacts.consents import Said
from gateway.queue import db, opt_outs, taking_back, withdrawals
from gateway.queue.rules import IntakeRules, category_name
from gateway.queue.withdrawals import WITHDRAWN

# A campaign that came from no file is one to contacts: its rows are their ids.
WAITING = """
    SELECT o.id, o.state, CAST(o.category AS TEXT) FROM campaigns AS c
    CROSS JOIN outbox AS o INDEXED BY outbox_campaign ON o.campaign = c.id AND o.state IN ('queued', 'held')
    WHERE c.file = '' AND o.list_row IN (SELECT value FROM json_each(:persons))"""


def note(connection: sqlite3.Connection, person: int, said: Said, rules: IntakeRules, now: datetime) -> int:
    """What a contact has said, and what follows from it, in one commit; how many messages were taken back."""
    with db.write(connection):
        consents.note(connection, [person], said, now)
        return enforce(connection, [person], said.category, rules, now)


def enforce(
    connection: sqlite3.Connection, persons: Collection[int], category: str, rules: IntakeRules, now: datetime
) -> int:
    """In the caller's transaction, after it was noted; how many messages of the category were taken back."""
    if not persons or category not in opt_outs.heeding(rules):
        return 0
    out = list(withdrawals.said_no(connection, category).intersection(persons))
    waiting = connection.execute(WAITING, {"persons": json.dumps(out)}).fetchall() if out else []
    found = [(message, state) for message, state, written in waiting if category_name(written) == category]
    for message, state in found:
        taking_back.end(connection, message, state, *WITHDRAWN, now)
    return len(found)
