"""Everything that goes wrong between a modem and its SMS, each fault on a modem of its own under one daemon.

Pains 4 (doubles after an unclear end), 7 (lost on a passing error), 10 (hangs), 12, 14 and 16 (reports), 21 (noise in
the middle of an SMS) and 22 (error numbers).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.fleet import FINAL, Fleet, assembled

ANSWER_WAIT_S, UNCERTAIN_WAIT_S = 2, 6
LONGER_THAN_THE_ANSWER_S = 3.2
PDU = "PDU"


@dataclass(frozen=True)
class Case:
    """A fault or a rule of the network, and how its message must end."""

    fault: str | None = None
    at: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    rule: str = "delivered"
    refusal: str | None = None  # by the network
    ends: str = "delivered"
    copies: int = 1  # SMS that the network took
    attempts: int = 1
    is_uncertain: bool = False  # on the way
    category: str = "notification"
    text: str = "Hello"
    code: str | None = None  # what the row says beside its state


def fault(
    kind: str,
    at: str | None = None,
    *,
    seconds: float | None = None,
    answer: str = "ERROR",
    count: int | None = 1,
    **more: Any,
) -> Case:
    """`more` says how the message ends."""
    return Case(kind, at, {"seconds": seconds, "code": answer, "count": count}, **more)


LATE: dict[str, Any] = {"seconds": LONGER_THAN_THE_ANSWER_S, "is_uncertain": True}
CASES = {
    # the answer is there, however odd it looks
    "garbage before the result": fault("garbage", PDU),
    "result byte by byte": fault("split_result"),
    "noise before the result": fault("urc_before_result", seconds=0.2),
    "prompt byte by byte": fault("split", "AT+CMGS"),
    "garbage before the prompt": fault("garbage", "AT+CMGS"),
    "no reference told": fault("no_reference"),
    # nobody knows, until a late answer or a report says so: no second copy
    "late result": fault("late_result", **LATE),
    "late result, no report": fault("late_result", rule="none", ends="sent", **LATE),
    "slow radio, no report": fault("slow_result", rule="none", ends="sent", **LATE),
    "late refusal": fault("slow_result", refusal="CMS 28", ends="failed", copies=0, code="cms_28", **LATE),
    "sent, answer lost": fault("answer_lost", PDU, is_uncertain=True),
    "sent, then unplugged": fault("sent_and_unplugged", is_uncertain=True),
    # nobody knows, and nothing more comes: once more
    "swallowed": fault("swallow", is_uncertain=True, attempts=2, code="resent"),
    "hung in the prompt": fault("hang_in_prompt", seconds=4, is_uncertain=True, attempts=2, code="resent"),
    "hung for a long time": fault("hang_in_prompt", is_uncertain=True, attempts=2, code="resent"),
    "restarted with the PDU": fault("reset", PDU, is_uncertain=True, attempts=2, code="resent"),
    # … but a code is not sent twice, nor anything a third time
    "code swallowed": fault("swallow", category="otp", ends="failed", copies=0, is_uncertain=True, code="uncertain"),
    "swallowed for ever": fault(
        "swallow", count=None, ends="failed", copies=0, attempts=2, is_uncertain=True, code="uncertain"
    ),
    # known not to be sent
    "unplugged before the prompt": fault("unplug", "AT+CMGS", attempts=2),
    "slow prompt": fault("slow", "AT+CMGS", seconds=1.5),
    "late prompt": fault("late", "AT+CMGS", seconds=1.5),
    "no prompt": fault("no_answer", "AT+CMGS", attempts=2),
    "prompt not told": fault("answer_lost", "AT+CMGS", attempts=2),
    "hung before the prompt": fault("hang", "AT+CMGS", seconds=4, attempts=2),
    "restarted before the prompt": fault("reset", "AT+CMGS", attempts=2),
    "busy before the prompt": fault("error", "AT+CMGS", answer="CME 515", count=2),
    "error 500": fault("refuse", answer="CMS 500", attempts=2),
    "error 512": fault("refuse", answer="CMS 512", attempts=2),
    "bare error": fault("refuse", answer="ERROR", attempts=2),
    "error 38": fault("refuse", answer="CMS 38", attempts=2),
    "error 332": fault("refuse", answer="CMS 332", attempts=2),
    "error 28": fault("refuse", answer="CMS 28", ends="failed", copies=0, code="cms_28"),
    # reports
    "report in noise": fault("report_noise"),
    "report byte by byte": fault("report_split"),
    "report damaged": fault("report_damaged", ends="sent"),
    "report lost": fault("report_lost", ends="sent"),
    "accepted and lost": fault("lost", ends="sent"),
    "report before the result": Case(rule="early"),
    "report twice": Case(rule="twice"),
    "report without a time": Case(rule="zero_time"),
    "report with a time of FF": Case(rule="filled_time"),
    "report for the national number": Case(rule="national"),
    "report for the number with 8": Case(rule="trunk"),
    "reports of a long text change places": Case(rule="swapped", text="я" * 130, copies=2),
    "reports of a long text in disorder": Case(rule="shuffled", text="я" * 330, copies=5),
    "one report of a long text lost": fault("report_lost", text="я" * 200, copies=3, ends="sent"),
    "first still trying, then delivered": Case(rule="pending"),
    "first still trying, then given up": Case(rule="pending_fail", ends="undelivered", code="tp_st_0x46"),
    "still trying": Case(rule="pending_only", ends="sent"),
    "phone not reached": Case(rule="gave_up", ends="undelivered", code="tp_st_0x62"),
}
IDS = tuple(CASES)
RETURNS = ("sent, then unplugged", "unplugged before the prompt")


def patient(name: str) -> str:
    return f"+7900000{2000 + IDS.index(name)}"


def carrier(name: str) -> str:
    return f"sim-{IDS.index(name)}"


def is_gone(port: str) -> bool:
    return not Path(port).exists()


@dataclass(frozen=True)
class Sent:
    fleet: Fleet
    messages: dict[str, int]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """Every fault waits in its own modem for its own message."""
    names = [carrier(name) for name in IDS]
    modem = {"answer_wait": ANSWER_WAIT_S}
    folder = tmp_path_factory.mktemp("faults")
    with assembled(folder, names, modem=modem, uncertain_wait=UNCERTAIN_WAIT_S) as fleet:
        for name, case in CASES.items():
            fleet.bank.on_submit(patient(name), case.rule, code=case.refusal)
            if case.fault:
                fleet.modems[carrier(name)].fault(case.fault, case.at, **case.options)
        messages = {
            name: fleet.send(carrier(name), patient(name), case.text, category=case.category)
            for name, case in CASES.items()
        }
        fleet.clinic.start()
        for name in RETURNS:
            unplugged = fleet.modems[carrier(name)]
            fleet.clinic.wait_for(partial(is_gone, unplugged.port), f"{name}: unplugged")
            unplugged.plug()
        yield Sent(fleet, messages)


@pytest.mark.parametrize("name", [name for name in IDS if name != "hung for a long time"])
def test_a_message_comes_to_its_right_end_although(sent: Sent, name: str) -> None:
    check(sent, name)


def check(sent: Sent, name: str) -> None:
    fleet, case, message = sent.fleet, CASES[name], sent.messages[name]
    row = fleet.clinic.wait_for_state(message, case.ends, *FINAL)
    passed = fleet.states_of(message)
    assert (row["state"], row["error_code"], row["attempts"]) == (case.ends, case.code, case.attempts), passed
    assert ("uncertain" in passed) is case.is_uncertain, passed
    assert len(fleet.submitted_to(patient(name))) == case.copies
    assert bool(row["error_text"]) is bool(case.code)


def test_a_modem_that_hangs_is_seen_to_and_comes_back_into_use(sent: Sent) -> None:
    """Pain 10: it looks alive to others. Here its state says so, its message waits for it, and then goes out once."""
    name = "hung for a long time"
    fleet, message = sent.fleet, sent.messages[name]
    fleet.clinic.wait_for(lambda: fleet.state_of(carrier(name)) not in ("", "ready"), "the hang is told")
    assert fleet.clinic.row(message)["state"] in ("uncertain", "queued")
    fleet.modems[carrier(name)].recover()
    check(sent, name)


def test_a_late_answer_is_told_among_the_events(sent: Sent) -> None:
    message = sent.messages["late result, no report"]
    sent.fleet.clinic.wait_for_state(message, "sent")
    assert "late_answer" in sent.fleet.events_of(message)


def test_the_report_of_the_last_part_does_not_speak_for_the_others(sent: Sent) -> None:
    """Pain 14."""
    fleet, message = sent.fleet, sent.messages["one report of a long text lost"]
    fleet.clinic.wait_for(lambda: fleet.segments_of(message)[-1]["state"] == "delivered", "the last part's report")
    assert [segment["state"] for segment in fleet.segments_of(message)] == ["sent", "delivered", "delivered"]
    assert fleet.clinic.row(message)["state"] == "sent"


def test_a_second_copy_is_told_among_the_events(sent: Sent) -> None:
    message = sent.messages["swallowed"]
    sent.fleet.clinic.wait_for_state(message, "delivered")
    assert sent.fleet.events_of(message).count("resend") == 1


def test_afterwards_every_modem_is_ready_and_sends(sent: Sent) -> None:
    fleet = sent.fleet
    well = [name for name in IDS if name != "swallowed for ever"]
    messages = [fleet.send(carrier(name), "+79000000077", f"Afterwards {name}") for name in well]
    for message in messages:
        fleet.clinic.wait_for_state(message, "delivered")
    assert {name: fleet.clinic.row(sent.messages[name])["state"] for name in IDS} == {
        name: case.ends for name, case in CASES.items()
    }
    assert sorted(fleet.bank.phones["+79000000077"]) == sorted(f"Afterwards {name}" for name in well)
