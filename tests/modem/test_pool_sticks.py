"""Sticks with several ports on a fake USB bus: the port that takes SMS is used, what is no modem is left alone."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.modem import pool, startup
from gateway.modem.carrier import ModemCarrier
from gateway.modem.pool import Pool
from gateway.modem.probing import Found
from gateway.modem.readiness import Identity
from gateway.settings import ModemSettings
from tests.fake_modem import Bank
from tests.modem.live import Memory
from tests.modem.sticks import STICKS, by_sim, met, surveyed

pytestmark = pytest.mark.usefixtures("sticks")


def name(found: Found) -> str:
    """Device names are counted on over all sticks."""
    return Path(found.port).resolve().name


def _hear_nothing(octets: bytes) -> None:
    """A line that hangs, while the stick's other ports go on."""


@pytest.mark.parametrize("index", [1, 2])
def test_a_stick_that_hangs_is_not_taken_for_one_that_was_pulled_out(sticks: Pool, bus: Bank, index: int) -> None:
    """Known by its SIM, it can't say who it is; whoever treats it needs its line all the same."""
    port = met(sticks, bus, index)
    bus.modems[index].hang_until("replug")
    with closing(sticks.connect(by_sim(bus, index))) as session:
        assert session.port == port


def test_each_stick_is_found_once_by_the_port_that_takes_sms(sticks: Pool, bus: Bank) -> None:
    found = surveyed(sticks).found
    assert {each.identity.imei for each in found} == {modem.imei for modem in bus.modems}
    assert {str(Path(each.port).resolve()) for each in found} == {
        str(Path(modem.ports["at"]).resolve()) for modem in bus.modems
    }


@pytest.mark.parametrize("number", range(len(STICKS)), ids=STICKS)
def test_whichever_port_of_a_stick_is_configured_the_one_that_takes_sms_is_used(bus: Bank, number: int) -> None:
    modem = bus.modems[number]
    for role, port in modem.ports.items():
        with closing(pool.connect(ModemSettings(name="x", port=port))) as session:
            is_wanted = Path(session.port).resolve() == Path(modem.ports["at"]).resolve()
            assert is_wanted or role == "twin", role


@pytest.mark.parametrize("number", range(len(STICKS)), ids=STICKS)
def test_a_stick_without_a_sim_is_one_that_takes_sms_and_says_what_it_lacks(bus: Bank, number: int) -> None:
    modem = bus.modems[number]
    modem.remove_sim()
    carrier = ModemCarrier(ModemSettings(name="x", port=modem.ports["at"]), Memory())
    with pytest.raises(CarrierLost, match="no working SIM") as lost:
        carrier.open()
    carrier.close()
    assert lost.value.cause is Cause.LOCKED
    with closing(pool.connect(ModemSettings(name="x", imei=modem.imei))) as session:
        assert Path(session.port).resolve() == Path(modem.ports["at"]).resolve()


def test_a_stick_that_answers_but_takes_no_sms_is_not_called_silent(bus: Bank) -> None:
    modem = bus.modems[0]
    modem._modem.line.is_mute = True
    modem._modem.line.receive = _hear_nothing  # type: ignore[method-assign]
    with pytest.raises(CarrierLost, match="answers, but takes SMS on none of its ports; use another one") as lost:
        pool.connect(ModemSettings(name="x", port=modem.ports["data"]))
    assert lost.value.cause is Cause.UNSUITABLE


def test_a_stick_that_took_sms_and_does_so_no_more_is_out_of_order(sticks: Pool, bus: Bank) -> None:
    modem = bus.modems[0]
    settings = ModemSettings(name="x", port=modem.ports["data"])
    with closing(sticks.connect(settings)) as session:
        sticks.check(settings, session.port, Identity(imei=modem.imei, iccid=modem.sim.iccid))
    modem._modem.line.receive = _hear_nothing  # type: ignore[method-assign]
    with pytest.raises(CarrierLost, match="answers, but takes SMS on none of its ports") as lost:
        sticks.connect(settings)
    assert lost.value.cause is Cause.FAULTY


def test_a_stick_with_which_our_own_code_fails_is_not_called_ill(
    bus: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    modem = bus.modems[0]
    monkeypatch.setattr(startup, "make", lambda _session: 1 // 0)
    with pytest.raises(CarrierLost, match="ZeroDivisionError") as lost:
        pool.connect(ModemSettings(name="x", port=modem.ports["data"]))
    assert lost.value.cause is Cause.GATEWAY
    assert "probe_failed" in caplog.text


def test_a_stick_whose_ports_are_all_silent_is_called_so(bus: Bank) -> None:
    modem = bus.modems[0]
    modem.hang_until("replug")
    with pytest.raises(CarrierLost, match="is silent") as lost:
        pool.connect(ModemSettings(name="x", port=modem.ports["data"]))
    assert lost.value.cause is Cause.SILENT


@pytest.mark.parametrize("role", ["at", "diag"])
def test_of_two_ports_that_take_sms_the_right_one_is_used_though_it_is_slow(sticks: Pool, bus: Bank, role: str) -> None:
    """On a busy machine: its second one answers long before it, and does not tell of what comes in."""
    modem = bus.modems[2]
    line, delay_s = modem._modem.line, 1.0
    receive = line.receive
    line.receive = lambda octets: modem._modem.loop.after(delay_s, lambda: receive(octets))  # type: ignore
    assert sticks._prober.answer(modem.ports["at"]).result(10.0).cause is Cause.SILENT  # type: ignore[union-attr]
    line.receive = receive  # type: ignore[method-assign]
    for settings in (ModemSettings(name="x", port=modem.ports[role]), by_sim(bus, 2)):
        with closing(sticks.connect(settings)) as session:
            assert Path(session.port).resolve() == Path(modem.ports["at"]).resolve()


def test_the_port_that_did_is_tried_first_next_time(sticks: Pool, bus: Bank) -> None:
    modem = bus.modems[1]
    carrier = ModemCarrier(ModemSettings(name="x", port=modem.ports["silent"]), Memory())
    carrier.open()
    carrier.close()
    began_at = time.monotonic()
    carrier.open()
    assert time.monotonic() - began_at < 2.0
    carrier.close()


def test_what_is_plainly_no_modem_never_hears_a_word(sticks: Pool, bus: Bank) -> None:
    assert bus.sysfs is not None
    board = bus.modems[3]
    device = bus.sysfs / "devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.4"
    (device / "idVendor").write_text("2341\n")
    assert board.imei not in {each.identity.imei for each in surveyed(sticks).found}
    assert not board.commands


def test_a_modem_is_found_as_soon_as_it_answers_however_silent_other_ports_are(sticks: Pool, bus: Bank) -> None:
    began_at = time.monotonic()
    with closing(pool.connect(ModemSettings(name="x", imei=bus.modems[3].imei))):
        assert time.monotonic() - began_at < 2.5
