"""What must be true whatever happened: the queue's words against what the network and the phones really saw."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

from gateway.life import Life
from gateway.life import is_legal as is_legal_life
from gateway.queue import checking
from gateway.queue.states import MOVES, State
from tests.simulation import held, limits, paces, refusals, stopped, timely, ways
from tests.simulation.clinic import Asked
from tests.simulation.facts import Facts
from tests.simulation.network import DELIVERED, Try
from tests.simulation.story import Story

NEVER_OUT = frozenset({State.REJECTED, State.EXPIRED, State.CANCELLED, State.HELD})
PART_SENT = "part_sent"  # cancelled when some of it was out, and said so
NOT_OUT = frozenset({"refused", "deferred"})
ANY_NEAR_S = 2 * 3600.0
RESENT = {"otp": 0, "emergency": 1, "notification": 1, "marketing": 1}  # how often an SMS without an answer goes again
OPEN = frozenset({State.QUEUED, State.SENDING, State.UNCERTAIN})


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
    for asked in facts.story.clinic.asked.values():
        if _may_be_retried(facts, asked.id):
            continue
        if facts.resent[asked.id] > RESENT[asked.category] * len(facts.keys[asked.id]):
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
    """Halves of two senders no phone can join; how they come about, `_a_message_has_one_sender` looks at."""
    return facts.rows.get(message, (None,))[0] == State.DELIVERED and bool(facts.lines_of_all(message))


def _a_message_has_one_sender(facts: Facts) -> Iterator[str]:
    """All parts of it went out over one SIM, unless its stick was given another one in between."""
    for message, keys in list(facts.keys.items()):
        tries = [tried for key in keys for tried in facts.tries[key] if tried.is_accepted]
        if not tries or {tried.key for tried in tries} != set(keys) or facts.lines_of_all(message):
            continue
        first, last = min(tried.moment for tried in tries), max(tried.moment for tried in tries)
        swaps = [at for tried in tries for at in facts.story.chaos.swapped_at[tried.carrier] if first <= at <= last]
        if not swaps:
            yield f"message {message} went out over several SIMs: {sorted({tried.line for tried in tries})}"


def _reports_are_believed(facts: Facts) -> Iterator[str]:
    """A message all of whose parts were reported as delivered is delivered, unless its reports can be another one's.

    That they can't: they say time and number plainly, and each part was accepted with a reference; or, without one, all
    that went to its number within two hours was, and was reported plainly too.
    """
    if facts.story.chaos.clock_set:
        return
    for message, (state, *_rest) in facts.rows.items():
        tries = [tried for key in facts.keys[message] for tried in facts.tries[key]]
        if not tries or facts.uncertain[message] or state != State.SENT:
            continue
        sure = {tried.key for tried in tries if _is_surely_told(tried) and _stands_out(facts, tried)}
        if sure == set(facts.keys[message]):
            yield f"message {message} is called {state}, and every part of it was reported as delivered"


def _is_surely_told(tried: Try) -> bool:
    return tried.told == "accepted" and tried.final_report == DELIVERED and tried.is_report_plain


def _stands_out(facts: Facts, tried: Try) -> bool:
    """Whether no other SMS can be taken for it."""
    if tried.has_reference:
        return True
    others = facts.to_number[tried.line, tried.recipient]
    near = [other for other in others if abs(other.moment - tried.moment) < ANY_NEAR_S]
    return all(other.told in NOT_OUT or _is_surely_told(other) for other in near)


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
    """Every text that a patient wrote is in the inbox, whole and once; nothing says of what an SMSC tells another run
    of the gateway whether it is new.
    """
    inbox = Counter(facts.connection.execute("SELECT sender, body FROM inbox").fetchall())
    written = Counter((word.sender, word.text) for word in facts.story.patients.words)
    for (_sender, _text), count in (written - inbox).items():
        yield f"{count} texts of a patient are not in the inbox"
    for (_sender, _text), count in (inbox - written - Counter(facts.story.network.repeated)).items():
        yield f"{count} texts in the inbox that nobody wrote, or twice"


RULES: tuple[Rule, ...] = (
    _every_row_is_known_and_has_an_end,
    _outcome_is_true,
    _nothing_is_sent_twice_in_silence,
    _policy_is_kept,
    _phones_show_what_was_said_once,
    _a_message_has_one_sender,
    _reports_are_believed,
    _events_are_legal,
    _carriers_live_legally,
    _queue_is_sound,
    _patients_are_heard,
    limits.limits_are_kept,
    held.storms_are_held,
    held.backlogs_are_held,
    timely.nothing_goes_before_its_time,
    timely.nothing_goes_after_its_time,
    timely.what_is_too_late_is_called_so,
    timely.quiet_hours_are_kept,
    timely.pauses_are_kept,
    ways.parts_go_in_their_order,
    ways.who_is_let_go_is_not_held_again,
    ways.late_answers_are_believed,
    ways.patients_see_the_number_that_they_know,
    paces.pauses_between_sms_are_kept,
    paces.pauses_are_of_different_length,
    paces.binds_keep_their_rate,
    paces.throttling_fails_no_message,
    refusals.who_asked_for_no_more_gets_none,
    refusals.a_wish_for_no_more_ends_what_waits,
    refusals.nobody_else_is_refused,
    stopped.stopped_campaigns_stand_still,
    stopped.nothing_is_left_of_what_was_taken_back,
)
