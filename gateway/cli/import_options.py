"""The options of a campaign, wherever its rows come from: what kind of messages, when, and what is done with them."""

from __future__ import annotations

import click

from gateway.cli import import_history
from gateway.cli.import_sample import sample_options
from gateway.cli.import_times import time_options
from gateway.cli.options import Decorator, Words, each_word, together
from gateway.i18n import _
from gateway.queue.rules import CATEGORIES

campaign_options = together(
    click.option(
        "--category", type=click.Choice(CATEGORIES), help=_("Default priority and expiry; else notification.")
    ),
    click.option(
        "--sender", metavar="NAME", help=_("A sender's name that a bind has, or the carrier that must send them.")
    ),
    click.option(
        "--not-before", metavar="TIME", help=_("ISO 8601, in the clinic's time zone unless it has an offset.")
    ),
    time_options,
    sample_options,
    click.option("--dry-run", "is_dry_run", is_flag=True, help=_("Show what would happen and queue nothing.")),
    click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask.")),
    click.option("--skip-bad", "is_skipping", is_flag=True, help=_("Queue the good rows although others are refused.")),
    click.option("--again", "is_again", is_flag=True, help=_("Also what an earlier import has queued already.")),
    click.option(
        "--leave-out",
        "unwanted",
        multiple=True,
        type=Words(list(import_history.CODES)),
        callback=each_word,
        help=_(
            "Numbers that another campaign wrote to lately, has a message waiting for, or that were not reached; with"
            " commas between several."
        ),
    ),
    click.option("--lookback", metavar="SPAN", help=_("How long ago is lately: '7 days'; else as configured.")),
    click.option("--name", metavar="NAME", help=_("What the campaign is called; else as the file or the group is.")),
)


def phones_option(explained: str) -> Decorator:
    """Which of several numbers are written to."""
    choice = click.Choice(["first", "mobile", "all"])
    return click.option("--phones", type=choice, default="first", show_default=True, help=explained)
