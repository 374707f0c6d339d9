"""What the tests of the AT conversation share: how it is fed, and what they expect."""

from __future__ import annotations

from gateway.modem import at
from gateway.modem.at import Answer, Begun, Conversation, Event

SIZES = [1, 2, 3, 7, 1_000_000]
PDU = "0001000B919700000000F100000548656C6C6F"
REPORT = "07919700000000F0060A0B919700000000F16211220150002162112201510021" + "00"
NO = None


def feed(conversation: Conversation, data: bytes, size: int = 1_000_000) -> list[Event]:
    found: list[Event] = []
    for start in range(0, len(data), size):
        found += conversation.feed(data[start : start + size])
    return [event for event in found if not isinstance(event, Begun)]


def ok(*lines: str) -> Answer:
    return Answer(at.OK, lines)
