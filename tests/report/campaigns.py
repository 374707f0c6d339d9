"""Campaigns made by the command itself, with outcomes as the daemon would write them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.queue import db, times
from tests.cli.conftest import Gateway
from tests.merge.lists import TEMPLATE

NAME = "Приём"
WAYS = {
    "delivered": ("sending", "sent", "delivered"),
    "undelivered": ("sending", "sent", "undelivered"),
    "sent": ("sending", "sent"),
    "uncertain": ("sending", "uncertain"),
    "sending": ("sending",),
    "failed": ("sending", "failed"),
    "held": ("held",),
    "rejected": ("rejected",),
    "expired": ("expired",),
    "cancelled": ("cancelled",),
    "queued": (),
}


@dataclass(frozen=True)
class Outcome:
    """What became of a message, and when: minutes after the first hour."""

    state: str
    minute: int = 0
    carrier: str = "sim-1"
    reason: str | None = None
    code: str | None = None
    reply: str | None = None


MORNING = datetime(2030, 12, 1, 6, 0, tzinfo=UTC)  # 09:00 in Moscow


def imported(gateway: Gateway, path: Path, *options: str, name: str = NAME, template: str = TEMPLATE) -> None:
    """The list is queued, and the messages are examined as the daemon does."""
    result = gateway.run("import", str(path), "--template", template, "--name", name, "--yes", *options)
    assert result.exit_code == 0, result.output
    gateway.execute("UPDATE outbox SET msisdn = recipient, segments = 1 WHERE msisdn IS NULL")


def settle(gateway: Gateway, outcomes: Iterable[Outcome], name: str = NAME) -> None:
    """The campaign's messages in their order, each to its outcome by the legal moves."""
    with closing(db.open_database(gateway.database)) as connection:
        wanted = "SELECT o.id FROM outbox AS o JOIN campaigns AS c ON c.id = o.campaign WHERE c.name = ? ORDER BY o.id"
        ids = [row[0] for row in connection.execute(wanted, (name,))]
        with db.write(connection):
            for message, outcome in zip(ids, outcomes, strict=False):
                _settle(connection, message, outcome)


def _settle(connection: Any, message: int, outcome: Outcome) -> None:
    sent = MORNING + timedelta(minutes=outcome.minute)
    at, done = times.to_text(sent), times.to_text(sent + timedelta(seconds=7))
    for state in WAYS[outcome.state]:
        connection.execute("UPDATE outbox SET state = ?, updated_at = ? WHERE id = ?", (state, at, message))
        if state == "sent":
            values = (at, outcome.carrier, message)
            connection.execute("UPDATE outbox SET sent_at = ?, carrier = ? WHERE id = ?", values)
        if state == "delivered":
            connection.execute("UPDATE outbox SET delivered_at = ? WHERE id = ?", (done, message))
    words = (outcome.code, outcome.reason, message)
    connection.execute("UPDATE outbox SET error_code = ?, error_text = ? WHERE id = ?", words)
    if outcome.reply is not None:
        connection.execute(
            "INSERT INTO inbox (sender, body, received_at, carrier, complete, reply_to)"
            " SELECT msisdn, ?, ?, 'sim-1', 1, id FROM outbox WHERE id = ?",
            (outcome.reply, done, message),
        )


def report(gateway: Gateway, target: Path, *options: str, name: str = NAME) -> str:
    """Made; what was said."""
    result = gateway.run("campaign", "report", name, "--to", str(target), *options)
    assert result.exit_code == 0, result.output
    return result.stderr
