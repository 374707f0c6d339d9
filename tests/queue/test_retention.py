"""Retention: first the words of finished messages go, later their rows; what is not finished stays."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

import pytest

from gateway.carrier import Accepted, Refused
from gateway.queue import retention, times
from gateway.queue.adding import NewMessage, add
from gateway.queue.states import State
from gateway.settings.retention import RetentionSettings
from tests.queue.clinic import LONG, NOW, OTHER_PHONE, PHONE, Clinic, later, report
from tests.queue.test_incoming import single
from tests.queue.test_states import message_in

DAY_S = 86400.0


@dataclass(frozen=True)
class Kept:
    texts: float | None = 10 * DAY_S
    rows: float | None = 30 * DAY_S
    inbox: float | None = 10 * DAY_S


def kept_for(days: float, clinic: Clinic, kept: Kept | RetentionSettings = Kept(), limit: int = 100) -> int:
    """Retention runs every day until so many days have passed; how many rows it has changed."""
    count, now = 0, NOW
    retention.run(clinic.connection, kept, NOW)
    while now < later(days=days):
        now = min(now + timedelta(days=1), later(days=days))
        while changed := retention.run(clinic.connection, kept, now, limit):
            count += changed
    return count


def everything(connection: sqlite3.Connection) -> str:
    """All that the tables hold, as text; but for fingerprints, which in life are hashes."""
    columns = connection.execute(
        "SELECT m.name, group_concat(c.name) FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND c.name <> 'fingerprint' GROUP BY m.name"
    ).fetchall()
    return "\n".join(str(connection.execute(f"SELECT {names} FROM {table}").fetchall()) for table, names in columns)


def a_delivered_message(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    clinic.store(*(report(reference) for reference in "123"))


def test_texts_and_numbers_go_and_the_outcome_stays(clinic: Clinic) -> None:
    a_delivered_message(clinic)
    assert kept_for(9.9, clinic) == 0
    assert kept_for(11, clinic) == 1
    for private in (LONG[:20], PHONE[-9:]):
        assert private not in everything(clinic.connection)
    assert (clinic.state(), clinic.value("segments"), clinic.value("carrier")) == ("delivered", 3, "sim-1")
    assert clinic.segment_states() == ["delivered"] * 3
    assert clinic.value("delivered_at") is not None


def test_later_the_row_goes_with_its_segments_and_reports_and_its_events_stay(clinic: Clinic) -> None:
    a_delivered_message(clinic)
    clinic.connection.execute("UPDATE outbox SET body = body")
    assert kept_for(31, clinic) == 2
    for table in ("outbox", "segments", "reports"):
        assert clinic.connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert "delivered" in clinic.events()


def test_an_external_id_stays_known_when_its_row_is_gone(clinic: Clinic) -> None:
    clinic.add(external_id="visit-1")
    clinic.send()
    kept_for(31, clinic)
    assert add(clinic.connection, [NewMessage(PHONE, "Ждём вас", external_id="visit-1")], NOW).known == 1


@pytest.mark.parametrize("state", State)
def test_what_is_not_finished_stays_however_old(clinic: Clinic, state: State) -> None:
    message = message_in(clinic.connection, state)
    clinic.connection.execute("UPDATE outbox SET updated_at = '2020-01-01T00:00:00.000Z'")
    is_finished = state not in (State.QUEUED, State.HELD, State.SENDING, State.UNCERTAIN)
    kept_for(1, clinic, Kept(rows=None))
    assert (clinic.value("body", message) is None) is is_finished
    kept_for(40, clinic)
    assert clinic.connection.execute("SELECT count(*) FROM outbox").fetchone() == (0 if is_finished else 1,)


def test_each_can_be_kept_for_ever(clinic: Clinic) -> None:
    a_delivered_message(clinic)
    clinic.store(single("Спасибо"))
    assert kept_for(60, clinic, Kept(None, None, None)) == 0
    assert PHONE in everything(clinic.connection)


def test_rows_may_go_before_their_texts_would(clinic: Clinic) -> None:
    a_delivered_message(clinic)
    assert kept_for(31, clinic, Kept(texts=None)) == 1
    assert PHONE not in everything(clinic.connection)


def test_the_inbox_goes_and_an_sms_that_a_sim_has_kept_is_known_all_the_same(clinic: Clinic) -> None:
    clinic.store(single("Спасибо"))
    kept_for(11, clinic)
    assert clinic.inbox() == []
    assert PHONE not in everything(clinic.connection)
    clinic.store(single("Спасибо"), now=later(days=12))
    assert clinic.inbox() == []


def test_reports_that_fit_no_message_lose_their_number_and_then_go(clinic: Clinic) -> None:
    clinic.store(report("77", recipient=OTHER_PHONE))
    assert kept_for(11, clinic) == 1
    assert OTHER_PHONE not in everything(clinic.connection)
    kept_for(31, clinic)
    assert clinic.connection.execute("SELECT count(*) FROM reports").fetchone() == (0,)


def test_it_works_in_small_steps_that_hold_the_lock_for_a_moment(clinic: Clinic) -> None:
    add(clinic.connection, [NewMessage(f"+7900000{n:04}", f"Приём {n}") for n in range(1000)], NOW)
    clinic.connection.execute("UPDATE outbox SET state = 'rejected'")
    steps, began_at = 0, perf_counter()
    retention.run(clinic.connection, Kept(), NOW)
    for day in range(1, 12):
        while retention.run(clinic.connection, Kept(), later(days=day)):
            steps += 1
    assert steps == 1000 / retention.AT_ONCE
    assert perf_counter() - began_at < steps * 0.2  # the steps are of some milliseconds each, on an idle machine


def test_a_step_of_which_nobody_knows_how_much_it_did_neither_hides_the_others_nor_goes_on_for_ever(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_delivered_message(clinic)
    untold = f"WITH untold AS (SELECT 1) {retention.EMPTY}"  # Python's rowcount of what begins with WITH is -1
    assert clinic.connection.execute(untold, {"before": "", "limit": 0}).rowcount == -1
    monkeypatch.setitem(retention.STEPS, "texts", ((retention.EMPTY,), (untold,)))
    retention.run(clinic.connection, Kept(rows=None), NOW)
    changes = [retention.run(clinic.connection, Kept(rows=None), later(days=day)) for day in range(1, 12)]
    assert (min(changes), sum(changes)) == (0, 1)
    assert clinic.value("body") is None


def test_a_clock_that_is_years_ahead_for_an_hour_costs_nothing(clinic: Clinic) -> None:
    a_delivered_message(clinic)
    retention.run(clinic.connection, Kept(), NOW)
    for _hour in range(2):
        assert retention.run(clinic.connection, Kept(), later(days=3000, hours=_hour)) == 0
    assert retention.run(clinic.connection, Kept(), later(hours=3)) == 0
    assert (clinic.state(), clinic.value("msisdn")) == ("delivered", PHONE)


CLOCKS: dict[str, tuple[list[float], float]] = {
    "every hour": ([0, 1 / 24, 2 / 24], 2 / 24),
    "off for a month": ([0, 30, 30.1, 30.2], 3),
    "put back": ([0, 500, -1], -1),
    "twice within a run": ([0, 30, 30.001], 1),
}


@pytest.mark.parametrize("case", CLOCKS)
def test_the_clock_of_retention_follows_the_wall_clock_step_by_step(case: str) -> None:
    days, expected = CLOCKS[case]
    clock: tuple[datetime, datetime] | None = None
    for day in days:
        clock = retention.trusted(clock, later(days=day))
    assert clock is not None
    assert clock[1] == later(days=expected)


def test_what_is_emptied_is_gone_from_the_file_too(clinic: Clinic) -> None:
    secret = "Результат анализа готов"
    clinic.add(secret)
    clinic.record(clinic.begun(), Refused("cms_1", "No such number."))
    clinic.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert secret.encode() in clinic.path.read_bytes()
    kept_for(11, clinic)
    clinic.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert secret.encode() not in clinic.path.read_bytes()


def test_the_settings_are_what_it_goes_by(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), Accepted("1"))
    kept_for(3, clinic, RetentionSettings(texts=2 * DAY_S))
    assert clinic.value("body") is None


def test_no_statement_walks_through_all_messages(clinic: Clinic) -> None:
    statements = [statement for groups in retention.STEPS.values() for group in groups for statement in group]
    for statement in statements:
        values = {"before": times.to_text(NOW), "limit": 1}
        plan = [row[3] for row in clinic.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert not [step for step in plan if step.startswith("SCAN") and "INDEX reports_unmatched" not in step], plan
