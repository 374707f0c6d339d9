"""Patients are protected from the machine: storms and backlogs, with the real daemon."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

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


def test_an_emergency_goes_out_though_its_number_has_had_its_day_and_a_code_does_not(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic(safety={"same_text_limit": 3, "daily_limit": 2})
    clinic.start(modems_ready=1)
    for number in range(2):
        clinic.wait_for_state(clinic.insert(phone(1), f"Напоминание {number}"), "delivered")
    code = clinic.insert(phone(1), "Ваш код 4711", category="otp")
    urgent = clinic.insert(phone(1), "Позвоните нам немедленно", category="emergency")
    clinic.wait_for_state(urgent, "delivered")
    assert clinic.wait_for_state(code, "held")["error_code"] == "storm_number"
    clinic.wait_for(
        lambda: {("storm", ""), ("held", "storm_number")} <= {(a["code"], a["subject"]) for a in alarms(clinic)},
        "alarms",
    )


def alarms(clinic: Installation) -> list[dict[str, Any]]:
    return clinic.rows("SELECT code, subject FROM alarms WHERE cleared_at IS NULL")


def test_a_patient_who_asks_for_no_more_in_the_midst_of_an_offer_gets_no_more_of_it(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(bank={"radio_s": 0.7})
    clinic.start(modems_ready=1)
    offer = clinic.insert(phone(1), "Осмотр со скидкой, только в ноябре. " * 12, category="marketing")
    clinic.wait_for(lambda: len(bank.submitted) >= 1, "the first SMS")
    bank.modems[0].deliver(phone(1), "СТОП")
    row = clinic.wait_for_state(offer, "failed", "delivered")
    assert (row["state"], row["error_code"]) == ("failed", "part_sent")
    assert len(bank.submitted) < row["segments"]
    assert bank.phones[phone(1)] == []
    reminder = clinic.insert(phone(1), "Ждём вас завтра")
    assert clinic.wait_for_state(clinic.insert(phone(1), "Скидка", category="marketing"), "rejected")
    clinic.wait_for_state(reminder, "delivered")


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
