"""`smsgw status`: does it run, what waits, how is each carrier, what happened today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show, starting
from gateway.cli.context import now, opened, settings_to_look_on
from gateway.cli.options import as_json
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

CARRIER_KEYS = ("name", "kind", "state", "detail", "last_error", "last_error_at")
KEPT_S = 86_400  # so long people are told of a trouble that is over; `--json` has it for good
LIVES: Mapping[str, str] = {
    "never": _("not running, and never ran; start it with `{command}`"),
    "starting": _("starting"),
    "running": _("running since {since}, process {pid}"),
    "silent": _("process {pid} gives no sign since {last}; `smsgw doctor` looks into it"),
    "stopped": _("not running; last seen {last}; start it with `{command}`"),
    "killed": _("not running; last seen {last}; start it with `{command}`"),
}


@click.command(
    help=_("Show whether the daemon runs, the queue by state, each carrier, and today's figures."),
    epilog=show.examples("smsgw status", "smsgw status --json", "watch smsgw status"),
)
@as_json
@click.pass_context
def status(ctx: click.Context, is_json: bool) -> None:
    settings, mistakes = settings_to_look_on(ctx)
    moment = now()
    document = _read(settings, moment) | {"configuration_mistakes": mistakes}
    if is_json:
        show.as_json(document)
    else:
        _print(document, settings, moment)


def _read(settings: Settings, moment: datetime) -> dict[str, Any]:
    from gateway.alarms import book
    from gateway.cli import alive
    from gateway.queue import heartbeat, views

    with opened(settings) as connection:
        loaded_at, not_loaded = heartbeat.what_loaded(connection)
        daemon = alive.daemon(connection, settings, moment)
        carriers = alive.carriers(connection, settings, daemon)
        return {
            "running": daemon.is_running,
            "heartbeat_at": daemon.heartbeat_at,
            "started_at": daemon.started_at,
            "life": daemon.condition.name.lower(),
            "pid": daemon.pid if daemon.is_there else None,
            "hung": list(daemon.hung),
            "hung_since": daemon.hung_at,
            "configuration_loaded_at": loaded_at,
            "configuration_not_loaded": not_loaded if daemon.is_there else [],
            "queue": views.queue_counts(connection),
            "oldest_queued_s": views.oldest_queued_s(connection, moment),
            "carriers": [{key: carrier[key] for key in CARRIER_KEYS} for carrier in carriers],
            "alarms": book.count(connection),
            "today": views.today(connection, settings.gateway.timezone, moment),
        }


def _print(document: Mapping[str, Any], settings: Settings, moment: datetime) -> None:
    show.facts(
        [
            (_("daemon"), _daemon(document, settings)),
            (_("queue"), _counts(_unfinished(document["queue"])) or _("empty")),
            (_("oldest queued"), _age(document["oldest_queued_s"])),
            (_("today"), _counts(document["today"]) or _("nothing yet")),
            (_("alarms"), _alarms(document["alarms"])),
        ]
    )
    if document["hung"]:
        sentence = _("Does not move since {since}: {names}. Restart the daemon; `smsgw doctor` says how.")
        since = show.local(document["hung_since"], settings)
        show.say(sentence.format(since=since, names=", ".join(document["hung"])))
    _say_not_loaded(document, settings)
    click.echo()
    rows = [
        (carrier["name"], carrier["kind"], carrier["state"], carrier["detail"], _last_error(carrier, moment))
        for carrier in document["carriers"]
    ]
    long = (_("detail"), _("last error"))
    show.table((_("carrier"), _("kind"), _("state"), *long), rows, long=long)


def _say_not_loaded(document: Mapping[str, Any], settings: Settings) -> None:
    """Under a heading: the file may have changed since, and its mistakes of now were said at once."""
    lines = [line for line in document["configuration_not_loaded"] if line not in document["configuration_mistakes"]]
    if lines:
        at = show.local(document["configuration_loaded_at"], settings)
        show.say(_("At the last reload, {at}, the daemon said:").format(at=at))
    for line in lines:
        show.say(f"  {line}")


def _last_error(carrier: Mapping[str, Any], moment: datetime) -> str:
    """Also one that is over, for a day; not what stands in the detail anyhow."""
    from gateway.queue import times

    if not carrier["last_error"] or carrier["last_error"] in carrier["detail"]:
        return ""
    since_s = (moment - times.from_text(carrier["last_error_at"])).total_seconds()
    return f"{show.ago(since_s)}: {carrier['last_error']}" if since_s < KEPT_S else ""


def _daemon(document: Mapping[str, Any], settings: Settings) -> str:
    since, last = (show.local(document[key], settings) for key in ("started_at", "heartbeat_at"))
    command = starting.command(settings)
    return LIVES[document["life"]].format(since=since, last=last, pid=document["pid"], command=command)


def _alarms(count: int) -> str:
    return _("{count}: see `smsgw alarms`").format(count=count) if count else ""


def _unfinished(counts: Mapping[str, int]) -> dict[str, int]:
    """What the queue still has to do with; the rest is history."""
    from gateway.queue.states import UNFINISHED

    return {name: count for name, count in counts.items() if name in UNFINISHED}


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _age(age_s: float | None) -> str:
    if age_s is None:
        return ""
    hours, rest = divmod(int(age_s), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
