"""When so many SMS will be out: by rates, limits, quiet times, and what stands before them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.plan.estimate import HORIZON, Estimate, Way, estimate, pace
from gateway.plan.lanes import Lane, shared_out
from gateway.plan.limits import Cap, Plan, Span, Unit, Window

ZONE = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=ZONE)
DAY_500 = Plan((Cap(Span.DAY, Unit.SMS, 500),))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-12-{text}").replace(tzinfo=ZONE)


def told(*ways: Way, sms: int = 600, ahead: int = 0, start: datetime = NOON) -> Estimate:
    return estimate(ways, [Lane(names(ways), [(start, sms)], ahead=ahead)], NOON, ZONE)


def names(ways: Iterable[Way]) -> tuple[str, ...]:
    return tuple(way.name for way in ways)


FINISH = {
    "one way": ((Way("a", 10),), {}, "01 13:00"),
    "two ways share it": ((Way("a", 10), Way("b", 10)), {}, "01 12:30"),
    "what stands before goes first": ((Way("a", 10),), {"ahead": 300}, "01 13:30"),
    "it begins later": ((Way("a", 10),), {"start": at("03 09:00")}, "03 10:00"),
    "a day's limit: the rest goes from midnight on": (
        (Way("a", 10, DAY_500, left_today=500),),
        {},
        "02 00:10",
    ),
    "little is left today": ((Way("a", 10, DAY_500, left_today=0),), {"sms": 100}, "02 00:10"),
    "several days": ((Way("a", 10, DAY_500, left_today=500),), {"sms": 1600}, "04 00:10"),
    "quiet times": ((Way("a", 10, Plan(quiet=(Window.of("12:30-09:00"),))),), {}, "02 09:30"),
    "the faster takes more": ((Way("a", 10), Way("b", 30)), {"sms": 1200}, "01 12:30"),
    "nothing": ((Way("a", 10),), {"sms": 0}, "01 12:00"),
}


@pytest.mark.parametrize(("ways", "more", "finish"), FINISH.values(), ids=FINISH)
def test_it_will_be_through(ways: tuple[Way, ...], more: dict[str, int], finish: str) -> None:
    found = told(*ways, **more).finish_at  # type: ignore[arg-type]
    assert found is not None
    assert abs(found - at(finish)) < timedelta(seconds=1)


def test_what_goes_years_later_has_the_limits_of_that_time() -> None:
    start = at("01 09:00") + timedelta(days=1000)
    assert told(Way("a", 10, DAY_500, left_today=0), sms=500, start=start).finish_at == start + timedelta(minutes=50)


def test_each_way_has_its_share_and_its_price() -> None:
    found = told(Way("a", 10, cost=2.0), Way("b", 30, cost=1.0), sms=1200)
    assert (found.sms, found.cost, found.is_cost_whole) == ({"a": 300, "b": 900}, 1500.0, True)


@given(rates=st.lists(st.integers(0, 2000), min_size=1, max_size=8).filter(any), sms=st.integers(0, 500))
def test_the_shares_add_up_to_the_list_and_who_can_not_send_has_none(rates: list[int], sms: int) -> None:
    found = told(*(Way(str(number), rate) for number, rate in enumerate(rates)), sms=sms).sms
    assert sum(found.values()) == sms
    assert all(found[str(number)] == 0 for number, rate in enumerate(rates) if not rate)
    assert min(found.values()) >= 0


def test_four_alike_take_38_as_evenly_as_can_be() -> None:
    found = told(*(Way(name, 12) for name in "abcd"), sms=38).sms
    assert sorted(found.values()) == [9, 9, 10, 10]


def test_a_way_without_a_price_makes_the_cost_a_part_of_it() -> None:
    found = told(Way("a", 10, cost=2.0), Way("b", 10))
    assert (found.cost, found.is_cost_whole) == (600.0, False)
    assert told(Way("b", 10)).cost is None


def test_no_cost_is_told_where_only_ways_without_a_price_are_taken() -> None:
    assert in_order(Way("free", 10), Way("priced", 10, cost=2.0), sms=60).cost is None


@pytest.mark.parametrize("ways", [(), (Way("a", 0),), (Way("a", 10, left_today=5),)], ids=["none", "still", "spent"])
def test_what_can_not_be_through_is_said_to_be_so(ways: tuple[Way, ...]) -> None:
    plan = Plan((Cap(Span.MONTH, Unit.SMS, 1),))
    slow = tuple(Way(way.name, way.per_minute, plan, left_this_month=0) for way in ways)
    assert told(*slow).finish_at is None


def test_what_comes_later_is_counted_from_its_time_on() -> None:
    arrivals = [(NOON, 100), (at("01 15:00"), 100)]
    found = estimate([Way("a", 10)], [Lane(("a",), arrivals)], NOON, ZONE)
    assert found.finish_at == at("01 15:10")


PACES = {
    "as fast as it is": (Plan(), 12.0),
    "a minute's limit": (Plan((Cap(Span.MINUTE, Unit.SMS, 6),)), 6.0),
    "an hour's limit": (Plan((Cap(Span.HOUR, Unit.SMS, 120),)), 2.0),
    "a pause": (Plan(min_interval_s=8.0, jitter_s=4.0), 6.0),
}


@pytest.mark.parametrize(("plan", "expected"), PACES.values(), ids=PACES)
def test_a_way_is_as_fast_as_its_limits_let_it(plan: Plan, expected: float) -> None:
    assert pace(plan, 12.0) == expected


@given(st.integers(0, 20_000), st.integers(1, 50), st.integers(0, 1000))
def test_all_of_it_is_shared_out_whatever_it_takes(sms: int, rate: int, left: int) -> None:
    found = told(Way("a", rate, DAY_500, left_today=left), Way("b", 1), sms=sms)
    if found.finish_at is not None:
        assert abs(sum(found.sms.values()) - sms) <= 1
        assert NOON <= found.finish_at <= NOON + HORIZON


def in_order(*ways: Way, sms: int, ahead: int = 0) -> Estimate:
    """The first of the ways is the better one."""
    return estimate(ways, [Lane(names(ways), [(NOON, sms)], is_shared=False, ahead=ahead)], NOON, ZONE)


def test_the_better_way_takes_all_however_long_it_lasts() -> None:
    found = in_order(Way("dear", 10, cost=5.0), Way("cheap", 100, cost=1.0), sms=600)
    assert (found.sms, found.finish_at, found.cost) == ({"dear": 600, "cheap": 0}, at("01 13:00"), 3000.0)


INSTEAD = {
    "its limit of today is near": Way("a", 10, DAY_500, left_today=30),
    "its limit of today is reached": Way("a", 10, DAY_500, left_today=0),
    "its quiet time": Way("a", 10, Plan(quiet=(Window.of("11:00-18:00"),))),
}


@pytest.mark.parametrize("better", INSTEAD.values(), ids=INSTEAD)
def test_the_next_one_goes_on_while_the_better_one_can_not(better: Way) -> None:
    found = in_order(better, Way("b", 10), sms=60)
    assert found.sms == {"a": int(better.left_today or 0), "b": 60 - int(better.left_today or 0)}
    assert found.finish_at is not None
    assert found.finish_at <= at("01 12:10")


def test_what_waits_for_another_way_is_in_nobodys_way() -> None:
    ways = (Way("a", 10), Way("b", 10))
    ours, others = Lane(("a",), [(NOON, 100)]), Lane(("b",), ahead=6000)
    found = estimate(ways, [ours, others], NOON, ZONE)
    assert (found.finish_at, found.sms) == (at("01 12:10"), {"a": 100, "b": 0})


def test_what_waits_for_the_same_way_goes_first_whoever_else_may_have_it() -> None:
    ways = (Way("a", 10), Way("b", 10))
    ours, others = Lane(("a",), [(NOON, 100)]), Lane(("a", "b"), ahead=400)
    assert estimate(ways, [ours, others], NOON, ZONE).finish_at == at("01 12:30")


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from("abc"), min_size=1), st.booleans(), st.integers(0, 500), st.integers(0, 500)),
        min_size=1,
        max_size=6,
    )
)
def test_nothing_is_taken_twice_nor_by_whom_it_is_not_for(told: list[tuple[set[str], bool, int, int]]) -> None:
    ways = [Way("a", 5), Way("b", 20, DAY_500, left_today=100), Way("c", 0)]
    lanes = [Lane(tuple(sorted(of)), [(NOON, sms)], is_shared, ahead) for of, is_shared, sms, ahead in told]
    rooms = {way.name: way.room(NOON, ZONE) for way in ways}
    before = {name: room.sms for name, room in rooms.items()}
    wanted = [lane.arrivals[0][1] for lane in lanes]
    taken = list(shared_out(lanes, [float(sms) for sms in wanted], rooms))
    for number, sms in enumerate(wanted):
        assert sum(part for lane, _name, part in taken if lane == number) <= sms + 1e-6
    for name, room in before.items():
        assert sum(part for _lane, way, part in taken if way == name) <= room + 1e-6
    assert all(name in lanes[number].names for number, name, _part in taken)
