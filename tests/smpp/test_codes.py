"""command_status -> what happens to the message, and what a person reads."""

from __future__ import annotations

import re

import pytest
from smpplib import consts

from gateway.carrier import Deferred, Refused, Scope
from gateway.errors import Cause
from gateway.smpp import codes

SPECIFIED = {name: number for name, number in vars(consts).items() if name.startswith("SMPP_ESME_")}

OUTCOMES: dict[str, tuple[int, Scope | None]] = {
    "message length": (0x01, None),
    "command length: our fault": (0x02, Scope.GATEWAY),
    "system error": (0x08, Scope.NETWORK),
    "may not submit": (0x03, Scope.ACCOUNT),
    "link in a wrong state": (0x04, Scope.DEVICE),
    "sender not registered": (0x0A, Scope.ACCOUNT),
    "recipient": (0x0B, None),
    "queue full": (0x14, Scope.NETWORK),
    "long messages in another form": (0x43, Scope.GATEWAY),
    "submit failed: no credit, no route, busy": (0x45, Scope.NUMBER),
    "throttled": (0x58, Scope.NETWORK),
    "rejected for good by the next one on the way": (0x66, None),
    "unknown error": (0xFF, Scope.NUMBER),
    "5.0: prohibited": (0x101, Scope.ACCOUNT),
    "5.0: data coding": (0x104, Scope.GATEWAY),
    "a vendor's own": (0x0400, Scope.NUMBER),
    "nobody's": (0xDEADBEEF, Scope.NUMBER),
}


@pytest.mark.parametrize(("status", "scope"), OUTCOMES.values(), ids=OUTCOMES)
def test_a_status_says_who_waits(status: int, scope: Scope | None) -> None:
    outcome = codes.outcome_of(status)
    if scope is None:
        assert isinstance(outcome, Refused)
    else:
        assert isinstance(outcome, Deferred)
        assert outcome.scope is scope


@pytest.mark.parametrize("status", [0x0A, 0x48, 0x49])
def test_a_sender_that_the_message_names_itself_is_not_the_binds_fault(status: int) -> None:
    of_the_bind, of_the_message = codes.outcome_of(status), codes.outcome_of(status, names_sender=True)
    assert isinstance(of_the_bind, Deferred)
    assert isinstance(of_the_message, Deferred)
    assert (of_the_bind.scope, of_the_message.scope) == (Scope.ACCOUNT, Scope.NUMBER)


def test_only_throttling_is_throttling() -> None:
    assert {status for status in range(0x500) if codes.is_throttling(status)} == {0x14, 0x58}


@pytest.mark.parametrize(("name", "number"), SPECIFIED.items(), ids=SPECIFIED)
def test_every_status_of_the_specification_has_its_name(name: str, number: int) -> None:
    assert codes.status_name(number) == name.removeprefix("SMPP_")


@pytest.mark.parametrize("status", [*codes.STATUSES, 0x0400, 0x04FF, 0xFFFFFFFF])
def test_every_status_has_a_stable_word_and_a_sentence_with_advice(status: int) -> None:
    outcome = codes.outcome_of(status)
    assert re.fullmatch(r"smpp_0x[0-9a-f]{2,8}", outcome.code)
    assert int(outcome.code.removeprefix("smpp_"), 16) == status
    assert codes.words(status) in outcome.text
    assert outcome.text.endswith(".")


def test_words_are_lower_case_hexadecimal_of_two_digits_at_least() -> None:
    assert [codes.status_code(status) for status in (0x0B, 0x8, 0x45, 0x400)] == [
        "smpp_0x0b",
        "smpp_0x08",
        "smpp_0x45",
        "smpp_0x400",
    ]


BINDS = {
    "password": (0x0E, Cause.DENIED, "password"),
    "system_id": (0x0F, Cause.DENIED, "system_id"),
    "bind failed": (0x0D, Cause.DENIED, "password"),
    "a vendor's own": (0x0410, Cause.DENIED, "0x410"),
    "already bound": (0x05, Cause.FORBIDDEN, "another link"),
    "system error": (0x08, Cause.NO_NETWORK, "busy"),
    "throttled": (0x58, Cause.NO_NETWORK, "busy"),
}


@pytest.mark.parametrize(("status", "cause", "word"), BINDS.values(), ids=BINDS)
def test_a_bind_that_is_refused_says_what_to_do(status: int, cause: Cause, word: str) -> None:
    found, sentence = codes.refused_bind(status)
    assert found is cause
    assert word in sentence


def test_commands_have_names_for_logs() -> None:
    assert codes.command_name(codes.SUBMIT_SM) == "submit_sm"
    assert codes.command_name(0x0200) == "0x00000200"
