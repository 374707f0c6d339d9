"""One daemon with many modems; on each modem one story is played, all side by side."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.fleet import Fleet
from tests.e2e.installation import Installation
from tests.fake_modem.bank import Bank
from tests.fake_modem.handle import Handle
from tests.reliability import truth
from tests.reliability.result import Result

ANSWER_WAIT_S, UNCERTAIN_WAIT_S = 2, 8
ACKNOWLEDGE_S, AGAIN_S = 5.0, 1.0  # the network's patience for +CNMA: longer than the gateway's for an answer
LOOK_S = 0.1  # between two looks of one story: there are many
START_S = 120.0  # until all modems are ready, on a busy machine
MESSAGES = 4  # of one story: before, struck, after, and one to spare
SHORT, LONG = "Reminder {n}", "Длинное напоминание о подготовке к исследованию. " * 6 + "{n}"  # 1 and 5 SMS
STRIKE_AFTER = 2  # SMS of a long message that are out before the fault

_WRITER = threading.Lock()  # the clinic's one program that writes for all stories

Act = Callable[["Stage"], float]


@dataclass(frozen=True)
class Story:
    """`act` lets the fault happen around `stage.struck`, and gives the monotonic time of its end."""

    name: str
    done: str
    must: str
    act: Act
    ends: Sequence[str] = ("delivered",)  # of the struck message
    pains: Sequence[int] = ()
    find_by: str = "port"  # how the modem is configured: port, imei, iccid
    is_on_bus: bool = False  # it is a stick on the fake USB bus, found by its SIM
    like: str = ""  # it has the IMEI of this other story's stick
    category: str = "notification"
    patience_s: float = 60.0
    personality: str = "default"
    uses_spare: bool = False  # a second stick, unplugged, is in the bank
    recovers: bool = True  # False: the carrier need not send again by itself
    is_single: bool = False  # no second copy, said or not
    swallowed: bool = False  # the network says yes and loses it
    keys: Mapping[str, Any] = field(default_factory=dict)  # of its [[modem]] table


@dataclass
class Stage:
    """What a story holds: its modem, its numbers, its messages."""

    story: Story
    fleet: Fleet
    modem: Handle
    spare: Handle | None
    numbers: Iterator[str]
    is_long: bool
    struck: int = 0  # the message that the fault meets
    messages: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    # -- messages

    def send(self, text: str = SHORT, category: str | None = None) -> int:
        number = next(self.numbers)
        columns = {"category": category or self.story.category, "sender": self.story.name}
        message = self._insert(number, text.format(n=number[-5:]), columns)
        self.messages.append(message)
        return message

    def _insert(self, number: str, text: str, columns: Mapping[str, str]) -> int:
        """A program whose row is not taken within five seconds, since the disk has much to do, writes it again."""
        deadline = time.monotonic() + self.story.patience_s
        while True:
            try:
                with _WRITER:
                    return self.fleet.clinic.insert(number, text, **columns)
            except sqlite3.OperationalError:
                if time.monotonic() > deadline:
                    raise

    def begin(self) -> None:
        """The message that the fault is to meet; a long one until its middle."""
        before = len(self.submitted())
        self.struck = self.send(LONG if self.is_long else SHORT)
        if self.is_long:
            self.wait_for(lambda: len(self.submitted()) >= before + STRIKE_AFTER, "the middle of the long message")

    def fault(self, kind: str, after: str | None = None, **options: Any) -> float:
        """A fault at the struck message; gives when it is over."""
        self.modem.fault(kind, after, skip=STRIKE_AFTER if self.is_long else 0, **options)
        self.struck = self.send(LONG if self.is_long else SHORT)
        self.wait_for(lambda: self.modem.struck, f"the fault {kind}")
        return self.modem.struck[-1].at + (options.get("seconds") or 0.0)

    def submitted(self) -> list[Any]:
        own = {self.modem.name, self.spare.name if self.spare else ""}
        return [each for each in list(self.fleet.bank.submitted) if each.modem in own]

    # -- looking

    @property
    def state(self) -> str:
        return self.fleet.state_of(self.story.name)

    def row(self, message: int) -> dict[str, Any]:
        return truth.rows(self.fleet.clinic.database, "SELECT * FROM outbox WHERE id = ?", message)[0]

    def wait_for(self, is_so: Callable[[], object], what: str, patience_s: float | None = None) -> None:
        deadline = time.monotonic() + (patience_s or self.story.patience_s)
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(f"never: {what}; state {self.state}")
            time.sleep(LOOK_S)

    def sleep(self, seconds: float) -> float:
        time.sleep(seconds)
        return time.monotonic()

    # -- the play

    def play(self) -> Result:
        try:
            return self._play()
        except Exception as fault:  # noqa: BLE001 - one story that fails must not end the others
            return self._result(f"{type(fault).__name__}", [f"{fault}"], None)

    def _play(self) -> Result:
        before = self.send()
        self.wait_for(lambda: self.row(before)["state"] == "delivered", "the message before", START_S)
        ended_at = self.story.act(self)
        after = self.send()
        if not self.story.recovers:
            self._await_end()
            return self._result(self._seen(), self._wrong(), None)
        self.wait_for(lambda: self._first_after(ended_at), "the first SMS afterwards")
        self._await_end()
        self.wait_for(lambda: self.row(after)["state"] in truth.SETTLED, "the end of the message after it")
        return self._result(self._seen(), self._wrong(), (self._first_after(ended_at) or ended_at) - ended_at)

    def _await_end(self) -> None:
        self.wait_for(lambda: self.row(self.struck)["state"] in self.story.ends, f"the message is {self.story.ends}")

    def _first_after(self, ended_at: float) -> float | None:
        return next((each.answered_at for each in self.submitted() if each.answered_at > ended_at), None)

    def _seen(self) -> str:
        row, states = self.row(self.struck), self.fleet.states_of(self.struck)
        said = "; ".join([" → ".join(states), *self.notes])
        return f"{said}, {row['error_code']}" if row["error_code"] else said

    def _wrong(self) -> list[str]:
        wrong: list[str] = []
        for message in self.messages:
            row = self.row(message)
            copies: Mapping[int, int] = truth.copies(self.fleet.bank).get(row["recipient"], {})
            row["uncertain"] = self.fleet.states_of(message).count("uncertain")
            if self.story.is_single and any(count > 1 for count in copies.values()):
                wrong.append(f"message {message} went out twice")
            if row["state"] in truth.SETTLED:
                wrong += truth.wrong_with(row, copies, self.fleet.bank, is_swallowed=self.story.swallowed)
        return wrong

    def _result(self, seen: str, wrong: Sequence[str], recovery_s: float | None) -> Result:
        story = self.story
        kind = "long" if self.is_long else "short"
        return Result(story.name, story.done, story.must, seen, wrong, recovery_s, story.pains, kind)


@contextmanager
def _staged(folder: Path, stories: Sequence[Story], *, is_long: bool) -> Iterator[list[Stage]]:
    """All of them are on the bus, or none is."""
    folder.mkdir(parents=True, exist_ok=True)
    clinic, sysfs = Installation(folder), folder / "sys" if stories[0].is_on_bus else None
    surroundings = {"SMSGW_DEV": str(folder / "modems"), "SMSGW_SYSFS": str(sysfs)} if sysfs else {}
    with Bank(0, folder=folder / "modems", radio_s=0.15, report_s=0.2, sysfs=sysfs) as bank:
        stages: list[Stage] = []
        for place, story in enumerate(stories):
            twin = next((stage.modem.imei for stage in stages if stage.story.name == story.like), None)
            modem = bank.add(story.personality, name=story.name, imei=twin)
            modem.patience(ACKNOWLEDGE_S, AGAIN_S)
            spare = (
                bank.add(story.personality, name=f"{story.name}-spare", is_plugged=False) if story.uses_spare else None
            )
            numbers = iter([f"+7900{place:03d}{n:04d}" for n in range(1000 * is_long, 1000 * is_long + 1000)])
            stages.append(Stage(story, Fleet(clinic, bank, {story.name: modem}), modem, spare, numbers, is_long))
        clinic.configure([_table(stage) for stage in stages], uncertain_wait=UNCERTAIN_WAIT_S)
        clinic.create_database()
        clinic.start(environment=surroundings)
        try:
            yield stages
        finally:
            clinic.stop()


def _table(stage: Stage) -> dict[str, Any]:
    story, modem = stage.story, stage.modem
    keys: dict[str, Any] = {"name": story.name, "answer_wait": ANSWER_WAIT_S, **story.keys}
    if not story.is_on_bus:
        keys["port"] = modem.port if story.find_by == "port" else f"{modem.port}*"
    named = {"imei": {"imei": modem.imei}, "iccid": {"iccid": modem.sim.iccid}}
    return keys | named.get("iccid" if story.is_on_bus else story.find_by, {})


def played(folder: Path, stories: Sequence[Story], *, is_long: bool) -> list[Result]:
    """All stories at the same time; whatever takes time, takes it side by side."""
    with _staged(folder, stories, is_long=is_long) as stages, ThreadPoolExecutor(len(stages)) as players:
        return list(players.map(Stage.play, stages))
