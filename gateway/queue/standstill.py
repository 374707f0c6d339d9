"""Messages of a campaign that is stopped: set aside where a carrier would take them, and let go or taken back later.

The look costs nothing for a message of no campaign, and one look-up by a key for any other. A message that is found so
takes with it what else of its campaign is due, some hundred at a time: a hundred thousand that stand first in the queue
hold up nobody for long. `due` = 2 takes them out of the index of what is due; their state stays `queued`.

A message of which a part is out goes on: half a text helps nobody.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from gateway.queue import db, desk, progress, times

AT_ONCE = 300  # messages in one transaction: some milliseconds

# Its messages may go only while it is running. A number that no campaign has stops nothing.
IS_STOPPED = "SELECT state <> 'running' FROM campaigns WHERE id = :id"
_PART_OUT = """(attempts > 0 AND EXISTS (
        SELECT 1 FROM segments AS s WHERE s.outbox_id = o.id AND s.state IN ('sent', 'delivered', 'undelivered')))"""
SET_ASIDE = f"""
    UPDATE outbox SET due = 2 WHERE id IN (
        SELECT o.id FROM outbox AS o INDEXED BY outbox_campaign
        WHERE o.campaign = :campaign AND o.state = 'queued' AND o.due = 1 AND NOT {_PART_OUT}
        LIMIT :limit)"""
# Between the pause and this it may have been resumed: then nothing is to be done, and all stays as it is.
LET_GO = """
    UPDATE outbox SET due = 1 WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_campaign
        WHERE campaign = :campaign AND state = 'queued' AND due = 2 LIMIT :limit)"""
TAKE_BACK = f"""
    {desk.TAKE_BACK} WHERE id IN (
        SELECT o.id FROM outbox AS o INDEXED BY outbox_campaign
        WHERE o.campaign = :campaign AND o.state IN ('queued', 'held') AND NOT {_PART_OUT}
        LIMIT :limit)"""
WHAT_TO_DO = {"running": LET_GO, "cancelled": TAKE_BACK}
TO_DO = (
    "SELECT id, state FROM campaigns INDEXED BY campaigns_to_do WHERE to_do = 1 AND (:id IS NULL OR id = :id) LIMIT 1"
)
# One that came back from a carrier after all else of its campaign was cancelled.
STILL_TO_DO = "UPDATE campaigns SET to_do = 1 WHERE id = :campaign AND state = 'cancelled' AND to_do = 0"
DONE = "UPDATE campaigns SET to_do = 0 WHERE id = :campaign"


def set_aside(connection: sqlite3.Connection, campaign: object, message: int, attempts: int) -> int:
    """How many due messages of the campaign were set aside, this one among them; 0: it may go.

    In the caller's transaction.
    """
    if not is_stopped(connection, campaign) or (attempts and progress.is_part_out(connection, message)):
        return 0
    values = {"campaign": campaign, "limit": AT_ONCE}
    connection.execute(STILL_TO_DO, values)
    return connection.execute(SET_ASIDE, values).rowcount


def is_stopped(connection: sqlite3.Connection, campaign: object) -> bool:
    """Whether nothing of it may go out now."""
    if campaign is None:
        return False
    row = connection.execute(IS_STOPPED, {"id": campaign}).fetchone()
    return row is not None and bool(row[0])


def go_on(connection: sqlite3.Connection, now: datetime, campaign: int | None = None) -> int | None:
    """Let go or take back some messages of a campaign (of this one, if it is named) that was decided on; how many.

    None: there is nothing left to do.
    """
    if connection.execute(TO_DO, {"id": campaign}).fetchone() is None:
        return None
    with db.write(connection):
        found = connection.execute(TO_DO, {"id": campaign}).fetchone()
        if found is None:
            return None
        values = {"campaign": found[0], "limit": AT_ONCE, "now": times.to_text(now)}
        changed = connection.execute(WHAT_TO_DO[found[1]], values).rowcount
        if changed < AT_ONCE:
            connection.execute(DONE, values)
    return changed
