"""How many SMS a carrier may send."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.limits import Limits, day_start


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
