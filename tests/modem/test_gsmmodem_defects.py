"""The defects of python-gsmmodem-new 0.13.0 that concern the live modem, of G1 to G27: none happens here.

Those of its line are in test_gsmmodem_line_defects.py, G16 and those of the codec in the tests of the codec.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest

from gateway.carrier import Accepted, Deferred, Incoming, Report, ReportStatus, Submission
from gateway.errors import CarrierLost
from gateway.modem import answers, network, startup
from gateway.modem.carrier import ModemCarrier
from gateway.modem.session import GsmSession
from gateway.modem.transport import QUIET_S
from gateway.sms.segmentation import split
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import SENDER, TEXT, TO, opened, receive, sms


def test_g8_a_failed_start_leaves_nothing_open(modem: Handle) -> None:
    modem.lock("4711")
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(CarrierLost), opened(modem, pin="0000"):
            pass
    assert threading.active_count() == before
    GsmSession(modem.port).connect()  # the port is free


def test_g10_a_busy_modem_is_asked_a_few_times_only(
    modem: Handle, carrier: ModemCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.submit.BUSY_WAITS_S", (0.01, 0.01))
    modem.fault("error", "AT+CMGS", count=None, code="CME 515")
    assert isinstance(carrier.submit(sms()), Deferred)
    assert sum(command.startswith("AT+CMGS") for command in modem.commands) == 3


def test_g10_the_pdu_is_never_repeated(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("refuse", code="CME 14")
    carrier.submit(sms())
    assert sum(command.startswith("AT+CMGS") for command in modem.commands) == 1
    assert bank.phones == {}


def test_g11_every_part_has_its_own_reference(carrier: ModemCarrier) -> None:
    segments = split("Очень длинный текст. " * 14, 1)
    outcomes = [carrier.submit(Submission(key, TO, segment)) for key, segment in enumerate(segments)]
    assert outcomes == [Accepted(str(number)) for number in range(len(segments))]


def test_g14_still_trying_is_pending_and_not_failed(bank: Bank, carrier: ModemCarrier) -> None:
    bank.on_submit(TO, "pending_fail")
    carrier.submit(sms())
    reports = [each for each in receive(carrier, 2) if isinstance(each, Report)]
    assert [report.status for report in reports] == [ReportStatus.PENDING, ReportStatus.UNDELIVERED]


def test_g15_references_that_wrap_leave_every_report_to_be_seen(carrier: ModemCarrier) -> None:
    seen = 0
    for key in range(300):
        assert carrier.submit(sms(key)) == Accepted(str(key % 256))
        for each in carrier.receive(0):
            carrier.acknowledge(each)
            seen += 1
    assert seen + len(receive(carrier, 300 - seen)) == 300
    assert len(carrier._session.sentSms) == 0  # type: ignore[union-attr]


def test_g17_cyrillic_needs_no_character_set_command(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    carrier.submit(sms())
    assert not any(command.startswith(("AT+CSCS", "AT+CLAC")) for command in modem.commands)
    assert bank.phones[TO] == [TEXT]


def test_g17b_a_chatty_modem_is_recognised_every_time() -> None:
    with Bank(1, personality="chatty") as bank:
        for _ in range(15):
            session = GsmSession(bank.modems[0].port)
            session.connect()
            made = startup.make(session)
            assert (made.manufacturer, made.model) == ("Fake Works", "FM-1")
            session.close()


def test_g18_an_undecodable_message_moves_no_other_and_nothing_is_deleted_early(bank: Bank, modem: Handle) -> None:
    modem.deliver(SENDER, "Первое")
    modem.bring(bytes.fromhex("040B919700"))
    modem.deliver(SENDER, "Третье")
    with opened(modem) as carrier:
        found = receive(carrier, 3, is_acknowledged=False)
        assert [each.is_damaged for each in found if isinstance(each, Incoming)] == [False, True, False]
        assert len(modem.stored("SM")) == 3
        carrier.acknowledge(found[1])
        assert len(modem.stored("SM")) == 2
        for each in (found[0], found[2]):
            carrier.acknowledge(each)
        assert modem.stored("SM") == []


def test_g19_a_report_that_cannot_be_decoded_stops_nothing(modem: Handle, carrier: ModemCarrier) -> None:
    modem.say("+CDS: 25")
    modem.say("0006FFFF")
    (damaged,) = receive(carrier, 1)
    assert isinstance(damaged, Incoming)
    assert damaged.is_damaged
    assert isinstance(carrier.submit(sms()), Accepted)


@pytest.mark.parametrize("line", ["+CUSD: 4", "+CUSD: 2", '+CUSD: 0,"0411",72'])
def test_g20_an_ussd_line_disturbs_nothing(modem: Handle, carrier: ModemCarrier, line: str) -> None:
    modem.say(line)
    assert isinstance(carrier.submit(sms()), Accepted)


def test_g20_an_ussd_text_whose_quotes_never_close_disturbs_nothing_once_the_line_is_quiet(
    modem: Handle, carrier: ModemCarrier
) -> None:
    modem.say('+CUSD: 1,"')
    receive(carrier, 1, within_s=QUIET_S + 0.1)
    assert isinstance(carrier.submit(sms()), Accepted)


def test_g21_ready_without_a_space_is_ready_and_a_puk_is_never_answered() -> None:
    with Bank(1, personality="qualcomm") as bank, opened(bank.modems[0], pin="4711"):
        assert not any(command.startswith("AT+CPIN=") for command in bank.modems[0].commands)
    with Bank(1) as bank:
        bank.modems[0].lock("4711", tries_left=0)
        with pytest.raises(CarrierLost, match="PUK"), opened(bank.modems[0], pin="4711"):
            pass
        assert not any(command.startswith("AT+CPIN=") for command in bank.modems[0].commands)


def test_g23_neither_pin_nor_pdu_is_logged_at_any_level(modem: Handle, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    modem.lock("4711")
    with opened(modem, pin="4711") as carrier:
        carrier.submit(sms())
        receive(carrier, 1)
    assert logging.getLogger("gsmmodem.modem.GsmModem").getEffectiveLevel() >= logging.WARNING
    assert "4711" not in caplog.text
    assert "0416" not in caplog.text


def test_g24_registration_with_technology_state_0_and_lte_only() -> None:
    assert answers.registration_in(['+CREG: 2,1,"00C3","01A2",7']) == 1
    assert not network.is_registered([0])
    with Bank(1, personality="lte_only_cereg") as bank, opened(bank.modems[0]) as carrier:
        assert carrier.status().state == "ready"


def test_g25_storages_without_a_space_are_chosen_by_their_bare_names(modem: Handle, carrier: ModemCarrier) -> None:
    assert answers.storages_in(['+CPMS:("SM","ME"),("SM")']) == [("SM", "ME"), ("SM",)]
    receive(carrier, 1, within_s=0.1)
    assert 'AT+CPMS="SM"' in modem.commands


def test_g27_the_experimental_parts_are_never_imported() -> None:
    script = "import sys, gateway.modem.carrier; print('gsmmodem.gprs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_notifications_of_gsmmodem_are_never_used(carrier: ModemCarrier) -> None:
    with pytest.raises(AssertionError):
        carrier._session._handleModemNotification([])  # type: ignore[union-attr]
