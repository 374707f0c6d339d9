"""Campaigns: the messages of one import under a name; people start, stop and take back all of them at once.

What a person decides is one small commit: from then on no carrier takes a message of a campaign that is stopped
(standstill.py looks where it is claimed). What is left to be done with the messages themselves, letting them go or
taking them back, is noted in the same commit, and is done some at a time, by the daemon as well as by the command:
whichever of them is killed, the other or the next call goes on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.queue import adding, db, filling, progress, standstill, times, withdrawals
from gateway.queue.adding import AddResult, NewMessage
from gateway.queue.templates import BLANKS, key_of

LONGEST_NAME = 80

FIND = "SELECT id, name, state FROM campaigns WHERE key = :key"
NAMES = "SELECT name FROM campaigns ORDER BY id DESC"
WRITE = """
    INSERT INTO campaigns (key, name, state, created_at, created_by, changed_at, changed_by, file, digest, sheet,
                           heading_row, template, options)
    VALUES (:key, :name, :state, :now, :by, :now, :by, :file, :digest, :sheet, :heading_row, :template, :options)"""
WRITE_ROW = """
    INSERT INTO campaign_rows (campaign, list_row, verdict, code, list_column, reason) VALUES (?, ?, ?, ?, ?, ?)"""
COUNTED = "UPDATE campaigns SET messages = :messages, sms = :sms WHERE id = :id"
FORGET = "DELETE FROM campaigns WHERE id = ?"
CHANGE = """
    UPDATE campaigns SET state = :to_state, changed_at = :now, changed_by = :by, to_do = :to_do
    WHERE id = :id AND state = :from_state"""


class Stage(StrEnum):
    """A campaign's state; `done` is any but cancelled with nothing left that waits (overview.py)."""

    DRAFT = "draft"  # written down, and nothing goes out
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person may decide: from which states, to which, and whether its messages are to be gone through then."""

    event: str
    states: Collection[Stage]
    to: Stage
    to_do: bool


PAUSE = Decision("campaign_paused", (Stage.RUNNING,), Stage.PAUSED, to_do=False)
RESUME = Decision("campaign_resumed", (Stage.DRAFT, Stage.PAUSED), Stage.RUNNING, to_do=True)
CANCEL = Decision(
    "campaign_cancelled", (Stage.DRAFT, Stage.RUNNING, Stage.PAUSED, Stage.CANCELLED), Stage.CANCELLED, to_do=True
)
DECISIONS = {"pause": PAUSE, "resume": RESUME, "cancel": CANCEL}  # by the verbs of the command
CREATED = "campaign_created"
ALREADY = "already_queued"


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of a row of the list that is no message, or one to be looked at."""

    list_row: int
    verdict: str  # refused, warning, known
    code: str
    column: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What is kept of an import."""

    name: str
    by: str = ""
    file: str = ""
    digest: str = ""
    sheet: str = ""
    heading_row: int = 0
    template: str = field(default="", repr=False)
    options: Mapping[str, object] = field(default_factory=dict)
    stage: Stage = Stage.RUNNING
    rows: Sequence[Noted] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A campaign by its name."""

    id: int
    name: str
    stage: Stage


class NameTaken(UsageProblem):
    """Another campaign is called so, perhaps since a moment ago."""


class SaidMeanwhile(Exception):
    """Who may be written to has to be asked once more."""


def queue(
    connection: sqlite3.Connection,
    new: NewCampaign,
    messages: Iterable[NewMessage],
    now: datetime,
    samples: Iterable[NewMessage] = (),
    said: dict[str, int] | None = None,
) -> AddResult:
    """The campaign with all its messages in one transaction; none of it where every message is known already.

    `samples` go besides, and are of no campaign. Raises SaidMeanwhile, with nothing written, when somebody has
    withdrawn or come back since the stamp `said` was taken.
    """
    others = adding.rows_of(samples, now)
    with filling.laid_ready(connection, messages, now) as count, db.write(connection):
        _check_said(connection, said)
        campaign = _write(connection, new, now)
        result = filling.put(connection, campaign, count)
        if result.queued:
            _complete(connection, campaign, new, result, now)
            adding.insert(connection, others)
        else:
            connection.execute(FORGET, (campaign,))
    return result


def _check_said(connection: sqlite3.Connection, said: dict[str, int] | None) -> None:
    if said is not None and withdrawals.stamp(connection) != said:
        raise SaidMeanwhile


def _complete(
    connection: sqlite3.Connection, campaign: int, new: NewCampaign, result: AddResult, now: datetime
) -> None:
    """What its messages come to, and what became of the other rows; some may have been queued by others meanwhile."""
    counts = {"id": campaign, "messages": result.queued, "sms": result.sms}
    connection.execute(COUNTED, counts)
    rows = (*new.rows, *map(known, result.known_rows))
    notes = [(campaign, row.list_row, row.verdict, row.code, row.column, row.reason) for row in rows]
    connection.executemany(WRITE_ROW, notes)
    progress.note(connection, None, CREATED, _detail(campaign, new.by), now)


def known(list_row: int) -> Noted:
    """A row whose message there is already."""
    return Noted(list_row, "known", ALREADY, None, _("An earlier import has queued it."))


def find(connection: sqlite3.Connection, name: str) -> Found:
    """By its name, however it is spelt. GatewayError when there is none."""
    row = connection.execute(FIND, {"key": key_of(name)}).fetchone()
    if row is None:
        raise GatewayError(_none(connection, name))
    return Found(row[0], row[1], Stage(row[2]))


def decide(connection: sqlite3.Connection, name: str, decision: Decision, by: str, now: datetime) -> Found:
    """One small commit; GatewayError where it can't be. `go_on` does the rest."""
    with db.write(connection):
        found = find(connection, name)
        if found.stage not in decision.states:
            raise GatewayError(REFUSALS[decision.event, found.stage].format(name=found.name))
        values = {"id": found.id, "from_state": found.stage, "to_state": decision.to, "to_do": decision.to_do}
        connection.execute(CHANGE, values | {"by": by, "now": times.to_text(now)})
        if found.stage is not decision.to:
            progress.note(connection, None, decision.event, _detail(found.id, by), now)
    return Found(found.id, found.name, decision.to)


def go_on(connection: sqlite3.Connection, campaign: int, now: datetime) -> Iterator[int]:
    """What is left to be done after a decision: how many messages, transaction by transaction."""
    while (changed := standstill.go_on(connection, now, campaign)) is not None:
        yield changed


def free_name(connection: sqlite3.Connection | None, wanted: str) -> str:
    """The name, or with a number behind it where there is one already: `list`, `list 2`."""
    base = BLANKS.sub(" ", "".join(sign if sign.isprintable() else " " for sign in wanted)).strip() or "import"
    name, number = base[:LONGEST_NAME], 1
    while connection is not None and is_known(connection, name):
        number += 1
        end = f" {number}"
        name = base[: LONGEST_NAME - len(end)] + end
    return name


def is_known(connection: sqlite3.Connection, name: str) -> bool:
    return connection.execute(FIND, {"key": key_of(name)}).fetchone() is not None


def check_name(name: str) -> None:
    """Raises UsageProblem."""
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UsageProblem(_("A campaign's name has 1 to {most} characters on one line.").format(most=LONGEST_NAME))


def refuse_known(connection: sqlite3.Connection, name: str) -> None:
    """Raises NameTaken."""
    known = connection.execute(FIND, {"key": key_of(name)}).fetchone()
    if known is not None:
        sentence = _("There is a campaign “{name}” already: choose another --name.")
        raise NameTaken(sentence.format(name=known[1]))


REFUSALS = {
    (PAUSE.event, Stage.DRAFT): _("Campaign “{name}” has not begun: `smsgw campaign resume` lets it go."),
    (PAUSE.event, Stage.PAUSED): _("Campaign “{name}” is paused already."),
    (PAUSE.event, Stage.CANCELLED): _("Campaign “{name}” is cancelled: nothing of it goes out."),
    (RESUME.event, Stage.RUNNING): _("Campaign “{name}” is not paused: there is nothing to resume."),
    (RESUME.event, Stage.CANCELLED): _(
        "Campaign “{name}” is cancelled. `smsgw import` of the list (or `smsgw contacts send`) queues anew what had not"
        " gone out."
    ),
}


def _write(connection: sqlite3.Connection, new: NewCampaign, now: datetime) -> int:
    check_name(new.name)
    name = BLANKS.sub(" ", new.name).strip()
    refuse_known(connection, name)
    values = {
        "key": key_of(name),
        "name": name,
        "state": new.stage,
        "by": new.by,
        "file": new.file,
        "digest": new.digest,
        "sheet": new.sheet,
        "heading_row": new.heading_row,
        "template": new.template,
        "options": json.dumps(new.options, ensure_ascii=False, sort_keys=True),
        "now": times.to_text(now),
    }
    return int(connection.execute(WRITE, values).lastrowid or 0)


def _detail(campaign: int, by: str) -> str:
    """By its number: a name may say what is nobody's business."""
    return f"campaign {campaign} {by}".rstrip()


def _none(connection: sqlite3.Connection, name: str) -> str:
    from difflib import get_close_matches

    names = {key_of(each): each for (each,) in connection.execute(NAMES)}
    near = get_close_matches(key_of(name), names, n=1, cutoff=0.5)
    hint = _(" Did you mean “{name}”?").format(name=names[near[0]]) if near else ""
    sentence = _("There is no campaign “{name}”.{hint} `smsgw campaign list` shows which there are.")
    return sentence.format(name=name, hint=hint)
