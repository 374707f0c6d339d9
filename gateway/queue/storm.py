"""The storm breaker: what would go to one number too often is held for a person instead.

Looked at where a message is first taken, in the same transaction, so that many carriers at once let no more through;
what a loop has written by the thousand is held before (flood.py).
What was taken and came back, put off or refused, counts too: it may have reached the phone, and its SIM. What ended
after that without an SMS of it being out, or in doubt, does not. A message that a person has let go is not looked at
again.

An emergency must not be kept back because reminders have used up its number's day: for it only emergencies count. One
that goes out beyond the limit is an event, by which an alarm is raised; as many as the limit are a loop like any other,
and held. Everything else is held, codes too: a loop of codes, each another text, is what this limit is for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from gateway.i18n import ngettext
from gateway.queue import progress, times
from gateway.queue.rules import DAY_S, HOUR_S, SafetyRules, is_emergency
from gateway.queue.states import State

SAME_TEXT = "storm_same_text"
SAME_NUMBER = "storm_number"
PASSED = "past_limit"  # event: an emergency that went out all the same
MARK = "{id}"  # where the id of each message goes in its reason
AT_ONCE = 500  # messages held by one statement: some 10 ms
LOOK_BACK = 1000  # messages to one number: some milliseconds, and only where daily_limit is off

# Newest first. A clock that was ahead may have written times that are still to come; years ahead they mean nothing.
TAKEN = """
    SELECT taken_at, CAST(body AS TEXT), CAST(category AS TEXT) FROM outbox INDEXED BY outbox_taken
    WHERE msisdn = :msisdn AND taken_at > :since AND taken_at < :until
      AND (state NOT IN ('cancelled', 'expired') OR state = 'cancelled' AND error_code IN ('uncertain', 'part_sent'))
    ORDER BY taken_at DESC LIMIT :limit"""
# Those of several numbers to which at least so many messages were taken.
SUSPECTS = """
    SELECT value FROM json_each(:numbers) WHERE :least <= (
        SELECT count(*) FROM (
            SELECT 1 FROM outbox INDEXED BY outbox_taken
            WHERE msisdn = value AND taken_at > :since AND taken_at < :until LIMIT :least))"""
OF_MESSAGE = "SELECT CAST(body AS TEXT), CAST(category AS TEXT) FROM outbox WHERE id = :id"
# Those that a loop has written go with the first one: of the same text, or whatever they say.
WAITING = """
    SELECT id, CAST(category AS TEXT) FROM outbox INDEXED BY outbox_msisdn
    WHERE msisdn = :msisdn AND state = 'queued' AND due = 1 AND taken_at IS NULL AND released_at IS NULL
      AND (:body IS NULL OR CAST(body AS TEXT) = :body)
    LIMIT :limit"""
# `text` names each id.
HOLD = """
    UPDATE outbox SET state = 'held', error_code = :code, error_text = replace(:text, :mark, id), updated_at = :now,
                      shunned = NULL, next_attempt_at = NULL
    WHERE id IN (SELECT value FROM json_each(:ids)) AND state = 'queued'"""

Taken = tuple[str, str, str | None]  # taken_at, body, category


@dataclass(frozen=True, slots=True)
class Storm:
    """Why a message is held: outbox.error_code and error_text."""

    code: str
    text: str  # with MARK for the message's id
    body: str | None = field(default=None, repr=False)  # whose text it is; None: whatever it says
    is_let_out: bool = False  # an emergency: it goes out, and people hear of it
    spares_emergencies: bool = False  # others of the number that are held with it

    def words(self, message: int) -> str:
        """The reason of this message."""
        return self.text.replace(MARK, str(message))


def suspects(connection: sqlite3.Connection, safety: SafetyRules, numbers: Sequence[str], now: datetime) -> set[str]:
    """The numbers to which one more message may be one too many; `find` says whether it is."""
    limits = [limit for limit in (safety.same_text_limit, safety.daily_limit) if limit]
    if not limits or not numbers:
        return set()
    values = _span(safety, now) | {"numbers": json.dumps(numbers), "least": min(limits)}
    return {number for (number,) in connection.execute(SUSPECTS, values)}


def find(connection: sqlite3.Connection, safety: SafetyRules, message: int, msisdn: str, now: datetime) -> Storm | None:
    """Whether this message would be one too many for its number."""
    limits = [limit for limit in (safety.same_text_limit, safety.daily_limit) if limit]
    if not limits or msisdn in safety.exempt:
        return None
    taken = _taken(connection, safety, msisdn, now)
    if len(taken) < min(limits):
        return None
    body, category = connection.execute(OF_MESSAGE, {"id": message}).fetchone()
    return judge(safety, body, category, taken, now)


def stop(
    connection: sqlite3.Connection, safety: SafetyRules, message: int, msisdn: str, now: datetime, *, is_new: bool
) -> int:
    """Hold this message if it is one too many, with others of its storm; how many. An emergency that goes out beyond
    the limit is noted."""
    found = find(connection, safety, message, msisdn, now) if is_new else None
    if found is None:
        return 0
    if not found.is_let_out:
        return _hold(connection, found, message, msisdn, now)
    progress.note(connection, message, PASSED, found.words(message), now)
    return 0


def _hold(connection: sqlite3.Connection, found: Storm, message: int, msisdn: str, now: datetime) -> int:
    """This message, and what else is due of the same storm, some at a time; how many."""
    waiting = connection.execute(WAITING, {"body": found.body, "msisdn": msisdn, "limit": AT_ONCE})
    ids = [key for key, category in waiting if not (found.spares_emergencies and is_emergency(category))]
    values = {"code": found.code, "text": found.text, "mark": MARK, "now": times.to_text(now)}
    held = connection.execute(HOLD, values | {"ids": json.dumps(ids)}).rowcount
    if message not in ids:  # its text is none that can be compared, or it stands behind so many
        progress.move(connection, message, State.QUEUED, State.HELD, now, found.code, found.words(message))
        held += 1
    return held


def judge(safety: SafetyRules, body: str, category: str | None, taken: Sequence[Taken], now: datetime) -> Storm | None:
    """By what has been taken for this number, newest first."""
    since = times.to_text(now - timedelta(seconds=safety.same_text_window_s))
    same = sum(1 for at, text, _category in taken if at > since and same_text(text) == same_text(body))
    if safety.same_text_limit and same >= safety.same_text_limit:
        return Storm(SAME_TEXT, _same_text_words(same, safety), body)
    return _judge_day(safety, is_emergency(category), taken, times.to_text(now - timedelta(seconds=DAY_S)))


def _judge_day(safety: SafetyRules, is_urgent: bool, taken: Iterable[Taken], since: str) -> Storm | None:
    of_day = [is_emergency(category) for at, _text, category in taken if at > since]
    if not safety.daily_limit or len(of_day) < safety.daily_limit:
        return None
    if is_urgent and sum(of_day) < safety.daily_limit:
        return Storm(SAME_NUMBER, _passed_words(len(of_day)), is_let_out=True)
    return Storm(SAME_NUMBER, _same_number_words(len(of_day)), spares_emergencies=not is_urgent)


@lru_cache(maxsize=16)  # a storm says the same again and again
def same_text(text: str | None) -> str:
    """What makes two texts the same: their words, whatever the case and the space between."""
    return " ".join((text or "").split()).casefold()


def _taken(connection: sqlite3.Connection, safety: SafetyRules, msisdn: str, now: datetime) -> list[Taken]:
    values = _span(safety, now) | {"msisdn": msisdn, "limit": LOOK_BACK}
    return connection.execute(TAKEN, values).fetchall()


def _span(safety: SafetyRules, now: datetime) -> dict[str, object]:
    """In which messages that were taken count."""
    window_s = max(safety.same_text_window_s if safety.same_text_limit else 0.0, DAY_S if safety.daily_limit else 0.0)
    window = timedelta(seconds=window_s)
    return {"since": times.to_text(now - window), "until": times.to_text(now + window)}


def _same_text_words(count: int, safety: SafetyRules) -> str:
    sentence = ngettext(
        "This text went to this number {count} time within {hours} h, the limit is {limit}."
        " `smsgw outbox release {id}` lets it go, `smsgw outbox cancel {id}` takes it back.",
        "This text went to this number {count} times within {hours} h, the limit is {limit}."
        " `smsgw outbox release {id}` lets it go, `smsgw outbox cancel {id}` takes it back.",
        count,
    )
    hours = f"{safety.same_text_window_s / HOUR_S:g}"
    return sentence.format(count=count, hours=hours, limit=safety.same_text_limit, id=MARK)


def _same_number_words(count: int) -> str:
    sentence = ngettext(
        "{count} message went to this number within 24 h, more than is allowed."
        " `smsgw outbox release {id}` lets it go, `smsgw outbox cancel {id}` takes it back.",
        "{count} messages went to this number within 24 h, more than is allowed."
        " `smsgw outbox release {id}` lets it go, `smsgw outbox cancel {id}` takes it back.",
        count,
    )
    return sentence.format(count=count, id=MARK)


def _passed_words(count: int) -> str:
    sentence = ngettext(
        "{count} message had gone to this number within 24 h, as many as are allowed: an emergency goes all the same.",
        "{count} messages had gone to this number within 24 h, as many as are allowed: an emergency goes all the same.",
        count,
    )
    return sentence.format(count=count)
