"""How long a carrier rests after failures, and how many SMS it may send."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain
from gateway.limits import Limits, day_start
from gateway.rest import (
    DEVICE_FAILURES_TO_REOPEN,
    NETWORK_RESTS_S,
    REOPEN_WAITS_S,
    STEADY_S,
    UNCERTAIN_TO_REOPEN,
    Condition,
    losses_after,
    step,
)

BUSY = Deferred("cms_42", "Congestion.", Scope.NETWORK)
AWAY = Deferred("cms_27", "Phone off.", Scope.NUMBER)
BROKEN = Deferred("cms_500", "Unknown error.", Scope.DEVICE)
SILENT = Uncertain("no_answer", "No answer.")
FINE = Accepted("7")
NEVER = Refused("cms_1", "Unassigned number.")


def after(*outcomes: Outcome) -> Condition:
    condition = Condition()
    for outcome in outcomes:
        condition = condition.after(outcome)
    return condition


@pytest.mark.parametrize("outcome", [FINE, NEVER, AWAY], ids=["accepted", "refused", "number"])
def test_an_answer_about_the_number_rests_nobody_and_ends_a_run_of_failures(outcome: Outcome) -> None:
    assert after(BUSY, BUSY, outcome) == Condition()
    assert after(outcome).rest_s == 0


def test_a_busy_network_is_given_longer_and_longer_rests() -> None:
    rests = [after(*[BUSY] * n).rest_s for n in range(1, 8)]
    assert rests == [*NETWORK_RESTS_S, NETWORK_RESTS_S[-1], NETWORK_RESTS_S[-1]]


def test_a_single_hiccup_of_the_device_costs_nothing() -> None:
    assert after(BROKEN).rest_s == 0
    assert after(BROKEN, FINE, BROKEN).rest_s == 0


@pytest.mark.parametrize(("failure", "times"), [(BROKEN, DEVICE_FAILURES_TO_REOPEN), (SILENT, UNCERTAIN_TO_REOPEN)])
def test_a_run_of_device_failures_opens_the_carrier_anew(failure: Outcome, times: int) -> None:
    assert not after(*[failure] * (times - 1)).needs_reopening
    assert after(*[failure] * times).needs_reopening
    assert not after(*[failure] * (times + 1)).needs_reopening
    assert after(*[failure] * times * 2).needs_reopening


def test_a_device_that_goes_on_failing_rests_longer_and_longer() -> None:
    assert [after(*[BROKEN] * n).rest_s for n in range(1, 10)] == [0, 1, 3, 5, 15, 30, 60, 60, 60]


def test_a_busy_network_never_opens_the_carrier_anew() -> None:
    assert not after(*[BUSY] * 100).needs_reopening


def test_a_carrier_that_is_lost_again_and_again_is_opened_after_longer_and_longer_waits() -> None:
    losses, waits = 0, []
    for _ in range(6):
        losses = losses_after(losses, 0.0)
        waits.append(step(REOPEN_WAITS_S, losses))
    assert waits == [*REOPEN_WAITS_S, REOPEN_WAITS_S[-1], REOPEN_WAITS_S[-1]]


def test_a_carrier_that_served_long_is_opened_anew_at_once() -> None:
    assert step(REOPEN_WAITS_S, losses_after(7, STEADY_S + 1)) == REOPEN_WAITS_S[0]


@pytest.mark.parametrize(
    ("limits", "in_last_minute", "today", "is_allowed"),
    [
        (Limits(), 10**6, 10**6, True),
        (Limits(per_minute=12), 11, 10**6, True),
        (Limits(per_minute=12), 12, 12, False),
        (Limits(per_day=500), 0, 499, True),
        (Limits(per_day=500), 0, 500, False),
        (Limits(12, 500), 0, 500, False),
    ],
)
def test_a_limit_is_reached_and_not_exceeded(limits: Limits, in_last_minute: int, today: int, is_allowed: bool) -> None:
    assert limits.allow(in_last_minute, today) is is_allowed


def test_the_day_begins_at_the_clinics_midnight() -> None:
    now = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert day_start(now, ZoneInfo("Europe/Moscow")) == datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
