"""Doctor about the clock: its year, its time server, and what the gateway has lived through by it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from gateway.cli.checks import clock
from gateway.queue import heartbeat
from gateway.queue.db import open_database
from tests.cli.conftest import Gateway
from tests.cli.doctor import settings
from tests.conftest import TimeServer


def test_a_clock_that_was_set_back_is_known_without_a_daemon(gateway: Gateway, time_server: TimeServer) -> None:
    """One that a time server keeps right was ahead before."""

    def found() -> list[dict[str, Any]]:
        return [each for each in gateway.json("doctor") if "still to come" in each["finding"]]

    assert not found()
    with closing(open_database(gateway.database)) as connection:
        heartbeat.start(connection, 1, datetime(2199, 11, 22, 9, 0, tzinfo=UTC))
        heartbeat.stopped(connection, datetime(2199, 11, 22, 9, 0, tzinfo=UTC))
    (ill,) = found()
    assert (ill["check"], ill["ok"]) == ("clock", False)
    assert "2199-11-22 12:00" in ill["finding"]
    time_server("yes")
    assert not found()


def test_a_clock_that_no_time_server_keeps_right_is_a_problem_where_anybody_can_say(time_server: TimeServer) -> None:
    def are_well() -> list[bool]:
        return [each.ok for each in clock.check(None, datetime(2026, 11, 22, tzinfo=UTC))]

    assert are_well() == [True, False]
    for answer in ("yes", "Failed to connect to bus"):
        time_server(answer)
        assert are_well() == [True]


def test_a_clock_that_was_never_set_is_a_problem() -> None:
    assert not clock.year(datetime(1970, 1, 1, tzinfo=UTC)).ok
    assert clock.year(datetime(2026, 11, 22, tzinfo=UTC)).ok


def test_the_clinics_own_time_is_told() -> None:
    found = list(clock.check(settings(), datetime(2026, 11, 22, 9, 0, tzinfo=UTC)))
    assert found[-1].finding == "In Europe/Moscow it is 12:00."
