"""What passes between the queue and a bind, many SMS at a time: as safe and in the same order as one by one."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.plan.limits import Cap, Plan, Span, Unit
from gateway.queue import desk
from gateway.queue.adding import NewMessage, add
from gateway.queue.outbox import IntakeRules
from gateway.queue.rules import SafetyRules
from gateway.smpp import codes, waiting
from gateway.worker.sharing import START_S, Sharing
from tests.fake_smsc import Conduct
from tests.worker.bound import NO_LIMITS, bound, number_of, numbered

LONG = "Уважаемая Анна Ивановна, напоминаем о приёме завтра. " * 4  # 4 SMS
AS_WITH_A_MODEM = ["queued", "sending", "begun", "sent", "report", "delivered"]
INVALID_PRIORITY = 0x06  # ESME_RINVPRTFLG: the fault is ours or the bind's
INVALID_SENDER = 0x0A  # ESME_RINVSRCADR
NO_RECEIPTS = Conduct(receipt_s=None)


def test_a_backlog_goes_out_whole_each_once_and_every_step_is_noted(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=0.01)) as made:
        ids = made.add(*numbered(120))
        made.start()
        made.until_all("delivered")
        assert all(made.events(message) == AS_WITH_A_MODEM for message in ids)
        texts = made.smsc.texts
        assert texts == {number_of(n).removeprefix("+"): [f"Message {n}"] for n in range(120)}
        assert made.rows("SELECT count(*), count(DISTINCT segment_id), count(DISTINCT recipient) FROM spent") == [
            (120, 120, 120)
        ]
        assert made.rows("SELECT DISTINCT carrier, attempts, error_code FROM outbox") == [("operator", 1, None)]
        assert made.carrier.most_in_the_air == 10


def test_messages_go_in_their_order_and_an_urgent_one_waits_for_one_window_only(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None, answer_s=0.02)) as made:
        made.add(*numbered(100))
        made.start()
        made.until(lambda: len(made.smsc.taken) >= 20)
        before = len(made.smsc.taken)
        made.add(NewMessage(number_of(999), "Code 4711", category="otp"))
        made.until_all("sent")
        order = [submit.dest[2] for submit in made.smsc.taken]
        assert order.index(number_of(999).removeprefix("+")) <= before + 3 * made.window
        ordinary = [number for number in order if number != number_of(999).removeprefix("+")]
        assert ordinary == [number_of(n).removeprefix("+") for n in range(100)]


def test_long_messages_of_one_number_keep_their_parts_apart(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=0.0)) as made:
        texts = [f"{n}. {LONG}" for n in range(5)]
        made.add(*(NewMessage(number_of(1), text) for text in texts), *numbered(40, first=10))
        made.start()
        made.until_all("delivered")
        assert sorted(made.smsc.texts[number_of(1).removeprefix("+")]) == sorted(texts)
        assert made.smsc.incomplete == 0
        references = made.rows("SELECT count(DISTINCT reference) FROM segments WHERE reference IS NOT NULL")
        assert references == [(5,)]


def test_one_part_of_a_message_is_in_the_air_at_a_time(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None, answer_s=0.03)) as made:
        (message,) = made.add(NewMessage(number_of(1), LONG))
        made.start()
        made.until_all("sent")
        assert made.carrier.most_in_the_air == 1
        assert made.events(message) == ["queued", "sending", *["begun"] * 4, "sent"]


def test_a_storm_is_held_though_it_is_claimed_in_one_go(tmp_path: Path) -> None:
    rules = IntakeRules(safety=SafetyRules(same_text_limit=3, daily_limit=20, backlog_limit=0))
    with bound(tmp_path, NO_RECEIPTS, rules=rules, window=50) as made:
        made.add(*numbered(10), *(NewMessage(number_of(500), "The same again") for _ in range(30)))
        made.add(*numbered(10, first=100))
        made.start()
        made.until_all("sent", "held")
        assert Counter(dict(made.states())) == {"sent": 23, "held": 27}
        assert len(made.smsc.texts[number_of(500).removeprefix("+")]) == 3
        assert made.rows("SELECT DISTINCT error_code FROM outbox WHERE state = 'held'") == [("storm_same_text",)]


def test_a_limit_lets_go_exactly_so_many_at_once(tmp_path: Path) -> None:
    plan = Plan(caps=(Cap(Span.DAY, Unit.SMS, 17),))
    with bound(tmp_path, NO_RECEIPTS, plan=plan, window=50) as made:
        made.add(*numbered(5), NewMessage(number_of(77), LONG), *numbered(40, first=100))
        made.start()
        made.until(lambda: sum(len(texts) for texts in made.smsc.texts.values()) >= 14)
        made.until(lambda: "sending" not in made.states())
        assert len(made.smsc.taken) == 17
        assert made.states() == {"sent": 14, "queued": 32}


def test_one_that_is_too_late_or_was_taken_back_stays_behind_and_the_others_go(tmp_path: Path) -> None:
    with bound(tmp_path, NO_RECEIPTS) as made:
        soon = datetime.now(UTC) + timedelta(seconds=0.05)
        late, taken_back, *others = made.add(
            NewMessage(number_of(1), "Too late", expires_at=soon),
            NewMessage(number_of(2), "No"),
            *numbered(30, first=10),
        )
        desk.cancel(made.connection, taken_back, datetime.now(UTC))
        made.until(lambda: datetime.now(UTC) > soon)
        made.start()
        made.until_all("sent", "expired", "cancelled")
        assert made.rows("SELECT state FROM outbox WHERE id IN (?, ?) ORDER BY id", late, taken_back) == [
            ("expired",),
            ("cancelled",),
        ]
        assert made.states()["sent"] == len(others)


def test_what_the_smsc_refuses_fails_alone(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None, refuse_next=1, refuse_next_with=0x0B)) as made:  # ESME_RINVDSTADR
        made.add(*numbered(40))
        made.start()
        made.until_all("sent", "failed")
        assert made.states() == {"sent": 39, "failed": 1}
        assert made.rows("SELECT count(*) FROM spent") == [(39,)]


def test_one_queued_anew_by_hand_goes_with_the_others_and_only_what_is_missing_of_it(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None, refuse_next=1, refuse_next_with=0x0B)) as made:
        (message,) = made.add(NewMessage(number_of(1), LONG))
        made.start()
        made.until_all("failed")
        desk.retry(made.connection, message, datetime.now(UTC), made.rules)
        made.add(*numbered(20, first=10))
        made.until_all("sent")
        assert made.smsc.texts[number_of(1).removeprefix("+")] == [LONG]
        assert made.rows("SELECT attempts FROM outbox WHERE id = ?", message) == [(2,)]


def test_receipts_before_the_answer_and_twice_and_in_between_count_once(tmp_path: Path) -> None:
    conduct = Conduct(receipt_is_early=True, receipt_copies=2, ids="hex", receipt_ids="decimal", first_id=1000)
    with bound(tmp_path, conduct) as made:
        made.smsc.luck(number_of(3).removeprefix("+"), "ENROUTE", "UNDELIV")
        ids = made.add(*numbered(40))
        made.start()
        made.until_all("delivered", "undelivered")
        assert made.states() == {"delivered": 39, "undelivered": 1}
        made.until(lambda: made.smsc.counts["acknowledged"] >= 82)
        assert all(made.events(message).count("report") == (2 if message == ids[3] else 1) for message in ids)


def test_a_database_that_another_program_holds_delays_and_changes_nothing(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=0.0)) as made:
        made.add(*numbered(60))
        made.start()
        made.until(lambda: len(made.smsc.taken) >= 20)
        other = sqlite3.connect(made.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        held_until = datetime.now(UTC) + timedelta(seconds=0.3)
        made.until(lambda: datetime.now(UTC) > held_until)
        other.execute("COMMIT")
        other.close()
        made.until_all("delivered")
        assert all(len(texts) == 1 for texts in made.smsc.texts.values())


def test_what_is_in_the_air_when_the_link_falls_is_uncertain_and_the_rest_goes_on(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None), rules=IntakeRules(safety=NO_LIMITS, uncertain_wait_s=3600)) as made:
        made.smsc.break_at("taken", "reset", after=25)
        made.add(*numbered(60))
        made.start()
        made.until_all("sent", "uncertain")
        uncertain = made.states()["uncertain"]
        assert 1 <= uncertain <= made.window
        assert all(len(texts) == 1 for texts in made.smsc.texts.values())
        assert made.rows("SELECT DISTINCT error_code FROM outbox WHERE state = 'uncertain'") == [("link_lost",)]


def test_what_fails_together_counts_as_one_failure_and_the_bind_rests_only_for_that(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None, refuse_next=10, refuse_next_with=INVALID_PRIORITY)) as made:
        first = made.add(*numbered(10))
        made.start()
        made.until(lambda: made.smsc.counts["refused"] == 10 and made.states() == {"queued": 10})
        (next_one,) = made.add(NewMessage(number_of(99), "Hello"))
        made.until(lambda: made.rows("SELECT state FROM outbox WHERE id = ?", next_one) == [("sent",)])
        assert made.smsc.counts["binds"] == 1
        assert made.rows("SELECT DISTINCT error_code FROM outbox WHERE id <= ?", first[-1]) == [("smpp_0x06",)]
        assert made.worker is not None
        shown = made.worker.status()
        assert "priority" not in shown.detail  # all is well again, and what it was is still known
        assert "invalid priority flag" in shown.last_error
        assert shown.last_error_at is not None


def test_what_was_answered_before_the_link_was_closed_is_sent(tmp_path: Path) -> None:
    rules = IntakeRules(safety=NO_LIMITS, uncertain_wait_s=3600)
    with bound(tmp_path, NO_RECEIPTS, rules=rules, window=50) as made:
        made.smsc.break_at("taken", "close", after=45)
        made.add(*numbered(50))
        made.start()
        made.until_all("sent", "uncertain")
        unanswered = [number_of(44)]  # the rest of the window was never read by the SMSC, or goes out once more
        uncertain = made.rows("SELECT msisdn FROM outbox WHERE state = 'uncertain' ORDER BY id")
        assert uncertain[0] == (unanswered[0],)
        assert made.states()["sent"] >= 44
        assert all(len(texts) == 1 for texts in made.smsc.texts.values())


def test_an_answer_is_not_forgotten_where_the_same_turn_fails_with_another_message(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None, answer_s=0.3)) as made:
        made.connection.execute(
            "CREATE TRIGGER bad BEFORE UPDATE OF state ON outbox WHEN NEW.state = 'sending' AND OLD.body = 'Bad'"
            " BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
        (message,) = made.add(*numbered(1))
        made.start()
        made.until(lambda: len(made.smsc.taken) == 1)
        add(made.connection, [NewMessage(number_of(2), "Bad")], datetime.now(UTC))  # and nobody calls
        made.outbox.intake(datetime.now(UTC))
        made.until(lambda: made.events(message)[-1] not in ("sending", "begun"))
        assert made.events(message) == ["queued", "sending", "begun", "sent"]


def test_a_bind_gives_way_for_a_moment_to_a_carrier_that_waits_and_has_more_left(tmp_path: Path) -> None:
    sharing, plan = Sharing(), Plan((Cap(Span.DAY, Unit.SMS, 10),))
    with bound(tmp_path, NO_RECEIPTS, sharing=sharing, plan=plan) as made:
        made.add(*numbered(8))
        made.start()
        made.until_all("sent")
        sharing.offer("sim-1", 0.9)
        began_at = time.monotonic()
        made.add(NewMessage(number_of(99), "Hello"))
        made.until_all("sent")
        assert time.monotonic() - began_at >= START_S


def test_one_with_less_left_gives_way_to_a_bind_that_waits(tmp_path: Path) -> None:
    sharing = Sharing()
    with bound(tmp_path, NO_RECEIPTS, sharing=sharing) as made:
        made.start()
        made.until(lambda: sharing.way_s("sim-1", 0.5, 0.0) > 0)
        made.stop()
        assert sharing.way_s("sim-1", 0.5, 0.0) == 0


def test_however_long_the_smsc_throttles_the_bind_never_rests_and_no_try_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "HELD_S", 0.05)  # each SMS is given back after that, instead of after a minute
    with bound(tmp_path, Conduct(receipt_s=None, refuse_with=codes.THROTTLED)) as made:
        made.add(*numbered(30))
        made.start()
        made.until(lambda: made.smsc.counts["refused"] >= 15)
        assert made.rows("SELECT DISTINCT state FROM outbox WHERE state NOT IN ('queued', 'sending')") == []
        made.smsc.behave(refuse_with=0)
        began = time.monotonic()
        made.until_all("sent")
        assert time.monotonic() - began < 12
        assert made.rows("SELECT max(network_tries), max(attempts) FROM segments") == [(0, 1)]
        assert made.smsc.counts["binds"] == 1


def test_the_sender_that_some_messages_name_and_the_smsc_refuses_holds_up_no_other(tmp_path: Path) -> None:
    rules = IntakeRules(safety=NO_LIMITS, senders={"Lab": ("operator",)})
    with bound(
        tmp_path, Conduct(receipt_s=None, refuse_next=20, refuse_next_with=INVALID_SENDER), rules=rules, window=1
    ) as made:
        made.add(*numbered(20, sender="Lab"))
        made.add(*numbered(20, first=20))
        made.start()
        made.until(lambda: made.states() == {"queued": 20, "sent": 20})
        assert made.smsc.counts["binds"] == 1
        assert made.worker is not None
        assert (made.worker.state, made.worker.status().last_error) == ("ready", "")
        assert made.rows("SELECT DISTINCT sender, error_code FROM outbox WHERE state = 'queued'") == [
            ("Lab", "smpp_0x0a")
        ]
        made.add(*numbered(1, first=40, sender="Lab"))
        made.until(lambda: made.states() == {"queued": 20, "sent": 21})
        assert [each.source for each in made.smsc.taken[-2:]] == [(5, 0, "Clinic"), (5, 0, "Lab")]
