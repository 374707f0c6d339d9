"""A text that a carrier can't write goes over another one, or is rejected: never is a part of it out before that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.queue import heartbeat
from gateway.queue.rerouting import Rerouting
from gateway.queue.rules import IntakeRules
from gateway.routing import Route
from gateway.sms.repertoire import lacking
from tests.queue.clinic import NOW, RULES, Clinic

LATIN1 = lacking("latin-1")
PRICES = "The examination costs 40 €, please pay at the desk. " * 4  # 208 characters, 2 SMS: in UCS-2 they would be 4
SHORT = "40 €"
BOTH = replace(RULES, carriers=("latin", "sim-1"), lacking={"latin": LATIN1})
ALONE = replace(RULES, carriers=("latin",), lacking={"latin": LATIN1})
ORDERED = replace(BOTH, routes=(Route(carriers=("latin", "sim-1")),), senders={"Clinic": ("latin",)})
UNKNOWN = replace(BOTH, are_carriers_known=False)

CASES = {  # rules, columns, text -> state, code, route
    "no other carrier": (ALONE, {}, PRICES, "rejected", "no_coding", None),
    "short enough for UCS-2": (ALONE, {}, SHORT, "queued", None, ""),
    "any other": (BOTH, {}, PRICES, "queued", None, "sim-1"),
    "nothing that it lacks": (BOTH, {}, "Please pay at the desk. " * 9, "queued", None, ""),
    "the next of its route": (ORDERED, {}, PRICES, "queued", None, "sim-1"),
    "the carrier that the writer names": (BOTH, {"sender": "latin"}, PRICES, "rejected", "no_coding", None),
    "the only bind that has its sender": (ORDERED, {"sender": "Clinic"}, PRICES, "rejected", "no_coding", None),
    "carriers that are still to be found": (UNKNOWN, {}, PRICES, "queued", None, ""),
}


@pytest.fixture
def clinic(path: Path, rules: IntakeRules) -> Iterator[Clinic]:
    opened = Clinic(path, rules)
    yield opened
    opened.connection.close()


@pytest.mark.parametrize(("rules", "columns", "text", "state", "code", "route"), CASES.values(), ids=CASES)
def test_it_goes_over_those_that_can_write_it(
    clinic: Clinic, columns: dict[str, str], text: str, state: str, code: str | None, route: str | None
) -> None:
    clinic.add(text, **columns)
    assert (clinic.state(), clinic.value("error_code")) == (state, code)
    if route is not None:
        assert clinic.value("route") == route


@pytest.mark.parametrize("rules", [UNKNOWN])
@pytest.mark.parametrize("is_many", [False, True])
def test_whoever_takes_it_all_the_same_submits_no_part(clinic: Clinic, is_many: bool) -> None:
    clinic.add(PRICES)
    clinic.add("Please pay at the desk.")
    claimed = clinic.box.claim_some("latin", "line", NOW, 5) if is_many else [clinic.claim("latin")]
    assert [each and each.segment.text for each in claimed] == ["Please pay at the desk."]
    assert (clinic.state(1), clinic.value("error_code", 1)) == ("failed", "no_coding")
    assert clinic.connection.execute("SELECT count(*) FROM segments WHERE outbox_id = 1").fetchone() == (0,)


@pytest.mark.parametrize("rules", [replace(BOTH, lacking={})])
def test_another_gsm7_counts_for_what_waits_too(clinic: Clinic) -> None:
    heartbeat.start(clinic.connection, 17, NOW)
    clinic.add(PRICES)
    assert clinic.value("route") == ""
    for rules, route in ((BOTH, "sim-1"), (replace(BOTH, lacking={}), "")):
        rerouting = Rerouting(rules)
        while not rerouting.is_done:
            rerouting.go_on(clinic.connection)
        assert clinic.value("route") == route
