"""Within the bind too, what weighs more goes first: before what was begun ahead, and before what the SMSC refused."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import codes
from tests.smpp.sender_rig import ANSWER_S, Rig, submission

URGENT = 8


def sent(rig: Rig) -> list[int]:
    return [key for key, _sequence in rig.sent]


def full(size: int = 4, ahead: int = 2) -> Rig:
    """As many as there are places are in the air, keys 1 to `size`, and so many more wait."""
    rig = Rig(size)
    rig.send(*range(1, size + ahead + 1))
    return rig


def test_what_is_urgent_takes_the_next_place_of_those_begun_ahead() -> None:
    rig = full()
    rig.send(9, rank=URGENT)
    rig.answer(1)
    rig.answer(2)
    rig.send_waiting(0.1)
    assert sent(rig) == [1, 2, 3, 4, 9, 5]


def test_where_there_is_a_place_it_leaves_at_once_though_others_wait_for_theirs() -> None:
    rig = full()
    rig.answer(1)
    rig.send(9, rank=URGENT, now=0.1)
    assert sent(rig) == [1, 2, 3, 4, 9]


def test_of_what_is_handed_over_together_the_weightiest_leaves_first() -> None:
    rig = Rig(2)
    rig.sender.send([submission(key, rank=rank) for key, rank in ((1, 5), (2, 8), (3, 2), (4, 9))], *rig.into, 0.0)
    assert sent(rig) == [4, 2]


def test_it_goes_before_what_the_smsc_refused_and_the_window_holds_all_the_same() -> None:
    rig = full(ahead=0)
    for sequence in (1, 2, 3, 4):
        rig.answer(sequence, codes.THROTTLED)
    rig.send(9, rank=URGENT, now=0.1)
    rig.send_waiting(5.0)
    assert sent(rig)[4] == 9
    for moment in range(6, 20):
        rig.send_waiting(float(moment))
    assert len(rig.sender.window) == 4
    assert sent(rig) == [1, 2, 3, 4, 9, 1, 2, 3]


def test_refused_itself_it_goes_out_again_before_the_others_that_were() -> None:
    rig = Rig(4)
    rig.send(1, 2, 3)
    rig.send(4, rank=URGENT)
    for sequence in (1, 2, 3, 4):
        rig.answer(sequence, codes.QUEUE_FULL)
    rig.send_waiting(5.0)
    assert sent(rig)[4] == 4


def test_to_an_smsc_that_fell_silent_what_was_refused_goes_one_at_a_time_too() -> None:
    rig = Rig(4)
    rig.send(1, 2, 3)
    rig.answer(1, codes.THROTTLED, now=ANSWER_S - 0.1)
    rig.answer(2, codes.THROTTLED, now=ANSWER_S - 0.1)
    rig.overdue(ANSWER_S)
    for moment in range(5):
        rig.send_waiting(ANSWER_S + 2 + moment)
    assert sent(rig) == [1, 2, 3, 1]


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 5))
def test_of_those_that_wait_none_leaves_before_a_weightier_one_nor_before_an_older_one_of_its_weight(
    ranks: list[int], size: int
) -> None:
    rig = Rig(size)
    rig.send(*range(1000, 1000 + size))
    for key, rank in enumerate(ranks):
        rig.send(key, rank=rank)
    for sequence in itertools.count(1):
        if sequence > size + len(ranks):
            break
        rig.answer(sequence)
        rig.send_waiting(0.1)
    expected = sorted(range(len(ranks)), key=lambda key: (-ranks[key], key))
    assert sent(rig)[size:] == expected
