"""A patient stays on the SIM that they know, a prefix prefers one; never at the price of a message that does not go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted, CarrierStatus, Deferred, Outcome, Scope, Uncertain
from gateway.queue import desk, heartbeat, routing
from gateway.queue.examining import Fit
from tests.queue.clinic import BROKEN, LONG, NEVER, NOW, OTHER_PHONE, PHONE, RULES, Clinic, later

STICKY = timedelta(seconds=RULES.sticky_wait_s)
BOTH = ("sim-1", "sim-2")
AWAY = Deferred("cms_27", "Phone off.", Scope.NUMBER)
BUSY = Deferred("cms_332", "The network is busy.", Scope.NETWORK)


@pytest.fixture
def known(clinic: Clinic) -> Clinic:
    """The patient has had an SMS from sim-2."""
    clinic.add()
    clinic.send(carrier="sim-2")
    return clinic


def test_a_patient_stays_on_the_sim_that_they_know(known: Clinic) -> None:
    known.add()
    assert known.claim("sim-1") is None
    assert known.claim("sim-2") is not None


def test_one_who_was_never_written_to_gets_any(known: Clinic) -> None:
    known.add(recipient=OTHER_PHONE)
    assert known.claim("sim-1") is not None


def test_what_did_not_go_out_made_nobody_acquainted(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun("sim-2"), Uncertain("no_answer", "No answer."))
    clinic.add()
    assert clinic.claim("sim-1") is not None


def test_an_acquaintance_is_forgotten_after_half_a_year(known: Clinic) -> None:
    now = NOW + routing.KNOWN_FOR + timedelta(minutes=1)
    known.add(now=now)
    assert known.claim("sim-1", now) is not None


@pytest.mark.parametrize("category", ["otp", "emergency"])
def test_what_is_urgent_never_waits_for_a_better_way(known: Clinic, category: str) -> None:
    known.add(category=category)
    assert known.claim("sim-1") is not None


def test_a_sender_that_the_writer_names_wins(known: Clinic) -> None:
    known.add(sender="sim-1")
    assert known.claim("sim-2") is None
    assert known.claim("sim-1") is not None
    assert known.value("wish_until", 2) is None


def test_the_wait_for_the_better_way_is_bounded(known: Clinic) -> None:
    known.add()
    assert known.box.loosen(BOTH, NOW + STICKY - timedelta(seconds=1)) == 0
    assert known.box.loosen(BOTH, NOW + STICKY) == 1
    assert known.claim("sim-1") is not None


def test_the_wait_begins_when_the_message_may_go(known: Clinic) -> None:
    known.add(not_before="2026-11-22T12:00:00Z")
    assert known.value("wish_until", 2) == "2026-11-22T12:10:00.000Z"


def test_a_sim_that_cannot_send_is_not_waited_for(known: Clinic) -> None:
    known.add()
    assert known.box.loosen({"sim-1"}, NOW) == 1
    assert known.claim("sim-1") is not None


def test_loosening_leaves_everything_else_as_it_is(known: Clinic) -> None:
    known.add(sender="sim-2")
    known.add(recipient=OTHER_PHONE)
    assert known.box.loosen((), later(days=1)) == 0
    assert known.value("route", 2) == "sim-2"


def test_all_are_freed_however_many_wait_and_for_whom(clinic: Clinic) -> None:
    numbers = [f"+7900000{n:04}" for n in range(routing.AT_ONCE + 50)]
    for n, number in enumerate(numbers):
        clinic.add(recipient=number)
        clinic.send(carrier=BOTH[n % 10 == 0])
    for number in numbers:
        clinic.add(recipient=number)
    freed = []
    while count := clinic.box.loosen((), NOW):
        freed.append(count)
    assert sum(freed) == len(numbers)
    assert freed[0] == len(numbers) // 10 + routing.AT_ONCE  # of each carrier not more than AT_ONCE


@pytest.mark.parametrize("outcome", [BUSY, BROKEN], ids=["network", "device"])
def test_a_wish_gives_way_to_failures(known: Clinic, outcome: Outcome) -> None:
    known.add()
    known.record(known.begun("sim-2"), outcome)
    assert known.claim("sim-2") is None
    assert known.claim("sim-1") is not None


def test_a_phone_that_is_off_is_tried_again_over_the_sim_that_it_knows(known: Clinic) -> None:
    known.add()
    known.record(known.begun("sim-2"), AWAY)
    now = later(minutes=2)
    known.box.ripen(now)
    assert known.claim("sim-1", now) is None
    assert known.claim("sim-2", now) is not None


def test_what_is_out_in_part_stays_with_its_sim_whatever_is_wished(known: Clinic) -> None:
    known.add(LONG)
    known.box.record(known.begun("sim-2").key, Accepted("2"), NOW, go_on=False)
    assert known.box.loosen({"sim-1"}, later(days=1)) == 0
    assert known.claim("sim-1") is None
    assert known.claim("sim-2") is not None


def test_what_failed_and_is_tried_again_by_hand_waits_no_longer_for_its_sim(known: Clinic) -> None:
    known.add()
    known.record(known.begun("sim-2"), NEVER)
    now = NOW + STICKY
    desk.retry(known.connection, 2, now, RULES)
    assert known.box.loosen(BOTH, now) == 1
    assert known.claim("sim-1", now) is not None


def see(clinic: Clinic, **lines: str) -> None:
    """The daemon's word on which SIM is in which stick."""
    for name, line in lines.items():
        status = CarrierStatus("ready", line=line)
        heartbeat.report(clinic.connection, name.replace("_", "-"), "modem", status, 0, None, NOW)
        clinic.connection.execute("UPDATE carriers SET line = ? WHERE name = ?", (line, name.replace("_", "-")))


def test_it_is_the_sim_that_is_known_not_the_stick(known: Clinic) -> None:
    see(known, sim_1="line of sim-2", sim_2="line of sim-1")
    known.add()
    assert known.claim("sim-2") is None
    assert known.claim("sim-1") is not None


def test_a_stick_with_a_new_sim_is_a_stranger(known: Clinic) -> None:
    see(known, sim_1="line of sim-1", sim_2="a new line")
    known.add()
    assert known.claim("sim-1") is not None


PREFIXES = {"sim-1": ("+790000016", "+790000"), "sim-2": ("+790000056",)}


@pytest.mark.parametrize(
    ("number", "carrier"),
    [("+79000001601", "sim-1"), ("+79000001234", "sim-1"), ("+79000005678", "sim-2"), ("+12025550101", "")],
)
def test_the_longest_prefix_wins(number: str, carrier: str) -> None:
    assert routing.preferred(number, PREFIXES, BOTH) == carrier


def test_sims_with_the_same_prefix_share_the_numbers_and_a_number_keeps_its_sim() -> None:
    prefixes = {"sim-1": ("+7",), "sim-2": ("+7",)}
    numbers = [f"+7900000{n:04}" for n in range(200)]
    ways = [routing.preferred(number, prefixes, BOTH) for number in numbers]
    assert ways == [routing.preferred(number, prefixes, reversed(BOTH)) for number in numbers]  # type: ignore[arg-type]
    assert 60 < ways.count("sim-1") < 140


def test_a_prefix_prefers_a_sim_and_an_acquaintance_comes_first(path: Path) -> None:
    clinic = Clinic(path, replace(RULES, prefixes={"sim-1": ("+7900",)}))
    clinic.add()
    assert clinic.claim("sim-2") is None
    clinic.send(carrier="sim-1")
    clinic.box.loosen((), NOW)
    clinic.add(recipient=OTHER_PHONE, sender="sim-2")
    clinic.send(carrier="sim-2")
    clinic.add(recipient=OTHER_PHONE)
    assert clinic.claim("sim-1") is None
    clinic.connection.close()


def test_with_one_carrier_nothing_is_looked_up(clinic: Clinic) -> None:
    fit = Fit(PHONE, 1, 5, "", None, later(days=1))
    router = routing.Router(replace(RULES, carriers=("sim-1",), prefixes={"sim-1": ("+7",)}), {"sim-1": None}, {})
    assert router.wish(clinic.connection, fit, NOW) == ""


def test_of_a_number_with_thousands_of_messages_only_the_newest_are_looked_at(known: Clinic) -> None:
    for _ in range(30):
        known.add(not_before="2026-12-01T00:00:00Z", expires_at="2026-12-02T00:00:00Z")
    known.add()
    assert known.claim("sim-1") is not None
