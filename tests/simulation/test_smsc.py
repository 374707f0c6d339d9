"""The simulated SMSC tells the truth, however late."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tests.fake_smsc import codec
from tests.simulation.network import DAY_S, Network, Phone, Try, Weather
from tests.simulation.smsc import Smsc
from tests.simulation.smsc_mishaps import BindFaults
from tests.simulation.world import World

PHONE = "+79000000001"
SUBMIT = codec.Submit("", (5, 0, "Clinic"), (1, 1, PHONE[1:]), 0, 0, 1, "", "", 1, 0, 8, b"", {})
HOURS = 3
DATE = re.compile(rb"(submit|done) date: ?\"?(\d{10})", re.IGNORECASE)


def test_a_late_receipt_bears_the_time_at_which_its_sms_was_submitted() -> None:
    """By that time the gateway finds a copy whose answer was lost; another one's would be a lie of the world's."""
    world = World(1, datetime(2031, 5, 1, 9, 30, tzinfo=UTC))
    network = Network(world, Weather())
    network.phones[PHONE] = Phone(PHONE, off=((0.0, HOURS * 3600.0),))
    smsc = Smsc(world, network, "line of bind-1", BindFaults(), ("decimal", "decimal"))
    for key in range(30):  # each receipt has its form by chance
        smsc.take(SUBMIT, Try(key, "bind-1", smsc.account.iccid, world.moment, world.now(), PHONE, ""))
    world.run_until(DAY_S)
    dates = {found for told in smsc._waiting for found in DATE.findall(told.body)}
    assert {(word.lower(), date[:8]) for word, date in dates} == {(b"submit", b"31050109"), (b"done", b"31050112")}
