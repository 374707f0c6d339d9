"""Two messages to one number go out in the order in which they were written, however many are written at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.queue import fresh
from gateway.queue.adding import NewMessage, add
from gateway.queue.fresh import Fresh, trace
from tests.queue.clinic import NOW, Clinic

AT_ONCE = 100  # as the dispatcher examines them
OVERTAKEN = """
    SELECT a.id, b.id FROM outbox AS a JOIN outbox AS b
    ON b.id > a.id AND substr(a.recipient, -4) = substr(b.recipient, -4)
    WHERE a.state = 'queued' AND a.due IS NULL AND b.due = 1"""


def spelt(number: int, which: int) -> str:
    """The same number in several spellings."""
    digits = f"900000{number:04}"
    return (f"+7{digits}", f"8{digits}", f"8 (900) 00-0{digits[6:]}")[which % 3]


def write(clinic: Clinic, numbers: list[int]) -> None:
    messages = [NewMessage(spelt(number, place), f"Message {place}") for place, number in enumerate(numbers)]
    add(clinic.connection, messages, NOW)


def examined(clinic: Clinic, message: int) -> bool:
    return clinic.value("due", message) is not None


def test_of_a_thousand_written_at_once_none_overtakes_an_earlier_one_to_its_number(clinic: Clinic) -> None:
    write(clinic, [number % 450 for number in range(900)])
    while clinic.box.intake(NOW, AT_ONCE):
        assert clinic.connection.execute(OVERTAKEN).fetchall() == []


def test_whoever_writes_behind_them_is_examined_with_the_next_ones(clinic: Clinic) -> None:
    write(clinic, list(range(900)))
    clinic.box.intake(NOW, AT_ONCE)
    write(clinic, [5001, 250])
    clinic.box.intake(NOW, AT_ONCE)
    assert examined(clinic, 901)
    assert not examined(clinic, 902)  # the 251st is to the same number


def test_a_second_one_to_a_number_that_has_overtaken_others_does_so_too(clinic: Clinic) -> None:
    write(clinic, list(range(900)))
    for _time in range(2):
        write(clinic, [5001])
        clinic.box.intake(NOW, AT_ONCE)
    assert [examined(clinic, message) for message in (901, 902)] == [True, True]


def test_of_very_many_nobody_overtakes_until_all_were_looked_at(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "LOOKED", 300)
    write(clinic, list(range(900)))
    write(clinic, [5001])
    rounds = [clinic.box.intake(NOW, AT_ONCE) and examined(clinic, 901) for _time in range(5)]
    assert rounds == [False, False, True, True, True]


def test_what_a_person_let_go_is_overtaken_by_nobody(clinic: Clinic) -> None:
    """It was written long ago, and is examined anew now."""
    first = clinic.add(recipient="+79000000250")
    write(clinic, list(range(1000, 1900)))
    clinic.connection.execute("UPDATE outbox SET due = NULL, priority = 1 WHERE id = ?", (first,))
    write(clinic, [250])
    clinic.box.intake(NOW, AT_ONCE)
    assert (examined(clinic, first), examined(clinic, 902)) == (False, False)


@given(numbers=st.lists(st.integers(0, 30), min_size=101, max_size=400), portions=st.integers(40, 150))
@settings(max_examples=15, deadline=None)
def test_whatever_is_written_nobody_is_overtaken(
    tmp_path_factory: pytest.TempPathFactory, empty: bytes, numbers: list[int], portions: int
) -> None:
    path: Path = tmp_path_factory.mktemp("order") / "gateway.db"
    path.write_bytes(empty)
    clinic = Clinic(path)
    for start in range(0, len(numbers), portions):
        write(clinic, numbers[start : start + portions])
        clinic.box.intake(NOW, 50)
        assert clinic.connection.execute(OVERTAKEN).fetchall() == []
    while clinic.box.intake(NOW, 50):
        assert clinic.connection.execute(OVERTAKEN).fetchall() == []
    clinic.connection.close()


@pytest.mark.parametrize("written", [b"+7 900 000-12-34", b"89000001234", b"tel. 8(900)000.12.34"])
def test_a_number_leaves_the_same_trace_however_it_is_spelt(written: bytes) -> None:
    assert trace(written) == trace(b"+79000001234")


def test_a_million_numbers_take_a_megabyte() -> None:
    look = Fresh()
    assert len(look.marks) <= 1 << 20
