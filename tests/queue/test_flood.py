"""What a loop writes by the thousand is held where it is examined."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.queue import clearing, desk
from gateway.queue.adding import NewMessage, add
from gateway.queue.clearing import Choice
from gateway.queue.flood import REMEMBERED_S, Arrival, Flood
from gateway.queue.rules import SafetyRules
from tests.queue.clinic import NOW, OTHER_PHONE, PHONE, RULES, Clinic, later

SAFETY = SafetyRules(same_text_limit=3, daily_limit=20)
TEXT = "Ждём вас завтра"


@pytest.fixture
def guarded(path: Path) -> Clinic:
    return Clinic(path, replace(RULES, safety=SAFETY))


def write(clinic: Clinic, *texts: str, phone: str = PHONE, **columns: str) -> None:
    add(clinic.connection, [NewMessage(phone, text, **columns) for text in texts], NOW)  # type: ignore[arg-type]


def counts(clinic: Clinic) -> dict[str, int]:
    return dict(clinic.connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())


def test_a_loop_is_held_when_it_is_examined_and_nobody_waits_behind_it(guarded: Clinic) -> None:
    write(guarded, *[TEXT] * 1000)
    write(guarded, TEXT, phone=OTHER_PHONE)
    guarded.box.intake(NOW, 2000)
    assert counts(guarded) == {"queued": 4, "held": 997}
    assert (guarded.value("error_code", 4), guarded.value("due", 4)) == ("storm_same_text", 1)
    assert "release 777`" in str(guarded.value("error_text", 777))
    assert guarded.events(777) == ["queued", "held"]


def test_who_writes_behind_a_loop_is_examined_with_the_next_rows(guarded: Clinic) -> None:
    write(guarded, *[TEXT] * 2000)
    write(guarded, TEXT, phone=OTHER_PHONE)
    guarded.box.intake(NOW, 300)
    assert guarded.value("due", 2001) == 1
    write(guarded, TEXT, phone="+79000009012")
    guarded.box.intake(NOW, 300)
    assert guarded.value("due", 2002) == 1
    assert guarded.connection.execute("SELECT count(*) FROM outbox WHERE due IS NULL").fetchone()[0] > 1300


@pytest.mark.parametrize("count", [299, 300, 301, 330, 999])
def test_the_newest_first_or_last_each_row_is_examined_once(guarded: Clinic, count: int) -> None:
    add(guarded.connection, [NewMessage(f"+7900100{number:04}", TEXT) for number in range(count)], NOW)
    found = []
    while done := guarded.box.intake(NOW, 300):
        found.append(done)
    assert sum(found) == count
    assert max(found) <= 300
    assert guarded.connection.execute("SELECT count(*) FROM outbox WHERE due = 1").fetchone()[0] == count


def test_a_loop_that_tells_something_else_each_time_is_held_by_the_limit_of_a_day(guarded: Clinic) -> None:
    write(guarded, *[f"Ваш код {number}" for number in range(200)])
    guarded.box.intake(NOW, 2000)
    assert counts(guarded) == {"queued": 20, "held": 180}
    assert guarded.value("error_code", 200) == "storm_number"


def test_the_next_batches_of_a_loop_are_held_whole(guarded: Clinic) -> None:
    for _batch in range(3):
        write(guarded, *[TEXT] * 50)
        guarded.box.intake(NOW, 2000)
    write(guarded, TEXT)
    guarded.box.intake(later(minutes=5))
    assert counts(guarded) == {"queued": 3, "held": 148}


def test_what_comes_after_a_loop_is_judged_by_what_was_taken(guarded: Clinic) -> None:
    write(guarded, *[TEXT] * 50)
    guarded.box.intake(NOW)
    write(guarded, TEXT)
    guarded.box.intake(later(seconds=REMEMBERED_S))
    assert guarded.state(51) == "queued"


PASSED_OVER = {
    "as many as the limit": [TEXT] * 3,
    "two texts": [TEXT, "Анализ готов"] * 3,
}


@pytest.mark.parametrize("case", PASSED_OVER)
def test_what_no_limit_concerns_is_queued(guarded: Clinic, case: str) -> None:
    write(guarded, *PASSED_OVER[case])
    guarded.box.intake(NOW)
    assert set(counts(guarded)) == {"queued"}


def test_an_exempt_number_is_sent_whatever_is_written_for_it(path: Path) -> None:
    clinic = Clinic(path, replace(RULES, safety=replace(SAFETY, exempt=frozenset({PHONE}))))
    write(clinic, *[TEXT] * 50)
    clinic.box.intake(NOW)
    assert counts(clinic) == {"queued": 50}


def test_what_waits_for_its_time_is_judged_when_it_goes(guarded: Clinic) -> None:
    write(guarded, *[TEXT] * 50, not_before="2026-11-29 10:00")
    guarded.box.intake(NOW)
    assert counts(guarded) == {"queued": 50}


def test_what_a_person_has_let_go_goes_out(guarded: Clinic) -> None:
    write(guarded, *[TEXT] * 9)
    guarded.box.intake(NOW)
    desk.release(guarded.connection, 9, NOW)
    guarded.connection.execute("UPDATE outbox SET body = body || ' ' WHERE id = 9")  # examined once more
    guarded.box.intake(later(seconds=1))
    guarded.box.ripen(later(seconds=1))
    taken = []
    while (submission := guarded.claim("sim-1", later(seconds=2))) is not None:
        taken.append(submission)
    assert len(taken) == 4
    assert guarded.state(9) == "sending"


def test_a_released_flood_is_not_held_again(guarded: Clinic) -> None:
    write(guarded, *[TEXT] * 30)
    guarded.box.intake(NOW)
    assert sum(clearing.release(guarded.connection, Choice(code="storm_same_text"), 30, NOW)) == 27
    guarded.box.ripen(NOW)
    assert counts(guarded) == {"queued": 30}


def test_one_that_its_writer_changes_again_and_again_counts_once(guarded: Clinic) -> None:
    write(guarded, TEXT, TEXT, TEXT, "Анализ готов")
    for _change in range(9):
        guarded.box.intake(NOW)
        guarded.connection.execute("UPDATE outbox SET priority = COALESCE(priority, 5) + 1 - 2 * (priority > 5)")
    assert counts(guarded) == {"queued": 4}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("абв"), st.sampled_from([PHONE, OTHER_PHONE])), max_size=40),
    st.integers(0, 3),
    st.integers(0, 6),
)
def test_only_what_is_beyond_a_limit_is_held_and_of_a_crowd_all_of_it(
    written: list[tuple[str, str]], same_text_limit: int, daily_limit: int
) -> None:
    arrivals = [Arrival(number, msisdn, text) for number, (text, msisdn) in enumerate(written)]
    held = Flood(SafetyRules(same_text_limit=same_text_limit, daily_limit=daily_limit)).find(arrivals, NOW)
    for phone in (PHONE, OTHER_PHONE):
        of_phone = [each for each in arrivals if each.msisdn == phone]
        passed = [each for each in of_phone if each.id not in held]
        alike = {text: [each for each in passed if each.body == text] for text in "абв"}
        assert not daily_limit or len(passed) <= daily_limit
        assert not same_text_limit or all(len(each) <= same_text_limit for each in alike.values())
        for each in set(of_phone) - set(passed):
            assert len(passed) == daily_limit or len(alike[each.body]) == same_text_limit


def test_of_a_loop_no_more_texts_are_remembered_than_pass() -> None:
    """A hundred thousand of them were as many megabytes of patients' texts."""
    flood = Flood(SAFETY)
    texts = [f"{number} {'о' * 1000}" for number in range(2000)]
    arrivals = [Arrival(number, PHONE, text) for number, text in enumerate(texts)]
    tracemalloc.start()
    assert len(flood.find(arrivals, NOW)) == 2000 - SAFETY.daily_limit
    kept, _most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1_000_000
