"""The backlog breaker: after an outage stale messages are not blasted, and daily life is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Submission
from gateway.daemon.gatekeeper import Gatekeeper
from gateway.queue import backlog, desk, heartbeat
from gateway.queue.rules import CATEGORIES, InBacklog, IntakeRules, SafetyRules
from gateway.worker.gate import Gate
from tests.queue.clinic import BUSY, LONG, NOW, RULES, Clinic

SAFETY = SafetyRules(same_text_limit=0, daily_limit=0, outage_s=1800.0, backlog_limit=5)
RULES_OF_DAY = replace(RULES, safety=SAFETY)
EVENING = NOW.replace(hour=18)
MORNING = EVENING + timedelta(hours=14)


def phone(number: int) -> str:
    return f"+7900000{number:04}"


@dataclass
class Day:
    """A clinic's gateway by a clock that the test moves: the daemon's start, its modem's coming and going."""

    path: Path
    rules: IntakeRules = RULES_OF_DAY
    now: datetime = EVENING
    moment: float = 1000.0
    modem_is_ready: bool = True
    clinic: Clinic = field(init=False)

    def __post_init__(self) -> None:
        self.clinic = Clinic(self.path, self.rules)
        self.start()

    def start(self) -> None:
        """The daemon starts."""
        self.gate = Gate()
        self.keeper = Gatekeeper(self.gate, lambda: self.modem_is_ready)
        self.clinic.box.recover(self.now)
        heartbeat.start(self.clinic.connection, 1, self.now)
        self.keeper.begin(self.clinic.connection, self.now, self.moment)
        self.look()

    def restart(self, **off: float) -> None:
        """The daemon was off for so long; the monotonic clock begins anew, as after a reboot."""
        self.clinic = self.clinic.reopened()
        self.now += timedelta(**off)
        self.moment = 5.0
        self.start()

    def look(self) -> None:
        """The dispatcher's turns, until nothing changes any more."""
        box = self.clinic.box
        while box.intake(self.now) + box.ripen(self.now):
            pass
        while True:
            was_busy = self.keeper.is_busy
            self.keeper.look(self.clinic.connection, self.rules, self.now, self.moment, is_all_examined=True)
            if not self.keeper.is_busy and not was_busy:
                break
        if self.keeper.is_able:
            backlog.note_able(self.clinic.connection, self.now)

    def wait(self, **spans: float) -> None:
        """Time passes, with a look every minute."""
        end = self.now + timedelta(**spans)
        while self.now < end:
            step = min(timedelta(minutes=1), end - self.now)
            self.now += step
            self.moment += step.total_seconds()
            self.look()

    def add(self, count: int, first: int = 0, **more: object) -> None:
        for number in range(first, first + count):
            self.clinic.add("Ждём вас завтра", phone(number), self.now, **more)

    def send(self) -> int:
        """What a worker would send now; how many SMS."""
        sent = 0
        submission: Submission | None = None
        while self.gate.is_open and (submission := submission or self.clinic.claim(now=self.now)) is not None:
            submission = self.clinic.record(submission, Accepted(str(sent % 256)), self.now)
            sent += 1
        return sent

    def count(self, state: str) -> int:
        query = "SELECT count(*) FROM outbox WHERE state = ?"
        return int(self.clinic.connection.execute(query, (state,)).fetchone()[0])


@pytest.fixture
def day(path: Path) -> Iterator[Day]:
    made = Day(path)
    yield made
    made.clinic.connection.close()


def test_a_gateway_that_starts_for_the_first_time_sends_at_once_whatever_is_there(path: Path) -> None:
    clinic = Clinic(path, RULES_OF_DAY)
    for number in range(20):
        clinic.add("Ждём вас", phone(number), EVENING - timedelta(days=1))
    clinic.connection.close()
    assert Day(path).send() == 20


def test_what_a_night_without_the_daemon_has_left_is_held_when_it_is_much(day: Day) -> None:
    day.add(6)
    day.restart(hours=14)
    assert (day.gate.is_open, day.send()) == (True, 0)
    assert (day.count("held"), day.clinic.value("error_code")) == (6, "backlog")


def test_what_a_night_has_left_goes_out_when_it_is_little(day: Day) -> None:
    day.add(5)
    day.restart(hours=14)
    assert day.send() == 5


def test_on_monday_morning_what_the_clinic_writes_before_the_modem_is_ready_goes_out(day: Day) -> None:
    day.modem_is_ready = False
    day.restart(hours=62)
    assert not day.gate.is_open
    day.add(200)
    day.wait(minutes=5)
    day.modem_is_ready = True
    day.wait(minutes=1)
    assert (day.count("held"), day.send()) == (0, 200)


def test_what_is_written_for_the_morning_is_no_backlog_of_the_night(day: Day) -> None:
    day.add(20, not_before=MORNING - timedelta(minutes=10))
    day.restart(hours=14)
    assert day.send() == 20


def test_what_has_expired_meanwhile_expires_and_does_not_count(day: Day) -> None:
    day.add(20, category="otp")
    day.add(5, 50)
    day.restart(hours=14)
    assert (day.count("expired"), day.count("held"), day.send()) == (20, 0, 5)


def test_a_modem_that_is_out_for_twenty_minutes_makes_no_backlog(day: Day) -> None:
    day.modem_is_ready = False
    day.add(20)
    day.wait(minutes=20)
    assert day.gate.is_open
    day.modem_is_ready = True
    day.wait(minutes=1)
    assert day.send() == 20


def test_a_modem_that_is_out_for_an_hour_leaves_a_backlog_and_fresh_messages_go_on(day: Day) -> None:
    day.modem_is_ready = False
    day.add(6)
    day.wait(minutes=50)
    assert not day.gate.is_open  # shut before any modem comes back
    day.add(20, 100)
    day.wait(minutes=10)
    assert day.send() == 0
    day.modem_is_ready = True
    day.wait(seconds=1)
    assert (day.gate.is_open, day.count("held"), day.send()) == (True, 6, 20)


def test_an_import_that_is_slow_because_of_limits_is_no_backlog(day: Day) -> None:
    day.add(40)
    day.wait(hours=5)
    day.restart(minutes=2)
    assert (day.count("held"), day.send()) == (0, 40)


def test_two_outages_in_a_row_hold_what_is_new_and_leave_alone_what_a_person_let_go(day: Day) -> None:
    day.add(6)
    day.restart(hours=14)
    for message in range(1, 7):
        desk.release(day.clinic.connection, message, day.now)
    day.add(7, 100)
    day.restart(hours=3)
    assert (day.count("held"), day.send()) == (7, 6)


def test_a_second_outage_right_after_the_first_is_one_more(day: Day) -> None:
    day.add(6)
    day.modem_is_ready = False
    day.wait(minutes=40)
    day.modem_is_ready = True
    day.wait(minutes=1)
    day.modem_is_ready = False
    day.add(6, 100)
    day.wait(minutes=40)
    day.modem_is_ready = True
    day.wait(minutes=1)
    assert (day.count("held"), day.send()) == (12, 0)


def test_each_category_goes_by_its_own_rule(path: Path) -> None:
    categories = {**CATEGORIES, "marketing": replace(CATEGORIES["marketing"], in_backlog=InBacklog.DROP)}
    day = Day(path, replace(RULES_OF_DAY, categories=categories))
    for number, category in enumerate(["emergency", " Marketing ", "notification", "emergency", "notification", None]):
        day.add(1, number, category=category)
    day.restart(hours=1)
    states = [state for (state,) in day.clinic.connection.execute("SELECT state FROM outbox ORDER BY id")]
    assert states == ["queued", "expired", "held", "queued", "held", "held"]
    assert day.clinic.value("error_code", 2) == "backlog"
    assert day.send() == 2


def test_what_is_out_in_part_is_finished(day: Day) -> None:
    day.clinic.add(LONG, phone(99), day.now)
    begun = day.clinic.begun(now=day.now)
    day.clinic.box.record(begun.key, Accepted("1"), day.now, go_on=False)
    day.add(10)
    day.restart(hours=14)
    assert (day.count("held"), day.send()) == (10, 2)


def test_what_was_tried_before_the_outage_is_held_with_the_others(day: Day) -> None:
    day.add(1)
    day.clinic.record(day.clinic.begun(now=day.now), BUSY, day.now)
    day.add(6, 100)
    day.restart(hours=14)
    assert day.count("held") == 7


def test_a_power_cut_while_a_backlog_is_gone_through_lets_none_of_it_slip_by(day: Day) -> None:
    day.add(6)
    now, connection = day.now + timedelta(hours=14), day.clinic.connection
    before = backlog.find(connection, RULES_OF_DAY, now)
    assert before is not None
    connection.execute("UPDATE outbox SET state = 'held' WHERE id <= 4")  # some of it was done
    day.modem_is_ready = False
    day.restart(hours=14, minutes=1)
    assert (day.count("held"), backlog.found_at(day.clinic.connection)) == (6, None)


def test_a_backlog_of_thousands_is_gone_through_some_at_a_time(day: Day) -> None:
    add = day.clinic.connection.execute
    add("BEGIN")
    for number in range(1000):
        add("INSERT INTO outbox (recipient, body, created_at) VALUES (?, 'Ждём', '2026-11-22T18:00:00.000Z')",
            (phone(number),))  # fmt: skip
    add("COMMIT")
    day.restart(hours=14)
    assert (day.count("held"), day.send()) == (1000, 0)
    detail = day.clinic.connection.execute("SELECT detail FROM events WHERE event = 'backlog'").fetchall()
    assert len(detail) == 1
    assert "1000 held" in detail[0][0]


def test_a_clock_that_is_put_back_hides_no_outage(day: Day) -> None:
    day.add(6)
    day.modem_is_ready = False
    day.now -= timedelta(hours=3)
    day.wait(minutes=40)
    assert not day.gate.is_open


def test_a_clock_that_jumps_ahead_while_messages_go_out_is_no_outage(day: Day) -> None:
    day.add(20)
    day.now += timedelta(hours=5)
    day.wait(minutes=1)
    assert (day.gate.is_open, day.send()) == (True, 20)


def test_a_limit_of_zero_is_none(path: Path) -> None:
    day = Day(path, replace(RULES_OF_DAY, safety=replace(SAFETY, backlog_limit=0)))
    day.add(100)
    day.restart(hours=14)
    assert day.send() == 100
