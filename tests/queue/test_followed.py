"""Long messages over a bind: their next SMS are begun together."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.carrier import Accepted, Submission
from tests.queue.clinic import LONG, Clinic, later

LINE = "smpp:clinic@smsc:2775"


def claimed(folder: Path, empty: bytes, count: int) -> tuple[Clinic, list[Submission]]:
    """So many long messages, each to a number of its own, with their first SMS in the air."""
    file = folder / f"{count}.db"
    file.write_bytes(empty)
    clinic = Clinic(file)
    for number in range(count):
        clinic.add(LONG, recipient=f"+7900000{number:04}")
    return clinic, clinic.box.claim_some("sim-1", LINE, later(minutes=1), count)


def test_so_many_statements_however_many_messages_go_on(tmp_path: Path, empty: bytes) -> None:
    needed = []
    for count in (4, 16, 64):
        clinic, air = claimed(tmp_path, empty, count)
        seen: list[str] = []
        clinic.connection.set_trace_callback(seen.append)
        begun = clinic.box.record_all([(each.key, Accepted(f"{each.key:x}")) for each in air], later(minutes=2))
        clinic.connection.set_trace_callback(None)
        assert [each.segment.concatenation and each.segment.concatenation.number for each in begun] == [2] * count
        assert {each.recipient for each in begun} == {each.recipient for each in air}
        needed.append(sum(1 for statement in seen if not statement.startswith("--")))  # those are the triggers'
        clinic.connection.close()
    assert len(set(needed)) == 1


@pytest.mark.parametrize("go_on", [True, False])
def test_all_of_a_message_goes_out_once_and_in_its_order(tmp_path: Path, empty: bytes, go_on: bool) -> None:
    clinic, air = claimed(tmp_path, empty, 5)
    texts = {each.recipient: each.segment.text for each in air}
    for minute in range(2, 12):
        answers = [(each.key, Accepted(f"{each.key:x}")) for each in air]
        air = clinic.box.record_all(answers, later(minutes=minute), go_on=go_on)
        air = air or clinic.box.claim_some("sim-1", LINE, later(minutes=minute), 5)
        for each in air:
            texts[each.recipient] += each.segment.text
    assert set(texts.values()) == {LONG}
    assert clinic.connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall() == [("sent", 5)]
    clinic.connection.close()


@pytest.mark.parametrize("count", [1, 3])
def test_each_part_of_a_message_has_its_weight(tmp_path: Path, empty: bytes, count: int) -> None:
    """One that is begun ahead of its place is overtaken by what weighs more."""
    clinic, air = claimed(tmp_path, empty, count)
    clinic.add(LONG, recipient="+79000009999", category="otp")
    air += clinic.box.claim_some("sim-1", LINE, later(minutes=1), 1)
    for minute in range(2, 4):
        assert sorted(each.rank for each in air) == [5] * count + [8]
        answers = [(each.key, Accepted(f"{each.key:x}")) for each in air]
        air = clinic.box.record_all(answers[:1], later(minutes=minute))
        air += clinic.box.record_all(answers[1:], later(minutes=minute))
    clinic.connection.close()
