"""From a row, a command or a workbook to SMS on phones, each followed to its delivery report."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import xlsxwriter

from tests.e2e.conftest import OpenClinic

NUMBER = "+79000000001"

# What the existing systems cut, garble or empty without a word, one plain INSERT each (and what it takes in SMS).
DAMAGED_ELSEWHERE = {
    "300 Latin characters": ("x" * 299 + "!", 2),
    "Cyrillic": ("Ждём вас завтра в 10:00", 1),
    "159 letters and a euro sign": ("a" * 159 + "€", 2),
    "1500 characters": ("0123456789" * 150, 10),
    "an emoji at a segment's edge": ("я" * 66 + "👩‍⚕️" + "я" * 20, 2),
}


@pytest.mark.parametrize(("text", "segments"), DAMAGED_ELSEWHERE.values(), ids=DAMAGED_ELSEWHERE)
def test_a_text_that_other_gateways_damage_arrives_whole(open_clinic: OpenClinic, text: str, segments: int) -> None:
    clinic, bank = open_clinic()
    clinic.start(modems_ready=1)
    row = clinic.wait_for_state(clinic.insert("8 900 000-00-01", text), "delivered", "failed", "rejected")
    assert (row["state"], row["segments"], row["msisdn"], row["carrier"]) == ("delivered", segments, NUMBER, "sim-1")
    assert bank.phones[NUMBER] == [text]


def test_each_segment_has_its_own_row_reference_and_report(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic()
    clinic.start(modems_ready=1)
    row = clinic.wait_for_state(clinic.insert(NUMBER, "ы" * 200), "delivered")
    segments = clinic.rows("SELECT * FROM segments WHERE outbox_id = ? ORDER BY number", row["id"])
    assert [(s["number"], s["total"], s["state"]) for s in segments] == [(n, 3, "delivered") for n in (1, 2, 3)]
    assert len({s["message_reference"] for s in segments}) == 3
    assert len({s["reference"] for s in segments}) == 1
    assert all(s["submitted_at"] and s["reported_at"] for s in segments)
    events = clinic.rows(
        "SELECT to_state FROM events WHERE outbox_id = ? AND to_state IS NOT NULL ORDER BY id", row["id"]
    )
    assert [event["to_state"] for event in events] == ["queued", "sending", "sent", "delivered"]


def test_rows_written_before_the_daemon_starts_are_sent_when_it_does(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(2)
    assert clinic.smsgw("init").returncode == 0
    ids = [clinic.insert(f"+790000000{n:02}", f"Text {n}") for n in range(20)]
    clinic.start()
    for message_id in ids:
        clinic.wait_for_state(message_id, "delivered")
    assert {number: texts for number, texts in bank.phones.items() if texts} == {
        f"+790000000{n:02}": [f"Text {n}"] for n in range(20)
    }


def test_a_bad_row_is_rejected_with_the_reason_and_delays_nobody(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic()
    clinic.start(modems_ready=1)
    bad = {
        "invalid_recipient": clinic.insert("not a number", "Hello"),
        "landline": clinic.insert("8 495 123-45-67", "Hello"),
        "invalid_category": clinic.insert(NUMBER, "Hello", category="gossip"),
    }
    empty = clinic.insert(NUMBER, None)
    good = clinic.insert(NUMBER, "Hello")
    clinic.wait_for_state(good, "delivered")
    for code, message_id in bad.items():
        row = clinic.row(message_id)
        assert (row["state"], row["error_code"]) == ("rejected", code)
        assert row["error_text"]
    assert clinic.row(empty)["state"] == "rejected"


def test_the_urgent_go_first(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(bank={"radio_s": 0.05})
    clinic.create_database()
    for n in range(10):
        clinic.insert(f"+790000000{n:02}", "Reminder", category="marketing")
    clinic.insert("+79000000098", "Your code is 4711", category="otp")
    clinic.start()
    clinic.wait_for(lambda: clinic.states() == {"delivered": 11}, "all delivered")
    assert bank.submitted[0].decoded.recipient == "+79000000098"


def test_a_reply_reaches_the_inbox_and_knows_what_it_answers(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    clinic.start(modems_ready=1)
    row = clinic.wait_for_state(clinic.insert(NUMBER, "Please confirm"), "delivered")
    long_reply = "Да, приду. " * 20
    bank.modems[0].deliver(NUMBER, long_reply, order=(3, 1, 2, 2, 4) if len(long_reply) > 201 else None)
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM inbox"), "the reply")
    (reply,) = clinic.json("inbox", "list")
    assert (reply["sender"], reply["body"], reply["reply_to"], reply["complete"]) == (NUMBER, long_reply, row["id"], 1)


def test_an_undelivered_report_says_so(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    bank.on_submit(NUMBER, "fail")
    clinic.start(modems_ready=1)
    row = clinic.wait_for_state(clinic.insert(NUMBER, "Hello"), "undelivered")
    assert row["error_code"] == "tp_st_0x46"
    assert "validity period" in row["error_text"]


def test_a_workbook_becomes_delivered_messages(open_clinic: OpenClinic, tmp_path: Path) -> None:
    clinic, bank = open_clinic(2)
    workbook = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(workbook)) as book:
        sheet = book.add_worksheet()
        rows = [["Имя", "Телефон"], ["Анна", "8 900 000-00-01"], ["Пётр", 79000000002], ["Мария", "7.9000000003E+10"]]
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, cells)
    clinic.start(modems_ready=2)
    done = clinic.smsgw("import", str(workbook), "--template", "{Имя}, ждём вас", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    clinic.wait_for(lambda: clinic.states() == {"delivered": 3}, "all delivered")
    assert bank.phones[NUMBER] == ["Анна, ждём вас"]
    assert bank.phones["+79000000003"] == ["Мария, ждём вас"]


def test_send_waits_for_the_report(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    clinic.start(modems_ready=1)
    done = clinic.smsgw("send", "8 900 000 00 01", "Hello", "--wait", "--json")
    assert done.returncode == 0, done.stderr
    assert '"delivered"' in done.stdout
    assert bank.phones[NUMBER] == ["Hello"]


def test_a_taken_back_message_is_not_sent_and_a_second_key_not_accepted(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic()
    clinic.create_database()
    taken_back = clinic.insert(NUMBER, "Never mind", external_id="visit-1")
    assert clinic.smsgw("outbox", "cancel", str(taken_back)).returncode == 0
    with pytest.raises(sqlite3.IntegrityError):
        clinic.insert(NUMBER, "Never mind", external_id="visit-1")
    clinic.insert("+79000000002", "Hello")
    clinic.start()
    clinic.wait_for(lambda: clinic.states() == {"cancelled": 1, "delivered": 1}, "the other one delivered")
    assert bank.phones.get(NUMBER, []) == []
