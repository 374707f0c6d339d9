"""The clinic: its information system, which writes rows as outsiders do, its patients, and the people at its desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from gateway.queue import db, times
from gateway.queue.rules import IntakeRules
from tests.simulation.campaigns import Campaigns
from tests.simulation.desk import Desk
from tests.simulation.network import DAY_S, Network, Phone
from tests.simulation.world import World

EXPIRES_AFTER_S = ((20.0, 200.0), (8000.0, 90_000.0), (8000.0, 90_000.0))  # where a writer says so
REMINDERS_AT, OPENS_AT, CLOSES_AT = time(9), time(8), time(20)
INSERT = """
    INSERT INTO outbox (recipient, body, category, priority, sender, not_before, expires_at, external_id)
    VALUES (:recipient, :body, :category, :priority, :sender, :not_before, :expires_at, :external_id)"""
TEXTS = {
    "otp": ("Код: {n}", "Code {n}"),
    "emergency": ("Срочно: приём отменён, {n}",),
    "notification": (
        "Ждём вас завтра в 10:00, {n}",
        "Result {n} is ready [€]",
        "Уважаемая Анна Ивановна, напоминаем о приёме. " * 3 + "{n}",
        "Dear patient, please come {n} " + "and bring your papers " * 9,
        "👨‍👩‍👧 {n} " + "приходите всей семьёй 😀 " * 8,
    ),
    "marketing": ("Скидки недели {n}", "Sale of the week {n}"),
}
BAD_NUMBERS = ("8 495 123-45-67", "нет", "", "112", "+7 900 000", "89999999999")
WRITES = {"national": "8{}", "international": "+7{}", "spaced": "+7 {}"}


@dataclass(eq=False)
class Asked:
    """One row that the information system wrote."""

    id: int
    recipient: str  # as it should be understood; empty: it can't
    body: str = field(repr=False)
    asked_at: datetime  # by the machine's clock, as the others here
    category: str = "notification"
    is_released: bool = False
    due_at: datetime | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None
    priority: int | None = None
    moment: float = 0.0  # when it was asked


@dataclass(frozen=True)
class ListRow:
    """Of a list that is imported."""

    patient: str
    written: str
    body: str = field(repr=False)


@dataclass
class Habits:
    """How much a day brings."""

    reminders: int
    results: int
    codes: int
    emergencies: float
    written_twice: float  # share of rows with a key that is inserted again
    cancelled: float
    storms: float  # a day: the same row written again and again by a program gone wrong
    answers: float  # share of texts that somebody answers


class Clinic:
    """Everything that outsiders do to the queue, from the main thread."""

    def __init__(
        self, world: World, database: Path, rules: IntakeRules, network: Network, zone: ZoneInfo, habits: Habits
    ) -> None:
        self.world = world
        self.network = network
        self.asked: dict[int, Asked] = {}
        self.taken_back: set[int] = set()  # by somebody
        self.refused_keys = 0
        self._database = database
        self.rules = rules
        self._zone = zone
        self._habits = habits
        self.chance = Random(world.chance.random())
        self.desk, self.campaigns = Desk(self), Campaigns(self)
        self._count = 0
        self._connection: sqlite3.Connection | None = None

    # The database, as another process has it.

    @property
    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = db.open_database(self._database)
            self.world.give_time(self._connection)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # Its days.

    def plan(self, days: int) -> None:
        """All days' work, hour by hour."""
        for day in range(days):
            self._at(day, REMINDERS_AT, self._remind)
            for _ in range(self._some(self._habits.results)):
                self._some_time(day, partial(self._ask, "notification"))
            for _ in range(self._some(self._habits.codes)):
                self._some_time(day, partial(self._ask, "otp"))
            if self.chance.random() < self._habits.emergencies:
                self._some_time(day, partial(self._ask, "emergency"))
            if self.chance.random() < self._habits.storms:
                self._some_time(day, self._storm)
            if self.chance.random() < 0.15:
                self._at(day, time(11), self._advertise)
            for _ in range(3):
                self._some_time(day, self.desk.look_through)
        self.campaigns.plan(days)

    def _remind(self) -> None:
        """In one transaction, as a program does it at nine."""
        with db.write(self.connection):
            for _ in range(self._some(self._habits.reminders)):
                self._insert("notification")
        self.world.touched.set()

    def _advertise(self) -> None:
        with db.write(self.connection):
            for _ in range(self._some(self._habits.reminders) // 2):
                self._insert("marketing")
        self.world.touched.set()

    def _ask(self, category: str) -> None:
        with db.write(self.connection):
            message = self._insert(category)
        self.world.touched.set()
        if message and self.chance.random() < self._habits.cancelled:
            self.world.after(self.chance.uniform(0.0, 30.0), partial(self._take_back, message))

    def _storm(self) -> None:
        """A program gone wrong: the same row again and again, at once or one by one."""
        patient = self.chance.choice(list(self.network.phones))
        body, count = self.text("notification"), self.chance.randrange(4, 30)
        if self.chance.random() < 0.5:
            for minute in range(count):
                self.world.after(minute * 60.0, partial(self._repeat, 1, patient, body))
        else:
            self._repeat(count, patient, body)

    def _repeat(self, count: int, patient: str, body: str) -> None:
        with db.write(self.connection):
            for _ in range(count):
                self._insert("notification", patient, body)
        self.world.touched.set()

    def _insert(self, category: str, patient: str | None = None, body: str | None = None) -> int | None:
        chance = self.chance
        patient = patient or chance.choice(list(self.network.phones))
        is_bad, wait_s = chance.random() < 0.02, 0.0
        values: dict[str, object] = {
            "recipient": chance.choice(BAD_NUMBERS) if is_bad else _written(chance, patient),
            "body": body or self.text(category),
            "category": category if category != "notification" or chance.random() < 0.5 else None,
            "priority": chance.choice((None, None, None, 7)),
            "sender": None,
            "not_before": self._local(wait_s := chance.uniform(60, 7200)) if chance.random() < 0.1 else None,
            "expires_at": self._local(chance.uniform(*chance.choice(EXPIRES_AFTER_S)))
            if chance.random() < 0.1
            else None,
            "external_id": f"mis-{self._count}" if chance.random() < 0.7 else None,
        }
        message = self._write(values)
        if message is not None:
            due_at = self.world.now() + timedelta(seconds=wait_s)
            number = "" if is_bad else patient
            self.asked[message] = self._asked(message, number, category, values, due_at)
        if values["external_id"] and chance.random() < self._habits.written_twice:
            self.world.after(chance.uniform(0.0, DAY_S), partial(self._again, values))
        return message

    def row_for(self, chance: Random, category: str) -> ListRow:
        """Of somebody's list: to whom, and what."""
        patient = chance.choice(list(self.network.phones))
        return ListRow(patient, _written(chance, patient), self.text(category))

    def note(self, message: int, patient: str, body: str, category: str) -> None:
        """A message that came from a list."""
        values: dict[str, object] = {"body": body, "not_before": None, "expires_at": None, "priority": None}
        self.asked[message] = self._asked(message, patient, category, values, self.world.now())

    def _asked(self, message: int, number: str, category: str, values: dict[str, object], due_at: datetime) -> Asked:
        not_before, expires_at = (self._read(values[key]) for key in ("not_before", "expires_at"))
        kind = self.rules.categories[category]
        start = max(self.world.now(), not_before or self.world.now())
        return Asked(
            message,
            number,
            str(values["body"]),
            self.world.now(),
            category,
            due_at=due_at,
            not_before=not_before,
            expires_at=expires_at or start + timedelta(seconds=kind.expires_after_s),
            priority=kind.priority if values["priority"] is None else int(str(values["priority"])),
            moment=self.world.moment,
        )

    def _read(self, written: object) -> datetime | None:
        return times.read(str(written), self._zone) if written else None

    def _again(self, values: dict[str, object]) -> None:
        with db.write(self.connection):
            message = self._write(values)
        assert message is None, "a second row of one external_id was taken"

    def _write(self, values: dict[str, object]) -> int | None:
        try:
            return self.connection.execute(INSERT, values).lastrowid
        except sqlite3.IntegrityError:
            self.refused_keys += 1
            return None

    def _take_back(self, message: int) -> None:
        """As an information system does it: only while it waits."""
        with db.write(self.connection):
            statement = "UPDATE outbox SET state = 'cancelled' WHERE id = ? AND state IN ('queued', 'held')"
            if self.connection.execute(statement, (message,)).rowcount:
                self.taken_back.add(message)
        self.world.touched.set()

    # Within.

    def _at(self, day: int, clock: time, what: Callable[[], None]) -> None:
        """On that day, at that time of the clinic's wall clock."""
        self.world.after(self._until_s(day, clock), what)

    def _until_s(self, day: int, clock: time) -> float:
        local = self.world.true_now().astimezone(self._zone) + timedelta(days=day)
        moment = datetime.combine(local.date(), clock, tzinfo=self._zone)
        return (moment - self.world.true_now()).total_seconds()

    def rush_at(self, day: int) -> float:
        """In how many seconds that day's reminders are written."""
        return self._until_s(day, REMINDERS_AT)

    def _some_time(self, day: int, what: Callable[[], None]) -> None:
        minutes = self.chance.randrange(OPENS_AT.hour * 60, CLOSES_AT.hour * 60)
        self._at(day, time(minutes // 60, minutes % 60, self.chance.randrange(60)), what)

    def _some(self, mean: int) -> int:
        return self.chance.randrange(0, 2 * mean + 1)

    def text(self, category: str) -> str:
        """No other one is the same."""
        self._count += 1
        return self.chance.choice(TEXTS[category]).format(n=f"{self._count:06d}")

    def _local(self, after_s: float) -> str:
        """As an information system writes times: without an offset, in the clinic's zone."""
        moment = self.world.now().astimezone(self._zone) + timedelta(seconds=after_s)
        return moment.strftime("%Y-%m-%d %H:%M:%S")


def _written(chance: Random, patient: str) -> str:
    return chance.choice(tuple(WRITES.values())).format(patient.removeprefix("+7"))


def phones(chance: Random, count: int, days: int) -> dict[str, Phone]:
    """Handsets of patients: most are on, some are off at times, a few are dead."""
    found = {}
    for index in range(count):
        number = f"+7900000{index:04d}"
        off = tuple(_off(chance, days) for _ in range(chance.choice((0, 0, 0, 1, 3))))
        found[number] = Phone(number, is_dead=chance.random() < 0.03, off=off)
    return found


def _off(chance: Random, days: int) -> tuple[float, float]:
    since = chance.uniform(0.0, days * DAY_S)
    return since, since + chance.uniform(600.0, 2 * DAY_S)
