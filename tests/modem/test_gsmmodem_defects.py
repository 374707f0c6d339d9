"""The defects of python-gsmmodem-new 0.13.0 that concern the live modem, G1 to G27: none happens here.

G16 (validity, reports) and the codec's own are in the tests of the codec.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from gateway.carrier import Accepted, Deferred, Incoming, Report, ReportStatus, Submission
from gateway.errors import CarrierLost
from gateway.modem import answers, at, network, startup
from gateway.modem.carrier import ModemCarrier
from gateway.modem.session import GsmSession
from gateway.modem.transport import QUIET_S, NoAnswer, Transport, Waits
from gateway.modem.urc import Kind
from gateway.sms.segmentation import split
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import SENDER, TEXT, TO, opened, receive, sms
from tests.modem.peer import OK, Peer

REPORT = "07919700000000F0060A0B919700000000F1621122015000216211220151002100"


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem) as carrier:
        yield carrier


def take(line: Transport, count: int) -> list[str]:
    """The PDUs of the next events, as they come."""
    found: list[str] = []
    until = time.monotonic() + 5
    while len(found) < count and time.monotonic() < until:
        line.mail.wait(0.1)
        found += [each.pdu for each in line.mail.take_unsolicited()]
    return found


def open_line(peer: Peer) -> Transport:
    line = Transport(peer.port)
    line.connect()
    line.bring_in_step()
    return line


def test_g1_reports_that_come_while_a_command_waits_are_not_lost(bank: Bank, carrier: ModemCarrier) -> None:
    bank.on_submit(None, "delivered", spread_s=0.05)
    for key in range(60):
        carrier.submit(sms(key))
    assert len(receive(carrier, 60)) == 60


def test_g2_each_report_of_a_burst_is_handled() -> None:
    with Peer({}) as peer:
        line = open_line(peer)
        peer.say(f"\r\n+CDS: 25\r\n{REPORT}\r\n".encode() * 3)
        assert take(line, 3) == [REPORT] * 3
        line.close()


def test_g3_a_header_waits_for_its_pdu() -> None:
    with Peer({}) as peer:
        line = open_line(peer)
        peer.say(b"\r\n+CDS: 25\r\n")
        threading.Timer(0.05, peer.say, [f"{REPORT}\r\n".encode()]).start()
        assert take(line, 1) == [REPORT]
        line.close()


def test_g4_nothing_slips_between_prompt_and_pdu(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    for key in range(30):
        modem.deliver(SENDER, f"Приду {key}")
        carrier.submit(sms(key))
        receive(carrier, 1, within_s=0.01)
    receive(carrier, 1000, within_s=0.3)
    assert bank.phones[TO] == [TEXT] * 30
    assert all(len(command) < 30 for command in modem.commands)


def test_g5_a_late_answer_is_not_the_next_commands(modem: Handle) -> None:
    session = GsmSession(modem.port)
    session.connect()
    session.ask("ATE0")
    modem.fault("late", "AT+CSQ", seconds=0.15)
    with pytest.raises(NoAnswer):
        session.exchange("AT+CSQ", 0.05)
    assert session.imei == modem.imei
    for _ in range(15):  # the late answer comes in between
        assert answers.number_in(session.ask("AT+CGSN").lines) == modem.imei
        session.mail.pause(0.01)
    session.close()


def test_g6_octets_that_are_no_text_do_not_stop_the_reader(modem: Handle, carrier: ModemCarrier) -> None:
    modem.write(b"\xff\xfe\x80\r\n\xff\r\n")
    assert isinstance(carrier.submit(sms()), Accepted)


def test_g6_an_unplugged_device_is_told_at_once(modem: Handle) -> None:
    told = threading.Event()
    line = Transport(modem.port, fatalErrorCallbackFunc=lambda fault: told.set())
    line.connect()
    line.bring_in_step()
    modem.unplug()
    assert told.wait(2)
    assert not line.alive
    line.close()


def test_g7_closing_inside_the_fatal_callback_is_safe() -> None:
    closed: list[str] = []
    with Peer({}) as peer:
        line = Transport(peer.port)

        def close_it(_fault: Exception) -> None:
            line.close()
            closed.append(threading.current_thread().name)

        line.fatalErrorCallback = close_it
        line.connect()
        peer.hang_up()
        line.rxThread.join(5)
    assert closed == [line.rxThread.name]


def test_g8_a_failed_start_leaves_nothing_open(modem: Handle) -> None:
    modem.lock("4711")
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(CarrierLost), opened(modem, pin="0000"):
            pass
    assert threading.active_count() == before
    GsmSession(modem.port).connect()  # the port is free


def test_g9_the_port_is_exclusive_has_a_write_timeout_and_no_flow_control(modem: Handle) -> None:
    line = Transport(modem.port)
    line.connect()
    assert (line.serial.exclusive, line.serial.rtscts, line.serial.dsrdtr) == (True, False, False)
    assert line.serial.write_timeout > 0
    line.close()


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


def test_g12_an_open_prompt_is_left_by_escape_before_the_next_command() -> None:
    heard: list[bytes] = []
    with Peer({"AT+CSQ": b"\r\n+CSQ: 1,99\r\n" + OK}) as peer:
        line = open_line(peer)
        hear = peer._hear
        peer._hear = lambda octets: (heard.append(octets), hear(octets))[1]  # type: ignore[method-assign]
        with pytest.raises(NoAnswer):
            line.hand_over("AT+CMGS=20", REPORT, 1, Waits(0.05, 1, 1))
        assert line.exchange("AT+CSQ").is_ok
        line.close()
    assert b"".join(heard).startswith(b"AT+CMGS=20\r\x1b\rAT\r")


def test_g13_a_report_that_comes_before_the_result_is_seen(bank: Bank, carrier: ModemCarrier) -> None:
    bank.on_submit(TO, "early")
    assert carrier.submit(sms()) == Accepted("0")
    (report,) = receive(carrier, 1)
    assert isinstance(report, Report)
    assert report.message_reference == "0"


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


@pytest.mark.parametrize("line", ["OKAY", "OK 1", "ERRORS", "NO ERROR", "COMMAND NOT SUPPORTED YET"])
def test_g22_a_line_that_only_looks_final_is_not(line: str) -> None:
    assert at.final_in(line) is None


@pytest.mark.parametrize(
    "line", ["OK", "ERROR", "+CMS ERROR: SIM busy", "+CME ERROR: 3", "NO CARRIER", "COMMAND NOT SUPPORT"]
)
def test_g22_every_final_line_is_final(line: str) -> None:
    assert at.final_in(line) is not None


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


def test_g26_an_answer_at_its_very_deadline_is_never_taken_for_another() -> None:
    def slowly(command: str) -> bytes:
        if command.startswith("AT+N"):
            time.sleep(0.004)
            return f"\r\n+N: {command[5:]}\r\n".encode() + OK
        return {"AT": OK, "AT+CMGF?": b"\r\n+CMGF: 0\r\n" + OK}[command]

    with Peer(slowly) as peer:
        line = open_line(peer)
        outcomes = set()
        for number in range(60):
            try:
                assert line.exchange(f"AT+N={number}", 0.003 + number % 5 * 0.001).lines == (f"+N: {number}",)
                outcomes.add("answered")
            except NoAnswer:
                outcomes.add("late")
        line.close()
    assert outcomes == {"answered", "late"}


def test_g27_the_experimental_parts_are_never_imported() -> None:
    script = "import sys, gateway.modem.carrier; print('gsmmodem.gprs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_notifications_of_gsmmodem_are_never_used(carrier: ModemCarrier) -> None:
    with pytest.raises(AssertionError):
        carrier._session._handleModemNotification([])  # type: ignore[union-attr]


def test_a_stored_notification_is_an_event_of_its_own() -> None:
    with Peer({}) as peer:
        line = open_line(peer)
        peer.say(b'\r\n+CMTI: "ME",0\r\n')
        line.mail.wait(5)
        assert [each.kind for each in line.mail.take_unsolicited()] == [Kind.STORED_DELIVER]
        line.close()
