"""Finding modems: by port, glob, device or SIM, on whichever port they are; a PIN is never sent while looking."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.modem import pool, probing, quirks, who
from gateway.modem.carrier import ModemCarrier
from gateway.modem.pool import Pool, discover, find_ports
from gateway.modem.probing import Found, Nobody
from gateway.modem.readiness import Identity
from gateway.settings import ModemSettings
from tests.fake_modem import Bank
from tests.modem.live import Memory, opened, sms
from tests.modem.peer import Peer


@pytest.fixture(autouse=True)
def own_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of other tests' ports."""
    monkeypatch.setattr(pool, "POOL", Pool())


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank(3) as bank:
        yield bank


def asked(port: str, deadline_s: float = probing.PROBE_S) -> Found:
    answer = probing.ask(port, deadline_s=deadline_s)
    assert isinstance(answer, Found)
    return answer


def everywhere(bank: Bank) -> str:
    return str(bank.folder / "*")


def test_each_device_is_found_once_under_its_first_name(tmp_path: Path) -> None:
    for name in ("a1", "a2", "b1"):
        (tmp_path / name).symlink_to(tmp_path / f"device-{name[1]}")
    found = find_ports((str(tmp_path / "a*"), str(tmp_path / "b*")))
    assert found == [str(tmp_path / "a1"), str(tmp_path / "a2")]


def test_a_modem_tells_who_it_is(bank: Bank) -> None:
    modem = bank.modems[1]
    found = asked(modem.port)
    identity = found.identity
    assert (found.port, identity.manufacturer, identity.model) == (modem.port, "Fake Works", "FM-1")
    assert found.takes_sms
    assert found.is_settled
    assert (identity.imei, identity.imsi, identity.iccid) == (modem.imei, modem.sim.imsi, modem.sim.iccid)


def test_looking_never_sends_a_pin_and_leaves_the_port_free(bank: Bank) -> None:
    modem = bank.modems[0]
    modem.lock("4711")
    found = asked(modem.port)
    assert found.identity.imei == modem.imei
    assert found.is_settled
    assert not any(command.startswith("AT+CPIN=") for command in modem.commands)
    with opened(modem, pin="4711"):
        pass


def test_a_silent_port_has_no_modem() -> None:
    with Peer(lambda _command: b"") as peer:
        began_at = time.monotonic()
        answer = probing.ask(peer.port, deadline_s=0.1)
        assert isinstance(answer, Nobody)
        assert answer.cause is Cause.SILENT
        assert time.monotonic() - began_at < 3


def test_a_port_in_use_or_missing_has_no_free_modem(bank: Bank) -> None:
    with opened(bank.modems[0]):
        assert probing.ask(bank.modems[0].port).cause is Cause.FORBIDDEN  # type: ignore[union-attr]
    assert probing.ask(str(bank.folder / "none")).cause is Cause.ABSENT  # type: ignore[union-attr]


def test_every_modem_is_discovered_and_can_be_used(bank: Bank) -> None:
    found = discover((everywhere(bank),))
    assert [(each.name, each.port) for each in found] == [
        (f"sim-{number}", modem.port) for number, modem in enumerate(bank.modems, 1)
    ]
    carrier = ModemCarrier(found[2], Memory())
    carrier.open()
    carrier.submit(sms())
    carrier.close()
    assert len(bank.submitted) == 1


def test_a_port_given_as_a_glob_is_the_modem_that_answers_there(bank: Bank) -> None:
    carrier = ModemCarrier(ModemSettings(name="x", port=str(bank.folder / "*-2")), Memory())
    carrier.open()
    assert carrier.status().port == bank.modems[1].port
    carrier.close()


@pytest.mark.parametrize("key", ["imei", "imsi", "iccid"])
def test_a_modem_is_found_by_its_number_on_any_port(bank: Bank, key: str) -> None:
    modem = bank.modems[2]
    number = {"imei": modem.imei, "imsi": modem.sim.imsi, "iccid": modem.sim.iccid}[key]
    carrier = ModemCarrier(ModemSettings.model_validate({"name": "x", "port": everywhere(bank), key: number}), Memory())
    carrier.open()
    assert (carrier.status().port, carrier.status().imei) == (modem.port, modem.imei)
    carrier.close()


def test_modems_that_look_for_themselves_at_once_find_each_its_own(bank: Bank) -> None:
    carriers = [
        ModemCarrier(ModemSettings(name=modem.name, port=everywhere(bank), imei=modem.imei), Memory())
        for modem in bank.modems
    ]
    with ThreadPoolExecutor() as executor:
        list(executor.map(lambda carrier: carrier.open(), carriers))
    assert [carrier.status().imei for carrier in carriers] == [modem.imei for modem in bank.modems]
    for carrier in carriers:
        carrier.close()


def test_a_modem_that_moved_to_another_port_is_found_there(bank: Bank) -> None:
    modem = bank.modems[0]
    carrier = ModemCarrier(ModemSettings(name="x", port=everywhere(bank), imei=modem.imei), Memory())
    carrier.open()
    modem.unplug()
    carrier.close()
    with pytest.raises(CarrierLost, match="plugged in"):
        carrier.open()
    assert carrier.status().state == "absent"
    modem.plug("modem-9")
    carrier.open()
    assert carrier.status().port == str(bank.folder / "modem-9")
    carrier.close()


def test_a_sim_that_tells_no_number_before_its_pin_is_known_by_its_last_device(bank: Bank) -> None:
    modem = bank.modems[0]
    settings = ModemSettings(name="locked", port=everywhere(bank), iccid=modem.sim.iccid)
    carrier = ModemCarrier(settings, Memory())
    carrier.open()
    modem.unplug()
    carrier.close()
    hidden = ("+CCID", "+ICCID", "^ICCID", "+QCCID", "+CRSM", "^SCID")
    modem._modem.personality = replace(modem._modem.personality, refused=hidden)
    modem.lock("4711")
    modem.plug()
    with pytest.raises(CarrierLost, match="PIN"):
        carrier.open()
    assert (carrier.status().state, carrier.status().port) == ("needs_pin", modem.port)


def test_another_modem_on_the_configured_port_is_refused(bank: Bank) -> None:
    settings = ModemSettings(name="x", port=bank.modems[0].port, imei=bank.modems[1].imei)
    with pytest.raises(CarrierLost, match="another modem"):
        ModemCarrier(settings, Memory()).open()


@pytest.mark.parametrize(
    ("wanted", "told", "is_same"),
    [
        ("350000000000006", "350000000000006", True),
        ("35000000000000", "350000000000006", True),
        ("8970199000000000017", "897019900000000001", True),
        ("350000000000006", "350000000000014", False),
        ("350000000000006", None, False),
        ("3500000000000", "350000000000006", False),
    ],
)
def test_numbers_are_the_same_with_or_without_their_check_digit(wanted: str, told: str | None, is_same: bool) -> None:
    assert who.is_same(wanted, told) is is_same


SIM = Identity(imei="350000000000006", imsi="250990000000001", iccid="8970199000000000017")


@pytest.mark.parametrize(
    ("told", "iccid"),
    [
        (Identity(iccid="897019900000000001"), SIM.iccid),  # this device leaves the check digit out
        (Identity(iccid="89701990000000000170"), SIM.iccid),  # and this one shows one more
        (Identity(imsi=SIM.imsi), SIM.iccid),  # and this one tells no ICCID at all
        (Identity(iccid="8970199000000000025", imsi=SIM.imsi), "8970199000000000025"),
        (Identity(imsi="250990000000002"), None),
        (Identity(imei=SIM.imei), None),  # the device is the same, the SIM is not told
    ],
)
def test_a_sim_is_known_by_what_it_was_called_first_whatever_another_device_tells_of_it(
    told: Identity, iccid: str | None
) -> None:
    assert who.known_as(told, [SIM]).iccid == iccid


def test_a_sim_is_known_by_the_imsi_that_it_does_not_tell_before_its_pin() -> None:
    assert who.known_as(Identity(iccid=SIM.iccid), [SIM]).imsi == SIM.imsi
    assert who.known_as(Identity(iccid=SIM.iccid, imsi="250990000000002"), [SIM]).imsi == "250990000000002"


@pytest.mark.parametrize("key", ["imei", "imsi", "iccid"])
def test_no_pin_is_sent_to_another_modem_or_sim_than_the_configured_one(bank: Bank, key: str) -> None:
    modem, other = bank.modems[:2]
    pool.POOL.roster.know(Identity(imsi=modem.sim.imsi, iccid=modem.sim.iccid))  # it was here before
    modem.lock("4711")
    number = {"imei": other.imei, "imsi": other.sim.imsi, "iccid": other.sim.iccid}[key]
    settings = ModemSettings.model_validate({"name": "x", "port": modem.port, key: number, "pin": "4711"})
    with pytest.raises(CarrierLost, match="another modem") as lost:
        ModemCarrier(settings, Memory()).open()
    assert lost.value.cause is Cause.STRANGER
    assert not any(command.startswith("AT+CPIN=") for command in modem.commands)


def test_no_pin_is_sent_to_another_sim_that_is_seen_only_once_its_power_was_off(bank: Bank) -> None:
    modem, other = bank.modems[:2]
    modem.lock("4711")
    modem.fault("error", "AT+CPIN?", code="CME 10")
    for command in quirks.for_modem("", "").iccid:
        modem.fault("error", command)
    settings = ModemSettings.model_validate({"name": "x", "port": modem.port, "iccid": other.sim.iccid, "pin": "4711"})
    with pytest.raises(CarrierLost, match="another modem") as lost:
        ModemCarrier(settings, Memory()).open()
    assert lost.value.cause is Cause.STRANGER
    assert "AT+CFUN=0" in modem.commands
    assert not any(command.startswith("AT+CPIN=") for command in modem.commands)


def test_a_sim_that_asks_for_its_pin_is_found_by_the_imsi_that_it_told_before(bank: Bank) -> None:
    modem = bank.modems[0]
    settings = ModemSettings(name="x", port=everywhere(bank), imsi=modem.sim.imsi)
    carrier = ModemCarrier(settings, Memory())
    carrier.open()
    carrier.close()
    discover((everywhere(bank),))  # nobody is asked any more
    modem.lock("4711")
    bank.modems[1].insert(modem.sim)
    for each in bank.modems:
        pool.POOL._prober.forget(each.port)
    with pytest.raises(CarrierLost, match="PIN") as lost:
        carrier.open()
    shown = carrier.status()
    assert (lost.value.cause, shown.port, shown.imei) == (Cause.LOCKED, bank.modems[1].port, bank.modems[1].imei)


def test_a_sim_in_a_device_that_tells_less_of_it_keeps_its_line(bank: Bank) -> None:
    iccid = f"{bank.modems[0].sim.iccid}5"
    pool.POOL.roster.know(replace(SIM, iccid=iccid, imsi=bank.modems[0].sim.imsi))
    carrier = ModemCarrier(ModemSettings(name="x", port=bank.modems[0].port), Memory())
    carrier.open()
    assert carrier.line == iccid
    carrier.close()
