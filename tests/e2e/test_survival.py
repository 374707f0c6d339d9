"""Kill -9, pulled plugs, hangs: nothing is lost, and a double only where `uncertain` said so."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from contextlib import closing

from tests.e2e.conftest import OpenClinic

NUMBER = "+79000000001"


def numbers(count: int) -> list[str]:
    return [f"+7900000{n:04}" for n in range(count)]


def test_kill_9_loses_nothing_and_doubles_only_what_was_called_uncertain(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(2, bank={"radio_s": 0.05}, uncertain_wait=1)
    clinic.create_database()
    for number in numbers(40):
        clinic.insert(number, f"For {number}")
    for killed_after in (5, 15, 25):
        clinic.start()
        clinic.wait_for(lambda least=killed_after: len(bank.submitted) >= least, f"{killed_after} SMS submitted")
        clinic.kill()
    clinic.start()
    clinic.wait_for(lambda: not set(clinic.states()) - {"delivered", "failed"}, "all at their end")
    failed = clinic.rows("SELECT msisdn, error_code FROM outbox WHERE state = 'failed'")
    assert all(row["error_code"] == "uncertain" for row in failed)  # in the air at two kills: nobody can know
    received = Counter(submitted.decoded.recipient for submitted in bank.submitted)
    doubled = {number for number, count in received.items() if count > 1}
    uncertain = clinic.rows(
        "SELECT DISTINCT msisdn FROM events JOIN outbox ON outbox.id = outbox_id WHERE to_state = 'uncertain'"
    )
    assert set(received) | {row["msisdn"] for row in failed} == set(numbers(40))
    assert doubled <= {row["msisdn"] for row in uncertain}
    assert len(doubled) <= 2 * 3  # at most the one SMS in the air per modem and kill


def test_sigterm_lets_the_sms_in_the_air_finish(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(bank={"radio_s": 0.7})
    clinic.start(modems_ready=1)
    message_id = clinic.insert(NUMBER, "Hello")
    clinic.wait_for_state(message_id, "sending")
    assert clinic.terminate() == 0
    assert clinic.row(message_id)["state"] in ("sent", "delivered")
    assert len(bank.submitted) == 1
    assert clinic.json("status")["running"] is False


def test_a_long_message_that_is_stopped_half_way_continues_with_the_next_segment(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(bank={"radio_s": 0.3})
    clinic.start(modems_ready=1)
    text = "Длинный текст о подготовке. " * 12
    message_id = clinic.insert(NUMBER, text)
    clinic.wait_for(lambda: len(bank.submitted) >= 1, "the first segment")
    assert clinic.terminate() == 0
    assert 0 < len(bank.submitted) < clinic.row(message_id)["segments"]
    clinic.start(modems_ready=1)
    clinic.wait_for_state(message_id, "delivered")
    assert bank.phones[NUMBER] == [text]
    assert len(bank.submitted) == clinic.row(message_id)["segments"]


def test_an_answer_that_never_comes_is_uncertain_and_resent_once(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(modem={"answer_wait": 1}, uncertain_wait=1)
    bank.modems[0].fault("swallow")
    clinic.start(modems_ready=1)
    message_id = clinic.insert(NUMBER, "Hello")
    row = clinic.wait_for_state(message_id, "delivered")
    assert row["attempts"] == 2
    passed = [
        event["to_state"]
        for event in clinic.rows("SELECT to_state FROM events WHERE outbox_id = ? ORDER BY id", message_id)
    ]
    assert "uncertain" in passed
    assert bank.phones[NUMBER] == ["Hello"]


def test_after_a_power_cut_of_hours_the_report_that_is_still_coming_spares_the_second_copy(
    open_clinic: OpenClinic,
) -> None:
    clinic, bank = open_clinic(modem={"answer_wait": 1}, bank={"report_s": 5.0}, uncertain_wait=30)
    bank.modems[0].fault("answer_lost", "PDU")
    clinic.start(modems_ready=1)
    message_id = clinic.insert(NUMBER, "Hello")
    clinic.wait_for_state(message_id, "uncertain")
    clinic.kill()
    with closing(sqlite3.connect(clinic.database, timeout=5.0)) as connection, connection:
        connection.execute("UPDATE outbox SET next_attempt_at = '2026-01-01T00:00:00.000Z' WHERE state = 'uncertain'")
    clinic.start(modems_ready=1)
    row = clinic.wait_for_state(message_id, "delivered")
    assert (row["attempts"], len(bank.submitted)) == (1, 1)


def test_a_modem_that_is_unplugged_comes_back_and_goes_on(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(bank={"radio_s": 0.05}, uncertain_wait=1)
    clinic.start(modems_ready=1)
    for number in numbers(10):
        clinic.insert(number, "Hello")
    clinic.wait_for(lambda: len(bank.submitted) >= 3, "some SMS out")
    bank.modems[0].unplug()
    clinic.wait_for(lambda: clinic.json("modems")[0]["state"] != "ready", "the loss is noticed")
    bank.modems[0].plug()
    plugged_at = time.monotonic()
    clinic.wait_for(lambda: clinic.states() == {"delivered": 10}, "all delivered")
    assert time.monotonic() - plugged_at < 15
    assert {submitted.decoded.recipient for submitted in bank.submitted} == set(numbers(10))


def test_a_bad_number_and_a_busy_device_delay_nobody_else(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    bank.on_submit(NUMBER, "delivered", code="CMS 27")
    clinic.start(modems_ready=1)
    first = clinic.insert(NUMBER, "Hello")
    others = [clinic.insert(number, "Hello") for number in numbers(5)[2:]]
    for message_id in others:
        clinic.wait_for_state(message_id, "delivered")
    assert clinic.row(first)["state"] in ("queued", "sending")


def test_after_tp_mr_has_wrapped_each_report_still_finds_its_own_message(open_clinic: OpenClinic) -> None:
    # No SIM sends 256 SMS within a second; if one did, two of their reports would be the same octets.
    clinic, bank = open_clinic(bank={"radio_s": 0.01})
    bank.on_submit(NUMBER, "none")  # its TP-MR stays taken
    clinic.start(modems_ready=1)
    silent = clinic.insert(NUMBER, "No report ever comes")
    clinic.wait_for_state(silent, "sent")
    bank.on_submit(NUMBER, "delivered")
    ids = [clinic.insert(NUMBER, f"Text {n}") for n in range(300)]
    clinic.wait_for(lambda: clinic.states() == {"sent": 1, "delivered": 300}, "all others delivered")
    assert clinic.row(silent)["state"] == "sent"
    assert all(clinic.row(message_id)["delivered_at"] for message_id in ids[::50])


def test_the_log_has_neither_texts_nor_numbers(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(log_level="debug")
    clinic.start(modems_ready=1)
    clinic.wait_for_state(clinic.insert(NUMBER, "Secret finding"), "delivered")
    bank.modems[0].deliver(NUMBER, "Secret answer")
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM inbox"), "the answer")
    clinic.terminate()
    log = clinic.log.read_text()
    assert "delivered" in log
    for private in ("Secret", "9000000001", bank.submitted[0].hex):
        assert private not in log
