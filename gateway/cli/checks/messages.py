"""What waits in the outbox for a person or for too long, and the alarms that are open."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.cli.checks.finding import Finding
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    from gateway.settings import Settings

CHECK = "messages"
HELD = "SELECT COALESCE(error_code, ''), count(*) FROM outbox WHERE state = 'held' GROUP BY 1 ORDER BY 1"
# Those that nothing will settle by itself any more.
STUCK = "SELECT count(*) FROM outbox WHERE state = 'uncertain' AND next_attempt_at IS NULL"
WHY_HELD: Mapping[str, str] = {
    "restored": _("The database was restored and they may have been sent before."),
    "backlog": _("They gathered while nothing could be sent."),
    "storm_same_text": _("The same text would go to the same number too often: is a program in a loop?"),
    "storm_number": _("Too many would go to one number: is a program in a loop?"),
    "carrier_gone": _("They were to go over a modem that is no longer there."),
}
DECIDE = _("Look: smsgw outbox list --state held. Then smsgw outbox release or smsgw outbox cancel.")
SETTLE = _("Look: smsgw outbox list --state uncertain. Then smsgw outbox settle ID sent, or failed.")
# What other checks say with more about it: those of messages, the disk, the daemon, and of each modem and bind.
SAID_ELSEWHERE = frozenset(
    {
        *("held", "oldest_queued", "disk_full", "hung", "no_carrier", "carrier_down"),
        *("carrier_blocked", "carrier_failed", "needs_pin", "storage_full", "database_not_writable"),
    }
)


def check(connection: sqlite3.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    """One finding for each reason why messages wait; one that all is well."""
    found = [*_held(connection), *_stuck(connection), *_oldest(connection, settings, now)]
    yield from found or [Finding(CHECK, True, _("Nothing waits for a person, or for too long."))]


def alarms(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Those that are open, with their own remedies."""
    from gateway.alarms import book

    for alarm in book.listed(connection):
        if alarm["code"] not in SAID_ELSEWHERE:
            yield Finding("alarm", False, str(alarm["text"]), str(alarm["remedy"]))


def _held(connection: sqlite3.Connection) -> Iterator[Finding]:
    for code, count in connection.execute(HELD).fetchall():
        sentence = ngettext("{count} message is held. {why}", "{count} messages are held. {why}", count)
        yield Finding(CHECK, False, sentence.format(count=count, why=WHY_HELD.get(code, code)).strip(), DECIDE)


def _stuck(connection: sqlite3.Connection) -> Iterator[Finding]:
    (count,) = connection.execute(STUCK).fetchone()
    if count:
        sentence = ngettext(
            "{count} message is uncertain and waits for a person.",
            "{count} messages are uncertain and wait for a person.",
            count,
        )
        yield Finding(CHECK, False, sentence.format(count=count), SETTLE)


def _oldest(connection: sqlite3.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    from gateway.queue import views

    waited_s = views.oldest_queued_s(connection, now)
    if waited_s is not None and waited_s > settings.alarms.oldest_queued:
        minutes = int(waited_s // 60)
        sentence = ngettext(
            "A message that could go has waited for {minutes} minute.",
            "A message that could go has waited for {minutes} minutes.",
            minutes,
        ).format(minutes=minutes)
        remedy = _("See the modems below: is one able to send, is a limit reached (smsgw modems)?")
        yield Finding(CHECK, False, sentence, remedy)
