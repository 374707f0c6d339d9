"""A modem as a carrier, on a fake one behind a real pseudo-terminal: what goes out, and what goes wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from gateway.carrier import (
    Accepted,
    Deferred,
    LateAnswer,
    Refused,
    Report,
    ReportStatus,
    Scope,
    Submission,
    Uncertain,
)
from gateway.errors import CarrierLost
from gateway.modem.carrier import ModemCarrier
from gateway.sms.message import Alphabet, Segment
from gateway.sms.segmentation import split
from tests.fake_modem import Bank, Rule
from tests.fake_modem.handle import Handle
from tests.modem.live import ANOTHER, QUICK_S, TEXT, TO, opened, receive, sms


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem, submit_deadline_s=QUICK_S) as carrier:
        yield carrier


# Sending.


def test_an_accepted_sms_reaches_the_phone_and_its_report_names_the_reference(
    bank: Bank, carrier: ModemCarrier
) -> None:
    outcome = carrier.submit(sms())
    (report,) = receive(carrier, 1)
    assert isinstance(outcome, Accepted)
    assert isinstance(report, Report)
    assert (report.message_reference, report.status) == (outcome.message_reference, ReportStatus.DELIVERED)
    assert report.recipient == TO
    assert bank.phones[TO] == [TEXT]


def test_each_segment_of_a_long_message_has_its_own_reference(bank: Bank, carrier: ModemCarrier) -> None:
    text = "Уважаемая Анна Ивановна, " * 12
    segments = split(text, 7)
    outcomes = [carrier.submit(Submission(number, TO, segment)) for number, segment in enumerate(segments)]
    assert len(segments) > 3
    assert len({outcome.message_reference for outcome in outcomes if isinstance(outcome, Accepted)}) == len(segments)
    assert len(receive(carrier, len(segments))) == len(segments)
    assert bank.phones[TO] == [text]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("CMS 1", Refused),
        ("CMS 304", Refused),
        ("CMS 38", Scope.NETWORK),
        ("CMS 332", Scope.NETWORK),
        ("CMS 500", Scope.DEVICE),
        ("CMS 27", Scope.NUMBER),
        ("+CMS ERROR: SIM failure", Scope.DEVICE),
        ("ERROR", Scope.DEVICE),
    ],
)
def test_a_refusal_says_whom_it_concerns(modem: Handle, carrier: ModemCarrier, code: str, expected: object) -> None:
    modem.fault("refuse", code=code)
    outcome = carrier.submit(sms())
    assert outcome.scope is expected if isinstance(outcome, Deferred) else isinstance(outcome, Refused)
    assert isinstance(carrier.submit(sms()), Accepted)


def test_a_recipient_that_is_no_number_is_refused_before_anything_is_sent(modem: Handle, carrier: ModemCarrier) -> None:
    before = len(modem.commands)
    outcome = carrier.submit(Submission(1, "Анна", Segment("x", Alphabet.GSM7)))
    assert isinstance(outcome, Refused)
    assert outcome.code == "invalid_recipient"
    assert len(modem.commands) == before


def test_ok_without_a_reference_is_a_success_without_one(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("no_reference")
    assert carrier.submit(sms()) == Accepted("")
    assert bank.phones[TO] == [TEXT]


def test_a_reference_that_never_changes_is_none() -> None:
    with Bank(1, personality="android_cr_only") as bank, opened(bank.modems[0]) as carrier:
        outcomes = [carrier.submit(sms(key)) for key in (1, 2, 3)]
    assert outcomes == [Accepted("0"), Accepted(""), Accepted("")]


def test_a_busy_modem_is_asked_again_before_the_prompt(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("error", "AT+CMGS", count=2, code="CME 515")
    assert isinstance(carrier.submit(sms()), Accepted)
    assert bank.phones[TO] == [TEXT]


def test_a_busy_answer_to_the_pdu_is_an_outcome_and_the_pdu_goes_out_once(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("refuse", code="CME 515")
    assert isinstance(carrier.submit(sms()), Deferred)
    assert sum(command.startswith("AT+CMGS") for command in modem.commands) == 1


# Silence.


def test_without_a_prompt_nothing_was_sent_and_the_next_sms_goes_out(
    bank: Bank, modem: Handle, carrier: ModemCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.submit.PROMPT_S", QUICK_S)
    modem.fault("no_answer", "AT+CMGS")
    outcome = carrier.submit(sms())
    assert isinstance(outcome, Deferred)
    assert (outcome.code, outcome.scope) == ("no_prompt", Scope.DEVICE)
    assert isinstance(carrier.submit(sms(2, ANOTHER)), Accepted)
    assert bank.phones == {ANOTHER: [TEXT]}


def test_silence_after_the_pdu_is_uncertain_and_nothing_is_sent_again(
    bank: Bank, modem: Handle, carrier: ModemCarrier
) -> None:
    modem.fault("answer_lost", "PDU")
    assert isinstance(carrier.submit(sms()), Uncertain)
    assert isinstance(carrier.submit(sms(2, ANOTHER)), Accepted)
    assert bank.phones == {TO: [TEXT], ANOTHER: [TEXT]}


def test_a_late_result_settles_its_own_sms_and_not_the_next_one(
    bank: Bank, modem: Handle, carrier: ModemCarrier
) -> None:
    first = carrier.submit(sms(1))
    modem.fault("late_result", seconds=QUICK_S + 0.25)
    uncertain = carrier.submit(sms(17, ANOTHER))
    third = carrier.submit(sms(18))
    late = [each for each in receive(carrier, 4) if isinstance(each, LateAnswer)]
    assert isinstance(uncertain, Uncertain)
    assert [first, third] == [Accepted("0"), Accepted("2")]
    assert late == [LateAnswer(17, Accepted("1"))]


def test_a_result_so_late_that_the_next_sms_is_out_already_still_settles_its_own(modem: Handle) -> None:
    with opened(modem, submit_deadline_s=0.5) as carrier:
        modem.fault("late_result", seconds=1.1)  # given up after 0.5 s, waited for until 1.0 s
        modem.fault("slow_result", seconds=0.3)  # so the next one's own result comes after it
        assert isinstance(carrier.submit(sms(17)), Uncertain)
        assert carrier.submit(sms(18, ANOTHER)) == Accepted("1")
        late = [each for each in receive(carrier, 3) if isinstance(each, LateAnswer)]
        assert late == [LateAnswer(17, Accepted("0"))]


def test_a_refusal_behind_the_result_of_an_older_sms_is_the_next_ones_own(bank: Bank, modem: Handle) -> None:
    bank.on_submit(ANOTHER, Rule(code="CMS 38"))
    with opened(modem, submit_deadline_s=0.5) as carrier:
        modem.fault("late_result", seconds=1.1)
        modem.fault("slow_result", seconds=0.3)
        assert isinstance(carrier.submit(sms(17)), Uncertain)
        refused = carrier.submit(sms(18, ANOTHER))
        assert isinstance(refused, Deferred)
        assert refused.code == "cms_38"
        late = [each for each in receive(carrier, 2) if isinstance(each, LateAnswer)]
        assert late == [LateAnswer(17, Accepted("0"))]


def test_a_late_refusal_settles_its_own_sms(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    bank.on_submit(TO, Rule(code="CMS 38"))
    modem.fault("slow_result", seconds=QUICK_S + 0.25)
    assert isinstance(carrier.submit(sms(17)), Uncertain)
    (late,) = receive(carrier, 1)
    assert isinstance(late, LateAnswer)
    assert isinstance(late.outcome, Deferred)
    assert (late.key, late.outcome.code) == (17, "cms_38")


def test_a_hang_inside_the_prompt_ends_when_the_modem_comes_back(
    bank: Bank, modem: Handle, carrier: ModemCarrier
) -> None:
    modem.fault("hang_in_prompt", seconds=2.0)
    assert isinstance(carrier.submit(sms()), Uncertain)
    assert isinstance(carrier.submit(sms(2, ANOTHER)), Accepted)


def test_a_result_in_single_octets_is_whole(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("split_result")
    assert isinstance(carrier.submit(sms()), Accepted)


def test_noise_before_the_result_disturbs_nothing(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("urc_before_result")
    assert carrier.submit(sms()) == Accepted("0")


def test_garbage_before_an_answer_disturbs_nothing(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("garbage", "AT+CMGS")
    assert carrier.submit(sms()) == Accepted("0")


# The modem goes.


def test_unplugged_before_the_prompt_nothing_was_sent(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("unplug", "AT+CMGS")
    outcome = carrier.submit(sms())
    assert isinstance(outcome, Deferred)
    assert (outcome.code, outcome.scope) == ("modem_gone", Scope.DEVICE)


def test_unplugged_after_the_pdu_is_uncertain(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("sent_and_unplugged")
    outcome = carrier.submit(sms())
    assert isinstance(outcome, Uncertain)
    with pytest.raises(CarrierLost):
        carrier.receive(1.0)


def test_an_unplugged_modem_is_noticed_at_once_and_opened_again_when_it_is_back(
    bank: Bank, modem: Handle, carrier: ModemCarrier
) -> None:
    threading.Timer(0.1, modem.unplug).start()
    began_at = time.monotonic()
    with pytest.raises(CarrierLost):
        receive(carrier, 1, within_s=10.0)
    assert time.monotonic() - began_at < 2
    carrier.close()
    with pytest.raises(CarrierLost, match="plugged in"):
        carrier.open()
    assert carrier.status().state == "absent"
    modem.plug()
    carrier.open()
    assert isinstance(carrier.submit(sms()), Accepted)


def test_a_modem_that_restarted_by_itself_is_set_up_anew(modem: Handle, carrier: ModemCarrier) -> None:
    modem.reset()
    carrier.submit(sms())
    with pytest.raises(CarrierLost, match="restarted"):
        receive(carrier, 1)
    carrier.close()
    carrier.open()
    assert isinstance(carrier.submit(sms()), Accepted)
    assert len(receive(carrier, 1)) == 1


def test_a_refusal_by_a_modem_that_has_lost_its_settings_is_not_the_messages_fault(
    bank: Bank, modem: Handle, carrier: ModemCarrier
) -> None:
    """In text mode every PDU is an invalid one."""
    modem.forget_settings()
    outcome = carrier.submit(sms())
    assert isinstance(outcome, Deferred)
    assert (outcome.code, outcome.scope) == ("modem_restarted", Scope.DEVICE)
    with pytest.raises(CarrierLost, match="restarted"):
        carrier.receive(1.0)
    assert bank.submitted == []


def test_what_came_just_before_a_restart_is_given_and_the_modem_left_alone_until_it_is_set_up_anew() -> None:
    with Bank(personality="cinterion") as bank, opened(bank.modems[0]) as carrier:
        modem = bank.modems[0]
        bank.on_submit(TO, "early")
        carrier.submit(sms())
        modem.reset()
        carrier.submit(sms(2, ANOTHER))  # by now the restart is known
        (report,) = receive(carrier, 1)
        assert carrier.status().state == "recovering"
        assert "AT+CNMA" not in modem.commands
        with pytest.raises(CarrierLost, match="restarted"):
            receive(carrier, 1)
        carrier.close()
        carrier.open()
        assert receive(carrier, 1)[0] == report
        assert modem.commands[-1] == "AT+CNMA"


def test_closing_from_another_thread_ends_a_submit(modem: Handle) -> None:
    with opened(modem) as carrier:
        modem.fault("swallow")
        threading.Timer(0.1, carrier.close).start()
        began_at = time.monotonic()
        assert isinstance(carrier.submit(sms()), Uncertain)
        assert time.monotonic() - began_at < 2
