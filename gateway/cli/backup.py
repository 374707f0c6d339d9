"""`smsgw backup`: a copy of the database, made while the daemon works."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.context import load_settings, now
from gateway.cli.show import examples, say
from gateway.errors import UsageProblem
from gateway.i18n import _, ngettext
from gateway.paths import whole

MEGABYTE = 1_000_000


@click.command(
    help=_("Copy the database to FILE while the daemon works. The copy is checked, and only you can read it."),
    epilog=examples("smsgw backup /backup/gateway.db", "smsgw backup --force /backup/gateway-$(date +%u).db"),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help=_("Replace the file if it is there."))
@click.pass_context
def backup(ctx: click.Context, file: Path, force: bool) -> None:
    if str(file) == "-":
        raise UsageProblem(_("A backup goes into a file: name one."))
    settings = load_settings(ctx)

    from gateway.queue import backup as copying

    made = copying.copy(settings.gateway.database, whole(file), now(), force=force)
    sentence = ngettext(
        "{path}: {messages} message, {size:.1f} MB, checked. `smsgw db restore` puts it back.",
        "{path}: {messages} messages, {size:.1f} MB, checked. `smsgw db restore` puts it back.",
        made.messages,
    )
    say(sentence.format(path=made.path, messages=made.messages, size=made.size / MEGABYTE))
