"""The ways of telling, each over a real program, mail server, web server or outbox; and what happens when one fails."""

from __future__ import annotations

import json
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from sqlite3 import Connection
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from gateway.alarms import book, telling
from gateway.alarms.values import Alarm
from gateway.alarms.ways import Notice, Unsent, tell, ways_of
from gateway.settings import NotifySettings

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STAFF = "+79000000009"
NOTICE = Notice(7, "carrier_failed", "sim-1", "sim-1 is out of service.", "Unplug it.", "2026-11-22T09:00:00.000Z")
OVER = Notice(
    7, "carrier_failed", "sim-1", "sim-1 is out of service.", "Unplug it.", "2026-11-22T09:00:00.000Z",
    "2026-11-22T09:05:00.000Z",
)  # fmt: skip


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[int]:
    """The port at which the server answers until the end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[index]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Web(BaseHTTPRequestHandler):
    posted: ClassVar[list[dict[str, Any]]] = []
    answer: ClassVar[int] = 204

    def do_POST(self) -> None:
        Web.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(Web.answer)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        return


class Mail(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as one plain mail needs."""

    mails: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 mail ready\r\n")
        for line in self.rfile:
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                Mail.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")


def told(connection: Connection, notice: Notice = NOTICE, **table: Any) -> None:
    for way in ways_of([NotifySettings(**table)], ZoneInfo("Europe/Moscow")).values():
        tell(way, notice, connection, NOW)


def test_a_program_gets_the_alarm_as_json(connection: Connection, tmp_path: Path) -> None:
    written = tmp_path / "told"
    copy = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    told(connection, command=(sys.executable, "-c", copy, str(written)))
    assert json.loads(written.read_text()) == {
        "id": 7, "code": "carrier_failed", "subject": "sim-1", "text": "sim-1 is out of service.",
        "remedy": "Unplug it.", "raised_at": "2026-11-22T09:00:00.000Z", "cleared_at": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"command": (sys.executable, "-c", "raise SystemExit(3)")}, "ended with code 3"),
        ({"command": ("/no/such/program",)}, "No such file"),
        ({"url": "http://127.0.0.1:9/"}, "refused"),
        ({"email": ("it@clinic.example",), "smtp": "127.0.0.1:9", "mail_from": "a@clinic.example"}, "refused"),
    ],
)
def test_a_way_that_does_not_work_says_why(connection: Connection, table: dict[str, Any], reason: str) -> None:
    with pytest.raises(Unsent, match=reason):
        told(connection, **table)


def test_a_web_server_gets_a_post(connection: Connection) -> None:
    Web.posted.clear()
    Web.answer = 204
    with serving(HTTPServer(("127.0.0.1", 0), Web)) as port:
        told(connection, url=f"http://127.0.0.1:{port}/alarm")
    assert Web.posted == [{**Web.posted[0], "code": "carrier_failed", "host": socket.gethostname()}]


def test_an_http_error_is_a_failure(connection: Connection) -> None:
    Web.answer = 500
    with serving(HTTPServer(("127.0.0.1", 0), Web)) as port, pytest.raises(Unsent):
        told(connection, url=f"http://127.0.0.1:{port}/alarm")


@pytest.mark.parametrize("url", ["http://it:secret@[monitor.clinic.example/", "http://monitor.clinic.example:secret/"])
def test_an_address_that_is_none_is_not_quoted_since_it_may_hold_a_password(connection: Connection, url: str) -> None:
    with pytest.raises(Unsent) as caught:
        told(connection, url=url)
    assert "secret" not in str(caught.value)


class Babble(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"no HTTP at all\r\n\r\n")


def test_who_answers_in_another_language_is_a_failure(connection: Connection) -> None:
    """It must not keep the other notices from being told."""
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Babble)) as port, pytest.raises(Unsent):
        told(connection, url=f"http://127.0.0.1:{port}/alarm")


def test_a_mail_says_what_is_amiss_and_what_to_do(connection: Connection) -> None:
    Mail.mails.clear()
    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)) as port:
        table = {"email": ("it@clinic.example",), "smtp": f"127.0.0.1:{port}", "mail_from": "smsgw@clinic.example"}
        told(connection, **table, smtp_security="none")
        told(connection, OVER, **table, smtp_security="none")
    raised, over = Mail.mails
    assert "sim-1 is out of service." in raised
    assert "Unplug it." in raised
    assert "To: it@clinic.example" in raised
    assert "Over: sim-1" in over.replace("\r\n ", " ")
    assert raised.splitlines()[-1] == "Since 2026-11-22 12:00.", "by the clinic's clock"
    assert over.splitlines()[-2:] == ["Since 2026-11-22 12:00.", "Over since 2026-11-22 12:05."]


def test_an_sms_goes_over_another_modem_and_never_twice(connection: Connection) -> None:
    connection.executemany(
        "INSERT INTO carriers (name, kind, state, detail, sent_today, updated_at) VALUES (?, 'modem', ?, '', 0, '')",
        [("sim-1", "ready"), ("sim-2", "ready"), ("sim-3", "absent")],
    )
    for notice in (NOTICE, NOTICE, OVER):
        told(connection, notice, sms=(STAFF,))
    rows = connection.execute("SELECT recipient, category, sender, body FROM outbox ORDER BY id").fetchall()
    assert [(recipient, category, sender) for recipient, category, sender, _body in rows] == [
        (STAFF, "emergency", "sim-2")
    ] * 2
    assert "out of service" in rows[0][3]
    assert "Over" in rows[1][3]


def test_an_sms_about_the_whole_gateway_goes_over_any_modem(connection: Connection) -> None:
    told(connection, Notice(8, "disk_full", "", "Full.", "Free some.", "2026-11-22T09:00:00.000Z"), sms=(STAFF,))
    assert connection.execute("SELECT sender FROM outbox").fetchall() == [(None,)]


# --- working off the notices ----------------------------------------------------------------------------------------


FAILED = Alarm("carrier_failed", "sim-1 is out of service.", "Unplug it.", "sim-1")


def notices(connection: Connection) -> list[tuple[int, bool]]:
    rows = connection.execute("SELECT tries, next_at IS NULL FROM notices ORDER BY id").fetchall()
    return [(tries, bool(is_done)) for tries, is_done in rows]


def test_what_could_not_be_told_is_told_later_and_given_up_at_last(connection: Connection) -> None:
    ways = ways_of([NotifySettings(command=("/no/such/program",))])
    book.update(connection, [FAILED], lambda code: list(ways), NOW)
    assert telling.tell_due(connection, ways, NOW) == 0
    assert telling.tell_due(connection, ways, NOW + timedelta(seconds=30)) == 0
    assert notices(connection) == [(1, False)], "not before a minute has passed"
    for hour in range(1, 12):
        telling.tell_due(connection, ways, NOW + timedelta(hours=hour))
    assert notices(connection) == [(len(telling.WAITS_S) + 1, True)]
    assert "No such file" in connection.execute("SELECT fault FROM notices").fetchone()[0]


def test_one_put_off_by_a_clock_that_was_ahead_is_told_when_it_is_set_back(connection: Connection) -> None:
    ways = ways_of([NotifySettings(sms=(STAFF,))])
    book.update(connection, [FAILED], lambda code: list(ways), NOW)
    assert telling.tell_due(connection, ways, NOW - timedelta(hours=1)) == 0
    assert telling.tell_due(connection, ways, NOW - timedelta(hours=3)) == 1


def test_one_that_works_is_told_once(connection: Connection) -> None:
    ways = ways_of([NotifySettings(sms=(STAFF,))])
    book.update(connection, [FAILED], lambda code: list(ways), NOW)
    assert telling.tell_due(connection, ways, NOW) == 1
    assert telling.tell_due(connection, ways, NOW + timedelta(hours=1)) == 0
    assert notices(connection) == [(1, True)]


def test_one_way_that_fails_keeps_no_other_from_working(connection: Connection) -> None:
    ways = ways_of([NotifySettings(command=("/no/such/program",), sms=(STAFF,))])
    book.update(connection, [FAILED], lambda code: list(ways), NOW)
    assert telling.tell_due(connection, ways, NOW) == 1
    assert sorted(notices(connection)) == [(1, False), (1, True)]


def test_an_outbox_that_takes_no_row_keeps_no_other_way_from_working(connection: Connection) -> None:
    """A trigger of another program that names what is gone: it is just what people are to hear of."""
    connection.execute("CREATE TRIGGER mis_log AFTER INSERT ON outbox BEGIN INSERT INTO gone VALUES (1); END")
    ways = ways_of([NotifySettings(sms=(STAFF,), command=(sys.executable, "-c", "pass"))])
    book.update(connection, [FAILED], lambda code: sorted(ways, reverse=True), NOW)
    assert telling.tell_due(connection, ways, NOW) == 1
    assert sorted(notices(connection)) == [(1, False), (1, True)]
    connection.execute("CREATE TABLE gone (id INTEGER)")
    assert telling.tell_due(connection, ways, NOW + timedelta(minutes=1)) == 1


def test_a_way_that_is_no_longer_configured_is_given_up(connection: Connection) -> None:
    book.update(connection, [FAILED], lambda code: ["3.email"], NOW)
    assert telling.tell_due(connection, {}, NOW) == 0
    assert notices(connection) == [(1, True)]
