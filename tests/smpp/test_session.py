"""The timers of a bind's link, over a real socket pair and by the test's clock: who asks whom, and when it is over."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from gateway.smpp import codes, pdu
from gateway.smpp.commands import Bind
from gateway.smpp.pdu import LAST_SEQUENCE, Cutter, Pdu
from gateway.smpp.session import ENQUIRE_ANSWER_S, Session
from gateway.smpp.wire import Wire

ENQUIRE_S = 30.0


@dataclass
class Talk:
    """A session that is bound, and the SMSC's end of its link."""

    wire: Wire
    session: Session
    far: socket.socket
    clock: list[float]

    def at(self, moment: float) -> list[Pdu]:
        """What the SMSC reads of what is said when the clock shows this."""
        self.clock[0] = moment
        self.wire.wait(0.0)
        assert list(self.session.take()) == []
        self.session.keep_alive(moment)
        self.wire.wait(0.0)
        cutter = Cutter()
        try:
            return list(cutter.feed(self.far.recv(1 << 16)))
        except BlockingIOError:
            return []

    def say(self, command: int, sequence: int = 1, status: int = codes.OK, body: bytes = b"") -> None:
        self.far.sendall(pdu.framed(command, status, sequence, body))

    @property
    def fault(self) -> str:
        return self.session.link.fault


@pytest.fixture
def talk() -> Iterator[Talk]:
    near, far = socket.socketpair()
    far.setblocking(False)
    clock = [1000.0]
    wire = Wire(lambda: clock[0])
    link = wire.take(near)
    session = Session("operator", link, Bind(codes.BIND_TRANSCEIVER, "clinic", ""), ENQUIRE_S, lambda: clock[0])
    yield Talk(wire, session, far, clock)
    wire.close()
    far.close()


def commands(pdus: list[Pdu]) -> list[int]:
    return [each.command for each in pdus]


def test_a_silent_smsc_is_asked_when_its_time_has_come_and_not_before(talk: Talk) -> None:
    assert talk.at(1029.9) == []
    assert commands(talk.at(1030.0)) == [codes.ENQUIRE_LINK]
    assert talk.at(1031.0) == []  # once is enough
    assert talk.session.next_look() == 1030.0 + ENQUIRE_ANSWER_S


def test_one_that_answers_is_asked_again_after_the_next_silence(talk: Talk) -> None:
    (asked,) = talk.at(1030.0)
    talk.say(codes.ENQUIRE_LINK_RESP, asked.sequence)
    assert talk.at(1032.0) == []
    assert talk.at(1061.9) == []
    assert commands(talk.at(1062.0)) == [codes.ENQUIRE_LINK]
    assert talk.fault == ""


def test_one_that_takes_long_over_the_answer_is_in_doubt_until_it_says_something(talk: Talk) -> None:
    talk.at(1030.0)
    assert not talk.session.is_in_doubt(1030.9)
    assert talk.session.is_in_doubt(1031.0)
    talk.at(1033.0)
    assert talk.session.is_in_doubt(1033.0)
    talk.say(codes.ENQUIRE_LINK)
    talk.at(1034.0)
    assert not talk.session.is_in_doubt(1034.0)


def test_one_that_is_slow_is_in_doubt_once_and_then_waited_for_as_long_as_it_takes(talk: Talk) -> None:
    talk.at(1030.0)
    talk.at(1033.0)
    talk.say(codes.ENQUIRE_LINK)
    talk.at(1033.5)
    assert commands(talk.at(1063.5)) == [codes.ENQUIRE_LINK]
    assert not talk.session.is_in_doubt(1070.4)
    assert talk.session.is_in_doubt(1070.5)
    talk.say(codes.ENQUIRE_LINK)
    talk.at(1063.6)
    talk.at(1093.6)
    assert talk.session.is_in_doubt(1094.6)


def test_one_that_does_not_is_given_up(talk: Talk) -> None:
    talk.at(1030.0)
    talk.at(1039.9)
    assert talk.fault == ""
    talk.at(1040.0)
    assert "enquire_link" in talk.fault


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (codes.ENQUIRE_LINK, codes.OK),  # it asks us instead
        (codes.ENQUIRE_LINK_RESP, codes.SYSTEM_ERROR),
        (codes.UNBIND_RESP, codes.OK),
    ],
)
def test_whatever_it_says_shows_that_it_is_there(command: int, status: int, talk: Talk) -> None:
    talk.at(1030.0)
    talk.say(command, 77, status)
    talk.at(1035.0)
    talk.at(1050.0)
    assert talk.fault == ""
    assert commands(talk.at(1065.0)) == [codes.ENQUIRE_LINK]


def test_one_that_does_not_know_the_question_is_there_all_the_same(talk: Talk) -> None:
    """It answers generic_nack, which goes on to the carrier."""
    (asked,) = talk.at(1030.0)
    talk.say(codes.GENERIC_NACK, asked.sequence, codes.INVALID_COMMAND)
    talk.wire.wait(0.0)
    talk.clock[0] = 1035.0
    assert commands(list(talk.session.take())) == [codes.GENERIC_NACK]
    talk.session.keep_alive(1040.0)
    assert talk.fault == ""


def test_its_own_questions_are_answered(talk: Talk) -> None:
    talk.say(codes.ENQUIRE_LINK, 4711)
    (answer,) = talk.at(1001.0)
    assert (answer.command, answer.sequence, answer.status) == (codes.ENQUIRE_LINK_RESP, 4711, codes.OK)


def test_numbers_come_round_and_the_bind_goes_on(talk: Talk) -> None:
    talk.session._sequence = LAST_SEQUENCE
    assert [talk.session.next_sequence() for _ in range(3)] == [LAST_SEQUENCE, 1, 2]
