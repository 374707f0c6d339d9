"""A crash after each step of a message's way: reopen, recover, look."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Uncertain
from gateway.queue import db
from gateway.queue.adding import NewMessage, add_one
from gateway.queue.recovery import Recovery
from tests.queue.clinic import BUSY, LONG, NOW, PHONE, Clinic, later, report

Step = Callable[[Clinic], object]


def claimed(clinic: Clinic) -> None:
    clinic.begun()


def first_of_three_recorded(clinic: Clinic) -> None:
    clinic.box.record(clinic.begun().key, Accepted("1"), NOW, go_on=True)


def first_of_three_recorded_and_stopped(clinic: Clinic) -> None:
    clinic.box.record(clinic.begun().key, Accepted("1"), NOW, go_on=False)


def all_recorded(clinic: Clinic) -> None:
    clinic.send(("1", "2", "3"))


def put_off(clinic: Clinic) -> None:
    clinic.record(clinic.begun(), BUSY)


def unanswered(clinic: Clinic) -> None:
    clinic.record(clinic.begun(), Uncertain("no_answer", "?"))


def reported(clinic: Clinic) -> None:
    clinic.send(("1", "2", "3"))
    clinic.store(*(report(reference) for reference in "123"))


STEPS: dict[str, tuple[Step, str, list[str], Recovery]] = {
    "added and examined": (lambda clinic: None, "queued", [], Recovery()),
    "claimed, its first SMS begun": (claimed, "uncertain", ["uncertain", "open", "open"], Recovery(uncertain=1)),
    "one recorded, the next begun": (
        first_of_three_recorded,
        "uncertain",
        ["sent", "uncertain", "open"],
        Recovery(uncertain=1),
    ),
    "one recorded, the rest left": (
        first_of_three_recorded_and_stopped,
        "queued",
        ["sent", "open", "open"],
        Recovery(),
    ),
    "put off": (put_off, "queued", ["open", "open", "open"], Recovery()),
    "unanswered": (unanswered, "uncertain", ["uncertain", "open", "open"], Recovery()),
    "all recorded": (all_recorded, "sent", ["sent", "sent", "sent"], Recovery()),
    "reported": (reported, "delivered", ["delivered", "delivered", "delivered"], Recovery()),
}


@pytest.mark.parametrize("case", STEPS)
def test_what_the_next_start_finds_after(clinic: Clinic, case: str) -> None:
    step, state, segments, recovery = STEPS[case]
    clinic.add(LONG)
    step(clinic)
    again = clinic.reopened()
    assert again.box.recover(later(seconds=30)) == recovery
    assert (again.state(), again.segment_states()) == (state, segments)
    assert again.box.recover(later(seconds=31)) == Recovery()
    again.connection.close()


def test_what_was_not_committed_has_not_happened(clinic: Clinic) -> None:
    clinic.add()
    clinic.connection.execute("BEGIN IMMEDIATE")
    clinic.begun()
    again = clinic.reopened()
    assert again.state() == "queued"
    again.begun()
    again.connection.close()


def leave_sending(clinic: Clinic, *segment_states: str) -> None:
    """A state of affairs that no version of this gateway leaves, but a hand or an older one may."""
    clinic.send(("1",) * len(segment_states))
    clinic.connection.execute("DROP TRIGGER segments_not_deleted")
    clinic.connection.execute("DELETE FROM segments")
    row = "INSERT INTO segments (outbox_id, number, total, alphabet, body, state) VALUES (1, ?, 3, 'ucs2', 'я', ?)"
    clinic.connection.executemany(row, enumerate(segment_states, 1))
    clinic.connection.execute("DROP TRIGGER outbox_state_legal")
    clinic.connection.execute("UPDATE outbox SET state = 'sending'")


CONDITIONS = {
    "nothing cut yet": ([], "queued", Recovery(queued=1)),
    "nothing begun": (["open", "open", "open"], "queued", Recovery(queued=1)),
    "some out, none in the air": (["sent", "open", "open"], "queued", Recovery(continued=1)),
    "all out": (["sent", "delivered", "sent"], "sent", Recovery(sent=1)),
    "all out and reported": (["delivered", "delivered", "delivered"], "delivered", Recovery(sent=1)),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_message_found_in_the_air_without_a_begun_sms(clinic: Clinic, case: str) -> None:
    segments, state, recovery = CONDITIONS[case]
    clinic.add(LONG)
    if segments:
        leave_sending(clinic, *segments)
    else:
        clinic.connection.execute("UPDATE outbox SET state = 'sending', carrier = 'sim-1'")
    assert clinic.box.recover(later(seconds=30)) == recovery
    assert clinic.state() == state


def test_a_part_sent_message_goes_on_with_its_next_sms_on_the_same_carrier_after_a_start(clinic: Clinic) -> None:
    clinic.add(LONG)
    second = clinic.record(clinic.begun(), Accepted("1"))
    assert second is not None
    again = clinic.reopened()
    again.box.recover(NOW)
    again.store(report("2", at=NOW), now=later(seconds=30))
    assert again.claim("sim-2") is None
    third = again.begun("sim-1")
    assert third.segment.concatenation is not None
    assert third.segment.concatenation.number == 3
    again.connection.close()


def test_an_interrupted_sms_is_sent_once_more_after_the_wait(clinic: Clinic) -> None:
    clinic.add()
    clinic.begun()
    again = clinic.reopened()
    again.box.recover(later(minutes=1))
    assert again.claim(now=later(minutes=2)) is None
    again.box.tick(later(minutes=11))
    again.send(("5",), now=later(minutes=11))
    assert again.state() == "sent"
    assert again.events().count("resend") == 1
    again.connection.close()


def test_a_segment_whose_worker_failed_is_not_waited_for_for_ever(clinic: Clinic) -> None:
    clinic.add()
    clinic.begun()
    clinic.box.tick(later(minutes=14))
    assert clinic.state() == "sending"
    clinic.box.tick(later(minutes=15))
    assert (clinic.state(), clinic.value("error_code")) == ("uncertain", "interrupted")


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.queue.clinic import LONG, Clinic
from gateway.carrier import Accepted
clinic = Clinic(Path(sys.argv[1]))
submission = clinic.begun()
with clinic.box.write():
    if sys.argv[2] == "inside":
        clinic.record(submission, Accepted("1"))
        os.kill(os.getpid(), signal.SIGKILL)
    clinic.record(submission, Accepted("1"))
os.kill(os.getpid(), signal.SIGKILL)
"""
KILLS = {
    "inside": ["uncertain", "open", "open"],
    "after": ["sent", "uncertain", "open"],
}


@pytest.mark.parametrize("place", KILLS)
def test_a_process_killed_inside_or_after_a_transaction_leaves_what_it_had_committed(path: Path, place: str) -> None:
    clinic = Clinic(path)
    clinic.add(LONG)
    clinic.connection.close()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path), place], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    again = Clinic(path)
    assert again.box.recover(later(seconds=30)) == Recovery(uncertain=1)
    assert again.segment_states() == KILLS[place]
    again.connection.close()


BUSY_MIS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=5)
for number in range(300):
    with connection:
        connection.execute("INSERT INTO outbox (recipient, body) VALUES (?, ?)", (sys.argv[2], f"Приём {number}"))
"""


def test_a_busy_writer_and_the_gateway_share_the_database_and_lose_nothing(path: Path) -> None:
    clinic = Clinic(path)
    writer = subprocess.Popen([sys.executable, "-c", BUSY_MIS, str(path), PHONE])
    taken = 0
    while writer.poll() is None or clinic.box.has_work(NOW):
        clinic.box.intake(NOW)
        while (submission := clinic.claim()) is not None:
            clinic.record(submission, Accepted(str(taken % 256)))
            taken += 1
    assert writer.returncode == 0
    assert taken == 300
    assert clinic.connection.execute("SELECT count(*) FROM outbox WHERE state = 'sent'").fetchone() == (300,)
    clinic.connection.close()


def test_another_connection_sees_a_committed_message_at_once(path: Path) -> None:
    clinic = Clinic(path)
    before = db.data_version(clinic.connection)
    other = db.open_database(path)
    add_one(other, NewMessage(PHONE, "Ждём вас"), NOW)
    other.close()
    assert db.data_version(clinic.connection) != before
    assert clinic.box.has_work(NOW)
    clinic.connection.close()
