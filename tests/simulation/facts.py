"""What is known of a seed in the end: the queue's own words, and the network's book beside them."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from gateway.queue import times
from gateway.queue.states import State
from tests.simulation.network import Try
from tests.simulation.story import Story

NEAR_S = 0.01  # times are written down in milliseconds
SENT = """
    SELECT min(e.id), o.id, o.msisdn, o.sent_at, o.carrier FROM outbox AS o JOIN events AS e ON e.outbox_id = o.id
    WHERE o.sent_at IS NOT NULL AND o.carrier IS NOT NULL AND e.to_state IN ('sent', 'delivered', 'undelivered')
    GROUP BY o.id"""


@dataclass(frozen=True)
class Sent:
    """A message that went out."""

    event: int  # that says so: they are in their order, whatever the clock said
    message: int
    at: datetime  # by the gateway's clock
    carrier: str


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
        self.to_number: dict[tuple[str, str], list[Try]] = defaultdict(list)  # by line and number
        self.by_line: dict[str, list[Try]] = defaultdict(list)
        for tried in sorted(story.network.tries, key=lambda each: each.moment):  # a slow link tells of some late
            self.by_line[tried.line].append(tried)
            self.tries[tried.key].append(tried)
            self.to_number[tried.line, tried.recipient].append(tried)
        self.uncertain: Counter[int] = Counter()
        self.resent: Counter[int] = Counter()
        self.events: dict[int, list[tuple[str, str | None, str | None]]] = {}
        for message, event, before, after in connection.execute(
            "SELECT outbox_id, event, from_state, to_state FROM events WHERE outbox_id IS NOT NULL ORDER BY id"
        ):
            self.events.setdefault(message, []).append((event, before, after))
            self.uncertain[message] += after == State.UNCERTAIN
            self.resent[message] += event == "resend"

        self.pauses = story.clinic.desk.pauses(story.world.moment)
        self.sent: dict[str, list[Sent]] = defaultdict(list)  # by number
        for event, message, msisdn, at, carrier in connection.execute(SENT):
            self.sent[msisdn].append(Sent(event, message, times.from_text(at), carrier))
        begun = "SELECT outbox_id, min(id), detail FROM events WHERE to_state = 'sending' GROUP BY outbox_id"
        self.begun: dict[int, int] = {}  # the event that says so
        self.first_taken: dict[int, str] = {}  # by which carrier
        for message, event, carrier in connection.execute(begun):
            self.begun[message], self.first_taken[message] = event, carrier
        self.moves = {
            message: [(before, after) for _event, before, after in events if after]
            for message, events in self.events.items()
        }
        self._campaigns = {message: each for each in story.clinic.campaigns.all for message in each.messages}
        self.taken_back = {message for each in story.clinic.campaigns.all for message in each.messages}
        self.taken_back |= story.clinic.taken_back
        moves = "SELECT outbox_id, to_state, at FROM events WHERE outbox_id IS NOT NULL AND to_state IS NOT NULL"
        self._moved_at = {(message, state): times.from_text(at) for message, state, at in connection.execute(moves)}

    def tries_of(self, message: int) -> list[Try]:
        """Of all its parts, in the order in which they went."""
        return sorted((tried for key in self.keys[message] for tried in self.tries[key]), key=lambda t: t.moment)

    def is_clock_steady(self, since: float, until: float) -> bool:
        """Whether nobody set the machine's clock between these moments."""
        return not any(since <= moment <= until for moment, _said in self.story.chaos.clock_set)

    def moments_of(self, wall: datetime) -> list[float]:
        """When the gateway's clock may have said so: it was set forward and back."""
        story = self.story
        told = [(0.0, story.world.started_at), *story.chaos.clock_set, (math.inf, wall)]
        spans = [(since, until, since + (wall - said).total_seconds()) for (since, said), (until, _) in pairwise(told)]
        return [moment for since, until, moment in spans if since - NEAR_S <= moment <= until + NEAR_S]

    def is_stopped(self, message: int, moment: float, margin_s: float) -> bool:
        """Whether its campaign was stopped then, or so shortly before or after; less than nothing: for so long."""
        campaign = self._campaigns.get(message)
        stops = campaign.stops if campaign else ()
        return any(since - margin_s <= moment <= until + margin_s for since, until in stops)

    def has_event(self, message: int, name: str) -> bool:
        return any(event == name for event, _before, _after in self.events.get(message, ()))

    def moved_at(self, message: int, state: State) -> datetime | None:
        """When it last went to this state."""
        return self._moved_at.get((message, state))

    def is_put_aside(self, message: int) -> bool:
        """Whether a backlog's rules have ended it."""
        return self.codes.get(message) == "backlog"

    def accepted(self, key: int) -> int:
        return sum(tried.is_accepted for tried in self.tries[key])

    def arrived(self, key: int) -> int:
        return sum(tried.arrived_at is not None for tried in self.tries[key])

    def lines_of_all(self, message: int) -> set[str]:
        """The SIMs over which all parts of a message arrived, or are to."""
        keys = self.keys[message]
        over = [{tried.line for tried in self.tries[key] if tried.is_accepted} for key in keys]
        return set.intersection(*over) if over else set()
