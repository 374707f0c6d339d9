"""A carrier is taken out of the configuration while messages are for it: none is lost, forgotten or torn apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.carrier import Accepted, CarrierStatus, Deferred, Scope
from gateway.life import Life
from gateway.queue import desk, heartbeat, lines
from gateway.queue.lines import Sighting
from tests.queue.clinic import LONG, NOW, RULES, Clinic, later

GONE = replace(RULES, carriers=("sim-2",))
LOST = Deferred("carrier_lost", "It was unplugged.", Scope.DEVICE)


def without_sim_1(clinic: Clinic) -> Clinic:
    """The next start has another configuration."""
    clinic.connection.close()
    reopened = Clinic(clinic.path, GONE)
    reopened.box.tick(later(seconds=1))
    return reopened


def part_sent(clinic: Clinic) -> None:
    """One of three SMS is out over sim-1."""
    clinic.add(LONG)
    following = clinic.record(clinic.begun(), Accepted("1"))
    assert following is not None
    clinic.record(following, LOST)
    clinic.box.ripen(later(seconds=10))


def test_a_message_for_a_carrier_that_is_gone_is_held_until_a_person_lets_it_go_over_any(clinic: Clinic) -> None:
    message = clinic.add(sender="sim-1")
    clinic = without_sim_1(clinic)
    assert (clinic.state(), clinic.value("error_code")) == ("held", "carrier_gone")
    assert f"release {message}" in str(clinic.value("error_text"))
    desk.release(clinic.connection, message, later(seconds=2))
    clinic.box.ripen(later(seconds=3))
    clinic.box.tick(later(seconds=3))
    assert clinic.claim("sim-2", later(seconds=4)) is not None


def test_an_emergency_goes_over_any_other_at_once(clinic: Clinic) -> None:
    clinic.add(sender="sim-1", category="emergency")
    clinic = without_sim_1(clinic)
    assert "freed" in clinic.events()
    assert clinic.claim("sim-2", later(seconds=2)) is not None


def test_the_rest_of_a_part_sent_message_goes_over_no_other_sim(clinic: Clinic) -> None:
    part_sent(clinic)
    clinic = without_sim_1(clinic)
    clinic.box.tick(later(seconds=20))
    assert (clinic.state(), clinic.value("error_code")) == ("queued", "carrier_gone")
    assert clinic.claim("sim-2", later(seconds=20)) is None
    assert clinic.claim("sim-1", later(seconds=20)) is not None


def test_the_rest_of_a_part_sent_message_follows_its_sim_to_another_carrier(clinic: Clinic) -> None:
    lines.seen(clinic.connection, Sighting("line of sim-1", "sim-1"), NOW)
    part_sent(clinic)
    clinic = without_sim_1(clinic)
    lines.seen(clinic.connection, Sighting("line of sim-1", "sim-2"), later(seconds=15))
    assert "follows" in clinic.events()
    begun = clinic.box.claim("sim-2", "line of sim-1", later(seconds=20))
    assert begun is not None
    assert begun.segment.concatenation is not None
    assert begun.segment.concatenation.number == 2


def test_a_part_sent_message_stays_with_its_bind_when_another_has_the_same_account(clinic: Clinic) -> None:
    account, now = "line of sim-1", NOW
    for name in ("sim-1", "sim-2"):
        heartbeat.report(clinic.connection, name, "smpp", CarrierStatus(Life.READY, line=account), 0, None, now)
    lines.seen(clinic.connection, Sighting(account, "sim-1", kind="smpp"), now)
    part_sent(clinic)
    lines.seen(clinic.connection, Sighting(account, "sim-2", kind="smpp"), later(seconds=15))
    assert "follows" not in clinic.events()
    assert clinic.value("route") == "sim-1"


def test_a_part_sent_message_follows_its_account_to_a_bind_of_another_name(clinic: Clinic) -> None:
    account = "line of sim-1"
    lines.seen(clinic.connection, Sighting(account, "sim-1", kind="smpp"), NOW)
    part_sent(clinic)
    clinic = without_sim_1(clinic)
    lines.seen(clinic.connection, Sighting(account, "sim-2", kind="smpp"), later(seconds=15))
    assert clinic.value("route") == "sim-2"


def test_a_part_sent_message_whose_sim_never_comes_back_ends_with_its_expiry(clinic: Clinic) -> None:
    part_sent(clinic)
    clinic = without_sim_1(clinic)
    clinic.box.tick(later(days=4))
    assert clinic.state() == "failed"


@pytest.mark.parametrize("rules", [RULES, replace(GONE, are_carriers_known=False), replace(GONE, carriers=())])
def test_nothing_is_held_for_a_carrier_that_is_there_or_may_still_be_found(clinic: Clinic, rules: object) -> None:
    clinic.add(sender="sim-1")
    clinic.connection.close()
    clinic = Clinic(clinic.path, rules)  # type: ignore[arg-type]
    clinic.box.tick(later(seconds=1))
    assert clinic.state() == "queued"


def test_a_batch_is_held_in_steps_until_all_are(clinic: Clinic) -> None:
    for number in range(450):
        clinic.add(f"Приём {number}", sender="sim-1")
    clinic = without_sim_1(clinic)
    for second in range(3):
        clinic.box.tick(later(seconds=second + 2))
    assert clinic.connection.execute("SELECT count(*) FROM outbox WHERE state = 'held'").fetchone() == (450,)
