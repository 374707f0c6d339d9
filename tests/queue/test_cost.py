"""What is asked all the time costs the same however many messages wait: told in SQLite's own steps, not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.queue import ways
from gateway.queue.outbox import IntakeRules
from tests.queue.clinic import NO_LIMITS, NOW, Clinic, later

FEW, MANY = 20, 400
STEP = 20  # instructions between two counts
GROWTH = 1.5  # an index with more rows has a level more, now and then
RULES = IntakeRules(country="RU", carriers=("sim-1", "sim-2"), safety=NO_LIMITS)
WAY = "\n".join(("sim-1", "sim-2"))

ASKED: dict[str, Callable[[Clinic], object]] = {
    "the dispatcher: is anything due": lambda clinic: clinic.box.has_work(NOW),
    "a worker: is anything due": lambda clinic: clinic.box.has_work(NOW, "sim-1"),
    "the next moment": lambda clinic: clinic.box.next_due(NOW),
    "examining nothing": lambda clinic: clinic.box.intake(NOW),
    "ripening nothing": lambda clinic: clinic.box.ripen(NOW),
    "the time limits": lambda clinic: clinic.box.tick(NOW),
    "wishes": lambda clinic: clinic.box.has_wishes(),
    "loosening nothing": lambda clinic: clinic.box.loosen({"sim-1", "sim-2"}, NOW),
    "ways": lambda clinic: ways.in_queue(clinic.connection),
    "urgent ones in a way": lambda clinic: ways.has_urgent(clinic.connection, [WAY]),
    "a claim": lambda clinic: clinic.box.claim("sim-1", "line", NOW),
    "a claim with a limit": lambda clinic: clinic.box.claim("sim-1", "line", NOW, room=50),
    "a claim in a quiet time": lambda clinic: clinic.box.claim("sim-1", "line", NOW, least_rank=8),
    "a claim of one that gives way": lambda clinic: clinic.box.claim("sim-1", "line", NOW, least_shared=8),
    "some claims": lambda clinic: clinic.box.claim_some("sim-1", "line", NOW, 3),
}


def waiting(path: Path, empty: bytes, count: int) -> Clinic:
    """So many due messages, half of them in a way of two carriers, and as many that wait for their time."""
    path.write_bytes(empty)
    clinic = Clinic(path, RULES)
    for number in range(count):
        clinic.add(recipient=f"+7900100{number:04}", not_before=later(hours=1) if number % 2 else None)
    clinic.connection.execute("UPDATE outbox SET route = ? WHERE id % 4 = 0", (WAY,))
    return clinic


@pytest.fixture(scope="module")
def queues(tmp_path_factory: pytest.TempPathFactory, empty: bytes) -> tuple[Clinic, Clinic]:
    folder = tmp_path_factory.mktemp("queues")
    return waiting(folder / "few.db", empty, FEW), waiting(folder / "many.db", empty, MANY)


def steps(clinic: Clinic, ask: Callable[[Clinic], object]) -> int:
    """How many instructions it takes; what it writes is taken back."""
    found = 0

    def count() -> int:
        nonlocal found
        found += STEP
        return 0

    clinic.connection.execute("BEGIN IMMEDIATE")
    clinic.connection.set_progress_handler(count, STEP)
    try:
        ask(clinic)
    finally:
        clinic.connection.set_progress_handler(None, 0)
        clinic.connection.execute("ROLLBACK")
    return found


@pytest.mark.parametrize("name", ASKED)
def test_it_costs_the_same_with_twenty_times_as_many_in_the_queue(queues: tuple[Clinic, Clinic], name: str) -> None:
    few, many = (steps(clinic, ASKED[name]) for clinic in queues)
    assert many <= few * GROWTH + 10 * STEP
