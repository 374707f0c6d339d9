"""The watch over an open modem: each way to be out of order ends in its true cause, within a bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain
from gateway.errors import CarrierLost, Cause
from gateway.modem import answers, network, stored
from gateway.modem.carrier import ModemCarrier
from gateway.modem.temperature import ENOUGH, HOPELESS, LAST, MOST_SILENCES, Temperature
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import Personality, load_all
from tests.modem.live import SENDER, carrier_for, opened, receive, sms
from tests.modem.peer import IN_STEP, OK, Peer

OFTEN_S = 0.05


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem, refresh_s=OFTEN_S) as carrier:
        yield carrier


def until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end


def serve(carrier: ModemCarrier, within_s: float) -> None:
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        carrier.receive(0.05)


def lost_by(carrier: ModemCarrier, within_s: float = 10.0) -> CarrierLost:
    """What ends the carrier, idle."""
    with pytest.raises(CarrierLost) as lost:
        serve(carrier, within_s)
    return lost.value


# The temperature.

OUTCOMES: dict[str, tuple[Outcome, int]] = {
    "accepted": (Accepted("1"), 0),
    "a bad number": (Refused("cms_1", ""), 0),
    "the network's fault": (Deferred("cms_38", "", Scope.NETWORK), 0),
    "the number's fault": (Deferred("cms_27", "", Scope.NUMBER), 0),
    "the device's fault": (Deferred("cms_500", "", Scope.DEVICE), 1),
    "silence": (Uncertain("no_answer", ""), 1),
}


@pytest.mark.parametrize(("outcome", "failures"), OUTCOMES.values(), ids=OUTCOMES)
def test_only_the_devices_own_failures_raise_its_temperature(outcome: Outcome, failures: int) -> None:
    temperature = Temperature()
    temperature.learn(outcome)
    assert temperature.sms.failures == failures


ANSWERED = {
    "an error to what never worked": ([], "AT+CREG?", False, 0),
    "an error to what worked before": (["AT+CREG?"], "AT+CREG?", False, 1),
    "an error to another question": (["AT+CSQ"], "AT+CREG?", False, 0),
    "an error to an order": (["AT+CMGD=1"], "AT+CMGD=1", False, 0),
    "an acknowledgement that came too late": (["AT+CNMA"], "AT+CNMA", False, 0),
    "silence": ([], "AT+CMGD=1", True, 1),
}


@pytest.mark.parametrize(("worked", "command", "is_silent", "failures"), ANSWERED.values(), ids=ANSWERED)
def test_an_error_counts_only_where_the_same_question_worked(
    worked: list[str], command: str, is_silent: bool, failures: int
) -> None:
    temperature = Temperature()
    for each in worked:
        temperature.note(each, is_ok=True, is_silent=False)
    temperature.note(command, is_ok=False, is_silent=is_silent)
    assert temperature.commands.failures == failures


def test_it_is_raised_by_a_quarter_of_the_last_tries_and_falls_again() -> None:
    temperature = Temperature()
    for _ in range(ENOUGH - 1):
        temperature.learn(Uncertain("no_answer", ""))
    assert not temperature.sms.is_raised  # too few tries
    for _ in range(3 * (ENOUGH - 1)):
        temperature.learn(Accepted("1"))
    assert temperature.sms.is_raised
    temperature.learn(Accepted("1"))
    assert not temperature.sms.is_raised
    for _ in range(LAST):
        temperature.learn(Accepted("1"))
    assert (temperature.sms.failures, temperature.sms.count) == (0, LAST)


def test_one_success_ends_a_hopeless_run() -> None:
    temperature = Temperature()
    for _ in range(HOPELESS):
        assert not temperature.is_hopeless
        temperature.learn(Uncertain("no_answer", ""))
    assert temperature.is_hopeless
    temperature.learn(Accepted("1"))
    assert not temperature.is_hopeless


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


# Facts.

SIGNALS = {
    "LTE": ("+CESQ: 99,99,255,255,20,55", -86),
    "UMTS": ("+CESQ: 99,99,45,40,255,255", -76),
    "GSM": ("+CESQ: 31,0,255,255,255,255", -80),
    "unknown": ("+CESQ: 99,99,255,255,255,255", None),
    "short": ("+CESQ: 99,99", None),
    "something else": ("+CSQ: 20,99", None),
}


@pytest.mark.parametrize(("line", "dbm"), SIGNALS.values(), ids=SIGNALS)
def test_the_extended_signal_is_read(line: str, dbm: int | None) -> None:
    assert answers.extended_signal_dbm_in([line]) == dbm


def test_a_stick_that_says_99_is_asked_for_its_extended_signal() -> None:
    with Bank(1, personality=replace(Personality(), has_csq=False)) as bank, opened(bank.modems[0]) as carrier:
        assert carrier.status().signal_dbm == -77


MODES = {
    "told": ("+CREG: 1,1", 1),
    "told, padded": ("+CREG:002,001", 2),
    "not told": ("+CREG: 0,1", 0),
    "unasked": ("+CREG: 1", 0),
    "LTE": ("+CEREG: 1,5", 1),
}


@pytest.mark.parametrize(("line", "mode"), MODES.values(), ids=MODES)
def test_whether_registration_is_told_unasked_is_read(line: str, mode: int) -> None:
    assert answers.registration_mode_in([line]) == mode


CLOCKS = {
    "with its zone": ('+CCLK: "26/11/22,10:15:30+12"', datetime(2026, 11, 22, 7, 15, 30, tzinfo=UTC)),
    "west": ('+CCLK: "26/11/22,10:15:30-20"', datetime(2026, 11, 22, 15, 15, 30, tzinfo=UTC)),
    "without a zone": ('+CCLK: "26/11/22,10:15:30"', datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)),
    "a long year, no quotes": ("+CCLK: 2026/11/22,10:15:30", datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)),
    "never set": ('+CCLK: "80/01/06,00:00:21+00"', None),
    "never set, UNIX": ('+CCLK: "70/01/01,00:00:21+00"', None),
    "never set, 2004": ('+CCLK: "04/01/01,00:00:21+00"', None),
    "no date": ('+CCLK: "26/13/41,10:15:30+12"', None),
    "no zone": ('+CCLK: "26/11/22,10:15:30+99"', None),
    "something else": ("+CSQ: 1,2", None),
}


@pytest.mark.parametrize(("line", "told"), CLOCKS.values(), ids=CLOCKS)
def test_a_modems_clock_is_read(line: str, told: datetime | None) -> None:
    assert answers.clock_in([line]) == told


NUMBERS = {
    "international": ('+CNUM: "","+79000000001",145', "+79000000001"),
    "the plus only in its type": ('+CNUM: "Own","79000000001",145', "+79000000001"),
    "national": ('+CNUM: ,"89000000001",129', "89000000001"),
    "no alpha, no type": ('+CNUM: "","+79000000001"', "+79000000001"),
    "an empty entry": ('+CNUM: "","",255', None),
    "nothing": ("OK", None),
}


@pytest.mark.parametrize(("line", "number"), NUMBERS.values(), ids=NUMBERS)
def test_the_sims_own_number_is_read(line: str, number: str | None) -> None:
    assert answers.own_number_in([line]) == number


def test_an_open_modem_tells_its_clock_and_its_number(modem: Handle, carrier: ModemCarrier) -> None:
    assert carrier._session is not None
    assert network.own_number(carrier._session) == modem.sim.number
    told = network.clock(carrier._session)
    assert told is not None
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
    modem.clock(None)
    assert network.clock(carrier._session) is None


def test_the_status_says_what_it_is_and_how_full_its_storage(modem: Handle) -> None:
    modem.fill(4)
    with opened(modem, sweep_s=0.1) as carrier:
        receive(carrier, 1, within_s=0.3, is_acknowledged=False)
        status = carrier.status()
    assert (status.line, status.model, status.storage_percent) == (modem.sim.iccid, "Fake Works FM-1", 20)


OWN = {
    "received": (["+CMGL: 1,0,,24", "00", "+CMGL: 2,1,,24", "00"], 0),
    "saved and sent": (["+CMGL: 1,2,,24", "00", "+CMGL: 2,3,,24", "00", "+CMGL: 3,1,,24", "00"], 2),
    "lean headers": (["+CMGL: 1", "00"], 0),
    "none": ([], 0),
}


@pytest.mark.parametrize(("lines", "count"), OWN.values(), ids=OWN)
def test_what_somebody_saved_in_a_storage_is_counted(lines: list[str], count: int) -> None:
    assert stored.count_own(lines) == count


def test_a_storage_full_of_what_a_phone_saved_says_so_and_keeps_it(modem: Handle) -> None:
    modem.fill(17, is_own=True)
    with opened(modem, sweep_s=0.1, refresh_s=OFTEN_S) as carrier:
        until(lambda: "saved by a phone" in (carrier.receive(0.05) or carrier.status().detail))
        assert carrier.status().storage_percent == 85
    assert len(modem.stored()) == 17


def test_a_storage_is_swept_whatever_was_announced(modem: Handle) -> None:
    with opened(modem, sweep_s=0.1) as carrier:
        for number in range(60):
            modem.say(f'+CMTI: "SM",{number + 30}')  # nothing is there
        modem.deliver(SENDER, "Приду")
        assert len(receive(carrier, 1)) == 1
