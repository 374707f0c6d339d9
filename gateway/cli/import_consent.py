"""Numbers that asked for no more messages, and those of contacts who did, are left out of an import of a category that
people may refuse."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.i18n import _
from gateway.queue.rules import category_name

if TYPE_CHECKING:
    from gateway.cli.import_proposal import Proposal
    from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is known of such a number."""

    code: str = "opted_out"
    reason: str = _("This number asked for no more messages of this kind.")


def told(
    connection: sqlite3.Connection | None, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """The proposal without their messages."""
    from gateway.queue import opt_outs
    from gateway.settings.rules import intake_rules

    category = category_name(given["category"])
    if connection is None or category not in opt_outs.heeding(intake_rules(settings)):
        return proposal
    findings = _findings(connection, {message.msisdn for message, _key in proposal.messages}, category)
    if not findings:
        return proposal
    from gateway.merge import leaving_out

    prepared = proposal.prepared
    plan = leaving_out.told(prepared.plan, prepared.layout.phone.name, findings, [Refusal().code], proposal.known)
    messages = tuple(each for each in proposal.messages if each[0].msisdn not in findings)
    return replace(proposal, prepared=replace(prepared, plan=plan), messages=messages)


def once_more(
    connection: sqlite3.Connection, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """The proposal without those who have withdrawn while a person was asked about it."""
    proposal = told(connection, proposal, settings, given)
    return proposal if proposal.file is not None else _of_contacts(connection, proposal, settings, given)


def _of_contacts(
    connection: sqlite3.Connection, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """Its rows are the contacts' ids."""
    from gateway.contacts import sending
    from gateway.settings.rules import intake_rules

    name, persons = category_name(given["category"]), {message.row for message, _key in proposal.messages}
    who = sending.willing(connection, persons, name, intake_rules(settings).categories[name])
    if not who.left_out:
        return proposal
    kept = tuple(each for each in proposal.messages if each[0].row in who.persons)
    plan, left = proposal.prepared.plan, {id(each) for each in (*proposal.known, *(message for message, _key in kept))}
    messages = tuple(message for message in plan.messages if id(message) in left)
    plan = replace(plan, messages=messages, refused=(*plan.refused, *who.left_out))
    return replace(proposal, prepared=replace(proposal.prepared, plan=plan), messages=kept)


def _findings(connection: sqlite3.Connection, msisdns: set[str], category: str) -> dict[str, list[Refusal]]:
    """Why numbers are left out: what a number itself has answered goes first."""
    from gateway.contacts import consents
    from gateway.queue import opt_outs
    from gateway.queue.withdrawals import WITHDRAWN

    withdrawn = {msisdn: [Refusal(*WITHDRAWN)] for msisdn in consents.refusing(connection, msisdns, category)}
    return withdrawn | {msisdn: [Refusal()] for msisdn in opt_outs.among(connection, msisdns)}
