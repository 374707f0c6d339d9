"""A queue to play with: one call per thing that happens, at a time that each test says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.carrier import (
    Accepted,
    Deferred,
    Inbound,
    Incoming,
    Outcome,
    Refused,
    Report,
    ReportStatus,
    Scope,
    Submission,
    Uncertain,
)
from gateway.queue import db
from gateway.queue.adding import NewMessage, add_one
from gateway.queue.outbox import Outbox
from gateway.queue.rules import IntakeRules, SafetyRules
from gateway.sms.message import Concatenation

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PHONE = "+79000001234"
OTHER_PHONE = "+79000005678"
LONG = "Уважаемая Анна Ивановна, напоминаем о приёме. " * 4  # 184 characters, 3 SMS
BUSY = Deferred("cms_332", "The network is busy.", Scope.NETWORK)
BROKEN = Deferred("cms_500", "The modem is out of order.", Scope.DEVICE)
NEVER = Refused("cms_1", "There is no such number.")
SILENT = Uncertain("no_answer", "The modem did not answer.")
NO_LIMITS = SafetyRules(same_text_limit=0, daily_limit=0, backlog_limit=0)  # tests repeat themselves on purpose
RULES = IntakeRules(country="RU", timezone="Europe/Moscow", carriers=("sim-1", "sim-2"), safety=NO_LIMITS)


def later(**spans: float) -> datetime:
    return NOW + timedelta(**spans)


def report(
    reference: str,
    status: ReportStatus = ReportStatus.DELIVERED,
    at: datetime | None = NOW,
    recipient: str | None = PHONE,
    fingerprint: str = "",
) -> Report:
    return Report(
        message_reference=reference,
        recipient=recipient,
        status=status,
        code="tp_st_0x00" if status is ReportStatus.DELIVERED else "tp_st_0x46",
        submitted_at=at,
        discharged_at=at,
        fingerprint=fingerprint or f"{reference} {status} {at} {recipient}",
    )


def part(
    number: int, total: int, text: str, reference: int = 7, sender: str = PHONE, is_wide: bool = False, again: str = ""
) -> Incoming:
    place = Concatenation(reference, total, number, is_wide)
    return Incoming(sender, text, NOW, place, f"{sender} {reference} {total} {number} {is_wide} {text} {again}")


@dataclass
class Clinic:
    """An open database; `reopened` is what a new start finds."""

    path: Path
    rules: IntakeRules = RULES
    connection: db.Connection = field(init=False)
    box: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.connection = db.open_database(self.path)
        self.box = Outbox(self.connection, self.rules)

    def reopened(self) -> Clinic:
        """The process has gone, whatever it had not committed is lost."""
        self.connection.close()
        return Clinic(self.path, self.rules)

    def add(self, body: str = "Ждём вас завтра", recipient: str = PHONE, now: datetime = NOW, **more: object) -> int:
        message = add_one(self.connection, NewMessage(recipient, body, **more), now)  # type: ignore[arg-type]
        self.box.intake(now)
        return message

    def claim(self, carrier: str = "sim-1", now: datetime = NOW) -> Submission | None:
        return self.box.claim(carrier, f"line of {carrier}", now)

    def begun(self, carrier: str = "sim-1", now: datetime = NOW) -> Submission:
        submission = self.claim(carrier, now)
        assert submission is not None
        return submission

    def record(self, submission: Submission, outcome: Outcome, now: datetime = NOW) -> Submission | None:
        return self.box.record(submission.key, outcome, now)

    def send(self, references: Sequence[str] = ("1",), carrier: str = "sim-1", now: datetime = NOW) -> None:
        """Claim one message and have every segment accepted, in this order of references."""
        submission: Submission | None = self.begun(carrier, now)
        for reference in references:
            assert submission is not None
            submission = self.record(submission, Accepted(reference), now)
        assert submission is None

    def store(self, *inbound: Inbound, carrier: str = "sim-1", now: datetime = NOW) -> None:
        self.box.store(carrier, f"line of {carrier}", inbound, now)

    def value(self, column: str, message: int = 1) -> object:
        return self.connection.execute(f"SELECT {column} FROM outbox WHERE id = ?", (message,)).fetchone()[0]

    def state(self, message: int = 1) -> object:
        return self.value("state", message)

    def segment_states(self, message: int = 1) -> list[str]:
        rows = self.connection.execute("SELECT state FROM segments WHERE outbox_id = ? ORDER BY number", (message,))
        return [state for (state,) in rows]

    def matched(self) -> list[int | None]:
        """The segment of each report, in the order in which they came."""
        rows = self.connection.execute("SELECT segment_id FROM reports ORDER BY id").fetchall()
        return [segment for (segment,) in rows]

    def events(self, message: int = 1) -> list[str]:
        rows = self.connection.execute("SELECT event FROM events WHERE outbox_id = ? ORDER BY id", (message,))
        return [event for (event,) in rows]

    def inbox(self) -> list[tuple[object, ...]]:
        return self.connection.execute("SELECT sender, body, complete, reply_to FROM inbox ORDER BY id").fetchall()
