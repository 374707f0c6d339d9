"""The watch over an open modem: each way to be out of order ends in its true cause, within a bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from gateway.carrier import Accepted, Deferred, Scope
from gateway.errors import CarrierLost, Cause
from gateway.modem.carrier import REFRESH_S, ModemCarrier
from gateway.modem.service import LEAST_REFRESH_S
from gateway.modem.temperature import MOST_SILENCES
from gateway.modem.transport import COMMAND_S, RESYNC_S, WAKE_S
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import Personality, load_all
from tests.modem.live import OFTEN_S, carrier_for, opened, receive, sms, until
from tests.modem.peer import IN_STEP, OK, Peer


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem, refresh_s=OFTEN_S) as carrier:
        yield carrier


def serve(carrier: ModemCarrier, within_s: float) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        carrier.receive(0.05)


def lost_by(carrier: ModemCarrier, within_s: float = 10.0) -> CarrierLost:
    """What ends the carrier, idle."""
    with pytest.raises(CarrierLost) as lost:
        serve(carrier, within_s)
    return lost.value


def test_a_modem_that_fails_now_and_then_says_so_while_it_goes_on(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("refuse", code="CMS 500", count=4)
    for key in range(4):
        assert isinstance(carrier.submit(sms(key)), Deferred)
    until(lambda: carrier.receive(0.05) is None or "4 SMS 4 failed" in carrier.status().detail)
    assert carrier.status().state == "ready"


# A modem that is out of order.


def test_a_modem_that_answers_everything_with_an_error_is_out_of_order_not_unsuitable(modem: Handle) -> None:
    modem.fault("error", "AT", count=None)
    carrier = carrier_for(modem)
    with pytest.raises(CarrierLost, match="every command") as lost:
        carrier.open()
    assert (lost.value.cause, carrier.status().state) == (Cause.FAULTY, "recovering")


def test_a_modem_that_begins_to_answer_everything_with_an_error_is_given_up(
    modem: Handle, carrier: ModemCarrier
) -> None:
    receive(carrier, 1, within_s=0.2)
    modem.fault("error", "AT", count=None)
    lost = lost_by(carrier)
    assert lost.cause is Cause.FAULTY
    assert "everything" in str(lost)


def test_a_modem_that_only_says_that_it_is_there_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.session.GsmSession.ask.__defaults__", (0.1, None))
    with Peer(IN_STEP) as peer:
        carrier = carrier_for(peer)  # type: ignore[arg-type]
        began_at = time.monotonic()
        with pytest.raises(CarrierLost, match="no commands") as lost:
            carrier.open()
    assert lost.value.cause is Cause.SILENT
    assert time.monotonic() - began_at < 5
    asked = [command for command in peer.heard if command not in IN_STEP]
    assert len(asked) == MOST_SILENCES


ILL: dict[str, tuple[Callable[[Handle], None], Cause]] = {
    "is silent": (lambda modem: modem.hang_until("reset"), Cause.SILENT),
    "only says that it is there": (lambda modem: modem.fault("no_answer", "AT+", count=None), Cause.SILENT),
    "refuses everything": (lambda modem: modem.fault("error", "AT", count=None), Cause.FAULTY),
}


@pytest.mark.parametrize(("fall_ill", "cause"), ILL.values(), ids=ILL)
def test_a_modem_that_falls_ill_is_found_by_the_watch_alone(
    modem: Handle, monkeypatch: pytest.MonkeyPatch, fall_ill: Callable[[Handle], None], cause: Cause
) -> None:
    """Nobody sends anything. All waits are a fiftieth of the true ones, but the line's own second for an AT."""
    refresh_s, command_s, resync_s = REFRESH_S / 50, COMMAND_S / 50, RESYNC_S / 50
    monkeypatch.setattr("gateway.modem.service.LEAST_REFRESH_S", LEAST_REFRESH_S / 50)
    monkeypatch.setattr("gateway.modem.session.GsmSession.ask.__defaults__", (command_s, None))
    monkeypatch.setattr("gateway.modem.transport.Transport.bring_in_step.__defaults__", (resync_s,))
    with opened(modem, refresh_s=refresh_s) as carrier:
        serve(carrier, 2 * refresh_s)
        fall_ill(modem)
        began_at = time.monotonic()
        assert lost_by(carrier).cause is cause
        found_within_s = refresh_s + MOST_SILENCES * (command_s + WAKE_S)
        assert time.monotonic() - began_at < found_within_s + 1.0
        assert not any("CMGS" in command for command in modem.commands)


def test_a_start_that_creeps_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.startup.START_S", 0.3)

    def creeping(command: str) -> bytes:
        time.sleep(0.05)
        return IN_STEP.get(command, OK)

    with Peer(creeping) as peer:
        carrier = carrier_for(peer)  # type: ignore[arg-type]
        with pytest.raises(CarrierLost, match="too slow") as lost:
            carrier.open()
    assert lost.value.cause is Cause.SILENT


# Noise.


@pytest.mark.parametrize("line", ["^RSSI: 18", "+CREG: 1", '+CMTI: "SM",3', "^BOOT:1,0,0,0,75"])
def test_a_modem_that_never_stops_talking_still_sends_and_its_noise_is_not_kept(line: str) -> None:
    talker = replace(Personality(), noise=(line,), noise_every_s=0.0005)
    with Bank(1, personality=talker) as bank, opened(bank.modems[0]) as carrier:
        assert all(isinstance(carrier.submit(sms(key)), Accepted) for key in range(3))
        receive(carrier, 4, within_s=1.0)
        assert carrier.status().state == "ready"
        assert carrier._session is not None
        assert len(carrier._session.mail.take_unsolicited()) < 200


# Restarts that nothing tells of.


def test_a_restart_is_noticed_by_what_the_modem_forgot_even_where_it_never_echoes() -> None:
    quiet = replace(load_all()["android_cr_only"], starts_in_text_mode=True)
    with Bank(1, personality=quiet) as bank, opened(bank.modems[0], refresh_s=OFTEN_S) as carrier:
        receive(carrier, 1, within_s=0.2)
        bank.modems[0].forget_settings()
        lost = lost_by(carrier)
    assert "restarted" in str(lost)
    assert lost.cause is Cause.FAULTY


def test_no_pdu_is_typed_into_text_mode(bank: Bank, modem: Handle) -> None:
    """There the PDU would be a text, and its length the recipient."""
    with opened(modem) as carrier:
        modem.forget_settings()
        outcome = carrier.submit(sms())
        assert isinstance(outcome, Deferred)
        assert outcome.scope is Scope.DEVICE
        assert bank.submitted == []
        assert "restarted" in str(lost_by(carrier))
        carrier.close()
        carrier.open()
        assert isinstance(carrier.submit(sms()), Accepted)


def test_a_restart_that_was_told_before_an_sms_keeps_it_back(bank: Bank, modem: Handle) -> None:
    with opened(modem) as carrier:
        assert isinstance(carrier.submit(sms(1)), Accepted)
        modem.say("RDY")
        assert carrier._session is not None
        mail = carrier._session.mail
        assert bank.wait_for(lambda: mail.tells_of_restart)
        assert isinstance(carrier.submit(sms(2)), Deferred)
        assert len(bank.submitted) == 1


# The SIM.


def test_a_sim_that_is_pulled_out_is_noticed_and_one_that_is_back_is_used_again(
    modem: Handle, carrier: ModemCarrier
) -> None:
    modem.pull_sim()
    assert lost_by(carrier).cause is Cause.LOCKED
    assert carrier.status().state == "needs_pin"
    carrier.close()
    with pytest.raises(CarrierLost, match="no working SIM"):
        carrier.open()
    modem.push_sim()
    carrier.open()
    assert isinstance(carrier.submit(sms()), Accepted)


def test_a_sim_that_fails_without_a_word_is_noticed_by_the_first_sms(modem: Handle) -> None:
    with opened(modem) as carrier:
        receive(carrier, 1, within_s=0.1)
        modem.fault("refuse", code="CMS 310")
        modem.fault("error", "AT+CPIN?", code="CME 10", count=None)
        carrier.submit(sms())
        assert lost_by(carrier).cause is Cause.LOCKED


def test_a_sim_that_was_put_in_while_the_device_ran_is_given_power_anew(modem: Handle) -> None:
    modem.fault("error", "AT+CPIN?", code="CME 10")
    with opened(modem) as carrier:
        assert carrier.status().state == "ready"
    assert [each for each in modem.commands if each.startswith("AT+CFUN=")] == ["AT+CFUN=0", "AT+CFUN=1"]


def test_a_sim_that_asks_for_its_pin_anew_is_given_it_once(modem: Handle) -> None:
    modem.lock("4711")
    with opened(modem, pin="4711", refresh_s=OFTEN_S) as carrier:
        modem.pull_sim()
        modem.push_sim()
        assert lost_by(carrier).cause is Cause.LOCKED
        carrier.close()
        carrier.open()
        assert carrier.status().state == "ready"
    assert sum(each.startswith("AT+CPIN=") for each in modem.commands) == 2


# The network.


@pytest.mark.parametrize(("state", "cause"), [(2, Cause.NO_NETWORK), (0, Cause.NO_NETWORK), (3, Cause.DENIED)])
def test_a_search_that_does_not_end_is_given_up_with_its_cause(
    modem: Handle, carrier: ModemCarrier, monkeypatch: pytest.MonkeyPatch, state: int, cause: Cause
) -> None:
    monkeypatch.setattr("gateway.modem.watch.SEARCH_S", 0.3)
    modem.register(state)
    assert lost_by(carrier).cause is cause
    assert carrier.status().state == "searching"


def test_a_search_that_ends_in_time_is_forgotten(
    modem: Handle, carrier: ModemCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.watch.SEARCH_S", 2.0)
    for _ in range(4):
        modem.register(2)
        until(lambda: carrier.receive(0.05) is None or carrier.status().state == "searching")
        receive(carrier, 1, within_s=0.5)
        modem.register(1)
        until(lambda: carrier.receive(0.05) is None or carrier.status().state == "ready")


def test_a_network_that_goes_and_comes_is_known_at_once(modem: Handle) -> None:
    with opened(modem, refresh_s=1.0) as carrier:
        receive(carrier, 1, within_s=1.1)
        modem.register(2)
        until(lambda: carrier.receive(0.05) is None or carrier.status().state == "searching")
        modem.register(5)
        until(lambda: carrier.receive(0.05) is None or carrier.status().state == "ready")
