"""[pure] The sending half of a bind: submissions in, one answer each out, within the window and at the SMSC's pace.

What the SMSC refuses because it is busy has not been sent: it waits, in its turn, and goes out again; only after
HELD_S, or when its validity is over, is it given back. A few more than the window holds may be handed over: they take
the places of those that are answered, at once, while the queue still writes down the answers. In which order they wait
is waiting.py's. Told the time, in seconds of a clock that never jumps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from gateway.carrier import Accepted, Answer, Deferred, LateAnswer, Outcome, Refused, Scope, Submission, Uncertain
from gateway.i18n import _
from gateway.smpp import codes
from gateway.smpp.fields import Unencodable
from gateway.smpp.messages import MessageId
from gateway.smpp.pace import Pace
from gateway.smpp.pdu import Pdu
from gateway.smpp.waiting import Held, Times, Waiting, expires_at
from gateway.smpp.window import Flight, Window

WRITING_S = 0.03  # so long the queue may be writing; what is answered meanwhile is to have its successor here

BUSY = Deferred("smpp_busy", _("The operator's SMSC had no room for the SMS yet."), Scope.NETWORK, is_counted=False)

Encode = Callable[[Submission, int], bytes]  # the submit_sm with this sequence number; raises Unencodable
Queue = Callable[[bytes], int]  # octets into the link's stream; where they begin


class Sender:
    """Of one bind; outlives its links. `source`: whose the SMS are that name no sender of their own."""

    def __init__(self, window: Window, pace: Pace, encode: Encode, source: str = "") -> None:
        self.window = window
        self.pace = pace
        self.round_trip_s: float | None = None  # of the last answer
        self._encode = encode
        self._of_the_bind = (None, source)
        self._waiting = Waiting()
        self._times: dict[int, Times] = {}  # by Submission.key, of those that were held before
        self._unsendable: list[Answer] = []
        self._is_draining = False
        self._is_silent = False  # the last that was waited for was given up

    @property
    def in_use(self) -> int:
        """How many submissions have no answer yet."""
        return len(self.window) + len(self._waiting.refused)

    def room(self, now: float) -> int:
        """How many more may be handed over; to an SMSC that has fallen silent one at a time: each may be lost to it."""
        if self._waiting.refused or (self._is_silent and len(self.window)):
            return 0
        most = 1 if self._is_silent else self.window.size + self._ahead
        return max(0, min(most - self.in_use, self.pace.room(now)) - len(self._waiting.new))

    def wait_s(self, now: float) -> float:
        """How long the pace alone holds the next one back."""
        return self.pace.wait_s(now)

    def next_look(self, now: float, *, may_send: bool = True) -> float | None:
        """When time alone brings something: a deadline, or the turn of one that is held, if it may go then."""
        waits = may_send and self._waiting and self._has_place
        moments = [self.window.next_deadline(), now + self.pace.wait_s(now) if waits else None]
        return min((each for each in moments if each is not None), default=None)

    def send(
        self, submissions: Iterable[Submission], next_sequence: Callable[[], int], queue: Queue, now: float
    ) -> None:
        """Into the stream, the weightiest first, as far as window and pace let them; the others in their turn. The next
        part of a long message comes whatever `room` said."""
        self._is_draining = False
        for submission in sorted(submissions, key=lambda each: -each.rank):
            if self._has_place and not self._waiting and self.pace.room(now):
                self._send(submission, next_sequence, queue, now)
            else:
                self._waiting.add(Held(submission, Times(now, expires_at(submission, now)), BUSY))
        self.send_waiting(next_sequence, queue, now)

    def send_waiting(self, next_sequence: Callable[[], int], queue: Queue, now: float) -> None:
        """What waits goes out, as far as window and pace allow."""
        while self._waiting and self._has_place and not self._is_draining and self.pace.room(now):
            held = self._waiting.take()
            self._times[held.submission.key] = held.times
            self._send(held.again(now), next_sequence, queue, now)

    def drain(self) -> None:
        """Until something is sent again, what is held is given back, and nothing more is held."""
        self._is_draining = True

    def begin_anew(self) -> None:
        """Over a new link: whoever had something in the air over the last one has been told, or has given it up."""
        self.fall(0)
        self._is_draining = self._is_silent = False

    def answered(self, answer: Pdu, now: float) -> Answer | LateAnswer | None:
        """What a submit_sm_resp or generic_nack means; None when it is about nothing that waits."""
        flight = self.window.take(answer.sequence)
        self._is_silent = self._is_silent and flight is None
        if flight is None:
            late = self.window.take_late(answer.sequence)
            return None if late is None else self._late(late, answer)
        self.round_trip_s = now - flight.sent_at
        submission = flight.submission
        if codes.is_throttling(answer.status) and self._holds(flight, answer.status, now):
            return None
        self._times.pop(submission.key, None)
        if answer.status == codes.OK:
            self.pace.taken(now)
        return Answer(submission.key, self._outcome(answer, submission))

    def has_overdue(self, now: float) -> bool:
        """Whether the time of one in the air is over."""
        deadline = self.window.next_deadline()
        return deadline is not None and deadline <= now

    def overdue(self, now: float) -> Iterator[Answer]:
        """What is answered without the SMSC: its time is over, or it could not be sent as it is."""
        yield from self._unsendable
        self._unsendable.clear()
        for flight in self.window.give_up(now):
            self._times.pop(flight.submission.key, None)
            self._is_silent = True
            text = _("The operator's SMSC did not answer in time: nobody knows whether it took the SMS.")
            yield Answer(flight.submission.key, Uncertain("no_answer", text))
        yield from self._given_back(now)

    def fall(self, written: int) -> Sequence[Answer]:
        """The link is gone, of whose stream `written` octets had left: every submission is answered."""
        held = [Answer(each.submission.key, each.refusal) for each in self._waiting.clear()]
        air = [Answer(each.submission.key, _lost(each, written)) for each in self.window.fall()]
        answers = [*self._unsendable, *air, *held]
        self._unsendable.clear()
        self._times.clear()
        return answers

    def figures(self) -> str:
        """How it stands, for a person."""
        text = _("{used} of {size} in the air, up to {rate:.0f} SMS/s").format(
            used=self.in_use, size=self.window.size, rate=max(1.0, self.pace.rate)
        )
        if self.round_trip_s is not None:
            text += _(", answered in {ms:.0f} ms").format(ms=self.round_trip_s * 1000)
        if self.pace.is_slowed:
            text += _(" (the SMSC takes no more than that)")
        return text

    @property
    def _ahead(self) -> int:
        """How many more than the window holds are of use: as many as are answered while the queue is writing. An SMSC
        that takes its time needs few, and an urgent SMS waits behind no more than that.
        """
        if self.round_trip_s is None:
            return 0
        size = self.window.size
        return min(size // 2, math.ceil(size * WRITING_S / max(WRITING_S, self.round_trip_s)))

    @property
    def _has_place(self) -> bool:
        """Whether the window has one, also for who comes back into it; what overtakes those takes one of theirs."""
        return len(self.window) < (1 if self._is_silent else self.window.size)

    def _send(self, submission: Submission, next_sequence: Callable[[], int], queue: Queue, now: float) -> None:
        sequence = next_sequence()
        while sequence in self.window:  # after 2^31 of them the numbers come round
            sequence = next_sequence()
        try:
            octets = self._encode(submission, sequence)
        except Unencodable as fault:
            self._times.pop(submission.key, None)
            text = _("This bind can't carry the SMS ({reason}).").format(reason=fault)
            self._unsendable.append(Answer(submission.key, Refused("smpp_unsendable", text)))
            return
        self.window.add(sequence, Flight(submission, now, queue(octets)))
        self.pace.sent(now)

    def _holds(self, flight: Flight, status: int, now: float) -> bool:
        """Whether a submission that came too fast waits for another turn."""
        self.pace.refused(now)
        submission, refusal = flight.submission, codes.outcome_of(status)
        times = self._times.pop(submission.key, None) or Times(now, expires_at(submission, flight.sent_at))
        if self._is_draining or now >= times.until or not isinstance(refusal, Deferred):
            return False
        self._waiting.refuse(Held(submission, times, refusal))
        return True

    def _outcome(self, answer: Pdu, submission: Submission) -> Outcome:
        if answer.command == codes.GENERIC_NACK:  # it did not even understand that this is a submit_sm
            return codes.outcome_of(answer.status or codes.SYSTEM_ERROR)
        if answer.status == codes.OK:
            return Accepted(MessageId.parse(answer.body).message_id)
        return codes.outcome_of(answer.status, names_sender=submission.sender not in self._of_the_bind)

    def _late(self, submission: Submission, answer: Pdu) -> LateAnswer | None:
        outcome = self._outcome(answer, submission)
        return None if isinstance(outcome, Uncertain) else LateAnswer(submission.key, outcome)

    def _given_back(self, now: float) -> Iterator[Answer]:
        for held in self._waiting.given_back(lambda held: self._is_draining or now >= held.times.until):
            yield Answer(held.submission.key, held.refusal)


def _lost(flight: Flight, written: int) -> Outcome:
    if flight.starts_at >= written:
        text = _("The link to the operator broke before the SMS was sent.")
        return Deferred("link_lost", text, Scope.DEVICE)
    text = _("The link to the operator broke before the SMSC answered: nobody knows whether it took the SMS.")
    return Uncertain("link_lost", text)
