"""Who has refused since a backup was made is not written to when it is put back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.carrier import Incoming
from gateway.queue import db, opt_outs, receiving, refusals, restored, restoring
from gateway.queue.outbox import Outbox
from gateway.queue.rules import IntakeRules
from tests.cli.conftest import Gateway
from tests.contacts.test_sending import left_out

ANNA, BORIS = "+79000000001", "+79000000002"  # contacts 1 and 2; Вера, 3, has Анна's number too
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MARKETING = ("--category", "marketing")
RULES = IntakeRules()
AGREED = ("--given", "marketing", "--source", "анкета", "--date", "2026-02-01")
BY_PHONE = ("--withdrawn", "marketing", "--source", "по телефону")


@pytest.fixture
def backed_up(stocked: Gateway, tmp_path: Path) -> Gateway:
    """Everybody has agreed, an offer for Анна waits; then the backup is made."""
    for key in ("104-22", "104-23", "104-24"):
        assert stocked.run("contacts", "consent", key, *AGREED).exit_code == 0
    insert(stocked, ANNA, "marketing")
    insert(stocked, ANNA, "notification")
    assert stocked.run("backup", str(tmp_path / "copy.db")).exit_code == 0
    return stocked


def insert(gateway: Gateway, recipient: str, category: str) -> None:
    statement = "INSERT INTO outbox (recipient, body, category) VALUES (?, 'Осмотр', ?)"
    with closing(db.open_database(gateway.database)) as connection:
        connection.execute(statement, (recipient, category))
        Outbox(connection, RULES).intake(datetime.now(UTC))


def answer(gateway: Gateway, msisdn: str, text: str) -> None:
    now = datetime.now(UTC)
    with closing(db.open_database(gateway.database)) as connection:
        receiving.store(connection, RULES, "sim-1", "line", Incoming(msisdn, text, now, None, f"{text} {now}"), now)


def restore(gateway: Gateway, folder: Path) -> str:
    done = gateway.run("db", "restore", str(folder / "copy.db"))
    assert done.exit_code == 0, done.stderr
    return " ".join(done.stderr.split())


def test_a_stop_that_came_since_holds_and_what_waits_for_the_number_ends(backed_up: Gateway, tmp_path: Path) -> None:
    answer(backed_up, ANNA, "СТОП")
    ((last,),) = backed_up.execute("SELECT max(id) FROM events")
    said = restore(backed_up, tmp_path)
    assert backed_up.execute(f"SELECT to_state FROM events WHERE id > {last} AND to_state IS NOT NULL") == [
        ("rejected",),
        ("held",),
    ], "who follows the events hears of both"
    assert "3 wishes for no more messages, told after the backup was made, are kept." in said, (
        "number, and two contacts"
    )
    assert backed_up.execute("SELECT category, state, error_code FROM outbox ORDER BY id") == [
        ("marketing", "rejected", "opted_out"),
        ("notification", "held", "restored"),
    ]
    insert(backed_up, ANNA, "marketing")
    assert backed_up.execute("SELECT state FROM outbox ORDER BY id DESC LIMIT 1") == [("rejected",)]
    assert left_out(backed_up, *MARKETING) == {1: "opted_out", 3: "opted_out"}


def test_a_start_that_came_after_the_stop_holds_too(backed_up: Gateway, tmp_path: Path) -> None:
    answer(backed_up, ANNA, "СТОП")
    answer(backed_up, ANNA, "START")
    restore(backed_up, tmp_path)
    assert left_out(backed_up, *MARKETING) == {}


def test_what_a_contact_withdrew_by_phone_holds(backed_up: Gateway, tmp_path: Path) -> None:
    backed_up.run("contacts", "consent", "104-23", *BY_PHONE)
    assert "1 wish for no more messages" in restore(backed_up, tmp_path)
    assert left_out(backed_up, *MARKETING) == {2: "opted_out"}


def test_what_a_contact_withdrew_whom_the_backup_does_not_know_stays_with_the_number(
    backed_up: Gateway, tmp_path: Path
) -> None:
    backed_up.run("contacts", "consent", "104-23", *BY_PHONE)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copied:
        copied.execute("PRAGMA foreign_keys = ON")
        copied.execute("DELETE FROM persons WHERE own_key = '104-23'")
        copied.commit()
    assert "1 wish for no more messages" in restore(backed_up, tmp_path)
    with closing(db.open_database(backed_up.database)) as connection:
        assert opt_outs.among(connection, [ANNA, BORIS]) == {BORIS}


def test_a_second_restore_has_nothing_new_to_keep(backed_up: Gateway, tmp_path: Path) -> None:
    answer(backed_up, ANNA, "СТОП")
    restore(backed_up, tmp_path)
    assert backed_up.run("backup", str(tmp_path / "copy.db"), "--force").exit_code == 0
    assert "wish" not in restore(backed_up, tmp_path)
    assert backed_up.execute("SELECT count(*) FROM opt_outs") == [(1,)]


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"\0" * 40_000)], ids=["gone", "damaged"])
def test_where_nobody_can_know_it_is_said(backed_up: Gateway, tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    spoil(backed_up.database)
    assert "Who asked for no more messages after the backup was made" in restore(backed_up, tmp_path)


class PowerCut(BaseException):
    """The power fails before this step."""


STEPS = {
    "refusals are read": "gateway.queue.refusals.read",
    "they are kept": "gateway.queue.refusals.keep",
    "they are all written": "gateway.queue.refusals._take_back",
    "the old one gets another name": "os.link",
    "the new one takes its place": "os.replace",
    "its queue is held": "gateway.queue.restored.put_right",
}


@pytest.mark.parametrize("step", STEPS)
def test_a_power_cut_leaves_no_database_in_place_that_has_forgotten_a_stop(
    backed_up: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    answer(backed_up, ANNA, "СТОП")
    copied = tmp_path / "copy.db"

    def cut(*_arguments: object, **_options: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(STEPS[step], cut)
        with pytest.raises(PowerCut):
            restoring.put_back(backed_up.database, copied, NOW)
    with closing(db.open_database(backed_up.database)) as connection:
        assert opt_outs.among(connection, [ANNA]) == {ANNA}
        is_new = restored.copied_at(connection) is not None
    again = restoring.put_back(backed_up.database, copied, NOW)
    assert again.refusals == 3 if not is_new else again.refusals is not None
    with closing(db.open_database(backed_up.database)) as connection:
        assert opt_outs.among(connection, [ANNA]) == {ANNA}
    assert not list(tmp_path.glob(".*fresh*"))


def test_a_database_from_before_there_were_wishes_has_none(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.execute(f"PRAGMA application_id = {db.APPLICATION_ID}")
        connection.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY)")
    assert refusals.read(old) == refusals.Wishes([], [], [])
