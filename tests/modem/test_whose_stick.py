"""Whose stick it is: that of the carrier which has it, had it or is to have it, under whatever name; and clones."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from gateway.modem.pool import Pool
from gateway.modem.readiness import Identity
from gateway.settings import ModemSettings
from tests.fake_modem import Bank
from tests.modem.live import Memory
from tests.modem.sticks import by_sim, met, surveyed

pytestmark = pytest.mark.usefixtures("sticks")


def test_a_port_at_which_another_modem_answers_now_is_not_that_of_the_one_that_is_gone(sticks: Pool, bus: Bank) -> None:
    port = met(sticks, bus, 1)
    bus.modems[1].insert(bus.modems[3].sim)
    with pytest.raises(CarrierLost) as lost:
        sticks.connect(by_sim(bus, 1).model_copy(update={"iccid": "8970199000000009991"}))
    assert lost.value.cause is Cause.ABSENT
    bus.modems[1].unplug()
    assert not Path(port).exists()
    with pytest.raises(CarrierLost) as lost:
        sticks.connect(by_sim(bus, 1).model_copy(update={"iccid": "8970199000000009991"}))
    assert lost.value.cause is Cause.ABSENT


def test_no_other_carrier_speaks_to_a_stick_that_one_has(sticks: Pool, bus: Bank) -> None:
    modem = bus.modems[2]
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


def test_two_sticks_with_one_imei_are_two_modems(sticks: Pool, bus: Bank) -> None:
    original = bus.modems[1]
    clone = bus.add("zte_stick", imei=original.imei)
    assert [each.identity.imei for each in surveyed(sticks).found].count(original.imei) == 2
    for modem in (original, clone):
        carrier = ModemCarrier(ModemSettings(name="x", imei=original.imei, iccid=modem.sim.iccid), Memory())
        carrier.open()
        assert carrier.line == modem.sim.iccid
        carrier.close()


def test_of_two_sticks_with_one_imei_a_carrier_gets_back_the_one_that_it_had(sticks: Pool, bus: Bank) -> None:
    original = bus.modems[1]
    clone = bus.add("zte_stick", imei=original.imei)
    sticks.roster.remember("x", Identity(imei=original.imei, iccid=clone.sim.iccid))
    surveyed(sticks)
    carrier = ModemCarrier(ModemSettings(name="x", imei=original.imei), Memory())
    carrier.open()
    assert carrier.line == clone.sim.iccid
    carrier.close()


def test_a_stick_that_comes_back_under_another_name_is_the_configured_one_still(sticks: Pool, bus: Bank) -> None:
    modem = bus.modems[1]
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


def test_another_stick_at_another_port_is_not_taken_for_it(sticks: Pool, bus: Bank) -> None:
    modem = bus.modems[1]
    settings = ModemSettings(name="x", port=modem.port)
    sticks.roster.reserve([settings])
    sticks.roster.remember("x", Identity(imei=modem.imei, iccid=modem.sim.iccid))
    modem.unplug()
    stranger = bus.add("zte_stick")
    stranger.plug("ttyUSB50")
    with pytest.raises(CarrierLost, match="does not exist"):
        pool.connect(settings)


def test_a_stick_that_a_configured_carrier_waits_for_is_nobody_elses(sticks: Pool, bus: Bank) -> None:
    """By its port, by its number, or because the carrier had it before it was pulled out."""
    by_port, by_number, by_memory, free = bus.modems
    gone = "/dev/no-such-port"
    sticks.roster.reserve(
        [
            ModemSettings(name="a", port=by_port.ports["diag"]),
            ModemSettings(name="b", imei=by_number.imei),
            ModemSettings(name="c", port=gone),
        ]
    )
    sticks.roster.remember("c", Identity(imei=by_memory.imei, iccid=by_memory.sim.iccid))
    assert [each.identity.imei for each in surveyed(sticks).found] == [free.imei]
    assert not by_port.commands


@pytest.mark.parametrize(
    ("is_free", "said"),
    [
        (True, "Modem x answers on no free port (asked: 3). Is it plugged in?"),
        (False, "There is no free port at which modem x could answer. Is it plugged in?"),
    ],
)
def test_a_modem_that_is_not_there_is_missed_in_words_that_fit(
    sticks: Pool, bus: Bank, is_free: bool, said: str
) -> None:
    sticks.roster.reserve([ModemSettings(name=f"sim-{n}", port=each.port) for n, each in enumerate(bus.modems[1:])])
    if not is_free:
        bus.modems[0].unplug()
    with pytest.raises(CarrierLost) as lost:
        sticks.connect(ModemSettings(name="x", iccid="8970199000000009991"))
    assert (str(lost.value), lost.value.cause) == (said, Cause.ABSENT)
