"""Patients are protected from the machine: storms and backlogs, with the real daemon."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from gateway.queue import times
from tests.e2e.conftest import OpenClinic
from tests.e2e.installation import Installation


def phone(number: int) -> str:
    return f"+7900000{1000 + number}"


def test_a_loop_in_another_program_ends_held_and_a_person_decides(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(2, safety={"same_text_limit": 3, "daily_limit": 5})
    clinic.start(modems_ready=2)
    for _time in range(12):
        clinic.insert(phone(1), "Ваш анализ готов")
    other = clinic.insert(phone(2), "Ждём вас завтра")
    clinic.wait_for_state(other, "sent", "delivered")
    clinic.wait_for(lambda: clinic.states().get("held") == 9, "9 messages held")
    assert len([each for each in bank.submitted if each.decoded.recipient == phone(1)]) == 3
    listed = clinic.json("outbox", "list", "--code", "storm_same_text", "--limit", "100")
    assert len(listed) == 9
    assert clinic.smsgw("outbox", "release", str(listed[0]["id"])).returncode == 0
    clinic.wait_for_state(listed[0]["id"], "sent", "delivered")
    assert clinic.smsgw("outbox", "cancel", "--code", "storm_same_text", "--yes").returncode == 0
    assert clinic.states()["cancelled"] == 8


def test_what_gathered_while_the_daemon_was_off_waits_for_a_person_and_fresh_messages_go_out(
    open_clinic: OpenClinic,
) -> None:
    clinic, bank = open_clinic(safety={"backlog_limit": 5})
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert(phone(0), "Ждём вас"), "delivered")
    assert clinic.terminate() == 0
    off_for_hours(clinic, 3)
    written_at = times.to_text(datetime.now(UTC) - timedelta(hours=2))
    old = [clinic.insert(phone(number), "Ждём вас вчера", created_at=written_at) for number in range(1, 9)]
    fresh = clinic.insert(phone(20), "Ждём вас завтра")
    clinic.start(modems_ready=1)
    clinic.wait_for_state(fresh, "delivered")
    assert {clinic.row(message)["state"] for message in old} == {"held"}
    assert len(bank.submitted) == 2
    done = clinic.smsgw("outbox", "release", "--code", "backlog", "--yes")
    assert "8 messages" in done.stderr
    clinic.wait_for(lambda: clinic.states().get("delivered") == 10, "all delivered")


def off_for_hours(clinic: Installation, hours: float) -> None:
    """As if the daemon had last sent so long ago."""
    able_at = times.to_text(datetime.now(UTC) - timedelta(hours=hours))
    with closing(sqlite3.connect(clinic.database, timeout=5.0)) as connection, connection:
        connection.execute("UPDATE daemon SET able_at = ?", (able_at,))


def test_an_emergency_without_an_answer_goes_out_over_another_modem_at_once_and_says_so(
    open_clinic: OpenClinic,
) -> None:
    clinic, bank = open_clinic(2, modem={"answer_wait": 2}, uncertain_wait=600)
    first, _second = bank.modems
    clinic.start(modems_ready=2)
    assert clinic.smsgw("modems", "pause", "sim-2", "--wait").returncode == 0
    first.fault("swallow")
    message = clinic.insert(phone(1), "Приходите срочно", category="emergency")
    clinic.wait_for_state(message, "sending")
    assert clinic.smsgw("modems", "resume", "sim-2").returncode == 0
    row = clinic.wait_for_state(message, "delivered")
    assert (row["carrier"], row["attempts"], row["error_code"]) == ("sim-2", 2, "resent")
    passed = [event["event"] for event in clinic.rows("SELECT event FROM events WHERE outbox_id = ?", message)]
    assert passed.index("uncertain") < passed.index("resend") < passed.index("sent")
