"""What a modem can be treated with, each on a fake modem that only this remedy mends."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Deferred, Incoming, Remedy
from gateway.errors import CarrierLost, Cause
from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import SENDER, carrier_for, opened, receive, sms

ON_THE_LINE = (Remedy.RESYNC, Remedy.REINIT, Remedy.RADIO, Remedy.REOPEN, Remedy.RESET)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.remedies.RADIO_OFF_S", 0.05)
    monkeypatch.setattr("gateway.modem.remedies.RESET_ANSWER_S", 0.3)


def treat(carrier: ModemCarrier, remedy: Remedy) -> None:
    """As a worker does: opened again where that is due."""
    try:
        carrier.mend(remedy)
    except CarrierLost as lost:
        if lost.cause is not Cause.PLANNED:
            raise
        carrier.open()


def test_a_modem_that_was_never_met_can_only_be_opened(modem: Handle) -> None:
    assert carrier_for(modem).remedies == (Remedy.REOPEN,)


def test_an_open_modem_has_every_remedy_of_its_line(modem: Handle) -> None:
    with opened(modem) as carrier:
        assert carrier.remedies == ON_THE_LINE


def test_a_closed_one_those_that_need_no_set_up(modem: Handle) -> None:
    with opened(modem) as carrier:
        carrier.close()
        assert carrier.remedies == (Remedy.RADIO, Remedy.REOPEN, Remedy.RESET)


@pytest.mark.parametrize("remedy", ON_THE_LINE)
def test_each_remedy_leaves_a_modem_that_sends_and_receives(bank: Bank, modem: Handle, remedy: Remedy) -> None:
    with opened(modem) as carrier:
        treat(carrier, remedy)
        assert carrier.status().state == "ready"
        assert isinstance(carrier.submit(sms()), Accepted)
        assert len(receive(carrier, 1)) == 1
        modem.deliver(SENDER, "Приду")
        (found,) = receive(carrier, 1)
        assert isinstance(found, Incoming)


@pytest.mark.parametrize("remedy", [Remedy.RADIO, Remedy.REOPEN, Remedy.RESET])
def test_a_closed_modem_is_treated_too(modem: Handle, remedy: Remedy) -> None:
    with opened(modem) as carrier:
        carrier.close()
        treat(carrier, remedy)
        assert isinstance(carrier.submit(sms()), Accepted)


@pytest.mark.parametrize(("illness", "remedy"), [("radio", Remedy.RADIO), ("reset", Remedy.RESET)])
def test_a_radio_that_is_stuck_is_mended_by(modem: Handle, illness: str, remedy: Remedy) -> None:
    with opened(modem) as carrier:
        modem.hang_until(illness, is_silent=False)
        assert isinstance(carrier.submit(sms()), Deferred)
        treat(carrier, remedy)
        assert isinstance(carrier.submit(sms()), Accepted)


def test_a_modem_that_hears_nothing_but_a_restart_is_restarted(modem: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.transport.Transport.bring_in_step.__defaults__", (0.1,))
    with opened(modem) as carrier:
        modem.hang_until("reset")
        with pytest.raises(CarrierLost):
            carrier.mend(Remedy.RESYNC)
        treat(carrier, Remedy.RESET)
        assert isinstance(carrier.submit(sms()), Accepted)


def test_a_stick_of_several_ports_that_are_all_silent_is_restarted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sysfs = tmp_path / "sys"
    with Bank(1, folder=tmp_path / "dev", sysfs=sysfs, personality="huawei_stick") as bank:
        monkeypatch.setattr(pool, "POOL", pool.Pool(sysfs, bank.folder, probe_s=0.1))
        stick = bank.modems[0]
        with opened(stick, sysfs=sysfs) as carrier:
            stick.hang_until("reset")
            carrier.close()
            with pytest.raises(CarrierLost) as lost:
                carrier.open()
            assert lost.value.cause is Cause.SILENT
            with pytest.raises(CarrierLost) as lost:
                carrier.mend(Remedy.RESET)
            assert lost.value.cause is Cause.PLANNED
            assert bank.wait_for(lambda: stick.is_there)
            carrier.open()
            assert isinstance(carrier.submit(sms()), Accepted)


def test_the_port_is_let_go_before_the_device_leaves_the_bus(tmp_path: Path) -> None:
    """Held on to, it would come back under another name."""
    sysfs = tmp_path / "sys"
    with Bank(1, folder=tmp_path / "dev", sysfs=sysfs, personality="resetting") as bank:
        stick = bank.modems[0]
        with opened(stick, sysfs=sysfs) as carrier:
            device = os.path.realpath(stick.port)
            with pytest.raises(CarrierLost) as lost:
                carrier.mend(Remedy.RESET)
            assert lost.value.cause is Cause.PLANNED
            assert device not in [os.path.realpath(f"/proc/self/fd/{each}") for each in os.listdir("/proc/self/fd")]
            assert not os.path.exists(device)  # its leaving was waited for
            assert bank.wait_for(lambda: stick.is_there)
            carrier.open()
            assert isinstance(carrier.submit(sms()), Accepted)


def test_a_modem_that_refuses_to_restart_says_so(modem: Handle) -> None:
    modem.fault("error", "AT+CFUN=1,1", count=None)
    with opened(modem) as carrier, pytest.raises(CarrierLost, match="refused to restart") as lost:
        carrier.mend(Remedy.RESET)
    assert lost.value.cause is Cause.FAULTY
    assert carrier.status().state == "recovering"


def test_a_radio_that_knows_no_flight_mode_is_switched_off_altogether(modem: Handle) -> None:
    modem.fault("error", "AT+CFUN=4", count=None)
    with opened(modem) as carrier:
        carrier.mend(Remedy.RADIO)
    assert [each for each in modem.commands if each.startswith("AT+CFUN=")][-3:] == [
        "AT+CFUN=4",
        "AT+CFUN=0",
        "AT+CFUN=1",
    ]


def test_what_had_come_in_before_a_new_start_is_not_lost(modem: Handle) -> None:
    with opened(modem) as carrier:
        modem.deliver(SENDER, "Приду")
        (before,) = receive(carrier, 1, is_acknowledged=False)
        carrier.mend(Remedy.REINIT)
        (again,) = receive(carrier, 1)
        assert again == before


def test_a_modem_that_restarted_is_set_up_on_the_line_that_is_open(modem: Handle) -> None:
    with opened(modem) as carrier:
        modem.reset()
        modem.say("RDY")
        with pytest.raises(CarrierLost, match="restarted"):
            receive(carrier, 1)
        carrier.mend(Remedy.REINIT)
        assert isinstance(carrier.submit(sms()), Accepted)
        assert len(receive(carrier, 1)) == 1


def test_a_modem_that_was_hopeless_is_judged_anew_once_it_is_set_up(modem: Handle) -> None:
    with opened(modem, refresh_s=0.05) as carrier:
        receive(carrier, 1, within_s=0.2)
        modem.fault("error", "AT", count=None)
        with pytest.raises(CarrierLost, match="everything"):
            receive(carrier, 1, within_s=10)
        with pytest.raises(CarrierLost, match="every command") as lost:
            carrier.mend(Remedy.REINIT)
        assert lost.value.cause is Cause.FAULTY
        modem.clear_faults()
        carrier.open()
        receive(carrier, 1, within_s=0.2)
        assert carrier.status().state == "ready"


def test_a_pin_is_entered_again_after_a_restart_and_once_only(modem: Handle) -> None:
    modem.lock("4711")
    with opened(modem, pin="4711") as carrier:
        treat(carrier, Remedy.RESET)
        assert carrier.status().state == "ready"
    assert sum(each.startswith("AT+CPIN=") for each in modem.commands) == 2


def test_a_radio_that_finds_no_network_afterwards_says_so(modem: Handle) -> None:
    with opened(modem, registration_s=0.2) as carrier:
        modem.register(2)
        with pytest.raises(CarrierLost) as lost:
            carrier.mend(Remedy.RADIO)
    assert lost.value.cause is Cause.NO_NETWORK


def test_a_treatment_of_a_modem_that_is_gone_ends_at_once(modem: Handle) -> None:
    with opened(modem) as carrier:
        modem.unplug()
        began_at = time.monotonic()
        for remedy in (Remedy.RADIO, Remedy.RESET):
            with pytest.raises(CarrierLost) as lost:
                carrier.mend(remedy)
            assert lost.value.cause is Cause.ABSENT
        assert time.monotonic() - began_at < 3
