"""Which PINs were tried: it outlives the daemon, and an answer that nobody saw is told from a refusal."""

from __future__ import annotations

from gateway.queue import pins
from tests.queue.clinic import Clinic

KEYS = ["8970100000000000001:abc", "350000000000006:abc"]


def test_a_refused_pin_is_remembered_for_sim_and_device(clinic: Clinic) -> None:
    pins.begin(clinic.connection, KEYS)
    pins.refused(clinic.connection, KEYS)
    again = clinic.reopened()
    assert [pins.is_refused(again.connection, [key]) for key in KEYS] == [True, True]
    assert not pins.is_refused(again.connection, ["8970100000000000001:def"])
    again.connection.close()


def test_a_pin_whose_answer_nobody_saw_may_be_tried_once_more_and_no_third_time(clinic: Clinic) -> None:
    pins.begin(clinic.connection, KEYS)
    assert not pins.is_refused(clinic.connection, KEYS[:1])
    pins.begin(clinic.connection, KEYS)
    assert pins.is_refused(clinic.connection, KEYS[:1])


def test_a_try_that_the_sim_did_not_look_at_leaves_an_earlier_one_noted(clinic: Clinic) -> None:
    """Else two tries without an answer, with a busy SIM between, were forgotten: the third one may lock it."""
    pins.begin(clinic.connection, KEYS)
    pins.begin(clinic.connection, KEYS)
    pins.withdraw(clinic.connection, KEYS)
    assert not pins.is_refused(clinic.connection, KEYS[:1])
    pins.begin(clinic.connection, KEYS)
    assert pins.is_refused(clinic.connection, KEYS[:1])


def test_a_first_try_that_the_sim_did_not_look_at_is_none(clinic: Clinic) -> None:
    pins.begin(clinic.connection, KEYS)
    pins.withdraw(clinic.connection, KEYS)
    pins.begin(clinic.connection, KEYS)
    assert not pins.is_refused(clinic.connection, KEYS[:1])


def test_a_pin_that_the_sim_took_is_forgotten(clinic: Clinic) -> None:
    pins.begin(clinic.connection, KEYS)
    pins.forget(clinic.connection, KEYS)
    pins.begin(clinic.connection, KEYS)
    assert not pins.is_refused(clinic.connection, KEYS[:1])
