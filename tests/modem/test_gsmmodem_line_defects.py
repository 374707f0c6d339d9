"""The defects of python-gsmmodem-new 0.13.0 on the line, of G1 to G27: what it loses or mixes up. None happens here."""

from __future__ import annotations

import threading
import time

import pytest

from gateway.carrier import Accepted, Report
from gateway.modem import answers, at
from gateway.modem.carrier import ModemCarrier
from gateway.modem.loss import NoAnswer
from gateway.modem.session import GsmSession
from gateway.modem.transport import Transport, Waits
from gateway.modem.urc import Kind
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import SENDER, TEXT, TO, receive, sms
from tests.modem.peer import OK, Peer

REPORT = "07919700000000F0060A0B919700000000F1621122015000216211220151002100"


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


def test_g9_the_port_is_exclusive_has_a_write_timeout_and_no_flow_control(modem: Handle) -> None:
    line = Transport(modem.port)
    line.connect()
    assert (line.serial.exclusive, line.serial.rtscts, line.serial.dsrdtr) == (True, False, False)
    assert line.serial.write_timeout > 0
    line.close()


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


@pytest.mark.parametrize("line", ["OKAY", "OK 1", "ERRORS", "NO ERROR", "COMMAND NOT SUPPORTED YET"])
def test_g22_a_line_that_only_looks_final_is_not(line: str) -> None:
    assert at.final_in(line) is None


@pytest.mark.parametrize(
    "line", ["OK", "ERROR", "+CMS ERROR: SIM busy", "+CME ERROR: 3", "NO CARRIER", "COMMAND NOT SUPPORT"]
)
def test_g22_every_final_line_is_final(line: str) -> None:
    assert at.final_in(line) is not None


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


def test_a_stored_notification_is_an_event_of_its_own() -> None:
    with Peer({}) as peer:
        line = open_line(peer)
        peer.say(b'\r\n+CMTI: "ME",0\r\n')
        line.mail.wait(5)
        assert [each.kind for each in line.mail.take_unsolicited()] == [Kind.STORED_DELIVER]
        line.close()
