"""Faults on command: what goes wrong, after which command, how often, for whom."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

PDU = "PDU"  # the stage after the prompt: the PDU and Ctrl-Z
REPORT = "REPORT"  # a status report on its way to the gateway

# What a fault does at a command; `late`, `garbage`, `split`, `answer_lost` and `unplug` work at the PDU too
COMMAND_KINDS = {
    "no_answer": "swallowed: no effect, no answer",
    "hang": "no answer to anything for `seconds` (None: until recover, reset or unplug)",
    "late": "done, but answered `seconds` later; other commands are answered meanwhile",
    "slow": "busy for `seconds`, then done and answered",
    "garbage": "bytes that are no text before the answer",
    "split": "the answer comes one byte at a time, `seconds` apart",
    "error": "answered by `code`",
    "answer_lost": "done, but the answer never comes",
    "unplug": "the port vanishes, nothing is done",
    "reset": "the device restarts, nothing is done",
}
# After the prompt: the PDU and Ctrl-Z
PDU_KINDS = {
    "hang_in_prompt": "the prompt came; PDU, ESC and all that follows are swallowed, for `seconds`",
    "late_result": "+CMGS: n comes `seconds` later; commands are answered meanwhile",
    "slow_result": "the radio takes `seconds` longer",
    "split_result": "the result comes one byte at a time",
    "refuse": "the network answers with `code`",
    "no_reference": "sent, but answered by OK alone",
    "lost": "answered as sent, never seen again: no text, no report",
    "swallow": "neither sent nor answered",
    "sent_and_unplugged": "sent, and the port vanishes instead of an answer",
    "urc_before_result": "noise between the PDU and its result",
}
# A status report on its way to the gateway
REPORT_KINDS = {
    "report_lost": "it never comes",
    "report_noise": "noise between +CDS: n and its PDU",
    "report_split": "+CDS comes one byte at a time",
    "report_damaged": "its PDU is cut short",
}
_AT_PDU = {*COMMAND_KINDS, *PDU_KINDS}


def _stage(kind: str, after: str | None) -> str:
    """Where the fault waits; refuses a kind that has no meaning there."""
    usual = "AT" if kind in COMMAND_KINDS else PDU if kind in PDU_KINDS else REPORT
    stage = (after or usual).upper()
    allowed = {PDU: _AT_PDU, REPORT: set(REPORT_KINDS)}.get(stage, set(COMMAND_KINDS))
    if kind not in allowed:
        raise ValueError(f"no fault {kind!r} at {stage}; there are {', '.join(sorted(allowed))}")
    return stage


@dataclass(slots=True)
class Fault:
    """One fault; used up after `count` times (None: it stays)."""

    kind: str
    after: str
    count: int | None = 1
    seconds: float | None = None
    code: str = "ERROR"  # "CMS 500", "CME 515", "ERROR" or any line
    recipient: str | None = None  # only submits to this number
    skip: int = 0  # so many occasions pass before


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that has come."""

    kind: str
    at: float  # monotonic


@dataclass(slots=True)
class Faults:
    """The faults that wait for their moment, oldest first."""

    waiting: list[Fault] = field(default_factory=list)
    struck: list[Struck] = field(default_factory=list)

    def add(self, kind: str, after: str | None, **options: object) -> None:
        self.waiting.append(Fault(kind, _stage(kind, after), **options))  # type: ignore[arg-type]

    def take(self, stage: str, recipient: str | None = None) -> Fault | None:
        """The first fault that concerns this command or stage; it counts as used."""
        for fault in self.waiting:
            if _concerns(fault, stage, recipient):
                if fault.skip:
                    fault.skip -= 1
                    continue
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        self.struck.append(Struck(fault.kind, time.monotonic()))
        if fault.count is None:
            return
        fault.count -= 1
        if fault.count <= 0:
            self.waiting.remove(fault)


def _concerns(fault: Fault, stage: str, recipient: str | None) -> bool:
    if fault.recipient is not None and fault.recipient != recipient:
        return False
    if PDU in (fault.after, stage) or REPORT in (fault.after, stage):
        return fault.after == stage
    return stage.startswith(fault.after)
