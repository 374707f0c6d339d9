"""Other [[route]] tables: what waits gets its way anew, once, and what has begun stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted
from gateway.queue import heartbeat
from gateway.queue.rerouting import AT_ONCE, Rerouting, stamp
from gateway.queue.rules import IntakeRules
from gateway.routing import Opening, Route
from tests.queue.clinic import LONG, NOW, OTHER_PHONE, RULES, Clinic, later

OLD = replace(RULES, carriers=("operator", "sim-1", "sim-2"), routes=(Route(carriers=("operator", "sim-1")),))
NEW = replace(OLD, routes=(Route(carriers=("sim-2", "sim-1")),))
NONE = replace(OLD, routes=())


@pytest.fixture
def clinic(path: Path) -> Iterator[Clinic]:
    opened = Clinic(path, OLD)
    heartbeat.start(opened.connection, 17, NOW)
    reroute(opened, OLD)
    yield opened
    opened.connection.close()


def reroute(clinic: Clinic, rules: IntakeRules) -> int:
    """How many steps it took."""
    rerouting, steps = Rerouting(rules), 0
    while not rerouting.is_done:
        rerouting.go_on(clinic.connection)
        steps += 1
    return steps


def test_what_waits_goes_by_the_new_tables(clinic: Clinic) -> None:
    clinic.add()
    clinic.add(recipient=OTHER_PHONE, not_before="2026-12-01T10:00:00Z")
    reroute(clinic, NEW)
    assert [clinic.value("route", message) for message in (1, 2)] == ["sim-2\nsim-1"] * 2


def test_without_tables_any_carrier_takes_it_again(clinic: Clinic) -> None:
    clinic.add()
    reroute(clinic, NONE)
    assert clinic.value("route") == ""


def test_what_its_writer_has_pinned_stays(clinic: Clinic) -> None:
    clinic.add(sender="operator")
    reroute(clinic, NEW)
    assert clinic.value("route") == "operator"


def test_of_which_a_part_is_out_it_stays(clinic: Clinic) -> None:
    clinic.add(LONG)
    submission = clinic.box.claim("operator", "line", NOW, openings=[Opening("operator\nsim-1")])
    assert submission is not None
    clinic.box.record(submission.key, Accepted("1"), NOW, go_on=False)
    reroute(clinic, NEW)
    assert clinic.value("route") == "operator"


def test_what_is_held_goes_the_new_way_when_it_is_let_go(clinic: Clinic) -> None:
    clinic.add()
    clinic.connection.execute("UPDATE outbox SET state = 'held'")
    reroute(clinic, NEW)
    assert clinic.value("route") == "sim-2\nsim-1"


def test_a_sender_that_nobody_has_any_more_is_examined_anew(clinic: Clinic) -> None:
    with_sender = replace(OLD, senders={"Clinic": ("operator",)})
    clinic.box = type(clinic.box)(clinic.connection, with_sender)
    clinic.add(sender="Clinic")
    assert clinic.value("route") == "operator"
    after = replace(NEW, senders={"Clinic": ("operator",)})
    reroute(clinic, after)
    clinic.box = type(clinic.box)(clinic.connection, after)
    clinic.box.intake(NOW)
    assert (clinic.state(), clinic.value("error_code")) == ("rejected", "no_route")


def test_by_the_same_tables_nothing_is_looked_at(clinic: Clinic) -> None:
    clinic.add()
    clinic.connection.execute("UPDATE outbox SET route = 'somewhere'")
    assert reroute(clinic, OLD) == 1
    assert clinic.value("route") == "somewhere"


def test_without_tables_now_and_before_nothing_is_looked_at(path: Path) -> None:
    plain = Clinic(path)
    plain.add()
    assert reroute(plain, RULES) == 1
    plain.connection.close()


def test_however_many_wait_each_step_is_short_and_all_are_reached(clinic: Clinic) -> None:
    count = 2 * AT_ONCE + 1
    for number in range(count):
        clinic.add(recipient=f"+7900{number:07}")
    assert reroute(clinic, NEW) > count // AT_ONCE
    assert (
        clinic.connection.execute("SELECT count(*) FROM outbox WHERE route = ?", ("sim-2\nsim-1",)).fetchone()[0]
        == count
    )


def test_a_wish_stays_where_any_carrier_may_take_it(path: Path) -> None:
    plain = Clinic(path)
    heartbeat.start(plain.connection, 17, NOW)
    plain.add()
    plain.send(carrier="sim-2")
    plain.add()
    assert plain.value("route", 2) == "sim-2"
    reroute(plain, replace(RULES, routes=(Route(carriers=("sim-1",), categories=("otp",)),)))
    assert plain.value("route", 2) == "sim-2"
    assert plain.box.loosen(("sim-1", "sim-2"), later(seconds=RULES.sticky_wait_s) + timedelta(seconds=1)) == 1
    plain.connection.close()


def test_the_stamp_tells_tables_apart_and_is_the_same_in_every_process() -> None:
    route = Route(carriers=("a", "b"), categories=frozenset({"otp", "marketing", "emergency"}))
    other = replace(route, categories=frozenset({"otp", "marketing"}))
    stamps = [stamp(replace(RULES, routes=(each,))) for each in (route, other, route)]
    assert stamps[0] == stamps[2] != stamps[1]
    assert stamps[0] == "d0d6c758e99edc5edcd6344799e33ea7"
    assert stamp(RULES) is None
