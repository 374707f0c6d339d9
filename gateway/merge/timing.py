"""[pure] When each row's message goes, and until when it may: at a time, spread over a span, or so long before what
stands in a column of the row.

Times without an offset are on the wall clock of the row: that of the clinic, or of the zone that a column names. Whole
days before are counted on that clock too: a day before 10:00 is 10:00, also over a clock change. The same list, told
the same at the same moment, gives the same times: the preview shows what will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gateway import forms
from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw, cell_at
from gateway.merge.dates import Moment, as_time, moment_of
from gateway.merge.template import FLAW_REASONS, Column, named_column
from gateway.merge.zones import UnknownZone, zone_of
from gateway.plan.hours import Hours

DAY = timedelta(days=1)
# Years before and after stand for always and never; there is room left for each zone and each span before.
FIRST_YEAR, LAST_YEAR = 3, 8999
MIDNIGHT = time()  # how many programmes write a day that has no time of its own
KEPT_SHARE = 0.5  # of the time before that is asked for: with less left, the message rather goes earlier

EMPTY = _("The cell is empty: nobody can tell when to send it.")
NO_DAY = _("The cell holds no date that reads in one way only.")
NO_CLOCK = _("The cell holds no time of day.")
NO_ZONE = _("The cell names no time zone such as Europe/Moscow, UTC+5 or МСК+2.")
PAST = _("It is over, or will be before the clinic writes to people again.")
TOO_LATE = _("It would go at {time}, when --not-after has passed.")
SHORT_NOTICE = _("Less time is left before it than was asked for: it goes as soon as may be.")


class Untimely(ValueError):
    """The row has no time at which it could go."""

    def __init__(self, column: str | None, code: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Slot:
    """When one message goes, in UTC; None: at once, as long as its category has it."""

    send_at: datetime | None
    expires_at: datetime | None
    zone: tzinfo
    is_short_notice: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """As a person says it; a time without an offset is on each row's own clock."""

    now: datetime
    zone: tzinfo  # the clinic's
    hours: Hours = field(default_factory=Hours)
    send_at: datetime | None = None
    spread: timedelta = timedelta()
    not_after: datetime | None = None
    before: str | None = None  # the column of what it is to go before
    lead: timedelta = timedelta()
    time_column: str | None = None  # the time of day, where the column before it holds days
    zone_column: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return tuple(name for name in (self.before, self.time_column, self.zone_column) if name is not None)

    def bound(self, columns: Sequence[Column]) -> Timing:
        """Raises UsageProblem for a column that there is not."""
        found = {name: named_column(name, columns) for name in self.names}
        return Timing(
            self, found.get(self.before or ""), found.get(self.time_column or ""), found.get(self.zone_column or "")
        )


@dataclass(frozen=True, slots=True)
class Timing:
    """The wishes, bound to a list's columns."""

    wishes: Wishes
    before: Column | None = None
    clock: Column | None = None
    zone: Column | None = None
    _edges: dict[tzinfo, Slot] = field(default_factory=dict, repr=False)  # what rows of one zone have in common

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for column in (self.before, self.clock, self.zone) if column is not None)

    def of(self, cells: Sequence[Cell]) -> Slot:
        """Of one row, before messages are spread. Raises Untimely."""
        zone = self._zone(cells)
        edge = self._edges.get(zone) or self._edges.setdefault(zone, self._edge(zone))
        return edge if self.before is None else self._before(self.before, cells, edge)

    def spread(self, slots: Sequence[Slot]) -> Iterator[Slot]:
        """One after the other over the hours, from the first time at which each may go."""
        step = self.wishes.spread / max(len(slots), 1)
        for number, slot in enumerate(slots):
            start = max(slot.send_at or self.wishes.now, self.wishes.now)
            yield replace(slot, send_at=self.wishes.hours.after(start, number * step, slot.zone))

    def refuse_late(self, slot: Slot) -> None:
        """Raises Untimely for one that would go when it may no more."""
        starts = max(slot.send_at or self.wishes.now, self.wishes.now)
        if slot.expires_at is not None and starts >= slot.expires_at:
            told = forms.moment(starts, slot.zone)
            raise Untimely(None, "too_late", TOO_LATE.format(time=told))

    def _zone(self, cells: Sequence[Cell]) -> tzinfo:
        if self.zone is None:
            return self.wishes.zone
        cell = _sound(cells, self.zone)
        try:
            return zone_of(cell, self.wishes.zone)
        except UnknownZone:
            raise Untimely(self.zone.name, "unknown_zone", NO_ZONE) from None

    def _edge(self, zone: tzinfo) -> Slot:
        wishes = self.wishes
        return Slot(_on_clock(wishes.send_at, zone), _on_clock(wishes.not_after, zone), zone)

    def _before(self, column: Column, cells: Sequence[Cell], edge: Slot) -> Slot:
        """So long before what the row says, and never after it. The ends of the calendar stand for always and never."""
        event = self._event(column, cells)
        if event.year < FIRST_YEAR:
            raise Untimely(column.name, "too_late", PAST)
        if event.year > LAST_YEAR:
            raise Untimely(column.name, "no_date", NO_DAY)
        wishes, event_at = self.wishes, utc_of(event, edge.zone)
        send_at = self._within_hours(event, event_at, edge.zone)
        is_short = send_at < wishes.now
        send_at = wishes.hours.opens(wishes.now, edge.zone) if is_short else send_at
        if send_at >= event_at:
            raise Untimely(column.name, "too_late", PAST)
        expires_at = min(event_at, edge.expires_at or event_at)
        return Slot(None if send_at == wishes.now else send_at, expires_at, edge.zone, is_short)

    def _within_hours(self, event: datetime, event_at: datetime, zone: tzinfo) -> datetime:
        """The wished time when it is within the hours; else when they begin, if enough is left then, else earlier."""
        lead, hours = self.wishes.lead, self.wishes.hours
        wished = event_at - lead if lead % DAY else utc_of(event - lead, zone)
        opens = hours.opens(wished, zone)
        return opens if opens - wished <= lead * (1 - KEPT_SHARE) else hours.before(wished, zone)

    def _event(self, column: Column, cells: Sequence[Cell]) -> datetime:
        """The row's own day and time; a day alone begins with its first moment."""
        found = _moment(cells, column, wants_day=True)
        if isinstance(found, datetime) and (self.clock is None or found.time() != MIDNIGHT):
            return found
        if not isinstance(found, date):
            raise Untimely(column.name, "no_date", NO_DAY)
        return datetime.combine(found, self._clock(cells))

    def _clock(self, cells: Sequence[Cell]) -> time:
        if self.clock is None:
            return MIDNIGHT
        found = as_time(_moment(cells, self.clock, wants_day=False))
        if found is None:
            raise Untimely(self.clock.name, "no_time", NO_CLOCK)
        return found


def _sound(cells: Sequence[Cell], column: Column) -> Cell:
    """The cell's value. Raises Untimely for one that has none by mistake."""
    cell = cell_at(cells, column.index)
    if isinstance(cell, Flaw):
        raise Untimely(column.name, cell.value, FLAW_REASONS[cell])
    return cell


def _moment(cells: Sequence[Cell], column: Column, *, wants_day: bool) -> Moment | None:
    cell = _sound(cells, column)
    if cell is None:
        raise Untimely(column.name, "empty_value", EMPTY)
    return moment_of(cell, wants_day)


def _on_clock(moment: datetime | None, zone: tzinfo) -> datetime | None:
    return None if moment is None else utc_of(moment, zone)


def utc_of(moment: datetime, zone: tzinfo) -> datetime:
    """One without an offset is on the clock of the zone; always and never are the same on every clock."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return datetime(FIRST_YEAR if moment.year < FIRST_YEAR else LAST_YEAR, 1, 1, tzinfo=UTC)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
