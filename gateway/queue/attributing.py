"""Which SMS a report is about when reference and time don't find it: one without a reference, or without an answer.

Everything that it may be about is gathered here; what is certain of it, deducing.py says. What isn't stays unknown, and
is looked at again when more reports or an answer come.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.queue import deducing, matching, reportable, times
from gateway.queue.deducing import Told, Try
from gateway.queue.matching import Candidate, Clue
from gateway.queue.states import SegmentState

NO_REFERENCE = ""  # of a segment that the modem accepted without telling its TP-MR; its report bears one all the same
TOGETHER = timedelta(minutes=30)  # reports stamped so near to each other may be about the same SMS
GIVEN_UP = timedelta(days=7)  # after its expiry no report of an SMS comes any more, also from a modem that was away
LIMIT = 200  # a TP-MR comes round every 256 SMS: this looks 50,000 SMS of a SIM back

# An SMSC's receipts go by their ids alone (receipts.py): a link with a window keeps no order.
_WAITING = "SELECT id, message_reference, recipient, submitted_at, received_at, status, code, place FROM reports"
STORED = f"{_WAITING} WHERE id = :key"
WAITING = f"""
    {_WAITING}
    WHERE line = :line AND segment_id IS NULL AND NOT is_exact AND received_at >= :since
    ORDER BY received_at DESC, id DESC LIMIT :limit"""

# Reports of the same copy are one: it takes one place, however often it is told.
KNOWN = """
    SELECT message_reference, submitted_at, min(received_at), min(place) FROM reports
    WHERE segment_id = :key AND line = :line AND submitted_at IS NOT NULL GROUP BY message_reference, submitted_at"""

# SMS to this number whose modem has told this reference: handed over before the report came, as far as that is known,
# and not such that they have had reports of their own, all under another time.
BEARERS = """
    SELECT s.id FROM segments AS s INDEXED BY segments_reference JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.line = :line AND s.message_reference = :reference AND o.msisdn = COALESCE(:msisdn, o.msisdn)
      AND COALESCE(o.expires, '9') > :given_up
      AND NOT EXISTS (SELECT 1 FROM spent AS p WHERE p.line = s.line AND p.at = s.begun_at AND p.segment_id = s.id
                      AND :place > 0 AND p.place > :place)
      AND COALESCE((SELECT max(r.submitted_at = :stamp) FROM reports AS r
                    WHERE r.segment_id = s.id AND r.line = s.line AND r.message_reference = :reference), 1)"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored report that no segment has."""

    key: int
    reference: str
    recipient: str | None = field(repr=False)
    submitted_at: datetime | None  # TP-SCTS
    received_at: datetime
    status: str
    code: str
    place: int  # among all that happened, whatever the clock said; 0: not known

    @property
    def clue(self) -> Clue:
        return Clue(self.recipient, self.submitted_at)


Pair = tuple[Waiting, int]  # a report and its segment


def settled(connection: sqlite3.Connection, line: str, report: Waiting, now: datetime) -> list[Pair]:
    """What this report, with those that wait like it, makes certain; nothing as long as nobody can tell.

    While an SMS to its number is in the air that one may be meant; its outcome brings the report up again.
    """
    if _is_in_air(connection, line, report.clue):
        return []
    if report.submitted_at is not None:
        tries = _tries(connection, line, report.clue, report.submitted_at)
        if _meant(report, tries):
            return _deduced(connection, line, report, report.submitted_at, tries, now)
    found = _by_reference(connection, line, report, now)
    return [] if found is None else [(report, found.segment_id)]


def stored(connection: sqlite3.Connection, key: int) -> Waiting:
    """One report."""
    return _waiting(*connection.execute(STORED, {"key": key}).fetchone())


def waiting(connection: sqlite3.Connection, line: str, number: str | None, since: datetime) -> list[Waiting]:
    """The reports of this line since then, about this number or none, that no segment has; None: about any.

    In the order in which they came; of very many the last ones, for those of another system's SMS are never matched.
    """
    values = {"line": line, "since": times.to_text(since), "limit": LIMIT}
    rows = [_waiting(*row) for row in reversed(connection.execute(WAITING, values).fetchall())]
    return [each for each in rows if number is None or matching.is_same_number(each.recipient, number)]


def _deduced(
    connection: sqlite3.Connection, line: str, report: Waiting, stamp: datetime, tries: list[Try], now: datetime
) -> list[Pair]:
    """Those that are certain, of the reports to this number that were stamped at about that time.

    One whose reference another SMS bears takes no place among these.
    """
    if report.recipient is None:
        lone = deducing.lone(_told(report, stamp), tries, matching.CLOCK_TOLERANCE)
        is_disputed = lone is not None and _has_bearer(connection, line, report, tries, now)
        return [] if lone is None or is_disputed else [(report, lone.segment_id)]
    near = [
        (each, each.submitted_at)
        for each in waiting(connection, line, report.recipient, stamp - TOGETHER - matching.CLOCK_TOLERANCE)
        if each.recipient is not None
        and each.submitted_at is not None
        and abs(each.submitted_at - stamp) <= TOGETHER
        and not _has_bearer(connection, line, each, tries, now)
    ]
    told = {(each.reference, at): _told(each, at) for each, at in reversed(near)}  # the first of each name counts
    found = deducing.certain([*told.values(), *_known(connection, line, tries)], tries, matching.CLOCK_TOLERANCE)
    return [(each, tried.segment_id) for each, at in near if (tried := found.get(told[each.reference, at])) is not None]


def _meant(report: Waiting, tries: Iterable[Try]) -> set[int]:
    """The segments of these tries that it may be about."""
    if report.submitted_at is None:
        return set()
    told = _told(report, report.submitted_at)
    return {tried.segment_id for tried in tries if deducing.may_be(told, tried, matching.CLOCK_TOLERANCE)}


def _has_bearer(
    connection: sqlite3.Connection, line: str, report: Waiting, tries: Sequence[Try], now: datetime
) -> bool:
    """Whether a modem has told its very reference of yet another SMS to its number, which no report has settled.

    Either may be meant: that one's time is another one only as long as the clock was right then and now.
    """
    own = _meant(report, tries)
    if not own or not report.reference:
        return False
    values = {
        "line": line,
        "reference": report.reference,
        "msisdn": None if report.recipient is None else tries[0].recipient,
        "given_up": times.to_text(now - GIVEN_UP),
        "place": report.place,
        "stamp": times.optional_text(report.submitted_at),
    }
    return any(key not in own for (key,) in connection.execute(BEARERS, values))


def _known(connection: sqlite3.Connection, line: str, tries: Iterable[Try]) -> set[Told]:
    """What is known already of these segments' copies over this line: one of them is taken."""
    return {
        Told(reference, times.from_text(stamp), times.from_text(received_at), key, place)
        for key in {tried.segment_id for tried in tries}
        for reference, stamp, received_at, place in connection.execute(KNOWN, {"key": key, "line": line})
    }


def _told(report: Waiting, stamp: datetime) -> Told:
    return Told(report.reference, stamp, report.received_at, place=report.place)


def _tries(connection: sqlite3.Connection, line: str, clue: Clue, stamp: datetime) -> list[Try]:
    """All that this report, or one stamped near to it, may be about, in the order in which they went."""
    reach = TOGETHER + matching.CLOCK_TOLERANCE
    since, until = stamp - reach - matching.ANSWER_WINDOW, stamp + reach
    values = {"line": line, "since": times.to_text(since), "until": times.to_text(until)}
    tries = [
        _try(key, msisdn, place, times.from_text(at), times.optional_time(answered_at))
        for key, msisdn, place, at, answered_at in connection.execute(reportable.TRIES, values)
        if matching.is_same_number(clue.recipient, msisdn)
    ]
    return sorted(tries, key=lambda tried: tried.place)


def _try(key: int, msisdn: str, place: int, at: datetime, answered_at: datetime | None) -> Try:
    until = at + matching.ANSWER_WINDOW if answered_at is None else max(at, answered_at)
    return Try(key, msisdn, at, until, is_accepted=answered_at is not None, place=place)


def _by_reference(connection: sqlite3.Connection, line: str, report: Waiting, now: datetime) -> Candidate | None:
    """When its time says little, odd or by a wrong clock: the only one that bears its reference, or bears none.

    Only while no other SMS to this number may bear it.
    """
    values = {"line": line, "given_up": times.to_text(now - GIVEN_UP), "limit": LIMIT}
    references = {report.reference, NO_REFERENCE}
    every = [each for word in references for each in _candidates(connection, values | {"reference": word})]
    fitting = [each for each in every if matching.may_be(report.clue, each)]
    if len(fitting) != 1:
        return None
    rivals = values | {"msisdn": fitting[0].recipient, "key": fitting[0].segment_id}
    has_rival = report.recipient is not None and connection.execute(reportable.RIVALS, rivals).fetchone()[0]
    return None if has_rival else fitting[0]


def _candidates(connection: sqlite3.Connection, values: dict[str, object]) -> Iterator[Candidate]:
    for key, msisdn, state, begun_at in connection.execute(reportable.OF_REFERENCE, values):
        yield Candidate(key, msisdn, SegmentState(state), times.from_text(begun_at))


def _is_in_air(connection: sqlite3.Connection, line: str, clue: Clue) -> bool:
    """Whether this line is handing over an SMS to the report's number right now."""
    rows: Iterable[tuple[str]] = connection.execute(reportable.IN_AIR, {"line": line}).fetchall()
    return any(matching.is_same_number(clue.recipient, msisdn) for (msisdn,) in rows)


def _waiting(
    key: int,
    reference: str,
    recipient: str | None,
    submitted_at: str | None,
    received_at: str,
    status: str,
    code: str,
    place: int,
) -> Waiting:
    stamp, received = times.optional_time(submitted_at), times.from_text(received_at)
    return Waiting(key, reference, recipient, stamp, received, status, code, place)
