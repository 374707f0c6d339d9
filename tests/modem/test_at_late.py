"""What comes late in an AT conversation: it settles the submit that was given up, and answers no other command."""

from __future__ import annotations

import pytest

from gateway.modem import at
from gateway.modem.at import Conversation, Final, Late, LateSubmit, Result
from gateway.modem.lines import Prompt
from gateway.modem.urc import Kind, Unsolicited
from tests.modem.conversation import PDU, SIZES, feed, ok


def given_up_submit() -> Conversation:
    conversation = Conversation()
    conversation.send("AT+CMGS=18", has_prompt=True)
    feed(conversation, b"\r\n> ")
    conversation.send_pdu(PDU, 17)
    conversation.abandon()
    return conversation


FAILED = Final(Result.CMS, 38, "+CMS ERROR: 38")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\r\n+CMGS: 41\r\n\r\nOK\r\n", LateSubmit(17, "41", at.OK)),
        (b"\r\n+CMS ERROR: 38\r\n", LateSubmit(17, "", FAILED)),
        (b"\r\nERROR\r\n", LateSubmit(17, "", Final(Result.ERROR, None, "ERROR"))),
    ],
)
def test_a_late_result_settles_the_submit_that_was_given_up(data: bytes, expected: LateSubmit, size: int) -> None:
    conversation = given_up_submit()
    assert feed(conversation, data, size)[0] == expected
    assert not conversation.owed


@pytest.mark.parametrize("size", SIZES)
def test_a_late_result_is_never_the_next_commands_answer(size: int) -> None:
    conversation = given_up_submit()
    conversation.escape()
    conversation.send(at.WAKE)
    late, stale, probed = (
        feed(conversation, b"\r\n+CMGS: 41\r\n\r\nOK\r\n", size),
        conversation.send(at.PROBE) and feed(conversation, b"\r\nOK\r\n", size),
        feed(conversation, b"\r\n+CMGF: 0\r\n\r\nOK\r\n", size),
    )
    assert late == [LateSubmit(17, "41", at.OK), ok()]  # the OK is taken for that of AT
    assert stale == []  # so that of AT comes while the probe waits, and is not the probe's
    assert probed == [ok("+CMGF: 0")]


def test_a_late_message_error_during_the_resynchronisation_settles_the_submit() -> None:
    conversation = given_up_submit()
    conversation.escape()
    conversation.send(at.WAKE)
    assert feed(conversation, b"\r\n+CMS ERROR: 38\r\n\r\nOK\r\n") == [LateSubmit(17, "", FAILED), ok()]


def test_an_error_after_escape_says_nothing_of_the_submit() -> None:
    conversation = given_up_submit()
    conversation.escape()
    assert feed(conversation, b"\r\nERROR\r\n") == [Late("ERROR")]
    assert list(conversation.owed) == [17]


def test_a_late_reference_is_known_even_while_another_command_waits() -> None:
    conversation = given_up_submit()
    conversation.in_step()
    conversation.send("AT+CSQ")
    assert feed(conversation, b"\r\n+CMGS: 41\r\n+CSQ: 11,99\r\nOK\r\n") == [
        LateSubmit(17, "41", at.OK),
        ok("+CSQ: 11,99"),
    ]


def test_of_two_submits_given_up_a_late_reference_settles_neither() -> None:
    conversation = given_up_submit()
    conversation.in_step()
    conversation.send_pdu("0001", 18)
    conversation.abandon()
    assert feed(conversation, b"\r\n+CMGS: 41\r\n\r\nOK\r\n") == [Late("+CMGS: 41"), Late("OK")]
    assert not conversation.owed


def test_a_late_reference_before_the_next_prompt_is_the_old_ones() -> None:
    conversation = given_up_submit()
    conversation.in_step()
    conversation.send("AT+CMGS=18", has_prompt=True)
    assert feed(conversation, b"\r\n+CMGS: 41\r\nOK\r\n> ") == [LateSubmit(17, "41", at.OK), Prompt()]


def test_what_comes_late_to_an_ordinary_command_goes_to_nobody() -> None:
    conversation = Conversation()
    conversation.send("AT+CGSN")
    conversation.abandon()
    assert feed(conversation, b"\r\n350000000000006\r\nOK\r\n") == [Late("350000000000006"), Late("OK")]


@pytest.mark.parametrize("size", SIZES)
def test_an_answer_that_comes_while_the_next_command_waits_ends_only_itself(size: int) -> None:
    conversation = Conversation()
    conversation.send("AT+CSQ")
    conversation.abandon()
    conversation.in_step()
    conversation.send("AT+CGSN")
    data = b"\r\n+CSQ: 11,99\r\n\r\nOK\r\n\r\n350000000000006\r\n\r\nOK\r\n"
    assert feed(conversation, data, size) == [Late("+CSQ: 11,99"), Late("OK"), ok("350000000000006")]


def test_an_overdue_answer_is_not_expected_for_ever() -> None:
    conversation = Conversation()
    conversation.send("AT+CSQ")
    conversation.abandon()
    for _ in range(at.OVERDUE_COMMANDS):
        conversation.send("AT")
        feed(conversation, b"\r\nOK\r\n")
    conversation.send("AT+CGSN")
    assert feed(conversation, b"\r\n+CSQ: 18,99\r\nOK\r\n") == [Unsolicited(Kind.NOISE, "+CSQ: 18,99"), ok()]
