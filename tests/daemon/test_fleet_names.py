"""What a modem that nobody configured is called while its SIM is locked, and afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.queue import orders
from gateway.settings import SmppSettings
from tests.daemon.clinic import Clinic

HIDDEN = ("+CCID", "+ICCID", "^ICCID", "+QCCID", "+CRSM", "^SCID")  # what tells the number of a SIM


def test_a_modem_whose_sim_was_locked_keeps_its_name_when_it_is_opened(clinic: Clinic) -> None:
    first, second = clinic.bank.modems
    second.unplug()
    first.lock("4711")
    secretive = replace(first._modem.personality, refused=HIDDEN)
    first._modem.personality = secretive
    clinic.start()
    clinic.wait(lambda: clinic.states() == {"sim-1": "needs_pin"})
    first.unplug()
    first.lock(None)
    first.plug()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.imsi})
    clinic.wait(lambda: clinic.fleet and any(member.settings.imsi for member in clinic.fleet._crew.members))
    second.plug()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.imsi, "sim-2": second.sim.iccid})


def test_a_sim_that_is_locked_at_a_restart_says_that_it_wants_its_pin(clinic: Clinic) -> None:
    """Its number is hidden until then."""
    first, second = clinic.bank.modems
    second.unplug()
    clinic.start()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.iccid})
    clinic.stop()
    first.unplug()
    first.lock("4711")
    first._modem.personality = replace(first._modem.personality, refused=HIDDEN)
    first.plug()
    clinic.restart()
    clinic.wait(lambda: clinic.states() == {"sim-1": "needs_pin"})


@pytest.mark.parametrize("slow", ["sim-1", "sim-2"])
def test_a_pause_goes_with_the_modem_that_is_called_by_its_sim_again(clinic: Clinic, slow: str) -> None:
    """Its SIM was put into another stick and was locked, so that it was known by that device alone.

    When it is unlocked, whoever waits for the SIM and whoever waits for the device both look for it.
    """
    first, second = clinic.bank.modems
    second.unplug()
    for modem in (first, second):
        modem._modem.personality = replace(modem._modem.personality, refused=HIDDEN)
    clinic.start()
    clinic.wait(lambda: clinic.sims() == {"sim-1": first.sim.imsi})
    clinic.stop()
    first.unplug()
    second.insert(first.sim)
    second.lock("4711")
    second.plug()
    clinic.restart()
    clinic.wait(lambda: clinic.states() == {"sim-1": "absent", "sim-2": "needs_pin"})
    orders.pause(clinic.connection, "sim-2", "new contract", datetime.now(UTC))
    assert clinic.fleet
    clinic.fleet.heed()
    clinic.wait(lambda: clinic.states()["sim-2"] == "paused")
    second.unplug()
    second.lock(None)
    clinic.hold_up(slow, 1.0)
    second.plug()
    clinic.wait(lambda: clinic.own_states() == {"sim-1": "ready"})
    clinic.wait(lambda: clinic.states() == {"sim-1": "paused"})
    assert orders.paused(clinic.connection) == {"sim-1": "new contract"}
    assert clinic.events("sim-1", "pause") == ["new contract"]


def test_a_found_modem_is_not_called_as_a_bind_is(clinic: Clinic) -> None:
    """Nothing listens where the bind wants to go; its name is taken all the same."""
    first, second = clinic.bank.modems
    second.unplug()
    clinic.start(binds=[SmppSettings(name="sim-1", host="127.0.0.1", port=9, system_id="clinic")])
    clinic.wait(lambda: clinic.sims() == {"sim-2": first.sim.iccid})
