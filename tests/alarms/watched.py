"""What the watch for alarms is shown, and what it has raised."""

from __future__ import annotations

from datetime import datetime, timedelta
from sqlite3 import Connection

from gateway.alarms import book
from gateway.alarms.watching import Watch
from gateway.settings import Settings

LONG = timedelta(hours=2)
STAFF = "+79000000009"


def carrier(connection: Connection, **columns: object) -> None:
    row = {
        "name": "sim-1",
        "kind": "modem",
        "state": "ready",
        "detail": "",
        "sent_today": 0,
        "updated_at": "",
        **columns,
    }
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT OR REPLACE INTO carriers ({', '.join(row)}) VALUES ({marks})", row)


def look(settings: Settings, at: datetime) -> None:
    watch = Watch(settings, clock=lambda: at)
    watch.look()
    watch.tell()


def codes(connection: Connection) -> list[str]:
    return [row["code"] for row in book.listed(connection)]
