"""AT lines: commands and damaged answers through the conversation, and what it gives on to everybody who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from gateway.modem import answers, at, codes, inbound, network, notify, stored, urc
from gateway.modem.lines import LONGEST_LINE, Prompt
from tests.fuzz import mutations
from tests.fuzz.corpus import exchanges, samples

COMMANDS = 6  # in one item
PROBES = 3  # so often a line that is out of step is asked until it is in step again
PROBE_ANSWER = b"\r\n+CMGF: 0\r\n\r\nOK\r\n"
LINE = re.compile(rb"[^\r\n]+")


@dataclass(frozen=True)
class Step:
    """One thing that happens to a conversation."""

    name: str  # send, send_pdu, escape, abandon, in_step, feed
    text: str = ""
    octets: bytes = b""


@dataclass
class Told:
    """What a conversation said, and how it stands in the end."""

    events: list[at.Event] = field(default_factory=list)
    stands: tuple[object, ...] = ()


def make(chance: Random) -> list[Step]:
    """Some commands; their answers damaged, given up, or mixed with what comes unasked."""
    steps: list[Step] = []
    for _ in range(chance.randrange(1, COMMANDS)):
        command, answer = chance.choice(exchanges())
        steps.append(Step("send_pdu" if command == "PDU" else "send", command))
        steps += _answered(chance, answer)
        steps += chance.choice(((), (), (Step("abandon"),), (Step("abandon"), Step("escape")), (Step("in_step"),)))
    return steps


def _answered(chance: Random, answer: bytes) -> list[Step]:
    octets = answer if chance.random() < 0.3 else mutations.damaged(chance, answer)
    for _ in range(chance.choice((0, 0, 1, 2))):
        other = mutations.damaged(chance, chance.choice(samples("unasked")))
        octets = mutations.spliced(chance, octets, other) if chance.random() < 0.5 else octets + other
    return [Step("feed", octets=octets + chance.choice((b"", b"\r\n", b"\r\n")))]


def count(steps: list[Step]) -> int:
    """How many lines it is."""
    return sum(len(LINE.findall(step.octets)) for step in steps)


def check(steps: list[Step]) -> None:
    """Whole, and in small reads: the same is understood, and whoever reads it can."""
    whole = _play(steps, LONGEST_LINE)
    assert sum(isinstance(event, at.Answer) for event in whole.events) <= len(steps)
    for event in whole.events:
        _read(event)
    if all(len(step.octets) < LONGEST_LINE for step in steps):  # a line without measure is forgotten at some read
        for size in (1, 7):
            assert _play(steps, size) == whole


def _play(steps: list[Step], size: int) -> Told:
    conversation, told = at.Conversation(), Told()
    for step in steps:
        _STEPS[step.name](conversation, told, step, size)
    told.stands = (conversation.is_dirty, conversation.passed_over, conversation.echoes, tuple(conversation.owed))
    assert _comes_into_step(conversation)
    return told


def _comes_into_step(conversation: at.Conversation) -> bool:
    """Whatever was said before: a modem that answers is understood again."""
    for _ in range(PROBES):
        conversation.feed(b"\r\n")
        conversation.abandon()
        conversation.texts.give_up()  # as the transport says when the line is quiet
        conversation.send(at.PROBE)
        if any(isinstance(event, at.Answer) for event in conversation.feed(PROBE_ANSWER)):
            return True
    return False


def _feed(conversation: at.Conversation, told: Told, step: Step, size: int) -> None:
    for start in range(0, len(step.octets), size):
        told.events += conversation.feed(step.octets[start : start + size])


_STEPS: dict[str, Callable[[at.Conversation, Told, Step, int], object]] = {
    "send": lambda talk, _told, step, _size: talk.send(step.text, has_prompt=step.text.startswith("AT+CMGS=")),
    "send_pdu": lambda talk, told, _step, _size: talk.send_pdu("0001000B919700000000F1000002E834", len(told.events)),
    "escape": lambda talk, _told, _step, _size: talk.escape(),
    "abandon": lambda talk, _told, _step, _size: talk.abandon(),
    "in_step": lambda talk, _told, _step, _size: talk.in_step(),
    "feed": _feed,
}


def _read(event: at.Event) -> None:
    match event:
        case at.Answer(final, lines):
            read_answer(lines, final)
        case urc.Unsolicited(_, line, pdu):
            read_unasked(line, pdu)
        case at.LateSubmit():
            read_answer(event.lines, event.final)
        case at.Late(line):
            read_unasked(line, "")
        case at.Begun() | Prompt():
            pass


def read_answer(lines: tuple[str, ...], final: at.Final) -> None:
    """Everything that looks at an answer's lines."""
    for reader in READERS:
        reader(lines)
    states = [state for state in (answers.registration_in(lines),) if state is not None]
    network.is_registered(states), network.detail(states)
    if final.result is not at.Result.OK:
        outcome = codes.outcome_of(final.result.value, final.number, final.text)
        assert outcome.code
        assert outcome.text
    for each in (*stored.listed(lines), stored.read(lines, 0)):
        if each is not None:
            inbound.decode(each.pdu, each.length, "8970199000000000017", None)


def read_unasked(line: str, pdu: str) -> None:
    urc.stored_at(line), urc.kind_of(line, None), answers.registration_in([line])
    if pdu:
        inbound.decode(pdu, inbound.length_in(line), "8970199000000000017", None)


READERS: tuple[Callable[[tuple[str, ...]], object], ...] = (
    lambda lines: answers.value_of(lines, "+CGMI"),
    answers.number_in,
    answers.iccid_in,
    answers.registration_in,
    answers.signal_dbm_in,
    answers.operator_in,
    answers.has_service_centre,
    answers.storages_in,
    answers.fill_in,
    lambda lines: answers.offers(lines, "+CMMS", 2),
    notify.candidates,
    stored.is_text_mode,
    at.reference_in,
)
