"""[pure] Faults on command: what goes wrong, after which command, how often, for whom."""

from __future__ import annotations

from dataclasses import dataclass, field

PDU = "PDU"  # the stage after the prompt: the PDU and Ctrl-Z
REPORT = "REPORT"  # a status report on its way to the gateway

# kind -> the stage that it concerns unless `after` says otherwise
KINDS = {
    "no_answer": "AT",  # swallowed: no effect, no answer
    "hang": "AT",  # no answer to anything for `seconds` (None: until unplugged or `recover`)
    "hang_in_prompt": PDU,  # the prompt came; PDU, ESC and all that follows are swallowed, for `seconds`
    "late": "AT",  # done, but answered `seconds` later; other commands are answered meanwhile
    "late_result": PDU,  # the same for +CMGS: n
    "slow": "AT",  # busy for `seconds`, then done and answered
    "slow_result": PDU,  # the same for the radio
    "garbage": "AT",  # bytes that are no text before the answer
    "split": "AT",  # the answer comes one byte at a time, `seconds` apart
    "split_result": PDU,
    "error": "AT",  # answered by `code`
    "refuse": PDU,  # the network answers the submit with `code`
    "no_reference": PDU,  # sent, but answered by OK alone
    "answer_lost": PDU,  # sent and reported, but the answer never comes
    "lost": PDU,  # answered as sent, never seen again
    "swallow": PDU,  # neither sent nor answered
    "urc_before_result": PDU,  # noise between the PDU and its result
    "report_lost": REPORT,
    "report_noise": REPORT,  # noise between +CDS: n and its PDU
    "report_split": REPORT,  # +CDS one byte at a time
    "report_damaged": REPORT,  # the report's PDU is cut short
}


@dataclass(slots=True)
class Fault:
    """One fault; used up after `count` times (None: it stays)."""

    kind: str
    after: str
    count: int | None = 1
    seconds: float | None = None
    code: str = "ERROR"  # "CMS 500", "CME 515", "ERROR" or any line
    recipient: str | None = None  # only submits to this number


@dataclass(slots=True)
class Faults:
    """The faults that wait for their moment, oldest first."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, kind: str, after: str | None, **options: object) -> None:
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        self.waiting.append(Fault(kind, after or KINDS[kind], **options))  # type: ignore[arg-type]

    def take(self, stage: str, recipient: str | None = None) -> Fault | None:
        """The first fault that concerns this command or stage; it counts as used."""
        for fault in self.waiting:
            if _concerns(fault, stage, recipient):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
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
