"""A worker over a bind: the real queue, the real carrier, and the fake SMSC on a socket."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway.carrier import Answer, Inbound, Incoming, Report, Submission
from gateway.plan.limits import Plan
from gateway.queue import db
from gateway.queue.adding import NewMessage, add
from gateway.queue.outbox import IntakeRules, Outbox
from gateway.queue.rules import SafetyRules
from gateway.smpp.carrier import SmppCarrier
from gateway.worker.leave import Leave
from gateway.worker.loop import Worker
from gateway.worker.sharing import Sharing
from tests.fake_smsc import Conduct, Smsc
from tests.smpp.live import settings_for

PATIENCE_S = 20.0
NO_LIMITS = SafetyRules(same_text_limit=0, daily_limit=0, backlog_limit=0)
BEGUN = "SELECT count(*) FROM segments WHERE state = 'begun' AND id IN (SELECT value FROM json_each(?))"
STORED = (
    "SELECT (SELECT count(*) FROM reports WHERE fingerprint = ?1) + (SELECT count(*) FROM parts WHERE fingerprint = ?1)"
)


class Witness(SmppCarrier):
    """The carrier itself, that looks into the database as others would when bytes leave or are acknowledged."""

    def __init__(self, *given: Any, database: Path, **named: Any) -> None:
        super().__init__(*given, **named)
        self.database = database
        self.not_begun = self.not_stored = 0
        self.most_in_the_air = 0
        self.groups: list[int] = []  # how many were handed over together

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        keys = [each.key for each in submissions]
        self.groups.append(len(keys))
        self.not_begun += len(keys) - self._count(BEGUN, f"{keys}")
        super().hand_over(submissions)
        self._look()

    def receive(self, wait_s: float) -> Sequence[Answer | Inbound]:
        came = super().receive(wait_s)
        self._look()
        return came

    def _look(self) -> None:
        self.most_in_the_air = max(self.most_in_the_air, self._sender.in_use)

    def acknowledge(self, inbound: Inbound) -> None:
        if isinstance(inbound, Report | Incoming):
            self.not_stored += 1 - self._count(STORED, inbound.fingerprint)
        super().acknowledge(inbound)

    def _count(self, query: str, value: str) -> int:
        with sqlite3.connect(self.database) as connection:
            return int(connection.execute(query, (value,)).fetchone()[0])


@dataclass
class Bound:
    """A database, an SMSC and a worker between them, which the test starts."""

    folder: Path
    smsc: Smsc
    rules: IntakeRules = field(default_factory=lambda: IntakeRules(safety=NO_LIMITS))
    plan: Plan = field(default_factory=Plan)
    window: int = 10
    enquire_s: float = 30.0
    sharing: Sharing | None = None

    def __post_init__(self) -> None:
        self.path = self.folder / "gateway.db"
        db.create_or_upgrade(self.path)
        self.connection = db.open_database(self.path)
        self.outbox = Outbox(self.connection, self.rules)
        self.worker: Worker | None = None

    @property
    def carrier(self) -> Witness:
        assert self.worker is not None
        assert isinstance(self.worker.carrier, Witness)
        return self.worker.carrier

    def add(self, *messages: NewMessage) -> list[int]:
        """Examined and due, as the dispatcher would have it; their ids."""
        now = datetime.now(UTC)
        last = add(self.connection, messages, now).last_id
        while self.outbox.intake(now) + self.outbox.ripen(now):
            pass
        if self.worker is not None:
            self.worker.wake()
        assert last is not None
        return list(range(last - len(messages) + 1, last + 1))

    def start(self) -> None:
        pace = {"window": self.window, "max_per_second": 10_000, "answer_timeout": 2.0, "enquire_every": self.enquire_s}
        settings = settings_for(self.smsc, self.folder, **pace)
        leave = Leave(self.plan, ZoneInfo("UTC"))
        carrier = Witness(settings, seed=1, database=self.path)
        self.worker = Worker(carrier, self.path, self.rules, leave=leave, sharing=self.sharing)
        self.worker.start()

    def stop(self) -> None:
        if self.worker is not None:
            self.worker.stop()
            assert self.worker.join(PATIENCE_S)
            self.worker = None

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait for it; what was put off becomes due meanwhile, and the worker is woken, as the dispatcher would."""
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            assert time.monotonic() < end, self.states()
            if self.outbox.ripen(datetime.now(UTC)) and self.worker is not None:
                self.worker.wake()
            time.sleep(0.01)

    def until_all(self, *states: str) -> None:
        """Until no message is in another state."""
        self.until(lambda: set(self.states()) <= set(states))

    def states(self) -> dict[str, int]:
        return dict(self.rows("SELECT state, count(*) FROM outbox GROUP BY state"))

    def rows(self, query: str, *values: object) -> list[Any]:
        return self.connection.execute(query, values).fetchall()

    def events(self, message: int) -> list[str]:
        return [event for (event,) in self.rows("SELECT event FROM events WHERE outbox_id = ? ORDER BY id", message)]


@contextmanager
def bound(folder: Path, conduct: Conduct | None = None, **changes: Any) -> Iterator[Bound]:
    """The worker is stopped in the end, and nothing was sent or acknowledged that was not written down."""
    with Smsc(conduct) as smsc:
        made = Bound(folder, smsc, **changes)
        try:
            yield made
            if made.worker is not None:
                assert (made.carrier.not_begun, made.carrier.not_stored) == (0, 0)
            assert smsc.complaints == []
        finally:
            made.stop()
            made.connection.close()


def number_of(n: int) -> str:
    return f"+7900{n:07d}"


def numbered(count: int, first: int = 0, body: str = "Message {n}", **more: Any) -> list[NewMessage]:
    """Each to a number of its own."""
    return [NewMessage(number_of(n), body.format(n=n), **more) for n in range(first, first + count)]
