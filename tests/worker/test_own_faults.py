"""What the gateway's own code fails with, over hours: no illness of the modem, and it costs few messages."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.carrier import Accepted, CarrierStatus
from gateway.errors import Cause
from gateway.life import Life
from gateway.queue import db
from gateway.worker.ladder import PACES_S, SLOW_S
from tests.worker.patient import HOUR_S, OPENING_S, Ward


def slip(*_arguments: object) -> Any:
    raise ValueError("not foreseen")


@pytest.mark.parametrize("place", ["opens", "speaks"])
def test_a_fault_of_our_own_is_told_and_never_treated(ward: Ward, place: str) -> None:
    setattr(ward.patient, place, slip)
    seen: list[CarrierStatus] = []
    ward.clock.at(3 * OPENING_S, lambda: seen.append(ward.worker.status()))
    ward.run(2 * HOUR_S)
    assert seen[0].state == Life.RECOVERING
    assert ward.worker.status().state == Life.FAILED
    assert all("ValueError" in status.detail for status in (*seen, ward.worker.status()))
    assert "smsgw modems resume sim-1" in ward.worker.status().detail
    assert ward.patient.mended == []
    assert len(ward.patient.opened_at) <= len(PACES_S[Cause.GATEWAY]) + 2 * HOUR_S / SLOW_S


def test_a_modem_that_is_well_again_after_a_fault_of_our_own_says_nothing_of_it(ward: Ward) -> None:
    ward.patient.opens = slip
    ward.clock.at(60, lambda: setattr(ward.patient, "opens", lambda: None))
    ward.run(HOUR_S)
    assert (ward.worker.status().state, ward.worker.status().detail) == (Life.READY, "")


def test_a_fault_of_our_own_with_every_sms_costs_few_of_them_and_is_no_illness_of_the_modem(ward: Ward) -> None:
    ward.patient.answers = slip
    ward.add(200)
    ward.run(2 * HOUR_S)
    assert ward.patient.mended == []
    assert len(ward.patient.submitted) <= len(PACES_S[Cause.GATEWAY]) + 2 * HOUR_S / SLOW_S
    assert set(ward.states()) == {"uncertain", "queued"}
    assert ward.worker.status().state == Life.FAILED


def test_a_fault_of_our_own_with_few_sms_is_not_forgotten_between_them(ward: Ward) -> None:
    """One in ten minutes, all the time served between."""
    ward.patient.answers = slip
    for number in range(24):
        ward.add_at(600.0 * number + 100, 1)
    ward.run(4 * HOUR_S)
    assert ward.patient.mended == []
    assert ward.worker.status().state == Life.FAILED


def test_one_sms_that_we_fail_with_holds_the_others_up_for_a_moment(ward: Ward) -> None:
    ward.patient.answers = lambda submission: slip() if len(ward.patient.submitted) == 1 else Accepted("7")
    ward.add(4)
    ward.run(60)
    assert ward.states() == ["uncertain", "sent", "sent", "sent"]
    assert ward.worker.status().state == Life.READY


def test_a_database_that_a_carrier_cannot_use_is_no_illness_of_its_modem(ward: Ward) -> None:
    """It asks there for PINs that were refused."""

    def ask() -> None:
        if ward.clock.passed_s < HOUR_S / 2:
            raise db.UnusableError("The database is locked by another program.")

    ward.patient.opens = ask
    ward.clock.at(HOUR_S / 4, lambda: seen.append(ward.worker.status()))
    seen: list[CarrierStatus] = []
    ward.run(HOUR_S)
    assert seen[0].state == Life.STARTING
    assert ward.patient.mended == []
    assert ward.worker.status().state == Life.READY
