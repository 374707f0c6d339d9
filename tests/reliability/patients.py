"""Patients and SIMs are protected: a SIM that its operator blocks, a program that runs wild, a heap after an outage."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.e2e.fleet import Fleet, assembled
from tests.reliability import truth
from tests.reliability.clocks import PROGRAM, Clock
from tests.reliability.result import Result

MESSAGES = 60
BLOCKED_AFTER = 10
MOST_BURNT = 2  # messages that fail before a run of refusals is known for what it is
LOOK_S = 0.2


def _count(fleet: Fleet, where: str) -> int:
    return int(fleet.clinic.rows(f"SELECT count(*) AS n FROM outbox WHERE {where}")[0]["n"])


def _until(is_so: Any, patience_s: float = 60.0) -> bool:
    deadline = time.monotonic() + patience_s
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_S)
    return True


def _alarms(fleet: Fleet) -> list[str]:
    return [row["code"] for row in fleet.clinic.rows("SELECT code FROM alarms WHERE cleared_at IS NULL")]


def blocked_sim(folder: Path) -> Result:
    """Two SIMs; the operator refuses all of one after some SMS."""
    with assembled(folder, ["blocked", "well"], bank={"radio_s": 0.1, "report_s": 0.1}, uncertain_wait=2) as fleet:
        fleet.modems["blocked"].charge(block_after=BLOCKED_AFTER, block_code="CMS 28")
        fleet.clinic.start(modems_ready=2)
        for n in range(MESSAGES):
            fleet.clinic.insert(f"+7900111{n:04d}", f"Reminder {n}")
        wrong = [] if _until(lambda: not _count(fleet, "state NOT IN ('delivered', 'failed')")) else ["no end"]
        wrong += [] if _until(lambda: fleet.state_of("blocked") == "blocked") else ["the SIM is not called blocked"]
        wrong += [] if _until(lambda: _alarms(fleet)) else ["no alarm"]
        burnt = _count(fleet, "state = 'failed'")
        wrong += [f"{burnt} messages were burnt"] if burnt > MOST_BURNT else []
        wrong += truth.complaints(fleet.clinic.database, fleet.bank, range(1, MESSAGES + 1))
        seen = f"{burnt} failed, the others over the other SIM; alarms: {', '.join(_alarms(fleet)) or 'none'}"
    must = f"at most {MOST_BURNT} messages fail, the SIM rests as `blocked`, an alarm is raised, all else goes out"
    return Result(
        "operator blocks a SIM", f"CMS 28 for everything after {BLOCKED_AFTER} SMS", must, seen, wrong, None, (23,)
    )


def storm(folder: Path) -> Result:
    """A program writes the same text to the same person again and again."""
    safety = {"same_text_limit": 3, "daily_limit": 20, "backlog_limit": 50}
    with assembled(folder, ["sim-1"], bank={"report_s": 0.1}, safety=safety) as fleet:
        fleet.clinic.start(modems_ready=1)
        for _ in range(40):
            fleet.clinic.insert("+79001110000", "Ваш анализ готов")
        for n in range(40):
            fleet.clinic.insert("+79001110001", f"Text {n}")
        _until(lambda: not _count(fleet, "state IN ('queued', 'sending', 'sent')"))
        same, many = (len(fleet.bank.phones[number]) for number in ("+79001110000", "+79001110001"))
        wrong = [] if (same, many) == (3, 20) else [f"{same} of one text and {many} of many went out"]
        held = _count(fleet, "state = 'held' AND error_code IS NOT NULL")
        wrong += [] if held == 57 else [f"{held} are held with a reason"]
        code = fleet.clinic.insert("+79001110001", "Code 1234", category="otp")
        urgent = fleet.clinic.insert("+79001110001", "Call us at once", category="emergency")
        _until(lambda: (fleet.clinic.row(code)["state"], fleet.clinic.row(urgent)["state"]) == ("held", "delivered"))
        states = fleet.clinic.row(code)["state"], fleet.clinic.row(urgent)["state"]
        wrong += [] if states == ("held", "delivered") else [f"a code and an emergency to the other are {states}"]
        wrong += [] if _until(lambda: {"held", "storm"} <= {*_alarms(fleet)}) else ["no alarm"]
        seen = (
            f"{same} and {many} went out, {held} held; then a code {states[0]}, an emergency {states[1]};"
            f" alarms: {', '.join(_alarms(fleet)) or 'none'}"
        )
    done = "40 times the same text to one number, 40 texts to another; then a code and an emergency to that one"
    must = "3 of the one and 20 of the other go out, the rest is held, also the code; the emergency goes out; alarms"
    return Result("a program runs wild", done, must, seen, wrong, None, (5,))


def backlog(folder: Path) -> Result:
    """Nothing runs for two hours, and people write meanwhile."""
    clock, safety = Clock(folder), {"same_text_limit": 0, "daily_limit": 0, "backlog_limit": 50}
    with assembled(folder, ["sim-1"], bank={"report_s": 0.1}, safety=safety) as fleet:
        fleet.clinic.start(modems_ready=1)
        fleet.clinic.wait_for_state(fleet.clinic.insert("+79001110000", "Before"), "delivered")
        fleet.clinic.terminate()
        for n in range(80):
            fleet.clinic.insert(f"+7900222{n:04d}", f"Reminder {n}")
        urgent = fleet.clinic.insert("+79003330000", "Call us at once", category="emergency")
        code = fleet.clinic.insert("+79003330001", "Code 1234", category="otp")
        clock.set(7200.0)
        fleet.clinic.start(modems_ready=1, program=PROGRAM, environment=clock.environment)
        wrong = [] if _until(lambda: _count(fleet, "state = 'held'") == 80) else ["the heap is not held"]
        _until(lambda: fleet.clinic.row(urgent)["state"] == "delivered")
        states = fleet.clinic.row(urgent)["state"], fleet.clinic.row(code)["state"]
        wrong += [] if states == ("delivered", "expired") else [f"emergency and code are {states}"]
        wrong += [] if len(fleet.bank.submitted) == 2 else [f"{len(fleet.bank.submitted)} SMS went out"]
        seen = f"{_count(fleet, 'state = ' + repr('held'))} held, the emergency {states[0]}, the code {states[1]}"
    done = "two hours without a daemon, 80 reminders, an emergency and a code meanwhile"
    must = "the reminders are held for a person, the emergency goes out, the code expires"
    return Result("a heap after an outage", done, must, seen, wrong, None, (6,))
