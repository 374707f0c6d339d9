"""Bad input: a clear line that says what to do, the right exit code, no traceback, and nothing lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.e2e.conftest import OpenClinic
from tests.e2e.installation import Installation

NUMBER = "+79000000001"
MODEM = {"name": "sim-1", "port": "/dev/does-not-exist"}


def check_one_clear_line(done: object, code: int, *words: str) -> None:
    """Exit code, no traceback, nothing on standard output, the words on standard error."""
    stderr = done.stderr  # type: ignore[attr-defined]
    assert done.returncode == code, stderr  # type: ignore[attr-defined]
    assert "Traceback" not in stderr
    for word in words:
        assert word.lower() in stderr.lower(), stderr


def test_a_missing_configuration_names_init(installation: Installation) -> None:
    check_one_clear_line(installation.smsgw("status"), 2, "gateway.toml", "smsgw init")


def test_every_mistake_of_a_broken_configuration_is_told_at_once(installation: Installation) -> None:
    installation.config.write_text(
        '[gateway]\ndatabse = "x"\ntimezone = "Mars/Base"\n[[modem]]\nname = "a"\nport = 5\n'
    )
    check_one_clear_line(installation.smsgw("run"), 2, "databse", "timezone", "port")


def test_a_missing_database_names_init(installation: Installation) -> None:
    installation.configure([MODEM])
    check_one_clear_line(installation.smsgw("send", NUMBER, "Hello"), 1, "smsgw init")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"\x00" * 100], ids=["empty", "broken", "zeros"])
def test_an_unreadable_workbook_is_named_and_queues_nothing(
    installation: Installation, tmp_path: Path, content: bytes
) -> None:
    installation.configure([MODEM])
    installation.create_database()
    (tmp_path / "list.xlsx").write_bytes(content)
    done = installation.smsgw("import", str(tmp_path / "list.xlsx"), "--template", "Hello", "--yes")
    check_one_clear_line(done, 1, "list.xlsx")
    assert installation.states() == {}


def test_an_unknown_column_is_named_with_the_ones_there_are(installation: Installation, tmp_path: Path) -> None:
    installation.configure([MODEM])
    installation.create_database()
    (tmp_path / "list.csv").write_text("Имя;Телефон\nАнна;8 900 000-00-01\n", encoding="utf-8")
    done = installation.smsgw("import", str(tmp_path / "list.csv"), "--template", "{Имя} {Отчество}", "--yes")
    check_one_clear_line(done, 2, "Отчество", "Имя")
    assert installation.states() == {}


def test_no_modem_is_said_and_the_message_waits(installation: Installation) -> None:
    installation.configure([MODEM])
    installation.start()
    message_id = installation.insert(NUMBER, "Hello")
    installation.wait_for(lambda: installation.row(message_id)["msisdn"], "the row is examined")
    installation.wait_for(
        lambda: "does-not-exist" in (installation.json("modems") or [{}])[0].get("detail", ""), "the reason"
    )
    assert installation.row(message_id)["state"] == "queued"
    assert installation.terminate() == 0


def test_a_wrong_pin_is_tried_once_and_never_again(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"pin": "1111"})
    bank.modems[0].lock("2222")
    for _start in range(2):
        clinic.start()
        clinic.wait_for(lambda: clinic.json("modems")[0]["state"] == "needs_pin", "the refused PIN is told")
        assert clinic.terminate() == 0
    assert sum("CPIN=" in command for command in bank.modems[0].commands) == 1
    assert "1111" not in clinic.log.read_text()


def test_a_second_daemon_says_so_and_exits(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic()
    clinic.start(modems_ready=1)
    check_one_clear_line(clinic.smsgw("run"), 1, "another daemon")
    assert clinic.json("status")["running"] is True


def test_a_newer_schema_is_refused_and_left_alone(installation: Installation) -> None:
    installation.configure([MODEM])
    installation.create_database()
    message_id = installation.insert(NUMBER, "Hello")
    connection = sqlite3.connect(installation.database)
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    check_one_clear_line(installation.smsgw("run"), 1, "newer")
    assert installation.row(message_id)["state"] == "queued"


def test_a_file_that_is_no_database_is_said(installation: Installation) -> None:
    installation.configure([MODEM])
    installation.database.write_bytes(b"This is no database. " * 100)
    check_one_clear_line(installation.smsgw("send", NUMBER, "Hello"), 1, "gateway.db")


def test_a_database_that_another_program_keeps_locked_is_said(installation: Installation) -> None:
    installation.configure([MODEM])
    installation.create_database()
    other = sqlite3.connect(installation.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        check_one_clear_line(installation.smsgw("send", NUMBER, "Hello"), 1, "another program", "database")
    finally:
        other.close()


def test_the_daemon_outlives_a_lock_of_another_program(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    clinic.start(modems_ready=1)
    other = sqlite3.connect(clinic.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO outbox (recipient, body) VALUES (?, 'Hello')", (NUMBER,))
    clinic.wait_for(
        lambda: "database" in clinic.log.read_text() and "locked" in clinic.log.read_text(), "the lock is told"
    )
    other.execute("COMMIT")
    other.close()
    clinic.wait_for(lambda: clinic.states() == {"delivered": 1}, "delivered after all")
    assert bank.phones[NUMBER] == ["Hello"]
