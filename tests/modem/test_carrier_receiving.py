"""A modem as a carrier: what comes in, and what its status says."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest

from gateway.carrier import (
    Accepted,
    Deferred,
    Incoming,
    Report,
    Scope,
)
from gateway.errors import CarrierLost
from gateway.modem.carrier import ModemCarrier
from gateway.modem.inbound import fingerprint_of
from gateway.sms.segmentation import split
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import ANOTHER, QUICK_S, SENDER, TEXT, TO, carrier_for, opened, receive, sms, until


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem, submit_deadline_s=QUICK_S) as carrier:
        yield carrier


def test_what_came_before_the_start_is_found_in_every_storage(bank: Bank, modem: Handle) -> None:
    with opened(modem):
        pass
    modem.deliver(SENDER, "Приду")
    assert bank.wait_for(lambda: modem.stored("SM"))
    with opened(modem) as carrier:
        (incoming,) = receive(carrier, 1)
    assert isinstance(incoming, Incoming)
    assert (incoming.sender, incoming.text) == (SENDER, "Приду")
    assert modem.stored("SM") == []


def test_a_message_stays_in_the_sim_until_it_is_acknowledged(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    modem.deliver(SENDER, "Приду")
    (incoming,) = receive(carrier, 1, is_acknowledged=False)
    assert len(modem.stored("SM")) == 1
    carrier.acknowledge(incoming)
    assert modem.stored("SM") == []


def test_a_message_that_was_not_acknowledged_comes_again_with_the_same_fingerprint(modem: Handle) -> None:
    with opened(modem) as carrier:
        modem.deliver(SENDER, "Приду")
        (first,) = receive(carrier, 1, is_acknowledged=False)
    with opened(modem) as carrier:
        (again,) = receive(carrier, 1)
    assert first == again


def test_every_part_of_a_long_message_comes_in_whatever_the_order(modem: Handle, carrier: ModemCarrier) -> None:
    text = "Перенесите, пожалуйста, приём на другой день. " * 6
    total = modem.deliver(SENDER, text, is_wide=True, order=(3, 1, 2, 4, 5)[: len(split(text, 1, True))])
    parts = [each for each in receive(carrier, total) if isinstance(each, Incoming)]
    ordered = sorted(parts, key=lambda part: part.concatenation.number if part.concatenation else 0)
    assert "".join(part.text for part in ordered) == text


def test_nothing_is_lost_while_the_modem_sends(bank: Bank, modem: Handle, carrier: ModemCarrier) -> None:
    count = 100
    reports = incoming = 0
    for number in range(count):
        if number % 2:
            modem.deliver(SENDER, f"Приду {number}")
        assert isinstance(carrier.submit(sms(number)), Accepted)
        for each in carrier.receive(0):
            carrier.acknowledge(each)
            reports += isinstance(each, Report)
            incoming += isinstance(each, Incoming)
    rest = receive(carrier, count + count // 2 - reports - incoming)
    assert reports + sum(isinstance(each, Report) for each in rest) == count
    assert incoming + sum(isinstance(each, Incoming) for each in rest) == count // 2


def test_a_routed_report_is_acknowledged_to_the_network(modem: Handle, carrier: ModemCarrier) -> None:
    carrier.submit(sms())
    (report,) = receive(carrier, 1, is_acknowledged=False)
    assert "AT+CNMA" not in modem.commands
    carrier.acknowledge(report)
    assert modem.commands[-1] == "AT+CNMA"


def test_a_report_acknowledged_too_late_does_not_stop_the_following_ones(bank: Bank, modem: Handle) -> None:
    modem.patience(0.05, 0.05)
    with opened(modem) as carrier:
        carrier.submit(sms())
        (late,) = receive(carrier, 1, is_acknowledged=False)
        assert bank.wait_for(lambda: modem.settings.cnmi[3] == 0)
        carrier.acknowledge(late)
        modem.patience(5.0, 0.05)
        carrier.submit(sms(2, ANOTHER))
        found = receive(carrier, 2)
    assert {each.recipient for each in found if isinstance(each, Report)} == {TO, ANOTHER}


def test_a_damaged_pdu_is_kept_as_damaged_and_acknowledged(modem: Handle, carrier: ModemCarrier) -> None:
    modem.bring(bytes.fromhex("040B919700"))
    (damaged,) = receive(carrier, 1)
    assert isinstance(damaged, Incoming)
    assert damaged.is_damaged
    assert modem.stored("SM") == []
    assert receive(carrier, 1, within_s=0.2) == []


def test_a_damaged_report_is_kept_as_damaged(modem: Handle, carrier: ModemCarrier) -> None:
    modem.fault("report_damaged")
    carrier.submit(sms())
    (damaged,) = receive(carrier, 1)
    assert isinstance(damaged, Incoming)
    assert damaged.is_damaged


@pytest.mark.parametrize("fault", ["report_noise", "report_split"])
def test_a_report_survives_noise_and_splitting(modem: Handle, carrier: ModemCarrier, fault: str) -> None:
    modem.fault(fault)
    carrier.submit(sms())
    assert [type(each) for each in receive(carrier, 1)] == [Report]


def test_a_sweep_finds_what_was_never_announced(bank: Bank, modem: Handle) -> None:
    with opened(modem, sweep_s=0.2) as carrier:
        receive(carrier, 1, within_s=0.1)
        modem.settings.cnmi[1] = 0
        modem.deliver(SENDER, "Приду")
        assert len(receive(carrier, 1)) == 1


def test_a_modem_that_announces_nothing_is_looked_through(bank: Bank) -> None:
    with Bank(1, personality="m590") as other, opened(other.modems[0], sweep_s=0.2) as carrier:
        other.modems[0].fault("error", "AT+CNMI", count=None)
        carrier.close()
        carrier.open()
        receive(carrier, 1, within_s=0.1)
        other.modems[0].deliver(SENDER, "Приду")
        assert len(receive(carrier, 1)) == 1


def test_two_lines_that_are_no_pdu_have_two_fingerprints() -> None:
    assert fingerprint_of("§!", "line") != fingerprint_of("?%", "line")


def test_a_message_by_two_ways_has_one_fingerprint() -> None:
    with Bank(1, personality="m590") as bank, opened(bank.modems[0], sweep_s=0.2) as carrier:
        bank.modems[0].settings.cnmi[1] = 2
        bank.modems[0].deliver(SENDER, "Приду")
        both = receive(carrier, 2, within_s=1.0)
    assert len(both) == 2
    assert len({each.fingerprint for each in both if isinstance(each, Incoming)}) == 1


def test_wake_ends_a_wait(carrier: ModemCarrier) -> None:
    receive(carrier, 1, within_s=0.1)
    threading.Timer(0.1, carrier.wake).start()
    began_at = time.monotonic()
    assert carrier.receive(20.0) == []
    assert time.monotonic() - began_at < 2


def test_a_wake_that_comes_before_the_wait_is_not_lost(carrier: ModemCarrier) -> None:
    receive(carrier, 1, within_s=0.1)
    carrier.wake()
    began_at = time.monotonic()
    carrier.receive(20.0)
    assert time.monotonic() - began_at < 2


# Network and status.


def test_status_names_device_sim_and_network(modem: Handle, carrier: ModemCarrier) -> None:
    status = carrier.status()
    assert (status.state, status.port, status.imei) == ("ready", modem.port, modem.imei)
    assert (status.iccid, status.imsi) == (modem.sim.iccid, modem.sim.imsi)
    assert (status.operator, status.signal_dbm) == ("Fake Net", -77)
    assert carrier.line == modem.sim.iccid


def test_without_a_network_an_sms_waits_for_the_network(modem: Handle) -> None:
    with opened(modem, refresh_s=0.1) as carrier:
        modem.register(2)
        until(lambda: carrier.receive(0.05) or carrier.status().state == "searching")
        outcome = carrier.submit(sms())
        assert isinstance(outcome, Deferred)
        assert (outcome.code, outcome.scope) == ("not_registered", Scope.NETWORK)
        modem.register(1)
        assert isinstance(carrier.submit(sms()), Accepted)
        assert carrier.status().state == "ready"


def test_a_modem_that_goes_while_its_network_is_looked_for_has_sent_nothing(modem: Handle) -> None:
    with opened(modem, refresh_s=0.1) as carrier:
        modem.register(2)
        until(lambda: carrier.receive(0.05) or carrier.status().state == "searching")
        modem.unplug()
        outcome = carrier.submit(sms())
        assert isinstance(outcome, Deferred)
        assert outcome.code == "modem_gone"


def test_a_closed_carrier_has_sent_nothing(modem: Handle) -> None:
    outcome = carrier_for(modem).submit(sms())
    assert isinstance(outcome, Deferred)
    assert outcome.code == "modem_gone"


def test_the_reason_why_it_is_not_ready_stays_while_it_is_tried_again(modem: Handle) -> None:
    seen: set[str] = set()
    modem.lock("4711")
    carrier = carrier_for(modem)
    with pytest.raises(CarrierLost):
        carrier.open()
    say = carrier._board.say
    carrier._board.say = lambda state, *rest, **facts: (seen.add(state), say(state, *rest, **facts))[1]  # type: ignore[method-assign, func-returns-value]
    with pytest.raises(CarrierLost):
        carrier.open()
    assert seen == {"needs_pin"}


def test_opening_without_a_network_says_what_it_waits_for(modem: Handle) -> None:
    modem.register(3)
    carrier = carrier_for(modem, registration_s=0.2)
    with pytest.raises(CarrierLost, match="denies"):
        carrier.open()
    assert carrier.status().state == "searching"
    assert "denies" in carrier.status().detail


def test_opening_waits_until_the_network_is_found(modem: Handle) -> None:
    modem.register(2)
    carrier = carrier_for(modem)
    threading.Timer(0.3, lambda: modem.register(5)).start()
    carrier.open()
    assert carrier.status().state == "ready"
    carrier.close()


def test_closing_ends_the_wait_for_a_network(modem: Handle) -> None:
    modem.register(2)
    carrier = carrier_for(modem)
    threading.Timer(0.3, carrier.close).start()
    began_at = time.monotonic()
    with pytest.raises(CarrierLost):
        carrier.open()
    assert time.monotonic() - began_at < 3


def test_a_storage_that_fills_up_is_a_warning(bank: Bank, modem: Handle) -> None:
    with opened(modem, refresh_s=0.1, sweep_s=0.1) as carrier:
        for number in range(17):
            modem.deliver(SENDER, f"Приду {number}")
        until(lambda: carrier.receive(0.05) is None or "nearly full" in carrier.status().detail)
        assert carrier.status().state == "ready"


def test_nothing_of_a_message_is_logged_or_told(
    modem: Handle, carrier: ModemCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    modem.fault("refuse", code="CMS 38")
    told = [repr(carrier.submit(sms())), repr(carrier.submit(sms()))]
    modem.deliver(SENDER, TEXT)
    told += [repr(each) for each in receive(carrier, 2)]
    for text in [*told, caplog.text]:
        assert TEXT not in text
        assert TO[1:] not in text
        assert "0416" not in text  # Ж in a PDU
