"""The temperature of a modem: what raises it, what lets it fall, and when nothing is hoped of it any more."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain
from gateway.modem.temperature import ENOUGH, HOPELESS, LAST, Temperature

OUTCOMES: dict[str, tuple[Outcome, int]] = {
    "accepted": (Accepted("1"), 0),
    "a bad number": (Refused("cms_1", ""), 0),
    "the network's fault": (Deferred("cms_38", "", Scope.NETWORK), 0),
    "the number's fault": (Deferred("cms_27", "", Scope.NUMBER), 0),
    "the device's fault": (Deferred("cms_500", "", Scope.DEVICE), 1),
    "silence": (Uncertain("no_answer", ""), 1),
}


@pytest.mark.parametrize(("outcome", "failures"), OUTCOMES.values(), ids=OUTCOMES)
def test_only_the_devices_own_failures_raise_its_temperature(outcome: Outcome, failures: int) -> None:
    temperature = Temperature()
    temperature.learn(outcome)
    assert temperature.sms.failures == failures


ANSWERED = {
    "an error to what never worked": ([], "AT+CREG?", False, 0),
    "an error to what worked before": (["AT+CREG?"], "AT+CREG?", False, 1),
    "an error to another question": (["AT+CSQ"], "AT+CREG?", False, 0),
    "an error to an order": (["AT+CMGD=1"], "AT+CMGD=1", False, 0),
    "an acknowledgement that came too late": (["AT+CNMA"], "AT+CNMA", False, 0),
    "silence": ([], "AT+CMGD=1", True, 1),
}


@pytest.mark.parametrize(("worked", "command", "is_silent", "failures"), ANSWERED.values(), ids=ANSWERED)
def test_an_error_counts_only_where_the_same_question_worked(
    worked: list[str], command: str, is_silent: bool, failures: int
) -> None:
    temperature = Temperature()
    for each in worked:
        temperature.note(each, is_ok=True, is_silent=False)
    temperature.note(command, is_ok=False, is_silent=is_silent)
    assert temperature.commands.failures == failures


def test_it_is_raised_by_a_quarter_of_the_last_tries_and_falls_again() -> None:
    temperature = Temperature()
    for _ in range(ENOUGH - 1):
        temperature.learn(Uncertain("no_answer", ""))
    assert not temperature.sms.is_raised  # too few tries
    for _ in range(3 * (ENOUGH - 1)):
        temperature.learn(Accepted("1"))
    assert temperature.sms.is_raised
    temperature.learn(Accepted("1"))
    assert not temperature.sms.is_raised
    for _ in range(LAST):
        temperature.learn(Accepted("1"))
    assert (temperature.sms.failures, temperature.sms.count) == (0, LAST)


def test_one_success_ends_a_hopeless_run() -> None:
    temperature = Temperature()
    for _ in range(HOPELESS):
        assert not temperature.is_hopeless
        temperature.learn(Uncertain("no_answer", ""))
    assert temperature.is_hopeless
    temperature.learn(Accepted("1"))
    assert not temperature.is_hopeless
