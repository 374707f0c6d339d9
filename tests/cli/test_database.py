"""`smsgw backup` and `smsgw db`: what a person does with the database as a whole."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.daemon.lock import hold
from gateway.queue import db
from gateway.queue.outbox import Outbox
from gateway.queue.rules import IntakeRules
from tests.cli.conftest import Gateway


def test_a_backup_says_where_it_is_and_what_it_holds(gateway: Gateway, tmp_path: Path) -> None:
    gateway.insert()
    done = gateway.run("backup", str(tmp_path / "copy.db"))
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "copy.db: 1 message," in done.stderr


def test_a_backup_replaces_no_file_unless_it_is_told_to(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("precious")
    refused = gateway.run("backup", str(tmp_path / "copy.db"))
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    assert (tmp_path / "copy.db").read_text() == "precious"
    assert gateway.run("backup", "--force", str(tmp_path / "copy.db")).exit_code == 0


def test_a_backup_does_not_go_to_standard_output(gateway: Gateway) -> None:
    assert gateway.run("backup", "-").exit_code == 2


def test_a_good_database_passes_every_check(gateway: Gateway) -> None:
    gateway.insert()
    done = gateway.run("db", "check")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["ok", "ok", "ok"]
    assert [finding["check"] for finding in gateway.json("db", "check")] == ["integrity", "schema", "messages"]


def test_what_is_wrong_is_named_with_what_to_do(gateway: Gateway) -> None:
    gateway.insert()
    with closing(sqlite3.connect(gateway.database)) as connection, connection:
        connection.execute("DROP TRIGGER outbox_state_legal")
        connection.execute("UPDATE outbox SET state = 'delivered'")
    done = gateway.run("db", "check", "--json")
    ill = {finding["check"]: finding for finding in json.loads(done.stdout) if not finding["ok"]}
    assert done.exit_code == 1
    assert set(ill) == {"schema", "no_segments", "last_event"}
    assert "outbox_state_legal" in ill["schema"]["finding"]
    assert "1" in ill["no_segments"]["finding"]
    assert all(finding["remedy"] for finding in ill.values())


def test_a_column_that_another_program_added_is_no_reason_for_a_backup(gateway: Gateway) -> None:
    gateway.execute("ALTER TABLE outbox ADD COLUMN mis_visit TEXT")
    assert gateway.run("db", "check").exit_code == 0
    (schema,) = [finding for finding in gateway.json("db", "check") if finding["check"] == "schema"]
    assert "outbox.mis_visit" in schema["finding"]
    assert "table of its own" in schema["remedy"]


def test_wherever_the_file_is_damaged_it_is_told_with_what_to_do_and_nothing_is_said_of_rows(gateway: Gateway) -> None:
    """Whatever page is spoilt; rows of a damaged file prove nothing about what was sent."""
    for number in range(40):
        gateway.insert(body=f"{number} " + "x" * 400)
    with closing(sqlite3.connect(gateway.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        whole = gateway.database.read_bytes()
    told = [_check_with_a_spoilt_page(gateway, whole, page) for page in range(2, pages, 7)]
    assert len([found for found in told if found]) > len(told) // 2  # pages without content prove nothing
    for found in told:
        assert {(finding["check"], "restore" in finding["remedy"]) for finding in found} <= {("integrity", True)}


def _check_with_a_spoilt_page(gateway: Gateway, whole: bytes, page: int) -> list[dict[str, str]]:
    """What is ill."""
    size = 4096
    gateway.database.write_bytes(whole[: page * size] + bytes(range(250)) * 16 + whole[page * size + 4000 :])
    done = gateway.run("db", "check", "--json")
    ill = [finding for finding in json.loads(done.stdout) if not finding["ok"]]
    assert done.exit_code == (1 if ill else 0), done.stderr
    return ill


def test_checking_asks_for_no_quiet(gateway: Gateway) -> None:
    with hold(gateway.database), closing(sqlite3.connect(gateway.database, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert gateway.run("db", "check").exit_code == 0


def test_a_restored_queue_waits_for_a_person(gateway: Gateway, tmp_path: Path) -> None:
    gateway.insert()
    gateway.run("backup", str(tmp_path / "copy.db"))
    gateway.insert("+79000000002")
    done = gateway.run("db", "restore", str(tmp_path / "copy.db"))
    assert done.exit_code == 0, done.stderr
    assert "1 message is held" in done.stderr
    assert "Carriers are paused as they were then" in done.stderr
    assert [(row["state"], row["error_code"]) for row in gateway.json("outbox", "list")] == [("held", "restored")]
    assert gateway.run("outbox", "release", "1").exit_code == 0
    assert [row["state"] for row in gateway.json("outbox", "list")] == ["queued"]


def test_what_was_in_the_air_when_the_copy_was_made_is_told_with_what_decides_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.insert()
    with closing(db.open_database(gateway.database)) as connection:
        box = Outbox(connection, IntakeRules())
        box.intake(datetime.now(UTC))
        assert box.claim("sim-1", "line", datetime.now(UTC)) is not None
    gateway.run("backup", str(tmp_path / "copy.db"))
    said = " ".join(gateway.run("db", "restore", str(tmp_path / "copy.db")).stderr.split())
    assert "0 messages are held, 1 stay uncertain" in said
    assert "`smsgw outbox list --state uncertain`; then `smsgw outbox settle`" in said


def test_a_restore_says_what_waited_and_is_in_no_queue_any_more(gateway: Gateway, tmp_path: Path) -> None:
    gateway.insert()
    gateway.run("backup", str(tmp_path / "copy.db"))
    gateway.insert("+79000000002")
    gateway.run("outbox", "cancel", str(gateway.insert("+79000000003")))
    done = gateway.run("db", "restore", str(tmp_path / "copy.db"))
    (aside,) = tmp_path.glob("gateway.db.before-restore.*")
    assert "1 message that still waited was written after the backup was made" in done.stderr
    assert str(aside) in " ".join(done.stderr.split("after the backup was made")[1].split())
    again = gateway.run("db", "restore", str(tmp_path / "copy.db"))
    assert "still waited" not in again.stderr


def test_what_was_there_before_a_restore_is_kept_whole(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("backup", str(tmp_path / "copy.db"))
    gateway.insert()
    assert gateway.run("db", "restore", str(tmp_path / "copy.db")).exit_code == 0
    (aside,) = tmp_path.glob("gateway.db.before-restore.*")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    assert gateway.count() == 0


def test_a_database_that_is_gone_or_damaged_can_be_restored(gateway: Gateway, tmp_path: Path) -> None:
    gateway.insert()
    gateway.run("backup", str(tmp_path / "copy.db"))
    for spoil in (gateway.database.unlink, lambda: gateway.database.write_bytes(b"\0" * 40_000)):
        spoil()
        assert gateway.run("db", "restore", str(tmp_path / "copy.db")).exit_code == 0
        assert gateway.count() == 1


def test_the_restored_database_has_the_rights_of_the_one_before(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("backup", str(tmp_path / "copy.db"))
    gateway.database.chmod(0o660)
    gateway.run("db", "restore", str(tmp_path / "copy.db"))
    assert gateway.database.stat().st_mode & 0o777 == 0o660


def no_file(folder: Path) -> Path:
    return folder / "none.db"


def no_database(folder: Path) -> Path:
    (folder / "text.db").write_text("not a database" * 100)
    return folder / "text.db"


def anothers(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / "other.db")) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    return folder / "other.db"


def newer(folder: Path) -> Path:
    db.create_or_upgrade(folder / "newer.db")
    with closing(sqlite3.connect(folder / "newer.db")) as connection:
        connection.execute(f"PRAGMA user_version = {db.schema_version() + 1}")
    return folder / "newer.db"


def itself(folder: Path) -> Path:
    return folder / "gateway.db"


@pytest.mark.parametrize("make", [no_file, no_database, anothers, newer, itself])
def test_what_is_no_backup_is_not_put_in_place(gateway: Gateway, tmp_path: Path, make: object) -> None:
    gateway.insert()
    done = gateway.run("db", "restore", str(make(tmp_path)))  # type: ignore[operator]
    assert done.exit_code == 1
    assert "Traceback" not in done.stderr
    assert gateway.count() == 1
    assert not list(tmp_path.glob("*before-restore*"))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("arguments", [("db", "restore", "copy.db"), ("db", "upgrade"), ("init",)])
def test_a_running_daemon_keeps_its_database_and_the_person_is_told_how_to_stop_it(
    older: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert older.run("backup", "copy.db").exit_code == 0
    with hold(older.database):
        before = files(tmp_path)
        done = older.run(*arguments)
        assert (done.exit_code, done.stdout) == (1, "")
        assert "systemctl stop smsgw" in done.stderr.splitlines()[-1]
        assert files(tmp_path) == before


@pytest.fixture
def older(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """Its database is of the schema before this one."""
    gateway.database.unlink()
    steps = db._steps()
    with monkeypatch.context() as patch:
        patch.setattr(db, "_steps", lambda: steps[:-1])
        db.create_or_upgrade(gateway.database)
    return gateway


def test_an_older_database_is_upgraded_after_a_copy(older: Gateway) -> None:
    done = older.run("db", "upgrade")
    assert done.exit_code == 0
    assert "is kept as" in done.stderr
    assert list(older.database.parent.glob("gateway.db.schema-*"))
    assert "of this version" in older.run("db", "upgrade").stderr


def test_init_says_that_it_upgrades_an_older_database(older: Gateway) -> None:
    done = older.run("init")
    assert "is kept as" in done.stderr
    assert "The database is upgraded from schema" in done.stderr
    assert "upgraded" not in older.run("init").stderr


def test_upgrading_creates_nothing(gateway: Gateway) -> None:
    gateway.database.unlink()
    assert gateway.run("db", "upgrade").exit_code == 1
    assert not gateway.database.exists()
