"""How long a carrier rests after failures, and when rest alone won't do."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain
from gateway.errors import Cause
from gateway.worker.rest import NETWORK_RESTS_S, NETWORK_TOO_LONG, Condition, Volley

BUSY = Deferred("cms_42", "Congestion.", Scope.NETWORK)
AWAY = Deferred("cms_27", "Phone off.", Scope.NUMBER)
BROKEN = Deferred("cms_500", "Unknown error.", Scope.DEVICE)
SILENT = Uncertain("no_answer", "No answer.")
FINE = Accepted("7")
NEVER = Refused("cms_1", "Unassigned number.")


def after(*outcomes: Outcome) -> Condition:
    condition = Condition()
    for outcome in outcomes:
        condition = condition.after(outcome)
    return condition


def test_an_smsc_that_throttles_rests_nobody_however_long() -> None:
    throttled = Deferred("smpp_0x58", "Throttled.", Scope.NETWORK, is_counted=False)
    assert after(*[throttled] * 100) == Condition()
    assert after(BUSY, throttled) == after(BUSY)
    volley = Volley()
    volley.begins(1)
    volley.begins(2)
    assert not volley.counts(1, throttled)
    assert volley.counts(2, BUSY)


@pytest.mark.parametrize("outcome", [FINE, NEVER, AWAY], ids=["accepted", "refused", "number"])
def test_an_answer_about_the_number_rests_nobody_and_ends_a_run_of_failures(outcome: Outcome) -> None:
    assert after(BUSY, BROKEN, SILENT, outcome) == Condition()
    assert after(outcome).rest_s == 0


def test_a_busy_network_is_given_longer_and_longer_rests() -> None:
    rests = [after(*[BUSY] * n).rest_s for n in range(1, 8)]
    assert rests == [*NETWORK_RESTS_S, NETWORK_RESTS_S[-1], NETWORK_RESTS_S[-1]]


def test_a_single_hiccup_of_the_device_costs_nothing() -> None:
    assert after(BROKEN).rest_s == 0
    assert after(BROKEN, FINE, BROKEN).rest_s == 0


def test_a_device_that_goes_on_failing_rests_longer_and_longer() -> None:
    assert [after(*[BROKEN] * n).rest_s for n in range(1, 10)] == [0, 1, 3, 5, 15, 30, 60, 60, 60]


RUNS = {  # name -> the run, whether it is too much for a carrier that is well, and for one on trial
    "one hiccup": ([BROKEN], False, False),
    "two hiccups": ([BROKEN] * 2, False, True),
    "three hiccups": ([BROKEN] * 3, False, True),
    "four hiccups": ([BROKEN] * 4, True, True),
    "one silence": ([SILENT], False, True),
    "two silences": ([SILENT] * 2, True, True),
    "two kinds in turn": ([BROKEN, SILENT, BROKEN], True, True),
    "a busy network between": ([BROKEN, BUSY, BROKEN, BUSY, BROKEN, BUSY, BROKEN], True, True),
    "an SMS that went out between": ([BROKEN, BROKEN, BROKEN, FINE, BROKEN], False, False),
    "a busy network": ([BUSY] * (NETWORK_TOO_LONG - 1), False, False),
    "a network that stays away": ([BUSY] * NETWORK_TOO_LONG, True, True),
}


@pytest.mark.parametrize(("run", "is_too_much", "is_too_much_on_trial"), RUNS.values(), ids=RUNS)
def test_a_run_of_failures_of_the_device_needs_a_remedy(
    run: list[Outcome], is_too_much: bool, is_too_much_on_trial: bool
) -> None:
    condition = after(*run)
    assert condition.needs_remedy(is_on_trial=False) is is_too_much
    assert condition.needs_remedy(is_on_trial=True) is is_too_much_on_trial


def test_silence_weighs_more_than_refusals_when_the_cause_is_told() -> None:
    assert after(BROKEN, BROKEN).cause is Cause.FAULTY
    assert after(BROKEN, SILENT).cause is Cause.SILENT
    assert after(*[BUSY] * NETWORK_TOO_LONG).cause is Cause.NO_NETWORK


def test_of_what_was_in_the_air_together_only_the_first_failure_counts() -> None:
    volley = Volley()
    for key in range(3):
        volley.begins(key)
    assert [volley.counts(key, BROKEN) for key in range(3)] == [True, False, False]
    volley.begins(3)
    assert volley.counts(3, BROKEN)


def test_whatever_shows_a_carrier_well_counts_always() -> None:
    volley = Volley()
    for key in range(4):
        volley.begins(key)
    outcomes: list[Outcome] = [SILENT, FINE, NEVER, AWAY]
    assert [volley.counts(key, outcome) for key, outcome in enumerate(outcomes)] == [True, True, True, True]


def test_of_whom_nobody_knows_when_it_began_the_failure_counts() -> None:
    volley = Volley()
    assert volley.counts(1, BUSY)
    assert volley.counts(2, BUSY)


def test_one_sms_that_fails_again_and_again_says_nothing_new_of_the_carrier() -> None:
    volley = Volley()
    found = []
    for key in (1, 1, 1, 2, 1, 1):
        volley.begins(key)
        found.append(volley.counts(key, BROKEN))
    assert found == [True, False, False, True, True, False]


def test_after_one_that_is_well_it_does() -> None:
    volley = Volley()
    found = []
    for key, outcome in ((1, BROKEN), (2, FINE), (1, BROKEN)):
        volley.begins(key)
        found.append(volley.counts(key, outcome))
    assert found == [True, True, True]
