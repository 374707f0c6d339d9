"""What must be true whatever happened: the queue's words against what the network and the phones really saw."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from gateway.life import Life
from gateway.life import is_legal as is_legal_life
from gateway.plan.limits import Plan, Span, Unit, day_start, month_start
from gateway.queue import checking, times
from gateway.queue.rules import IntakeRules, WhenUncertain
from gateway.queue.states import MOVES, State
from tests.simulation.clinic import Asked
from tests.simulation.network import DELIVERED, Try
from tests.simulation.story import Story

NEVER_OUT = frozenset({State.REJECTED, State.EXPIRED, State.CANCELLED, State.HELD})
CLOCK_MARGIN = timedelta(hours=12)  # a SIM may have been seen first under a wrong clock
PART_SENT = "part_sent"  # cancelled when some of it was out, and said so
OPEN = frozenset({State.QUEUED, State.SENDING, State.UNCERTAIN})


class Facts:
    """The database in the end, and the network's book beside it."""

    def __init__(self, story: Story, connection: sqlite3.Connection) -> None:
        self.story = story
        self.connection = connection
        self.rows = {row[0]: row[1:] for row in connection.execute("SELECT id, state, category, taken_at FROM outbox")}
        self.codes = dict(connection.execute("SELECT id, error_code FROM outbox"))
        segments = "SELECT id, outbox_id, number, state, error_code FROM segments ORDER BY outbox_id, number"
        self.segments = {key: rest for key, *rest in connection.execute(segments)}
        self.keys: dict[int, list[int]] = defaultdict(list)
        for key, (message, *_rest) in self.segments.items():
            self.keys[message].append(key)
        self.tries: dict[int, list[Try]] = defaultdict(list)
        for tried in story.network.tries:
            self.tries[tried.key].append(tried)
        self.uncertain: Counter[int] = Counter()
        self.resent: Counter[int] = Counter()
        self.events: dict[int, list[tuple[str, str | None, str | None]]] = {}
        for message, event, before, after in connection.execute(
            "SELECT outbox_id, event, from_state, to_state FROM events WHERE outbox_id IS NOT NULL ORDER BY id"
        ):
            self.events.setdefault(message, []).append((event, before, after))
            self.uncertain[message] += after == State.UNCERTAIN
            self.resent[message] += event == "resend"

    def accepted(self, key: int) -> int:
        return sum(tried.is_accepted for tried in self.tries[key])

    def arrived(self, key: int) -> int:
        return sum(tried.arrived_at is not None for tried in self.tries[key])


Rule = Callable[[Facts], Iterator[str]]


def broken(story: Story, connection: sqlite3.Connection) -> list[str]:
    """Everything that does not hold, each in a line."""
    facts = Facts(story, connection)
    return [f"{rule.__name__.lstrip('_')}: {line}" for rule in RULES for line in rule(facts)]


def _every_row_is_known_and_has_an_end(facts: Facts) -> Iterator[str]:
    for asked in facts.story.clinic.asked.values():
        if asked.id not in facts.rows:
            yield f"message {asked.id} is lost"
        elif facts.rows[asked.id][0] in OPEN:
            yield f"message {asked.id} is still {facts.rows[asked.id][0]}"
    if len(facts.rows) != len(facts.story.clinic.asked):
        yield f"{len(facts.rows)} rows, {len(facts.story.clinic.asked)} were written"


def _outcome_is_true(facts: Facts) -> Iterator[str]:
    for asked in facts.story.clinic.asked.values():
        state = facts.rows.get(asked.id, (None,))[0]
        keys = facts.keys[asked.id]
        out, on_phone = [facts.accepted(key) for key in keys], [facts.arrived(key) for key in keys]
        if not asked.recipient and state not in (State.REJECTED, State.CANCELLED, State.EXPIRED):
            yield f"message {asked.id} to nobody is {state}"
        if state == State.DELIVERED and (not keys or not all(on_phone)):
            yield f"message {asked.id} is called delivered, and its parts arrived {on_phone}"
        if state in (State.SENT, State.UNDELIVERED) and (not keys or not all(out)):
            yield f"message {asked.id} is called {state}, and its parts were accepted {out}"
        if facts.uncertain[asked.id]:
            continue
        if state == State.UNDELIVERED and all(on_phone):
            yield f"message {asked.id} is called undelivered, and it arrived"
        if state == State.FAILED and keys and all(out):
            yield f"message {asked.id} is called failed, and the network has all of it"
        if state in NEVER_OUT and any(out) and facts.codes[asked.id] != PART_SENT:
            yield f"message {asked.id} is called {state}, and {out} of it went out"


def _nothing_is_sent_twice_in_silence(facts: Facts) -> Iterator[str]:
    for key, tries in facts.tries.items():
        message = facts.segments[key][0] if key in facts.segments else None
        if message is None:
            yield f"segment {key} went out and is not in the queue"
            continue
        for earlier, later in pairwise(tries):
            if earlier.told == "accepted" and not facts.uncertain[message]:  # told, and the power failed
                yield f"segment {key} of {message} was accepted and went out again after {later.moment:.0f} s"
        copies = sum(tried.is_accepted for tried in tries)
        if copies > 1 + facts.uncertain[message]:
            yield f"segment {key} of {message} went out {copies} times, uncertain {facts.uncertain[message]} times"


def _may_be_retried(facts: Facts, message: int) -> bool:
    return any(event == "retry" for event, _before, _after in facts.events.get(message, ()))


def _policy_is_kept(facts: Facts) -> Iterator[str]:
    """What nobody knows is sent again as often as its category has it, and no more."""
    limits = {WhenUncertain.NEVER: 0, WhenUncertain.ONCE: 1, WhenUncertain.AT_ONCE: 1}
    rules: IntakeRules = facts.story.rules
    for asked in facts.story.clinic.asked.values():
        policy = rules.categories[asked.category].when_uncertain
        if _may_be_retried(facts, asked.id):
            continue
        if facts.resent[asked.id] > limits[policy] * len(facts.keys[asked.id]):
            yield f"message {asked.id} ({asked.category}) was sent again {facts.resent[asked.id]} times"


def _phones_show_what_was_said_once(facts: Facts) -> Iterator[str]:
    asked: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for each in facts.story.clinic.asked.values():
        asked[each.recipient, each.body].append(each)
    for phone in facts.story.network.phones.values():
        for text, times_shown in Counter(text for _moment, text in phone.texts).items():
            found = asked.get((phone.number, text), [])
            allowed = len(found) + sum(facts.uncertain[each.id] for each in found)
            if times_shown > allowed:
                yield f"a phone shows a text {times_shown} times, messages {[each.id for each in found]}"
    shown = {(phone.number, text) for phone in facts.story.network.phones.values() for _moment, text in phone.texts}
    for (number, text), messages in asked.items():
        delivered = [each.id for each in messages if _is_delivered_by_one_sim(facts, each.id)]
        if delivered and (number, text) not in shown:
            yield f"messages {delivered} are called delivered, and the phone does not show their text"


def _is_delivered_by_one_sim(facts: Facts, message: int) -> bool:
    """Halves of two senders, when its stick was given another SIM in between, no phone can join."""
    lines = {tried.line for key in facts.keys[message] for tried in facts.tries[key] if tried.is_accepted}
    return facts.rows.get(message, (None,))[0] == State.DELIVERED and len(lines) == 1


def _reports_are_believed(facts: Facts) -> Iterator[str]:
    """A message all of whose parts were reported as delivered, plainly and after a known answer, is delivered."""
    for message, (state, *_rest) in facts.rows.items():
        tries = [tried for key in facts.keys[message] for tried in facts.tries[key]]
        if not tries or facts.uncertain[message] or state != State.SENT or facts.story.chaos.clock_moved_at:
            continue
        reported = [tried for tried in tries if tried.final_report is not None and tried.is_report_plain]
        if {tried.key for tried in reported if tried.final_report == DELIVERED} == set(facts.keys[message]):
            yield f"message {message} is called {state}, and every part of it was reported as delivered"


def _events_are_legal(facts: Facts) -> Iterator[str]:
    for message, events in facts.events.items():
        moves = [(before, after) for _event, before, after in events if after]
        states = [after for _before, after in moves]
        if moves[0] != (None, "queued"):
            yield f"message {message} begins as {moves[0]}"
        for (_before, state), (before, after) in pairwise(moves):
            if state != before or State(str(after)) not in MOVES[State(str(before))]:
                yield f"message {message} went from {state} to {after}, called {before}"
        if message in facts.rows and states[-1] != facts.rows[message][0]:
            yield f"message {message} is {facts.rows[message][0]}, its last event says {states[-1]}"


def _carriers_live_legally(facts: Facts) -> Iterator[str]:
    rows = facts.connection.execute(
        "SELECT carrier, from_state, to_state FROM events WHERE carrier IS NOT NULL AND event = 'state' ORDER BY id"
    )
    for carrier, before, after in rows:
        if before and after and not is_legal_life(Life(before), Life(after)):
            yield f"{carrier} went from {before} to {after}"


def _queue_is_sound(facts: Facts) -> Iterator[str]:
    for name, (_words, query) in checking.RULES.items():
        ids = [str(row[0]) for row in facts.connection.execute(query).fetchmany(5) if row[0] is not None]
        if ids:
            yield f"{name}: {', '.join(ids)}"


def _patients_are_heard(facts: Facts) -> Iterator[str]:
    """Every text that a patient wrote is in the inbox, whole and once."""
    inbox = Counter(facts.connection.execute("SELECT sender, body FROM inbox").fetchall())
    written = Counter(facts.story.clinic.written)
    for (_sender, _text), count in (written - inbox).items():
        yield f"{count} texts of a patient are not in the inbox"
    for (_sender, _text), count in (inbox - written).items():
        yield f"{count} texts in the inbox that nobody wrote, or twice"


SPANS: dict[Span, Callable[[datetime, Facts], datetime]] = {
    Span.MINUTE: lambda now, _facts: now - timedelta(minutes=1),
    Span.HOUR: lambda now, _facts: now - timedelta(hours=1),
    Span.DAY: lambda now, facts: day_start(now, facts.story.zone),
    Span.MONTH: lambda now, facts: month_start(now, facts.story.zone),
}


def _limits_are_kept(facts: Facts) -> Iterator[str]:
    """By the gateway's own clock, at the moment at which each SMS was handed over.

    How long ago that was which went out before the clock was set, the gateway can't know.
    """
    by_line: dict[str, list[Try]] = defaultdict(list)
    for tried in facts.story.network.tries:
        by_line[tried.line].append(tried)
    for line, tries in by_line.items():
        first = facts.story.world.started_at - CLOCK_MARGIN
        for place, tried in enumerate(tries):
            plan: Plan = facts.story.plans.by_name[tried.carrier]
            share = plan.share((tried.wall - first).total_seconds())
            out = [each for each in tries[: place + 1] if each.is_accepted]
            yield from _over(facts, line, tried, out, plan, share)


def _over(facts: Facts, line: str, tried: Try, out: list[Try], plan: Plan, share: float) -> Iterator[str]:
    clock_set_at = max((at for at in facts.story.chaos.clock_moved_at if at <= tried.moment), default=0.0)
    out = [each for each in out if each.moment >= clock_set_at]
    for cap in plan.caps:
        if cap.unit is Unit.RECIPIENTS and _is_part_out(facts, tried):
            continue  # the rest of a long message goes on, also when its number counts anew meanwhile
        since = SPANS[cap.span](tried.wall, facts)
        within = [each for each in reversed(out[-2000:]) if since < each.wall <= tried.wall]
        count = len(within) if cap.unit is Unit.SMS else len({each.recipient for each in within})
        if count > cap.cooled(share).most:
            yield f"{line} sent {count} {cap.unit.value} in a {cap.span.name.lower()}, limit {cap.cooled(share).most}"


def _is_part_out(facts: Facts, tried: Try) -> bool:
    keys = facts.keys[facts.segments[tried.key][0]]
    earlier = [each for key in keys for each in facts.tries[key] if each.moment < tried.moment]
    return any(each.told in ("accepted", "uncertain", "nothing") for each in earlier)


def _storms_are_held(facts: Facts) -> Iterator[str]:
    """The same text to one number within a day, what a person let go left aside."""
    safety = facts.story.rules.safety
    taken: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for asked in facts.story.clinic.asked.values():
        at = facts.rows.get(asked.id, (None, None, None))[2]
        if at and not asked.is_released and asked.recipient:
            taken[asked.recipient, " ".join(asked.body.split()).casefold()].append(times.from_text(at))
    for moments in taken.values():
        moments.sort()
        for place, moment in enumerate(moments):
            count = sum(moment - each < timedelta(seconds=safety.same_text_window_s) for each in moments[: place + 1])
            if count > safety.same_text_limit:
                yield f"the same text was sent {count} times to one number within the window"


RULES: tuple[Rule, ...] = (
    _every_row_is_known_and_has_an_end,
    _outcome_is_true,
    _nothing_is_sent_twice_in_silence,
    _policy_is_kept,
    _phones_show_what_was_said_once,
    _reports_are_believed,
    _events_are_legal,
    _carriers_live_legally,
    _queue_is_sound,
    _patients_are_heard,
    _limits_are_kept,
    _storms_are_held,
)
