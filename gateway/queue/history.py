"""What became of earlier messages to the numbers of a list: for a person to know before the next ones are queued.

Each number costs one look-up by the index of numbers, for each of the last messages to it that matter. What nobody has
examined yet is not in that index: it is read once, whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

from gateway import forms
from gateway.i18n import _
from gateway.queue import times
from gateway.queue.states import State
from gateway.retelling import retold

RECENT = "recently_written"
WAITING = "waiting_elsewhere"
FAILED = "failed_before"
LOOKED = 5  # messages to one number, the newest first
KEPT = 512  # findings: a list of a hundred thousand has some dozens, over and over

CAMPAIGN = "iif(typeof(campaign) = 'integer', campaign, NULL)"  # what other programs wrote there is none of ours
# Why it went wrong, in the words that the message bears, else by their code.
WHY = """iif(state IN ('failed', 'undelivered'), CAST(coalesce(error_text, error_code) AS TEXT), NULL)"""
# What ends the look at a number went well, and before that time: nothing follows from it, nor from what is older.
MATTERS = "(state NOT IN ('sending', 'uncertain', 'sent', 'delivered') OR created_at >= :since)"
# The numbers come in the order of the index, which alone says which message is the newest to each; the messages are
# then read in the order in which they lie, each page of the file once (without a LIMIT, even none, SQLite leaves such
# an ORDER BY out). Nearly all of a list cost one message each, of which nothing is handed over. The others come as one
# JSON array: handing over each row by itself costs more than finding it.
NEWEST = f"""
    WITH newest (number, id) AS MATERIALIZED (
        SELECT value, (SELECT id FROM outbox INDEXED BY outbox_msisdn WHERE msisdn = value ORDER BY id DESC LIMIT 1)
        FROM json_each(:numbers) ORDER BY 2 LIMIT -1)
    SELECT json_group_array(json_array(number, id, {CAMPAIGN}, state, created_at, {WHY}))
    FROM newest CROSS JOIN outbox USING (id) WHERE {MATTERS}"""
# The same of the next one before a message, for pairs of a number and that message's id.
BEFORE = f"""
    WITH asked (number, later) AS (
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:asked)),
    newest (number, id) AS MATERIALIZED (
        SELECT number, (SELECT id FROM outbox INDEXED BY outbox_msisdn
                        WHERE msisdn = number AND id < later ORDER BY id DESC LIMIT 1)
        FROM asked ORDER BY 2 LIMIT -1)
    SELECT json_group_array(json_array(number, id, {CAMPAIGN}, state, created_at, {WHY}))
    FROM newest CROSS JOIN outbox USING (id) WHERE {MATTERS}"""
UNEXAMINED = """
    SELECT recipient, campaign FROM outbox INDEXED BY outbox_new
    WHERE state = 'queued' AND due IS NULL AND campaign IS NOT NULL"""
NAMES = "SELECT id, name FROM campaigns"

TO_GO = frozenset({State.QUEUED, State.HELD})
NEVER_WENT = frozenset({State.CANCELLED, State.EXPIRED, State.REJECTED})
NOT_GONE = TO_GO | NEVER_WENT
WENT_WRONG = frozenset({State.FAILED, State.UNDELIVERED})

Row = tuple[object, str, str, str | None]  # campaign, state, created_at, why it went wrong
Found = dict[str, list[Row]]  # by number, the newest first


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be known of a number; never with the number itself."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """How far back, and how people are told."""

    since: datetime
    zone: tzinfo


def look(
    connection: sqlite3.Connection, numbers: Collection[str], asked: Asked, found: Found | None = None
) -> dict[str, tuple[Finding, ...]]:
    """Of those that there is something to be known of; the numbers are in E.164 form.

    `found`: what `last` gave for them, where that is known already.
    """
    names = {int(id): str(name) for id, name in connection.execute(NAMES)}
    found = last(connection, numbers, asked) if found is None else dict(found)
    unexamined = connection.execute(UNEXAMINED).fetchall()
    wanted = set(numbers) if unexamined else set()
    for number, campaign in unexamined:
        if number in wanted:
            found[number] = [(campaign, State.QUEUED.value, "", None), *found.get(number, ())]
    since = times.to_text(asked.since)
    findings = ((number, tuple(_findings(rows, names, since, asked.zone))) for number, rows in found.items())
    return {number: some for number, some in findings if some}


def last(connection: sqlite3.Connection, numbers: Iterable[str], asked: Asked) -> Found:
    """The messages to each number, as far as the first that says all that there is to be said of what is older."""
    since = times.to_text(asked.since)
    found: Found = {}
    portion = _rows(connection, NEWEST, {"numbers": json.dumps(sorted(set(numbers))), "since": since})
    for _round in range(LOOKED - 1):
        further = _noted(found, portion, since)
        if not further:
            return found
        portion = _rows(connection, BEFORE, {"asked": json.dumps(sorted(further)), "since": since})
    _noted(found, portion, since)
    return found


def _rows(connection: sqlite3.Connection, statement: str, values: dict[str, str]) -> list[list[Any]]:
    rows: list[list[Any]] = json.loads(connection.execute(statement, values).fetchone()[0])
    return rows


def _noted(found: Found, portion: Iterable[list[Any]], since: str) -> list[tuple[str, int]]:
    """Of which numbers an older message is to be known, and the id before which it stands."""
    further = []
    for number, id, *row in portion:
        campaign, state, created_at, why = row
        found.setdefault(number, []).append((campaign, state, created_at, why))
        if state in NOT_GONE or created_at >= since:
            further.append((number, id))
    return further


def _findings(rows: Collection[Row], names: dict[int, str], since: str, zone: tzinfo) -> Iterator[Finding]:
    """At most one of each kind, of the newest message that it is about."""
    of_campaigns = [row for row in rows if row[0] in names]
    for row in of_campaigns:
        if row[1] in TO_GO:
            yield _waiting(_name(row, names))
            break
    for row in of_campaigns:
        if row[2] >= since and row[1] not in NOT_GONE:
            yield _recent(_name(row, names), _day(row, zone))
            break
    for row in rows:
        if row[1] not in NOT_GONE:
            if row[1] in WENT_WRONG:
                yield _failed(_day(row, zone), row[3] or row[1])
            break


def _name(row: Row, names: dict[int, str]) -> str:
    return names[row[0]] if isinstance(row[0], int) else ""


def _day(row: Row, zone: tzinfo) -> date:
    return times.from_text(row[2]).astimezone(zone).date()


@lru_cache(KEPT)
def _waiting(name: str) -> Finding:
    sentence = _("Campaign “{name}” has a message to this number that still waits.")
    return Finding(WAITING, sentence.format(name=name))


@lru_cache(KEPT)
def _recent(name: str, day: date) -> Finding:
    sentence = _("Campaign “{name}” wrote to this number on {day}.")
    return Finding(RECENT, sentence.format(name=name, day=forms.day(day)))


@lru_cache(KEPT)
def _failed(day: date, why: str) -> Finding:
    """`why` is a sentence, or where nobody wrote one a code."""
    if " " in why:
        sentence = _("The last message to this number, on {day}, did not arrive. {reason}")
        return Finding(FAILED, sentence.format(day=forms.day(day), reason=retold(why)))
    sentence = _("The last message to this number, on {day}, did not arrive: {code}.")
    return Finding(FAILED, sentence.format(day=forms.day(day), code=why))
