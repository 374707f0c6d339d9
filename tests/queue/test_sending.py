"""Claiming, beginning and recording: a message's way over a carrier."""

from __future__ import annotations

import sqlite3

import pytest

from gateway.carrier import Accepted, Deferred, Scope, Submission
from gateway.errors import GatewayError
from gateway.queue import desk, views
from gateway.sms.message import Alphabet
from tests.queue.clinic import BROKEN, BUSY, LONG, NEVER, NOW, OTHER_PHONE, PHONE, RULES, SILENT, Clinic, later

PHONE_OFF = Deferred("cms_38", "The phone is off.", Scope.NUMBER)


def test_a_short_message_goes_out_as_one_sms_with_its_time_left(clinic: Clinic) -> None:
    clinic.add("Код 1234", category="otp")
    submission = clinic.begun(now=later(minutes=5))
    assert submission.recipient == PHONE
    assert submission.segment.text == "Код 1234"
    assert submission.segment.alphabet is Alphabet.UCS2
    assert submission.segment.concatenation is None
    assert submission.validity_s == 600
    assert clinic.state() == "sending"


def test_an_accepted_sms_makes_its_message_sent(clinic: Clinic) -> None:
    clinic.add()
    assert clinic.record(clinic.begun(), Accepted("17"), later(seconds=3)) is None
    assert clinic.state() == "sent"
    assert clinic.value("sent_at") == "2026-11-22T09:00:03.000Z"
    assert clinic.value("carrier") == "sim-1"
    assert clinic.value("attempts") == 1
    row = clinic.connection.execute("SELECT state, message_reference, line, submitted_at FROM segments").fetchone()
    assert row == ("sent", "17", "line of sim-1", "2026-11-22T09:00:03.000Z")
    assert clinic.events() == ["queued", "sending", "begun", "sent"]


def test_a_long_message_goes_out_part_by_part_with_one_reference(clinic: Clinic) -> None:
    clinic.add(LONG)
    submission: Submission | None = clinic.begun()
    texts, places = [], []
    while submission is not None:
        texts.append(submission.segment.text)
        places.append(submission.segment.concatenation)
        assert clinic.state() == "sending"
        submission = clinic.record(submission, Accepted(str(len(texts))))
    assert "".join(texts) == LONG
    assert [(place.number, place.total) for place in places if place] == [(1, 3), (2, 3), (3, 3)]
    assert len({place.reference for place in places if place}) == 1
    assert clinic.state() == "sent"


def test_a_begun_segment_is_committed_before_the_carrier_gets_it(clinic: Clinic) -> None:
    clinic.add()
    clinic.begun()
    assert clinic.reopened().segment_states() == ["begun"]


def test_a_bad_number_never_delays_the_others(clinic: Clinic) -> None:
    clinic.add()
    clinic.add(recipient=OTHER_PHONE)
    assert clinic.record(clinic.begun(), PHONE_OFF) is None
    assert clinic.state(1) == "queued"
    assert clinic.begun().recipient == OTHER_PHONE


def test_a_number_that_can_not_be_reached_is_tried_later_and_at_last_given_up(clinic: Clinic) -> None:
    clinic.add(category="notification")
    now, waits = NOW, []
    while clinic.state() == "queued":
        clinic.box.ripen(now)
        clinic.record(clinic.begun(now=now), PHONE_OFF, now)
        following = clinic.box.next_due(now)
        if clinic.state() == "queued":
            assert following is not None
            waits.append((following - now).total_seconds() / 60)
            now = following
    assert waits == [1, 5, 30, 120]
    assert (clinic.state(), clinic.value("error_code"), clinic.value("attempts")) == ("failed", "cms_38", 5)
    assert "5" in str(clinic.value("error_text"))


def test_a_busy_network_is_tried_until_the_message_expires(clinic: Clinic) -> None:
    clinic.add(category="otp")
    now = NOW
    while clinic.state() == "queued":
        clinic.box.ripen(now)
        submission = clinic.claim(now=now)
        if submission is not None:
            clinic.record(submission, BUSY, now)
        now = clinic.box.next_due(now) or now
        clinic.box.tick(now)
    assert now == later(minutes=15)
    assert clinic.state() == "expired"
    assert int(str(clinic.value("attempts"))) > 4


def test_another_carrier_takes_over_at_once_when_a_device_fails(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun("sim-1"), BROKEN)
    assert clinic.claim("sim-1") is None
    assert not clinic.box.has_work(NOW, "sim-1")
    assert clinic.box.has_work(NOW, "sim-2")
    assert clinic.claim("sim-2") is not None


def test_a_message_that_two_devices_could_not_send_waits_while_the_others_go(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun("sim-1"), BROKEN)
    clinic.record(clinic.begun("sim-2"), BROKEN)
    other = clinic.add("Ваш анализ готов", OTHER_PHONE)
    assert clinic.begun("sim-1").recipient == OTHER_PHONE
    assert clinic.state(other) == "sending"
    assert clinic.claim("sim-2") is None
    clinic.box.ripen(later(seconds=30))
    assert clinic.begun("sim-2", later(seconds=30)).recipient == PHONE


def test_a_lone_carrier_whose_device_failed_tries_again_soon(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun("sim-1"), BROKEN)
    assert clinic.box.next_due(NOW) == later(seconds=5)
    assert clinic.box.ripen(later(seconds=5)) == 1
    assert clinic.claim("sim-1", later(seconds=5)) is not None


def test_a_message_for_one_carrier_waits_while_its_device_fails(clinic: Clinic) -> None:
    clinic.add(sender="sim-1")
    clinic.record(clinic.begun("sim-1"), BROKEN)
    assert clinic.claim("sim-1") is None
    assert clinic.claim("sim-2") is None
    clinic.box.ripen(later(seconds=5))
    assert clinic.claim("sim-2", later(seconds=5)) is None
    assert clinic.claim("sim-1", later(seconds=5)) is not None


def test_a_part_sent_message_stays_with_its_carrier_and_goes_on_where_it_was(clinic: Clinic) -> None:
    clinic.add(LONG)
    second = clinic.record(clinic.begun("sim-1"), Accepted("1"))
    assert second is not None
    clinic.record(second, BROKEN)
    clinic.box.ripen(later(minutes=1))
    assert clinic.claim("sim-2", later(minutes=1)) is None
    again = clinic.begun("sim-1", later(minutes=1))
    assert again.key == second.key
    assert again.segment == second.segment


def test_a_refused_message_has_failed_with_the_networks_reason(clinic: Clinic) -> None:
    clinic.add()
    assert clinic.record(clinic.begun(), NEVER) is None
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "cms_1")
    assert clinic.segment_states() == ["failed"]


def test_an_outcome_is_recorded_once(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, Accepted("1"))
    with pytest.raises(GatewayError, match="not begun"):
        clinic.record(submission, NEVER)
    assert clinic.state() == "sent"


def test_a_message_queued_anew_by_hand_is_sent_once_more(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.connection.execute("UPDATE outbox SET state = 'queued', due = 1, next_attempt_at = NULL")
    clinic.record(clinic.begun(), Accepted("3"))
    assert clinic.state() == "sent"


def test_the_rest_of_a_long_message_is_not_sent_after_its_time(clinic: Clinic) -> None:
    clinic.add(LONG, expires_at=later(minutes=1))
    assert clinic.record(clinic.begun(), Accepted("1"), later(minutes=2)) is None
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "expired")


def test_a_part_sent_message_whose_time_ends_in_the_queue_has_failed(clinic: Clinic) -> None:
    clinic.add(LONG, category="otp")
    following = clinic.record(clinic.begun(), Accepted("1"))
    assert following is not None
    clinic.record(following, BUSY)
    clinic.add(category="otp")
    clinic.box.tick(later(minutes=16))
    clinic.box.tick(later(minutes=16))
    assert (clinic.state(1), clinic.value("error_code", 1)) == ("failed", "expired")
    assert (clinic.state(2), clinic.value("error_code", 2)) == ("expired", "expired")
    desk.retry(clinic.connection, 1, later(minutes=17), RULES)
    assert clinic.begun(now=later(minutes=17)).segment.concatenation == following.segment.concatenation


def test_the_rest_of_a_message_waits_when_its_carrier_may_not_go_on(clinic: Clinic) -> None:
    clinic.add(LONG)
    assert clinic.box.record(clinic.begun("sim-1").key, Accepted("1"), NOW, go_on=False) is None
    assert clinic.state() == "queued"
    assert clinic.claim("sim-2") is None
    assert clinic.begun("sim-1").segment.concatenation is not None


def test_what_has_gone_out_since_is_counted_by_carrier(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    clinic.add()
    clinic.record(clinic.begun(now=later(hours=1)), SILENT, later(hours=1))
    clinic.add()
    clinic.record(clinic.begun(now=later(hours=1)), BUSY, later(hours=1))
    assert views.sent_by(clinic.connection, "sim-1", NOW) == 4
    assert views.sent_by(clinic.connection, "sim-1", later(minutes=30)) == 1
    assert views.sent_by(clinic.connection, "sim-2", NOW) == 0


def test_several_calls_make_one_commit(clinic: Clinic) -> None:
    clinic.add()
    clinic.add()
    first = clinic.begun()

    def record_and_claim() -> None:
        with clinic.box.write():
            clinic.record(first, Accepted("1"))
            clinic.begun()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        record_and_claim()
    assert [clinic.state(1), clinic.state(2)] == ["sending", "queued"]


def test_a_message_cancelled_between_two_tries_keeps_no_reason_of_the_last_one(clinic: Clinic) -> None:
    message = clinic.add()
    clinic.record(clinic.begun(), PHONE_OFF)
    assert clinic.value("error_code") == "cms_38"
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled' WHERE id = ?", (message,))
    row = clinic.connection.execute("SELECT state, error_code, error_text, next_attempt_at FROM outbox").fetchone()
    assert row == ("cancelled", None, None, None)
    assert clinic.connection.execute("SELECT detail FROM events ORDER BY id DESC").fetchone() == (None,)


def test_nobody_takes_the_segments_from_under_a_message(clinic: Clinic) -> None:
    """It would be cut anew, and what is out already would go out a second time."""
    clinic.add(LONG)
    clinic.begun()
    with pytest.raises(sqlite3.IntegrityError, match="go with their message"):
        clinic.connection.execute("DELETE FROM segments")
    assert clinic.connection.execute("SELECT count(*) FROM segments").fetchone()[0] > 0
