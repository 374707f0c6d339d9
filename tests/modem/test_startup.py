"""Start-up on every kind of device: it ends ready, asks nothing twice that must not be, leaves the SIM's data alone."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gateway.carrier import Accepted, Incoming, Report
from gateway.errors import CarrierLost, Cause
from gateway.modem import pin
from gateway.modem.readiness import Identity
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import Personality, load_all
from tests.modem.live import ANOTHER, SENDER, TEXT, TO, Memory, carrier_for, opened, receive, sms
from tests.modem.peer import IN_STEP, OK, Peer

CANNOT_RECEIVE = {"nokia_no_cnmi"}
CANNOT_REPORT = {"no_reports", "nokia_no_cnmi"}
PIN, WRONG = "4711", "0815"


@pytest.mark.parametrize("name", sorted(load_all()))
def test_every_kind_of_modem_opens_sends_and_receives(name: str) -> None:
    expected: list[type] = [Report] * (name not in CANNOT_REPORT) + [Incoming] * (name not in CANNOT_RECEIVE)
    with Bank(1, personality=name) as bank, opened(bank.modems[0], refresh_s=0.5) as carrier:
        outcome = carrier.submit(sms())
        bank.modems[0].deliver(SENDER, "Приду")
        found = receive(carrier, len(expected))
        assert isinstance(outcome, Accepted)
        assert bank.phones[TO] == [TEXT]
        assert sorted(type(each).__name__ for each in found) == sorted(kind.__name__ for kind in expected)
        assert carrier.status().state == "ready"
        assert carrier.line == bank.modems[0].sim.iccid


@pytest.mark.parametrize("name", sorted(load_all()))
def test_every_kind_of_modem_opens_with_a_pin(name: str) -> None:
    with Bank(1, personality=name) as bank:
        bank.modems[0].lock(PIN)
        with opened(bank.modems[0], pin=PIN) as carrier:
            assert isinstance(carrier.submit(sms()), Accepted)
        assert pins_sent(bank.modems[0]) == 1


def pins_sent(modem: Handle) -> int:
    return sum(command.upper().startswith("AT+CPIN=") for command in modem.commands)


def test_a_refused_pin_is_never_sent_again_by_whichever_carrier(modem: Handle) -> None:
    modem.lock(PIN)
    memory = Memory()
    for _restart in range(4):
        carrier = carrier_for(modem, pin=WRONG, memory=memory)
        with pytest.raises(CarrierLost, match="refused"):
            carrier.open()
        assert carrier.status().state == "needs_pin"
    assert pins_sent(modem) == 1
    assert modem.sim.tries_left == 2


def test_a_corrected_pin_is_tried(modem: Handle) -> None:
    modem.lock(PIN)
    memory = Memory()
    with pytest.raises(CarrierLost):
        carrier_for(modem, pin=WRONG, memory=memory).open()
    with opened(modem, pin=PIN, memory=memory) as carrier:
        assert carrier.status().state == "ready"


def test_no_pin_is_sent_to_a_sim_that_asks_for_none(modem: Handle) -> None:
    with opened(modem, pin=PIN):
        assert pins_sent(modem) == 0


@pytest.mark.parametrize(("secret", "what"), [(PIN, "PUK"), (None, "PUK")])
def test_nothing_is_sent_to_a_sim_that_asks_for_its_puk(modem: Handle, secret: str | None, what: str) -> None:
    modem.lock(PIN, tries_left=0)
    carrier = carrier_for(modem, pin=secret)
    with pytest.raises(CarrierLost, match=what):
        carrier.open()
    assert carrier.status().state == "needs_pin"
    assert pins_sent(modem) == 0


def test_without_a_configured_pin_a_person_is_told_where_to_put_it(modem: Handle) -> None:
    modem.lock(PIN)
    carrier = carrier_for(modem)
    with pytest.raises(CarrierLost, match="configuration"):
        carrier.open()
    assert (carrier.status().state, pins_sent(modem)) == ("needs_pin", 0)


def test_a_busy_sim_is_no_refusal(modem: Handle) -> None:
    modem.lock(PIN)
    modem.fault("error", "AT+CPIN=", code="CME 14")
    memory = Memory()
    with pytest.raises(CarrierLost, match="busy"):
        carrier_for(modem, pin=PIN, memory=memory).open()
    assert memory.keys == {}
    with opened(modem, pin=PIN, memory=memory) as carrier:
        assert carrier.status().state == "ready"


def test_an_answer_to_the_pin_that_was_lost_is_found_out_without_sending_it_again(modem: Handle) -> None:
    modem.lock(PIN)
    modem.fault("answer_lost", "AT+CPIN=")
    memory = Memory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pin, "VERIFY_S", 0.3)
        with opened(modem, pin=PIN, memory=memory) as carrier:
            assert carrier.status().state == "ready"
    assert pins_sent(modem) == 1


def test_a_pins_key_names_sim_and_pin_without_telling_the_pin() -> None:
    sim, other = Identity(iccid="8970199000000000017"), Identity(iccid="8970199000000000025")
    keys = {*pin.forbidding(sim, PIN), *pin.forbidding(sim, WRONG), *pin.forbidding(other, PIN)}
    assert len(keys) == 3
    assert not any(PIN in key.partition(":")[2] for key in keys)
    assert pin.forbidding(Identity(imei="350000000000006"), PIN)[0].startswith("350000000000006:")


@pytest.mark.parametrize("words", ["NOT INSERTED", "NOT READY", "SIM REMOVED"])
def test_a_modem_that_says_in_words_that_there_is_no_sim_is_understood(words: str) -> None:
    taste = replace(Personality(), cpin_ready=f"+CPIN: {words}")
    with Bank(1, personality=taste) as bank:
        with pytest.raises(CarrierLost, match="no working SIM") as lost, opened(bank.modems[0]):
            pass
        assert lost.value.cause is Cause.LOCKED
        assert "AT+CFUN=0" in bank.modems[0].commands


def test_a_pin_that_was_refused_is_not_tried_again_whatever_the_modem_says_of_the_sim_then() -> None:
    def refusing(command: str) -> bytes:
        if command == "AT+CPIN?":
            return b"\r\n+CPIN: " + (b"NOT READY" if tried else b"SIM PIN") + b"\r\n" + OK
        if command.startswith("AT+CPIN="):
            tried.append(command)
            return b"\r\n+CME ERROR: 16\r\n"
        return IN_STEP.get(command, OK)

    tried: list[str] = []
    memory = Memory()
    with Peer(refusing) as peer:
        with pytest.raises(CarrierLost, match="refused this PIN"), opened(peer, pin="4711", memory=memory):  # type: ignore[arg-type]
            pass
        tried_once = list(tried)
        tried.clear()
        with pytest.raises(CarrierLost, match="refused this PIN"), opened(peer, pin="4711", memory=memory):  # type: ignore[arg-type]
            pass
    assert tried_once == ['AT+CPIN="4711"']
    assert tried == []


def test_without_a_sim_a_person_is_told_so(bank: Bank, modem: Handle) -> None:
    modem.fault("error", "AT+CPIN?", count=None, code="CME 10")
    carrier = carrier_for(modem)
    with pytest.raises(CarrierLost, match="inserted") as lost:
        carrier.open()
    assert (carrier.status().state, lost.value.cause) == ("needs_pin", Cause.LOCKED)


@pytest.mark.parametrize("name", ["zte", "qualcomm"])
def test_the_service_centres_number_survives(name: str) -> None:
    with Bank(1, personality=name) as bank, opened(bank.modems[0]):
        assert not any("CSMP" in command for command in bank.modems[0].commands)
        assert bank._modems[0].smsc == "+79000000990"


def test_reports_are_routed_and_messages_stored(modem: Handle) -> None:
    with opened(modem):
        assert modem.settings.cnmi == [2, 1, 0, 1, 0]
        assert (modem.settings.csms, modem.settings.cmms, modem.settings.cmgf) == (1, 2, 0)


def test_only_the_storage_for_reading_is_ever_chosen(modem: Handle) -> None:
    with opened(modem, sweep_s=0.1) as carrier:
        receive(carrier, 1, within_s=0.3)
    assert all("," not in command for command in modem.commands if command.startswith('AT+CPMS="'))


def test_a_modem_left_inside_a_prompt_is_taken_out_of_it(bank: Bank, modem: Handle) -> None:
    with opened(modem) as carrier:
        carrier._session.serial.write(b"AT+CMGS=20\r")  # type: ignore[union-attr]
        assert bank.wait_for(lambda: modem.commands[-1] == "AT+CMGS=20")
    with opened(modem) as carrier:
        assert isinstance(carrier.submit(sms(2, ANOTHER)), Accepted)
    assert bank.phones == {ANOTHER: [TEXT]}


def test_a_dead_device_is_given_up_with_a_reason(modem: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.startup.WAKE_UP_S", 0.2)
    modem.fault("hang", "AT", seconds=30)
    carrier = carrier_for(modem)
    began_at = time.monotonic()
    with pytest.raises(CarrierLost, match="does not answer"):
        carrier.open()
    assert time.monotonic() - began_at < 3


def test_a_port_that_is_not_there_says_what_to_do(modem: Handle) -> None:
    modem.unplug()
    carrier = carrier_for(modem)
    with pytest.raises(CarrierLost, match="plugged in"):
        carrier.open()
    assert carrier.status().state == "absent"


def test_a_port_that_another_carrier_has_says_so(modem: Handle) -> None:
    with opened(modem), pytest.raises(CarrierLost, match="already") as lost:
        carrier_for(modem).open()
    assert lost.value.cause is Cause.FORBIDDEN


def test_a_modem_without_pdu_mode_is_refused(modem: Handle) -> None:
    modem.fault("error", "AT+CMGF=0", count=None)
    carrier = carrier_for(modem)
    with pytest.raises(CarrierLost, match="PDU mode") as lost:
        carrier.open()
    assert (carrier.status().state, lost.value.cause) == ("failed", Cause.UNSUITABLE)


def test_a_modem_that_knows_no_registration_commands_is_trusted() -> None:
    silent = replace(Personality(), refused=("+CREG", "+CEREG", "+CGREG"))
    with Bank(1, personality=silent) as bank, opened(bank.modems[0]) as carrier:
        assert isinstance(carrier.submit(sms()), Accepted)
