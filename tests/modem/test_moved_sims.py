"""SIMs that change places: each carrier shows, and treats, only what no other one has by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from gateway.carrier import Inbound, Incoming, Remedy
from gateway.errors import CarrierLost
from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from gateway.modem.pool import Pool
from gateway.settings import ModemSettings
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.sim import card
from tests.modem.live import SENDER, Memory, opened, receive

GONE = "plugged in"


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    with Bank(2, personality="zte_stick", folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        assert bank.sysfs is not None
        monkeypatch.setattr(pool, "POOL", Pool(bank.sysfs, bank.folder, probe_s=0.1))
        yield bank


def carriers_for(bank: Bank, key: str) -> list[ModemCarrier]:
    """One carrier in service for each stick, found by this number."""
    assert bank.sysfs is not None
    made = []
    for name, modem in zip(("a", "b"), bank.modems, strict=True):
        number = {"iccid": modem.sim.iccid, "imei": modem.imei}[key]
        settings = ModemSettings.model_validate({"name": name, key: number})
        made.append(ModemCarrier(settings, Memory(), sysfs=bank.sysfs))
        made[-1].open()
    return made


def all_pulled_out(bank: Bank, carriers: list[ModemCarrier]) -> None:
    for modem, carrier in zip(bank.modems, carriers, strict=True):
        modem.unplug()
        with pytest.raises(CarrierLost):
            carrier.receive(5.0)
        with pytest.raises(CarrierLost, match=GONE):
            carrier.open()


def test_a_device_that_has_another_carriers_sim_is_that_ones(bank: Bank) -> None:
    a, b = carriers_for(bank, "iccid")
    left = bank.modems[1].sim
    all_pulled_out(bank, [a, b])
    assert (b.status().imei, Remedy.REPLUG in b.remedies) == (bank.modems[1].imei, True)  # it may come back
    bank.modems[1].insert(bank.modems[0].sim)
    bank.modems[1].plug()
    a.open()
    assert a.status().imei == bank.modems[1].imei
    with pytest.raises(CarrierLost, match=GONE):
        b.open()
    shown = b.status()
    assert (shown.state, shown.port, shown.imei, shown.model, shown.signal_dbm) == ("absent", None, None, None, None)
    assert shown.iccid == left.iccid
    assert Remedy.REPLUG not in b.remedies  # it would cut off the other one's stick
    bank.modems[0].insert(left)
    bank.modems[0].plug()
    b.open()
    assert (b.status().imei, Remedy.REPLUG in b.remedies) == (bank.modems[0].imei, True)
    for carrier in (a, b):
        carrier.close()


def test_a_sim_that_another_carriers_device_has_is_that_ones(bank: Bank) -> None:
    a, b = carriers_for(bank, "imei")
    moved = bank.modems[0].sim
    all_pulled_out(bank, [a, b])
    bank.modems[1].insert(moved)
    for modem in bank.modems:
        modem.plug()
    b.open()
    with pytest.raises(CarrierLost, match="no working SIM"):
        a.open()
    assert (b.status().iccid, a.status().iccid, a.status().imsi) == (moved.iccid, None, None)
    assert a.status().imei == bank.modems[0].imei
    for carrier in (a, b):
        carrier.close()


def test_of_two_sticks_with_one_imei_none_is_taken_for_the_other(bank: Bank) -> None:
    clone = bank.add("zte_stick", imei=bank.modems[0].imei)
    a, b = (
        ModemCarrier(ModemSettings(name=name, iccid=modem.sim.iccid), Memory(), sysfs=bank.sysfs or Path())
        for name, modem in (("a", bank.modems[0]), ("b", clone))
    )
    for carrier in (a, b):
        carrier.open()
    bank.modems[0].unplug()
    with pytest.raises(CarrierLost):
        a.receive(5.0)
    clone.reset()
    b.close()
    b.open()
    with pytest.raises(CarrierLost, match=GONE):
        a.open()
    assert (a.status().imei, Remedy.REPLUG in a.remedies) == (clone.imei, True)
    b.close()


def with_another_sim(modem: Handle) -> None:
    """It is put in unseen, and has a message where the other one had one."""
    modem.insert(card(9))
    modem.deliver(SENDER, "Другая карта")
    assert modem.stored("SM") == [1]


def texts_of(found: Sequence[Inbound]) -> list[str]:
    return [each.text for each in found if isinstance(each, Incoming)]


def test_what_was_found_in_one_sim_and_not_given_yet_deletes_nothing_of_another(modem: Handle) -> None:
    with opened(modem, sweep_s=0.05, refresh_s=0.0001) as carrier:
        modem.forget_settings()
        modem.settings.cmgf = 0  # it begins in PDU mode: so its SIM is looked through before its restart shows
        modem.deliver(SENDER, "Первая карта")
        with pytest.raises(CarrierLost, match="restarted"):
            carrier.receive(5.0)
        with_another_sim(modem)
        carrier.mend(Remedy.REINIT)
        assert texts_of(receive(carrier, 1)) == ["Другая карта"]
        assert modem.stored("SM") == []


def test_what_one_sim_gave_is_not_deleted_where_another_has_something(modem: Handle) -> None:
    with opened(modem) as carrier:
        modem.deliver(SENDER, "Первая карта")
        (before,) = receive(carrier, 1, is_acknowledged=False)
        with_another_sim(modem)
        carrier.mend(Remedy.REINIT)
        carrier.acknowledge(before)
        assert modem.stored("SM") == [1]
        assert texts_of(receive(carrier, 1)) == ["Другая карта"]
