"""What is done with the plan of an import: why it may not be queued, the question, and the one transaction."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway import forms, system_words
from gateway.cli import who
from gateway.cli.confirming import agreed
from gateway.cli.context import now
from gateway.cli.import_proposal import Proposal, stamp_of
from gateway.cli.send import check
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext
from gateway.paths import whole

if TYPE_CHECKING:
    from gateway.merge.plan import Planned
    from gateway.merge.timing import Slot
    from gateway.queue.adding import NewMessage
    from gateway.queue.campaigns import NewCampaign, Noted
    from gateway.settings import Settings

CHANGED = _("Nothing was queued: {file} was changed since it was read. Save it, and import it once more.")
GONE = _("Nothing was queued: {file} can't be read any more: {reason}. Put it back, and import it once more.")


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the command that concern what is done with the plan."""

    is_dry_run: bool
    is_yes: bool
    is_skipping: bool
    is_again: bool
    is_json: bool
    fields: dict[str, Any]  # of every message: category, sender, not_before


def why_not(proposal: Proposal, settings: Settings, choices: Choices) -> str | None:
    """Why nothing may be queued; the last question, when there is anything new, is the person's to answer."""
    if choices.is_dry_run:
        return None
    plan = proposal.prepared.plan
    if plan.bad and not choices.is_skipping:
        sentence = ngettext(
            "Nothing was queued: {count} row is refused. Correct it, or add --skip-bad to leave it out.",
            "Nothing was queued: {count} rows are refused. Correct them, or add --skip-bad to leave them out.",
            len(plan.bad),
        )
        return sentence.format(count=forms.whole(len(plan.bad)))
    if not plan.messages:
        return _("Nothing was queued: no row of the list can be sent.")
    check(settings, _new(plan.messages[0], "", choices), now())
    return None if choices.is_yes or not proposal.messages else _answer(proposal)


def queue(
    connection: sqlite3.Connection,
    proposal: Proposal,
    settings: Settings,
    choices: Choices,
    samples: Sequence[NewMessage] = (),
) -> tuple[Proposal, int]:
    """All in one transaction, with samples as a draft: how many were queued, and the proposal as it then was: without
    whoever has withdrawn meanwhile, under another name where another list was queued under its own, and known where
    another import has queued all of it."""
    from gateway.cli import import_consent
    from gateway.queue import campaigns, withdrawals

    while True:
        said = withdrawals.stamp(connection)
        proposal = import_consent.once_more(connection, proposal, settings, choices.fields)
        if not proposal.messages:
            return proposal, 0
        try:
            return _queued(connection, proposal, choices, samples, said)
        except campaigns.SaidMeanwhile:
            continue
        except campaigns.NameTaken:
            if proposal.title is None:
                raise
            proposal = replace(proposal, name=campaigns.free_name(connection, proposal.title))


def _queued(
    connection: sqlite3.Connection,
    proposal: Proposal,
    choices: Choices,
    samples: Sequence[NewMessage],
    said: dict[str, int],
) -> tuple[Proposal, int]:
    """Raises SaidMeanwhile and NameTaken, with nothing queued."""
    from gateway.queue import campaigns

    new = _campaign(proposal, is_draft=bool(samples))
    messages = (_new(message, key, choices) for message, key in proposal.messages)
    queued = campaigns.queue(connection, new, messages, now(), samples, said).queued
    return (proposal if queued else _known(proposal)), queued


def _known(proposal: Proposal) -> Proposal:
    return replace(proposal, known=tuple(proposal.prepared.plan.messages))


def _answer(proposal: Proposal) -> str | None:
    from gateway.merge import over

    if not sys.stdin.isatty():
        return _("Nothing was queued: there is no terminal to ask at. Add --yes.")
    count = len(proposal.messages)
    question = ngettext("Queue {count} message?", "Queue {count} messages?", count).format(count=forms.whole(count))
    doubt = over.doubt(proposal.over)
    return None if agreed(f"{doubt} {question}" if doubt else question) else _("Nothing was queued.")


def _new(message: Planned, key: str, choices: Choices) -> NewMessage:
    from gateway.queue.adding import NewMessage

    fields = choices.fields if message.slot is None else choices.fields | _times(message.slot)
    row, sms = message.row, message.segments
    return NewMessage(message.msisdn, message.body, **fields, external_id=key, list_row=row, sms=sms)


def _times(slot: Slot) -> dict[str, Any]:
    """Those that were said; the others are as the options and the category have them."""
    said = {"not_before": slot.send_at, "expires_at": slot.expires_at}
    return {name: moment for name, moment in said.items() if moment is not None}


def _campaign(proposal: Proposal, *, is_draft: bool) -> NewCampaign:
    from gateway.queue.campaigns import NewCampaign, Stage

    prepared = proposal.prepared
    return NewCampaign(
        name=proposal.name,
        by=who.am_i(),
        file="" if proposal.file is None else str(whole(proposal.file)),
        digest="" if proposal.file is None else _digest(proposal.file, proposal.stamp),
        sheet=prepared.sheet,
        heading_row=prepared.layout.heading_row,
        template=proposal.template,
        options=proposal.told,
        stage=Stage.DRAFT if is_draft else Stage.RUNNING,
        rows=tuple(_notes(proposal)),
    )


def _digest(path: Path, stamp: tuple[int, int]) -> str:
    """Of the list as it was read: a report finds by it whether it has the same one."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise GatewayError(GONE.format(file=path, reason=system_words.reason(error))) from error
    if stamp_of(path) != stamp:
        raise GatewayError(CHANGED.format(file=path))
    return digest


def _notes(proposal: Proposal) -> Iterator[Noted]:
    """The rows that became no message, and those to be looked at."""
    from gateway.queue.campaigns import Noted, known

    plan = proposal.prepared.plan
    for verdict, problems in (("refused", plan.refused), ("warning", plan.warnings)):
        for each in problems:
            yield Noted(each.row, verdict, each.code, each.column, each.reason)
    yield from (known(message.row) for message in proposal.known)
