"""What a person decides about a message: cancel, retry, release, settle. Each says why when it can't be done."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from gateway import forms
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import db, progress, statements, times
from gateway.queue.rules import DEFAULT_CATEGORY, Category, IntakeRules
from gateway.queue.states import State

FIND = "SELECT state, CAST(category AS TEXT), expires_at, expires, msisdn FROM outbox WHERE id = :id"
IS_TAKEN_BACK = """
    SELECT EXISTS (SELECT 1 FROM outbox AS o JOIN campaigns AS c ON c.id = o.campaign
                   WHERE o.id = :id AND c.state = 'cancelled')"""
# Whichever they are: clearing.py does the same to many at once.
TAKE_BACK = """
    UPDATE outbox SET state = 'cancelled', updated_at = :now, error_code = NULL, error_text = NULL,
                      next_attempt_at = NULL"""
# One that was never examined is examined now; the others are due at once, or at their time.
LET_GO = """
    UPDATE outbox SET state = 'queued', updated_at = :now, error_code = NULL, error_text = NULL,
                      due = CASE WHEN rank IS NULL THEN NULL ELSE 0 END,
                      next_attempt_at = COALESCE(next_attempt_at, :now)"""
CANCEL = f"{TAKE_BACK} WHERE id = :id AND state IN ('queued', 'held')"
RELEASE = f"{LET_GO} WHERE id = :id AND state = 'held'"
RETRY = """
    UPDATE outbox SET state = 'queued', retries = retries + 1, updated_at = :now, error_code = NULL,
                      error_text = NULL, due = 1, next_attempt_at = NULL, shunned = NULL, expires = :expires,
                      route = CASE WHEN :is_part_out THEN carrier ELSE route END,
                      wish_until = CASE WHEN NOT :is_part_out THEN wish_until END
    WHERE id = :id AND state = 'failed'"""
SETTLE = "UPDATE segments SET state = :state WHERE outbox_id = :id AND state = 'uncertain'"


def cancel(connection: sqlite3.Connection, message_id: int, now: datetime) -> None:
    """Take back a message that waits."""
    with db.write(connection):
        state, *_rest = _find(connection, message_id)
        if state not in (State.QUEUED, State.HELD):
            raise _refusal(message_id, state, _("only a queued or held message can be cancelled"))
        connection.execute(CANCEL, {"id": message_id, "now": times.to_text(now)})


def release(connection: sqlite3.Connection, message_id: int, now: datetime) -> None:
    """Let a held message go."""
    with db.write(connection):
        state, *_rest = _find(connection, message_id)
        if state != State.HELD:
            raise _refusal(message_id, state, _("only a held message can be released"))
        connection.execute(RELEASE, {"id": message_id, "now": times.to_text(now)})


def retry(connection: sqlite3.Connection, message_id: int, now: datetime, rules: IntakeRules) -> None:
    """Queue a failed message anew. SMS that the network has accepted stay out; the others begin afresh."""
    with db.write(connection):
        state, name, expires_at, expires, msisdn = _find(connection, message_id)
        if state != State.FAILED:
            raise _refusal(message_id, state, _("only a failed message can be tried again"))
        if msisdn is None:
            raise GatewayError(_("Message {id} is not tried again: its number was removed.").format(id=message_id))
        if connection.execute(IS_TAKEN_BACK, {"id": message_id}).fetchone()[0]:
            raise GatewayError(_("Message {id} is not tried again: its campaign is cancelled.").format(id=message_id))
        category = rules.category(name) or rules.categories[DEFAULT_CATEGORY]
        values: dict[str, object] = {
            "id": message_id,
            "now": times.to_text(now),
            "expires": _new_expiry(message_id, category, expires_at, expires, now, rules.zone),
            "is_part_out": progress.is_part_out(connection, message_id),
        }
        connection.execute(statements.SEGMENTS_ANEW, values)
        connection.execute(RETRY, values)
        progress.note(connection, message_id, "retry", _("queued anew by a person"), now)


def settle(connection: sqlite3.Connection, message_id: int, verdict: Literal["sent", "failed"], now: datetime) -> None:
    """Decide an uncertain message: its SMS went out (the message goes on with the next one), or it did not."""
    if verdict not in ("sent", "failed"):
        raise GatewayError(_("A message is settled as sent or as failed."))
    with db.write(connection):
        state, *_rest = _find(connection, message_id)
        if state != State.UNCERTAIN:
            raise _refusal(message_id, state, _("only an uncertain message can be settled"))
        connection.execute(SETTLE, {"id": message_id, "state": verdict})
        progress.note(connection, message_id, "settled", verdict, now)
        if verdict == "sent":
            progress.advance(connection, message_id, now)
            return
        text = _("A person decided that it was not sent.")
        progress.move(connection, message_id, State.UNCERTAIN, State.FAILED, now, "settled", text)


def _find(
    connection: sqlite3.Connection, message_id: int
) -> tuple[State, str | None, str | None, str | None, str | None]:
    row = connection.execute(FIND, {"id": message_id}).fetchone()
    if row is None:
        raise GatewayError(_("There is no message {id}.").format(id=message_id))
    return State(row[0]), *row[1:]


def _new_expiry(
    message_id: int, category: Category, asked: str | None, expires: str | None, now: datetime, zone: tzinfo
) -> str:
    """A writer's own expiry stands; a category's begins anew."""
    if not asked:
        return times.to_text(now + timedelta(seconds=category.expires_after_s))
    if expires is None or expires <= times.to_text(now):
        reason = _("Message {id} is not tried again: it was not to be sent later than {time}.")
        told = forms.moment(times.from_text(expires), zone) if expires else asked
        raise GatewayError(reason.format(id=message_id, time=told))
    return expires


def _refusal(message_id: int, state: State, reason: str) -> GatewayError:
    sentence = _("Message {id} is {state}: {reason}.")
    return GatewayError(sentence.format(id=message_id, state=state.value, reason=reason))
