"""What earlier campaigns mean for an import: numbers that are pointed out, or left out where a person wants that."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gateway.cli.context import now
from gateway.cli.import_times import span

if TYPE_CHECKING:
    from gateway.cli.import_proposal import Proposal
    from gateway.queue.history import Asked
    from gateway.settings import Settings

CODES = {"recent": "recently_written", "waiting": "waiting_elsewhere", "failed": "failed_before"}


def told(
    connection: sqlite3.Connection | None, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """The proposal with what is known of the numbers that are new in it."""
    if connection is None:
        return proposal
    from gateway.merge import leaving_out
    from gateway.queue import history

    numbers, ahead = [message.msisdn for message, _key in proposal.messages], proposal.ahead
    if ahead is None:
        found = history.look(connection, numbers, asked(settings, given))
    else:
        found = history.look(connection, numbers, ahead.asked, ahead.found)
    unwanted = [CODES[word] for word in given["unwanted"]]
    gone = leaving_out.dropped(found, unwanted)
    prepared = proposal.prepared
    plan = leaving_out.told(prepared.plan, prepared.layout.phone.name, found, unwanted, proposal.known)
    messages = tuple(each for each in proposal.messages if each[0].msisdn not in gone) if gone else proposal.messages
    return replace(proposal, prepared=replace(prepared, plan=plan), messages=messages, ahead=None)


def asked(settings: Settings, given: dict[str, Any]) -> Asked:
    """How far back, and how people are told. Raises UsageProblem."""
    from gateway.queue.history import Asked

    lookback = span(given["lookback"], "--lookback") or timedelta(seconds=settings.campaign.lookback)
    return Asked(now() - lookback, ZoneInfo(settings.gateway.timezone))
