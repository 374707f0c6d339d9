"""A message that is not wanted any more goes out no more: how it ends says what of it may be out already.

All of it runs inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime

from gateway.i18n import _
from gateway.queue import progress, retry, times
from gateway.queue.states import State

REJECT = """
    UPDATE outbox SET state = 'rejected', error_code = :code, error_text = :text, updated_at = :now
    WHERE id = :id AND state = 'queued'"""
# What of a held one may be out the trigger says (schema/0003_fleet.sql).
CANCEL = "UPDATE outbox SET state = 'cancelled', updated_at = :now WHERE id = :id AND state = 'held'"


def end(connection: sqlite3.Connection, message: int, state: str, code: str, text: str, now: datetime) -> None:
    """One that is queued or held. `code` and `text` say why it is not wanted.

    Of one that came back to the queue in the midst of its SMS, or after an SMS that got no answer, nothing more goes
    out either, be it half a message: whoever asked for no more gets no more.
    """
    if state == State.HELD:
        connection.execute(CANCEL, {"id": message, "now": times.to_text(now)})
    elif progress.is_part_out(connection, message):
        _fail(connection, message, "part_sent", " ".join((_("A part of it had gone out before."), text)), now)
    elif progress.is_unanswered(connection, message):
        unknown = retry.unknown(text)
        _fail(connection, message, unknown.code, unknown.text, now)
    else:
        connection.execute(REJECT, {"id": message, "code": code, "text": text, "now": times.to_text(now)})


def _fail(connection: sqlite3.Connection, message: int, code: str, text: str, now: datetime) -> None:
    progress.move(connection, message, State.QUEUED, State.SENDING, now)
    progress.move(connection, message, State.SENDING, State.FAILED, now, code, text)
