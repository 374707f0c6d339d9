"""A few submissions more than the window holds: each takes the place of one that is answered, at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.carrier import Deferred
from gateway.smpp import codes
from gateway.smpp.waiting import HELD_S
from tests.smpp.sender_rig import ANSWER_S, Rig, submission


def full(size: int = 4, answered_after_s: float = 0.02) -> Rig:
    """Keys 1 to `size` were sent, 1 is answered, 5 and 6 are handed over: one more than there are places."""
    rig = Rig(size)
    rig.send(*range(1, size + 1))
    rig.answer(1, now=answered_after_s)
    rig.send(size + 1, size + 2, now=answered_after_s)
    return rig


def sent(rig: Rig) -> list[int]:
    return [key for key, _sequence in rig.sent]


def test_it_waits_until_another_is_answered_and_goes_out_then() -> None:
    rig = full()
    rig.send_waiting(0.03)
    assert sent(rig) == [1, 2, 3, 4, 5]
    rig.answer(3, now=0.04)
    rig.send_waiting(0.04)
    assert sent(rig) == [1, 2, 3, 4, 5, 6]
    assert rig.sender.in_use == 4


@pytest.mark.parametrize(
    ("answered_after_s", "ahead"), [(0.001, 25), (0.02, 25), (0.06, 25), (0.1, 15), (1.5, 1), (30.0, 1)]
)
def test_the_slower_the_smsc_the_fewer_are_of_use(answered_after_s: float, ahead: int) -> None:
    rig = Rig(size=50)
    assert rig.sender.room(0.0) == 50
    rig.send(1)
    rig.answer(1, now=answered_after_s)
    assert rig.sender.room(1000.0) == 50 + ahead


def test_none_is_taken_beyond_the_pace() -> None:
    rig = Rig(size=4, most=10)
    rig.send(1)
    rig.answer(1, now=0.02)
    assert rig.sender.room(0.02) == 0


def test_what_the_smsc_refused_goes_out_before_it() -> None:
    rig = full()
    assert rig.answer(2, codes.THROTTLED, now=0.05) is None
    assert rig.sender.room(60.0) == 0
    rig.send_waiting(60.0)
    assert sent(rig) == [1, 2, 3, 4, 5, 2]


def test_it_is_given_back_as_no_try_when_its_time_is_over() -> None:
    rig = Rig(size=2)
    rig.send(1, 2)
    rig.answer(1, now=0.02)
    short = replace(submission(4), validity_s=5)
    rig.sender.send([submission(3), short], rig.next, rig.queue, 0.02)
    assert rig.overdue(4.9) == []
    (given_back,) = rig.overdue(5.1)
    assert given_back.key == 4
    assert isinstance(given_back.outcome, Deferred)
    assert not given_back.outcome.is_counted


def test_none_is_kept_waiting_for_ever() -> None:
    rig = full()
    keys = [each.key for each in rig.overdue(HELD_S + 1)]
    assert keys == [2, 3, 4, 5, 6]


def test_to_an_smsc_that_fell_silent_they_go_one_at_a_time() -> None:
    rig = full()
    rig.overdue(ANSWER_S + 1)
    rig.send_waiting(ANSWER_S + 1)
    rig.send_waiting(ANSWER_S + 2)
    assert sent(rig) == [1, 2, 3, 4, 5, 6]
    assert rig.sender.room(ANSWER_S + 2) == 0


def test_its_validity_is_what_is_left_of_it() -> None:
    rig = Rig(size=1)
    rig.send(1)
    rig.answer(1, now=0.02)
    first, second = (replace(submission(key), validity_s=100) for key in (2, 3))
    rig.sender.send([first, second], rig.next, rig.queue, 1.0)
    rig.answer(2, now=31.5)
    rig.send_waiting(31.5)
    assert rig.validity_s == [None, 100, 69]


@pytest.mark.parametrize("how", ["drained", "fallen"])
def test_it_is_known_not_to_be_sent_when_the_bind_ends(how: str) -> None:
    rig = full()
    if how == "drained":
        rig.sender.drain()
        (answer,) = rig.overdue(0.1)
        rig.send_waiting(0.1)
        rig.answer(3, now=0.1)
        rig.send_waiting(0.1)
    else:
        answer = rig.sender.fall(written=10_000)[-1]
    assert answer.key == 6
    assert isinstance(answer.outcome, Deferred)
    assert sent(rig) == [1, 2, 3, 4, 5]


def test_the_next_part_of_a_long_message_waits_for_its_turn_too() -> None:
    """Whatever is handed over: no second sees more than was agreed on."""
    rig = Rig(size=4, most=10)
    rig.send(1)
    rig.answer(1, now=0.02)
    rig.send(2, now=0.02)  # its second part
    assert sent(rig) == [1]
    turn = rig.sender.next_look(0.02)
    assert turn is not None
    assert 0.08 <= turn < 0.11
    rig.send_waiting(turn)
    assert sent(rig) == [1, 2]
