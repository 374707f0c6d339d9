"""What an import would queue: which messages are new, under which name, and all that is said of it before."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway import forms
from gateway.cli import import_times
from gateway.cli.context import now
from gateway.i18n import ngettext

if TYPE_CHECKING:
    import sqlite3
    from zoneinfo import ZoneInfo

    from gateway.cli.import_ahead import Looked
    from gateway.merge.choosing import Texts
    from gateway.merge.finishing import Finish
    from gateway.merge.over import Over
    from gateway.merge.plan import Planned
    from gateway.merge.preparing import Advance, Prepared
    from gateway.merge.timing import Wishes
    from gateway.settings import Settings

# Options that are kept with the campaign: by them the list can be read once more as it was.
KEPT = (
    *("sheet", "phone_columns", "phones", "is_hidden_included", "category", "sender", "not_before"),
    *("template_name", "template_column", "is_plain", "is_latin", "is_skipping", "is_again"),
    *import_times.NAMES,
    *("unwanted", "lookback"),
    *("groups", "conditions", "is_everybody", "languages"),  # of contacts
)
NO_STAMP = (0, 0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said."""

    texts: Texts
    finish: Finish
    wishes: Wishes | None  # when it is to go


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows come from: a file, or what people keep (contacts)."""

    title: str  # what the campaign is called, unless a person says it
    prepare: Callable[[Wanted, Advance], Prepared]
    file: Path | None = None
    stamp: tuple[int, int] = NO_STAMP  # of the file, before it was read


@dataclass(frozen=True, slots=True)
class Found:
    """The rows, looked at."""

    origin: Origin
    prepared: Prepared = field(repr=False)
    ahead: Looked | None = field(default=None, repr=False)  # what the database says of the messages, where it was asked


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would be queued, and under which name."""

    prepared: Prepared = field(repr=False)
    name: str
    file: Path | None  # None: the rows come from no file
    stamp: tuple[int, int]  # of the file, before it was read
    told: dict[str, Any] = field(repr=False)  # the options, as they are kept
    template: str = field(repr=False)
    messages: tuple[tuple[Planned, str], ...] = field(repr=False)  # with their keys: those that are new
    known: tuple[Planned, ...] = field(default=(), repr=False)  # an earlier import has queued them
    returning: int = 0  # of those that are new: taken back with an earlier campaign
    over: tuple[Over, ...] = ()  # columns whose days are over, as far as the texts name them
    lines: tuple[str, ...] = ()  # what the preview says of days, times, SIMs and cost
    estimate: dict[str, Any] | None = None  # the same for programs
    ahead: Looked | None = field(default=None, repr=False)  # what the database has said of them, while they were read
    title: str | None = None  # what it is called after; None: a person has named it

    @property
    def sms(self) -> int:
        return sum(message.segments for message, _key in self.messages)


def stamp_of(file: Path | None) -> tuple[int, int]:
    """What changes when the file does; nothing of one that can't be asked."""
    try:
        found = os.stat(file or "")
    except OSError:
        return NO_STAMP
    return found.st_mtime_ns, found.st_size


def made(
    connection: sqlite3.Connection | None, found: Found, wanted: Wanted, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """Raises UsageProblem for a name that can't be."""
    from gateway.cli import import_consent, import_fit, import_history

    proposal = _proposal(connection, found, wanted, given)
    proposal = import_history.told(connection, proposal, settings, given)
    proposal = import_consent.told(connection, proposal, settings, given)
    proposal = _settled(proposal)
    proposal = import_fit.told(proposal, settings, given)
    proposal = _with_outlook(connection, proposal, settings, given)
    return replace(proposal, lines=(*proposal.lines, *_bracketed(wanted.texts, proposal)))


def _settled(proposal: Proposal) -> Proposal:
    from gateway.merge import leaving_out

    plan = leaving_out.settled(proposal.prepared.plan)
    return replace(proposal, prepared=replace(proposal.prepared, plan=plan))


def _bracketed(texts: Texts, proposal: Proposal) -> list[str]:
    from gateway.merge import brackets

    return brackets.lines(texts, brackets.headings(proposal.prepared.layout.columns))


def _proposal(connection: sqlite3.Connection | None, found: Found, wanted: Wanted, given: dict[str, Any]) -> Proposal:
    keys = _keys(connection, found, run_of(given))
    new = tuple(pair for pair in keys.of if pair[1] not in keys.known) if keys.known else tuple(keys.of)
    return Proposal(
        found.prepared,
        _name(connection, found.origin.title, given["name"], is_new=bool(new)),
        found.origin.file,
        found.origin.stamp,
        {name: given[name] for name in KEPT if given.get(name)},
        wanted.texts.default or "",
        new,
        tuple(message for message, key in keys.of if key in keys.known) if keys.known else (),
        len(keys.back - keys.known),
        ahead=None if keys.back else found.ahead,
        title=found.origin.title if given["name"] is None else None,
    )


def run_of(given: dict[str, Any]) -> str:
    """What makes the keys of this import others than those of any before it, where a person wants that."""
    return now().isoformat() if given["is_again"] else ""


@dataclass(frozen=True, slots=True)
class _Keys:
    """Of each message its key."""

    of: list[tuple[Planned, str]] = field(repr=False)
    known: frozenset[str] = frozenset()  # an earlier import has queued them
    back: frozenset[str] = frozenset()  # an earlier campaign had them, and was taken back


def _keys(connection: sqlite3.Connection | None, found: Found, run: str) -> _Keys:
    """What was taken back before it went out counts as never queued; its new key tells of that: it is queued once."""
    from gateway.merge.earlier import known_keys, taken_back
    from gateway.merge.plan import key_of

    ahead, messages = found.ahead, found.prepared.plan.messages
    keys = _Keys(ahead.keys if ahead else [(message, key_of(message, run)) for message in messages])
    known = ahead.known if ahead else None
    while connection is not None:
        known = known_keys(connection, (key for _message, key in keys.of)) if known is None else known
        gone = taken_back(connection, known) if known else {}
        if not gone:
            return replace(keys, known=known)
        renewed = {key: key_of(message, f"after {gone[key]}") for message, key in keys.of if key in gone}
        of = [(message, renewed.get(key, key)) for message, key in keys.of]
        keys, known = _Keys(of, back=(keys.back - gone.keys()) | frozenset(renewed.values())), None
    return keys


def _name(connection: sqlite3.Connection | None, title: str, given: str | None, *, is_new: bool) -> str:
    """The one that was given, else the title, with a number where there is one of that name. Raises UsageProblem."""
    from gateway.queue import campaigns

    if given is None:
        return campaigns.free_name(connection, title)
    campaigns.check_name(given)
    if connection is not None and is_new:
        campaigns.refuse_known(connection, given)
    return given


def _with_outlook(
    connection: sqlite3.Connection | None, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """With what is said of days, times, SIMs and cost."""
    from zoneinfo import ZoneInfo

    from gateway.cli import import_estimate
    from gateway.merge import over, schedule

    plan, zone = proposal.prepared.plan, ZoneInfo(settings.gateway.timezone)
    days = plan.days, [message for message, _key in proposal.messages], _first_day(given, zone)
    days_over, far = over.found(*days), over.far_ahead(*days)
    lines = [*_returning(proposal.returning), *over.lines(days_over), *over.lines_far(far), *schedule.lines(plan, zone)]
    outlook = None if connection is None else import_estimate.look(connection, proposal, settings, given, now())
    lines += import_estimate.lines(outlook, settings) if outlook else []
    return replace(proposal, over=days_over, lines=tuple(lines), estimate=import_estimate.document(outlook))


def _first_day(given: dict[str, Any], zone: ZoneInfo) -> date:
    """On which a message may go, as far as all of them have it in common; what is no time is refused elsewhere."""
    from gateway.queue import times

    with suppress(ValueError, OverflowError):
        return max(now(), times.read(given["not_before"] or "", zone)).astimezone(zone).date()
    return now().astimezone(zone).date()


def _returning(count: int) -> list[str]:
    if not count:
        return []
    sentence = ngettext(
        "{count} of them was taken back with an earlier campaign before it went out: it would be queued again.",
        "{count} of them were taken back with an earlier campaign before they went out: they would be queued again.",
        count,
    )
    return [sentence.format(count=forms.whole(count))]
