"""A queue with one bind, whose SMSC answers and reports as the test says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.carrier import Accepted, Report, ReportStatus, Uncertain
from gateway.queue import db
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add_one

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LINE = "smpp:clinic@smsc:2775"
ANNA, BORIS = "+79000000001", "+79000000002"


class Desk:
    """A queue with a bind that answers as the test says."""

    def __init__(self, folder: Path) -> None:
        path = folder / "gateway.db"
        db.create_or_upgrade(path)
        self.connection = db.open_database(path)
        self.outbox = Outbox(self.connection, IntakeRules(uncertain_wait_s=3600))
        self.seen = 0

    def begin(self, number: str = ANNA, text: str = "Hello") -> int:
        """A message handed over; its segment."""
        add_one(self.connection, NewMessage(number, text), NOW)
        return self.hand_over()

    def hand_over(self, carrier: str = "operator", line: str = LINE, at: datetime = NOW) -> int:
        """The next segment goes out."""
        self.outbox.intake(at)
        self.outbox.ripen(at)
        submission = self.outbox.claim(carrier, line, at)
        assert submission is not None
        return submission.key

    def lose(self) -> int:
        """A message whose answer got lost; its segment."""
        key = self.begin()
        self.outbox.record(key, Uncertain("link_lost", "The link broke."), NOW)
        return key

    def send(self, message_id: str, number: str = ANNA) -> int:
        key = self.begin(number)
        self.outbox.record(key, Accepted(message_id), NOW)
        return key

    def report(
        self, message_id: str, *others: str, number: str | None = ANNA, status: str = "delivered", line: str = LINE,
        at: datetime | None = None,
    ) -> None:  # fmt: skip
        self.seen += 1
        report = Report(
            message_id, number, ReportStatus(status), f"smpp_{status}", at, at, f"print-{self.seen}",
            is_exact=True, other_forms=others,
        )  # fmt: skip
        self.outbox.store("operator", line, [report], NOW)

    @property
    def states(self) -> list[str]:
        return [state for (state,) in self.connection.execute("SELECT state FROM outbox ORDER BY id")]

    @property
    def waiting(self) -> int:
        """Forms under which a receipt without a segment is kept."""
        return int(self.connection.execute("SELECT count(DISTINCT report_id) FROM report_forms").fetchone()[0])
