"""A clinic under load: writers insert, patients answer, reports come, whatever happens to the daemon."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.e2e.fleet import Fleet
from tests.reliability import truth

WRITERS = 2
PAUSE_S = 0.5  # until what is being written is in
LONG = "Длинное напоминание о подготовке к исследованию. " * 4  # 3 SMS
TEXTS = ("Reminder", "Ждём вас завтра", LONG)


@dataclass
class Load:
    """What was written and what was said to the clinic, since its begin."""

    fleet: Fleet
    every_s: float = 0.05  # between two rows of one writer
    answer_every_s: float = 0.4  # between two SMS from patients
    seed: int = 0
    accepted: list[int] = field(default_factory=list)
    refused: int = 0  # INSERTs that failed: the writer knows, and nothing is promised
    answers: list[str] = field(default_factory=list)
    _is_paused: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(10_000_000)))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._write, args=(n,)) for n in range(WRITERS)]
        threads.append(threading.Thread(target=self._answer))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stop()
            for thread in threads:
                thread.join()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nobody writes for a moment."""
        self._is_paused = True
        time.sleep(PAUSE_S)
        yield
        self._is_paused = False

    def stop(self) -> None:
        """Nobody writes any more."""
        self._stop.set()

    def next_number(self) -> str:
        with self._lock:
            return f"+7900{next(self._numbers):07d}"

    def _write(self, writer: int) -> None:
        chance = random.Random(f"{self.seed} {writer}")
        while not self._stop.wait(self.every_s):
            if not self._is_paused:
                self.write_one(chance.choice(TEXTS))

    def write_one(self, text: str) -> int | None:
        """One row; None when the database does not take it, which its writer is told."""
        number = self.next_number()
        try:
            message = self.fleet.clinic.insert(number, f"{text} {number[-4:]}")
        except sqlite3.OperationalError:
            self.refused += 1
            return None
        self.accepted.append(message)
        return message

    def _answer(self) -> None:
        chance, modems = random.Random(f"{self.seed} answers"), list(self.fleet.modems.values())
        while not self._stop.wait(self.answer_every_s):
            text = f"Да {len(self.answers)}"
            self.answers.append(text)
            chance.choice(modems).deliver("+79009999999", text)

    # -- what must hold afterwards

    def settle(self, patience_s: float) -> bool:
        """Whether every message comes to its end; so long may pass without any that does."""
        query = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'uncertain', 'held')"
        before, deadline = None, 0.0
        while any(left := (self.fleet.clinic.rows(query)[0]["n"], self._unread())):
            if left != before:
                before, deadline = left, time.monotonic() + patience_s
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def _unread(self) -> int:
        return len(set(self.answers) - {row["body"] for row in self.fleet.clinic.rows("SELECT body FROM inbox")})

    def complaints(self) -> list[str]:
        clinic = self.fleet.clinic
        wrong = truth.complaints(clinic.database, self.fleet.bank, self.accepted)
        shown = [row["body"] for row in clinic.rows("SELECT body FROM inbox")]
        wrong += [f"an answer was lost: {text}" for text in set(self.answers) - set(shown)]
        return wrong + [f"an answer is shown {shown.count(text)} times" for text in set(shown) if shown.count(text) > 1]

    def counted(self) -> dict[str, int]:
        """For the table."""
        clinic = self.fleet.clinic
        uncertain = clinic.rows("SELECT count(*) AS n FROM events WHERE to_state = 'uncertain'")[0]["n"]
        return {
            "rows": len(self.accepted),
            "SMS": len(self.fleet.bank.submitted),
            "answers": len(self.answers),
            "uncertain": uncertain,
            "said doubles": truth.doubled(self.fleet.bank),
        }
