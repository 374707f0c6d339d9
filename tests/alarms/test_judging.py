"""From facts to alarms: what is worth one, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.alarms.judging import judge
from gateway.alarms.values import CarrierFacts, Facts, Low, Rules
from gateway.settings.alarms import ALARMS

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1)
READY = CarrierFacts("sim-1", "ready", LONG_AGO)
SEARCHING = CarrierFacts("sim-1", "searching", NOW - timedelta(minutes=6))
WELL = Facts(NOW, LONG_AGO, NOW, (READY,), disk_free_mb=10_000.0)
RULES = Rules(low={"sim-1": Low(balance=50.0, allowance=100)})


def ago(**spans: float) -> datetime:
    return NOW - timedelta(**spans)


def with_carrier(state: str, **facts: object) -> Facts:
    """One other modem in this state beside one that is ready."""
    return replace(WELL, carriers=(READY, CarrierFacts("sim-2", state, **facts)))  # type: ignore[arg-type]


AMISS = {
    "no modem could send for more than five minutes": (
        replace(WELL, able_at=ago(minutes=6), carriers=(SEARCHING,)), [("no_carrier", "")]
    ),
    "no modem has ever been found": (
        replace(WELL, started_at=ago(minutes=6), able_at=None, carriers=()), [("no_carrier", "")]
    ),
    "one of two modems is away for long": (with_carrier("absent", since=ago(minutes=16)), [("carrier_down", "sim-2")]),
    "one is out of service": (with_carrier("failed", since=NOW), [("carrier_failed", "sim-2")]),
    "one is blocked by its operator": (with_carrier("blocked", since=NOW), [("carrier_blocked", "sim-2")]),
    "one needs its PIN": (with_carrier("needs_pin", since=NOW), [("needs_pin", "sim-2")]),
    "a message has waited for more than an hour": (replace(WELL, oldest_queued_s=3700.0), [("oldest_queued", "")]),
    "fewer than half arrive": (replace(WELL, reported={"sim-1": (9, 11)}), [("delivery_rate", "sim-1")]),
    "the balance is low": (replace(WELL, carriers=(replace(READY, balance=49.99),)), [("balance_low", "sim-1")]),
    "the plan is nearly used up": (
        replace(WELL, carriers=(replace(READY, allowance=99),)), [("allowance_low", "sim-1")]),
    "a SIM's storage is nearly full": (
        replace(WELL, carriers=(replace(READY, storage_percent=80),)), [("storage_full", "sim-1")]
    ),
    "messages are held": (
        replace(WELL, held={"backlog": 120, "storm_number": 1}), [("held", "backlog"), ("held", "storm_number")]
    ),
    "emergencies went out beyond the limit": (replace(WELL, past_limit=2, last_past_limit=7), [("storm", "")]),
    "the disk is nearly full": (replace(WELL, disk_free_mb=499.0), [("disk_full", "")]),
    "the clock is seven minutes off": (
        replace(WELL, stamp_differences_s=(-420.0, -418.0, -425.0)), [("clock_off", "")]),
    "the clock is hours off": (replace(WELL, stamp_differences_s=(-7980.0, -7978.0, -7985.0)), [("clock_off", "")]),
    "the clock is a year off": (
        replace(WELL, stamp_differences_s=(365 * 86400.0, 365 * 86400.0 + 2, 0.0)), [("clock_off", "")]),
    "the clock was set back": (replace(WELL, latest_at=NOW + timedelta(hours=2)), [("clock_off", "")]),
    "the clock was set back, and the network's differs": (
        replace(WELL, latest_at=NOW + timedelta(days=90), stamp_differences_s=(90 * 86400.0,) * 3), [("clock_off", "")]
    ),
    "the network's time differs, whatever a time server says": (
        replace(WELL, latest_at=NOW + timedelta(days=90), stamp_differences_s=(420.0,) * 3, is_clock_kept=True),
        [("clock_off", "")],
    ),
    "the clock was set back by a whole hour, which might be the centre's zone": (
        replace(WELL, latest_at=NOW + timedelta(hours=1), stamp_differences_s=(3601.0,) * 3), [("clock_off", "")]
    ),
    "another program's trigger lets nothing be written": (
        replace(WELL, write_fault="no such table: main.gone", strangers=("mis_log",)), [("database_not_writable", "")]
    ),
    "a part of the daemon hangs": (replace(WELL, hung=("dispatcher",)), [("hung", "")]),
    "a modem's thread hangs, not the modem": (
        replace(with_carrier("failed", since=NOW), hung=("sim-2",)), [("hung", "")]
    ),
}  # fmt: skip

WELL_AFTER_ALL = {
    "all is well": WELL,
    "no modem for a few minutes": replace(WELL, able_at=ago(minutes=4), carriers=(SEARCHING,)),
    "the daemon has only just started after a long stop": replace(
        WELL, started_at=ago(seconds=20), able_at=ago(days=3), carriers=(replace(READY, state="starting"),)
    ),
    "a modem that a person paused": with_carrier("paused", since=LONG_AGO),
    "a modem that is away for a moment": with_carrier("absent", since=ago(minutes=14)),
    "too few reports to tell": replace(WELL, reported={"sim-1": (0, 19)}),
    "half arrive": replace(WELL, reported={"sim-1": (10, 10)}),
    "a balance of which nobody said what is low": with_carrier("ready", balance=0.0, allowance=0),
    "the centre's stamps bear a wrong zone": replace(WELL, stamp_differences_s=(10803.0, 10802.0, 10805.0)),
    "stamps of the other end of the world": replace(WELL, stamp_differences_s=(-93595.0, -93598.0, -93600.0)),
    "one odd stamp among good ones": replace(WELL, stamp_differences_s=(2.0, 3.0, 400.0)),
    "two stamps say nothing yet": replace(WELL, stamp_differences_s=(420.0, 421.0)),
    "the clock was ahead before, and is the network's now": replace(
        WELL, latest_at=NOW + timedelta(days=90), stamp_differences_s=(2.0, 3.0, 4.0)
    ),
    "the clock was ahead before, and a time server keeps it right now": replace(
        WELL, latest_at=NOW + timedelta(days=90), is_clock_kept=True
    ),
    "a second's correction": replace(WELL, latest_at=NOW + timedelta(seconds=1)),
    "a disk that can't be measured": replace(WELL, disk_free_mb=None),
}


@pytest.mark.parametrize("case", AMISS)
def test_what_is_amiss_is_an_alarm(case: str) -> None:
    facts, expected = AMISS[case]
    alarms = judge(facts, RULES)
    assert [(alarm.code, alarm.subject) for alarm in alarms] == expected
    assert all(alarm.text and alarm.remedy and "{" not in alarm.text + alarm.remedy for alarm in alarms)


@pytest.mark.parametrize("case", WELL_AFTER_ALL)
def test_what_is_well_is_none(case: str) -> None:
    assert judge(WELL_AFTER_ALL[case], RULES) == []


def test_every_code_has_a_case() -> None:
    assert {code for _facts, expected in AMISS.values() for code, _subject in expected} == set(ALARMS)


def test_a_daemon_that_stands_still_long_enough_after_its_start_is_an_alarm() -> None:
    facts = replace(WELL, started_at=ago(minutes=6), able_at=ago(days=3), carriers=(replace(READY, state="absent"),))
    assert [alarm.code for alarm in judge(facts, RULES)] == ["no_carrier"]


def test_times_are_told_as_the_clinic_reads_its_clock() -> None:
    facts = replace(WELL, able_at=ago(minutes=6), carriers=(SEARCHING,))
    (alarm,) = judge(facts, replace(RULES, timezone=ZoneInfo("Europe/Moscow")))
    assert "2026-11-22 11:54" in alarm.text


NOBODY = replace(WELL, able_at=ago(minutes=6), carriers=(SEARCHING,))
WORDS = {
    "no modem, and nothing to send": (NOBODY, "No modem can send since 2026-11-22 11:54."),
    "no modem, and something to send": (
        replace(NOBODY, oldest_queued_s=2.0), "No modem can send since 2026-11-22 11:54, and messages wait."
    ),
    "a clock that is hours off": (
        replace(WELL, stamp_differences_s=(-7980.0, -7978.0, -7985.0)),
        "The clock differs from the network's by 133 minutes.",
    ),
    "a low balance of which nothing is foretold": (
        replace(WELL, carriers=(replace(READY, balance=12.0),)), "The balance of sim-1 is 12.00."
    ),
    "a low balance that ends on a day": (
        replace(WELL, carriers=(replace(READY, balance=12.0, runs_out_at=NOW + timedelta(hours=15)),)),
        "The balance of sim-1 is 12.00. At the rate of the last weeks it lasts until 2026-11-23.",
    ),
    "a plan that ends on a day": (
        replace(WELL, carriers=(replace(READY, allowance=5, runs_out_at=NOW + timedelta(days=3)),)),
        "The plan of sim-1 has 5 SMS left. At the rate of the last weeks it lasts until 2026-11-25.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WORDS)
def test_an_alarm_says_no_more_than_is_known_and_its_days_are_the_clinics(case: str) -> None:
    facts, expected = WORDS[case]
    (alarm,) = judge(facts, replace(RULES, timezone=ZoneInfo("Europe/Moscow")))
    assert alarm.text == expected


BIND = CarrierFacts("operator", "recovering", LONG_AGO, kind="smpp")
NOTHING_SENT = replace(NOBODY, carriers=(BIND,))
OF_BINDS = {
    "neither modem nor bind": (NOTHING_SENT, "Nothing can be sent since 2026-11-22 11:54.", "each modem and bind"),
    "neither, and messages wait": (
        replace(NOTHING_SENT, oldest_queued_s=2.0), "2026-11-22 11:54, and messages wait.", "smsgw status"
    ),
    "blocked": (replace(WELL, carriers=(READY, replace(BIND, state="blocked"))), "out of service", "credit, contract"),
    "failed": (replace(WELL, carriers=(READY, replace(BIND, state="failed"))), "out of service", "resume operator"),
    "few arrive": (
        replace(WELL, carriers=(replace(BIND, state="ready"),), reported={"operator": (1, 30)}),
        "Over operator only 1 of 31", "some ids and codes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("facts", "word", "remedy"), OF_BINDS.values(), ids=OF_BINDS)
def test_an_alarm_of_a_bind_speaks_of_neither_sims_nor_plugs(facts: Facts, word: str, remedy: str) -> None:
    alarm = judge(facts, replace(RULES, timezone=ZoneInfo("Europe/Moscow")))[0]
    assert word in alarm.text
    assert remedy in alarm.remedy
    assert not [each for each in ("SIM", "plug") if each in alarm.text + alarm.remedy]
