"""`smsgw db`: is the database right, bring it to this version, put a backup in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli import show
from gateway.cli.checks.finding import Finding
from gateway.cli.context import load_settings, now
from gateway.cli.options import as_json
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext
from gateway.paths import whole

if TYPE_CHECKING:
    import sqlite3

    from gateway.queue.checking import Fault
    from gateway.queue.restoring import Restoration
    from gateway.settings import Settings

KEEP = _("Make a backup now, and report this with the ids. Nothing is sent twice by leaving it as it is.")
DAMAGED = _("Stop the daemon and put back the last good backup: smsgw db restore FILE")
ADDED = _("They do no harm. What a program keeps of its own is safer in a table of its own, beside the message's id.")
CHANGED = _("Somebody changed the gateway's tables. Put back the last good backup, or report this.")


@click.group(
    "db",
    help=_("Check, upgrade or restore the database."),
    epilog=show.examples("smsgw db check", "smsgw db restore /backup/gateway.db"),
)
def database() -> None:
    return


@database.command(
    help=_("Read the whole database and check it, also while the daemon works. Exit code 0 when all is well, else 1."),
    epilog=show.examples("smsgw db check", "smsgw db check --json"),
)
@as_json
@click.pass_context
def check(ctx: click.Context, is_json: bool) -> None:
    found = list(_findings(load_settings(ctx).gateway.database))
    if is_json:
        show.as_json([asdict(finding) for finding in found])
    else:
        for finding in found:
            show.finding(finding)
    ctx.exit(0 if all(finding.ok for finding in found) else 1)


@database.command(
    help=_("Bring the database to this version, after a copy of it. The daemon does so itself when it starts."),
    epilog=show.examples("smsgw db upgrade"),
)
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    settings = load_settings(ctx)

    from gateway.daemon.lock import hold
    from gateway.queue import db
    from gateway.queue import upgrade as upgrading

    path = settings.gateway.database
    refuse_while_running(path)
    if upgrading.version(path) == upgrading.NOTHING:
        db.open_database(path).close()  # says why it is none of ours
    with hold(path):
        done = upgrading.create_or_upgrade(path, now())
    if done.copy is not None:
        show.say(_("The old one is kept as {path}.").format(path=done.copy.path))
    sentence = _("The database is of this version.")
    if done.is_change:
        sentence = _("The database is upgraded from schema {before} to {after}.")
    show.say(sentence.format(before=done.from_version, after=done.to_version))


@database.command(
    help=_(
        "Put a backup in the database's place. What was waiting in it is held, since it may have been sent since:"
        " release or cancel it. Stop the daemon first, and whatever else writes to the database."
    ),
    epilog=show.examples("smsgw db restore /backup/gateway.db"),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def restore(ctx: click.Context, file: Path) -> None:
    settings = load_settings(ctx)

    from gateway.daemon.lock import hold
    from gateway.queue import restoring
    from gateway.settings.rules import intake_rules

    refuse_while_running(settings.gateway.database)
    with hold(settings.gateway.database) as held:
        done = restoring.put_back(settings.gateway.database, whole(file), now(), intake_rules(settings))
        held.remember(done.last_event, now())
    _say_restored(done, file, settings)


def refuse_while_running(database: Path) -> None:
    """Before anything is touched. One that starts a moment later is kept out by the lock itself."""
    from gateway.daemon.lock import is_held

    if is_held(database):
        sentence = _(
            "The daemon works with {path}, or another command does: stop it first with `systemctl stop smsgw`, or"
            " Ctrl-C where it runs. Nothing was changed."
        )
        raise GatewayError(sentence.format(path=database))


def _say_restored(done: Restoration, file: Path, settings: Settings) -> None:
    from gateway.queue import times

    at = show.read_at(times.to_text(done.restored.copied_at), settings)
    show.say(_("{path} is in place: the database as it was at {at}.").format(path=file, at=at))
    if done.aside is not None:
        show.say(_("What was there before is kept as {path}.").format(path=done.aside))
    if done.restored.held or done.restored.uncertain:
        held, uncertain = done.restored.held, done.restored.uncertain
        sentence = ngettext(
            "{held} message is held, {uncertain} stay uncertain: they may have been sent since.",
            "{held} messages are held, {uncertain} stay uncertain: they may have been sent since.",
            held,
        )
        show.say(sentence.format(held=held, uncertain=uncertain))
        show.say(_("See `smsgw outbox list --state held`; then `smsgw outbox release` or `smsgw outbox cancel`."))
    if done.restored.uncertain:
        show.say(_("See `smsgw outbox list --state uncertain`; then `smsgw outbox settle`, one by one."))
    _say_left_behind(done)
    _say_refusals(done.refusals)
    show.say(_("Carriers are paused as they were then: see `smsgw modems`."))


def _say_left_behind(done: Restoration) -> None:
    """What programs believe queued, and nothing sends any more."""
    if done.left_behind:
        sentence = ngettext(
            "{count} message that still waited was written after the backup was made. It is not in the queue any more,"
            " only in {path}: whoever wrote it must write it once more.",
            "{count} messages that still waited were written after the backup was made. They are not in the queue any"
            " more, only in {path}: whoever wrote them must write them once more.",
            done.left_behind,
        )
        show.say(sentence.format(count=done.left_behind, path=done.aside))


def _say_refusals(count: int | None) -> None:
    if count is None:
        sentence = _(
            "Who asked for no more messages after the backup was made, by STOP or by phone, could not be read: ask, or"
            " send nothing of the kind, until you know."
        )
        show.say(sentence)
    elif count:
        sentence = ngettext(
            "{count} wish for no more messages, told after the backup was made, is kept.",
            "{count} wishes for no more messages, told after the backup was made, are kept.",
            count,
        )
        show.say(sentence.format(count=count))


def _findings(path: Path) -> Iterator[Finding]:
    from gateway.queue import checking, db

    try:
        with closing(db.open_database(path)) as connection:
            yield from _of_opened(connection, path)
    except db.UnusableError as problem:
        if not checking.is_damage(problem.__cause__):
            raise
        yield Finding("integrity", False, str(problem), DAMAGED)


def _of_opened(connection: sqlite3.Connection, path: Path) -> Iterator[Finding]:
    """The rows of a damaged file prove nothing, so nothing is said of them."""
    from gateway.queue import checking

    if damage := checking.damage(connection):
        yield from (Finding("integrity", False, line, DAMAGED) for line in damage)
        return
    yield Finding("integrity", True, _("{path} is whole.").format(path=path))
    yield _schema(checking.differences(connection), checking.added_columns(connection))
    wrong = [_broken(fault) for fault in checking.faults(connection)]
    yield from wrong or [Finding("messages", True, _("All {count} rules hold.").format(count=len(checking.RULES)))]


def _schema(changed: list[str], added: list[str]) -> Finding:
    if changed:
        return Finding("schema", False, _("Missing or changed: {names}.").format(names=", ".join(changed)), CHANGED)
    if added:
        finding = _("Its tables, indices and triggers are there; another program added columns: {names}.")
        return Finding("schema", True, finding.format(names=", ".join(added)), ADDED)
    return Finding("schema", True, _("Its tables, indices and triggers are those of this version."))


def _broken(fault: Fault) -> Finding:
    ids = ", ".join(map(str, fault.ids)) + (" …" if fault.count > len(fault.ids) else "")
    return Finding(fault.rule, False, f"{fault.count} {fault.what}: {ids}", KEEP)
