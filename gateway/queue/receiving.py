"""Incoming SMS: each part is stored once; the message goes to the inbox when it is whole, or after a limit as it is."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from gateway.carrier import Incoming
from gateway.queue import joining, opt_outs, times
from gateway.queue.joining import Part
from gateway.queue.rules import IntakeRules
from gateway.sms import number
from gateway.sms.message import Concatenation

SETS_AT_ONCE = 100

STORE_PART = """
    INSERT INTO parts (carrier, line, sender, text, reference, is_wide, total, number, is_damaged, sent_at, received_at,
                       fingerprint)
    VALUES (:carrier, :line, :sender, :text, :reference, :is_wide, :total, :number, :is_damaged, :sent_at, :now,
            :fingerprint)
    ON CONFLICT (line, fingerprint) DO NOTHING"""
LAST_ID = "SELECT last_insert_rowid()"
SAME_SET = """
    SELECT id, number, total, text, sent_at, is_damaged FROM parts
    WHERE line = :line AND sender = :sender AND reference IS :reference AND total = :total AND is_wide = :is_wide
      AND inbox_id IS NULL
    ORDER BY id"""
# A SIM may have gone into another modem between two parts: the set is one all the same, and names one of both carriers.
STALE_SETS = """
    SELECT min(carrier), line, sender, reference, total, is_wide FROM parts INDEXED BY parts_waiting_since
    WHERE inbox_id IS NULL AND received_at <= :before
    GROUP BY line, sender, reference, total, is_wide ORDER BY min(received_at) LIMIT :limit"""
OLDEST_PART = "SELECT min(received_at) FROM parts WHERE inbox_id IS NULL"
# It answers the newest message that went out to this number before.
REPLY_TO = """
    SELECT id FROM outbox WHERE msisdn = :sender AND sent_at IS NOT NULL AND sent_at <= :now
    ORDER BY id DESC LIMIT 1"""
TO_INBOX = """
    INSERT INTO inbox (sender, body, received_at, sent_at, carrier, complete, reply_to)
    VALUES (:sender, :body, :now, :sent_at, :carrier, :complete, :reply_to)"""
IN_INBOX = "UPDATE parts SET inbox_id = :inbox, text = NULL WHERE id = :part"

Values = dict[str, object]


def store(
    connection: sqlite3.Connection, rules: IntakeRules, carrier: str, line: str, incoming: Incoming, now: datetime
) -> None:
    """Keep one incoming SMS; one that was read before changes nothing."""
    values = _values(rules, carrier, line, incoming, now)
    if connection.execute(STORE_PART, values).rowcount == 0:
        return
    *earlier, new = _parts(connection, values)
    if any(_is_of_another(part, new) for part in earlier):
        _deliver(connection, rules, values, earlier, now)
        earlier = []
    if joining.is_whole([*earlier, new], new.total):
        _deliver(connection, rules, values, [*earlier, new], now)


def deliver_stale(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> int:
    """Deliver what has waited for its other parts too long; how many messages."""
    before = times.to_text(now - timedelta(seconds=rules.incomplete_after_s))
    sets = connection.execute(STALE_SETS, {"before": before, "limit": SETS_AT_ONCE}).fetchall()
    for row in sets:
        values: Values = dict(zip(("carrier", "line", "sender", "reference", "total", "is_wide"), row, strict=True))
        _deliver(connection, rules, values, _parts(connection, values), now)
    return len(sets)


def next_stale(connection: sqlite3.Connection, rules: IntakeRules) -> datetime | None:
    """When the oldest waiting part has waited too long."""
    oldest = times.optional_time(connection.execute(OLDEST_PART).fetchone()[0])
    return None if oldest is None else oldest + timedelta(seconds=rules.incomplete_after_s)


def _is_of_another(earlier: Part, new: Part) -> bool:
    """The sender's phone uses a reference anew: the same part of the same set, with another text."""
    return earlier.number == new.number and earlier.text != new.text


def _parts(connection: sqlite3.Connection, values: Values) -> list[Part]:
    """Those of the set that wait, in the order in which they came."""
    rows = connection.execute(SAME_SET, values).fetchall()
    return [
        Part(key, number, total, text, sent_at, bool(damaged)) for key, number, total, text, sent_at, damaged in rows
    ]


def _deliver(
    connection: sqlite3.Connection, rules: IntakeRules, values: Values, parts: list[Part], now: datetime
) -> None:
    """Into the inbox; the parts keep their fingerprints, and lose their texts. A STOP holds from this commit on."""
    joined = joining.join(parts)
    at = times.to_text(now)
    reply_to = connection.execute(REPLY_TO, {"sender": values["sender"], "now": at}).fetchone()
    row: Values = {
        "sender": values["sender"],
        "body": joined.body,
        "now": at,
        "sent_at": joined.sent_at,
        "carrier": values["carrier"],
        "complete": joined.is_complete,
        "reply_to": reply_to and reply_to[0],
    }
    connection.execute(TO_INBOX, row)
    inbox = connection.execute(LAST_ID).fetchone()[0]
    connection.executemany(IN_INBOX, [{"inbox": inbox, "part": part.key} for part in parts])
    if joined.is_complete:
        opt_outs.heed(connection, str(values["sender"]), joined.body, rules, now)


def _values(rules: IntakeRules, carrier: str, line: str, incoming: Incoming, now: datetime) -> Values:
    whole = Concatenation(reference=0, total=1, number=1)
    place = incoming.concatenation or whole
    return {
        "carrier": carrier,
        "line": line,
        "sender": sender_of(incoming.sender, rules),
        "text": incoming.text,
        "reference": place.reference if incoming.concatenation else None,
        "is_wide": place.is_wide,
        "total": place.total,
        "number": place.number,
        "is_damaged": incoming.is_damaged,
        "sent_at": times.optional_text(incoming.sent_at),
        "now": times.to_text(now),
        "fingerprint": incoming.fingerprint,
    }


def sender_of(sender: str, rules: IntakeRules) -> str:
    """E.164 where it is a number of this country; a name, a short code or anything else as the network writes it."""
    if not sender.removeprefix("+").isdigit() or sender.startswith("+"):
        return sender
    try:
        return number.parse(sender, rules.country, rules.short_codes).msisdn
    except number.NumberError:
        return sender
