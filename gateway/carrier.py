"""[pure] What a carrier is: one way out of the clinic (a modem with its SIM, or an SMPP bind), and what passes over it.

A carrier has no memory of messages: what must survive a power cut is written down by the queue around each call here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from gateway.sms.message import Concatenation, Segment


class Scope(Enum):
    """Whom a failed try concerns, and so who waits before the next one."""

    NUMBER = "number"  # this recipient only: the next message goes out at once
    NETWORK = "network"  # the network is busy or away: this carrier rests a little
    ACCOUNT = "account"  # this SIM or account may not send it, until a person has mended that: another one may
    GATEWAY = "gateway"  # it is not taken in the form that we give it: another carrier may take it, or other settings
    DEVICE = "device"  # the modem or link is out of order: another carrier may take the message


@dataclass(frozen=True, slots=True)
class Accepted:
    """The network took the segment."""

    message_reference: str  # TP-MR in decimal, or the SMSC's message id


@dataclass(frozen=True, slots=True)
class Deferred:
    """Refused for now, and known not to have been sent: try again later."""

    code: str  # stable machine word: cms_332, cme_14, modem_gone, …
    text: str  # one sentence for a person
    scope: Scope
    is_counted: bool = True  # False: nothing of it was handed over, or the SMSC was busy: no try of the message's


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good: the same segment to the same number will never be accepted."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The segment's bytes went out and no answer came: it may or may not have been sent."""

    code: str
    text: str


Outcome = Accepted | Deferred | Refused | Uncertain


@dataclass(frozen=True, slots=True)
class Submission:
    """One segment to hand to the network."""

    key: int  # segments.id: a late answer names it
    recipient: str = field(repr=False)  # E.164 with '+', or a short code of digits only
    segment: Segment = field(repr=False)
    validity_s: int | None = None  # how long the network may keep trying; None = its default
    sender: str | None = None  # alphanumeric sender, where the carrier can
    rank: int = 0  # its message's weight: what weighs more goes first where several wait

    @property
    def sms_left(self) -> int:
        """How many SMS its message still takes, this one included."""
        parts = self.segment.concatenation
        return 1 if parts is None else parts.total - parts.number + 1


class ReportStatus(Enum):
    """What a status report says of one segment."""

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # final: it will not arrive
    PENDING = "pending"  # the network still tries; not final


@dataclass(frozen=True, slots=True)
class Report:
    """A status report (+CDS) or delivery receipt (SMPP) about one segment."""

    message_reference: str
    recipient: str | None = field(repr=False)  # as the report writes it; None when it doesn't say
    status: ReportStatus
    code: str  # stable machine word of the status: tp_st_0x00, …
    submitted_at: datetime | None  # the SMSC's time stamp, aware; None when odd
    discharged_at: datetime | None
    fingerprint: str  # the same report read twice has the same fingerprint
    text: str = ""  # a few words for a person: why it was not delivered
    handle: object = field(default=None, repr=False, compare=False)  # what the carrier needs to acknowledge it
    is_exact: bool = False  # the reference belongs to one segment alone, however long ago (an SMSC's message id)
    other_forms: tuple[str, ...] = ()  # how the answer may have written the same reference: hexadecimal for decimal, …


@dataclass(frozen=True, slots=True)
class Incoming:
    """An SMS, or one part of a long one, that somebody sent to us."""

    sender: str = field(repr=False)  # E.164 with '+' where it is international, else as the network writes it
    text: str = field(repr=False)
    sent_at: datetime | None  # the SMSC's time stamp, aware; None when odd
    concatenation: Concatenation | None
    fingerprint: str
    is_damaged: bool = False  # the PDU could not be decoded whole; `text` has what could be
    handle: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """The answer to a submission whose outcome was given as Uncertain before."""

    key: int  # Submission.key
    outcome: Accepted | Deferred | Refused
    handle: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a submission that a windowed carrier was handed without waiting for it."""

    key: int  # Submission.key
    outcome: Outcome


Inbound = Report | Incoming | LateAnswer


@dataclass(frozen=True, slots=True)
class CarrierStatus:
    """How a carrier is, for people: `smsgw modems` and `smsgw status` show it."""

    state: str  # gateway.life.Life
    detail: str = ""  # for a person: why, and what to do
    port: str | None = None
    imei: str | None = None
    iccid: str | None = None
    imsi: str | None = None
    operator: str | None = None
    signal_dbm: int | None = None
    line: str | None = None  # Carrier.line, once known
    model: str | None = None  # manufacturer and model
    storage_percent: int | None = None  # how full its fullest storage for messages is
    has_service_centre: bool | None = None  # whether the SIM has the service centre's number; None: not known
    last_error: str = ""  # for a person: what its last trouble was, also when it is over
    last_error_at: datetime | None = None


class Remedy(Enum):
    """What a carrier that fails can be treated with, the mildest first: the rungs of the ladder."""

    RESYNC = "resync"  # bring the line in step: ESC, AT
    REINIT = "reinit"  # the start-up sequence once more on the open line
    RADIO = "radio"  # radio off and on (AT+CFUN)
    REOPEN = "reopen"  # close the port, open it
    RESET = "reset"  # restart the device (AT+CFUN=1,1), wait for it to come back
    REPLUG = "replug"  # its USB port's power, or else its USB connection, off and on


class Carrier(Protocol):
    """One way out, as far as all are alike. All but `wake` and `status` are called by one thread, the carrier's worker.

    Every method but `close`, `wake` and `status` raises CarrierLost when the device or link is gone.
    """

    name: str  # the configured name, what outbox.carrier says
    kind: str  # "modem" or "smpp"

    @property
    def line(self) -> str:
        """In whose name references are counted: the SIM's ICCID (else IMSI, else IMEI), or the bind. After `open`."""

    def open(self) -> None:
        """Find the device and make it ready to send and receive; says in `status` what it waits for."""

    def acknowledge(self, inbound: Inbound) -> None:
        """Tell the network or the SIM's storage that `inbound` is safely stored."""

    def wake(self) -> None:
        """End a `receive` that waits; any thread may call it."""

    def status(self) -> CarrierStatus:
        """The latest known state; never blocks, any thread may call it."""

    def close(self) -> None:
        """Let go of the device; safe to call at any time, also twice."""

    @property
    def remedies(self) -> Sequence[Remedy]:
        """What this carrier, as it is now, can be treated with, the mildest first."""

    def mend(self, remedy: Remedy) -> None:
        """Apply one of `remedies`, open or closed. Raises CarrierLost(cause=PLANNED) when it is to be opened after it,
        with another cause when the remedy itself failed."""

    def ussd(self, code: str) -> str:
        """The network's answer to a USSD code, as text. Raises GatewayError with the reason, CarrierLost."""


class OneByOne(Carrier, Protocol):
    """A carrier with one segment in the air at a time: a modem."""

    def submit(self, submission: Submission) -> Outcome:
        """Hand over one segment and wait for the answer. Never sends the same bytes twice."""

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        """What came in, oldest first; waits up to `wait_s` seconds for the first one, or until `wake`."""

    def is_there(self) -> bool:
        """Whether its device answers, asked before a message is taken: one that has been quiet gets a second for it."""

    @property
    def is_silent(self) -> bool:
        """Whether its device has left what it was told last without an answer; then the next `receive` calls it."""


@runtime_checkable
class Windowed(Carrier, Protocol):
    """A carrier with many segments in the air, each of another message: an SMPP bind."""

    def room(self) -> int:
        """How many submissions may be handed over now: what is free of the window, as far as the rate allows."""

    def room_in_s(self) -> float:
        """How long the rate alone holds the next submission back; 0.0 when it doesn't."""

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        """Send them off, the weightiest first; waits for no answer. At most `room` of them; never sends the same bytes
        twice."""

    def drain(self) -> None:
        """Nothing more is handed over for now: what would be sent once more is answered Deferred instead."""

    def receive(self, wait_s: float) -> Sequence[Answer | Inbound]:
        """What came in, oldest first; waits up to `wait_s` seconds for the first one, or until `wake`.

        Each submission is answered exactly once: by the SMSC, or as Uncertain when its time is over or the link fell,
        or as Deferred when it never left. After a fall these come first, and only the next call raises CarrierLost.
        """
