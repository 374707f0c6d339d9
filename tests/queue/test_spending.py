"""What a SIM has spent is noted before the bytes leave, and taken back when they are known not to have gone."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Deferred, LateAnswer, Outcome, Scope
from gateway.queue import db, spending
from tests.queue.clinic import LONG, NEVER, NOW, OTHER_PHONE, PHONE, SILENT, Clinic, later

LINE = "line of sim-1"
BUSY = Deferred("cms_332", "The network is busy.", Scope.NETWORK)


def account(clinic: Clinic, now: datetime = NOW, line: str = LINE) -> spending.Account:
    return spending.account(clinic.connection, line, now)


def spent(clinic: Clinic, now: datetime = NOW, line: str = LINE) -> int:
    return account(clinic, now, line).count(NOW - timedelta(days=31))


def test_one_in_the_air_counts_also_after_the_power_has_failed(clinic: Clinic) -> None:
    clinic.add()
    clinic.begun()
    assert spent(clinic) == 1
    again = clinic.reopened()
    again.box.recover(NOW)
    assert spent(again) == 1
    again.connection.close()


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [(Accepted("1"), 1), (SILENT, 1), (BUSY, 0), (NEVER, 0)],
    ids=["accepted", "unanswered", "put off", "refused"],
)
def test_what_is_known_not_to_have_gone_does_not_count(clinic: Clinic, outcome: Outcome, counts: int) -> None:
    clinic.add()
    clinic.record(clinic.begun(), outcome)
    assert spent(clinic) == counts


def test_every_sms_of_a_long_message_counts_and_its_recipient_once(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    assert spent(clinic) == 3
    assert list(account(clinic).recipients(NOW - timedelta(days=1))) == [spending.recipient_of(PHONE)]


def test_one_that_is_sent_once_more_after_silence_counts_twice(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    now = later(hours=1)
    clinic.box.tick(now)
    clinic.record(clinic.begun(now=now), Accepted("1"), now)
    assert spent(clinic, now) == 2


def test_a_late_answer_that_it_was_refused_takes_it_back(clinic: Clinic) -> None:
    clinic.add()
    begun = clinic.begun()
    clinic.record(begun, SILENT)
    clinic.store(LateAnswer(begun.key, BUSY))
    assert spent(clinic) == 0


def test_it_is_counted_when_the_network_had_it(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), Accepted("1"), later(seconds=20))
    found = account(clinic, later(minutes=1))
    assert found.last(NOW - timedelta(days=1), 9) == [later(seconds=20) + spending.CUT]
    assert [each.at for each in found.last_of_each(NOW - timedelta(days=1))] == [later(seconds=20) + spending.CUT]


def test_one_begun_before_midnight_and_handed_over_after_it_counts_for_the_new_day(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), Accepted("1"), later(seconds=20))
    found = account(clinic, later(hours=2))
    assert [found.count(later(seconds=after)) for after in (10, 20, 21)] == [1, 1, 0]
    assert [len(list(found.recipients(later(seconds=after)))) for after in (10, 20, 21)] == [1, 1, 0]


def test_a_minute_is_not_over_before_its_time_because_written_times_are_cut(clinic: Clinic) -> None:
    clinic.add()
    moment = later(microseconds=803)
    clinic.record(clinic.begun(now=moment), Accepted("1"), moment)
    [found] = account(clinic, later(minutes=1)).last(NOW - timedelta(days=1), 9)
    assert found >= moment


def test_each_line_has_its_own_account(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(carrier="sim-2")
    assert spent(clinic) == 0
    assert spent(clinic, line="line of sim-2") == 1


def of_before(path: Path) -> None:
    """A database as the version before left it: two SMS of this month, one of long ago, one refused."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM spent")
        connection.execute("DELETE FROM lines")
        step = Path(db.__file__).parent / "schema" / "0003_fleet.sql"
        fillings = re.findall(r"INSERT INTO (?:spent|lines)\b[^;]*;", step.read_text("utf-8"))
        assert len(fillings) == 2
        for statement in fillings:
            connection.execute(statement.replace("'now'", f"'{NOW.isoformat()}'"))
        connection.commit()


def test_an_upgrade_counts_what_went_out_before_it(clinic: Clinic) -> None:
    for recipient, now in ((PHONE, NOW - timedelta(days=100)), (PHONE, NOW), (PHONE, NOW), (OTHER_PHONE, NOW)):
        clinic.add(recipient=recipient, now=now)
        clinic.send(now=now)
    clinic.add(recipient="+79000009999")
    clinic.record(clinic.begun(), NEVER)
    of_before(clinic.path)
    found, year = account(clinic), NOW - timedelta(days=365)
    assert found.count(year) == 3
    people = [spending.recipient_of(number) for number in (PHONE, OTHER_PHONE)]
    assert sorted(found.recipients(year)) == sorted(people)
    assert sorted(each.recipient for each in found.last_of_each(year)) == sorted(people)
    assert spending.first_seen(clinic.connection, LINE, NOW) == NOW - timedelta(days=100)


def test_one_from_before_whose_number_is_gone_counts_as_a_person_of_its_own(clinic: Clinic) -> None:
    for _ in range(2):
        clinic.add()
        clinic.send()
    of_before(clinic.path)
    clinic.connection.execute("UPDATE outbox SET recipient = NULL, body = NULL")
    assert len(set(account(clinic).recipients(NOW - timedelta(days=1)))) == 2
    assert len(list(account(clinic).last_of_each(NOW - timedelta(days=1)))) == 2


def claimed(clinic: Clinic, **asked: int) -> int | None:
    """The message that the carrier gets, of those added."""
    submission = clinic.box.claim("sim-1", LINE, NOW, **asked)
    if submission is None:
        return None
    row = clinic.connection.execute("SELECT outbox_id FROM segments WHERE id = ?", (submission.key,)).fetchone()
    return int(row[0])


def test_a_message_that_does_not_fit_lets_a_shorter_one_by(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.add()
    assert claimed(clinic, room=2) == 2
    assert claimed(clinic, room=2) is None
    assert claimed(clinic, room=3) == 1


def test_what_is_out_in_part_goes_on_without_room_and_in_quiet_times(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.box.record(clinic.begun().key, Accepted("1"), NOW, go_on=False)
    clinic.add(sender="sim-1")
    assert claimed(clinic, room=0, least_rank=8) == 1


def test_a_carrier_that_gives_way_takes_what_is_urgent_and_what_is_its_own(clinic: Clinic) -> None:
    clinic.add()
    clinic.add(category="otp")
    clinic.add(sender="sim-1")
    assert [claimed(clinic, least_shared=8) for _ in range(3)] == [2, 3, None]
    assert claimed(clinic) == 1


OF_A_SPAN = [spending.COUNT, spending.RECIPIENTS, spending.LAST, spending.LAST_OF_EACH]
OF_A_CLOCK = [spending.IS_ODD, spending.SET_BACK, spending.PUT_BACK, spending.IS_MOVED, spending.TAKE_BACK_MOVED]


@pytest.mark.parametrize("query", [*OF_A_SPAN, *OF_A_CLOCK, spending.FORGET])
def test_what_is_told_by_time_is_found_by_time_among_two_months_of_sms(clinic: Clinic, query: str) -> None:
    values = dict.fromkeys(re.findall(r":(\w+)", query), 1)
    steps = [row[3] for row in clinic.connection.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    by_time = r"SEARCH \w+ USING (PRIMARY KEY|(COVERING )?INDEX spent_moved) \(line=\? AND (was_)?at[<>=]\?"
    assert [step for step in steps if re.match(by_time, step)], steps
    assert [step for step in steps if re.match(r"SCAN (spent|s|g|o)\b", step)] == []
