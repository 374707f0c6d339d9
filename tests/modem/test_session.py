"""GsmModem on our transport: what of it stays in use works, and what asks for patience gets it, a few times."""

from __future__ import annotations

import pytest
from gsmmodem.exceptions import CmeError, CmsError, CommandError, TimeoutException
from gsmmodem.modem import GsmModem

from gateway.modem import session as session_module
from gateway.modem.session import GsmSession
from gateway.modem.transport import Transport
from tests.modem.peer import IN_STEP, OK, Peer


def session_to(peer: Peer) -> GsmSession:
    session = GsmSession(peer.port)
    session.connect()
    return session


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "BUSY_WAITS_S", (0.01, 0.01, 0.01, 0.01))


def test_gsmmodem_is_the_base_and_our_transport_lies_under_it() -> None:
    order = GsmSession.__mro__
    assert order.index(GsmModem) < order.index(Transport)
    assert GsmSession.sendSms is GsmModem.sendSms  # inherited, and never called


def test_gsmmodems_own_properties_read_over_our_transport() -> None:
    script = {
        "AT+CSQ": b"\r\n^RSSI: 18\r\n+CSQ: 18,99\r\n" + OK,
        "AT+CGMI": b'\r\n+CMTI: "SM",1\r\nhuawei\r\n' + OK,
        "AT+CGSN": b"\r\n350000000000006\r\n" + OK,
        "AT+CIMI": b"\r\n250990000000001\r\n" + OK,
    }
    with Peer(script) as peer:
        session = session_to(peer)
        assert (session.signalStrength, session.manufacturer) == (18, "huawei")
        assert (session.imei, session.imsi) == ("350000000000006", "250990000000001")
        session.close()


@pytest.mark.parametrize(
    ("line", "error", "code"),
    [
        (b"+CME ERROR: 10", CmeError, 10),
        (b"+CMS ERROR: 500", CmsError, 500),
        (b"ERROR", CommandError, None),
        (b"COMMAND NOT SUPPORT", CommandError, None),
    ],
)
def test_errors_are_gsmmodems_and_name_the_command_without_its_arguments(
    line: bytes, error: type[CommandError], code: int | None
) -> None:
    with Peer({'AT+CPIN="4711"': b"\r\n" + line + b"\r\n"}) as peer:
        session = session_to(peer)
        with pytest.raises(error) as raised:
            session.write('AT+CPIN="4711"')
        session.close()
    assert raised.value.code == code
    assert "4711" not in f"{raised.value!r} {raised.value} {raised.value.command}"


def test_an_error_is_only_an_answer_when_nobody_wants_it_raised() -> None:
    with Peer({"AT+FOO": b"\r\nERROR\r\n"}) as peer:
        session = session_to(peer)
        assert session.write("AT+FOO", parseError=False) == ["ERROR"]
        session.close()


def test_silence_is_gsmmodems_timeout_for_write_and_an_error_for_ask() -> None:
    with Peer({"AT+FOO": b"\r\n+FOO: 1\r\n"}) as peer:
        session = session_to(peer)
        with pytest.raises(TimeoutException):
            session.write("AT+FOO", timeout=0.05)
        answer = session.ask("AT+FOO", 0.05)
        assert (answer.is_ok, answer.lines) == (False, ("+FOO: 1",))
        session.close()


@pytest.mark.parametrize("busy", [b"+CME ERROR: 515", b"+CME ERROR: 14", b"+CMS ERROR: SIM busy", b"+CMS ERROR: 314"])
def test_a_busy_modem_is_asked_again(busy: bytes) -> None:
    answers = [b"\r\n" + busy + b"\r\n"] * 2 + [b"\r\n+CSQ: 1,99\r\n" + OK]
    with Peer(lambda command: answers.pop(0) if command == "AT+CSQ" else IN_STEP[command]) as peer:
        session = session_to(peer)
        assert session.ask("AT+CSQ").lines == ("+CSQ: 1,99",)
        session.close()


def test_a_modem_that_is_always_busy_is_asked_five_times_and_no_more() -> None:
    with Peer({"AT+CSQ": b"\r\n+CME ERROR: 515\r\n"}) as peer:
        session = session_to(peer)
        assert session.ask("AT+CSQ").final.number == 515
        assert peer.heard.count("AT+CSQ") == 5
        session.close()


def test_what_must_not_be_repeated_is_asked_once() -> None:
    with Peer({"AT+CSQ": b"\r\n+CME ERROR: 14\r\n"}) as peer:
        session = session_to(peer)
        session.ask_once("AT+CSQ", 1.0)
        assert peer.heard.count("AT+CSQ") == 1
        session.close()
