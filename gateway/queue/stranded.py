"""Messages for a carrier that is no longer there: by the writer's wish (`sender`), or since a part of them is out.

One whose SIM has another carrier now follows the SIM. One of which nothing is out is held, and may go over any other
that its route allows once a person lets it; an emergency goes so at once. The rest of a part-sent one waits for its
SIM until it expires: a phone joins only what came from one number.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from gateway.i18n import _
from gateway.queue import db, progress, times, ways
from gateway.queue.rules import IntakeRules, category_name
from gateway.routing import ANY, Facts, is_several

CODE = "carrier_gone"
EMERGENCY_RANK = 9
AT_ONCE = 200  # messages in one transaction
LONGEST = timedelta(days=31)  # nothing waits longer for its rest

STRANDED = """
    SELECT id, rank, msisdn, segments, CAST(category AS TEXT) FROM outbox INDEXED BY outbox_due
    WHERE state = 'queued' AND due = 1 AND route = :route AND wish_until IS NULL AND error_code IS NOT :code
    LIMIT :limit"""
FREE = "UPDATE outbox SET route = :way WHERE id = :id AND state = 'queued'"
HOLD = """
    UPDATE outbox SET state = 'held', route = :way, error_code = :code, error_text = :text, updated_at = :now
    WHERE id = :id AND state = 'queued'"""
SAY = "UPDATE outbox SET error_code = :code, error_text = :text, updated_at = :now WHERE id = :id AND state = 'queued'"
FOLLOW = """
    UPDATE outbox SET route = :carrier, error_code = NULL, error_text = NULL
    WHERE state = 'queued' AND route <> :carrier AND (:only IS NULL OR route = :only) AND id IN (
        SELECT g.outbox_id FROM spent AS s JOIN segments AS g ON g.id = s.segment_id
        WHERE s.line = :line AND s.at >= :since AND g.state IN ('sent', 'delivered', 'undelivered'))
    RETURNING id"""


def settle(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> int:
    """See to the messages for any other than the carriers that there are; how many there were."""
    routes = [route for (route,) in connection.execute(ways.ROUTES).fetchall()]
    gone = [route for route in routes if not is_several(route) and route not in rules.carriers]
    count = 0
    for route in gone:
        with db.write(connection):
            values = {"route": route, "code": CODE, "limit": AT_ONCE}
            found = connection.execute(STRANDED, values).fetchall()
            for message, rank, msisdn, segments, category in found:
                way = rules.way(Facts(msisdn, category_name(category), "", segments))
                _settle(connection, message, rank, route, way or ANY, now)
            count += len(found)
    return count


def follow(
    connection: sqlite3.Connection, line: str, carrier: str, now: datetime, only: str | None = None
) -> list[int]:
    """The SIM is another carrier's now: what it has sent in part goes on there. In the caller's transaction.

    `only`: no more than what was pinned to this carrier; an account may have other binds, which keep theirs.
    """
    values = {"line": line, "carrier": carrier, "only": only, "since": times.to_text(now - LONGEST)}
    messages = [message for (message,) in connection.execute(FOLLOW, values).fetchall()]
    detail = _("It goes on over {carrier}, which has its SIM or account now.").format(carrier=carrier)
    for message in messages:
        progress.note(connection, message, "follows", detail, now)
    return messages


def _settle(connection: sqlite3.Connection, message: int, rank: int, route: str, way: str, now: datetime) -> None:
    values: dict[str, object] = {"id": message, "code": CODE, "way": way, "now": times.to_text(now)}
    if progress.is_part_out(connection, message):
        sentence = _(
            "A part of it is out over {carrier}, which is gone: it goes on when that SIM is back;"
            " `smsgw outbox cancel {id}` ends it."
        )
        connection.execute(SAY, values | {"text": sentence.format(carrier=route, id=message)})
    elif rank >= EMERGENCY_RANK:
        connection.execute(FREE, values)
        sentence = _("Its carrier {carrier} is gone; an emergency goes over any.")
        progress.note(connection, message, "freed", sentence.format(carrier=route), now)
    else:
        sentence = _(
            "It was to go over {carrier}, which is gone: `smsgw outbox release {id}` lets it go over any other."
        )
        connection.execute(HOLD, values | {"text": sentence.format(carrier=route, id=message)})
