"""Claiming, beginning and recording: a message's way over a carrier."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted, Deferred, LateAnswer, Refused, Scope, Submission, Uncertain
from gateway.errors import GatewayError
from gateway.queue import desk
from gateway.sms.message import Alphabet
from tests.queue.clinic import BUSY, LONG, NOW, OTHER_PHONE, PHONE, RULES, Clinic, later, report

SILENT = Uncertain("no_answer", "The modem did not answer.")
PHONE_OFF = Deferred("cms_38", "The phone is off.", Scope.NUMBER)
BROKEN = Deferred("cms_500", "The modem is out of order.", Scope.DEVICE)
UNKNOWN_NUMBER = Refused("cms_1", "There is no such number.")


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


def test_nothing_due_is_no_submission(clinic: Clinic) -> None:
    assert clinic.claim() is None


def test_two_carriers_never_get_the_same_message(path: object, clinic: Clinic) -> None:
    other = Clinic(clinic.path)
    for number in range(20):
        clinic.add(f"Приём {number}")
    keys = [carrier.begun(name).key for _ in range(10) for carrier, name in ((clinic, "sim-1"), (other, "sim-2"))]
    assert len(set(keys)) == 20
    assert clinic.claim() is None
    other.connection.close()


ORDERS = {
    "priority first": ([{"priority": 3}, {"priority": 7}], [2, 1]),
    "age among equals": ([{}, {}], [1, 2]),
    "by category": ([{"category": "marketing"}, {}, {"category": "otp"}, {"category": "emergency"}], [4, 3, 2, 1]),
    "an own priority before the category's": ([{"category": "otp"}, {"category": "marketing", "priority": 9}], [2, 1]),
    "pinned ones in their place": ([{"priority": 3}, {"priority": 5, "sender": "sim-1"}, {"priority": 7}], [3, 2, 1]),
}


@pytest.mark.parametrize("case", ORDERS)
def test_who_goes_first(clinic: Clinic, case: str) -> None:
    messages, order = ORDERS[case]
    for more in messages:
        clinic.add(**more)
    taken = []
    while (submission := clinic.claim()) is not None:
        query = "SELECT outbox_id FROM segments WHERE id = ?"
        taken.append(clinic.connection.execute(query, (submission.key,)).fetchone()[0])
    assert taken == order


def test_a_message_for_one_carrier_is_left_by_the_others(clinic: Clinic) -> None:
    clinic.add(sender="sim-2")
    assert clinic.claim("sim-1") is None
    assert clinic.begun("sim-2").sender is None


def test_a_message_is_not_claimed_before_its_time(clinic: Clinic) -> None:
    clinic.add(not_before=later(hours=1))
    assert clinic.claim() is None
    assert clinic.box.next_due(NOW) == later(hours=1)
    assert clinic.box.ripen(later(minutes=59)) == 0
    assert clinic.box.ripen(later(hours=1)) == 1
    assert clinic.claim(now=later(hours=1)) is not None


def test_a_message_expires_rather_than_go_out_too_late(clinic: Clinic) -> None:
    clinic.add(category="otp")
    clinic.add()
    assert clinic.claim(now=later(minutes=15)) is not None
    assert (clinic.state(1), clinic.value("error_code", 1)) == ("expired", "expired")
    assert clinic.state(2) == "sending"


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
    assert clinic.record(clinic.begun(), UNKNOWN_NUMBER) is None
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "cms_1")
    assert clinic.segment_states() == ["failed"]


def test_an_outcome_is_recorded_once(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, Accepted("1"))
    with pytest.raises(GatewayError, match="not begun"):
        clinic.record(submission, UNKNOWN_NUMBER)
    assert clinic.state() == "sent"


def test_an_unanswered_message_is_sent_once_more_and_then_given_up(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    assert (clinic.state(), clinic.value("error_code")) == ("uncertain", "no_answer")
    assert clinic.box.next_due(NOW) == later(minutes=10)
    clinic.box.tick(later(minutes=9))
    assert clinic.state() == "uncertain"
    clinic.box.tick(later(minutes=10))
    assert clinic.state() == "queued"
    assert "resend" in clinic.events()
    clinic.record(clinic.begun(now=later(minutes=10)), SILENT, later(minutes=10))
    clinic.box.tick(later(minutes=20))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


def test_an_unanswered_code_is_not_sent_twice(clinic: Clinic) -> None:
    clinic.add("Код 1234", category="otp")
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


def test_an_unanswered_message_that_has_expired_is_not_sent_again(clinic: Clinic) -> None:
    clinic.add(expires_at=later(minutes=5))
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(minutes=10))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


@pytest.mark.parametrize("is_claimed", [False, True])
def test_an_unanswered_message_whose_time_ends_before_it_is_sent_once_more_is_not_called_expired(
    clinic: Clinic, is_claimed: bool
) -> None:
    clinic.add(category="emergency", expires_at=later(minutes=5))
    clinic.record(clinic.begun(), SILENT)
    assert clinic.state() == "queued"
    if is_claimed:
        assert clinic.claim("sim-2", later(minutes=6)) is None
    else:
        clinic.box.tick(later(minutes=6))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "uncertain")


LATE = {
    "accepted": (Accepted("9"), "sent", ["sent"]),
    "put off": (BUSY, "queued", ["open"]),
    "refused": (UNKNOWN_NUMBER, "failed", ["failed"]),
}


@pytest.mark.parametrize("case", LATE)
def test_a_late_answer_settles_an_uncertain_message(clinic: Clinic, case: str) -> None:
    outcome, state, segments = LATE[case]
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.store(LateAnswer(submission.key, outcome), now=later(minutes=2))
    assert (clinic.state(), clinic.segment_states()) == (state, segments)
    assert "late_answer" in clinic.events()


def test_after_a_late_answer_a_long_message_goes_on_at_once_on_its_carrier(clinic: Clinic) -> None:
    clinic.add(LONG)
    first = clinic.begun("sim-1")
    clinic.record(first, SILENT)
    clinic.store(LateAnswer(first.key, Accepted("5")))
    assert clinic.claim("sim-2") is None
    second = clinic.begun("sim-1")
    assert second.segment.concatenation is not None
    assert second.segment.concatenation.number == 2


def test_a_late_answer_spares_the_second_copy_that_waits_in_the_queue(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(LateAnswer(submission.key, Accepted("5")), now=later(minutes=11))
    assert clinic.state() == "sent"
    assert clinic.claim(now=later(minutes=12)) is None


def test_a_late_answer_to_a_segment_in_the_air_again_changes_nothing(clinic: Clinic) -> None:
    clinic.add()
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(later(minutes=10))
    again = clinic.begun(now=later(minutes=10))
    clinic.store(LateAnswer(submission.key, Accepted("5")), now=later(minutes=11))
    assert clinic.segment_states() == ["begun"]
    clinic.record(again, Accepted("6"), later(minutes=11))
    assert clinic.state() == "sent"


def test_a_late_answer_to_a_message_given_up_is_noted_and_moves_nothing(clinic: Clinic) -> None:
    clinic.add(category="otp")
    submission = clinic.begun()
    clinic.record(submission, SILENT)
    clinic.box.tick(later(minutes=10))
    clinic.store(LateAnswer(submission.key, Accepted("5")), LateAnswer(999, Accepted("5")), now=later(minutes=11))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "sent_late")
    assert clinic.events()[-2:] == ["late_answer", "sent_late"]


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


def test_long_messages_to_one_number_have_references_of_their_own(clinic: Clinic) -> None:
    references = []
    for number in range(258):
        clinic.add(f"{number} {LONG}")
        submission: Submission | None = clinic.begun()
        while submission is not None:
            place = submission.segment.concatenation
            submission = clinic.record(submission, Accepted("1"))
        assert place is not None
        references.append((place.reference, place.is_wide))
    assert len(set(references)) == 258
    assert references[1][0] == references[0][0] + 1
    assert [wide for _, wide in references] == [False] * 256 + [True] * 2


def test_references_follow_each_other_as_they_were_given_whichever_message_was_written_first(clinic: Clinic) -> None:
    given = []
    for priorities in ((5, 7), (5,)):
        for priority in priorities:
            clinic.add(LONG, priority=priority)
        for _ in priorities:
            submission: Submission | None = clinic.begun()
            while submission is not None:
                place, key = submission.segment.concatenation, str(submission.key)
                submission = clinic.record(submission, Accepted(key))
                clinic.store(report(key))
            assert place is not None
            given.append(place.reference)
    assert {clinic.state(message) for message in (1, 2, 3)} == {"delivered"}
    assert given == [given[0], given[0] + 1, given[0] + 2]


def test_a_text_of_255_short_parts_goes_out_even_when_all_short_references_are_in_use(clinic: Clinic) -> None:
    for reference in range(256):
        clinic.add(now=later(minutes=-1))
        row = "INSERT INTO segments (outbox_id, number, total, reference, alphabet) VALUES (?, 1, 2, ?, 'ucs2')"
        clinic.connection.execute(row, (reference + 1, reference))
    clinic.connection.execute("UPDATE outbox SET state = 'sending'")
    clinic.connection.execute("UPDATE outbox SET state = 'sent'")
    message = clinic.add("я" * 67 * 255)
    place = clinic.begun().segment.concatenation
    assert place is not None
    assert (place.total, place.is_wide) == (255, False)
    assert clinic.value("segments", message) == 255


SPOILT = {"emptied": "", "taken away": None}


@pytest.mark.parametrize("case", SPOILT)
def test_a_text_spoilt_behind_the_gateways_back_fails_and_does_not_hold_up_the_others(
    clinic: Clinic, case: str
) -> None:
    clinic.add()
    clinic.add(recipient=OTHER_PHONE)
    clinic.connection.execute("DROP TRIGGER outbox_words_changed")
    clinic.connection.execute("UPDATE outbox SET body = ? WHERE id = 1", (SPOILT[case],))
    assert clinic.begun().recipient == OTHER_PHONE
    assert clinic.state(1) == "failed"
    assert clinic.value("error_text", 1)


def test_a_message_whose_every_sms_is_out_is_not_sent_again_by_a_hand_that_queues_it(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.connection.execute("UPDATE segments SET state = 'sent'")
    clinic.connection.execute("UPDATE outbox SET state = 'queued', due = 1")
    assert clinic.claim() is None
    assert clinic.state() == "sent"


def test_many_messages_expire_together(clinic: Clinic) -> None:
    for _ in range(450):
        clinic.add(category="otp")
    clinic.box.tick(later(minutes=15))
    assert clinic.connection.execute("SELECT DISTINCT state FROM outbox").fetchall() == [("expired",)]


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
    assert clinic.box.submitted_since("sim-1", NOW) == 4
    assert clinic.box.submitted_since("sim-1", later(minutes=30)) == 1
    assert clinic.box.submitted_since("sim-2", NOW) == 0


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


def test_a_message_that_another_program_made_sending_is_sent_all_the_same(clinic: Clinic) -> None:
    clinic.add()
    other = clinic.add("Ваш анализ готов", OTHER_PHONE, not_before=later(hours=1))
    in_hands = clinic.begun()
    clinic.connection.execute("UPDATE outbox SET state = 'sending' WHERE id = ?", (other,))
    clinic.box.tick(later(seconds=1))
    clinic.box.intake(later(seconds=1))
    assert clinic.events(other)[-2:] == ["sending", "queued"]
    clinic.record(in_hands, Accepted("1"))
    assert clinic.claim() is None
    clinic.box.ripen(later(hours=1))
    assert clinic.begun(now=later(hours=1)).recipient == OTHER_PHONE


def test_a_message_cancelled_between_two_tries_keeps_no_reason_of_the_last_one(clinic: Clinic) -> None:
    message = clinic.add()
    clinic.record(clinic.begun(), PHONE_OFF)
    assert clinic.value("error_code") == "cms_38"
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled' WHERE id = ?", (message,))
    row = clinic.connection.execute("SELECT state, error_code, error_text, next_attempt_at FROM outbox").fetchone()
    assert row == ("cancelled", None, None, None)
    assert clinic.connection.execute("SELECT detail FROM events ORDER BY id DESC").fetchone() == (None,)
