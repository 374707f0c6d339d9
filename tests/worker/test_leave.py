"""What one SIM may send: known by the SIM, kept over restarts, said to people in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Report, ReportStatus, Scope, Submission
from gateway.plan.blocking import RESTS_S
from gateway.plan.limits import URGENT_RANK, Cap, Plan, Span, Unit, Window
from gateway.queue import db, spending
from gateway.sms.message import Alphabet, Segment
from gateway.worker.leave import RELOAD_WAIT_S, Leave

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SIM, OTHER_SIM = "8970199000000000017", "8970199000000000025"
FINE = Accepted("1")
BARRED = Deferred("cms_50", "Not subscribed.", Scope.DEVICE)
DAY_OF_3 = Plan((Cap(Span.DAY, Unit.SMS, 3),))
DAY_OF_2_PEOPLE = Plan((Cap(Span.DAY, Unit.SMS, 9), Cap(Span.DAY, Unit.RECIPIENTS, 2)))


def opened(connection: db.Connection, plan: Plan = DAY_OF_3, line: str = SIM, now: datetime = NOON) -> Leave:
    leave = Leave(plan, MOSCOW)
    leave.open(connection, line, now)
    return leave


def send(
    leave: Leave, connection: db.Connection, who: int, outcome: Outcome = FINE, now: datetime = NOON, line: str = SIM
) -> Outcome:
    """One SMS that goes out whatever the leave says, noted as the queue does."""
    submission = Submission(who, f"+7900000{who:04}", Segment("Hello", Alphabet.GSM7, None))
    if outcome == FINE:
        with db.write(connection):
            spending.note(connection, line, who, submission.recipient, now)
    recorded = leave.after(submission, outcome, now)
    leave.keep(now)
    return recorded


def test_a_sim_keeps_its_limits_in_another_stick_under_another_name(connection: db.Connection) -> None:
    first = opened(connection)
    for who in range(3):
        send(first, connection, who)
    assert opened(connection).wait_s(NOON) == 12 * 3600
    assert opened(connection, line=OTHER_SIM).wait_s(NOON) == 0


def test_the_least_interval_is_kept_over_a_restart(connection: db.Connection) -> None:
    plan = Plan(min_interval_s=30.0)
    send(opened(connection, plan), connection, 1)
    early = opened(connection, plan, now=NOON + timedelta(seconds=10))
    assert early.wait_s(NOON + timedelta(seconds=10)) == pytest.approx(20, abs=0.002)
    assert opened(connection, plan, now=NOON + timedelta(seconds=40)).wait_s(NOON + timedelta(seconds=40)) == 0


def test_a_stick_that_gets_another_sim_goes_by_that_sims_account(connection: db.Connection) -> None:
    leave = opened(connection)
    for who in range(3):
        send(leave, connection, who)
    leave.open(connection, OTHER_SIM, NOON)
    assert leave.wait_s(NOON) == 0
    leave.open(connection, SIM, NOON)
    assert leave.wait_s(NOON) > 0


def test_at_midnight_it_goes_on(connection: db.Connection) -> None:
    leave = opened(connection)
    for who in range(3):
        send(leave, connection, who)
    assert leave.standing(NOON).detail == "Reached 3 of 3 SMS today; goes on at 00:00."
    assert not leave.takes(NOON)
    midnight = NOON + timedelta(hours=12)
    assert leave.wait_s(midnight) == 0
    assert leave.standing(midnight).used_today == 0


def test_before_it_is_opened_nothing_goes_out() -> None:
    assert Leave(DAY_OF_3, MOSCOW).wait_s(NOON) == RELOAD_WAIT_S


def test_the_number_of_people_is_limited_but_what_is_begun_goes_on(connection: db.Connection) -> None:
    leave = opened(connection, DAY_OF_2_PEOPLE)
    for who in (1, 2, 1):
        send(leave, connection, who)
    assert leave.wait_s(NOON) > 0
    assert leave.room(NOON) == 0
    assert leave.wait_s(NOON, is_begun=True) == 0
    assert "2 different numbers today" in leave.standing(NOON).detail


def test_when_retention_has_emptied_the_numbers_people_still_count(connection: db.Connection) -> None:
    leave = opened(connection, DAY_OF_2_PEOPLE)
    for who in (1, 2):
        send(leave, connection, who)
    connection.execute("DELETE FROM outbox")
    assert opened(connection, DAY_OF_2_PEOPLE).room(NOON) == 0


def test_no_number_is_kept_in_memory_or_table(connection: db.Connection) -> None:
    leave = opened(connection, DAY_OF_2_PEOPLE)
    send(leave, connection, 7)
    held = repr(vars(leave)) + repr([vars(tally) for tally in leave._ledger._tallies.values()])
    assert "79000000007" not in held + repr(connection.execute("SELECT * FROM spent").fetchall())


def test_what_is_left_of_the_day_is_the_room_for_a_message(connection: db.Connection) -> None:
    leave = opened(connection)
    send(leave, connection, 1)
    assert leave.room(NOON) == 2
    assert opened(connection, Plan()).room(NOON) is None


def test_a_new_sim_begins_with_a_tenth_and_says_so(connection: db.Connection) -> None:
    plan = Plan((Cap(Span.DAY, Unit.SMS, 100),), warm_up_s=10 * 86400.0)
    leave = opened(connection, plan)
    standing = leave.standing(NOON)
    assert standing.limit_today == 10
    assert standing.detail == "A new SIM: it has 10 % today of its limits."
    later = NOON + timedelta(days=5)
    assert opened(connection, plan, now=later).standing(later).limit_today == 50  # 4.5 days at its midnight
    grown = NOON + timedelta(days=11)
    assert opened(connection, plan, now=grown).standing(grown).limit_today == 100
    assert opened(connection, plan, now=grown).standing(grown).detail == ""


def test_in_quiet_times_only_what_is_urgent_goes_out(connection: db.Connection) -> None:
    leave = opened(connection, Plan(quiet=(Window(time(21), time(8)),)))
    night = NOON + timedelta(hours=10)
    assert leave.least_rank(NOON) == 0
    assert leave.takes(NOON)
    assert leave.least_rank(night) == URGENT_RANK
    assert leave.wait_s(night) == 0
    assert not leave.takes(night)
    assert leave.standing(night).detail == "Quiet until 08:00: only emergency and otp go out."


def blocked(connection: db.Connection) -> Leave:
    leave = opened(connection)
    for who in range(5):
        send(leave, connection, who, BARRED)
    return leave


def test_a_block_is_kept_by_the_sim(connection: db.Connection) -> None:
    leave = blocked(connection)
    assert leave.wait_s(NOON) == RESTS_S[0]
    restarted = opened(connection)
    assert restarted.block == leave.block
    assert not restarted.takes(NOON)
    assert opened(connection, line=OTHER_SIM).block is None
    assert "cms_50" in restarted.standing(NOON).detail
    assert "13:00" in restarted.standing(NOON).detail


def test_after_the_rest_one_sms_tries_and_ends_the_block(connection: db.Connection) -> None:
    leave = blocked(connection)
    after = NOON + timedelta(seconds=RESTS_S[0])
    assert leave.wait_s(after) == 0
    send(leave, connection, 8, BARRED, after)
    assert leave.wait_s(after) == RESTS_S[1]
    assert opened(connection, now=after).block == leave.block
    again = after + timedelta(seconds=RESTS_S[1])
    send(leave, connection, 9, FINE, again)
    assert leave.block is None
    assert opened(connection).block is None


def test_a_block_from_a_clock_that_was_ahead_is_not_sat_out_for_years(connection: db.Connection) -> None:
    leave = opened(connection, now=NOON + timedelta(days=365))
    for who in range(5):
        send(leave, connection, who, BARRED, NOON + timedelta(days=365))
    leave.keep(NOON)
    assert 0 < leave.wait_s(NOON) <= RESTS_S[-1]


def test_a_block_from_a_clock_that_was_hours_ahead_rests_as_long_as_it_was_to(connection: db.Connection) -> None:
    blocked(connection)
    back = NOON - timedelta(hours=7)
    block = opened(connection, now=back).block
    assert block is not None
    assert block.until <= back + timedelta(seconds=RESTS_S[0])


def test_a_sim_first_seen_by_a_clock_that_was_ahead_warms_up_from_now_on(connection: db.Connection) -> None:
    plan = Plan((Cap(Span.DAY, Unit.SMS, 100),), warm_up_s=10 * 86400.0)
    opened(connection, plan, now=NOON + timedelta(days=365))
    opened(connection, plan)
    later = NOON + timedelta(days=11)
    assert opened(connection, plan, now=later).standing(later).limit_today == 100


def test_a_person_ends_a_block(connection: db.Connection) -> None:
    leave = blocked(connection)
    leave.unblock(connection, NOON)
    assert leave.wait_s(NOON) == 0
    assert opened(connection).block is None


def test_delivery_reports_may_show_a_block(connection: db.Connection) -> None:
    leave = opened(connection)
    for n in range(12):
        now = NOON + timedelta(minutes=n)
        report = Report(str(n), f"+7900000{n:04}", ReportStatus.UNDELIVERED, "tp_st_0x48", now, now, str(n))
        leave.notice([report], now)
        leave.keep(now)
    assert leave.block is not None
    assert opened(connection, now=NOON + timedelta(hours=1)).block == leave.block


def test_a_changed_plan_counts_what_was_spent_under_the_old_one(connection: db.Connection) -> None:
    leave = opened(connection, Plan())
    for who in range(3):
        send(leave, connection, who)
    assert leave.wait_s(NOON) == 0
    assert opened(connection).wait_s(NOON) == 12 * 3600


def test_a_plan_that_is_changed_while_it_works_counts_what_was_spent_before(connection: db.Connection) -> None:
    leave = opened(connection)
    for who in range(2):
        send(leave, connection, who)
    leave.change(Plan((Cap(Span.DAY, Unit.SMS, 2),)))
    leave.keep(NOON + timedelta(seconds=1))
    assert leave.room(NOON + timedelta(seconds=1)) == 0
    assert leave.standing(NOON + timedelta(seconds=1)).limit_today == 2
    assert leave.wait_s(NOON + timedelta(seconds=1)) > 0.0
    leave.change(Plan())
    leave.keep(NOON + timedelta(seconds=2))
    assert leave.wait_s(NOON + timedelta(seconds=2)) == 0.0
    assert leave.room(NOON + timedelta(seconds=2)) is None


def test_the_share_that_is_left_is_what_the_load_is_shared_by(connection: db.Connection) -> None:
    leave = opened(connection)
    send(leave, connection, 1)
    assert leave.share_left(NOON) == pytest.approx(2 / 3)
    assert opened(connection, Plan()).share_left(NOON) == 1.0


LOOKS = {
    "what is shown": lambda leave, now: leave.standing(now),
    "the room left": lambda leave, now: leave.room(now),
    "what is left of the limits": lambda leave, now: leave.share_left(now),
    "what it waits for": lambda leave, now: leave.detail(now),
}


@pytest.mark.parametrize("look", LOOKS)
def test_whoever_looks_by_a_clock_that_is_ahead_hides_no_limit(connection: db.Connection, look: str) -> None:
    """The dispatcher looks every other second, also while the worker waits and hears nothing of the clock."""
    leave = opened(connection)
    for who in range(3):
        send(leave, connection, who)
    LOOKS[look](leave, NOON + timedelta(days=1))
    assert leave.wait_s(NOON) == RELOAD_WAIT_S
    leave.keep(NOON)
    assert leave.wait_s(NOON) == 12 * 3600
