"""Submissions in, one answer each out: window, deadlines, throttling and the fall of the link, by the test's clock."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from gateway.carrier import Accepted, Answer, Deferred, LateAnswer, Refused, Scope, Uncertain
from gateway.smpp import codes
from gateway.smpp.pdu import Pdu
from gateway.smpp.waiting import HELD_S
from tests.smpp.sender_rig import ANSWER_S, Rig, submission


def test_answers_may_come_in_any_order() -> None:
    rig = Rig()
    rig.send(11, 12, 13)
    assert [rig.answer(3), rig.answer(1), rig.answer(2)] == [
        Answer(13, Accepted("id7")),
        Answer(11, Accepted("id7")),
        Answer(12, Accepted("id7")),
    ]
    assert rig.sender.in_use == 0


def test_no_more_go_out_than_the_window_holds() -> None:
    rig = Rig(size=3)
    assert rig.sender.room(0.0) == 3
    rig.send(1, 2, 3)
    assert rig.sender.room(1.0) == 0
    rig.answer(2, now=0.5)
    rig.send(4, 5, now=0.5)
    assert [key for key, _sequence in rig.sent] == [1, 2, 3, 4]
    assert rig.sender.room(0.5) == 0


@pytest.mark.parametrize(
    ("status", "kind", "scope"),
    [
        (0x0B, Refused, None),
        (0x08, Deferred, Scope.NETWORK),
        (0x0E, Deferred, Scope.ACCOUNT),
        (0x45, Deferred, Scope.NUMBER),
        (0x4F1, Deferred, Scope.NUMBER),
    ],
)
def test_an_error_says_whom_it_concerns(status: int, kind: type, scope: Scope | None) -> None:
    rig = Rig()
    rig.send(1)
    answer = rig.answer(1, status)
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, kind)
    assert getattr(answer.outcome, "scope", None) == scope
    assert getattr(answer.outcome, "code", None) == f"smpp_0x{status:02x}"


@pytest.mark.parametrize(("sender", "scope"), [(None, Scope.ACCOUNT), ("Clinic", Scope.ACCOUNT), ("Lab", Scope.NUMBER)])
def test_a_refused_sender_is_the_binds_fault_when_it_is_the_binds_own(sender: str | None, scope: Scope) -> None:
    rig = Rig()
    rig.send(1, sender=sender)
    answer = rig.answer(1, 0x0A)
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, Deferred)
    assert answer.outcome.scope is scope


def test_a_generic_nack_answers_too() -> None:
    rig = Rig()
    rig.send(1)
    answer = rig.sender.answered(Pdu(codes.GENERIC_NACK, codes.INVALID_COMMAND, 1), 0.1)
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, Deferred)


def test_one_without_an_answer_is_uncertain_when_its_time_is_over_and_not_before() -> None:
    rig = Rig()
    rig.send(1, now=0.0)
    rig.send(2, now=5.0)
    assert rig.sender.next_look(6.0) == ANSWER_S
    assert rig.overdue(ANSWER_S - 0.01) == []
    (answer,) = rig.overdue(ANSWER_S)
    assert (answer.key, type(answer.outcome)) == (1, Uncertain)
    assert (rig.sender.in_use, rig.sender.room(ANSWER_S)) == (1, 0)


def test_an_answer_after_that_is_a_late_one_and_only_once() -> None:
    rig = Rig()
    rig.send(1)
    rig.overdue(ANSWER_S)
    assert rig.answer(1, now=12.0) == LateAnswer(1, Accepted("id7"))
    assert rig.answer(1, now=13.0) is None


def test_an_answer_to_nothing_is_nothing() -> None:
    assert Rig().answer(99) is None


def test_what_was_too_fast_waits_here_and_goes_out_again_before_anything_new() -> None:
    rig = Rig(most=100)
    rig.send(1)
    assert rig.answer(1, codes.THROTTLED, now=1.0) is None
    assert rig.sender.room(1.0) == 0
    assert rig.sender.in_use == 1
    rig.send_waiting(1.0)
    assert rig.sent == [(1, 1)]
    again = rig.sender.next_look(1.0)
    assert again is not None
    rig.send_waiting(again)
    assert rig.sent == [(1, 1), (1, 2)]
    assert rig.answer(2, now=again) == Answer(1, Accepted("id7"))


def test_an_smsc_that_takes_nothing_for_long_gets_the_message_back_as_not_sent() -> None:
    rig, now, sequence = Rig(most=100), 0.0, 1
    answers: list[Answer | LateAnswer] = []
    rig.send(1)
    while not answers and now < 2 * HELD_S:
        found = rig.answer(sequence, codes.QUEUE_FULL, now=now)
        answers = [found] if found else []
        while not answers and len(rig.sent) == sequence:
            now += 0.1
            answers = list(rig.overdue(now))
            rig.send_waiting(now)
        sequence += 1
    (answer,) = answers
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, Deferred)
    assert answer.outcome.scope is Scope.NETWORK
    assert not answer.outcome.is_counted  # no try of the message's, and no failure of the bind's
    assert HELD_S <= now < HELD_S + 3
    assert rig.sender.in_use == 0


def test_one_whose_time_is_over_while_the_smsc_is_busy_is_given_back_and_sent_no_more() -> None:
    rig = Rig()
    lasting, short = submission(1), replace(submission(2), validity_s=5)
    rig.sender.send([lasting, short], rig.next, rig.queue, 0.0)
    rig.answer(1, codes.THROTTLED)
    rig.answer(2, codes.THROTTLED)
    assert rig.overdue(4.9) == []
    (back,) = rig.overdue(5.0)
    assert (back.key, type(back.outcome)) == (2, Deferred)
    rig.send_waiting(6.0)
    assert [key for key, _sequence in rig.sent] == [1, 2, 1]


def test_one_that_goes_out_again_is_valid_for_what_is_left_of_its_time() -> None:
    rig = Rig()
    rig.sender.send([replace(submission(1), validity_s=60)], rig.next, rig.queue, 0.0)
    for sequence, now in enumerate((10.0, 25.5), 1):
        rig.answer(sequence, codes.THROTTLED, now)
        rig.send_waiting(now + 2)
    assert rig.validity_s == [60, 48, 32]


def test_one_that_cannot_be_written_is_refused_and_the_others_go() -> None:
    rig = Rig()
    rig.send(1, sender="unsendable")
    rig.send(2)
    (answer,) = rig.overdue(0.0)
    assert (answer.key, type(answer.outcome)) == (1, Refused)
    assert [key for key, _ in rig.sent] == [2]
    assert rig.overdue(0.0) == []


def test_when_the_link_falls_only_what_may_have_left_is_uncertain() -> None:
    rig = Rig()
    rig.send(1, 2, 3)
    answers = {answer.key: answer.outcome for answer in rig.sender.fall(written=21)}
    assert isinstance(answers[1], Uncertain)
    assert isinstance(answers[2], Uncertain)
    assert isinstance(answers[3], Deferred)
    assert rig.sender.in_use == 0
    assert rig.answer(1) is None


def test_when_the_link_falls_what_the_smsc_had_no_room_for_is_known_not_to_be_sent() -> None:
    rig = Rig()
    rig.send(1)
    rig.answer(1, codes.THROTTLED)
    (answer,) = rig.sender.fall(written=1000)
    assert isinstance(answer.outcome, Deferred)


def test_each_submission_is_answered_exactly_once() -> None:
    rig = Rig(size=10)
    rig.send(1, 2, 3, 4, 5, 6)
    rig.send(7, sender="unsendable")
    answers = [rig.answer(1), rig.answer(2, 0x0B), rig.answer(3, codes.THROTTLED)]
    answers += rig.overdue(ANSWER_S)
    answers += rig.sender.fall(written=10_000)
    assert sorted(answer.key for answer in answers if isinstance(answer, Answer)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_number_still_in_use_is_passed_over() -> None:
    rig = Rig()
    rig.send(1)
    rig.sequences = itertools.count(1)  # they have come round
    rig.send(2)
    assert rig.sent == [(1, 1), (2, 2)]


def test_while_it_drains_what_the_smsc_has_no_room_for_is_given_back_at_once() -> None:
    rig = Rig()
    rig.send(1, 2)
    assert rig.answer(1, codes.THROTTLED) is None
    rig.sender.drain()
    (given_back,) = rig.overdue(0.2)
    assert given_back.key == 1
    assert isinstance(given_back.outcome, Deferred)
    answer = rig.answer(2, codes.THROTTLED)
    assert isinstance(answer, Answer)
    assert isinstance(answer.outcome, Deferred)
    rig.send_waiting(100.0)
    assert [key for key, _sequence in rig.sent] == [1, 2]


def test_over_a_new_link_nothing_of_the_last_one_is_sent_or_answered_again() -> None:
    rig = Rig()
    rig.send(1, 2)
    rig.answer(1, codes.QUEUE_FULL)
    rig.sender.drain()
    rig.sender.begin_anew()
    rig.send_waiting(100.0)
    assert rig.overdue(10_000.0) == []
    assert rig.answer(2) is None
    rig.send(3, now=101.0)
    assert rig.answer(3, codes.THROTTLED, now=101.1) is None  # held again
    assert [key for key, _sequence in rig.sent] == [1, 2, 3]


def test_an_smsc_that_has_fallen_silent_is_given_one_at_a_time_until_it_answers() -> None:
    rig = Rig(size=3)
    rig.send(1, 2)
    assert len(rig.overdue(ANSWER_S)) == 2
    assert rig.sender.room(ANSWER_S) == 1
    rig.send(3, now=ANSWER_S)
    assert rig.sender.room(ANSWER_S + 1) == 0
    rig.answer(3, now=ANSWER_S + 2)
    assert rig.sender.room(ANSWER_S + 2) == 3 + 1  # one ahead of the window


def test_one_answer_that_is_lost_among_others_slows_nothing() -> None:
    rig = Rig(size=3)
    rig.send(1)
    rig.send(2, 3, now=1.0)
    assert [each.key for each in rig.overdue(ANSWER_S)] == [1]
    rig.answer(2, now=ANSWER_S)
    assert rig.sender.room(ANSWER_S) == 2 + 1  # one ahead of the window


def test_a_bind_at_its_slowest_does_not_look_as_if_nothing_may_go() -> None:
    rig = Rig()
    for moment in range(20):
        rig.sender.pace.refused(moment * 10.0)
    assert rig.sender.pace.rate < 1
    assert "up to 1 SMS/s" in rig.sender.figures()
