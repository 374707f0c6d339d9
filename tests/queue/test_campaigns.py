"""Campaigns in the queue: stopped, let go, taken back, and what is left of each when the power fails in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import pytest

from gateway.carrier import Accepted
from gateway.errors import GatewayError, UsageProblem
from gateway.queue import backlog, campaigns, overview, standstill
from gateway.queue.adding import NewMessage
from gateway.queue.campaigns import CANCEL, PAUSE, RESUME, NewCampaign, Noted, Stage
from tests.queue.clinic import BUSY, LONG, NOW, PHONE, RULES, Clinic, later


def phones(count: int, first: int = 1) -> list[str]:
    return [f"+7900000{number:04}" for number in range(first, first + count)]


def begin(
    clinic: Clinic, name: str = "November", count: int = 3, body: str = "Ждём вас", *, first: int = 1, **more: object
) -> int:
    messages = [NewMessage(phone, body, list_row=row) for row, phone in enumerate(phones(count, first), 2)]
    campaigns.queue(clinic.connection, NewCampaign(name, **more), messages, NOW)  # type: ignore[arg-type]
    while clinic.box.intake(NOW):
        pass
    return campaigns.find(clinic.connection, name).id


def decide(clinic: Clinic, decision: campaigns.Decision, name: str = "November") -> int:
    return campaigns.decide(clinic.connection, name, decision, "olga", NOW).id


def let_do(clinic: Clinic) -> None:
    """What the dispatcher does in its turns."""
    while clinic.box.ripen(NOW):
        pass


def states(clinic: Clinic, campaign: int = 1) -> list[tuple[object, object]]:
    return clinic.connection.execute(
        "SELECT state, due FROM outbox WHERE campaign = ? ORDER BY id", (campaign,)
    ).fetchall()


def taken(clinic: Clinic, most: int = 10) -> list[str]:
    """Whom a carrier with a window takes."""
    return [each.recipient for each in clinic.box.claim_some("sim-1", "line", NOW, most)]


def test_the_messages_of_an_import_know_their_campaign_and_their_row(clinic: Clinic) -> None:
    campaign = begin(clinic)
    rows = clinic.connection.execute("SELECT campaign, list_row FROM outbox ORDER BY id").fetchall()
    assert rows == [(campaign, 2), (campaign, 3), (campaign, 4)]
    assert overview.one(clinic.connection, campaign).row["messages"] == 3


def test_a_second_campaign_of_the_same_name_is_refused_and_nothing_of_it_is_queued(clinic: Clinic) -> None:
    begin(clinic)
    with pytest.raises(UsageProblem, match="There is a campaign “November” already"):
        begin(clinic, " november ", first=50)
    assert clinic.connection.execute("SELECT count(*) FROM outbox").fetchone()[0] == 3


def test_a_list_of_which_all_is_known_makes_no_campaign(clinic: Clinic) -> None:
    known = [NewMessage(PHONE, "Ждём вас", external_id="k")]
    assert campaigns.queue(clinic.connection, NewCampaign("one"), known, NOW).queued == 1
    assert campaigns.queue(clinic.connection, NewCampaign("two"), known, NOW).queued == 0
    assert not campaigns.is_known(clinic.connection, "two")


def test_what_another_import_has_queued_meanwhile_is_neither_counted_nor_without_a_verdict(clinic: Clinic) -> None:
    """Two people import the same list at once: what the second one looked at before counts no more."""
    both = [NewMessage(PHONE, f"Ждём вас {n}", external_id=f"k{n}", list_row=n, sms=n) for n in (2, 3, 4)]
    campaigns.queue(clinic.connection, NewCampaign("one"), both[:1], NOW)
    result = campaigns.queue(clinic.connection, NewCampaign("two"), both, NOW)
    found = overview.one(clinic.connection, campaigns.find(clinic.connection, "two").id)
    assert (result.queued, result.known, result.known_rows) == (2, 1, (2,))
    assert (found.row["messages"], found.row["sms"]) == (2, 3 + 4)
    notes = overview.rows(clinic.connection, found.id)
    assert [(each["row"], each["verdict"], each["code"]) for each in notes] == [(2, "known", "already_queued")]


def test_the_rows_that_became_no_message_are_kept(clinic: Clinic) -> None:
    campaign = begin(clinic, rows=[Noted(7, "refused", "landline", "Телефон", "It is a landline.")])
    assert overview.rows(clinic.connection, campaign) == [
        {"row": 7, "column": "Телефон", "verdict": "refused", "code": "landline", "reason": "It is a landline."}
    ]


@pytest.mark.parametrize("window", [1, 10])
def test_nothing_of_a_paused_campaign_is_taken_and_what_stands_behind_it_is(clinic: Clinic, window: int) -> None:
    begin(clinic, count=400)
    clinic.add("Код 1234", "+79000009901")
    decide(clinic, PAUSE)
    found: Iterable[str] = taken(clinic, window)
    while not found and clinic.box.has_work(NOW, "sim-1"):
        found = taken(clinic, window)
    assert found == ["+79000009901"]
    assert {due for _state, due in states(clinic)} == {2}


def test_a_draft_waits_until_it_is_let_go(clinic: Clinic) -> None:
    begin(clinic, stage=Stage.DRAFT)
    assert taken(clinic) == []
    decide(clinic, RESUME)
    let_do(clinic)
    assert taken(clinic) == phones(3)


def test_a_resumed_campaign_goes_on_where_it_stood(clinic: Clinic) -> None:
    begin(clinic)
    first = clinic.begun()
    decide(clinic, PAUSE)
    clinic.record(first, Accepted("1"))
    assert taken(clinic) == []
    decide(clinic, RESUME)
    let_do(clinic)
    assert taken(clinic) == phones(3)[1:]
    assert clinic.state(1) == "sent"


def test_another_campaign_goes_on(clinic: Clinic) -> None:
    begin(clinic)
    begin(clinic, "December", first=50)
    decide(clinic, PAUSE)
    assert taken(clinic) + taken(clinic) == phones(3, 50)


def test_a_message_of_which_a_part_is_out_goes_on(clinic: Clinic) -> None:
    begin(clinic, count=2, body=LONG)
    second = clinic.record(clinic.begun(), Accepted("1"))
    assert second is not None
    clinic.record(second, BUSY)
    for decision in (PAUSE, CANCEL):
        decide(clinic, decision)
        let_do(clinic)
    assert clinic.state(1) == "queued"
    assert clinic.begun(now=later(hours=1)) is not None if clinic.box.ripen(later(hours=1)) else True
    assert clinic.state(1) == "sending"
    assert clinic.state(2) == "cancelled"


def test_what_falls_due_while_the_campaign_is_paused_waits_too(clinic: Clinic) -> None:
    messages = [NewMessage(PHONE, "Ждём вас", not_before=later(minutes=5))]
    campaigns.queue(clinic.connection, NewCampaign("November"), messages, NOW)
    clinic.box.intake(NOW)
    decide(clinic, PAUSE)
    clinic.box.ripen(later(minutes=6))
    assert clinic.claim(now=later(minutes=6)) is None
    assert states(clinic) == [("queued", 2)]


def test_cancelling_takes_back_what_waits_and_nothing_else(clinic: Clinic) -> None:
    begin(clinic, count=700)
    clinic.send()
    in_the_air = clinic.begun()
    campaign = decide(clinic, CANCEL)
    assert sum(campaigns.go_on(clinic.connection, campaign, NOW)) == 698
    assert clinic.record(in_the_air, Accepted("2")) is None
    counts = overview.one(clinic.connection, campaign).counts
    assert {state: count for state, count in counts.items() if count} == {"sent": 2, "cancelled": 698}


def test_a_message_that_comes_back_to_a_cancelled_campaign_is_cancelled_too(clinic: Clinic) -> None:
    begin(clinic, count=1)
    in_the_air = clinic.begun()
    campaign = decide(clinic, CANCEL)
    list(campaigns.go_on(clinic.connection, campaign, NOW))
    clinic.record(in_the_air, BUSY)
    after = later(hours=1)
    clinic.box.ripen(after)
    assert clinic.claim(now=after) is None
    clinic.box.ripen(after)
    assert clinic.state() == "cancelled"


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize(
    ("decisions", "expected"), [([CANCEL], "cancelled"), ([PAUSE, RESUME], "queued")], ids=["cancel", "resume"]
)
def test_what_was_broken_off_is_finished_after_the_next_start(
    clinic: Clinic, decisions: Sequence[campaigns.Decision], expected: str, turns: int
) -> None:
    begin(clinic, count=3 * standstill.AT_ONCE)
    for decision in decisions:
        decide(clinic, decision)
        if decision is PAUSE:
            assert taken(clinic) == taken(clinic) == []
    for _turn in range(turns):
        standstill.go_on(clinic.connection, NOW)
    again = clinic.reopened()
    let_do(again)
    assert {state for state, _due in states(again)} == {expected}
    assert {due for state, due in states(again) if state == "queued"} <= {1}
    again.connection.close()


def test_cancelling_once_more_goes_on(clinic: Clinic) -> None:
    begin(clinic, count=2 * standstill.AT_ONCE)
    campaign = decide(clinic, CANCEL)
    next(campaigns.go_on(clinic.connection, campaign, NOW))
    assert decide(clinic, CANCEL) == campaign
    assert sum(campaigns.go_on(clinic.connection, campaign, NOW)) == standstill.AT_ONCE


@pytest.mark.parametrize(
    ("stage", "decision", "reason"),
    [
        (Stage.RUNNING, RESUME, "nothing to resume"),
        (Stage.DRAFT, PAUSE, "has not begun"),
        (Stage.PAUSED, PAUSE, "is paused already"),
        (Stage.CANCELLED, PAUSE, "is cancelled"),
        (Stage.CANCELLED, RESUME, "is cancelled"),
    ],
)
def test_what_can_not_be_decided_says_why(
    clinic: Clinic, stage: Stage, decision: campaigns.Decision, reason: str
) -> None:
    begin(clinic, stage=stage)
    with pytest.raises(GatewayError, match=reason):
        decide(clinic, decision)


def test_a_name_that_is_none_is_told_the_nearest(clinic: Clinic) -> None:
    begin(clinic)
    with pytest.raises(GatewayError, match="Did you mean “November”"):
        decide(clinic, PAUSE, "Novembre")


def test_names_are_made_free(clinic: Clinic) -> None:
    begin(clinic, "list")
    begin(clinic, "list 2", first=50)
    assert campaigns.free_name(clinic.connection, "List") == "List 3"
    assert campaigns.free_name(clinic.connection, "  \n ") == "import"
    assert len(campaigns.free_name(clinic.connection, "x" * 500)) == campaigns.LONGEST_NAME


def test_a_paused_campaign_is_no_backlog(clinic: Clinic) -> None:
    rules = RULES.__class__(safety=RULES.safety.__class__(backlog_limit=2))
    begin(clinic, count=5)
    decide(clinic, PAUSE)
    assert backlog.find(clinic.connection, rules, later(days=1)) is None
    decide(clinic, RESUME)
    assert backlog.find(clinic.connection, rules, later(days=1)) is not None


def test_what_waits_for_a_person_is_not_told_as_waiting_too_long(clinic: Clinic) -> None:
    from gateway.queue import views

    begin(clinic)
    decide(clinic, PAUSE)
    taken(clinic)
    assert views.oldest_queued_s(clinic.connection, later(hours=1)) is None


def test_a_campaign_is_done_when_nothing_of_it_waits(clinic: Clinic) -> None:
    campaign = begin(clinic, count=1)
    assert overview.one(clinic.connection, campaign).stage == "running"
    clinic.send()
    assert overview.one(clinic.connection, campaign).stage == "done"
    decide(clinic, PAUSE)
    assert overview.one(clinic.connection, campaign).stage == "done"


def test_the_pace_is_that_of_the_last_minutes(clinic: Clinic) -> None:
    campaign = overview.one(clinic.connection, begin(clinic, count=5))
    for _message in range(2):
        clinic.send(now=NOW)
    pace = overview.pace(clinic.connection, campaign, later(minutes=2))
    assert (pace.per_minute, pace.sms_left, pace.time_left_s(NOW)) == (1.0, 3, 180.0)


def test_a_message_of_a_cancelled_campaign_is_not_tried_again(clinic: Clinic) -> None:
    from gateway.queue import desk
    from tests.queue.clinic import NEVER

    begin(clinic, count=1)
    clinic.record(clinic.begun(), NEVER)
    decide(clinic, CANCEL)
    with pytest.raises(GatewayError, match="its campaign is cancelled"):
        desk.retry(clinic.connection, 1, NOW + timedelta(minutes=1), RULES)


@pytest.mark.parametrize("value", [None, 17, "abc", b"\xff", 2.5])
def test_a_number_that_no_campaign_has_stops_nothing(clinic: Clinic, value: object) -> None:
    insert = "INSERT INTO outbox (recipient, body, campaign) VALUES (?, 'Ждём вас', ?)"
    clinic.connection.execute(insert, (PHONE, value))
    clinic.box.intake(NOW)
    assert taken(clinic) == [PHONE]
