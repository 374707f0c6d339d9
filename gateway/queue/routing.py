"""Which carrier a message rather goes over: the SIM that its recipient knows, else one that its prefix prefers.

Only a wish, for a while: `route` names the carrier, `wish_until` bounds the waiting. Then, or when that carrier can't
send or has failed with it, any carrier may take the message. What is urgent never waits for a better way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.plan.limits import URGENT_RANK
from gateway.queue import db, times
from gateway.queue.examining import Fit
from gateway.queue.rules import IntakeRules
from gateway.queue.spending import recipient_of

KNOWN_FOR = timedelta(days=180)  # a patient remembers the number that wrote last for about so long
AT_ONCE = 200  # rows freed per carrier and transaction

LINES = "SELECT name, line FROM carriers"
# Of a number with a thousand messages only the newest are looked at.
NEWEST = """
    SELECT id, carrier, sent_at FROM outbox INDEXED BY outbox_msisdn
    WHERE msisdn = :msisdn ORDER BY id DESC LIMIT 20"""
LINE_OF = "SELECT line FROM segments WHERE outbox_id = :id AND number = 1"

# Each carrier that is wished for, one look-up each.
WISHED = """
    WITH RECURSIVE wished (route) AS (
        SELECT min(route) FROM outbox INDEXED BY outbox_wish WHERE state = 'queued' AND wish_until IS NOT NULL
        UNION ALL
        SELECT (SELECT min(o.route) FROM outbox AS o INDEXED BY outbox_wish
                WHERE o.state = 'queued' AND o.wish_until IS NOT NULL AND o.route > wished.route)
        FROM wished WHERE wished.route IS NOT NULL)
    SELECT route FROM wished WHERE route IS NOT NULL"""
HAS_WISHES = """
    SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_wish WHERE state = 'queued' AND wish_until IS NOT NULL)"""
OVER = """
    SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_wish
                   WHERE state = 'queued' AND wish_until IS NOT NULL AND route = :route AND wish_until <= :until)"""
LOOSEN = """
    UPDATE outbox SET route = '', wish_until = NULL WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_wish
        WHERE state = 'queued' AND wish_until IS NOT NULL AND route = :route AND wish_until <= :until
        LIMIT :limit)"""


@dataclass(frozen=True, slots=True)
class Router:
    """The carriers as they are while some rows are examined."""

    rules: IntakeRules
    carriers: Mapping[str, str | None]  # by name: the line that it has now, if known
    names: Mapping[str, str]  # by line: the carrier that has it now

    @classmethod
    def of(cls, connection: sqlite3.Connection, rules: IntakeRules) -> Router:
        carriers = dict.fromkeys(rules.carriers) | dict(connection.execute(LINES).fetchall())
        return cls(rules, carriers, {line: name for name, line in reversed(carriers.items()) if line is not None})

    def wish(self, connection: sqlite3.Connection, fit: Fit, now: datetime) -> str:
        """The carrier that the message should wait for; '' for none."""
        if fit.route or fit.rank >= URGENT_RANK or len(self.carriers) < 2:
            return ""
        return self._known(connection, fit.msisdn, now - KNOWN_FOR) or preferred(
            fit.msisdn, self.rules.prefixes, self.carriers
        )

    def until(self, fit: Fit, now: datetime) -> datetime:
        """How long it waits: counted from when it may go."""
        return max(now, fit.not_before or now) + timedelta(seconds=self.rules.sticky_wait_s)

    def _known(self, connection: sqlite3.Connection, msisdn: str, since: datetime) -> str:
        """By the last of the messages to this number that went out."""
        newest = connection.execute(NEWEST, {"msisdn": msisdn}).fetchall()
        if not newest:
            return ""
        after = times.to_text(since)
        last = next(((message, name) for message, name, sent_at in newest if sent_at and sent_at >= after), None)
        return "" if last is None else self._carrier_of(connection, *last)

    def _carrier_of(self, connection: sqlite3.Connection, message: int, name: str | None) -> str:
        """The carrier that has its line now; the one that had it then, as long as nobody knows which it has now."""
        row = connection.execute(LINE_OF, {"id": message}).fetchone()
        now_with = self.names.get(row[0]) if row else None
        if now_with is not None:
            return now_with
        return name if name and name in self.carriers and self.carriers[name] is None else ""


def preferred(msisdn: str, prefixes: Mapping[str, Collection[str]], carriers: Collection[str]) -> str:
    """The carrier with the longest prefix of this number; of several always the same one for a number."""
    if not prefixes:
        return ""
    offers = ((prefix, name) for name in carriers for prefix in prefixes.get(name, ()))
    fitting = [(len(prefix), name) for prefix, name in offers if msisdn.startswith(prefix)]
    longest = max((length for length, _name in fitting), default=0)
    names = sorted({name for length, name in fitting if length == longest})
    return names[recipient_of(msisdn) % len(names)] if names else ""


def has_wishes(connection: sqlite3.Connection) -> bool:
    """Whether any message waits for the carrier that it would rather go over."""
    return bool(connection.execute(HAS_WISHES).fetchone()[0])


def loosen(connection: sqlite3.Connection, able: Collection[str], now: datetime) -> int:
    """Free those whose wish is over, or whose carrier can't send; how many. After a full batch there may be more."""
    freed = 0
    for (route,) in connection.execute(WISHED).fetchall():
        values = {"route": route, "until": times.to_text(now if route in able else times.LATEST), "limit": AT_ONCE}
        if connection.execute(OVER, values).fetchone()[0]:
            with db.write(connection):
                freed += connection.execute(LOOSEN, values).rowcount
    return freed
