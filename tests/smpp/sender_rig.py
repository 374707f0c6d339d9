"""A sender with its stream, told the time by the test."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from gateway.carrier import Answer, LateAnswer, Submission
from gateway.smpp import codes, pdu
from gateway.smpp.fields import Unencodable
from gateway.smpp.messages import MessageId
from gateway.smpp.pace import Pace
from gateway.smpp.pdu import Pdu
from gateway.smpp.sender import Sender
from gateway.smpp.window import Window
from gateway.sms.message import Alphabet, Segment

ANSWER_S = 10.0


def submission(key: int, sender: str | None = None, rank: int = 5) -> Submission:
    return Submission(key, "+79000000001", Segment("Hello", Alphabet.GSM7), sender=sender, rank=rank)


class Rig:
    """A sender and the stream that it writes to."""

    def __init__(self, size: int = 5, most: float = 10_000) -> None:
        self.sender = Sender(Window(size, ANSWER_S), Pace(most), self.encode, "Clinic")
        self.stream = bytearray()
        self.sequences = itertools.count(1)
        self.sent: list[tuple[int, int]] = []  # key, sequence
        self.validity_s: list[int | None] = []

    def encode(self, each: Submission, sequence: int) -> bytes:
        if each.sender == "unsendable":
            raise Unencodable("source_addr", "too long")
        self.sent.append((each.key, sequence))
        self.validity_s.append(each.validity_s)
        return bytes(20)

    def queue(self, octets: bytes) -> int:
        self.stream += octets
        return len(self.stream) - len(octets)

    def send(self, *keys: int, now: float = 0.0, sender: str | None = None, rank: int = 5) -> None:
        self.sender.send([submission(key, sender, rank) for key in keys], self.next, self.queue, now)

    @property
    def into(self) -> tuple[Callable[[], int], Callable[[bytes], int]]:
        return self.next, self.queue

    def next(self) -> int:
        return next(self.sequences)

    def send_waiting(self, now: float) -> None:
        self.sender.send_waiting(self.next, self.queue, now)

    def answer(self, sequence: int, status: int = codes.OK, now: float = 0.1) -> Answer | LateAnswer | None:
        body = (
            MessageId("id7").encode(codes.SUBMIT_SM_RESP, sequence)[pdu.HEADER_OCTETS :] if status == codes.OK else b""
        )
        return self.sender.answered(Pdu(codes.SUBMIT_SM_RESP, status, sequence, body), now)

    def overdue(self, now: float) -> list[Answer]:
        return list(self.sender.overdue(now))
