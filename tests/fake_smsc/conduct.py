"""[pure] How the SMSC behaves; `Smsc.conduct` may be changed at any time, and counts from the next PDU on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Luck:
    """What becomes of an SMS to a number after it was taken."""

    states: tuple[str, ...] = ("DELIVRD",)  # the receipts, in order; () none
    is_received: bool = True


@dataclass(frozen=True, slots=True)
class Conduct:
    """All times in seconds."""

    answer_s: float = 0.0  # until submit_sm_resp
    receipt_s: float | None = 0.0  # from the answer to the receipt; None: no receipts
    receipt_is_early: bool = False  # before the answer
    receipt_copies: int = 1
    receipt_spread_s: float = 0.0  # a random delay on top, so that receipts change places
    receipt_form: str = "standard"  # receipts.TEXTS
    receipt_tlvs: bool = False
    receipt_only_tlvs: bool = False
    ids: str = "decimal"  # receipts.IDS: in the answer
    receipt_ids: str | None = None  # the same in receipts; None as in the answer
    first_id: int = 1
    most_per_second: float | None = None  # more are refused with ESME_RTHROTTLED
    refuse_with: int = 0  # command_status of each submit_sm
    refuse_next: int = 0  # so many get `refuse_next_with`, then it is over
    refuse_next_with: int = 0x58  # ESME_RTHROTTLED
    bind_status: int = 0
    bind_answer_s: float = 0.0
    ignores: frozenset[str] = field(default_factory=frozenset)  # submit, enquire_link, unbind, bind: never answered
    ignore_next: int = 0  # so many submits are taken, and never answered
    late_next: int = 0  # so many submits are answered after `late_s`
    late_s: float = 1.0
    enquire_s: float | None = None  # asks the client so often
    is_packed: bool = False
    reversed_by: int = 1  # so many submits are waited for, and answered in reverse order
    luck: dict[str, Luck] = field(default_factory=dict)  # by number without '+'


@dataclass(frozen=True, slots=True)
class Fault:
    """The link breaks the `after`-th time that it comes to `at`.

    at: connect, bind, bound, submit (before it is taken), taken (no answer leaves), half_answer, answered, deliver,
    half_deliver, acknowledged, enquire_link, unbind.
    how: reset, close, half_close (no more octets from here, reading goes on), stall (neither reads nor writes).
    """

    at: str
    how: str
    after: int = 1
