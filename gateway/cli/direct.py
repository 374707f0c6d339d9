"""A modem used by the command itself, while no daemon runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from gateway.cli import starting
from gateway.errors import GatewayError
from gateway.i18n import _

if TYPE_CHECKING:
    import sqlite3

    from gateway.modem.carrier import ModemCarrier
    from gateway.settings import ModemSettings, Settings


@contextmanager
def modem(connection: sqlite3.Connection, settings: Settings, name: str) -> Iterator[ModemCarrier]:
    """The modem of that name, not open yet; no daemon can start meanwhile."""
    from gateway.daemon.fleet import PinBook
    from gateway.daemon.lock import hold
    from gateway.modem.carrier import ModemCarrier

    with (
        hold(settings.gateway.database),
        closing(ModemCarrier(_settings_of(connection, settings, name), PinBook(settings.gateway.database))) as made,
    ):
        yield made


def _settings_of(connection: sqlite3.Connection, settings: Settings, name: str) -> ModemSettings:
    """As it is configured, or where the daemon last found it."""
    from gateway.queue import heartbeat
    from gateway.settings import ModemSettings

    for each in settings.modems:
        if each.name == name:
            return each
    for row in heartbeat.carriers(connection):
        if row["name"] == name and (row["imei"] or row["port"]):
            found = {"imei": row["imei"]} if row["imei"] else {"port": row["port"]}
            return ModemSettings.model_validate({"name": name, **found})
    sentence = _("Nobody knows where {name} is; start the daemon with `{command}`.")
    raise GatewayError(sentence.format(name=name, command=starting.command(settings)))
