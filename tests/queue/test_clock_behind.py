"""The first start of a box whose clock has no battery: it is behind by years, and is set right while messages wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import Accepted, Uncertain
from gateway.plan.limits import Cap, Plan, Span, Unit
from gateway.queue import backlog, behind, heartbeat, retention, spending, times
from gateway.queue.behind import MOMENTS
from gateway.settings.retention import RetentionSettings
from gateway.worker.leave import Leave
from tests.queue.clinic import BUSY, LONG, NOW, OTHER_PHONE, PHONE, RULES, Clinic, part
from tests.queue.power import Tale, World, survives

BOOT = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)  # by the box's clock
SET = NOW  # what it really is, a minute later
SECOND = timedelta(seconds=1)
SILENT = Uncertain("no_answer", "?")


@pytest.fixture
def booted(path: Path) -> Clinic:
    clinic = Clinic(path)
    heartbeat.start(clinic.connection, 17, BOOT)
    return clinic


def set_right(clinic: Clinic, at: datetime = SET) -> float:
    """The clock hears from the network, a minute after the start; the daemon's next turn."""
    heartbeat.beat(clinic.connection, 17, BOOT + timedelta(minutes=1))
    by_s = behind.put_right(clinic.connection, at)
    clinic.box.tick(at)
    clinic.box.ripen(at)
    return by_s


def wrong(clinic: Clinic) -> list[tuple[str, str]]:
    """Moments by the clock that was wrong that are left."""
    return [
        (table, column)
        for table, columns in MOMENTS.items()
        for column in columns
        if clinic.connection.execute(
            f"SELECT 1 FROM {table} WHERE {column} > '' AND {column} < ?", (times.CREDIBLE,)
        ).fetchone()
    ]


def test_what_was_written_a_moment_ago_does_not_expire_but_when_its_time_is_over(booted: Clinic) -> None:
    booted.add(category="otp", now=BOOT)
    booted.add(recipient=OTHER_PHONE, now=BOOT, not_before=times.to_text(BOOT + timedelta(hours=1)))
    set_right(booted)
    assert [booted.state(message) for message in (1, 2)] == ["queued", "queued"]
    assert times.from_text(str(booted.value("expires"))) == SET + timedelta(minutes=14)
    assert (booted.value("created_at"), booted.value("due", 2)) == (times.to_text(SET - timedelta(minutes=1)), 0)
    booted.box.tick(SET + timedelta(minutes=14))
    assert booted.state() == "expired"


def test_a_carrier_that_comes_first_sends_it(booted: Clinic) -> None:
    """Between the clock's jump and the daemon's next turn."""
    booted.add(now=BOOT)
    booted.add(LONG, OTHER_PHONE, now=BOOT)
    first, second = booted.box.claim_some("sim-1", "line of sim-1", SET, 5)
    assert (first.validity_s, second.validity_s) == (None, None)
    assert booted.record(second, Accepted("1"), SET) is not None  # and goes on with the next part


def test_what_is_in_the_air_is_not_given_up(booted: Clinic) -> None:
    """As by its lease, and an emergency would go out a second time."""
    booted.add(category="emergency", now=BOOT)
    begun = booted.begun(now=BOOT + timedelta(minutes=1))
    set_right(booted)
    assert booted.state() == "sending"
    booted.record(begun, Accepted("1"), SET + SECOND)
    assert booted.state() == "sent"


def test_one_without_an_answer_waits_for_it_as_long_as_any(booted: Clinic) -> None:
    booted.add(now=BOOT)
    booted.record(booted.begun(now=BOOT), SILENT, BOOT)
    set_right(booted)
    booted.box.tick(SET + timedelta(minutes=8))
    assert booted.state() == "uncertain"
    booted.box.tick(SET + timedelta(minutes=62))  # its carrier is not in service: an hour
    assert booted.state() == "queued"


def test_what_was_put_off_waits_no_longer_than_it_was_to(booted: Clinic) -> None:
    booted.add(now=BOOT)
    booted.record(booted.begun(now=BOOT), BUSY, BOOT)
    set_right(booted)
    booted.box.ripen(SET + timedelta(minutes=1))
    assert booted.claim(now=SET + timedelta(minutes=1)) is not None


def test_a_sim_has_spent_of_its_day_what_it_has_spent(booted: Clinic) -> None:
    plan = Plan((Cap(Span.DAY, Unit.SMS, 3),), warm_up_s=0.0)
    leave = Leave(plan, ZoneInfo("UTC"))
    leave.open(booted.connection, "line of sim-1", BOOT)
    for _sms in range(2):
        booted.add(now=BOOT)
        submission = booted.begun(now=BOOT)
        booted.record(submission, leave.after(submission, Accepted("1"), BOOT), BOOT)
    assert leave.room(SET) == 3  # as a new day, and it may not send before it has looked:
    assert leave.wait_s(SET) > 0
    leave.keep(SET)  # its worker may come first, too
    assert (leave.room(SET), leave.wait_s(SET)) == (1, 0.0)


def test_what_was_spent_before_a_clock_fell_back_by_years_counts_at_its_own_time_when_it_is_right_again(
    clinic: Clinic,
) -> None:
    clinic.add(now=SET - timedelta(hours=2))
    clinic.send(now=SET - timedelta(hours=2))
    heartbeat.start(clinic.connection, 17, BOOT)
    for moment in (BOOT, SET):
        found = spending.account(clinic.connection, "line of sim-1", moment)
        assert found.count(moment - timedelta(days=1)) == 1
    assert clinic.connection.execute("SELECT at, was_at FROM spent").fetchall() == [
        (times.to_text(SET - timedelta(hours=2)), "")
    ]


def test_a_new_sim_stays_a_new_one(booted: Clinic) -> None:
    spending.first_seen(booted.connection, "line of sim-1", BOOT)
    set_right(booted)
    assert SET - spending.first_seen(booted.connection, "line of sim-1", SET) < timedelta(minutes=2)


def test_the_parts_of_an_incoming_sms_wait_for_each_other(booted: Clinic) -> None:
    booted.store(part(1, 2, "Буду, "), now=BOOT)
    set_right(booted)
    booted.store(part(2, 2, "спасибо"), now=SET)
    assert booted.inbox() == [(PHONE, "Буду, спасибо", 1, None)]


def test_it_is_no_outage(booted: Clinic) -> None:
    backlog.note_able(booted.connection, BOOT)
    set_right(booted)
    able_at = backlog.able_at(booted.connection)
    assert able_at is not None
    assert SET - able_at == timedelta(minutes=1)


def test_texts_are_kept_no_longer_than_was_said(booted: Clinic) -> None:
    booted.add(now=BOOT)
    booted.send(now=BOOT)
    kept = RetentionSettings(texts=2 * 86400, rows=None, inbox=None)
    retention.run(booted.connection, kept, BOOT)
    set_right(booted)
    for day in range(4):
        retention.run(booted.connection, kept, SET + timedelta(days=day))
    assert booted.value("body") is None


def test_after_a_power_cut_it_counts_from_the_last_sign_of_life(booted: Clinic) -> None:
    """What was between nobody knows; the clock is right when the next daemon starts."""
    booted.add(category="otp", now=BOOT)
    booted.add(LONG, OTHER_PHONE, now=BOOT)
    booted.begun(now=BOOT)
    heartbeat.beat(booted.connection, 17, BOOT + timedelta(minutes=5))
    again = booted.reopened()
    behind.put_right(again.connection, SET)
    again.box.recover(SET)
    again.box.tick(SET)
    assert [again.state(message) for message in (1, 2)] == ["uncertain", "queued"]
    assert wrong(again) == []


def test_it_is_done_once_and_told(booted: Clinic) -> None:
    booted.add(now=BOOT)
    assert set_right(booted) == (SET - BOOT).total_seconds() - 60
    assert behind.put_right(booted.connection, SET + SECOND) == 0.0
    assert wrong(booted) == []
    told = booted.connection.execute("SELECT at FROM events WHERE event = 'clock_set'").fetchall()
    assert told == [(times.to_text(SET),)]


def test_what_a_clock_that_was_right_has_written_is_left_alone(clinic: Clinic) -> None:
    """Its battery is empty since the last start: what waits from before waits on."""
    clinic.add(now=SET - timedelta(hours=1))
    heartbeat.start(clinic.connection, 17, BOOT)
    clinic.add(recipient=OTHER_PHONE, now=BOOT)
    before = clinic.value("expires")
    set_right(clinic)
    assert clinic.value("expires") == before
    assert clinic.value("created_at", 2) == times.to_text(SET - timedelta(minutes=1))


@pytest.mark.parametrize("now", [BOOT + timedelta(days=1), SET])
def test_while_the_clock_is_as_it_was_nothing_is_moved(clinic: Clinic, now: datetime) -> None:
    heartbeat.start(clinic.connection, 17, now - timedelta(hours=1))
    clinic.add(now=now - timedelta(hours=1))
    assert behind.put_right(clinic.connection, now) == 0.0


def test_a_writers_time_long_past_is_past_whatever_the_clock_was(clinic: Clinic) -> None:
    message = clinic.add(expires_at="2020-01-01")
    assert clinic.state(message) in ("rejected", "expired")


def test_every_moment_that_the_gateway_writes_goes_along(clinic: Clinic) -> None:
    """A new column for a moment belongs into the table, or here."""
    stay = {
        "events",
        "consents",
        "opt_outs",
        "persons",
        "contact_groups",
        "templates",
        "refused_pins",
        "_sqlite_migrations",
    }
    of_others = {"not_before", "expires_at", "sent_at", "submitted_at", "discharged_at"}
    tables = [name for (name,) in clinic.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in set(tables) - stay:
        columns = [row[1] for row in clinic.connection.execute(f"PRAGMA table_info({table})")]
        moments = {name for name in columns if name == "at" or name.endswith(("_at", "_until")) or name == "expires"}
        assert moments - set(MOMENTS.get(table, ())) <= of_others, table


def a_clock_that_is_set(world: World) -> None:
    world.now = BOOT
    heartbeat.start(world.connection, 17, world.now)
    world.add("Ждём вас", PHONE, OTHER_PHONE)
    world.send(world.accepted())
    world.send(SILENT)
    world.now = SET
    behind.put_right(world.connection, world.now)


def the_next_start(world: World) -> None:
    world.now = SET
    behind.put_right(world.connection, world.now)
    world.box.tick(world.now)


def nothing_was_lost(world: World) -> None:
    assert {state for (state,) in world.connection.execute("SELECT state FROM outbox")} <= {"sent"}


def test_a_power_cut_while_it_is_set_leaves_all_of_it_or_nothing(tmp_path: Path, empty: bytes) -> None:
    assert survives(Tale(a_clock_that_is_set, RULES, the_next_start, nothing_was_lost), tmp_path, empty) > 20
