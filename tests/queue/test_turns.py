"""Between two long turns the file is free for so long that whoever waits outside gets in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.queue import db
from gateway.queue.turns import LONGEST_REST_S, LOOKS_S, Turns, rest_s
from tests.queue.clinic import Clinic

HELD_S = st.floats(0.0001, LOOKS_S[-1])


@given(held_s=HELD_S, share=st.floats(0.0, 1.0))
def test_whoever_came_during_a_turn_looks_again_in_the_rest_after_it(held_s: float, share: float) -> None:
    came_at = share * held_s
    looks = [came_at + look for look in LOOKS_S]
    assert any(held_s <= look <= held_s + rest_s(held_s) for look in looks)


@pytest.mark.parametrize(
    ("held_s", "rest"),
    [
        pytest.param(0.0, 0.0, id="nothing was written"),
        pytest.param(0.0004, 0.001, id="a commit"),
        pytest.param(0.002, 0.002, id="some SMS"),
        pytest.param(0.006, 0.005, id="a window"),
        pytest.param(0.9, LONGEST_REST_S, id="the disk was slow: it is not made up for as long"),
    ],
)
def test_the_rest_follows_the_turn(held_s: float, rest: float) -> None:
    turns = Turns()
    assert turns.wait_s(99.0) == 0.0
    turns.took(100.0, 100.0 + held_s)
    assert turns.wait_s(100.0 + held_s) == pytest.approx(rest)
    assert turns.wait_s(100.0 + held_s + rest) == pytest.approx(0.0)


def test_a_turn_that_follows_another_thread_s_at_once_is_rested_for_as_one() -> None:
    turns = Turns()
    turns.took(100.0, 100.005)
    turns.took(100.0051, 100.010)
    assert turns.wait_s(100.010) == pytest.approx(rest_s(0.010))
    turns.took(100.050, 100.055)
    assert turns.wait_s(100.055) == pytest.approx(rest_s(0.005))


def test_all_connections_of_a_file_share_their_turns(clinic: Clinic) -> None:
    with db.open_database(clinic.path) as other:
        assert db.turns_of(other) is db.turns_of(clinic.connection)
    other.close()
