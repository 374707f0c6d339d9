"""The ways to tell people of an alarm: a program, a mail, an SMS, an HTTP POST. Each has a deadline and may fail."""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import EmailMessage
from pathlib import Path

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import times
from gateway.queue.adding import NewMessage, add_one
from gateway.settings import NotifySettings
from gateway.settings.alarms import WAYS

COMMAND_S = 30.0  # a program that takes longer is ended
MAIL_S = 20.0  # for each step of the talk with the mail server
POST_S = 10.0
SMS_EXPIRES = timedelta(hours=1)  # later it would only confuse
SMTP_PORT = 25
FAULTS = (OSError, smtplib.SMTPException, http.client.HTTPException, subprocess.SubprocessError, ValueError)
QUOTING = (ValueError, http.client.InvalidURL)  # these quote the address, which may hold a password
ANOTHER = "SELECT name FROM carriers WHERE state = 'ready' AND name <> :subject ORDER BY name LIMIT 1"


class Unsent(GatewayError):
    """It could not be told in this way; `str()` is the reason."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: an alarm that was raised, or one that is over."""

    id: int  # the alarm's
    code: str
    subject: str
    text: str
    remedy: str
    raised_at: str
    cleared_at: str | None = None

    @property
    def headline(self) -> str:
        """One line for a subject field or an SMS."""
        return _("Over: {text}").format(text=self.text) if self.cleared_at else self.text


@dataclass(frozen=True, slots=True)
class Way:
    """One way of one [[notify]] table."""

    name: str  # "1.email": the table's number and the way; stands in notices.way
    kind: str
    table: NotifySettings
    timezone: tzinfo = UTC  # the clinic's, for the times that people read

    def wants(self, code: str) -> bool:
        return not self.table.only or code in self.table.only


def ways_of(tables: Sequence[NotifySettings], timezone: tzinfo = UTC) -> dict[str, Way]:
    """All ways that are configured, by name."""
    ways = [
        Way(f"{number}.{kind}", kind, table, timezone)
        for number, table in enumerate(tables, 1)
        for kind in WAYS
        if getattr(table, kind)
    ]
    return {way.name: way for way in ways}


def tell(way: Way, notice: Notice, connection: sqlite3.Connection, now: datetime) -> None:
    """Tell it in this way; raises Unsent."""
    try:
        SENDERS[way.kind](way, notice, connection, now)
    except FAULTS as fault:
        raise Unsent(_reason(fault)) from fault


def _reason(fault: Exception) -> str:
    if isinstance(fault, subprocess.TimeoutExpired):
        return _("The program took longer than {seconds:.0f} s.").format(seconds=fault.timeout)
    if isinstance(fault, subprocess.CalledProcessError):
        return _("The program ended with code {code}.").format(code=fault.returncode)
    if type(fault) in QUOTING:
        return type(fault).__name__
    return str(getattr(fault, "reason", None) or fault) or type(fault).__name__


def _run(way: Way, notice: Notice, connection: sqlite3.Connection, now: datetime) -> None:
    """No shell: what an alarm says can't become a command (gammu's RunOnReceive had that hole)."""
    document = json.dumps(asdict(notice), ensure_ascii=False).encode()
    nowhere = subprocess.DEVNULL
    subprocess.run([*way.table.command], input=document, timeout=COMMAND_S, check=True, stdout=nowhere, stderr=nowhere)


def _post(way: Way, notice: Notice, connection: sqlite3.Connection, now: datetime) -> None:
    assert way.table.url is not None
    document = json.dumps(asdict(notice) | {"host": socket.gethostname()}).encode()
    request = urllib.request.Request(way.table.url, document, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=POST_S):
        pass  # an HTTP error has raised


def _mail(way: Way, notice: Notice, connection: sqlite3.Connection, now: datetime) -> None:
    message = EmailMessage()
    message["Subject"] = f"[smsgw {socket.gethostname()}] {notice.headline}".replace("\n", " ")
    message["From"], message["To"] = way.table.mail_from, ", ".join(way.table.email)
    message.set_content("\n".join([notice.text, notice.remedy, "", *_since(notice, way.timezone)]))
    with _mail_server(way.table) as server:
        server.send_message(message)


def _since(notice: Notice, timezone: tzinfo) -> Iterator[str]:
    """By the clinic's clock."""
    yield _("Since {at}.").format(at=times.for_people(times.from_text(notice.raised_at), timezone))
    if notice.cleared_at:
        yield _("Over since {at}.").format(at=times.for_people(times.from_text(notice.cleared_at), timezone))


def _mail_server(table: NotifySettings) -> smtplib.SMTP:
    assert table.smtp is not None
    host, _colon, port = table.smtp.partition(":")
    context = ssl.create_default_context()
    if table.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, int(port or smtplib.SMTP_SSL_PORT), timeout=MAIL_S, context=context
        )
    else:
        server = smtplib.SMTP(host, int(port or SMTP_PORT), timeout=MAIL_S)
    try:
        if table.smtp_security == "starttls":
            server.starttls(context=context)
        if table.smtp_user:
            server.login(table.smtp_user, _password(table.smtp_password_file))
    except BaseException:
        server.close()
        raise
    return server


def _password(file: Path | None) -> str:
    lines = file.read_text("utf-8").splitlines() if file else []
    return lines[0] if lines else ""


def _sms(way: Way, notice: Notice, connection: sqlite3.Connection, now: datetime) -> None:
    """Over another modem than the one concerned, where one is ready. The key keeps it from going out twice."""
    another = connection.execute(ANOTHER, {"subject": notice.subject}).fetchone() if notice.subject else None
    for place, number in enumerate(way.table.sms, 1):
        end = "cleared" if notice.cleared_at else "raised"
        message = NewMessage(
            number,
            _("SMS gateway: {headline}").format(headline=notice.headline),
            category="emergency",
            sender=another[0] if another else None,
            expires_at=now + SMS_EXPIRES,
            external_id=f"smsgw-alarm-{notice.id}-{end}-{place}",
        )
        add_one(connection, message, now)


Sender = Callable[[Way, Notice, sqlite3.Connection, datetime], None]
SENDERS: Mapping[str, Sender] = {"command": _run, "email": _mail, "sms": _sms, "url": _post}
