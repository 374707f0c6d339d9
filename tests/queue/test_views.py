"""Reading the queue: rows, pages, ages and today's figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.queue import desk, views
from gateway.queue.rules import category_name
from gateway.queue.states import State
from tests.queue.clinic import BUSY, LONG, NOW, PHONE, Clinic, later, report
from tests.queue.test_incoming import single


def test_views_have_the_tables_own_names(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    clinic.store(single("Приду"))
    message = views.message(clinic.connection, 1)
    assert message is not None
    assert (message["msisdn"], message["state"], message["segments"]) == (PHONE, "sent", 3)
    assert [row["message_reference"] for row in views.segments_of(clinic.connection, 1)] == ["1", "2", "3"]
    assert [row["to_state"] for row in views.events_of(clinic.connection, 1) if row["to_state"]] == [
        *("queued", "sending", "sent")
    ]
    assert views.inbox(clinic.connection)[0]["complete"] is True
    assert views.message(clinic.connection, 99) is None


def test_messages_come_newest_first_by_page_state_and_category(clinic: Clinic) -> None:
    for category in (None, "otp", None, "otp"):
        clinic.add(category=category)
    desk.cancel(clinic.connection, 2, NOW)

    def ids(**filters: object) -> list[object]:
        return [row["id"] for row in views.messages(clinic.connection, **filters)]  # type: ignore[arg-type]

    assert ids() == [4, 3, 2, 1]
    assert ids(limit=2, before=4) == [3, 2]
    assert ids(category="otp") == [4, 2]
    assert ids(category="notification") == [3, 1]
    assert ids(state="queued") == [4, 3, 1]
    assert ids(state="cancelled", category="otp") == [2]


@pytest.mark.parametrize("written", [None, "", " ", "OTP", " Marketing ", "\tmarketing\r\n", "emergency", "other"])
def test_a_category_is_read_alike_in_a_query_and_in_the_code(clinic: Clinic, written: str | None) -> None:
    message = clinic.add()
    clinic.connection.execute("UPDATE outbox SET category = ? WHERE id = ?", (written, message))
    (found,) = clinic.connection.execute(f"SELECT {views.CATEGORY} FROM outbox").fetchone()
    assert found == category_name(written)


def test_what_changed_since_an_event_is_one_query(clinic: Clinic) -> None:
    clinic.add()
    last = views.last_event(clinic.connection)
    clinic.send()
    assert [row["event"] for row in views.events_after(clinic.connection, last)] == ["sending", "begun", "sent"]
    assert [row["event"] for row in views.events_after(clinic.connection, last, has_all=False)] == ["sending", "sent"]
    kinds = views.kinds_of_events(clinic.connection, last, views.last_event(clinic.connection), has_all=False)
    assert [kind["to_state"] for kind in kinds] == ["sending", "sent"]


def test_the_queue_is_counted_by_state_and_by_age(clinic: Clinic) -> None:
    assert views.oldest_queued_s(clinic.connection, NOW) is None
    clinic.add(not_before=later(hours=5))
    assert views.oldest_queued_s(clinic.connection, later(seconds=90)) is None
    clinic.add(now=later(seconds=60))
    clinic.add(now=later(seconds=70))
    assert views.queue_counts(clinic.connection) == {state.value: 3 if state is State.QUEUED else 0 for state in State}
    assert views.oldest_queued_s(clinic.connection, later(seconds=90)) == 30.0


def test_a_message_whose_time_has_come_is_as_old_as_its_time(clinic: Clinic) -> None:
    clinic.add(not_before=later(hours=5))
    clinic.box.ripen(later(hours=5))
    assert views.oldest_queued_s(clinic.connection, later(hours=5, seconds=2)) == 2.0


def test_a_message_that_waits_for_its_next_try_is_as_old_as_it_is(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), BUSY, later(seconds=1))
    clinic.add(now=later(seconds=60))
    assert views.oldest_queued_s(clinic.connection, later(seconds=90)) == 90.0


def test_todays_figures_begin_at_the_clinics_midnight(clinic: Clinic) -> None:
    before, after = later(hours=11, minutes=59), later(hours=12, minutes=1)  # midnight in Moscow is 21:00 UTC
    for moment in (before, after):
        clinic.add(now=moment)
        clinic.send(("1",), now=moment)
        clinic.store(single(str(moment)), now=moment)
    clinic.store(report("1", at=after), now=after)
    figures = views.today(clinic.connection, "Europe/Moscow", after + timedelta(hours=1))
    assert figures["sent"] == figures["delivered"] == figures["received"] == 1
    assert figures["failed"] == figures["rejected"] == figures["expired"] == 0


def test_messages_of_one_campaign_come_newest_first_by_page_and_state(clinic: Clinic) -> None:
    for _message in range(5):
        clinic.add()
    clinic.connection.execute("PRAGMA foreign_keys = OFF")
    clinic.connection.execute("UPDATE outbox SET campaign = 1 + (id = 3)")
    desk.cancel(clinic.connection, 2, NOW)
    found = [
        views.messages(clinic.connection, campaign=1),
        views.messages(clinic.connection, campaign=1, limit=2, before=5),
        views.messages(clinic.connection, campaign=1, state="cancelled"),
        views.messages(clinic.connection, campaign=2, category="otp"),
    ]
    assert [[row["id"] for row in rows] for rows in found] == [[5, 4, 2, 1], [4, 2], [2], []]
