"""A simulated SMSC: it takes SMS over binds, answers in its time or not at all, and tells what became of them.

What it hears and says is octets, read and written by the tests' own codec; the bind on the other side is the gateway's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from tests.fake_modem.codec import Part
from tests.fake_smsc import codec, phones, receipts
from tests.simulation import smsc_mishaps as mishaps
from tests.simulation.link import Pipe
from tests.simulation.network import DELIVERED, FINAL, STILL_TRYING, TOO_LATE, UNREACHABLE, Network, Sim, Try
from tests.simulation.words import Telling, Word
from tests.simulation.world import World

STATS = {DELIVERED: "DELIVRD", STILL_TRYING: "ENROUTE", TOO_LATE: "EXPIRED", UNREACHABLE: "UNDELIV"}


@dataclass(eq=False)
class Told:
    """A deliver_sm that waits for its answer."""

    body: bytes = field(repr=False)
    about: Try | None = None
    tp_st: int | None = None
    word: Word | None = None  # what a patient wrote
    run: int = 0  # of the gateway, that was told of it first


@dataclass(eq=False)
class Session:
    """One connection, once it is bound."""

    pipe: Pipe
    on_submit: Callable[[int], Try]
    heard: bytearray = field(default_factory=bytearray)
    is_told: bool = False  # bound, and not to send only
    sequence: int = 0
    unanswered: dict[int, tuple[Told, Telling | None]] = field(default_factory=dict)  # by sequence number


class Smsc:
    """It outlives every run of the gateway."""

    def __init__(
        self,
        world: World,
        network: Network,
        line: str,
        faults: mishaps.BindFaults,
        ids: tuple[str, str],
        most_per_second: int | None = None,
    ) -> None:
        self.is_up = True
        self.run = 0  # of the gateway; set by it
        self.faults = faults
        self.account = Sim(line, "Clinic", 0)
        self.on_submit: Callable[[int], Try]  # set by the carrier: what it has handed over, by sequence number
        self._world, self._network = world, network
        self._ids = ids
        self._next_id = 50_000_000  # no two forms of such ids are alike
        self._busy_for = 0
        self.most_per_second = most_per_second  # that it takes; None: all
        self._heard_at: list[float] = []
        self._sessions: dict[int, Session] = {}
        self._waiting: list[Told] = []

    # Links.

    def connected(self, pipe: Pipe) -> None:
        self._sessions[id(pipe)] = Session(pipe, self.on_submit)

    def closed(self, pipe: Pipe) -> None:
        if id(pipe) in self._sessions:
            self._end(self._sessions[id(pipe)])

    def hang_up(self) -> None:
        """Every link falls; what was not acknowledged is told again over the next one."""
        for session in list(self._sessions.values()):
            self._end(session)

    def go_away(self) -> None:
        self.is_up = False
        self.hang_up()

    def come_back(self) -> None:
        self.is_up = True

    def _end(self, session: Session) -> None:
        session.pipe.fall()
        if self._sessions.pop(id(session.pipe), None):
            self._waiting = [*(told for told, _telling in session.unanswered.values()), *self._waiting]
            self._flush()

    # What it hears.

    def heard(self, pipe: Pipe, octets: bytes) -> None:
        session = self._sessions.get(id(pipe))
        if session is None:
            return
        session.heard += octets
        for command, status, sequence, body in codec.cut(session.heard):
            self._hear(session, command, status, sequence, body)

    def _hear(self, session: Session, command: int, status: int, sequence: int, body: bytes) -> None:
        if command in codec.BINDS:
            session.is_told = command != codec.BIND_TRANSMITTER
            self._answer(session, command, sequence, body=b"simulated\0")
            self._flush()
        elif command == codec.SUBMIT_SM:
            self._submitted(session, sequence, codec.read_submit(body))
        elif command in (codec.ENQUIRE_LINK, codec.UNBIND):
            self._answer(session, command, sequence)
        elif command == codec.RESPONSE | codec.DELIVER_SM:
            self._acknowledged(session, sequence, status)
        elif command not in codec.ANSWERS:
            raise AssertionError(f"command {command:#010x}")

    def _acknowledged(self, session: Session, sequence: int, status: int) -> None:
        told, telling = session.unanswered.pop(sequence, (None, None))
        if told is None:
            return
        assert status == codec.OK, "a receipt or an SMS was refused"
        if told.about and told.tp_st in FINAL:
            told.about.final_report = told.tp_st
        if telling:
            telling.until = min(telling.until, self._world.moment)

    # Submits.

    def _submitted(self, session: Session, sequence: int, submit: codec.Submit) -> None:
        tried = session.on_submit(sequence)
        tried.recipient, tried.text, tried.part = _read(submit)
        self._network.tries.append(tried)
        fault = self.faults.pick(self._world.chance.random())
        self._world.say("submit_sm", key=tried.key, fault=fault)
        if self._busy_for or self._is_beyond():
            self._busy_for = max(0, self._busy_for - 1)
            self.throttle(session, sequence, tried)
        elif fault in mishaps.REFUSALS:
            self._answer(session, codec.SUBMIT_SM, sequence, self._world.chance.choice(mishaps.REFUSALS[fault]))
        else:
            mishaps.MISHAPS[fault](self, session, sequence, submit, tried)

    def take(self, submit: codec.Submit, tried: Try) -> str:
        """The SMS is in the network's hands; its id."""
        number, self._next_id = self._next_id, self._next_id + 1
        answered, receipted = (receipts.IDS[form](number) for form in self._ids)
        report = partial(self._report, tried, receipted, self._world.true_now())
        self._network.hand_on(self.account, tried, _seconds(submit.validity), report)
        return answered

    def accept(
        self,
        session: Session,
        sequence: int,
        submit: codec.Submit,
        tried: Try,
        after_s: tuple[float, float] = (0.01, 2.0),
    ) -> None:
        body = self.take(submit, tried).encode("ascii") + b"\0"
        answer = partial(self._answer, session, codec.SUBMIT_SM, sequence, body=body)
        self._world.after(self._world.chance.uniform(*after_s), answer)
        tried.has_reference = True

    def _is_beyond(self) -> bool:
        """More than it takes in a second."""
        if self.most_per_second is None:
            return False
        self._heard_at = [at for at in self._heard_at if at > self._world.moment - 1.0]
        if len(self._heard_at) >= self.most_per_second:
            return True
        self._heard_at.append(self._world.moment)
        return False

    def throttle(self, session: Session, sequence: int, tried: Try) -> None:
        tried.is_throttled = True
        self._answer(session, codec.SUBMIT_SM, sequence, codec.THROTTLED)

    def be_busy(self) -> None:
        self._busy_for = self._world.chance.randrange(*mishaps.BUSY_FOR)

    def _answer(self, session: Session, command: int, sequence: int, status: int = codec.OK, body: bytes = b"") -> None:
        session.pipe.say(codec.pdu(codec.RESPONSE | command, status, sequence, body))

    # What it tells.

    def _report(self, tried: Try, message_id: str, submitted_at: datetime, tp_st: int) -> None:
        text, tlvs = receipts.receipt(
            message_id,
            STATS[tp_st],
            self._world.true_now().astimezone(UTC),
            form=self._world.chance.choice(tuple(receipts.TEXTS)),
            with_tlvs=self._world.chance.random() < 0.3,
            submitted_at=submitted_at.astimezone(UTC),
        )
        esm_class = receipts.RECEIPT if tp_st in FINAL else receipts.INTERMEDIATE
        number = tried.recipient.removeprefix("+")
        body = codec.deliver_body(number, "Clinic", text, esm_class=esm_class, tlvs=tlvs)
        self.tell(Told(body, tried, tp_st))

    def write(self, word: Word) -> None:
        """A patient's SMS, whole."""
        payload = codec.tlv(codec.MESSAGE_PAYLOAD, word.text.encode("utf-16-be"))
        body = codec.deliver_body(word.sender.removeprefix("+"), "Clinic", b"", data_coding=phones.UCS2, tlvs=payload)
        self.tell(Told(body, word=word))

    def tell(self, told: Told) -> None:
        self._waiting.append(told)
        self._flush()

    def _flush(self) -> None:
        session = next((each for each in self._sessions.values() if each.is_told), None)
        if session is None:
            return
        for told in self._waiting:
            session.sequence += 1
            if told.word and told.run not in (0, self.run):
                self._network.repeated.append((told.word.sender, told.word.text))
            told.run = told.run or self.run
            self._say(session, told)
            if told.word and self._world.chance.random() < self._network.weather.text_twice:
                session.sequence += 1
                self._say(session, told)  # it did not wait for the answer
        self._waiting.clear()

    def _say(self, session: Session, told: Told) -> None:
        telling = told.word.tell(self._world.moment) if told.word else None
        session.unanswered[session.sequence] = told, telling
        session.pipe.say(codec.pdu(codec.DELIVER_SM, codec.OK, session.sequence, told.body))


def _read(submit: codec.Submit) -> tuple[str, str, Part | None]:
    """As the handset understands it: number, text, and which part."""
    part, octets, fill_bits = phones._part(submit)
    text = phones.Phones()._read(submit.data_coding, octets, fill_bits)
    found = part and Part(part.reference, part.total, part.number, is_wide=part.reference > 0xFF)
    return f"+{submit.dest[2]}", text, found


def _seconds(validity: str) -> float | None:
    """Of a relative time, YYMMDDhhmmsst00R."""
    if not validity:
        return None
    years, months, days, hours, minutes, seconds = (int(validity[at : at + 2]) for at in range(0, 12, 2))
    return float((((years * 365 + months * 30 + days) * 24 + hours) * 60 + minutes) * 60 + seconds)
