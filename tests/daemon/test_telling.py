"""What the log says of the events: enough to follow each message, and no flood."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.daemon.telling import MOST_ALIKE, Line, lines, summed
from gateway.queue import db, views


def event(message: int | None, to_state: str | None = "held", **more: object) -> dict[str, Any]:
    row = {"outbox_id": message, "event": to_state, "to_state": to_state, "detail": None, "carrier": None}
    return row | more


def test_each_message_has_its_line() -> None:
    assert list(lines([event(1, "sent"), event(2, "held", detail="backlog")])) == [
        Line("message", {"id": 1, "change": "sent"}, is_state=True),
        Line("message", {"id": 2, "change": "held", "detail": "backlog"}, is_state=True),
    ]


def test_a_carrier_is_named_and_what_changes_no_state_is_no_state() -> None:
    change = event(None, None, carrier="sim-1", event="remedy", detail="reset: it is silent")
    words = {"carrier": "sim-1", "change": "remedy", "detail": "reset: it is silent"}
    assert list(lines([change])) == [Line("carrier", words, is_state=False)]


def test_what_is_about_no_message_and_no_carrier_is_the_gateways() -> None:
    change = event(None, None, event="backlog", detail="12 held, 0 dropped, 3 sent")
    words = {"change": "backlog", "detail": "12 held, 0 dropped, 3 sent"}
    assert list(lines([change])) == [Line("gateway", words, is_state=False)]


def test_many_messages_that_change_alike_are_one_line_and_the_others_keep_theirs() -> None:
    storm = [  # as a breaker notes it, each with its id
        event(number, detail=f"storm_number: `smsgw outbox release {number}` lets it go.") for number in range(7, 1007)
    ]
    said = list(lines([event(3, "sent"), *storm, event(4, "sent")]))
    words = {"count": 1000, "first_id": 7, "last_id": 1006, "change": "held", "detail": "storm_number"}
    assert said == [
        Line("message", {"id": 3, "change": "sent"}, is_state=True),
        Line("message", {"id": 4, "change": "sent"}, is_state=True),
        Line("messages", words, is_state=True),
    ]


def test_some_messages_that_change_alike_have_a_line_each() -> None:
    assert len(list(lines(event(number) for number in range(MOST_ALIKE)))) == MOST_ALIKE


def test_what_is_about_no_message_is_never_summed_up() -> None:
    unmatched = [event(None, None, event="report_unmatched") for _ in range(2 * MOST_ALIKE)]
    flickering = [event(None, "ready", carrier="sim-1") for _ in range(2 * MOST_ALIKE)]
    assert len(list(lines([*unmatched, *flickering]))) == 4 * MOST_ALIKE


def test_the_database_sums_up_just_as_well(tmp_path: Path) -> None:
    db.create_or_upgrade(tmp_path / "gateway.db")
    told = [
        (None, "sim-1", "ready", "ready", None),
        *((number, None, "sent", "sent", "operator") for number in range(7, 1007)),
        *((number, None, "begun", None, "1/1 operator") for number in range(7, 1007)),
        *((number, None, "failed", "failed", f"smpp_0x0b: {number}") for number in range(7, 7 + MOST_ALIKE)),
        (None, None, "report_unmatched", None, "line 17 x"),
        *((number, None, "held", "held", f"storm_number: {number}") for number in range(7, 107)),
        *((None, None, "report_unmatched", None, "line 17 x") for _ in range(2 * MOST_ALIKE)),
    ]
    with closing(db.open_database(tmp_path / "gateway.db")) as connection:
        statement = (
            "INSERT INTO events (outbox_id, carrier, event, to_state, detail, at)"
            " VALUES (?, ?, ?, ?, ?, '2026-11-22T09:00:00.000Z')"
        )
        connection.executemany(statement, told)
        last = views.last_event(connection)
        kinds = views.kinds_of_events(connection, 0, last)
        said = list(summed(kinds, lambda kind: views.events_of_kind(connection, 0, last, kind)))
        assert said == list(lines(views.events_after(connection, 0, last)))
        assert len(said) == 1 + 1 + 1 + MOST_ALIKE + (1 + 2 * MOST_ALIKE) + 1
