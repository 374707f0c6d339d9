"""The clinic: its information system, which writes rows as outsiders do, its patients, and the people at its desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from gateway.errors import GatewayError
from gateway.queue import db, desk, orders, times
from gateway.queue.rules import IntakeRules
from tests.simulation.network import DAY_S, Network, Phone, Sim
from tests.simulation.smsc import Smsc
from tests.simulation.world import World

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
    category: str = "notification"
    is_released: bool = False
    due_at: datetime | None = None  # by the machine's clock


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
        self.written: list[tuple[str, str]] = []  # sender and text of what patients wrote
        self.refused_keys = 0
        self._database = database
        self._rules = rules
        self._zone = zone
        self._habits = habits
        self._chance = Random(world.chance.random())
        self._count = 0
        self._connection: sqlite3.Connection | None = None

    # The database, as another process has it.

    @property
    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = db.open_database(self._database)
            self._connection.create_function("strftime", -1, self._strftime)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _strftime(self, _form: str, *_moment: str) -> str:
        """The triggers' clock: theirs is always 'now', in the gateway's own form."""
        return times.to_text(self.world.now())

    # Its days.

    def plan(self, days: int) -> None:
        """All days' work, hour by hour."""
        for day in range(days):
            self._at(day, REMINDERS_AT, self._remind)
            for _ in range(self._some(self._habits.results)):
                self._some_time(day, partial(self._ask, "notification"))
            for _ in range(self._some(self._habits.codes)):
                self._some_time(day, partial(self._ask, "otp"))
            if self._chance.random() < self._habits.emergencies:
                self._some_time(day, partial(self._ask, "emergency"))
            if self._chance.random() < self._habits.storms:
                self._some_time(day, self._storm)
            if self._chance.random() < 0.15:
                self._at(day, time(11), self._advertise)
            for _ in range(3):
                self._some_time(day, self._look_through)

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
        if message and self._chance.random() < self._habits.cancelled:
            self.world.after(self._chance.uniform(0.0, 30.0), partial(self._take_back, message))

    def _storm(self) -> None:
        """A program gone wrong."""
        patient = self._chance.choice(list(self.network.phones))
        body = self._text("notification")
        with db.write(self.connection):
            for _ in range(self._chance.randrange(4, 30)):
                self._insert("notification", patient, body)
        self.world.touched.set()

    def _insert(self, category: str, patient: str | None = None, body: str | None = None) -> int | None:
        chance = self._chance
        patient = patient or chance.choice(list(self.network.phones))
        is_bad, wait_s = chance.random() < 0.02, 0.0
        values: dict[str, object] = {
            "recipient": chance.choice(BAD_NUMBERS) if is_bad else _written(chance, patient),
            "body": body or self._text(category),
            "category": category if category != "notification" or chance.random() < 0.5 else None,
            "priority": chance.choice((None, None, None, 7)),
            "sender": None,
            "not_before": self._local(wait_s := chance.uniform(60, 7200)) if chance.random() < 0.1 else None,
            "expires_at": self._local(chance.uniform(8000, 90_000)) if chance.random() < 0.1 else None,
            "external_id": f"mis-{self._count}" if chance.random() < 0.7 else None,
        }
        message = self._write(values)
        if message is not None:
            due_at = self.world.now() + timedelta(seconds=wait_s)
            number, body = "" if is_bad else patient, str(values["body"])
            self.asked[message] = Asked(message, number, body, category, due_at=due_at)
        if values["external_id"] and chance.random() < self._habits.written_twice:
            self.world.after(chance.uniform(0.0, DAY_S), partial(self._again, values))
        return message

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
            self.connection.execute(statement, (message,))
        self.world.touched.set()

    # The people at the desk.

    def _look_through(self) -> None:
        """Somebody looks at what is stuck, and decides about some of it."""
        rows = self.connection.execute("SELECT id, state FROM outbox WHERE state IN ('held', 'uncertain', 'failed')")
        for message, state in rows.fetchall():
            if self._chance.random() < 0.3:
                with suppress(GatewayError):
                    self._decisions[state](message)
        if self._chance.random() < 0.1:
            self._pause()
        self.world.touched.set()

    def _pause(self) -> None:
        """Somebody takes a modem out of service for a while."""
        carrier = self._chance.choice(sorted(self._rules.carriers))
        orders.pause(self.connection, carrier, "", self.world.now())
        self.world.after(self._chance.uniform(60.0, 3 * 3600.0), partial(self._resume, carrier))

    def _resume(self, carrier: str) -> None:
        orders.resume(self.connection, carrier, self.world.now())
        orders.give(self.connection, carrier, "resume", "", self.world.now())
        self.world.touched.set()

    @property
    def _decisions(self) -> dict[str, Callable[[int], None]]:
        return {"held": self._let_go, "uncertain": self._settle, "failed": self._retry}

    def _let_go(self, message: int) -> None:
        if self._chance.random() < 0.5:
            desk.cancel(self.connection, message, self.world.now())
            return
        desk.release(self.connection, message, self.world.now())
        self.asked[message].is_released = True

    def _settle(self, message: int) -> None:
        """They have called the patient, and know."""
        keys = "SELECT id FROM segments WHERE outbox_id = ? AND state = 'uncertain'"
        asked = {key for (key,) in self.connection.execute(keys, (message,))}
        out = {tried.key for tried in self.network.tries if tried.is_accepted}
        desk.settle(self.connection, message, "sent" if asked <= out else "failed", self.world.now())

    def _retry(self, message: int) -> None:
        """What nobody is sure about, they leave as it is."""
        uncertain = "SELECT 1 FROM events WHERE outbox_id = ? AND to_state = 'uncertain'"
        if self.connection.execute(uncertain, (message,)).fetchone() is None:
            desk.retry(self.connection, message, self.world.now(), self._rules)

    # Patients.

    def answer(self, sim: Sim) -> None:
        """Somebody writes."""
        patient = self._chance.choice(list(self.network.phones))
        text = self._text(self._chance.choice(("notification", "otp")))
        self.written.append((patient, text))
        self.network.write(sim, patient, text)

    def answer_over(self, smsc: Smsc) -> None:
        """Somebody writes to the sender of a bind."""
        patient = self._chance.choice(list(self.network.phones))
        text = self._text("notification")
        self.written.append((patient, text))
        smsc.write(patient, text)

    # Within.

    def _at(self, day: int, clock: time, what: Callable[[], None]) -> None:
        """On that day, at that time of the clinic's wall clock."""
        local = self.world.true_now().astimezone(self._zone) + timedelta(days=day)
        moment = datetime.combine(local.date(), clock, tzinfo=self._zone)
        self.world.after((moment - self.world.true_now()).total_seconds(), what)

    def _some_time(self, day: int, what: Callable[[], None]) -> None:
        minutes = self._chance.randrange(OPENS_AT.hour * 60, CLOSES_AT.hour * 60)
        self._at(day, time(minutes // 60, minutes % 60, self._chance.randrange(60)), what)

    def _some(self, mean: int) -> int:
        return self._chance.randrange(0, 2 * mean + 1)

    def _text(self, category: str) -> str:
        self._count += 1
        return self._chance.choice(TEXTS[category]).format(n=f"{self._count:06d}")

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
