"""The machine's clock is set by hours between two SMS to one number; of the first nobody knows whether it went out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.carrier import Accepted, ReportStatus
from tests.queue.clinic import LONG, OTHER_PHONE, PHONE, SILENT, Clinic, later, report

WRONG = {
    "fast by hours": timedelta(hours=7),
    "fast by no whole hours": timedelta(hours=3, minutes=27),
    "slow by hours": timedelta(hours=-7),
    "slow as after a power cut of days": timedelta(days=-3),
}
SENT_AT, STAMP = later(minutes=17), later(minutes=17, seconds=3)  # by the right time


def never_left(clinic: Clinic) -> None:
    """Its answer never came; it never went out, which nobody can know."""
    clinic.add("Never left")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))


def went(clinic: Clinic, reference: str, at: datetime, recipient: str = PHONE, carrier: str = "sim-1") -> None:
    clinic.add("It went out", recipient, at)
    clinic.record(clinic.begun(carrier, at), Accepted(reference), at)


@pytest.mark.parametrize("jump", WRONG.values(), ids=WRONG)
def test_a_report_whose_reference_another_sms_bears_settles_none_without_an_answer(
    clinic: Clinic, jump: timedelta
) -> None:
    never_left(clinic)
    went(clinic, "140", SENT_AT + jump)
    came_at = max(SENT_AT, SENT_AT + jump) + timedelta(seconds=9)  # a slow clock is right again by then
    clinic.store(report("140", at=STAMP), now=came_at)
    assert [clinic.state(1), clinic.state(2)] == ["uncertain", "sent"]


def test_nor_does_one_that_comes_while_the_next_part_is_in_the_air(clinic: Clinic) -> None:
    never_left(clinic)
    at = SENT_AT + timedelta(hours=7)
    clinic.add(LONG, now=at)
    second = clinic.record(clinic.begun(now=at), Accepted("140"), at + timedelta(seconds=4))
    assert second is not None
    clinic.store(report("140", at=STAMP), now=at + timedelta(seconds=5))
    third = clinic.record(second, Accepted("141"), at + timedelta(seconds=9))
    assert third is not None
    clinic.record(third, Accepted("142"), at + timedelta(seconds=12))
    assert [clinic.state(1), clinic.state(2)] == ["uncertain", "sent"]


def test_its_place_among_several_sms_without_an_answer_stays_free(clinic: Clinic) -> None:
    """Else the report of the first would be pushed on to the second."""
    clinic.add("It went out too")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))
    clinic.add("Never left")
    clinic.record(clinic.begun(now=later(minutes=8)), SILENT, later(minutes=9))
    at = later(seconds=55) + timedelta(hours=7)
    went(clinic, "140", at)
    clinic.store(report("138", at=later(minutes=1)), now=at + timedelta(seconds=9))
    clinic.store(report("140", at=later(seconds=57)), now=at + timedelta(seconds=9))
    assert clinic.state(2) == "uncertain"


def test_a_report_without_a_number_settles_no_sms_without_reference_if_another_bears_its_own(clinic: Clinic) -> None:
    clinic.add("Of a modem that told none")
    clinic.record(clinic.begun(now=later(minutes=10)), Accepted(""), later(minutes=10))
    at = SENT_AT + timedelta(hours=7)
    went(clinic, "140", at, OTHER_PHONE)
    clinic.store(report("140", at=STAMP, recipient=None), now=at + timedelta(seconds=9))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "sent"]


def test_one_that_had_its_own_report_stands_in_nobodys_way(clinic: Clinic) -> None:
    went(clinic, "140", later(hours=-5))
    clinic.store(report("140", ReportStatus.PENDING, at=later(hours=-5, seconds=2)), now=later(hours=-5, seconds=9))
    clinic.add("It went out")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))
    clinic.store(report("140", at=later(seconds=2)), now=later(seconds=50))
    assert [clinic.state(1), clinic.state(2)] == ["sent", "delivered"]


@pytest.mark.parametrize(("recipient", "carrier"), [(OTHER_PHONE, "sim-1"), (PHONE, "sim-2")])
def test_one_to_another_number_or_over_another_sim_stands_in_nobodys_way(
    clinic: Clinic, recipient: str, carrier: str
) -> None:
    clinic.add("It went out")
    clinic.record(clinic.begun(), SILENT, later(seconds=40))
    went(clinic, "140", later(minutes=1), recipient, carrier)
    clinic.store(report("140", at=later(seconds=2)), now=later(minutes=2))
    assert [clinic.state(1), clinic.state(2)] == ["delivered", "sent"]


def test_one_that_began_after_the_report_came_stands_in_nobodys_way(clinic: Clinic) -> None:
    for seconds in (0, 60):
        clinic.add("It went out", now=later(seconds=seconds))
        clinic.record(clinic.begun(now=later(seconds=seconds)), SILENT, later(seconds=seconds + 40))
    clinic.store(report("140", at=later(seconds=2)), now=later(minutes=3))
    went(clinic, "140", later(hours=1))
    clinic.store(report("141", at=later(seconds=62)), now=later(hours=1, minutes=1))
    assert [clinic.state(1), clinic.state(2), clinic.state(3)] == ["delivered", "delivered", "sent"]
