"""What an open modem tells of itself: signal, clock, registration, storage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.modem import answers, network, stored
from gateway.modem.carrier import ModemCarrier
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import Personality
from tests.modem.live import OFTEN_S, SENDER, opened, receive, until


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem, refresh_s=OFTEN_S) as carrier:
        yield carrier


SIGNALS = {
    "LTE": ("+CESQ: 99,99,255,255,20,55", -86),
    "UMTS": ("+CESQ: 99,99,45,40,255,255", -76),
    "GSM": ("+CESQ: 31,0,255,255,255,255", -80),
    "unknown": ("+CESQ: 99,99,255,255,255,255", None),
    "short": ("+CESQ: 99,99", None),
    "something else": ("+CSQ: 20,99", None),
}


@pytest.mark.parametrize(("line", "dbm"), SIGNALS.values(), ids=SIGNALS)
def test_the_extended_signal_is_read(line: str, dbm: int | None) -> None:
    assert answers.extended_signal_dbm_in([line]) == dbm


def test_a_stick_that_says_99_is_asked_for_its_extended_signal() -> None:
    with Bank(1, personality=replace(Personality(), has_csq=False)) as bank, opened(bank.modems[0]) as carrier:
        assert carrier.status().signal_dbm == -77


MODES = {
    "told": ("+CREG: 1,1", 1),
    "told, padded": ("+CREG:002,001", 2),
    "not told": ("+CREG: 0,1", 0),
    "unasked": ("+CREG: 1", 0),
    "LTE": ("+CEREG: 1,5", 1),
}


@pytest.mark.parametrize(("line", "mode"), MODES.values(), ids=MODES)
def test_whether_registration_is_told_unasked_is_read(line: str, mode: int) -> None:
    assert answers.registration_mode_in([line]) == mode


CLOCKS = {
    "with its zone": ('+CCLK: "26/11/22,10:15:30+12"', datetime(2026, 11, 22, 7, 15, 30, tzinfo=UTC)),
    "west": ('+CCLK: "26/11/22,10:15:30-20"', datetime(2026, 11, 22, 15, 15, 30, tzinfo=UTC)),
    "without a zone": ('+CCLK: "26/11/22,10:15:30"', datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)),
    "a long year, no quotes": ("+CCLK: 2026/11/22,10:15:30", datetime(2026, 11, 22, 10, 15, 30, tzinfo=UTC)),
    "never set": ('+CCLK: "80/01/06,00:00:21+00"', None),
    "never set, UNIX": ('+CCLK: "70/01/01,00:00:21+00"', None),
    "never set, 2004": ('+CCLK: "04/01/01,00:00:21+00"', None),
    "no date": ('+CCLK: "26/13/41,10:15:30+12"', None),
    "no zone": ('+CCLK: "26/11/22,10:15:30+99"', None),
    "something else": ("+CSQ: 1,2", None),
}


@pytest.mark.parametrize(("line", "told"), CLOCKS.values(), ids=CLOCKS)
def test_a_modems_clock_is_read(line: str, told: datetime | None) -> None:
    assert answers.clock_in([line]) == told


def test_an_open_modem_tells_its_clock(modem: Handle, carrier: ModemCarrier) -> None:
    assert carrier._session is not None
    told = network.clock(carrier._session)
    assert told is not None
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
    modem.clock(None)
    assert network.clock(carrier._session) is None


def test_the_status_says_what_it_is_and_how_full_its_storage(modem: Handle) -> None:
    modem.fill(4)
    with opened(modem, sweep_s=0.1) as carrier:
        receive(carrier, 1, within_s=0.3, is_acknowledged=False)
        status = carrier.status()
    assert (status.line, status.model, status.storage_percent) == (modem.sim.iccid, "Fake Works FM-1", 20)


OWN = {
    "received": (["+CMGL: 1,0,,24", "00", "+CMGL: 2,1,,24", "00"], 0),
    "saved and sent": (["+CMGL: 1,2,,24", "00", "+CMGL: 2,3,,24", "00", "+CMGL: 3,1,,24", "00"], 2),
    "lean headers": (["+CMGL: 1", "00"], 0),
    "none": ([], 0),
}


@pytest.mark.parametrize(("lines", "count"), OWN.values(), ids=OWN)
def test_what_somebody_saved_in_a_storage_is_counted(lines: list[str], count: int) -> None:
    assert stored.count_own(lines) == count


def test_a_storage_full_of_what_a_phone_saved_says_so_and_keeps_it(modem: Handle) -> None:
    modem.fill(17, is_own=True)
    with opened(modem, sweep_s=0.1, refresh_s=OFTEN_S) as carrier:
        until(lambda: "saved by a phone" in (carrier.receive(0.05) or carrier.status().detail))
        assert carrier.status().storage_percent == 85
    assert len(modem.stored()) == 17


def test_a_storage_is_swept_whatever_was_announced(modem: Handle) -> None:
    with opened(modem, sweep_s=0.1) as carrier:
        for number in range(60):
            modem.say(f'+CMTI: "SM",{number + 30}')  # nothing is there
        modem.deliver(SENDER, "Приду")
        assert len(receive(carrier, 1)) == 1
