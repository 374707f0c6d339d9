"""[pure] The figures add up, whatever became of the messages, and each row gets one verdict with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.queue.results import Message
from gateway.queue.states import State
from gateway.report.summary import summarize
from gateway.report.tables import Share, Subject, facts, remarks, tables
from gateway.report.verdicts import VERDICTS, Mood, Note, entries, results

MOSCOW = ZoneInfo("Europe/Moscow")
OUT = ("sent", "delivered", "undelivered")


def message(
    row: int = 2,
    state: str = "delivered",
    number: str = "+79000000001",
    at: str | None = "2026-12-01T06:30:00.000Z",
    carrier: str | None = "sim-1",
    reason: str | None = None,
    key: int = 1,
    reply: str | None = None,
) -> Message:
    sent = at if state in OUT else None
    return Message(
        row, key, number, 1, state, None, reason, carrier, sent, sent if state == "delivered" else None, reply, None
    )


MESSAGES = st.builds(
    message,
    row=st.integers(1, 40),
    state=st.sampled_from([state.value for state in State]),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(
        lambda at: at.isoformat(timespec="milliseconds") + "Z"
    ),
    carrier=st.sampled_from([None, "sim-1", "sim-2", "operator"]),
    reply=st.sampled_from([None, "Да"]),
)
NOTES = st.builds(
    Note,
    row=st.integers(1, 60),
    verdict=st.sampled_from(["refused", "warning", "known"]),
    code=st.sampled_from(["landline", "duplicate", "hidden_row"]),
    column=st.none(),
    reason=st.just("It is so."),
)


@given(st.lists(MESSAGES, max_size=40), st.lists(NOTES, max_size=20), st.sampled_from(["running", "paused", "done"]))
def test_every_message_and_every_row_is_counted_once(messages: list[Message], notes: list[Note], stage: str) -> None:
    found = entries(messages, notes, stage)
    summary = summarize(found, {"sim-1": "МТС"}, MOSCOW)
    out = sum(one.state in OUT for one in messages)
    assert summary.messages == len(messages)
    assert summary.rows == len(results(found)) == len({one.row for one in messages} | {one.row for one in notes})
    assert sum(summary.verdicts.values()) == len(found)
    for groups in (summary.hours, summary.operators, summary.carriers, [summary.total]):
        assert sum(group.sent for group in groups) == out
        assert sum(group.delivered for group in groups) == sum(one.state == "delivered" for one in messages)
        assert all(group.sent == group.delivered + group.lost + group.without_report for group in groups)
        assert all(group.rate is None or 0 <= group.rate <= 1 for group in groups)
    assert [entry.row for entry in found] == sorted(entry.row for entry in found)


NOTE = Note(2, "refused", "landline", "Телефон", "It is a landline.")
ROWS = {  # messages and notes of row 2, the campaign's state -> words, mood, reason
    "delivered": ([message()], [], "done", ("delivered", Mood.GOOD, "")),
    "refused by the network, in its words": (
        *([message(state="failed", reason="The network refuses it.")], [], "done"),
        ("not sent", Mood.BAD, "The network refuses it."),
    ),
    "a number that was to be looked at": (
        *([message()], [Note(2, "warning", "several_numbers", "Тел", "Two numbers.")], "done"),
        ("delivered", Mood.GOOD, "Two numbers."),
    ),
    "refused by the import": ([], [NOTE], "done", ("not accepted", Mood.BAD, "It is a landline.")),
    "twice in the list": (
        *([], [Note(2, "refused", "duplicate", None, "Row 1 has it.")], "done"),
        ("left out", Mood.NEUTRAL, "Row 1 has it."),
    ),
    "hidden": (
        *([], [Note(2, "warning", "hidden_row", None, "It is hidden.")], "done"),
        ("left out", Mood.NEUTRAL, "It is hidden."),
    ),
    "known, with a warning before it": (
        *([], [Note(2, "warning", "x", None, "Look."), Note(2, "known", "already_queued", None, "Queued.")], "done"),
        ("queued before", Mood.NEUTRAL, "Queued."),
    ),
    "waiting in a campaign that is paused": (
        *([message(state="queued", reason="It is full.")], [], "paused"),
        ("waiting", Mood.OPEN, "It waits: the campaign is paused."),
    ),
    "two numbers with two outcomes": (
        *([message(), message(state="undelivered", number="+79000000002", key=2)], [], "done"),
        ("delivered; not delivered", Mood.BAD, "The network says that it did not arrive."),
    ),
    "two numbers with one outcome": (
        *([message(), message(number="+79000000002", key=2)], [], "done"),
        ("delivered", Mood.GOOD, ""),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_one_verdict_with_its_reason(row: str) -> None:
    messages, notes, stage, (words, mood, reason) = ROWS[row]
    (result,) = results(entries(messages, notes, stage))
    assert (result.words, result.mood, result.reason) == (words, mood, reason)


def test_of_two_numbers_both_are_named_with_the_first_sending_and_the_last_delivery() -> None:
    late = message(number="+79000000002", at="2026-12-01T08:00:00.000Z", key=2, reply="Нет")
    (result,) = results(entries([message(reply="Да"), late], [], "done"))
    assert (result.numbers, result.sms, result.reply) == ("+79000000001, +79000000002", 2, "Да; Нет")
    assert (result.sent_at, result.delivered_at) == ("2026-12-01T06:30:00.000Z", "2026-12-01T08:00:00.000Z")


def test_every_state_of_a_message_has_its_words() -> None:
    assert {state.value for state in State} <= set(VERDICTS)
    assert len({verdict.word for verdict in VERDICTS.values()}) == len(VERDICTS)


def test_hours_are_the_clinic_s_with_the_gaps_between() -> None:
    times = ("2026-12-01T06:59:59.999Z", "2026-12-02T09:00:00.000Z", "2026-12-01T20:59:00.000Z")
    found = entries([message(row, at=at) for row, at in enumerate(times)], [], "done")
    summary = summarize(found, {}, MOSCOW)
    assert [(group.name, group.sent) for group in summary.hours if group.sent] == [("09", 1), ("12", 1), ("23", 1)]
    assert [group.name for group in summary.hours] == [f"{hour:02}" for hour in range(9, 24)]


def test_a_report_without_a_sending_counts_and_has_no_hour() -> None:
    """An answer that was never seen: the report alone says that it went out."""
    lost = Message(2, 1, None, 1, "undelivered", None, None, "sim-1", None, None, None, None)
    summary = summarize(entries([lost], [], "done"), {}, MOSCOW)
    assert (summary.total.sent, summary.total.lost, list(summary.hours)) == (1, 1, [])


SHARES = [(1, 3, "33.33%"), (0, 7, "0.00%"), (7, 7, "100.00%"), (99_999, 100_000, "99.99%"), (57, 100, "57.00%")]


@pytest.mark.parametrize(("part", "whole", "said"), SHARES)
def test_a_share_is_never_rounded_up_to_all_and_a_workbook_shows_the_same(part: int, whole: int, said: str) -> None:
    share = Share(part, whole)
    assert (str(share), f"{share.of_one:.2%}") == (said, said)


def test_of_a_campaign_of_which_nothing_went_out_no_share_is_said() -> None:
    summary = summarize(entries([message(state="queued")], [], "paused"), {}, MOSCOW, removed=2)
    subject = Subject("x", "", "", datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), MOSCOW)
    assert dict(facts(summary, subject.zone))["Share delivered"] is None
    assert tables(summary) == []
    assert remarks(summary) == [
        "2 messages of it were removed since, as retention is configured: their rows have no verdict."
    ]
