"""From when on an outage is counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.daemon.gatekeeper import Gatekeeper
from gateway.queue import backlog, db, heartbeat
from gateway.queue.outbox import IntakeRules
from gateway.worker.gate import Gate

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LOOK = timedelta(seconds=0.1)


def test_the_first_moment_in_service_is_kept_at_once_and_the_next_ones_are_left_to_the_beats(tmp_path: Path) -> None:
    """Else the heap that is written after a daemon's first seconds would all be sent hours later."""
    carriers: list[str] = []
    connection = db.open_database(tmp_path / "gateway.db", create=True)
    heartbeat.start(connection, 1, NOW)
    keeper = Gatekeeper(Gate(), lambda: bool(carriers))
    keeper.begin(connection, NOW, 0.0)

    def look(number: int) -> None:
        keeper.look(connection, IntakeRules(), NOW + number * LOOK, number * 0.1, is_all_examined=True)

    look(0)
    look(1)
    assert backlog.able_at(connection) is None
    carriers.append("sim-1")
    for number in range(2, 9):
        look(number)
    assert backlog.able_at(connection) == NOW + 2 * LOOK
    connection.close()
