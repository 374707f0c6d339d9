"""The queue's look-ups: each goes by an index, and the hot ones touch only rows that wait."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gateway.queue import (
    attributing,
    backlog,
    campaigns,
    claiming,
    clearing,
    db,
    deliveries,
    followed,
    fresh,
    history,
    housekeeping,
    intake,
    listening,
    measured,
    opt_outs,
    outcomes,
    overview,
    put_off,
    receipts,
    receiving,
    recovery,
    reportable,
    reporting,
    rerouting,
    retention,
    routing,
    sending,
    spending,
    standstill,
    statements,
    storm,
    taking_back,
    urgent,
    views,
    ways,
    withdrawals,
)
from tests.queue.clinic import Clinic, report

# Scans that are right: of constants, given rows, a sub-query's few rows, an index of what waits or of who has
# said anything, the newest rows.
FINE = re.compile(
    r"SCAN (CONSTANT ROW|\(subquery-\d+\)|due|f|newest|lately|wished|carriers( LEFT-JOIN)?|campaigns|daemon|inbox"
    r"|sqlite_sequence|(json_each|f|k) VIRTUAL TABLE INDEX 1:"
    r"|outbox USING (COVERING )?INDEX outbox_(new|due|wish|shunned)|reports USING INDEX reports_unmatched"
    r"|segments USING (COVERING )?INDEX segments_unanswered"
    r"|campaigns USING INDEX campaigns_to_do|(c|consents) USING COVERING INDEX sqlite_autoindex_consents_1)$"
)
QUERIES = {
    f"{module.__name__} {name}": query
    for module in (
        attributing,
        backlog,
        campaigns,
        claiming,
        clearing,
        deliveries,
        followed,
        fresh,
        history,
        housekeeping,
        intake,
        listening,
        measured,
        opt_outs,
        outcomes,
        overview,
        put_off,
        receipts,
        receiving,
        recovery,
        reportable,
        reporting,
        rerouting,
        retention,
        routing,
        sending,
        spending,
        standstill,
        statements,
        storm,
        taking_back,
        urgent,
        views,
        ways,
        withdrawals,
    )
    for name, query in vars(module).items()
    if isinstance(query, str)
    and name[0] != "_"
    and re.match(r"\s*(SELECT|UPDATE)\b.*\bFROM|\s*UPDATE", query, re.DOTALL)
}


@pytest.fixture(scope="module")
def well_used(tmp_path_factory: pytest.TempPathFactory, empty: bytes) -> Iterator[db.Connection]:
    """A database with figures for the planner: most messages are finished, some wait."""
    file = tmp_path_factory.mktemp("used") / "gateway.db"
    file.write_bytes(empty)
    clinic = Clinic(file)
    for number in range(300):
        clinic.add(f"Приём {number}", f"+7900000{number % 100:04}")
        if number % 10:
            clinic.send((str(number % 256),))
            clinic.store(report(str(number % 256), recipient=f"+7900000{number % 100:04}"))
    clinic.connection.execute("ANALYZE")
    yield clinic.connection
    clinic.connection.close()


def plan(connection: db.Connection, query: str) -> list[str]:
    """Of a statement for many rows (queue/many.py) that for one of them."""
    numbered = [1] * len(set(re.findall(r"\?\d", query)))
    values = numbered or dict.fromkeys(re.findall(r":(\w+)", query), 1)
    columns = max((int(number) for number in re.findall(r"column(\d+)", query)), default=1)
    shown = query.replace("{rows}", f"({', '.join('1' * columns)})")
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {shown}", values)]


@pytest.mark.parametrize("name", QUERIES)
def test_every_look_up_goes_by_an_index(connection: db.Connection, well_used: db.Connection, name: str) -> None:
    steps = plan(connection, QUERIES[name]) + plan(well_used, QUERIES[name])
    assert [step for step in steps if step.startswith("SCAN") and not FINE.match(step)] == []


PARTS = "sqlite_autoindex_segments_1"  # of the one message: whether a part of it is out
INDEXES = {
    "FIRST_DUE": ["outbox_due", "outbox_due"],
    "FIRST_ALLOWED": ["outbox_due", "outbox_due", PARTS],
    "UNEXAMINED": ["outbox_new"],
    "RIPEN": ["outbox_waiting"],
    "SILENT": ["outbox_uncertain"],
    "CANDIDATES_AT": ["segments_reference", "reports_segment"],
    "OF_REFERENCE": ["segments_reference"],
    "TRIES": ["reports_segment"],  # all else by primary keys
    "RIVALS": ["outbox_msisdn", PARTS],
    "SUBMITTED_SINCE": ["segments_submitted"],
    "BEGUN": [],  # by primary keys alone
}


@pytest.mark.parametrize("name", INDEXES)
def test_the_hot_look_ups_touch_only_rows_that_wait(
    connection: db.Connection, well_used: db.Connection, name: str
) -> None:
    for each in (connection, well_used):
        steps = " ".join(plan(each, (vars(statements) | vars(reportable))[name]))
        assert re.findall(r"USING (?:COVERING )?INDEX (\w+)", steps) == INDEXES[name]
