"""Where each SIM is: written down when something is new, and once more when it was not kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.carrier import CarrierStatus
from gateway.daemon import sightings
from gateway.daemon.sightings import Sightings
from gateway.queue import db, lines

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STATUS = CarrierStatus("ready", port="/dev/ttyUSB0", imei="350000000000006", line="8970199000000000017")


def test_what_was_rolled_back_is_written_at_a_later_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = db.open_database(tmp_path / "gateway.db", create=True)
    found = Sightings()
    connection.execute("BEGIN")
    found.note(connection, "sim-1", "modem", STATUS, NOW)
    connection.execute("ROLLBACK")
    found.note(connection, "sim-1", "modem", STATUS, NOW)
    assert not lines.known(connection)
    monkeypatch.setattr(sightings, "AGAIN_S", -1.0)  # later
    found.note(connection, "sim-1", "modem", STATUS, NOW)
    assert [each.carrier for each in lines.known(connection)] == ["sim-1"]
    connection.close()
