"""The messages of earlier imports, which a new one is compared with: their keys, their numbers, what became of them.

They are written by plain SQL, without the triggers, in the shape in which the gateway leaves them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from scripts.benchmarks.archive import dropping_triggers

CAMPAIGNS = 20
DAYS = 300  # over which they lie
CACHE = "PRAGMA cache_size = -1048576"  # in KiB: their indexes are written in no order

CAMPAIGN = """
    INSERT INTO campaigns (key, name, state, created_at, changed_at, messages)
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :campaigns)
    SELECT 'past ' || n, 'Past ' || n, 'running', {at}, {at}, :size / :campaigns FROM n"""
# Each list went to all numbers, in an order of its own. Nine of ten arrived.
MESSAGE = """
    INSERT INTO outbox (recipient, body, category, external_id, state, msisdn, segments, carrier, attempts, created_at,
                        updated_at, taken_at, sent_at, delivered_at, due, rank, route, expires, campaign, list_row)
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < :size - 1)
    SELECT '+' || number, body, 'notification', 'import:' || lower(hex(randomblob(16))),
           CASE WHEN n % 10 THEN 'delivered' ELSE 'undelivered' END, '+' || number, 1, 'sim-1', 1, at,
           at, at, at, CASE WHEN n % 10 THEN at END, 1, 5, '', at, 1 + n * :campaigns / :size, 2 + n % :numbers
    FROM (SELECT n, :first + n * 7919 % :numbers AS number,
                 'Иван Образцович, ждём вас ' || n || ', врач Выдумкина, каб. 12' AS body,
                 strftime('%Y-%m-%dT%H:%M:%fZ', 'now', (-:days * 86400 * (1 - 1.0 * n / :size)) || ' seconds') AS at
          FROM n)"""
KEYS = "INSERT INTO external_ids SELECT external_id FROM outbox WHERE external_id IS NOT NULL ORDER BY external_id"
EVENTS = """
    INSERT INTO events (outbox_id, at, event, from_state, to_state, detail)
    SELECT id, created_at, event, from_state, event, carrier FROM outbox, (
        SELECT 'queued' AS event, NULL AS from_state UNION ALL SELECT 'sending', 'queued'
        UNION ALL SELECT 'sent', 'sending' UNION ALL SELECT 'delivered', 'sent')"""


def write(database: Path, size: int, first_number: int, numbers: int) -> None:
    """`size` messages to `numbers` numbers from the first one on; the newest are of today."""
    values = {"size": size, "campaigns": CAMPAIGNS, "days": DAYS, "first": first_number, "numbers": numbers}
    now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
    with closing(sqlite3.connect(database, isolation_level=None)) as connection, dropping_triggers(connection):
        connection.execute(CACHE)
        connection.execute(CAMPAIGN.format(at=now), values)
        for statement in (MESSAGE, KEYS, EVENTS):
            connection.execute(statement, values)
