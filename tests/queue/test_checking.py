"""What `smsgw db check` finds: nothing whatever the queue has been through, and each thing that must not be."""

from __future__ import annotations

import sqlite3

import pytest

from gateway.carrier import Accepted, Refused, ReportStatus, Uncertain
from gateway.queue import checking
from gateway.queue.states import State
from tests.queue.clinic import BUSY, LONG, Clinic, later, report


def eventful(clinic: Clinic) -> None:
    """One message of every fate."""
    clinic.add()
    clinic.send(["1"])
    clinic.store(report("1"))
    clinic.add(LONG)
    clinic.send(["2", "3", "4"])
    clinic.store(report("2"), report("3"), report("4", ReportStatus.UNDELIVERED))
    for outcome in (BUSY, Refused("cms_1", "No such number."), Uncertain("silence", "No answer came.")):
        clinic.add()
        clinic.record(clinic.begun(), outcome)
    clinic.add(recipient="nobody")
    clinic.add(LONG)
    clinic.box.record(clinic.begun().key, Accepted("9"), later(seconds=1), go_on=False)
    clinic.add(external_id="visit-1")


def test_whatever_happened_to_the_messages_all_rules_hold(clinic: Clinic) -> None:
    eventful(clinic)
    assert list(checking.faults(clinic.connection)) == []
    assert checking.damage(clinic.connection) == []
    assert checking.differences(clinic.connection) == []


BROKEN: dict[str, str] = {  # the rule that no longer holds -> what broke it, behind the triggers' back
    "state": "UPDATE outbox SET state = 'lost' WHERE id = 1",
    "last_event": "UPDATE outbox SET state = 'cancelled' WHERE id = 1",
    "sent": "UPDATE segments SET state = 'open' WHERE id = 1",
    "delivered": "UPDATE segments SET state = 'sent' WHERE id = 1",
    "no_segments": "DELETE FROM segments WHERE outbox_id = 1",
    "segments": "DELETE FROM segments WHERE outbox_id = 2 AND number = 2",
    "orphans": "DELETE FROM outbox WHERE id = 2",
    "begun": "UPDATE segments SET state = 'begun' WHERE id = 1",
    "in_the_air": "UPDATE segments SET state = 'begun' WHERE outbox_id = 2",
    "sending": "UPDATE outbox SET state = 'sending', carrier = NULL WHERE id = 1",
    "uncertain": "UPDATE segments SET state = 'open' WHERE state = 'uncertain'",
    "external_id": "DELETE FROM external_ids",
    "ids": "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'outbox'",
}


def test_each_rule_has_its_case() -> None:
    assert set(BROKEN) == set(checking.RULES)


@pytest.mark.parametrize("rule", BROKEN)
def test_what_must_not_be_is_found_with_its_ids(clinic: Clinic, rule: str) -> None:
    eventful(clinic)
    for (name,) in clinic.connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        clinic.connection.execute(f"DROP TRIGGER {name}")
    clinic.connection.execute(BROKEN[rule])
    found = {fault.rule: fault for fault in checking.faults(clinic.connection)}
    assert rule in found
    assert found[rule].count >= 1
    assert found[rule].ids


def test_a_trigger_that_somebody_took_away_is_named(clinic: Clinic) -> None:
    clinic.connection.execute("DROP TRIGGER outbox_state_legal")
    clinic.connection.execute("DROP INDEX outbox_due")
    assert checking.differences(clinic.connection) == ["index outbox_due", "trigger outbox_state_legal"]


def test_another_programs_own_tables_are_its_own_affair(clinic: Clinic) -> None:
    clinic.connection.execute("CREATE TABLE visits (id INTEGER)")
    assert checking.differences(clinic.connection) == []


def test_a_column_that_another_program_added_is_told_apart_from_a_change(clinic: Clinic) -> None:
    clinic.connection.execute("ALTER TABLE outbox ADD COLUMN mis_visit TEXT DEFAULT 'none'")
    clinic.connection.execute("ALTER TABLE outbox ADD COLUMN mis_doctor INTEGER")
    assert checking.differences(clinic.connection) == []
    assert checking.added_columns(clinic.connection) == ["outbox.mis_visit", "outbox.mis_doctor"]


CHANGES = {
    "a column that has a condition": "ALTER TABLE outbox ADD COLUMN mis TEXT CHECK (mis <> body)",
    "a column that is calculated": "ALTER TABLE outbox ADD COLUMN mis TEXT AS (body || 'x')",
    "a column that points elsewhere": "ALTER TABLE outbox ADD COLUMN mis TEXT REFERENCES visits (id)",
    "a column that has another name": "ALTER TABLE outbox RENAME COLUMN error_text TO mis",
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_may_refuse_a_row_or_is_missing_is_a_change(clinic: Clinic, case: str) -> None:
    clinic.connection.execute(CHANGES[case])
    assert "table outbox" in checking.differences(clinic.connection)
    assert checking.added_columns(clinic.connection) == []


def test_the_states_of_the_rules_are_those_of_the_table(clinic: Clinic) -> None:
    assert all(f"'{state.value}'" in checking.RULES["state"][1] for state in State)


def test_it_may_be_run_while_a_writer_holds_the_database(clinic: Clinic) -> None:
    eventful(clinic)
    other = sqlite3.connect(clinic.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert list(checking.faults(clinic.connection)) == []
    other.close()
