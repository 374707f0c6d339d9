"""A bind and its SMSC: what may go wrong between them, as a table; each row under traffic, on a daemon of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.e2e.binds import Clinic, opened
from tests.fake_smsc import Conduct
from tests.reliability.result import Result

MESSAGES = 60
IN_FRONT = 10  # SMS before it goes wrong
PATIENCE_S = 60.0
LAST_RECEIPTS_S = 2.0
TRUE = "one true outcome each, twice only where `uncertain` says so"
NEVER_TWICE = "nothing twice, nothing lost"
OPEN = "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'uncertain', 'held')"

Strike = Callable[[Clinic], None]


@dataclass(frozen=True)
class Case:
    """One row."""

    name: str
    done: str
    strike: Strike = field(default=lambda clinic: None)
    # What is to meet the SMS of the second half is set up in front of them: they may all be gone before a strike.
    before: Strike = field(default=lambda clinic: None)
    must: str = TRUE
    is_doubled: bool = True  # whether something may go out twice
    conduct: Conduct = field(default_factory=lambda: Conduct(answer_s=0.02, receipt_s=0.1))
    bind: Mapping[str, Any] = field(default_factory=dict)
    uncertain_wait: str = "2 s"
    pains: tuple[int, ...] = (4, 7)

    def play(self, folder: Path) -> Result:
        """A queue, the fault in the midst of it, and what came of both."""
        with opened(folder, self.conduct) as clinic:
            clinic.configure({"window": 10, **self.bind}, uncertain_wait=self.uncertain_wait)
            clinic.start()
            clinic.insert(MESSAGES // 2)
            clinic.wait_count("submits", IN_FRONT)
            self.before(clinic)
            clinic.insert(MESSAGES // 2, first=MESSAGES // 2)
            self.strike(clinic)
            ended_at, before = time.monotonic(), clinic.smsc.counts["submits"]
            clinic.insert(1, first=MESSAGES)
            clinic.installation.wait_for(lambda: _has_gone_on(clinic, before), "it goes on", PATIENCE_S)
            recovery_s = time.monotonic() - ended_at
            clinic.installation.wait_for(lambda: not clinic.installation.rows(OPEN), "ends", PATIENCE_S)
            time.sleep(LAST_RECEIPTS_S)
            return _result(self, clinic, recovery_s)


def _will_break(at: str, how: str, clinic: Clinic) -> None:
    clinic.smsc.break_at(at, how, after=5)


def _breaks(clinic: Clinic) -> None:
    clinic.wait_count("faults", 1)


def _restarts(away_s: float, clinic: Clinic) -> None:
    clinic.smsc.close()
    time.sleep(away_s)
    clinic.smsc.open()


def _behaves(for_s: float, conduct: Mapping[str, Any], clinic: Clinic) -> None:
    as_it_is = {name: getattr(clinic.smsc.conduct, name) for name in conduct}
    clinic.smsc.behave(**conduct)
    time.sleep(for_s)
    clinic.smsc.behave(**as_it_is)


def _does(conduct: Mapping[str, Any], clinic: Clinic) -> None:
    clinic.smsc.behave(**conduct)


def _is_killed(clinic: Clinic) -> None:
    clinic.installation.kill()
    clinic.start()


def _is_stopped(clinic: Clinic) -> None:
    assert clinic.installation.terminate() == 0
    clinic.start()


def _ends_the_bind(clinic: Clinic) -> None:
    clinic.smsc.ask(0x06)


def _says_nonsense(octets: bytes, clinic: Clinic) -> None:
    clinic.smsc.send(octets)


STEPS = {
    "submit": "before it takes an SMS", "taken": "once it has taken an SMS",
    "half_answer": "in the middle of an answer",
    "deliver": "with a receipt under way", "acknowledged": "after a receipt was acknowledged",
}  # fmt: skip
WAYS = {"reset": "is reset", "half_close": "is closed from the SMSC's side", "stall": "goes silent, and stays open"}
QUIET = {"answer_timeout": "3 s", "enquire_every": "1 s"}

CASES = (
    *(
        Case(f"link: {how}, {at}".replace("_", " "), f"the link {way} {step}", _breaks, partial(_will_break, at, how),
             bind=QUIET)
        for how, way in WAYS.items() for at, step in STEPS.items()
    ),
    Case("SMSC restarts", "it is back at once", partial(_restarts, 0.0)),
    Case("SMSC away", "it is away for 8 s", partial(_restarts, 8.0)),
    Case("SMSC unbinds", "it ends the bind", _ends_the_bind),
    Case("answers lost", "it takes three SMS and answers none of them", before=partial(_does, {"ignore_next": 3}),
         must="their receipts settle them: nothing twice", is_doubled=False, bind=QUIET, uncertain_wait="1 h"),
    Case("answers late", "it answers three SMS after 5 s, and sends no receipts",
         before=partial(_does, {"late_next": 3, "late_s": 5.0}), must="the late answers settle them: nothing twice",
         is_doubled=False, bind=QUIET, uncertain_wait="1 h", conduct=Conduct(answer_s=0.02, receipt_s=None)),
    Case("throttled", "it takes two SMS a second for 10 s", partial(_behaves, 10.0, {"most_per_second": 2.0}),
         must=NEVER_TWICE, is_doubled=False),
    Case("queue full", "it refuses all for 10 s with ESME_RMSGQFUL", partial(_behaves, 10.0, {"refuse_with": 0x14}),
         must=NEVER_TWICE, is_doubled=False),
    Case("out of order", "it refuses all for 5 s with ESME_RSYSERR", partial(_behaves, 5.0, {"refuse_with": 0x08}),
         must=NEVER_TWICE, is_doubled=False),
    Case("receipts anyhow", "receipts before their answers, twice, in disorder, ids hexadecimal in answers only",
         before=partial(_does, {"receipt_is_early": True, "receipt_copies": 2, "receipt_spread_s": 0.5}),
         must=NEVER_TWICE, is_doubled=False, conduct=Conduct(ids="padded_hex", receipt_ids="decimal"), pains=(15, 16)),
    Case("nonsense", "it sends a PDU of 2 GB, says HTTP", partial(_says_nonsense, b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    Case("killed", "the daemon is killed with a full window; no message may be sent again by itself", _is_killed,
         must="their receipts settle what was in the window: nothing twice", is_doubled=False, uncertain_wait="1 h",
         conduct=Conduct(answer_s=0.5, receipt_s=1.0), pains=(3, 17)),
    Case("stopped", "the daemon is ended with a full window", _is_stopped, must=NEVER_TWICE, is_doubled=False,
         conduct=Conduct(answer_s=0.3, receipt_s=0.1)),
)  # fmt: skip


def _has_gone_on(clinic: Clinic, before: int) -> bool:
    """Something was submitted since, or nothing is left to be."""
    return clinic.smsc.counts["submits"] > before or not clinic.installation.rows(OPEN)


def _result(case: Case, clinic: Clinic, recovery_s: float) -> Result:
    shown = clinic.shown()
    twice, uncertain = sum(count - 1 for count in shown.values()), len(clinic.uncertain())
    wrong = clinic.complaints(MESSAGES + 1)
    if twice and not case.is_doubled:
        wrong.append(f"{twice} went out twice")
    states = ", ".join(f"{count} {state}" for state, count in sorted(clinic.installation.states().items()))
    seen = f"{states}; {uncertain} were uncertain, {twice} went out twice"
    return Result(case.name, case.done, case.must, seen, wrong, recovery_s, case.pains)
