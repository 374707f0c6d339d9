"""Messages that only some carriers may take: who gets which, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from gateway.carrier import Accepted, Outcome, Submission
from gateway.queue import ways
from gateway.queue.ways import URGENT_START
from gateway.routing import Opening, Route
from tests.queue.clinic import BROKEN, BUSY, LONG, NOW, OTHER_PHONE, PHONE, RULES, SILENT, Clinic, later

WAY = "operator\nsim-1"
FIRST, SECOND = Opening(WAY), Opening(WAY, is_first=False)
RULED = replace(
    RULES,
    carriers=("operator", "other", "sim-1", "sim-2"),
    routes=(
        Route(carriers=("sim-2",), categories=("marketing",)),
        Route(carriers=("operator", "sim-1"), prefixes=("+7900",)),
    ),
    senders={"Clinic": ("operator", "other"), "Lab": ("other",)},
)


@pytest.fixture
def ruled(path: Path) -> Iterator[Clinic]:
    """marketing over sim-2 alone; +7900 over operator, else sim-1; whatever is left over any."""
    opened = Clinic(path, RULED)
    yield opened
    opened.connection.close()


def claim(clinic: Clinic, carrier: str, *openings: Opening, now: datetime = NOW, **bounds: int) -> Submission | None:
    return clinic.box.claim(carrier, f"line of {carrier}", now, openings=openings, **bounds)


WAYS = {  # columns -> route
    "the second table": ({}, WAY),
    "the first table": ({"category": "marketing"}, "sim-2"),
    "no table": ({"recipient": "+12025550101"}, ""),
    "a carrier by name, whatever the table": ({"sender": "sim-2"}, "sim-2"),
    "a sender's name within the table": ({"sender": "Clinic"}, "operator"),
    "a sender's name without a table": ({"sender": "Clinic", "recipient": "+12025550101"}, "\noperator\nother"),
}


@pytest.mark.parametrize("case", WAYS)
def test_each_message_gets_its_way(ruled: Clinic, case: str) -> None:
    columns, route = WAYS[case]
    ruled.add(**columns)  # type: ignore[arg-type]
    assert (ruled.state(), ruled.value("route")) == ("queued", route)


REJECTED = {
    "a sender that nobody has": ({"sender": "Cilnic"}, "unknown_sender"),
    "a sender that none of its route has": ({"sender": "Lab"}, "no_route"),
    "a sender that the route's modem has not": ({"sender": "Clinic", "category": "marketing"}, "no_route"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_what_nobody_may_carry_is_rejected_with_the_reason(ruled: Clinic, case: str) -> None:
    columns, code = REJECTED[case]
    ruled.add(**columns)  # type: ignore[arg-type]
    assert (ruled.state(), ruled.value("error_code")) == ("rejected", code)


def test_what_a_route_leads_elsewhere_nobody_takes_whom_it_does_not_name(ruled: Clinic) -> None:
    ruled.add()
    for carrier in ("sim-2", "other", "sim-1", "operator"):
        assert claim(ruled, carrier) is None
    assert claim(ruled, "sim-1", SECOND) is None
    assert claim(ruled, "operator", FIRST) is not None


def test_the_second_goes_on_where_the_first_has_stopped_and_nothing_is_moved(ruled: Clinic) -> None:
    for number in range(4):
        ruled.add(recipient=f"+7900000000{number}")
    taken = [claim(ruled, *each) for each in (("operator", FIRST), ("sim-1", FIRST), ("operator", FIRST))]
    assert [each and each.recipient for each in taken] == ["+79000000000", "+79000000001", "+79000000002"]
    assert ruled.value("route", 4) == WAY


def test_a_sender_is_told_to_the_bind_and_a_carrier_by_name_is_none(ruled: Clinic) -> None:
    ruled.add(sender="Clinic")
    ruled.add(sender="operator")
    assert [(claim(ruled, "operator") or pytest.fail("nothing")).sender for _ in range(2)] == ["Clinic", None]


def test_what_weighs_more_goes_first_whichever_way_it_goes(ruled: Clinic) -> None:
    ruled.add(recipient="+12025550101", priority=3)
    ruled.add(recipient="+79000000002", priority=7)
    ruled.add(recipient="+79000000003", sender="operator", priority=5)
    order = [claim(ruled, "operator", FIRST) for _ in range(3)]
    assert [each and each.recipient for each in order] == ["+79000000002", "+79000000003", "+12025550101"]


def test_what_is_urgent_waits_for_the_better_one_for_a_moment_only(ruled: Clinic) -> None:
    ruled.add(category="otp")
    soon = NOW + URGENT_START - timedelta(milliseconds=1)
    assert claim(ruled, "sim-1", SECOND, now=soon) is None
    assert not ruled.box.has_work(soon, "sim-1", [SECOND])
    assert ruled.box.has_work(NOW + URGENT_START, "sim-1", [SECOND])
    assert claim(ruled, "sim-1", SECOND, now=NOW + URGENT_START) is not None


def test_only_what_is_urgent_and_waits_is_worth_a_call(ruled: Clinic) -> None:
    ruled.add()
    assert not ways.has_urgent(ruled.connection, [WAY])
    ruled.add(recipient=OTHER_PHONE, category="otp")
    assert ways.has_urgent(ruled.connection, [WAY])


@pytest.mark.parametrize("outcome", [BUSY, BROKEN], ids=["network", "device"])
def test_what_the_better_one_failed_with_the_other_takes_at_once(ruled: Clinic, outcome: Outcome) -> None:
    ruled.add()
    submission = claim(ruled, "operator", FIRST)
    assert submission is not None
    ruled.record(submission, outcome)
    assert claim(ruled, "operator", FIRST) is None
    assert ruled.box.has_work(NOW, "sim-1", [SECOND])
    assert claim(ruled, "sim-1", SECOND) is not None


def test_what_both_failed_with_waits(ruled: Clinic) -> None:
    ruled.add()
    for carrier, opening in (("operator", FIRST), ("sim-1", SECOND)):
        submission = claim(ruled, carrier, opening)
        assert submission is not None
        ruled.record(submission, BROKEN)
    assert claim(ruled, "sim-1", SECOND) is None
    ruled.box.ripen(later(minutes=2))
    assert claim(ruled, "operator", FIRST, now=later(minutes=2)) is not None


def test_of_which_a_part_is_out_it_stays_where_it_is(ruled: Clinic) -> None:
    ruled.add(LONG)
    submission = claim(ruled, "operator", FIRST)
    assert submission is not None
    ruled.box.record(submission.key, Accepted("1"), NOW, go_on=False)
    assert ruled.value("route") == "operator"
    assert claim(ruled, "sim-1", FIRST) is None
    assert claim(ruled, "operator", SECOND) is not None


def test_what_was_uncertain_and_is_sent_once_more_keeps_its_way(ruled: Clinic) -> None:
    ruled.add()
    submission = claim(ruled, "operator", FIRST)
    assert submission is not None
    ruled.record(submission, SILENT)
    after = NOW + timedelta(seconds=RULES.uncertain_wait_s)
    ruled.box.tick(after)
    assert (ruled.state(), ruled.value("route")) == ("queued", WAY)
    assert claim(ruled, "sim-1", FIRST, now=after) is not None


def test_a_limit_passes_over_what_is_too_long(ruled: Clinic) -> None:
    ruled.add(LONG)
    ruled.add(recipient=OTHER_PHONE)
    submission = claim(ruled, "operator", FIRST, room=2)
    assert submission is not None
    assert submission.recipient == OTHER_PHONE


def test_in_a_quiet_time_only_what_is_urgent_goes_out(ruled: Clinic) -> None:
    ruled.add()
    ruled.add(recipient=OTHER_PHONE, category="otp")
    submission = claim(ruled, "operator", FIRST, least_rank=8)
    assert submission is not None
    assert submission.recipient == OTHER_PHONE
    assert claim(ruled, "operator", FIRST, least_rank=8) is None


def test_a_way_that_is_shared_is_left_to_whoever_has_more_left(path: Path) -> None:
    way = "\nsim-1\nsim-2"
    rules = replace(RULES, routes=(Route(carriers=("sim-1", "sim-2"), is_shared=True),))
    clinic = Clinic(path, rules)
    clinic.add()
    assert clinic.value("route") == way
    shared = Opening(way, is_shared=True)
    assert claim(clinic, "sim-1", shared, least_shared=8) is None
    assert claim(clinic, "sim-2", shared) is not None
    clinic.connection.close()


def test_the_ways_in_the_queue_are_known(ruled: Clinic) -> None:
    for recipient in (PHONE, OTHER_PHONE, "+12025550101"):
        ruled.add(recipient=recipient)
    ruled.add(recipient="+12025550102", sender="Clinic")
    ruled.add(recipient="+12025550103", sender="sim-2")
    assert ways.in_queue(ruled.connection) == {WAY, "\noperator\nother"}


def test_a_way_of_several_is_nobody_s_that_is_gone(ruled: Clinic) -> None:
    ruled.add()
    ruled.box.tick(NOW)
    assert ruled.state() == "queued"


@pytest.mark.parametrize(("category", "state", "route"), [("notification", "held", WAY), ("emergency", "queued", WAY)])
def test_what_was_for_a_carrier_that_is_gone_goes_the_way_of_its_route(
    ruled: Clinic, category: str, state: str, route: str
) -> None:
    ruled.add(sender="sim-1", category=category)
    ruled.connection.execute("UPDATE outbox SET route = 'sim-9'")
    ruled.box.tick(NOW)
    assert (ruled.state(), ruled.value("route")) == (state, route)


def test_one_too_long_for_all_carriers_of_its_route_is_refused(path: Path) -> None:
    rules = replace(RULED, longest={"operator": 2, "sim-1": 1, "sim-2": 100, "other": 100})
    clinic = Clinic(path, rules)
    clinic.add(LONG)
    assert clinic.value("error_code") == "over_limit"
    clinic.connection.close()


OPENINGS = {
    "first": [FIRST],
    "second": [SECOND],
    "two ways": [FIRST, Opening("\noperator\nother", is_shared=True)],
    "first here, second there": [FIRST, Opening("sim-1\noperator", is_first=False)],
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", OPENINGS)
def test_many_at_once_are_the_same_as_one_by_one(path: Path, tmp_path: Path, case: str, seed: int) -> None:
    chance = Random(seed)
    clinics = []
    other_path = tmp_path / "other.db"
    other_path.write_bytes(path.read_bytes())
    for file in (path, other_path):
        chance.seed(seed)
        clinic = Clinic(file, RULED)
        for number in range(40):
            recipient = f"{chance.choice(['+7900000', '+7916000'])}{number:04}"
            kinds: list[dict[str, object]] = [{}, {}, {"category": "otp"}, {"priority": 7}, {"sender": "Clinic"}]
            clinic.add(chance.choice(["Hello", LONG]), recipient, **chance.choice(kinds))  # type: ignore[arg-type]
        clinic.connection.execute("UPDATE outbox SET shunned = 'sim-1', next_attempt_at = '9' WHERE id % 7 = 0")
        clinics.append(clinic)
    now, openings, room = later(seconds=1), OPENINGS[case], chance.choice([None, 12])
    one_by_one: list[str] = []
    while len(one_by_one) < 15:
        left = None if room is None else room - len(one_by_one)
        submission = clinics[0].box.claim("operator", "line", now, openings=openings, room=left)
        if submission is None or (room is not None and len(one_by_one) >= room):
            break
        one_by_one += [submission.recipient] * (1 if room is None else submission.sms_left)
    at_once = clinics[1].box.claim_some("operator", "line", now, 15, openings=openings, room=room)
    found = [each.recipient for each in at_once for _sms in range(1 if room is None else each.sms_left)]
    assert found == one_by_one
    assert found
    for clinic in clinics:
        clinic.connection.close()
