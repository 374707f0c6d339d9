"""How fast a carrier is, by what it has sent, and what stands before something new."""

from __future__ import annotations

import pytest

from gateway.queue import campaigns, measured
from gateway.queue.adding import NewMessage, add_one
from gateway.queue.campaigns import NewCampaign, Stage
from tests.queue.clinic import LONG, NOW, PHONE, Clinic, later


def send_every(clinic: Clinic, *gaps_s: float) -> None:
    moment = NOW
    for number, gap_s in enumerate((0.0, *gaps_s)):
        moment = moment.__class__.fromtimestamp(moment.timestamp() + gap_s, moment.tzinfo)
        clinic.add(f"Ждём вас {number}", now=moment)
        clinic.send((str(number % 256),), now=moment)


def test_a_rate_is_told_by_the_gaps_while_it_worked(clinic: Clinic) -> None:
    send_every(clinic, *[4.0] * 10, 3600.0, *[4.0] * 5)
    assert measured.per_minute(clinic.connection, "sim-1", later(hours=2)) == pytest.approx(15.0)


@pytest.mark.parametrize("gaps", [(), (4.0,) * 5, (3600.0,) * 12], ids=["nothing", "few", "one now and then"])
def test_of_too_few_nothing_is_told(clinic: Clinic, gaps: tuple[float, ...]) -> None:
    send_every(clinic, *gaps)
    assert measured.per_minute(clinic.connection, "sim-1", later(days=1)) is None


def test_another_carrier_s_sms_say_nothing_of_it(clinic: Clinic) -> None:
    send_every(clinic, *[4.0] * 12)
    assert measured.per_minute(clinic.connection, "sim-2", later(hours=1)) is None


def test_what_is_due_stands_before_and_what_waits_for_its_time_or_a_person_does_not(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.add("Потом", not_before=later(hours=3))
    add_one(clinic.connection, NewMessage(PHONE, "Ещё не просмотрено", not_before=later(hours=3)), NOW)
    new = NewCampaign("draft", stage=Stage.DRAFT)
    campaigns.queue(clinic.connection, new, [NewMessage(PHONE, "Ждём вас")], NOW)
    assert measured.sms_ahead(clinic.connection, NOW) == {"": 3}


def test_what_is_due_is_counted_by_the_way_that_it_goes(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.add("Ждём вас", sender="sim-2")
    add_one(clinic.connection, NewMessage(PHONE, "Ещё не просмотрено"), NOW)
    assert measured.sms_ahead(clinic.connection, NOW) == {"": 3, "sim-2": 1, None: 1}
