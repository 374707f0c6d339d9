"""What a SIM's plan allows, by the clinic's calendar."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.plan.ledger import Ledger, Spent
from gateway.plan.limits import CAPS, Cap, Plan, Span, Unit, Window, day_start, month_start, next_day, next_month
from gateway.settings import ModemSettings
from gateway.settings.rules import bind_plan, modem_plan
from gateway.settings.smpp import SmppSettings

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
HAVANA = ZoneInfo("America/Havana")  # its clocks change at midnight
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("bound", "now", "zone", "expected"),
    [
        (day_start, "2026-11-22T22:30", MOSCOW, "2026-11-22T21:00"),
        (next_day, "2026-11-22T22:30", MOSCOW, "2026-11-23T21:00"),
        (month_start, "2026-11-30T21:30", MOSCOW, "2026-11-30T21:00"),
        (next_month, "2026-11-30T20:30", MOSCOW, "2026-11-30T21:00"),
        (next_month, "2026-12-15T12:00", MOSCOW, "2026-12-31T21:00"),
        (next_month, "2027-01-31T12:00", MOSCOW, "2027-01-31T21:00"),
        (next_day, "2026-03-29T12:00", BERLIN, "2026-03-29T22:00"),  # a day of 23 hours
        (day_start, "2026-03-29T12:00", BERLIN, "2026-03-28T23:00"),
        (day_start, "2026-10-25T22:30", BERLIN, "2026-10-24T22:00"),  # one of 25
        (day_start, "2026-03-08T12:00", HAVANA, "2026-03-08T05:00"),  # one that begins at 01:00
        (day_start, "2026-11-01T05:30", HAVANA, "2026-11-01T04:00"),  # 00:30 for the second time
    ],
)
def test_days_and_months_begin_at_the_clinics_midnight(bound: object, now: str, zone: ZoneInfo, expected: str) -> None:
    assert bound(at(now), zone) == at(expected)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("window", "moment", "is_in"),
    [
        ("13:00-14:00", "13:00", True),
        ("13:00-14:00", "14:00", False),
        ("21:00-08:00", "23:59", True),
        ("21:00-08:00", "00:00", True),
        ("21:00-08:00", "07:59", True),
        ("21:00-08:00", "08:00", False),
        ("21:00-08:00", "20:59", False),
        ("00:00-00:00", "12:00", True),
    ],
)
def test_a_quiet_time_may_pass_midnight(window: str, moment: str, is_in: bool) -> None:
    assert Window.of(window).has(time.fromisoformat(moment)) is is_in


@pytest.mark.parametrize(
    ("now", "is_quiet"),
    [("2026-07-01T18:59", False), ("2026-07-01T19:00", True), ("2026-01-01T19:30", False), ("2026-01-01T20:00", True)],
)
def test_quiet_times_are_those_of_the_clinics_wall_clock(now: str, is_quiet: bool) -> None:
    plan = Plan(quiet=(Window.of("21:00-08:00"),))
    assert (plan.window(at(now), BERLIN) is not None) is is_quiet


def test_a_plan_is_read_from_the_configuration() -> None:
    settings = ModemSettings(
        name="sim-1",
        port="/dev/ttyUSB0",
        max_per_minute=12,
        max_per_hour=120,
        max_per_day=500,
        max_per_month=3000,
        max_recipients_per_minute=10,
        max_recipients_per_hour=60,
        max_recipients_per_day=200,
        max_recipients_per_month=1000,
        min_interval="3 s",  # type: ignore[arg-type]
        jitter="4 s",  # type: ignore[arg-type]
        warm_up="14 days",  # type: ignore[arg-type]
        quiet=("21:00-08:00",),
    )
    caps = (
        Cap(Span.MINUTE, Unit.SMS, 12),
        Cap(Span.HOUR, Unit.SMS, 120),
        Cap(Span.DAY, Unit.SMS, 500),
        Cap(Span.MONTH, Unit.SMS, 3000),
        Cap(Span.MINUTE, Unit.RECIPIENTS, 10),
        Cap(Span.HOUR, Unit.RECIPIENTS, 60),
        Cap(Span.DAY, Unit.RECIPIENTS, 200),
        Cap(Span.MONTH, Unit.RECIPIENTS, 1000),
    )
    assert modem_plan(settings) == Plan(caps, 3.0, 4.0, 14 * 86400.0, (Window(time(21), time(8)),))


def test_nothing_configured_is_no_limit() -> None:
    plan = modem_plan(ModemSettings(name="sim-1", port="/dev/ttyUSB0"))
    assert plan == Plan()
    assert plan.longest is None
    assert Ledger(plan, MOSCOW).reached(1.0, NOON) is None


def test_the_longest_message_is_that_of_the_day_or_the_month() -> None:
    caps = (Cap(Span.MINUTE, Unit.SMS, 1), Cap(Span.DAY, Unit.SMS, 5), Cap(Span.MONTH, Unit.SMS, 4))
    assert Plan((*caps, Cap(Span.DAY, Unit.RECIPIENTS, 2))).longest == 4
    assert Plan(caps[:1]).longest is None


@pytest.mark.parametrize(("age_days", "share"), [(0, 0.1), (5, 0.55), (10, 1.0), (400, 1.0), (-1, 0.1)])
def test_a_new_sim_begins_with_a_tenth_of_its_limits(age_days: int, share: float) -> None:
    assert Plan(warm_up_s=10 * 86400.0).share(age_days * 86400.0) == pytest.approx(share)


@pytest.mark.parametrize(
    ("cap", "cooled"),
    [
        (Cap(Span.DAY, Unit.SMS, 500), 50),
        (Cap(Span.HOUR, Unit.RECIPIENTS, 60), 6),
        (Cap(Span.DAY, Unit.SMS, 5), 1),
        (Cap(Span.MINUTE, Unit.SMS, 12), 12),
    ],
)
def test_warming_up_lowers_limits_but_never_to_nothing(cap: Cap, cooled: int) -> None:
    assert cap.cooled(0.1).most == cooled


def ledger(*caps: Cap, spent: list[tuple[float, int]]) -> Ledger:
    """`spent`: seconds before noon, and the recipient."""
    found = Ledger(Plan(caps), MOSCOW)
    for ago, who in spent:
        found.add(Spent(NOON - timedelta(seconds=ago), who))
    return found


MINUTE_OF_2 = Cap(Span.MINUTE, Unit.SMS, 2)
DAY_OF_2 = Cap(Span.DAY, Unit.SMS, 2)
DAY_OF_2_PEOPLE = Cap(Span.DAY, Unit.RECIPIENTS, 2)


@pytest.mark.parametrize(
    ("cap", "spent", "free_at"),
    [
        (MINUTE_OF_2, [(30.0, 1)], None),
        (MINUTE_OF_2, [(30.0, 1), (10.0, 1)], NOON + timedelta(seconds=30)),
        (MINUTE_OF_2, [(60.0, 1), (10.0, 1)], None),
        (MINUTE_OF_2, [(59.5, 1), (10.0, 1)], NOON + timedelta(seconds=0.5)),
        (MINUTE_OF_2, [(50.0, 1), (40.0, 1), (10.0, 1)], NOON + timedelta(seconds=20)),
        (DAY_OF_2, [(11 * 3600.0, 1), (10.0, 1)], at("2026-11-22T21:00")),
        (DAY_OF_2, [(13 * 3600.0, 1), (10.0, 1)], None),  # before the clinic's midnight
        (DAY_OF_2_PEOPLE, [(40.0, 1), (30.0, 1), (20.0, 1)], None),
        (DAY_OF_2_PEOPLE, [(40.0, 1), (30.0, 2), (20.0, 1)], at("2026-11-22T21:00")),
    ],
)
def test_a_limit_is_reached_and_says_when_it_is_free(cap: Cap, spent: list[tuple[float, int]], free_at: object) -> None:
    reached = ledger(cap, spent=spent).reached(1.0, NOON)
    assert (reached and reached.free_at) == free_at


def test_of_several_limits_the_one_that_lasts_longest_counts() -> None:
    reached = ledger(MINUTE_OF_2, DAY_OF_2, spent=[(20.0, 1), (10.0, 2)]).reached(1.0, NOON)
    assert reached is not None
    assert reached.cap == DAY_OF_2


def test_what_is_left_is_that_of_the_scarcest_limit_of_day_and_month() -> None:
    month = Cap(Span.MONTH, Unit.SMS, 100)
    found = ledger(MINUTE_OF_2, Cap(Span.DAY, Unit.SMS, 10), month, spent=[(86400.0, 1)] * 96 + [(90.0, 2)] * 2)
    assert found.room(1.0, NOON) == 2
    assert found.share_left(1.0, NOON) == pytest.approx(0.02)
    assert found.today(NOON) == 2


@pytest.mark.parametrize("key", sorted(set(CAPS) & set(SmppSettings.model_fields)))
def test_what_a_bind_begins_at_once_is_bounded_by_each_limit_that_a_bind_may_have(key: str) -> None:
    bind = SmppSettings(name="operator", host="smsc.example", system_id="clinic", **{key: 7})
    ledger = Ledger(bind_plan(bind), MOSCOW)
    assert ledger.room(1.0, NOON) == 7
    for number in range(3):
        ledger.add(Spent(NOON, number))
    assert ledger.room(1.0, NOON) == 4


def test_without_a_limit_per_day_or_month_everything_is_left() -> None:
    found = ledger(MINUTE_OF_2, spent=[(10.0, 1)])
    assert found.room(1.0, NOON) is None
    assert found.share_left(1.0, NOON) == 1.0


KEPT = {
    "no limit": ((), 700),
    "limits in SMS": ((MINUTE_OF_2, Cap(Span.HOUR, Unit.SMS, 20), DAY_OF_2, Cap(Span.MONTH, Unit.SMS, 500)), 2000),
    "recipients of a minute": ((Cap(Span.MINUTE, Unit.RECIPIENTS, 2),), 1000),
    "recipients of a day": ((DAY_OF_2_PEOPLE,), 1000 + 9 * 1440 * 2),
    "recipients of a month": ((Cap(Span.MONTH, Unit.RECIPIENTS, 9000),), 1000 + 9 * 3 * 1440 * 2),
}


@pytest.mark.parametrize("case", KEPT)
def test_a_ledger_keeps_what_its_limits_need_and_no_more(case: str) -> None:
    caps, octets = KEPT[case]
    found = ledger(*caps, spent=[])
    for second in range(0, 86400 * 3, 30):
        now = NOON + timedelta(seconds=second)
        found.add(Spent(now, second))
        found.reached(1.0, now)
        found.today(now)
    assert len(pickle.dumps(found)) < octets


def counted(cap: Cap, spent: list[Spent], now: datetime) -> int:
    """Anew from the whole history."""
    slides = isinstance(cap.span.value, timedelta)
    begin = {Span.DAY: day_start, Span.MONTH: month_start}.get(cap.span)
    lately = [
        each for each in spent
        if (each.at > now - cap.span.value if slides else begin is not None and each.at >= begin(now, MOSCOW))
    ]  # fmt: skip
    return len(lately) if cap.unit is Unit.SMS else len({each.recipient for each in lately})


@settings(deadline=None)
@given(
    st.builds(lambda key, most: Cap(key[0], key[1], most), st.sampled_from(list(CAPS.values())), st.integers(1, 6)),
    st.lists(st.tuples(st.sampled_from([0.0, 9.0, 51.0, 60.0, 3000.0, 40_000.0, 900_000.0]), st.integers(0, 4))),
)
def test_a_limit_is_reached_when_the_whole_history_says_so_and_free_when_it_says(
    cap: Cap, steps: list[tuple[float, int]]
) -> None:
    found, history, now = ledger(cap, spent=[]), list[Spent](), NOON
    for wait_s, who in steps:
        now += timedelta(seconds=wait_s)
        history.append(Spent(now, who))
        found.add(history[-1])
        reached = found.reached(1.0, now)
        assert (reached is not None) == (counted(cap, history, now) >= cap.most)
        if reached:
            assert counted(cap, history, reached.free_at) < cap.most
            assert counted(cap, history, reached.free_at - timedelta(microseconds=1)) >= cap.most
