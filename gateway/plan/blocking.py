"""[pure] Signs that the operator refuses a SIM, or a bind, rather than a number: then it rests and burns no messages.

A single refusal says nothing. The same one for several people in a row, with nothing accepted between, is a sign: from
the second person on their messages are left to other carriers, and after some more the SIM is blocked. It rests an
hour, six, then a day each; after each rest one SMS tries. Accepted, it ends the block.

What proves nothing: an unassigned number (cms_1), a phone that is off (cms_27), a busy network (cms_42), silence.
A list of bad numbers is answered with several codes, or with those; either ends a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Report, ReportStatus, Scope, Uncertain

HOUR_S = 3600.0
RESTS_S = (1 * HOUR_S, 6 * HOUR_S, 24 * HOUR_S)  # after the 1st, 2nd, … block in a row; the last one repeats
PROBE_WAIT = timedelta(minutes=15)  # so long one SMS that was to show whether others arrive may wait for its report


@dataclass(frozen=True, slots=True)
class Sign:
    """How much of the same is a sign: so many in a row, to so many different numbers, for at least so long."""

    times: int
    recipients: int
    lasts_s: float = 0.0
    is_sims: bool = True  # the modem works, and no remedy for a modem helps


_OF_THE_SIM = Sign(times=5, recipients=3)
_OR_OF_NUMBERS = Sign(times=10, recipients=8)  # some networks say so of a bad number too: a list may have several
_REPORTED = Sign(times=10, recipients=8, lasts_s=600.0)  # reports of what arrives may take longer than the others
_OF_THE_ACCOUNT = Sign(times=20, recipients=20, lasts_s=300.0)  # a bind is fast: in seconds an SMSC may just be ill

# command_status that says anything, so also that a contract has ended or is without credit: submit failed, refused by
# who is behind the SMSC, unknown; and the operators' own (SMPP 3.4, 5.1.3). What plainly concerns the account burns no
# message, and rests the bind as it is.
SMPP_CATCH_ALL = (0x45, 0x65, 0x66, 0xFF, *range(0x400, 0x500))

# +CMS ERROR (3GPP TS 24.011, 8.2.5.4; TS 23.040, 9.2.3.22) and TP-ST of reports (TS 23.040, 9.2.3.15)
SIGNS: Mapping[str, Sign] = MappingProxyType(
    {
        "cms_8": _OF_THE_SIM,  # operator determined barring
        "cms_10": _OR_OF_NUMBERS,  # call barred
        "cms_21": _OR_OF_NUMBERS,  # short message transfer rejected
        "cms_28": _OF_THE_SIM,  # unidentified subscriber: the network does not know this SIM
        "cms_29": _OF_THE_SIM,  # facility rejected
        # Network out of order: passes within minutes, unless it is what this operator says to a SIM without credit.
        "cms_38": Sign(times=20, recipients=3, lasts_s=1800.0, is_sims=False),
        "cms_50": _OF_THE_SIM,  # facility not subscribed
        "cms_69": _OF_THE_SIM,  # facility not implemented: also with a wrong service centre
        "cms_96": _OR_OF_NUMBERS,  # invalid mandatory information
        "cms_193": _OF_THE_SIM,  # no service centre subscription
        "cms_196": _OR_OF_NUMBERS,  # destination barred
        # Unknown error: first the modem's own remedies are tried.
        "cms_500": Sign(times=20, recipients=5, lasts_s=600.0, is_sims=False),
        "tp_st_0x40": _REPORTED,  # remote procedure error
        "tp_st_0x44": _REPORTED,  # quality of service not available
        "tp_st_0x45": _REPORTED,  # no interworking
        "tp_st_0x48": _REPORTED,  # deleted by the service centre's administration: a spam filter
        "tp_st_0x63": _REPORTED,  # service rejected
        **{f"smpp_0x{status:02x}": _OF_THE_ACCOUNT for status in SMPP_CATCH_ALL},
    }
)


MOST_RECIPIENTS = max(sign.recipients for sign in SIGNS.values())  # no sign wants to know of more


def is_operators(outcome: Outcome) -> bool:
    """Whether the answer is the operator's word on this SIM, or on a number: then the modem itself works."""
    sign = None if isinstance(outcome, Accepted) else SIGNS.get(outcome.code)
    return sign is not None and sign.is_sims


@dataclass(frozen=True, slots=True)
class Run:
    """The same refusal again and again, with nothing accepted between."""

    code: str = ""
    times: int = 0
    recipients: frozenset[int] = frozenset()
    since: datetime | None = None

    def with_one(self, code: str, recipient: int, now: datetime) -> Run:
        """One more; another code begins another run."""
        begun = self if self.code == code else Run(code, since=now)
        is_enough = len(begun.recipients) >= MOST_RECIPIENTS
        known = begun.recipients if is_enough else begun.recipients | {recipient}
        return replace(begun, times=begun.times + 1, recipients=known)

    @property
    def is_shared(self) -> bool:
        """Whether it is not about one number only."""
        return len(self.recipients) > 1

    def is_proof(self, now: datetime) -> bool:
        """Whether the operator refuses the SIM."""
        sign = SIGNS.get(self.code)
        if sign is None or self.since is None:
            return False
        is_long = (now - self.since).total_seconds() >= sign.lasts_s
        return is_long and self.times >= sign.times and len(self.recipients) >= sign.recipients


NONE = Run()


@dataclass(frozen=True, slots=True)
class Block:
    """The operator refuses what this SIM sends."""

    code: str
    at: datetime  # since when
    until: datetime  # then one SMS tries
    times: int  # rests in a row
    is_tried: bool = False  # an SMS was accepted after the rest, and its report is awaited

    @property
    def is_reported(self) -> bool:
        """Whether reports brought it up: then acceptance alone ends nothing."""
        return self.code.startswith("tp_st_")

    def is_answered(self, now: datetime) -> bool:
        """Whether a refusal, or a bad report, can be the one of the SMS that tries."""
        return self.is_tried if self.is_reported else now >= self.until

    def as_of(self, now: datetime) -> Block:
        """A rest is no longer than it was to be: a clock that was ahead when it began is no reason to wait for it."""
        return replace(self, at=min(self.at, now), until=min(self.until, now + _rest(self.times)))

    def again(self, code: str, now: datetime) -> Block:
        """The try after the rest was refused too."""
        return replace(block_of(code, now, self.times + 1), at=self.at)


def block_of(code: str, now: datetime, times: int = 1) -> Block:
    return Block(code, now, now + _rest(times), times)


def _rest(times: int) -> timedelta:
    """After so many blocks in a row."""
    return timedelta(seconds=RESTS_S[min(max(times, 1), len(RESTS_S)) - 1])


@dataclass(frozen=True, slots=True)
class Watch:
    """What was seen of one SIM so far."""

    answers: Run = NONE
    reports: Run = NONE
    block: Block | None = None

    def after(self, outcome: Outcome, recipient: int, now: datetime) -> Watch:
        """With one more answer."""
        match outcome:
            case Accepted():
                return self._accepted(now)
            case Uncertain() | Deferred(scope=Scope.NETWORK) if outcome.code not in SIGNS:
                return self
            case Deferred(code=code) | Refused(code=code) | Uncertain(code=code):
                return self._refused(code, recipient, now)

    def reported(self, report: Report, recipient: int, now: datetime) -> Watch:
        """With one more delivery report."""
        if report.status is ReportStatus.PENDING:
            return self
        if report.status is ReportStatus.DELIVERED:
            if self.reports is NONE and self.block is None:
                return self  # as nearly always
            is_over = self.block is not None and self.block.is_reported
            return replace(self, reports=NONE, block=None if is_over else self.block)
        if report.code not in SIGNS:
            return replace(self, reports=NONE)
        run = self.reports.with_one(report.code, recipient, now)
        return replace(self, reports=run)._judged(run, now, is_reported=True)

    def spared(self, outcome: Outcome) -> Outcome:
        """The outcome as it is recorded: a refusal that seems to be the SIM's costs no message its life."""
        is_about = isinstance(outcome, Refused) or (isinstance(outcome, Deferred) and outcome.scope is Scope.NUMBER)
        is_sims = self.answers.is_shared or self.block is not None
        if is_about and is_sims and is_operators(outcome):
            assert isinstance(outcome, Deferred | Refused)  # for the type checker: is_about says so
            return Deferred(outcome.code, outcome.text, Scope.ACCOUNT)
        return outcome

    def _accepted(self, now: datetime) -> Watch:
        block = self.block
        if block is None and self.answers is NONE:
            return self  # as nearly always
        if block is not None and block.is_reported:  # what the probe comes to, its report will tell
            return replace(self, answers=NONE, block=replace(block, until=now + PROBE_WAIT, is_tried=True))
        return replace(self, answers=NONE, block=None)

    def _refused(self, code: str, recipient: int, now: datetime) -> Watch:
        if code not in SIGNS:
            return replace(self, answers=NONE)
        run = self.answers.with_one(code, recipient, now)
        return replace(self, answers=run)._judged(run, now, is_reported=False)

    def _judged(self, run: Run, now: datetime, *, is_reported: bool) -> Watch:
        """A block begins; or, when the SMS after its rest was refused, it goes on."""
        if self.block is None:
            return replace(self, block=block_of(run.code, now)) if run.is_proof(now) else self
        is_answer = self.block.is_reported == is_reported and self.block.is_answered(now)
        return replace(self, block=self.block.again(run.code, now)) if is_answer else self
