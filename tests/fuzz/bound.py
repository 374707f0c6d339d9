"""An SMSC gone mad on the other end of a bound carrier: each SMS handed over has one answer, and nothing but our own
errors comes out, whatever it sends, late, twice, cut in pieces or about nothing.

The whole bind is the real one, over a socket pair: cutter, session, sender, reader. Only the clock is turned by hand.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from structlog.testing import capture_logs

from gateway.carrier import Answer, Incoming, LateAnswer, Report, Submission, Uncertain
from gateway.errors import CarrierLost
from gateway.settings import SmppSettings
from gateway.smpp import codes, pdu
from gateway.smpp.carrier import SmppCarrier
from gateway.smpp.session import Session
from gateway.smpp.wire import Wire
from gateway.sms.message import Alphabet, Segment
from tests.fake_smsc import codec
from tests.fuzz import smpp

MOST_ROUNDS, MOST_PDUS, MOST_SUBMISSIONS, WINDOW = 4, 8, 6, 10
AHEAD_S = (0.0, 0.0, 0.0, 1.0, 70.0)  # how far the clock goes on; beyond answer_timeout all is given up
ANSWERS = (codes.OK, codes.OK, codes.THROTTLED, codes.QUEUE_FULL, 0x0B, 0x08, 0x45, 0xFF, 0x401)
REQUESTS = (codes.ENQUIRE_LINK, codes.ENQUIRE_LINK_RESP, codes.ALERT_NOTIFICATION, codes.OUTBIND, 0x7777)
MOST_LOOKS = 2000  # at one round: it would never end
SETTINGS = SmppSettings(name="fuzzed", host="127.0.0.1", system_id="clinic", window=WINDOW, max_per_second=10_000)


@dataclass(frozen=True)
class Round:
    """What happens between two looks at the clock."""

    submissions: int
    pdus: tuple[bytes, ...] = field(repr=False)
    ahead_s: float


@dataclass(frozen=True)
class Dialogue:
    """All of one bind."""

    rounds: tuple[Round, ...]

    @property
    def count(self) -> int:
        return sum(len(each.pdus) for each in self.rounds)


def make(chance: Random) -> Dialogue:
    """Answers that fit, answers that don't, and what the corpus has, mostly damaged."""
    return Dialogue(tuple(_round(chance) for _ in range(chance.randrange(1, MOST_ROUNDS + 1))))


def _round(chance: Random) -> Round:
    pdus = tuple(_pdu(chance) for _ in range(chance.randrange(MOST_PDUS + 1)))
    return Round(chance.randrange(MOST_SUBMISSIONS + 1), pdus, chance.choice(AHEAD_S))


def _pdu(chance: Random) -> bytes:
    kind = chance.random()
    if kind < 0.4:
        return smpp.pdu_of(chance)
    sequence = chance.choice((0, chance.randrange(2, 30), chance.randrange(2, 30), chance.getrandbits(32)))
    if kind < 0.85:
        command = codes.GENERIC_NACK if chance.random() < 0.1 else codes.SUBMIT_SM_RESP
        name = b"%d" % chance.randrange(50) if chance.random() < 0.9 else chance.randbytes(chance.randrange(80))
        return pdu.framed(command, chance.choice(ANSWERS), sequence, name + b"\0")
    return pdu.framed(chance.choice(REQUESTS), 0, sequence, chance.randbytes(chance.choice((0, 0, 20))))


def check(dialogue: Dialogue) -> None:
    """To the end of the link, which comes at the latest when the SMSC goes."""
    with capture_logs(), _bound() as talk:
        try:
            for each in dialogue.rounds:
                talk.play(each)
            talk.far.close()
            for _ in range(MOST_LOOKS):
                talk.look()
        except CarrierLost:
            assert talk.handed == set(talk.answered), "one was never answered"
        else:
            raise AssertionError("the end of the link was not noticed")


class Talk:
    """A bound carrier, the other end of its link, and what it said of each SMS."""

    def __init__(self, carrier: SmppCarrier, far: socket.socket, clock: list[float]) -> None:
        self.carrier, self.far = carrier, far
        self.handed: set[int] = set()
        self.answered: Counter[int] = Counter()
        self._clock = clock
        self._uncertain: set[int] = set()
        self._written = bytearray()

    def play(self, each: Round) -> None:
        self._hand_over(min(each.submissions, self.carrier.room()))
        self.look()  # it is written
        octets = memoryview(b"".join(each.pdus))
        for _ in range(MOST_LOOKS):
            octets = octets[self._send(octets) :]
            if not self.look() and not octets:
                break
        else:
            raise AssertionError("it does not come to rest")
        self._clock[0] += each.ahead_s
        self.look()

    def look(self) -> int:
        """One turn of a worker; how much came."""
        came = self.carrier.receive(0.0)
        for each in came:
            self._check(each)
        self._read()
        return len(came)

    def _hand_over(self, count: int) -> None:
        keys = range(len(self.handed) + 1, len(self.handed) + count + 1)
        self.handed.update(keys)
        self.carrier.hand_over([Submission(key, "+79000000001", Segment("Hello", Alphabet.GSM7)) for key in keys])

    def _check(self, each: object) -> None:
        match each:
            case Answer(key, outcome):
                self.answered[key] += 1
                assert self.answered[key] == 1, "it was answered twice"
                assert key in self.handed, "it was never handed over"
                self._uncertain |= {key} if isinstance(outcome, Uncertain) else set()
            case LateAnswer(key):
                assert key in self._uncertain, "a late answer about what was answered"
                self._uncertain.discard(key)
            case Report() | Incoming():
                self.carrier.acknowledge(each)
            case _:
                raise AssertionError(type(each))

    def _send(self, octets: memoryview) -> int:
        try:
            return self.far.send(octets) if octets else 0
        except BlockingIOError:
            return 0
        except OSError:
            return len(octets)  # the link has ended by itself

    def _read(self) -> None:
        """What was written is SMPP, whatever was read."""
        try:
            self._written += self.far.recv(1 << 20)
        except OSError:
            return
        for command, _status, _sequence, body in codec.cut(self._written):
            if command == codec.SUBMIT_SM:
                codec.read_submit(body)


@contextmanager
def _bound() -> Iterator[Talk]:
    """The SMSC's answer to the bind is there before it is asked, so that one thread does for both."""
    near, far = socket.socketpair()
    clock = [time.monotonic()]
    carrier = SmppCarrier(SETTINGS, clock=lambda: clock[0], seed=1)
    wire = Wire(lambda: clock[0])
    try:
        session = Session("fuzzed", wire.take(near), carrier._terms.binds()[0], 30.0, carrier._clock)
        far.sendall(pdu.framed(codes.BIND_TRANSCEIVER_RESP, codes.OK, pdu.FIRST_SEQUENCE, b"fuzz\0"))
        session.bind(wire)
        carrier._wire, carrier._sessions = wire, [session]
        far.setblocking(False)
        yield Talk(carrier, far, clock)
    finally:
        wire.close()
        far.close()
