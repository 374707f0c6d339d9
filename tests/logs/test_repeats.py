"""A fault that lasts is said once, and then now and then."""

from __future__ import annotations

import io
import json

import pytest
import structlog

from gateway import logs
from gateway.repeats import APART_S, MOST_KEPT, SAY_AGAIN_S, Repeats


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The log's time, which stands still until the test moves it."""
    clock = Clock()
    monkeypatch.setattr(Repeats.__init__, "__defaults__", (clock,))
    logs.configure("info", "json", stream)
    return clock


def said(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(text) for text in stream.getvalue().splitlines()]


def test_a_fault_that_lasts_is_said_once_and_then_now_and_then(stream: io.StringIO, clock: Clock) -> None:
    log = structlog.get_logger()
    for _second in range(0, int(2 * SAY_AGAIN_S), 3):
        log.warning("carrier_lost", carrier="sim-1", reason="is the modem plugged in?")
        clock.now += 3
    assert [event.get("repeated") for event in said(stream)] == [None, SAY_AGAIN_S // 3]


def test_another_carrier_or_another_reason_is_another_fault(stream: io.StringIO, clock: Clock) -> None:
    log = structlog.get_logger()
    for _round in range(5):
        for carrier in ("sim-1", "sim-2"):
            for reason in ("gone", "no answer"):
                log.warning("carrier_lost", carrier=carrier, reason=reason)
    assert len(said(stream)) == 4


def test_a_fault_that_comes_back_after_its_end_is_said_again(stream: io.StringIO, clock: Clock) -> None:
    log = structlog.get_logger()
    log.warning("carrier_lost", carrier="sim-1", reason="gone")
    log.info("carrier_ready", carrier="sim-1")
    log.warning("carrier_lost", carrier="sim-1", reason="gone")
    clock.now += APART_S + 1
    log.warning("carrier_lost", carrier="sim-1", reason="gone")
    assert [event["event"] for event in said(stream)] == [
        "carrier_lost",
        "carrier_ready",
        "carrier_lost",
        "carrier_lost",
    ]


def test_exceptions_are_told_apart_by_what_they_say(stream: io.StringIO, clock: Clock) -> None:
    for sentence in ("database is locked", "database is locked", "database or disk is full"):
        try:
            raise OSError(sentence)
        except OSError:
            structlog.get_logger().exception("dispatcher_failed", fault="OSError")
    assert len(said(stream)) == 2


def test_what_is_no_fault_is_always_said(stream: io.StringIO, clock: Clock) -> None:
    for _time in range(3):
        structlog.get_logger().info("message", id=17, change="sent")
    assert len(said(stream)) == 3


def test_faults_that_are_over_take_no_memory(stream: io.StringIO, clock: Clock) -> None:
    repeats = Repeats(clock)
    for number in range(5 * MOST_KEPT):
        repeats(None, "error", {"event": "failed", "level": "error", "number": number})
        clock.now += APART_S
    assert len(repeats._said) <= MOST_KEPT
