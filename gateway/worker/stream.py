"""What passes between the queue and a carrier with a window, while it is open: many SMS in the air, each of another
message.

One turn is one commit: the answers that came, the reports, and the beginnings of what is handed over next. So what is
durable costs one write for all that the SMSC said since the last look.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

import structlog

from gateway.carrier import (
    Accepted,
    Answer,
    Inbound,
    OneByOne,
    Outcome,
    Submission,
    Uncertain,
    Windowed,
)
from gateway.i18n import _
from gateway.life import Life
from gateway.worker.precedence import PORTION, Precedence
from gateway.worker.rest import Volley
from gateway.worker.singly import or_singly
from gateway.worker.traffic import GONE, HELD_BACK_WAIT_S, IDLE_WAIT_S, Surroundings, Traffic, durably

LINK_LOST = "link_lost"  # the fall of the link is treated as such, not as so many failures

T = TypeVar("T")
log = structlog.get_logger("gateway.worker")


class Stream:
    """Of one carrier, over one database connection; its worker's thread uses it."""

    def __init__(self, carrier: Windowed, around: Surroundings) -> None:
        self._carrier = carrier
        self._outbox, self._permission, self._treatment, self._pulse, self._look = around
        self._time = around.pulse.time
        self._begun: list[Submission] = []  # their bytes have not left yet
        self._air: dict[int, Submission] = {}  # by segment: handed over, not answered yet
        self._volley = Volley()
        self._precedence = Precedence()
        self._came: Sequence[Answer | Inbound] = ()  # and is not written down yet
        self._may_be_more = True  # the outbox was not found empty since the last call

    def take_in(self) -> None:
        """Wait for something to come in, or to send."""
        if not self._came:
            self._came = self._carrier.receive(self._patience_s())
        self._listen_while_others_write()
        self._may_be_more = True  # whatever ended the wait, somebody may have rung too

    def send(self) -> None:
        """Write down what came, and begin what goes next; then acknowledge, and hand it over."""
        came = self._came[:PORTION]
        if came or self._has_work():
            self._turn(came)
        else:
            self.durably(self._permission.keep)
        self._look()
        self._pulse.is_busy = bool(self._air)
        if self._treatment.needs_remedy and not self._air:
            self._treatment.fell_with_sms(self._carrier.remedies)
            self._permission.rest(0.0)

    def finish(self) -> None:
        """Nothing more is sent; what is in the air is waited for. It ends by itself: each has its deadline."""
        self._carrier.drain()
        while self._air:
            self._pulse.beat()
            self._came = self._came or self._carrier.receive(IDLE_WAIT_S)
            self._turn(self._came, is_last=True)
        self._pulse.is_busy = False

    def put_back(self) -> None:
        """What was begun and never left waits for its next turn; what had left and got no answer is uncertain.

        What came in beside answers is not acknowledged: it comes again.
        """
        answers = {each.key: each.outcome for each in self._came if isinstance(each, Answer)}
        begun, self._begun = self._begun, []
        air, self._air = self._air, {}
        self._came, self._volley = (), Volley()
        self._pulse.is_busy = False
        self._permission.withdraw()
        self._permission.note_under_way(())
        if begun or air:
            text = _("The link broke while the SMS was in the air: nobody knows whether it went out.")
            unknown = Uncertain(LINK_LOST, text)
            outcomes = [(each.key, GONE) for each in begun] + [(key, answers.get(key, unknown)) for key in air]
            self.durably(lambda: self._write(outcomes, (), go_on=False))

    def durably(self, write: Callable[[], T]) -> T:
        """Write, whatever the database is like just now."""
        return durably(write, self._carrier.name, self._pulse)

    # One turn.

    def _turn(self, came: Sequence[Answer | Inbound], *, is_last: bool = False) -> None:
        """One commit for what came, the first of what is not written down yet, and for what is handed over after it."""
        outcomes = [(each.key, self._outcome(each)) for each in came if isinstance(each, Answer)]
        inbound = [each for each in came if not isinstance(each, Answer)]
        go_on = not is_last and self._may_send
        if rest_s := self._outbox.turns.wait_s(self._time.monotonic()):
            self._pulse.wait_for_stop(rest_s)
        self._begun, kept = self.durably(lambda: self._write(outcomes, inbound, go_on=go_on))
        self._came = self._came[len(came) :]
        for key, _outcome in outcomes:
            self._air.pop(key, None)
        self._permission.notice(kept)
        for each in kept:
            self._carrier.acknowledge(each)
        self._hand_over()

    def _write(
        self, outcomes: Sequence[tuple[int, Outcome]], inbound: Sequence[Inbound], *, go_on: bool
    ) -> tuple[list[Submission], Sequence[Inbound]]:
        """The segments begun, and what may be acknowledged. A row that refuses costs itself only."""
        return or_singly(partial(self._write_turn, outcomes, inbound, go_on=go_on), self._carrier.name)

    def _write_turn(
        self, outcomes: Sequence[tuple[int, Outcome]], inbound: Sequence[Inbound], *, go_on: bool, singly: bool
    ) -> tuple[list[Submission], Sequence[Inbound]]:
        """In one commit."""
        now = self._time.now()
        kept: Sequence[Inbound] = ()
        with self._outbox.write():
            began_at = self._time.monotonic()
            begun = self._outbox.record_all(outcomes, now, go_on=go_on, singly=singly)
            if inbound:
                kept = self._outbox.store(self._carrier.name, self._carrier.line, inbound, now, singly=singly)
            if go_on:
                begun += self._claimed(begun, {key for key, _outcome in outcomes}, singly=singly)
        self._outbox.turns.took(began_at, self._time.monotonic())
        return begun, kept

    def _outcome(self, answer: Answer) -> Outcome:
        """What is to be recorded; the carrier's rest and its plan are told."""
        met, submission = answer.outcome, self._air.get(answer.key)
        is_news = self._volley.counts(answer.key, met)
        if is_news and (isinstance(met, Accepted) or met.code != LINK_LOST):
            self._permission.rest(self._treatment.after(met))
        return met if submission is None else self._permission.after(submission, met)

    def _claimed(self, begun: Sequence[Submission], answered: Collection[int], *, singly: bool) -> Sequence[Submission]:
        """New messages for what is left of the window, in the order of the queue."""
        room = self._carrier.room() - len(begun)
        if room <= 0 or not self._permission.may_begin():
            return ()
        most = min(self._portion(), room)
        self._permission.give_way()
        terms = self._permission.terms()
        under_way = [*begun, *(each for key, each in self._air.items() if key not in answered)]
        claimed = self._outbox.claim_some(
            self._carrier.name,
            self._carrier.line,
            self._time.now(),
            most,
            room=None if terms.room is None else terms.room - sum(each.sms_left for each in under_way),
            least_rank=terms.least_rank,
            least_shared=terms.least_shared,
            openings=terms.openings,
            singly=singly,
        )
        self._permission.note_under_way([*under_way, *claimed])
        self._may_be_more = len(claimed) == most
        self._tell_others(has_found=bool(claimed))
        return claimed

    def _portion(self) -> int:
        """How many messages it takes at a time."""
        is_coming = self._outbox.is_urgent_coming(self._carrier.name, self._permission.openings)
        return self._precedence.most(self._time.monotonic(), is_coming=is_coming)

    def _tell_others(self, *, has_found: bool) -> None:
        """Whether it still waits for a message: the load is shared by what each has left."""
        if has_found:
            self._permission.withdraw()
        elif not self._permission.way_s:
            self._permission.found_nothing()

    def _hand_over(self) -> None:
        """From here on their bytes may leave."""
        begun, self._begun = self._begun, []
        for each in begun:
            self._permission.begins()
            self._volley.begins(each.key)
            self._air[each.key] = each
        self._permission.note_under_way(self._air.values())
        if begun:
            self._carrier.hand_over(begun)

    # How long it waits.

    def _listen_while_others_write(self) -> None:
        """After a long turn the file rests; what is answered meanwhile is written down with what came before."""
        while rest_s := self._outbox.turns.wait_s(self._time.monotonic()):
            more = self._carrier.receive(rest_s)
            if not more:
                return
            self._came = [*self._came, *more]

    def _has_work(self) -> bool:
        """Whether there is something to claim, and leave to do so."""
        if not (self._may_be_more and self._may_send and self._permission.may_begin() and self._carrier.room() > 0):
            return False
        self._may_be_more = self._outbox.has_work(self._time.now(), self._carrier.name, self._permission.openings)
        return self._may_be_more

    @property
    def _may_send(self) -> bool:
        is_ready = self._carrier.status().state == Life.READY and not self._treatment.is_pending
        is_well = is_ready and not self._pulse.is_stopping and not self._treatment.needs_remedy
        return is_well and not self._permission.wait_s(is_begun=True)

    def _patience_s(self) -> float:
        """Until something is due by time alone; an answer or a call ends it sooner."""
        if self._treatment.is_pending:
            return min(HELD_BACK_WAIT_S, self._treatment.wait_s())
        if self._carrier.status().state != Life.READY:
            return HELD_BACK_WAIT_S
        held_s = self._permission.wait_s(is_begun=True)
        may_begin = self._permission.may_begin()
        if held_s or not may_begin or not self._permission.takes:
            self._permission.withdraw()
        elif not self._may_be_more:
            self._permission.offer()
        if held_s or self._permission.way_s:
            return min(IDLE_WAIT_S, held_s or self._permission.way_s)
        if not (self._may_be_more and may_begin):
            return IDLE_WAIT_S
        return 0.0 if self._carrier.room() else min(IDLE_WAIT_S, self._carrier.room_in_s() or IDLE_WAIT_S)


def traffic_of(carrier: OneByOne | Windowed, around: Surroundings) -> Traffic | Stream:
    """The traffic of a carrier of either kind."""
    return Stream(carrier, around) if isinstance(carrier, Windowed) else Traffic(carrier, around)
