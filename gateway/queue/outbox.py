"""The outbox: adding messages, and the daemon's side of it, `Outbox`.

Each thread has its own connection and its own Outbox. A crash between any two calls loses nothing: what each call has
committed is enough for the next start to go on (recovery.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import groupby
from typing import cast

from gateway.carrier import Inbound, Incoming, LateAnswer, Outcome, Report, Submission
from gateway.queue import (
    claiming,
    db,
    deliveries,
    housekeeping,
    intake,
    outcomes,
    receiving,
    recording,
    recovery,
    reporting,
    routing,
    sending,
    statements,
    times,
    urgent,
    ways,
)
from gateway.queue import singly as one_by_one
from gateway.queue.adding import AddResult, NewMessage, add, add_one
from gateway.queue.asked import Asked
from gateway.queue.flood import Flood
from gateway.queue.fresh import Fresh
from gateway.queue.recovery import Recovery
from gateway.queue.rules import CATEGORIES, Category, IntakeRules
from gateway.queue.turns import Turns
from gateway.routing import Opening

__all__ = [
    "CATEGORIES",
    "AddResult",
    "Category",
    "IntakeRules",
    "NewMessage",
    "Outbox",
    "Recovery",
    "add",
    "add_one",
]


class Outbox:
    """The queue as the daemon uses it, over one thread's connection. Every `now` is an aware time."""

    def __init__(self, connection: sqlite3.Connection, rules: IntakeRules) -> None:
        self._connection = connection
        self._rules = rules
        self._flood = Flood(rules.safety)
        self._fresh = Fresh()

    def write(self) -> AbstractContextManager[None]:
        """Several calls in one commit."""
        return db.write(self._connection)

    @property
    def turns(self) -> Turns:
        """Of all that write to this database file in this process."""
        return db.turns_of(self._connection)

    def intake(self, now: datetime, limit: int = 500) -> int:
        """Examine up to `limit` rows that nobody has examined; how many there were."""
        return intake.intake(self._connection, self._rules, self._flood, now, limit, self._fresh)

    def ripen(self, now: datetime) -> int:
        """Make rows due whose time has come, some at a time; how many. Call it until it says 0."""
        return intake.ripen(self._connection, now)

    def has_work(self, now: datetime, carrier: str | None = None, openings: Sequence[Opening] = ()) -> bool:
        """Whether something is to be examined, made due or claimed (by this carrier, if one is named)."""
        values = {"now": times.to_text(now), "carrier": carrier}
        if self._connection.execute(statements.HAS_WORK, values).fetchone():
            return True
        found = ways.Seeker(carrier or "", now).rows(self._connection, openings)
        return next(iter(found), None) is not None

    def claim(
        self,
        carrier: str,
        line: str,
        now: datetime,
        *,
        room: int | None = None,
        least_rank: int = 0,
        least_shared: int = 0,
        openings: Sequence[Opening] = (),
        singly: bool = False,
    ) -> Submission | None:
        """The first due message for this carrier is its; its next segment is begun. None when nothing is due.

        `room`: the SMS left before a limit, a message that needs more waits; `least_rank`: what weighs less waits;
        `least_shared`: the same for messages that any carrier may take; `openings`: of those that some may take;
        `singly`: after a row has refused, see alone.py.
        """
        asked = Asked(carrier, line, room, least_rank, least_shared, openings, singly)
        return sending.claim(self._connection, self._rules, asked, now)

    def claim_some(
        self,
        carrier: str,
        line: str,
        now: datetime,
        most: int,
        *,
        room: int | None = None,
        least_rank: int = 0,
        least_shared: int = 0,
        openings: Sequence[Opening] = (),
        singly: bool = False,
    ) -> list[Submission]:
        """As up to `most` calls of `claim`; fewer when no more are due."""
        asked = Asked(carrier, line, room, least_rank, least_shared, openings, singly)
        return claiming.claim(self._connection, self._rules, asked, now, most)

    def is_urgent_coming(self, carrier: str, openings: Sequence[Opening]) -> bool:
        """Whether something urgent is about to be due, and nothing urgent is for this carrier."""
        return urgent.is_coming(self._connection, carrier, [each.way for each in openings])

    def has_wishes(self) -> bool:
        """Whether there is anything to loosen, now or later."""
        return routing.has_wishes(self._connection)

    def loosen(self, able: Collection[str], now: datetime) -> int:
        """Free messages that wait too long for a carrier, or for one that can't send; how many, some at a time."""
        return routing.loosen(self._connection, able, now)

    def record(self, key: int, outcome: Outcome, now: datetime, *, go_on: bool = True) -> Submission | None:
        """Store what the carrier answered; the next segment of the same message, begun, or None.

        Without `go_on` the rest of a long message waits in the queue for this carrier.
        """
        return recording.record(self._connection, self._rules, key, outcome, now, go_on=go_on)

    def record_all(
        self, answers: Sequence[tuple[int, Outcome]], now: datetime, *, go_on: bool = True, singly: bool = False
    ) -> list[Submission]:
        """As `record`, for all of these; the segments that are begun. `singly`: after a row has refused."""
        record = one_by_one.record if singly else outcomes.record
        return record(self._connection, self._rules, answers, now, go_on=go_on)

    def store(
        self, carrier: str, line: str, inbound: Sequence[Inbound], now: datetime, *, singly: bool = False
    ) -> Sequence[Inbound]:
        """Keep what came in, matched or not; what may be acknowledged when this returns: all, unless a row refuses."""
        with self.write():
            if singly:

                def write(item: Inbound) -> None:
                    self._store(carrier, line, [item], now)

                return one_by_one.store(self._connection, carrier, line, inbound, write, now)
            self._store(carrier, line, inbound, now)
        return inbound

    def tick(self, now: datetime) -> None:
        """What time alone brings: expiry, the end of silence, incomplete incoming messages."""
        housekeeping.tick(self._connection, self._rules, now)

    def recover(self, now: datetime) -> Recovery:
        """Put right what the last daemon left in the air; once, before any carrier starts."""
        return recovery.recover(self._connection, self._rules, now)

    def next_due(self, now: datetime) -> datetime | None:
        """The next moment at which time alone changes something; not before `now`."""
        moment = housekeeping.next_due(self._connection, self._rules)
        return None if moment is None else max(moment, now)

    def _store(self, carrier: str, line: str, inbound: Sequence[Inbound], now: datetime) -> None:
        for is_receipt, items in groupby(inbound, _is_receipt):
            if is_receipt:
                deliveries.store(self._connection, carrier, line, cast("list[Report]", list(items)), now)
            else:
                for item in items:
                    self._store_one(carrier, line, item, now)

    def _store_one(self, carrier: str, line: str, item: Inbound, now: datetime) -> None:
        match item:
            case Report():
                reporting.store(self._connection, carrier, line, item, now)
            case Incoming():
                receiving.store(self._connection, self._rules, carrier, line, item, now)
            case LateAnswer():
                recording.late(self._connection, carrier, line, item, now)


def _is_receipt(item: Inbound) -> bool:
    """Whether an id says which SMS it is about."""
    return isinstance(item, Report) and item.is_exact
