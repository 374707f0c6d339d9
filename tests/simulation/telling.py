"""What became of one message, for whoever looks into a seed that failed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator

from tests.simulation.network import Network

MESSAGE = re.compile(r"(?:messages? \[?|of )(\d+)\b")
ROW = "SELECT * FROM outbox WHERE id = ?"
EVENTS = "SELECT at, event, from_state, to_state, detail FROM events WHERE outbox_id = ? ORDER BY id"
SEGMENTS = """
    SELECT id, number, total, reference, is_wide, state, carrier, message_reference, unanswered, attempts, begun_at
    FROM segments WHERE outbox_id = ? ORDER BY number"""
REPORTS = """
    SELECT received_at, r.message_reference, status, r.submitted_at, r.carrier FROM reports AS r
    JOIN segments AS s ON s.id = r.segment_id WHERE s.outbox_id = ? ORDER BY r.id"""
HIDDEN = frozenset({"body"})


def messages_in(lines: Iterable[str]) -> list[int]:
    """The messages that these lines are about."""
    return sorted({int(number) for line in lines for number in MESSAGE.findall(line)})


def tell(connection: sqlite3.Connection, network: Network, message: int) -> Iterator[str]:
    """Its row, events, segments and reports, and what really happened to each segment."""
    connection.row_factory = sqlite3.Row
    for row in connection.execute(ROW, (message,)):
        yield f"message {message}: " + _pairs(row)
    for row in connection.execute(EVENTS, (message,)):
        yield "  event   " + " ".join(str(value) for value in row if value is not None)
    for row in connection.execute(SEGMENTS, (message,)):
        yield "  segment " + _pairs(row)
        for tried in network.tries:
            if tried.key == row["id"]:
                yield (
                    f"    {tried.wall:%m-%d %H:%M:%S} over {tried.carrier}: accepted {tried.is_accepted}, told "
                    f"{tried.told}, arrived {tried.arrived_at}, report {tried.final_report}"
                )
    for row in connection.execute(REPORTS, (message,)):
        yield "  report  " + _pairs(row)
    connection.row_factory = None


def _pairs(row: sqlite3.Row) -> str:
    return " ".join(f"{key}={row[key]}" for key in list(row.keys()) if key not in HIDDEN and row[key] is not None)
