"""Whose fault it is decides when an SMS is tried again; tries for one reason use up none of those for another."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.carrier import Accepted, Deferred, Scope
from gateway.queue import desk
from gateway.queue.retry import BACK_OFF
from tests.queue.clinic import NOW, Clinic, later

FAULTS = {
    Scope.NUMBER: Deferred("smpp_0x45", "Submit failed.", Scope.NUMBER),
    Scope.NETWORK: Deferred("smpp_0x08", "System error.", Scope.NETWORK),
    Scope.ACCOUNT: Deferred("smpp_0x101", "Not authorised.", Scope.ACCOUNT),
    Scope.GATEWAY: Deferred("smpp_0x43", "Invalid esm_class.", Scope.GATEWAY),
    Scope.DEVICE: Deferred("link_lost", "The link broke.", Scope.DEVICE),
}


def refused(clinic: Clinic, scope: Scope, times: int, now: datetime = NOW) -> datetime:
    """It is refused so often over the one carrier that it may go by; when that ends."""
    for _time in range(times):
        clinic.box.ripen(now)
        submission = clinic.claim("sim-1", now)
        assert submission is not None
        clinic.record(submission, FAULTS[scope], now)
        now = clinic.box.next_due(now) or now
    return now


@pytest.mark.parametrize("scope", [scope for scope in Scope if BACK_OFF[scope].limit])
def test_the_last_try_ends_it_with_the_reason(clinic: Clinic, scope: Scope) -> None:
    limit = BACK_OFF[scope].limit
    assert limit is not None
    clinic.add(sender="sim-1", expires_at="2026-12-22T09:00:00Z")
    refused(clinic, scope, limit)
    assert (clinic.state(), clinic.value("error_code")) == ("failed", FAULTS[scope].code)
    assert f"Given up after {limit} tries." in str(clinic.value("error_text"))


@pytest.mark.parametrize("scope", [Scope.NETWORK, Scope.ACCOUNT])
def test_what_is_no_fault_of_the_sms_costs_it_no_life_as_long_as_it_is_worth_something(
    clinic: Clinic, scope: Scope
) -> None:
    clinic.add(sender="sim-1", expires_at="2026-11-24T09:00:00Z")
    now = refused(clinic, scope, 100)
    assert clinic.state() == "queued"
    clinic.box.ripen(now)
    assert clinic.claim("sim-1", now) is not None


def test_tries_for_one_reason_use_up_none_of_those_for_another(clinic: Clinic) -> None:
    clinic.add(sender="sim-1", expires_at="2026-12-22T09:00:00Z")
    now = NOW
    for scope, fault in FAULTS.items():
        now = refused(clinic, scope, (BACK_OFF[fault.scope].limit or 9) - 1, now)
        assert clinic.state() == "queued"
    clinic.box.ripen(now)
    clinic.record(clinic.begun("sim-1", now), Accepted("1"), now)
    assert clinic.state() == "sent"


def test_a_message_that_a_person_queues_anew_has_all_its_tries_again(clinic: Clinic) -> None:
    clinic.add(sender="sim-1", expires_at="2026-12-22T09:00:00Z")
    refused(clinic, Scope.ACCOUNT, 3)
    refused(clinic, Scope.GATEWAY, 12, later(hours=1))
    assert clinic.state() == "failed"
    desk.retry(clinic.connection, 1, later(hours=9), clinic.rules)
    counted = "SELECT number_tries, network_tries, account_tries, gateway_tries, device_tries FROM segments"
    assert clinic.connection.execute(counted).fetchall() == [(0, 0, 0, 0, 0)]
