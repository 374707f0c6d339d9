"""Following one message to its final state, each change told on standard error."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

from gateway.cli.show import read_at, say
from gateway.i18n import _
from gateway.queue import db, views
from gateway.queue.states import FINAL, State
from gateway.retelling import retold

if TYPE_CHECKING:
    from gateway.settings import Settings

LOOK_EVERY_S = 0.05  # reading data_version costs microseconds; the tables are read only when another process wrote
WELL = ("sent", "delivered")
ENDS = (*FINAL, State.HELD)  # a held one waits for a person, and perhaps for ever


def to_the_end(connection: sqlite3.Connection, message_id: int, limit_s: float, settings: Settings) -> dict[str, Any]:
    """The message's row when it is final or held, or as it is after `limit_s`."""
    deadline = time.monotonic() + limit_s
    last = 0
    while True:
        version = db.data_version(connection)
        row = views.message(connection, message_id)
        assert row is not None  # an unfinished message can't be deleted
        last = _tell_changes(connection, message_id, last, settings)  # after the row: what led to its state is there
        if row["state"] in ENDS or time.monotonic() >= deadline:
            return row
        _wait_for_commit(connection, version, deadline)


def told(row: dict[str, Any], limit_s: float) -> int:
    """Say how it ended; the exit code."""
    if row["state"] not in ENDS:
        sentence = _("After {limit:g} s message {id} is {state}; the gateway goes on with it.")
        say(sentence.format(limit=limit_s, id=row["id"], state=row["state"]))
    elif row["error_text"]:
        reason = retold(row["error_text"])
        say(_("Message {id} is {state}: {reason}").format(id=row["id"], state=row["state"], reason=reason))
    return 0 if row["state"] in WELL else 1


def _tell_changes(connection: sqlite3.Connection, message_id: int, last: int, settings: Settings) -> int:
    """Say each change of state after event `last`; the newest event's id."""
    events = [event for event in views.events_of(connection, message_id) if int(str(event["id"])) > last]
    for event in events:
        if event["to_state"]:
            say(f"{read_at(event['at'], settings)}  {event['to_state']}  {event['detail'] or ''}".rstrip())
    return int(str(events[-1]["id"])) if events else last


def _wait_for_commit(connection: sqlite3.Connection, version: int, deadline: float) -> None:
    """Until another process has committed or the time is up."""
    while db.data_version(connection) == version and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
