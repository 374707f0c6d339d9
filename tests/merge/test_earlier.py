"""What an earlier import has queued is asked by the keys of a list, however many messages its campaign had."""

from __future__ import annotations

from pathlib import Path

from gateway.merge import earlier
from gateway.queue import db


def test_messages_that_were_taken_back_are_looked_up_by_their_keys(tmp_path: Path) -> None:
    """Campaigns first would mean all keys for each message: minutes for a long list that was cancelled."""
    db.create_or_upgrade(tmp_path / "gateway.db")
    connection = db.open_database(tmp_path / "gateway.db")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {earlier.TAKEN_BACK}", ("[]",))]
    connection.close()
    assert [step.split()[:2] for step in plan] == [["SCAN", "k"], ["SEARCH", "o"], ["SEARCH", "c"]]
    assert "external_id=?" in plan[1]
