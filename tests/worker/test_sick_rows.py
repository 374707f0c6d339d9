"""One row that can't be written costs itself only: not the others of its turn, nor those behind it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.carrier import Accepted
from gateway.queue import checking
from tests.fake_smsc import Conduct
from tests.queue.clinic import report
from tests.worker.bound import Bound, bound, number_of, numbered
from tests.worker.patient import TO, Ward

SICK = 5  # the message
REFUSES = """
    CREATE TRIGGER sick BEFORE UPDATE OF state ON outbox WHEN OLD.id = {id} AND NEW.state = '{state}'
    BEGIN SELECT RAISE(ABORT, 'not this one'); END"""


def refuse(made: Bound, state: str) -> None:
    made.connection.execute(REFUSES.format(id=SICK, state=state))


def others(made: Bound) -> set[str]:
    return {state for (state,) in made.rows("SELECT state FROM outbox WHERE id <> ?", SICK)}


def sick(made: Bound) -> list[tuple[str, str]]:
    query = "SELECT o.state, s.state FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id WHERE o.id = ?"
    return made.rows(query, SICK)


def each_went_out_once(made: Bound, count: int) -> bool:
    return made.smsc.texts == {number_of(n).removeprefix("+"): [f"Message {n}"] for n in range(count)}


def test_an_answer_that_can_not_be_written_costs_its_message_only(tmp_path: Path) -> None:
    """What the SMSC said is kept with the SMS: when the row lets itself be written again, it says so, and none goes
    out twice.
    """
    with bound(tmp_path, Conduct(receipt_s=None)) as made:
        made.add(*numbered(30))
        refuse(made, "sent")
        made.start()
        made.until(lambda: others(made) == {"sent"} and sick(made) == [("sending", "sent")])
        made.stop()
        assert each_went_out_once(made, 30)
        made.connection.execute("DROP TRIGGER sick")
        made.outbox.tick(datetime.now(UTC))
        assert made.states() == {"sent": 30}


def test_what_another_program_has_changed_meanwhile_costs_nobody_anything(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(answer_s=0.3, receipt_s=None)) as made:
        made.add(*numbered(10))
        made.start()
        made.until(lambda: made.states() == {"sending": 10})
        made.connection.execute("UPDATE outbox SET state = 'failed' WHERE id = ?", (SICK,))
        made.until(lambda: others(made) == {"sent"} and sick(made) == [("failed", "sent")])
        assert each_went_out_once(made, 10)


def test_a_receipt_that_changes_nothing_is_kept_and_acknowledged_with_the_others(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=0.0)) as made:
        made.add(*numbered(30))
        refuse(made, "delivered")
        made.start()
        made.until(lambda: others(made) == {"delivered"} and sick(made) == [("sent", "sent")])
        made.until(lambda: made.rows("SELECT count(*), count(segment_id) FROM reports") == [(30, 29)])
        made.stop()
        assert made.rows("SELECT count(*) FROM events WHERE event = 'report'") == [(29,)]


def test_a_message_that_can_not_be_taken_holds_up_nobody(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None)) as made:
        made.add(*numbered(30))
        refuse(made, "sending")
        made.start()
        made.until(lambda: others(made) == {"sent"})
        made.stop()
        assert made.rows("SELECT state, due, next_attempt_at > created_at FROM outbox WHERE id = ?", SICK) == [
            ("queued", 0, 1)
        ]


def test_when_the_link_breaks_the_others_are_put_right_at_once(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(answer_s=5.0, receipt_s=None)) as made:
        made.add(*numbered(8))
        refuse(made, "uncertain")
        made.start()
        made.until(lambda: len(made.smsc.taken) == 8)
        made.smsc.cut()
        made.until(lambda: "sending" not in others(made))
        assert list(checking.faults(made.connection)) == []


def test_a_lease_that_can_not_be_ended_keeps_no_other_time_limit_from_being_kept(tmp_path: Path) -> None:
    with bound(tmp_path) as made:
        made.add(*numbered(8))
        begun = made.outbox.claim_some("operator", "line", datetime.now(UTC), 8)
        refuse(made, "uncertain")
        made.outbox.tick(datetime.now(UTC) + timedelta(minutes=16))
        assert len(begun) == 8
        assert others(made) == {"uncertain"}
        assert sick(made) == [("sending", "begun")]


def test_a_modem_goes_on_behind_a_message_that_can_not_be_marked_as_sent(ward: Ward) -> None:
    ward.add(8)
    ward.connection.execute(REFUSES.format(id=SICK, state="sent"))
    ward.run(60)
    assert ward.states() == ["sent"] * 4 + ["sending"] + ["sent"] * 3
    assert len(ward.patient.submitted) == len({each.key for each in ward.patient.submitted}) == 8
    assert ward.patient.opened_at == [1.0]


def test_a_modem_goes_on_behind_a_message_that_can_not_be_taken(ward: Ward) -> None:
    ward.add(8)
    ward.connection.execute(REFUSES.format(id=SICK, state="sending"))
    ward.run(60)
    assert ward.states() == ["sent"] * 4 + ["queued"] + ["sent"] * 3
    assert ward.patient.opened_at == [1.0]


def test_a_report_that_changes_nothing_keeps_no_other_message_to_its_number_from_being_sent(ward: Ward) -> None:
    """Each outcome to this number looks at it again."""
    ward.add(2)
    now = ward.clock.now()
    first = ward.outbox.claim("sim-1", "line", now)
    assert first is not None
    ward.outbox.record(first.key, Accepted("7"), now)
    ward.connection.execute(REFUSES.format(id=1, state="delivered"))
    second = ward.outbox.claim("sim-1", "line", now)
    assert second is not None
    told = report("7", at=now, recipient=TO)
    assert ward.outbox.store("sim-1", "line", [told], now, singly=True) == [told]
    ward.outbox.record_all([(second.key, Accepted("8"))], now, singly=True)
    ward.outbox.tick(now)
    assert ward.states() == ["sent", "sent"]


def test_a_start_puts_right_all_but_the_message_that_refuses(ward: Ward) -> None:
    ward.add(8)
    ward.outbox.claim_some("sim-1", "line", ward.clock.now(), 8)
    ward.connection.execute(REFUSES.format(id=SICK, state="uncertain"))
    ward.outbox.recover(ward.clock.now())
    assert Counter(ward.states()) == {"uncertain": 7, "sending": 1}


def test_a_message_that_can_not_be_examined_holds_up_nobody(ward: Ward) -> None:
    ward.connection.execute(f"""
        CREATE TRIGGER sick BEFORE UPDATE OF due ON outbox WHEN OLD.id = {SICK}
        BEGIN SELECT RAISE(ABORT, 'not this one'); END""")
    ward.add(8)
    assert ward.connection.execute("SELECT count(*) FROM outbox WHERE due = 1").fetchone() == (7,)
    assert ward.outbox.intake(ward.clock.now()) == 0
    ward.run(60)
    assert Counter(ward.states()) == {"sent": 7, "queued": 1}


def test_a_message_that_can_not_expire_keeps_none_from_it(ward: Ward) -> None:
    ward.add(8)
    ward.connection.execute(REFUSES.format(id=SICK, state="expired"))
    ward.outbox.tick(ward.clock.now() + timedelta(days=4))
    assert Counter(ward.states()) == {"expired": 7, "queued": 1}
