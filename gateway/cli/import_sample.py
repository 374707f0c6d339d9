"""The first texts of an import go to the administrator's own number; the campaign waits until a person lets it go."""

from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show, who
from gateway.cli.confirming import agreed
from gateway.cli.context import now
from gateway.cli.import_checks import sample_number
from gateway.cli.options import together
from gateway.cli.send import check
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    from gateway.cli.import_proposal import Proposal
    from gateway.cli.import_queue import Choices
    from gateway.queue.adding import NewMessage
    from gateway.settings import Settings

MOST = 10
PRIORITY = 7  # a person waits for them; one-time codes still go before
sample_options = together(
    click.option(
        "--sample",
        type=click.IntRange(1, MOST),
        metavar="COUNT",
        help=_("First send so many of the texts to your own number; the list waits until you let it go."),
    ),
    click.option("--sample-to", metavar="NUMBER", help=_("Your own number; else as configured.")),
)


def messages(proposal: Proposal, settings: Settings, choices: Choices, given: dict[str, Any]) -> list[NewMessage]:
    """Those that go to the person who sends; none when none are wanted. Raises GatewayError."""
    count = given["sample"]
    if not count:
        return []
    from gateway.merge.samples import chosen
    from gateway.queue.adding import NewMessage

    named = {name: choices.fields[name] for name in ("category", "sender")}
    texts = chosen([message.body for message, _key in proposal.messages], count)
    samples = [NewMessage(sample_number(settings, given), text, **named, priority=PRIORITY) for text in texts]
    for sample in samples[:1]:
        check(settings, sample, now())
    return samples


def ask_and_begin(
    connection: sqlite3.Connection, settings: Settings, proposal: Proposal, count: int, choices: Choices
) -> None:
    """Tell where the samples go; on a terminal wait for the person's word."""
    from gateway.queue import campaigns

    _tell(connection, settings, proposal, count)
    if choices.is_yes or not sys.stdin.isatty():
        return
    if agreed(_("When they have arrived and are right: let the campaign go?")):
        campaigns.decide(connection, proposal.name, campaigns.RESUME, who.am_i(), now())
        show.say(_("Campaign “{name}” begins.").format(name=proposal.name))


def _tell(connection: sqlite3.Connection, settings: Settings, proposal: Proposal, count: int) -> None:
    """Whoever waits for the samples is told when they can't come."""
    from gateway.cli import idle

    sentence = ngettext(
        "{count} sample goes to your own number. Campaign “{name}” waits as a draft:"
        " `smsgw campaign resume` lets it go, `smsgw campaign cancel` takes it back.",
        "{count} samples go to your own number. Campaign “{name}” waits as a draft:"
        " `smsgw campaign resume` lets it go, `smsgw campaign cancel` takes it back.",
        count,
    )
    show.say(sentence.format(count=count, name=proposal.name))
    if reason := idle.why(connection, settings, now(), idle.OF_SAMPLES):
        show.say(reason)
