"""What became of a campaign, read for its report: each message with the first reply to it, as the database has it now.

A reply belongs to the newest message that its number had got before (receiving.py): nothing in an SMS says which text
it answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# The campaign's own index finds the messages; the replies are read once, those that came since it began.
MESSAGES = """
    WITH replies AS MATERIALIZED (
        SELECT reply_to AS id, min(id) AS first_id FROM inbox INDEXED BY inbox_received
        WHERE received_at >= (SELECT created_at FROM campaigns WHERE id = :campaign) AND reply_to IS NOT NULL
        GROUP BY reply_to)
    SELECT o.list_row, o.id, CAST(COALESCE(o.msisdn, o.recipient) AS TEXT), o.segments, o.state, o.error_code,
           CAST(o.error_text AS TEXT), o.carrier, o.sent_at, o.delivered_at, i.body, i.received_at
    FROM outbox AS o INDEXED BY outbox_campaign
    LEFT JOIN replies AS r ON r.id = o.id LEFT JOIN inbox AS i ON i.id = r.first_id
    WHERE o.campaign = :campaign AND o.list_row IS NOT NULL
    ORDER BY o.list_row, o.id"""
TEXTS = """
    SELECT id, CAST(body AS TEXT) FROM outbox INDEXED BY outbox_campaign
    WHERE campaign = :campaign AND body IS NOT NULL"""
OPERATORS = "SELECT name, operator FROM carriers WHERE trim(operator) <> ''"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a campaign; times as text, in UTC."""

    row: int  # the list's own number
    id: int
    number: str | None = field(repr=False)  # as it was sent to; as it was written before that; None: removed
    sms: int | None  # None: not examined yet
    state: str
    code: str | None
    reason: str | None = field(repr=False)
    carrier: str | None
    sent_at: str | None
    delivered_at: str | None
    reply: str | None = field(repr=False)
    replied_at: str | None


def messages(connection: sqlite3.Connection, campaign: int) -> list[Message]:
    """By the rows of the list, then in the order in which they were queued."""
    return [Message(*row) for row in connection.execute(MESSAGES, {"campaign": campaign})]


def texts(connection: sqlite3.Connection, campaign: int) -> Iterator[tuple[int, str]]:
    """The id and the text of each message that has its text still."""
    yield from connection.execute(TEXTS, {"campaign": campaign})


def operators(connection: sqlite3.Connection) -> Mapping[str, str]:
    """Carrier -> the operator that its SIM is with now."""
    return dict(connection.execute(OPERATORS).fetchall())
