"""Claimed, recorded and stored many at a time: whatever there is, the database is as if it had been done one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Report, ReportStatus, Scope, Submission, Uncertain
from gateway.errors import GatewayError
from gateway.queue import desk, progress
from gateway.queue.rules import SafetyRules
from gateway.queue.states import State
from gateway.routing import Opening, Route
from tests.queue.clinic import LONG, NOW, RULES, Clinic, later

LINE = "smpp:clinic@smsc:2775"
ROUTED = replace(
    RULES,
    routes=(
        Route(("sim-1", "sim-2"), categories=("otp",)),
        Route(("sim-1", "sim-2"), categories=("marketing",), is_shared=True),
        Route(("sim-2", "sim-1"), min_sms=2),
    ),
)
OPENINGS = (Opening("sim-1\nsim-2"), Opening("\nsim-1\nsim-2", is_shared=True), Opening("sim-2\nsim-1", is_first=False))
STORMY = replace(RULES, safety=SafetyRules(same_text_limit=2, daily_limit=4, backlog_limit=0))
DELIVERED, UNDELIVERED, PENDING = ReportStatus
OUTCOMES: Sequence[Callable[[int], Outcome]] = (
    *[lambda key: Accepted(f"{key:x}")] * 12,
    lambda _key: Accepted(""),
    lambda _key: Uncertain("no_answer", "?"),
    lambda _key: Refused("smpp_0x0b", "No such number."),
    lambda _key: Deferred("smpp_0x08", "Busy.", Scope.NETWORK),
    lambda _key: Deferred("smpp_0x45", "Not now.", Scope.NUMBER),
    lambda _key: Deferred("smpp_0x0a", "Not from this sender.", Scope.ACCOUNT),
    lambda _key: Deferred("smpp_0x43", "Not in this form.", Scope.GATEWAY),
)
TABLES = {
    "outbox": "SELECT id, state, msisdn, segments, carrier, attempts, error_code, error_text, sent_at, delivered_at,"
    " next_attempt_at, due, rank, route, shunned, expires, retries, taken_at, wish_until, released_at FROM outbox",
    "segments": "SELECT outbox_id, number, total, reference, is_wide, alphabet, body, state, carrier, line,"
    " message_reference, attempts, number_tries, network_tries, account_tries, gateway_tries, device_tries, unanswered,"
    " begun_at, submitted_at, reported_at, error_code FROM segments ORDER BY outbox_id, number",
    "events": "SELECT outbox_id, event, from_state, to_state, detail FROM events ORDER BY outbox_id, id",
    "spent": "SELECT p.line, s.outbox_id, s.number, p.at, p.recipient FROM spent AS p"
    " JOIN segments AS s ON s.id = p.segment_id ORDER BY 2, 3, 4",
    "reports": "SELECT r.fingerprint, r.message_reference, r.status, s.outbox_id, s.number FROM reports AS r"
    " LEFT JOIN segments AS s ON s.id = r.segment_id ORDER BY 1",
    "report_forms": "SELECT f.line, f.form, r.fingerprint FROM report_forms AS f"
    " JOIN reports AS r ON r.id = f.report_id ORDER BY 1, 2, 3",
}


@dataclass
class Way:
    """A queue with one bind, and whether it takes its steps one by one."""

    clinic: Clinic
    is_one_by_one: bool
    most_claimed: int = 0

    def claim(self, most: int, minute: int, room: int | None = None) -> list[Submission]:
        box, now = self.clinic.box, later(minutes=minute)
        openings = OPENINGS if self.clinic.rules.routes else ()
        if not self.is_one_by_one:
            claimed = box.claim_some("sim-1", LINE, now, most, room=room, openings=openings)
            self.most_claimed = max(self.most_claimed, len(claimed))
            return claimed
        found: list[Submission] = []
        while len(found) < most:
            left = None if room is None else room - sum(each.sms_left for each in found)
            submission = box.claim("sim-1", LINE, now, room=left, openings=openings)
            if submission is None:
                break
            found.append(submission)
        return found

    def record(self, answers: Sequence[tuple[int, Outcome]], minute: int, go_on: bool) -> list[Submission]:
        now = later(minutes=minute)
        if not self.is_one_by_one:
            return self.clinic.box.record_all(answers, now, go_on=go_on)
        found = [self.clinic.box.record(key, outcome, now, go_on=go_on) for key, outcome in answers]
        return [each for each in found if each is not None]

    def store(self, reports: Sequence[Report], minute: int) -> None:
        groups = [[each] for each in reports] if self.is_one_by_one else [list(reports)]
        for group in groups:
            self.clinic.box.store("sim-1", LINE, group, later(minutes=minute))

    def tables(self) -> dict[str, list[Any]]:
        return {name: self.clinic.connection.execute(query).fetchall() for name, query in TABLES.items()}


def written(chance: Random) -> dict[str, Any]:
    """A message as people write it: short ones to a number of their own, and all that there is besides."""
    body = chance.choice(["Ждём вас", "Hello {n}", "Приём в {n}", "Hello {n}", LONG, "Long {n} " * 30])
    more: dict[str, Any] = {"category": chance.choice([None, None, None, "otp", "marketing"])}
    if chance.random() < 0.1:
        more["expires_at"] = later(minutes=chance.choice([1, 2]))
    if chance.random() < 0.1:
        more["sender"] = "sim-1"
    number = chance.choice([chance.randrange(1000, 9000), chance.randrange(1000, 1010)])
    return {"body": body.format(n=chance.randrange(100)), "recipient": f"+7900000{number}", **more}


def live(way: Way, seed: int) -> None:
    """Some minutes of a queue. Both ways draw the same lots: their keys are the same as long as all else is."""
    chance, prints = Random(seed), count()
    room = chance.choice([None, None, 25])
    air: list[Submission] = []
    known: list[tuple[str, str]] = []  # id and number of what was accepted
    for minute in range(6):
        for _message in range(chance.choice([3, 15, 30])):
            way.clinic.add(now=later(minutes=minute), **written(chance))
        way.clinic.box.ripen(later(minutes=minute))
        air += way.claim(chance.choice([1, 7, 25]), minute, room)
        chance.shuffle(air)
        answered, air = air[: (done := chance.randrange(len(air) + 1))], air[done:]
        lots = [chance.choice(OUTCOMES) for _each in answered]
        ids = {each.key: f"{index}-{minute}" for index, each in enumerate(answered)}
        outcomes = [_named(lot(each.key), ids[each.key]) for lot, each in zip(lots, answered, strict=True)]
        early = [_report(chance, name, each.recipient, next(prints)) for each, name in _some(chance, answered, ids)]
        way.store(early, minute)
        answers = [(each.key, outcome) for each, outcome in zip(answered, outcomes, strict=True)]
        air += sorted(
            way.record(answers, minute, go_on=chance.random() < 0.8),
            key=lambda each: (each.recipient, each.segment.text),
        )
        known += [(ids[each.key], each.recipient) for each in answered]
        late = [_report(chance, *chance.choice(known), next(prints)) for _each in range(len(known) and 12)]
        way.store([*late, *late[:2]], minute)
        if minute == 3:
            _retry(way, minute)


def _named(outcome: Outcome, name: str) -> Outcome:
    return Accepted(name) if isinstance(outcome, Accepted) and outcome.message_reference else outcome


def _some(chance: Random, answered: Sequence[Submission], ids: dict[int, str]) -> list[tuple[Submission, str]]:
    return [(each, ids[each.key]) for each in answered if chance.random() < 0.3]


def _report(chance: Random, name: str, recipient: str, number: int) -> Report:
    """Some come in another form too, say no number or another one, or are one that came before."""
    status = chance.choice([DELIVERED, DELIVERED, DELIVERED, DELIVERED, UNDELIVERED, PENDING])
    to = chance.choice([recipient, recipient, recipient, None, "+79000009999"])
    others = chance.choice([(), (), (f"x{name}",), ("1-1", "0-2")])
    key = number if chance.random() < 0.9 else number // 2
    return Report(name, to, status, f"smpp_{status.value}", None, None, f"{key}", is_exact=True, other_forms=others)


def _retry(way: Way, minute: int) -> None:
    failed = way.clinic.connection.execute("SELECT id FROM outbox WHERE state = 'failed' ORDER BY id").fetchall()
    for (message,) in failed:
        try:
            desk.retry(way.clinic.connection, message, later(minutes=minute), way.clinic.rules)
        except GatewayError:
            continue


@pytest.mark.parametrize("rules", [RULES, STORMY, ROUTED], ids=["calm", "stormy", "routed"])
@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_it_is_as_one_by_one(seed: int, rules: Any, tmp_path: Path, empty: bytes) -> None:
    found = []
    for is_one_by_one in (False, True):
        file = tmp_path / f"{is_one_by_one}.db"
        file.write_bytes(empty)
        way = Way(Clinic(file, rules), is_one_by_one)
        live(way, seed)
        found.append(way.tables())
        way.clinic.connection.close()
    at_once, one_by_one = found
    for table in TABLES:
        assert at_once[table] == one_by_one[table], table


def test_a_group_that_is_not_as_it_was_expected_is_taken_back_whole(clinic: Clinic) -> None:
    """As when a row has left its state meanwhile, which the lock forbids: nothing of the group is kept."""
    messages = [clinic.add(recipient=f"+7900000{number}") for number in (1001, 1002, 1003)]
    with pytest.raises(GatewayError), clinic.box.write():
        progress.move_all(clinic.connection, [*messages[:2], 4711], State.QUEUED, State.SENDING, NOW)
    assert [clinic.state(message) for message in messages] == ["queued"] * 3
