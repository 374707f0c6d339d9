"""The network goes and comes: a modem that tells of it unasked is seen at once, any other by the next look."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.modem.carrier import ModemCarrier
from tests.fake_modem import Bank
from tests.fake_modem.personality import Personality
from tests.modem.live import OFTEN_S, opened, until

HOME, SEARCHING, DENIED = 1, 2, 3
NEVER_S = 600.0  # no look by itself within a test
ALL = ("+CREG", "+CGREG", "+CEREG")
KINDS = {
    "all three": Personality(),
    "LTE stick, +CEREG alone": replace(Personality(), registers=("+CEREG",)),
    "GPRS modem, +CGREG alone": replace(Personality(), registers=("+CGREG",)),
    "GSM modem, +CREG alone": replace(Personality(), registers=("+CREG",), refused=("+CGREG", "+CEREG")),
    "+CGREG alone, which refuses the others": replace(
        Personality(), registers=("+CGREG",), refused=("+CREG=1", "+CEREG=1")
    ),
}
TELLS_NOTHING = {
    "refuses to tell": replace(Personality(), refused=tuple(f"{name}=1" for name in ALL)),
    "refuses to tell of the one that is true": replace(
        Personality(), registers=("+CEREG",), refused=("+CEREG=1",), unsupported="COMMAND NOT SUPPORT"
    ),
}


def await_state(carrier: ModemCarrier, state: str) -> None:
    until(lambda: carrier.receive(0.05) is None or carrier.status().state == state)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("stat", [SEARCHING, DENIED], ids=["searching", "denied"])
def test_a_loss_of_the_network_is_seen_at_once_whichever_answer_tells_of_it(
    kind: Personality, stat: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.service.LEAST_REFRESH_S", OFTEN_S)
    with Bank(1, personality=kind) as bank, opened(bank.modems[0], refresh_s=NEVER_S) as carrier:
        bank.modems[0].register(stat)
        await_state(carrier, "searching")
        bank.modems[0].register(HOME)
        await_state(carrier, "ready")


@pytest.mark.parametrize("kind", TELLS_NOTHING.values(), ids=TELLS_NOTHING)
def test_a_modem_that_tells_nothing_unasked_is_seen_by_the_next_look(kind: Personality) -> None:
    with Bank(1, personality=kind) as bank, opened(bank.modems[0], refresh_s=OFTEN_S) as carrier:
        assert carrier.status().state == "ready"
        bank.modems[0].register(SEARCHING)
        await_state(carrier, "searching")
