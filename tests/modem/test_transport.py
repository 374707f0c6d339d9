"""The line itself on a real pseudo-terminal: deadlines, a dirty line brought in step, loss, and a clean end."""

from __future__ import annotations

import threading
import time

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.modem import at, ports
from gateway.modem.loss import NoAnswer
from gateway.modem.transport import Transport, Waits
from gateway.modem.urc import Kind
from tests.modem.peer import IN_STEP, OK, Peer

SOON_S = 0.1
CSQ = b"\r\n+CSQ: 11,99\r\n" + OK


def line_to(peer: Peer) -> Transport:
    line = Transport(peer.port)
    line.connect()
    return line


def test_an_answer_comes_back_with_its_lines() -> None:
    with Peer({"AT+CSQ": CSQ}) as peer:
        line = line_to(peer)
        assert line.exchange("AT+CSQ") == at.Answer(at.OK, ("+CSQ: 11,99",))
        line.close()


def test_silence_ends_at_the_deadline_with_the_lines_so_far() -> None:
    with Peer({"AT+CSQ": b"\r\n+CSQ: 11,99\r\n"}) as peer:
        line = line_to(peer)
        began_at = time.monotonic()
        with pytest.raises(NoAnswer) as silence:
            line.exchange("AT+CSQ", SOON_S)
        assert SOON_S <= time.monotonic() - began_at < SOON_S + 1
        assert silence.value.lines == ("+CSQ: 11,99",)
        assert line.is_dirty
        line.close()


def test_an_information_line_shortens_the_wait_for_its_end() -> None:
    with Peer({"AT+CPIN?": b"\r\n+CPIN: READY\r\n"}) as peer:
        line = line_to(peer)
        began_at = time.monotonic()
        with pytest.raises(NoAnswer) as silence:
            line.exchange("AT+CPIN?", 20.0, SOON_S)
        assert time.monotonic() - began_at < 2
        assert silence.value.lines == ("+CPIN: READY",)
        line.close()


def test_the_line_begins_dirty_and_is_brought_in_step_by_escape_and_at() -> None:
    with Peer({"AT+CSQ": CSQ}) as peer:
        line = line_to(peer)
        line.exchange("AT+CSQ")
        line.exchange("AT+CSQ")
        assert peer.heard == ["AT", "AT+CMGF?", "AT+CSQ", "AT+CSQ"]
        line.close()


def test_a_late_answer_is_never_the_next_commands() -> None:
    """The modem answers each command only when the next one comes, as if it were always one behind."""
    owed = [b""]

    def one_behind(command: str) -> bytes:
        now = IN_STEP.get(command)
        if now:
            late, owed[0] = owed[0], b""
            return late + now
        late, owed[0] = owed[0], {"AT+CGSN": b"\r\n350000000000006\r\n" + OK}.get(command, b"")
        return late or CSQ if command == "AT+CSQ" else b""

    with Peer(one_behind) as peer:
        line = line_to(peer)
        with pytest.raises(NoAnswer):
            line.exchange("AT+CGSN", SOON_S)
        assert line.exchange("AT+CSQ").lines == ("+CSQ: 11,99",)
        line.close()
    assert not line.is_dirty


def test_an_error_that_belongs_to_no_command_is_overheard_by_who_listens() -> None:
    with Peer({}) as peer:
        line = line_to(peer)
        with line.mail.overhearing() as heard:
            line.bring_in_step()
            peer.say(b"\r\n350000000000006\r\n\r\nOK\r\n\r\n+CME ERROR: 100\r\n")
            assert line.mail.await_kind(Kind.USSD, time.monotonic() + 5, heard) is None
        assert heard.error is not None
        assert heard.error.number == 100
        line.close()


def test_a_modem_that_stays_silent_is_lost_in_the_end() -> None:
    with Peer(lambda _command: b"") as peer:
        line = line_to(peer)
        with pytest.raises(CarrierLost, match="does not answer"):
            line.bring_in_step(SOON_S)
        line.close()


def test_a_probe_that_errs_is_good_enough() -> None:
    with Peer({"AT+CMGF?": b"\r\nERROR\r\n", "AT+CSQ": CSQ}) as peer:
        line = line_to(peer)
        assert line.exchange("AT+CSQ").is_ok
        line.close()


def test_a_modem_that_answers_everything_by_a_bare_ok_is_in_step_after_a_silence() -> None:
    with Peer(lambda _command: OK) as peer:
        line = line_to(peer)
        assert line.exchange("AT+CSQ") == at.Answer(at.OK)
        line.close()


def test_what_comes_unasked_is_kept_in_order_and_given_once() -> None:
    with Peer({"AT+CSQ": b'\r\n+CMTI: "SM",1\r\n+CSQ: 11,99\r\n' + OK}) as peer:
        line = line_to(peer)
        line.exchange("AT+CSQ")
        peer.say(b"\r\n+CDS: 25\r\n07919700\r\n")
        assert not line.mail.wait(5.0)
        until = time.monotonic() + 5
        found = line.mail.take_unsolicited()
        while len(found) < 2 and time.monotonic() < until:
            found += line.mail.take_unsolicited()
        assert [each.kind for each in found] == [Kind.STORED_DELIVER, Kind.REPORT]
        assert line.mail.take_unsolicited() == []
        line.close()


def test_an_unplugged_device_ends_every_wait_and_calls_back_once() -> None:
    faults: list[Exception] = []
    with Peer({}) as peer:
        line = Transport(peer.port, fatalErrorCallbackFunc=faults.append)
        line.connect()
        line.bring_in_step()
        threading.Timer(SOON_S, peer.hang_up).start()
        began_at = time.monotonic()
        with pytest.raises(CarrierLost, match="unplugged"):
            line.exchange("AT+CSQ", 20.0)
        assert time.monotonic() - began_at < 2
        with pytest.raises(CarrierLost):
            line.mail.wait(20.0)
        line.close()
        line.close()
    assert len(faults) == 1


def test_a_fault_of_our_own_ends_the_line_and_is_not_taken_for_an_unplugged_modem(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Peer({}) as peer:
        line = line_to(peer)
        line._conversation = None  # type: ignore[assignment]
        peer.say(b"\r\nRING\r\n")
        with pytest.raises(CarrierLost, match="AttributeError") as lost:
            line.mail.wait(20.0)
        line.close()
    assert lost.value.cause is Cause.GATEWAY
    assert "reader_failed" in caplog.text


def test_closing_on_purpose_is_no_fault_and_wakes_who_waits() -> None:
    faults: list[Exception] = []
    with Peer({}) as peer:
        line = Transport(peer.port, fatalErrorCallbackFunc=faults.append)
        line.connect()
        threading.Timer(SOON_S, line.close).start()
        with pytest.raises(CarrierLost):
            line.mail.wait(20.0)
        line.rxThread.join(5)
        assert not line.rxThread.is_alive()
    assert faults == []


def test_a_line_that_was_never_opened_can_be_closed() -> None:
    line = Transport("/dev/null/none")
    line.close()
    assert not line.alive


def test_a_stalled_port_is_lost_and_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "WRITE_S", 0.3)
    with Peer({}) as peer:
        line = line_to(peer)
        line.bring_in_step()
        peer._hear = lambda octets: time.sleep(3)  # type: ignore[method-assign]
        began_at = time.monotonic()
        with pytest.raises(CarrierLost):
            line.exchange("AT" + "x" * 200_000, 20.0)
        assert time.monotonic() - began_at < 3
        line.close()


@pytest.mark.parametrize(("port", "words"), [("/dev/ttyUSB-none", "plugged in"), ("/", "cannot be opened")])
def test_a_port_that_cannot_be_opened_says_why(port: str, words: str) -> None:
    with pytest.raises(CarrierLost, match=words):
        Transport(port).connect()


@pytest.mark.parametrize("number", sorted(ports.REMEDIES))
def test_every_reason_for_a_port_that_does_not_open_names_the_port(number: int) -> None:
    assert "{port}" in ports.REMEDIES[number]


def test_prompt_and_pdu_are_one_transaction_for_any_number_of_threads() -> None:
    def modem(command: str) -> bytes:
        if command.startswith("AT+CMGS"):
            return b"\r\n> "
        return IN_STEP.get(command) or (b"\r\n+CMGS: 1\r\n" + OK if command.startswith("00") else OK)

    with Peer(modem) as peer:
        line = line_to(peer)

        def send() -> None:
            for _ in range(20):
                line.hand_over("AT+CMGS=10", "0011223344", 1, Waits(5, 5, 1))
                line.exchange("AT+CMGD=1")

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        line.close()
    after_prompt = [
        following for command, following in zip(peer.heard, peer.heard[1:], strict=False) if "CMGS" in command
    ]
    assert after_prompt == ["0011223344"] * 60
