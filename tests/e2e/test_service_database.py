"""The real daemon and its database: which it takes for its own, how it upgrades one and lets it be copied."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from gateway.queue import db
from tests.e2e.conftest import OpenClinic
from tests.e2e.installation import Installation


def test_a_database_that_vanished_is_not_replaced_at_a_start_by_hand_either(installation: Installation) -> None:
    installation.configure([])
    installation.start()
    assert installation.terminate() == 0
    installation.database.unlink()
    assert installation.smsgw("run").returncode == 1
    assert not installation.database.exists()


def test_an_older_database_put_back_by_hand_is_recognised_and_its_queue_held(installation: Installation) -> None:
    installation.configure([{"name": "sim-1", "port": "/dev/none"}])
    installation.create_database()
    waiting = installation.insert("+79000000001", "Ждём вас")
    older = installation.folder / "by-hand.db"
    with closing(sqlite3.connect(installation.database)) as source, closing(sqlite3.connect(older)) as target:
        source.backup(target)
    installation.start()
    installation.smsgw("outbox", "cancel", str(waiting))
    last = installation.insert("+79000000002", "Ждём вас")
    installation.wait_for(lambda: installation.row(last)["msisdn"], "it was examined")
    assert installation.terminate() == 0
    for end in ("-wal", "-shm"):
        installation.database.with_name(installation.database.name + end).unlink(missing_ok=True)
    shutil.copyfile(older, installation.database)
    written_since = installation.insert("+79000000003", "Ждём вас")
    installation.start()
    installation.wait_for_state(waiting, "held")
    assert installation.row(waiting)["error_code"] == "restored"
    assert installation.row(written_since)["state"] == "queued"
    assert installation.insert("+79000000004", "Ждём вас") > last


def test_the_same_database_started_again_holds_nothing(installation: Installation) -> None:
    installation.configure([{"name": "sim-1", "port": "/dev/none"}])
    installation.start()
    waiting = installation.insert("+79000000001", "Ждём вас")
    installation.wait_for(lambda: installation.row(waiting)["msisdn"], "it was examined")
    installation.kill()
    installation.start()
    assert installation.row(waiting)["state"] == "queued"


def test_a_backup_of_a_gateway_at_work_is_whole_and_hinders_nothing(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic(2, bank={"radio_s": 0.01})
    clinic.start(modems_ready=2)
    messages = [clinic.insert(f"+7900000{number:04}", f"Ждём вас, {number}") for number in range(60)]
    for copy in ("1.db", "2.db"):
        done = clinic.smsgw("backup", str(clinic.folder / copy))
        assert done.returncode == 0, done.stderr
    for message in messages:
        clinic.wait_for_state(message, "sent", "delivered")
    checked = clinic.smsgw("db", "check")
    assert checked.returncode == 0, checked.stdout
    assert "database_not_writable" not in clinic.log.read_text()
    with closing(sqlite3.connect(clinic.folder / "2.db")) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (60,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_database_of_an_older_version_is_upgraded_at_the_start_after_a_copy(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.configure([{"name": "sim-1", "port": "/dev/none"}])
    steps = db._steps()
    with monkeypatch.context() as patch:
        patch.setattr(db, "_steps", lambda: steps[:-1])
        db.create_or_upgrade(installation.database)
    waiting = installation.insert("+79000000001", "Ждём вас")
    installation.start()
    installation.wait_for(lambda: installation.row(waiting)["msisdn"], "it was examined")
    (copied,) = installation.folder.glob("gateway.db.schema-*")
    assert '"database_upgraded"' in installation.log.read_text()
    assert installation.row(waiting)["state"] == "queued"
    with closing(sqlite3.connect(copied)) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
