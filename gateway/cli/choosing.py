"""Which carrier a message would go over now, and why not each of the others: what `smsgw route` shows.

By the same rules as the daemon's, the carriers' last words in the database, and what their SIMs have spent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway import routing
from gateway.cli.alive import Daemon
from gateway.i18n import _
from gateway.life import Life
from gateway.plan.limits import Plan
from gateway.queue import orders
from gateway.queue.examining import Fit, Written, examine
from gateway.queue.routing import Router
from gateway.queue.rules import IntakeRules, category_name
from gateway.routing import Facts
from gateway.settings import ModemSettings, Settings, SmppSettings
from gateway.settings.rules import bind_plan, intake_rules, modem_plan
from gateway.worker.leave import Leave

Row = Mapping[str, Any]  # of alive.carriers
NOT_KNOWN = _("Whether it can send is not known: the daemon does not run.")


@dataclass(frozen=True, slots=True)
class Standing:
    """One carrier, as far as this message is concerned."""

    row: Row
    hindrance: str  # why it can't send it now; empty: it can
    is_asleep: bool  # only since the daemon does not run: whether it could, nobody knows
    share_left: float  # of its limits
    cost: float | None

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def can_send(self) -> bool | None:
        """None: nobody knows."""
        return None if self.is_asleep else not self.hindrance


@dataclass(frozen=True, slots=True)
class Choice:
    """The way of one message."""

    fit: Fit
    category: str
    sender: str
    number: int | None  # the [[route]] table, counted from 1; None: none fits, or the sender names a carrier
    wish: str  # who knows the recipient, or whose prefix it is
    standings: Sequence[Standing]
    is_running: bool

    @property
    def is_open(self) -> bool:
        """Whether any carrier may take it."""
        return self.fit.route == routing.ANY

    def may(self, name: str) -> bool:
        return self.is_open or name in routing.names_of(self.fit.route)

    @property
    def order(self) -> Sequence[Standing]:
        """Who may take it, the better one first."""
        mine = [each for each in self.standings if self.may(each.name)]
        if self.is_open or routing.is_shared(self.fit.route):
            return sorted(mine, key=lambda each: (each.name != self.wish, -each.share_left))
        names = routing.names_of(self.fit.route)
        return sorted(mine, key=lambda each: names.index(each.name))

    @property
    def chosen(self) -> Standing | None:
        """Who takes it now; without a daemon, who would if it can send."""
        return next((each for each in self.order if each.can_send is not False), None)

    def reason(self, each: Standing) -> str:
        """Why it is this carrier, or why it is not."""
        if not self.may(each.name):
            return self._not_in_way()
        if each.can_send is False:
            return each.hindrance
        why = self._why_chosen(each) if each is self.chosen else self._why_not_yet()
        return f"{why} {NOT_KNOWN}" if each.is_asleep else why

    def _why_not_yet(self) -> str:
        assert self.chosen is not None  # this one may be able too
        if self.is_open or routing.is_shared(self.fit.route):
            return _("It takes it too, when it is free first.")
        return _("It takes it when {better} can not.").format(better=self.chosen.name)

    def _not_in_way(self) -> str:
        if self.number is not None:
            return _("The route {number} does not name it for this message.").format(number=self.number)
        if not routing.is_several(self.fit.route) and self.sender == self.fit.route:
            return _("The message names its carrier: {name}.").format(name=self.sender)
        return _("It does not have the sender {sender}.").format(sender=self.sender)

    def _why_chosen(self, each: Standing) -> str:
        if each.name == self.wish:
            return _("The recipient knows its number, or its prefixes have the recipient's.")
        if self.is_open or routing.is_shared(self.fit.route):
            return _("Whichever is free first takes it; this one has most left of its limits.")
        if each.is_asleep and self.number:
            return _("It is the first of its route that nothing known holds back.")
        return _("It is the first of its route that can send.") if self.number else _("It may carry this message.")

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        chosen = self.chosen
        return {
            "msisdn": self.fit.msisdn,
            "category": self.category,
            "segments": self.fit.segments,
            "priority": self.fit.rank,
            "sender": self.sender or None,
            "route": self.number,
            "carrier": chosen and chosen.name,
            "running": self.is_running,
            "carriers": [self._shown(each) for each in self._in_order()],
        }

    def _in_order(self) -> Sequence[Standing]:
        return [*self.order, *(each for each in self.standings if not self.may(each.name))]

    def _shown(self, each: Standing) -> dict[str, Any]:
        told = {key: each.row[key] for key in ("name", "kind", "state")}
        facts = {
            "takes": each is self.chosen and bool(each.can_send),
            "may_take": self.may(each.name),
            "can_send": each.can_send,
        }
        return told | facts | {"cost": each.cost, "reason": self.reason(each)}


def choose(
    connection: sqlite3.Connection,
    settings: Settings,
    daemon: Daemon,
    rows: Sequence[Row],
    written: Written,
    now: datetime,
) -> Choice:
    """Raises examining.Unfit for what would never be sent."""
    rules = _rules(settings, rows)
    fit = examine(written, rules, now)
    category = category_name((written.category or b"").decode())
    sender = (written.sender or b"").decode().strip()
    number = None
    if sender not in rules.carriers:
        number = routing.fitting(rules.routes, Facts(fit.msisdn, category, sender, fit.segments))
    wish = Router.of(connection, rules).wish(connection, fit, now)
    standings = [_standing(connection, settings, row, fit, now, is_running=daemon.is_there) for row in rows]
    return Choice(fit, category, sender, None if number is None else number + 1, wish, standings, daemon.is_there)


def _rules(settings: Settings, rows: Sequence[Row]) -> IntakeRules:
    """With the carriers that were found."""
    rules = intake_rules(settings)
    return replace(rules, carriers=frozenset([*rules.carriers, *(str(row["name"]) for row in rows)]))


def _standing(
    connection: sqlite3.Connection, settings: Settings, row: Row, fit: Fit, now: datetime, *, is_running: bool
) -> Standing:
    name = str(row["name"])
    leave = _leave(connection, settings, name, row["line"], now)
    hold = _hold(leave, fit, now, is_known=row["line"] is not None)
    tables: list[ModemSettings | SmppSettings] = [*settings.modems, *settings.smpp]
    costs = {table.name: table.cost for table in tables}
    hindrance, is_asleep = _hindrance(connection, row, hold)
    return Standing(row, hindrance, is_asleep and not is_running, leave.share_left(now), costs.get(name))


def _hindrance(connection: sqlite3.Connection, row: Row, hold: str) -> tuple[str, bool]:
    """Why it can't send, and whether that is only since the daemon does not run."""
    if row["state"] == Life.READY:
        return hold, False
    paused = orders.paused(connection)
    if row["name"] in paused:
        words = _("Paused: {reason}. `smsgw modems resume {name}` puts it back into service.")
        return words.format(reason=paused[row["name"]] or _("no reason given"), name=row["name"]), False
    if row["state"] == Life.STOPPED:
        return hold or str(row["detail"]), not hold
    return str(row["detail"]) or _("It is {state}.").format(state=row["state"]), False


def _leave(connection: sqlite3.Connection, settings: Settings, name: str, line: str | None, now: datetime) -> Leave:
    """What its SIM may spend, loaded as its worker does; of one whose SIM nobody has seen yet the bare plan."""
    plans = {modem.name: modem_plan(modem) for modem in settings.modems}
    plans |= {bind.name: bind_plan(bind) for bind in settings.smpp}
    leave = Leave(plans.get(name, Plan()), ZoneInfo(settings.gateway.timezone))
    if line is not None:
        leave.open(connection, line, now)
    return leave


def _hold(leave: Leave, fit: Fit, now: datetime, *, is_known: bool) -> str:
    """What holds this message back at this SIM: a limit, a quiet time, a block; empty: nothing does."""
    room = leave.room(now)
    is_quiet = fit.rank < leave.least_rank(now)
    if is_quiet or (is_known and leave.wait_s(now) > 0) or (room is not None and room < fit.segments):
        return leave.detail(now) or _("Less is left of its limits than this message takes.")
    return ""
