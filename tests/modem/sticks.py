"""What the tests of sticks share: four of them on a fake USB bus (conftest.py), looked for by a pool of their own."""

from __future__ import annotations

import time
from contextlib import closing

from gateway.modem.pool import Pool
from gateway.modem.readiness import Identity
from gateway.modem.surveying import Survey
from gateway.settings import ModemSettings
from tests.fake_modem import Bank

STICKS = ("huawei_stick", "zte_stick", "quectel_stick", "acm_stick")
SURVEY_S = 15.0


def surveyed(sticks: Pool) -> Survey:
    until = time.monotonic() + SURVEY_S
    while not (survey := sticks.survey()).is_complete:
        assert time.monotonic() < until, "some port was never given up"
        time.sleep(0.02)
    return survey


def by_sim(bus: Bank, index: int) -> ModemSettings:
    return ModemSettings(name="sim-1", iccid=bus.modems[index].sim.iccid)


def met(sticks: Pool, bus: Bank, index: int) -> str:
    """The port by which the carrier sim-1 was in service with this stick."""
    with closing(sticks.connect(by_sim(bus, index))) as session:
        modem = bus.modems[index]
        sticks.check(by_sim(bus, index), session.port, Identity(imei=modem.imei, iccid=modem.sim.iccid))
        return session.port
