"""Sticks with several ports on a fake USB bus: the port that takes SMS is used, one stick is one carrier's, clones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.modem import pool, startup
from gateway.modem.carrier import ModemCarrier
from gateway.modem.pool import Pool
from gateway.modem.probing import Found, Nobody, Prober
from gateway.modem.readiness import Identity
from gateway.modem.surveying import Survey
from gateway.settings import ModemSettings
from tests.fake_modem import Bank
from tests.modem.live import Memory

STICKS = ("huawei_stick", "zte_stick", "quectel_stick", "acm_stick")
SURVEY_S = 15.0


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank(4, personality=STICKS, folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        yield bank


@pytest.fixture(autouse=True)
def sticks(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Pool:
    assert bank.sysfs is not None
    made = Pool(bank.sysfs, bank.folder, probe_s=0.1)
    monkeypatch.setattr(pool, "POOL", made)
    return made


def surveyed(sticks: Pool) -> Survey:
    until = time.monotonic() + SURVEY_S
    while not (survey := sticks.survey()).is_complete:
        assert time.monotonic() < until, "some port was never given up"
        time.sleep(0.02)
    return survey


def name(found: Found) -> str:
    """Device names are counted on over all sticks."""
    return Path(found.port).resolve().name


def by_sim(bank: Bank, index: int) -> ModemSettings:
    return ModemSettings(name="sim-1", iccid=bank.modems[index].sim.iccid)


def _hear_nothing(octets: bytes) -> None:
    """A line that hangs, while the stick's other ports go on."""


def met(sticks: Pool, bank: Bank, index: int) -> str:
    """The port by which the carrier sim-1 was in service with this stick."""
    with closing(sticks.connect(by_sim(bank, index))) as session:
        modem = bank.modems[index]
        sticks.check(by_sim(bank, index), session.port, Identity(imei=modem.imei, iccid=modem.sim.iccid))
        return session.port


@pytest.mark.parametrize("index", [1, 2])
def test_a_stick_that_hangs_is_not_taken_for_one_that_was_pulled_out(sticks: Pool, bank: Bank, index: int) -> None:
    """Known by its SIM, it can't say who it is; whoever treats it needs its line all the same."""
    port = met(sticks, bank, index)
    bank.modems[index].hang_until("replug")
    with closing(sticks.connect(by_sim(bank, index))) as session:
        assert session.port == port


def test_a_port_at_which_another_modem_answers_now_is_not_that_of_the_one_that_is_gone(
    sticks: Pool, bank: Bank
) -> None:
    port = met(sticks, bank, 1)
    bank.modems[1].insert(bank.modems[3].sim)
    with pytest.raises(CarrierLost) as lost:
        sticks.connect(by_sim(bank, 1).model_copy(update={"iccid": "8970199000000009991"}))
    assert lost.value.cause is Cause.ABSENT
    bank.modems[1].unplug()
    assert not Path(port).exists()
    with pytest.raises(CarrierLost) as lost:
        sticks.connect(by_sim(bank, 1).model_copy(update={"iccid": "8970199000000009991"}))
    assert lost.value.cause is Cause.ABSENT


def test_each_stick_is_found_once_by_the_port_that_takes_sms(sticks: Pool, bank: Bank) -> None:
    found = surveyed(sticks).found
    assert {each.identity.imei for each in found} == {modem.imei for modem in bank.modems}
    assert {str(Path(each.port).resolve()) for each in found} == {
        str(Path(modem.ports["at"]).resolve()) for modem in bank.modems
    }


@pytest.mark.parametrize("number", range(len(STICKS)), ids=STICKS)
def test_whichever_port_of_a_stick_is_configured_the_one_that_takes_sms_is_used(bank: Bank, number: int) -> None:
    modem = bank.modems[number]
    for role, port in modem.ports.items():
        with closing(pool.connect(ModemSettings(name="x", port=port))) as session:
            is_wanted = Path(session.port).resolve() == Path(modem.ports["at"]).resolve()
            assert is_wanted or role == "twin", role


@pytest.mark.parametrize("number", range(len(STICKS)), ids=STICKS)
def test_a_stick_without_a_sim_is_one_that_takes_sms_and_says_what_it_lacks(bank: Bank, number: int) -> None:
    modem = bank.modems[number]
    modem.remove_sim()
    carrier = ModemCarrier(ModemSettings(name="x", port=modem.ports["at"]), Memory())
    with pytest.raises(CarrierLost, match="no working SIM") as lost:
        carrier.open()
    carrier.close()
    assert lost.value.cause is Cause.LOCKED
    with closing(pool.connect(ModemSettings(name="x", imei=modem.imei))) as session:
        assert Path(session.port).resolve() == Path(modem.ports["at"]).resolve()


def test_a_stick_that_answers_but_takes_no_sms_is_not_called_silent(bank: Bank) -> None:
    modem = bank.modems[0]
    modem._modem.line.is_mute = True
    modem._modem.line.receive = _hear_nothing  # type: ignore[method-assign]
    with pytest.raises(CarrierLost, match="answers, but takes SMS on none of its ports; use another one") as lost:
        pool.connect(ModemSettings(name="x", port=modem.ports["data"]))
    assert lost.value.cause is Cause.UNSUITABLE


def test_a_stick_that_took_sms_and_does_so_no_more_is_out_of_order(sticks: Pool, bank: Bank) -> None:
    modem = bank.modems[0]
    settings = ModemSettings(name="x", port=modem.ports["data"])
    with closing(sticks.connect(settings)) as session:
        sticks.check(settings, session.port, Identity(imei=modem.imei, iccid=modem.sim.iccid))
    modem._modem.line.receive = _hear_nothing  # type: ignore[method-assign]
    with pytest.raises(CarrierLost, match="answers, but takes SMS on none of its ports") as lost:
        sticks.connect(settings)
    assert lost.value.cause is Cause.FAULTY


def test_a_stick_with_which_our_own_code_fails_is_not_called_ill(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    modem = bank.modems[0]
    monkeypatch.setattr(startup, "make", lambda _session: 1 // 0)
    with pytest.raises(CarrierLost, match="ZeroDivisionError") as lost:
        pool.connect(ModemSettings(name="x", port=modem.ports["data"]))
    assert lost.value.cause is Cause.GATEWAY
    assert "probe_failed" in caplog.text


def test_a_stick_whose_ports_are_all_silent_is_called_so(bank: Bank) -> None:
    modem = bank.modems[0]
    modem.hang_until("replug")
    with pytest.raises(CarrierLost, match="is silent") as lost:
        pool.connect(ModemSettings(name="x", port=modem.ports["data"]))
    assert lost.value.cause is Cause.SILENT


@pytest.mark.parametrize("role", ["at", "diag"])
def test_of_two_ports_that_take_sms_the_right_one_is_used_though_it_is_slow(
    sticks: Pool, bank: Bank, role: str
) -> None:
    """On a busy machine: its second one answers long before it, and does not tell of what comes in."""
    modem = bank.modems[2]
    line, delay_s = modem._modem.line, 1.0
    receive = line.receive
    line.receive = lambda octets: modem._modem.loop.after(delay_s, lambda: receive(octets))  # type: ignore
    assert sticks._prober.answer(modem.ports["at"]).result(10.0).cause is Cause.SILENT  # type: ignore[union-attr]
    line.receive = receive  # type: ignore[method-assign]
    for settings in (ModemSettings(name="x", port=modem.ports[role]), by_sim(bank, 2)):
        with closing(sticks.connect(settings)) as session:
            assert Path(session.port).resolve() == Path(modem.ports["at"]).resolve()


def test_the_port_that_did_is_tried_first_next_time(sticks: Pool, bank: Bank) -> None:
    modem = bank.modems[1]
    carrier = ModemCarrier(ModemSettings(name="x", port=modem.ports["silent"]), Memory())
    carrier.open()
    carrier.close()
    began_at = time.monotonic()
    carrier.open()
    assert time.monotonic() - began_at < 2.0
    carrier.close()


def test_no_other_carrier_speaks_to_a_stick_that_one_has(sticks: Pool, bank: Bank) -> None:
    modem = bank.modems[2]
    with closing(pool.connect(ModemSettings(name="a", port=modem.ports["at"]))):
        heard = len(modem.commands)
        with pytest.raises(CarrierLost, match="a has already") as caught:
            pool.connect(ModemSettings(name="b", port=modem.ports["twin"]))
        assert caught.value.cause is Cause.FORBIDDEN
        with pytest.raises(CarrierLost):
            pool.connect(ModemSettings(name="b", imei=modem.imei))
        assert modem.imei not in {each.identity.imei for each in surveyed(sticks).found}
        assert len(modem.commands) == heard
    with closing(pool.connect(ModemSettings(name="b", imei=modem.imei))) as session:
        assert session.alive


def test_two_sticks_with_one_imei_are_two_modems(sticks: Pool, bank: Bank) -> None:
    original = bank.modems[1]
    clone = bank.add("zte_stick", imei=original.imei)
    assert [each.identity.imei for each in surveyed(sticks).found].count(original.imei) == 2
    for modem in (original, clone):
        carrier = ModemCarrier(ModemSettings(name="x", imei=original.imei, iccid=modem.sim.iccid), Memory())
        carrier.open()
        assert carrier.line == modem.sim.iccid
        carrier.close()


def test_of_two_sticks_with_one_imei_a_carrier_gets_back_the_one_that_it_had(sticks: Pool, bank: Bank) -> None:
    original = bank.modems[1]
    clone = bank.add("zte_stick", imei=original.imei)
    sticks.remember("x", Identity(imei=original.imei, iccid=clone.sim.iccid))
    surveyed(sticks)
    carrier = ModemCarrier(ModemSettings(name="x", imei=original.imei), Memory())
    carrier.open()
    assert carrier.line == clone.sim.iccid
    carrier.close()


def test_a_stick_that_comes_back_under_another_name_is_the_configured_one_still(sticks: Pool, bank: Bank) -> None:
    modem = bank.modems[1]
    carrier = ModemCarrier(ModemSettings(name="x", port=modem.port), Memory())
    carrier.open()
    modem.unplug()
    carrier.close()
    with pytest.raises(CarrierLost, match="does not exist"):
        carrier.open()
    modem.plug("ttyUSB40", socket=9)
    carrier.open()
    assert Path(carrier.status().port or "").resolve() == Path(modem.port).resolve()
    assert carrier.line == modem.sim.iccid
    carrier.close()


def test_another_stick_at_another_port_is_not_taken_for_it(sticks: Pool, bank: Bank) -> None:
    modem = bank.modems[1]
    settings = ModemSettings(name="x", port=modem.port)
    sticks.reserve([settings])
    sticks.remember("x", Identity(imei=modem.imei, iccid=modem.sim.iccid))
    modem.unplug()
    stranger = bank.add("zte_stick")
    stranger.plug("ttyUSB50")
    with pytest.raises(CarrierLost, match="does not exist"):
        pool.connect(settings)


def test_a_stick_that_a_configured_carrier_waits_for_is_nobody_elses(sticks: Pool, bank: Bank) -> None:
    """By its port, by its number, or because the carrier had it before it was pulled out."""
    by_port, by_number, by_memory, free = bank.modems
    gone = "/dev/no-such-port"
    sticks.reserve(
        [
            ModemSettings(name="a", port=by_port.ports["diag"]),
            ModemSettings(name="b", imei=by_number.imei),
            ModemSettings(name="c", port=gone),
        ]
    )
    sticks.remember("c", Identity(imei=by_memory.imei, iccid=by_memory.sim.iccid))
    assert [each.identity.imei for each in surveyed(sticks).found] == [free.imei]
    assert not by_port.commands


def test_what_is_plainly_no_modem_never_hears_a_word(sticks: Pool, bank: Bank) -> None:
    assert bank.sysfs is not None
    board = bank.modems[3]
    device = bank.sysfs / "devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.4"
    (device / "idVendor").write_text("2341\n")
    assert board.imei not in {each.identity.imei for each in surveyed(sticks).found}
    assert not board.commands


def test_a_modem_is_found_as_soon_as_it_answers_however_silent_other_ports_are(sticks: Pool, bank: Bank) -> None:
    began_at = time.monotonic()
    with closing(pool.connect(ModemSettings(name="x", imei=bank.modems[3].imei))):
        assert time.monotonic() - began_at < 2.5


def test_a_silent_port_is_asked_ever_more_seldom_until_it_is_plugged_anew(tmp_path: Path) -> None:
    """Counted by threads that ask, with no port at all behind them."""
    asked = []

    def nobody(port: str, _baudrate: int) -> Nobody:
        asked.append(port)
        return Nobody(port, Cause.SILENT, "")

    prober, port = Prober(nobody), tmp_path / "port"
    port.touch()
    for _look in range(20):
        prober.answer(str(port)).result(5.0)
    assert len(asked) == 1
    port.unlink()
    port.symlink_to("/dev/null")
    prober.answer(str(port)).result(5.0)
    assert len(asked) == 2
    prober.forget(str(port))
    prober.answer(str(port)).result(5.0)
    assert len(asked) == 3
