"""What people want of a modem's worker, over hours of virtual time: pauses, resets, USSD."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.carrier import Incoming, Remedy
from gateway.errors import Cause
from gateway.life import Life
from gateway.queue import orders
from gateway.worker.errands import WAY_UP_S
from gateway.worker.traffic import IDLE_WAIT_S
from tests.worker.patient import HOUR_S, MENDING_S, OPENING_S, SMS_S, START, Ward, lost

LONG = "Hello " * 60  # three SMS


def pause(ward: Ward, reason: str = "") -> None:
    orders.pause(ward.connection, "sim-1", reason, ward.clock.now())
    ward.worker.heed()


def resume(ward: Ward) -> None:
    orders.resume(ward.connection, "sim-1", ward.clock.now())
    orders.give(ward.connection, "sim-1", "resume", "", ward.clock.now())
    ward.worker.heed()


def test_a_pause_lets_a_long_message_end_and_begins_no_new_one(ward: Ward) -> None:
    seen: list[tuple[str, str]] = []

    def look() -> None:
        seen.append((ward.worker.status().state, ward.worker.status().detail))

    ward.add(2, LONG)
    ward.clock.at(OPENING_S + SMS_S / 2, lambda: pause(ward, "new SIM"))
    ward.clock.at(OPENING_S + SMS_S * 1.5, look)
    ward.clock.at(40, look)
    ward.clock.at(41, lambda: pause(ward, "antenna"))
    ward.run(60)
    look()
    assert len(ward.patient.submitted) == 3
    assert ward.states() == ["sent", "queued"]
    assert seen[0][0] == Life.READY
    assert "Draining" in seen[0][1]
    assert seen[1][0] == Life.PAUSED
    assert "new SIM" in seen[1][1]
    assert "2026-11-22 08:00" in seen[1][1]
    assert "antenna" in seen[2][1], "another reason is heard of while it is paused"


def test_a_paused_modem_still_receives_and_stays_paused_over_a_restart(ward: Ward) -> None:
    pause(ward)
    ward.add()
    ward.run(60)
    ward.restart()
    incoming = Incoming("+79000000002", "Hi", None, None, "fingerprint")
    ward.clock.at(90, lambda: ward.patient.incoming.append(incoming))
    ward.run(60)
    assert ward.patient.submitted == []
    assert ward.patient.acknowledged == [incoming]
    assert ward.worker.status().state == Life.PAUSED
    assert not ward.worker.is_able


def test_a_resumed_modem_sends_at_once(ward: Ward) -> None:
    pause(ward)
    ward.add()
    ward.clock.at(100, lambda: resume(ward))
    ward.run(100 + SMS_S + 1)
    assert ward.states() == ["sent"]
    assert ward.worker.status().state == Life.READY


def test_a_reset_waits_for_the_message_in_hand_and_is_answered_when_the_modem_is_ready(ward: Ward) -> None:
    ward.add(2, LONG)
    given: list[int] = []

    def order() -> None:
        given.append(orders.give(ward.connection, "sim-1", "reset", "", ward.clock.now()))
        ward.worker.heed()

    ward.clock.at(OPENING_S + SMS_S / 2, order)
    ward.patient.mends = lost(Cause.PLANNED, "It restarts.")
    ward.run(120)
    moment, remedy = ward.patient.mended[0]
    assert (remedy, moment) == (Remedy.RESET, OPENING_S + 3 * SMS_S + MENDING_S)
    assert ward.states() == ["sent", "sent"]
    found = orders.find(ward.connection, given[0])
    assert found is not None
    assert found["state"] == "done"
    assert ward.remedies_tried() == ["reset"]


def test_a_reset_that_fails_says_so_to_the_person_who_waits(ward: Ward) -> None:
    ward.patient.mends = lost(Cause.ABSENT, "It did not come back.")
    order = orders.give(ward.connection, "sim-1", "reset", "", ward.clock.now())
    ward.run(30)
    found = orders.find(ward.connection, order)
    assert found is not None
    assert (found["state"], found["answer"]) == ("failed", "It did not come back.")


def reset_at(ward: Ward, moment_s: float) -> Callable[[], tuple[str, str | None]]:
    """A person orders a reset then; the order's state and answer, whenever asked."""
    given: list[int] = []

    def order() -> None:
        given.append(orders.give(ward.connection, "sim-1", "reset", "", ward.clock.now()))
        ward.worker.heed()

    def told() -> tuple[str, str | None]:
        found = orders.find(ward.connection, given[0])
        assert found is not None
        return found["state"], found["answer"]

    ward.clock.at(moment_s, order)
    return told


def away_until(ward: Ward, moment_s: float, cause: Cause = Cause.ABSENT) -> None:
    """Once reset, it is away so long."""

    def leave(_remedy: Remedy) -> None:
        ward.patient.opens = lambda: lost(cause, "Not there.")() if ward.clock.passed_s < moment_s else None
        lost(Cause.PLANNED)()

    ward.patient.mends = leave


def test_a_device_that_is_away_for_a_while_after_its_reset_is_waited_for(ward: Ward) -> None:
    away_until(ward, 60)
    told, seen = reset_at(ward, 10), []
    ward.clock.at(55, lambda: seen.append(told()[0]))
    ward.run(70)
    assert seen == ["taken"]
    assert told() == ("done", "The modem was reset and is ready again.")


def test_a_reset_of_a_paused_modem_says_that_it_is_paused_still(ward: Ward) -> None:
    pause(ward)
    away_until(ward, 20)
    told = reset_at(ward, 10)
    ward.run(70)
    state, answer = told()
    assert state == "done"
    assert answer == "sim-1 was reset. It is still paused: `smsgw modems resume sim-1` puts it back into service."
    assert ward.worker.status().state == Life.PAUSED


@pytest.mark.parametrize("cause", [Cause.ABSENT, Cause.SILENT, Cause.NO_NETWORK])
def test_a_device_that_does_not_come_back_from_its_reset_is_told_when_the_time_is_over(
    ward: Ward, cause: Cause
) -> None:
    away_until(ward, HOUR_S, cause)
    told, seen = reset_at(ward, 10), []
    ward.clock.at(10 + WAY_UP_S - 5, lambda: seen.append(told()[0]))
    ward.run(10 + WAY_UP_S + IDLE_WAIT_S + MENDING_S)
    assert seen == ["taken"]
    assert told() == ("failed", f"It was reset and was not ready within {WAY_UP_S:.0f} s: Not there.")


@pytest.mark.parametrize("cause", [Cause.LOCKED, Cause.DENIED, Cause.UNSUITABLE])
def test_what_will_not_pass_after_a_reset_is_told_at_once(ward: Ward, cause: Cause) -> None:
    away_until(ward, HOUR_S, cause)
    told = reset_at(ward, 10)
    ward.run(10 + MENDING_S + 2 * OPENING_S)
    assert told() == ("failed", "Not there.")


def test_a_reset_that_was_ordered_is_done_though_the_line_is_lost_just_then(ward: Ward) -> None:
    ward.patient.speaks = lambda: lost(Cause.SILENT)() if ward.clock.passed_s == 10.0 else None
    told = reset_at(ward, 10)
    ward.run(60)
    assert ward.remedies_tried() == ["reset"]
    assert told()[0] == "done"


def test_a_person_may_reset_a_modem_that_must_not_be_reset_by_itself(tmp_path: Path) -> None:
    with Ward(tmp_path, may_reset=False) as ward:
        orders.give(ward.connection, "sim-1", "reset", "", ward.clock.now())
        ward.run(30)
        assert [remedy for _at, remedy in ward.patient.mended] == [Remedy.RESET]


def test_a_modem_that_must_not_be_reset_is_not(tmp_path: Path) -> None:
    with Ward(tmp_path, may_reset=False) as ward:
        ward.patient.opens = lost(Cause.SILENT)
        ward.run(HOUR_S)
        assert {remedy for _at, remedy in ward.patient.mended} == {Remedy.RADIO}
        assert ward.worker.status().state == Life.FAILED


def test_ussd_is_asked_between_two_sms(ward: Ward) -> None:
    ward.add(3)
    given: list[int] = []

    def order() -> None:
        given.append(orders.give(ward.connection, "sim-1", "ussd", "*100#", ward.clock.now()))
        ward.worker.heed()

    ward.clock.at(OPENING_S + SMS_S / 2, order)
    ward.run(60)
    found = orders.find(ward.connection, given[0])
    assert found is not None
    assert (found["state"], found["answer"]) == ("done", "Answer to *100#")
    assert datetime.fromisoformat(found["done_at"]) <= START + timedelta(seconds=OPENING_S + SMS_S)
    assert ward.states() == ["sent"] * 3


def test_ussd_to_a_modem_that_is_not_there_is_answered_at_once(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.ABSENT, "Nothing at this port.")
    order = orders.give(ward.connection, "sim-1", "ussd", "*100#", ward.clock.now())
    ward.run(10)
    found = orders.find(ward.connection, order)
    assert found is not None
    assert found["state"] == "failed"
    assert "sim-1" in found["answer"]


def test_a_pause_that_comes_while_the_last_one_is_looked_at_is_heeded_at_the_next_sms(ward: Ward) -> None:
    def pause() -> None:
        orders.pause(ward.connection, "sim-1", "", ward.clock.now())
        ward.worker.heed()
        ward.worker._permission.is_held = False  # by the worker's thread, which had just found nothing

    ward.add(5)
    ward.clock.at(OPENING_S + SMS_S / 2, pause)
    ward.run(60)
    assert len(ward.patient.submitted) == 2
