"""What became of a campaign, as it is read for its report."""

from __future__ import annotations

from datetime import timedelta

from gateway.queue import results, times
from gateway.queue.adding import NewMessage
from gateway.queue.campaigns import NewCampaign, queue
from tests.queue.clinic import NOW, Clinic

PHONES = ("+79000000001", "+79000000002")


def begin(clinic: Clinic) -> int:
    messages = [NewMessage(phone, f"Ждём вас, {row}", list_row=row) for row, phone in ((7, PHONES[0]), (3, PHONES[1]))]
    queue(clinic.connection, NewCampaign("Приём"), messages, NOW)
    clinic.connection.execute("INSERT INTO outbox (recipient, body) VALUES ('+79000000003', 'x')")
    return 1


def comes(clinic: Clinic, reply_to: int | None, text: str, minutes: int) -> None:
    clinic.connection.execute(
        "INSERT INTO inbox (sender, body, received_at, carrier, complete, reply_to) VALUES ('', ?, ?, 'sim-1', 1, ?)",
        (text, times.to_text(NOW + timedelta(minutes=minutes)), reply_to),
    )


def test_the_messages_come_by_the_rows_of_the_list(clinic: Clinic) -> None:
    campaign = begin(clinic)
    assert [(each.row, each.id, each.number) for each in results.messages(clinic.connection, campaign)] == [
        *((3, 2, PHONES[1]), (7, 1, PHONES[0]))
    ]
    assert dict(results.texts(clinic.connection, campaign)) == {1: "Ждём вас, 7", 2: "Ждём вас, 3"}


def test_the_first_reply_to_each_is_told(clinic: Clinic) -> None:
    campaign = begin(clinic)
    for reply_to, text, minutes in ((1, "да", 5), (1, "нет", 9), (None, "кто это?", 1), (99, "x", 1)):
        comes(clinic, reply_to, text, minutes)
    replies = {each.id: (each.reply, each.replied_at) for each in results.messages(clinic.connection, campaign)}
    assert replies == {1: ("да", times.to_text(NOW + timedelta(minutes=5))), 2: (None, None)}


def test_what_retention_has_emptied_is_told_without_its_number(clinic: Clinic) -> None:
    campaign = begin(clinic)
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled' WHERE id = 1")
    clinic.connection.execute("UPDATE outbox SET recipient = NULL, body = NULL, msisdn = NULL WHERE id = 1")
    found = {each.id: each.number for each in results.messages(clinic.connection, campaign)}
    assert found == {1: None, 2: PHONES[1]}
    assert list(dict(results.texts(clinic.connection, campaign))) == [2]


def test_no_reading_goes_through_the_whole_outbox_or_inbox(clinic: Clinic) -> None:
    for statement in (results.MESSAGES, results.TEXTS):
        plan = clinic.connection.execute(f"EXPLAIN QUERY PLAN {statement}", {"campaign": 1}).fetchall()
        steps = [row[3] for row in plan]
        assert any("outbox_campaign (campaign=?)" in step for step in steps)
        assert not [step for step in steps if step in ("SCAN outbox", "SCAN o", "SCAN inbox", "SCAN i")]


def test_the_operator_of_a_carrier_is_told_where_it_is_known(clinic: Clinic) -> None:
    for name, operator in (("sim-1", "МТС"), ("sim-2", None), ("sim-3", " ")):
        clinic.connection.execute(
            "INSERT INTO carriers (name, kind, state, detail, operator, sent_today, updated_at)"
            " VALUES (?, 'modem', 'ready', '', ?, 0, '')",
            (name, operator),
        )
    assert results.operators(clinic.connection) == {"sim-1": "МТС"}
