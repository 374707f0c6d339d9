"""How fast a bind may send, by a clock that the test turns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp.pace import BURST_S, Pace


def send_all(pace: Pace, until: float, step: float) -> list[float]:
    """Send whatever may go, looking every `step` seconds."""
    sent, now = [], 0.0
    while now < until:
        for _ in range(pace.room(now)):
            pace.sent(now)
            sent.append(now)
        now += step
    return sent


def busiest_second(moments: list[float]) -> int:
    return max(sum(start <= moment < start + 1 for moment in moments) for start in moments)


@pytest.mark.parametrize("step", [0.0007, 0.005, 0.013, 0.1])
@pytest.mark.parametrize("most", [1, 2, 30, 300])
def test_no_second_sees_more_than_was_agreed_on(most: int, step: float) -> None:
    sent = send_all(Pace(most), 4.0, step)
    assert busiest_second(sent) <= most


@pytest.mark.parametrize("most", [1, 30, 300, 5000])
def test_nearly_all_that_was_agreed_on_is_used(most: int) -> None:
    sent = send_all(Pace(most), 10.0, 0.001)
    assert len(sent) >= 10 * most * 0.95


@given(st.lists(st.floats(0.0, 0.5), min_size=2, max_size=200), st.integers(1, 500))
def test_however_it_is_looked_at_no_second_sees_more(pauses: list[float], most: int) -> None:
    pace, now, sent = Pace(most), 0.0, []
    for pause in pauses:
        now += pause
        for _ in range(pace.room(now)):
            pace.sent(now)
            sent.append(now)
    assert busiest_second(sent) <= most


def test_the_wait_ends_when_there_is_room() -> None:
    pace = Pace(10)
    pace.sent(5.0)
    wait_s = pace.wait_s(5.0)
    assert 0 < wait_s <= (1 + BURST_S) / 10
    assert pace.room(5.0) == 0
    assert pace.room(5.0 + wait_s) == 1


def run_against(limit: float, pace: Pace, until: float) -> tuple[list[float], int]:
    """An SMSC that takes `limit` a second, in a bucket of a tenth of a second's worth; what it took, and refused."""
    now, tokens, taken, refused = 0.0, 1.0, [], 0
    while now < until:
        tokens = min(max(1.0, limit / 10), tokens + limit * 0.002)
        for _ in range(pace.room(now)):
            pace.sent(now)
            if tokens >= 1:
                tokens -= 1
                taken.append(now)
                pace.taken(now)
            else:
                refused += 1
                pace.refused(now)
        now += 0.002
    return taken, refused


@pytest.mark.parametrize(("agreed", "limit"), [(500, 100), (200, 150), (50, 5), (30, 1)])
def test_an_smsc_that_takes_less_is_given_nearly_what_it_takes(agreed: int, limit: float) -> None:
    taken, refused = run_against(limit, Pace(agreed), 120.0)
    assert len(taken) >= 0.6 * limit * 120
    assert refused <= 0.25 * len(taken) + 20


def test_once_all_is_taken_again_the_full_rate_comes_back() -> None:
    pace = Pace(100)
    run_against(10, pace, 10.0)
    assert pace.is_slowed
    now = 100.0
    while now < 160.0:
        pace.taken(now)
        now += 0.1
    assert pace.rate == 100
    assert not pace.is_slowed


def test_refusals_of_one_moment_count_once() -> None:
    together, alone = Pace(100), Pace(100)
    for _ in range(10):
        together.refused(1.0)
    alone.refused(1.0)
    assert together.rate == alone.rate < 100
    assert together.wait_s(1.0) == alone.wait_s(1.0)


def test_an_smsc_that_takes_nothing_is_asked_ever_more_seldom() -> None:
    pace, now, waits = Pace(100), 0.0, []
    for _ in range(6):
        now += pace.wait_s(now) + 0.3
        pace.refused(now)
        waits.append(round(pace.wait_s(now), 2))
    assert waits == sorted(waits)
    assert 0.5 < waits[-1] <= 3


@pytest.mark.parametrize(("agreed", "limit"), [(600, 30), (1000, 100), (100, 10)])
def test_within_a_second_it_has_found_out_what_the_smsc_takes(agreed: int, limit: float) -> None:
    _taken, refused = run_against(limit, Pace(agreed), 10.0)
    assert refused <= agreed / 4


@pytest.mark.parametrize("limit", [0.0, 2.0, 10.0])
@pytest.mark.parametrize("agreed", [30, 300, 1000])
def test_ten_minutes_of_throttling_are_made_good_within_seconds(agreed: int, limit: float) -> None:
    pace, until = Pace(agreed), 600.0
    run_against(limit, pace, until)
    assert pace.is_slowed
    now = until
    while pace.is_slowed:
        for _ in range(pace.room(now)):
            pace.sent(now)
            pace.taken(now)
        now += 0.005
        assert now < until + 12, pace.rate


@pytest.mark.parametrize(("agreed", "limit"), [(50, 5), (1000, 2), (30, 3)])
def test_an_smsc_that_takes_few_is_measured_over_as_long_as_that_needs(agreed: int, limit: float) -> None:
    taken, refused = run_against(limit, Pace(agreed), 120.0)
    assert len(taken) >= 0.75 * limit * 120
    assert refused <= 0.25 * len(taken) + agreed / 4 + 20
