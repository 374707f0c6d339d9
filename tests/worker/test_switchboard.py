"""Who serves a way of several carriers: fail-over at once, back after a while, no flapping."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.worker.switchboard import BRIEF_S, STEADY_S, Switchboard

WAY = "operator\nsim-1"


def first(board: Switchboard, names: Sequence[str] = ("operator", "sim-1")) -> list[str]:
    """Those that may take any message of the way."""
    return [name for name in names if any(each.is_first for each in board.openings(name))]


@pytest.fixture
def board() -> Switchboard:
    """Both have been well for a while."""
    made = Switchboard()
    made.know({WAY})
    made.look({"operator", "sim-1"}, 0.0)
    made.look({"operator", "sim-1"}, STEADY_S)
    return made


def test_before_anybody_can_send_everybody_may_begin() -> None:
    made = Switchboard()
    made.know({WAY})
    assert first(made) == ["operator", "sim-1"]


def test_the_better_one_serves(board: Switchboard) -> None:
    assert first(board) == ["operator"]


def test_one_that_comes_for_the_first_time_waits_for_nothing() -> None:
    made = Switchboard()
    made.know({WAY})
    made.look({"sim-1"}, 0.0)
    assert first(made) == ["sim-1"]
    made.look({"sim-1", "operator"}, 1.0)
    assert first(made) == ["operator"]


def test_the_next_one_goes_on_at_once(board: Switchboard) -> None:
    assert board.look({"sim-1"}, 10.0)
    assert first(board) == ["sim-1"]


def test_the_better_one_gets_them_back_when_it_has_stayed_for_a_while(board: Switchboard) -> None:
    board.look({"sim-1"}, 10.0)
    board.look({"sim-1", "operator"}, 60.0)
    assert first(board) == ["sim-1"]
    board.look({"sim-1", "operator"}, 60.0 + STEADY_S - 0.1)
    assert first(board) == ["sim-1"]
    assert board.look({"sim-1", "operator"}, 60.0 + STEADY_S)
    assert first(board) == ["operator"]


def test_after_a_link_that_was_built_up_at_once_nothing_waits(board: Switchboard) -> None:
    board.look({"sim-1"}, 10.0)
    board.look({"sim-1", "operator"}, 10.0 + BRIEF_S)
    assert first(board) == ["operator"]


def test_one_that_comes_and_goes_does_not_get_them_back(board: Switchboard) -> None:
    moment = 10.0
    for _turn in range(10):
        board.look({"sim-1"}, moment)
        board.look({"sim-1", "operator"}, moment + BRIEF_S + 1)
        assert first(board) == ["sim-1"]
        moment += BRIEF_S + STEADY_S


def test_one_that_came_back_serves_when_the_other_falls(board: Switchboard) -> None:
    board.look({"sim-1"}, 10.0)
    board.look({"sim-1", "operator"}, 60.0)
    board.look({"operator"}, 61.0)
    assert first(board) == ["operator"]


def test_nothing_new_is_told_when_nothing_is(board: Switchboard) -> None:
    assert not board.look({"operator", "sim-1"}, 10.0)
    assert not board.look({"operator", "sim-1", "sim-2"}, 11.0)


def test_ways_that_nobody_waits_in_are_open_to_nobody(board: Switchboard) -> None:
    board.know(set())
    assert not first(board)
