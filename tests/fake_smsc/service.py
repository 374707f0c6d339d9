"""What the SMSC knows beyond one connection: accounts, ids, receipts that wait, what phones got. One loop's thread."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tests.fake_smsc import codec, receipts
from tests.fake_smsc.codec import OK, Bind, Submit
from tests.fake_smsc.conduct import Conduct, Fault, Luck
from tests.fake_smsc.phones import Phones
from tests.fake_smsc.session import Session


class Service:
    """The heart of `Smsc`; everything here runs in its loop."""

    def __init__(self, conduct: Conduct, accounts: dict[str, str], seed: int) -> None:
        self.conduct = conduct
        self.accounts = accounts  # system_id: password
        self.chance = random.Random(seed)
        self.loop = asyncio.new_event_loop()
        self.sessions: set[Session] = set()
        self.phones = Phones(conduct.is_packed)
        self.taken: list[Submit] = []
        self.taken_at: list[float] = []  # the time of day of each
        self.counts: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.faults: list[Fault] = []
        self.binds: list[Bind] = []
        self.statuses: list[int] = []  # with which the client answered a deliver_sm
        self._reached: Counter[str] = Counter()
        self._waiting: dict[str, deque[bytes]] = defaultdict(deque)  # deliver_sm by system_id, while nobody receives
        self._next_id = conduct.first_id
        self._tokens, self._filled_at = 0.0, 0.0

    def later(self, after_s: float, call: Callable[[], object]) -> asyncio.TimerHandle | None:
        """In `after_s` seconds; at once when that is 0."""
        if after_s <= 0:
            call()
            return None
        return self.loop.call_later(after_s, call)

    # Sessions.

    def connected(self, session: Session) -> None:
        self.sessions.add(session)
        self.counts["connections"] += 1

    def disconnected(self, session: Session) -> None:
        """What it had not acknowledged is delivered once more, at once where another link is bound."""
        self.sessions.discard(session)
        self._waiting[session.system_id].extendleft(reversed(session.unacknowledged.values()))
        session.unacknowledged.clear()
        self._flush(session.system_id)

    def greet(self, bind: Bind) -> int:
        self.binds.append(bind)
        if self.conduct.bind_status:
            return self.conduct.bind_status
        if bind.system_id not in self.accounts:
            return codec.BAD_SYSTEM_ID
        return OK if self.accounts[bind.system_id] == bind.password else codec.BAD_PASSWORD

    def bound(self, session: Session) -> None:
        """A link of the same account that hangs is over by now."""
        self.counts["binds"] += 1
        for other in [each for each in self.sessions if each.is_stalled and each.system_id == session.system_id]:
            other.transport.abort()
        self._flush(session.system_id)

    def complain(self, what: str) -> None:
        """The client has sent what is not SMPP."""
        self.complaints.append(what)

    # Submits.

    def submitted(self, session: Session, sequence: int, submit: Submit) -> None:
        self.counts["submits"] += 1
        status = self._refusal()
        if status:
            self.counts["refused"] += 1
            self.later(self.conduct.answer_s, lambda: session.answer(codec.SUBMIT_SM, status, sequence))
            return
        number, self._next_id = self._next_id, self._next_id + 1
        self._take(submit)
        if session.reaches("taken"):
            self._answer(session, sequence, submit, number)
        else:
            self._report(session.system_id, submit, number)

    def _take(self, submit: Submit) -> None:
        self.taken.append(submit)
        self.taken_at.append(time.time())
        if self._luck(submit).is_received:
            try:
                self.phones.take(submit)
            except (codec.BadPdu, UnicodeDecodeError) as fault:
                self.complain(str(fault))

    def _answer(self, session: Session, sequence: int, submit: Submit, number: int) -> None:
        conduct = self.conduct
        if conduct.receipt_is_early:
            self._report(session.system_id, submit, number)
        if "submit" in conduct.ignores or conduct.ignore_next > 0:
            self.conduct = replace(conduct, ignore_next=max(0, conduct.ignore_next - 1))
        else:
            is_late = conduct.late_next > 0
            if is_late:
                self.conduct = replace(conduct, late_next=conduct.late_next - 1)
            body = receipts.IDS[conduct.ids](number).encode("ascii") + b"\0"
            whole = codec.pdu(codec.RESPONSE | codec.SUBMIT_SM, OK, sequence, body)
            self.later(conduct.late_s if is_late else conduct.answer_s, lambda: self._write(session, whole))
        if not conduct.receipt_is_early:
            self.later(conduct.answer_s, lambda: self._report(session.system_id, submit, number))

    def _write(self, session: Session, whole: bytes) -> None:
        """An answer, or the half of it."""
        if self.is_fault_due("half_answer"):
            session.write(whole[: len(whole) // 2])
            session.reaches("half_answer")
            return
        session.reaches("half_answer")
        session.write(whole)
        session.reaches("answered")

    def _refusal(self) -> int:
        conduct = self.conduct
        if conduct.refuse_next > 0:
            self.conduct = replace(conduct, refuse_next=conduct.refuse_next - 1)
            return conduct.refuse_next_with
        if conduct.refuse_with:
            return conduct.refuse_with
        return codec.THROTTLED if conduct.most_per_second is not None and not self._has_token() else OK

    def _has_token(self) -> bool:
        """A bucket of a tenth of a second's worth, at least one."""
        rate, now = self.conduct.most_per_second or 0.0, self.loop.time()
        self._tokens = min(max(1.0, rate / 10), self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    # Receipts and patients' SMS.

    def _luck(self, submit: Submit) -> Luck:
        return self.conduct.luck.get(submit.dest[2], Luck())

    def _report(self, system_id: str, submit: Submit, number: int) -> None:
        conduct = self.conduct
        if conduct.receipt_s is None or not submit.registered & 0x03:
            return
        message_id = receipts.IDS[conduct.receipt_ids or conduct.ids](number)
        for place, stat in enumerate(self._luck(submit).states):
            text, tlvs = receipts.receipt(
                message_id, stat, datetime.now(UTC), form=conduct.receipt_form,
                with_tlvs=conduct.receipt_tlvs, only_tlvs=conduct.receipt_only_tlvs,
            )  # fmt: skip
            is_final = stat not in ("ENROUTE", "ACCEPTD")
            esm_class = receipts.RECEIPT if is_final else receipts.INTERMEDIATE
            body = codec.deliver_body(submit.dest[2], submit.source[2], text, esm_class=esm_class, tlvs=tlvs)
            wait_s = conduct.receipt_s + place * 0.05 + self.chance.random() * conduct.receipt_spread_s
            for _ in range(conduct.receipt_copies):
                self.later(wait_s, lambda body=body: self.deliver(system_id, body))  # type: ignore[misc]

    def deliver(self, system_id: str, body: bytes) -> None:
        self._waiting[system_id].append(body)
        self._flush(system_id)

    def acknowledged(self, session: Session, body: bytes, status: int) -> None:
        """What the client could not take is delivered once more."""
        self.counts["acknowledged"] += 1
        self.statuses.append(status)
        if status != OK:
            self.loop.call_later(0.2, self.deliver, session.system_id, body)
        self._flush(session.system_id)

    def _flush(self, system_id: str) -> None:
        waiting = self._waiting[system_id]
        while waiting:
            session = next((each for each in self.sessions if each.system_id == system_id and each.may_deliver), None)
            if session is None:
                return
            session.deliver(waiting.popleft())

    # Faults.

    def is_fault_due(self, at: str) -> bool:
        """Whether the next time that it comes to `at` breaks the link."""
        return any(fault.at == at and self._reached[at] + 1 >= fault.after for fault in self.faults)

    def take_fault(self, at: str) -> str | None:
        self._reached[at] += 1
        due = next((fault for fault in self.faults if fault.at == at and self._reached[at] >= fault.after), None)
        if due is None:
            return None
        self.faults.remove(due)
        self._reached[at] = 0
        self.counts["faults"] += 1
        return due.how
