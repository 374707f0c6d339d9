"""The ways to tell people of an alarm: a program, a mail, an SMS, an HTTP POST. Each has a deadline and may fail."""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import sqlite3
import ssl
import subprocess
import threading
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.message import EmailMessage
from pathlib import Path

from gateway import forms
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import times
from gateway.queue.adding import NewMessage, add_one
from gateway.settings import NotifySettings
from gateway.settings.alarms import WAYS

COMMAND_S = 30.0  # a program that takes longer is ended
MAIL_S = 20.0  # for each step of the talk with the mail server
POST_S = 10.0
WHOLE_S = 60.0  # for all steps: a server that says one octet now and then must not keep the other notices waiting
SMS_EXPIRES = timedelta(hours=1)  # later it would only confuse
SMTP_PORT = 25
AUTHENTICATED = 235  # RFC 4954
FAULTS = (OSError, smtplib.SMTPException, http.client.HTTPException, subprocess.SubprocessError, ValueError)
REFUSED = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT})  # a row, and no disk or lock is to blame
REPLY = 200  # characters of a mail server's answer
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
    mail_s: float = MAIL_S
    whole_s: float = WHOLE_S

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
    if way.kind in DIRECT:
        tell_directly(way, notice)
        return
    try:
        _sms(way, notice, connection, now)
    except FAULTS as fault:
        raise Unsent(_reason(fault)) from fault


def tell_directly(way: Way, notice: Notice) -> None:
    """The same, of a way that needs no database."""
    try:
        DIRECT[way.kind](way, notice)
    except FAULTS as fault:
        raise Unsent(_reason(fault)) from fault


def _reason(fault: Exception) -> str:
    """One sentence for a person."""
    cause = getattr(fault, "reason", None)
    if isinstance(cause, Exception):  # urllib wraps what it met
        return _reason(cause)
    match fault:
        case subprocess.TimeoutExpired():
            return _("The program took longer than {seconds:.0f} s.").format(seconds=fault.timeout)
        case subprocess.CalledProcessError():
            return _("The program ended with code {code}.").format(code=fault.returncode)
        case ssl.SSLCertVerificationError():
            sentence = _("The server's certificate is not accepted: {reason}.")
            return sentence.format(reason=fault.verify_message.rstrip("."))
        case ssl.SSLError():
            sentence = _("TLS does not work with this server: {reason}. Are the port and smtp_security right?")
            return sentence.format(reason=cause or type(fault).__name__)
        case smtplib.SMTPRecipientsRefused():
            return "; ".join(f"{address}: {_reply(*answer)}" for address, answer in fault.recipients.items())
        case smtplib.SMTPResponseException():
            return _reply(fault.smtp_code, fault.smtp_error)
    if type(fault) in QUOTING:
        return type(fault).__name__
    return str(cause or fault) or type(fault).__name__


def _reply(code: int, text: bytes | str) -> str:
    """What a mail server answered: "535 5.7.8 Bad credentials"."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(words.split())}"[:REPLY]


def _run(way: Way, notice: Notice) -> None:
    """No shell: what an alarm says can't become a command (gammu's RunOnReceive had that hole)."""
    document = json.dumps(asdict(notice), ensure_ascii=False).encode()
    nowhere = subprocess.DEVNULL
    subprocess.run([*way.table.command], input=document, timeout=COMMAND_S, check=True, stdout=nowhere, stderr=nowhere)


def _post(way: Way, notice: Notice) -> None:
    assert way.table.url is not None
    document = json.dumps(asdict(notice) | {"host": socket.gethostname()}).encode()
    request = urllib.request.Request(way.table.url, document, {"Content-Type": "application/json"})
    _in_time(lambda: urllib.request.urlopen(request, timeout=POST_S).close(), way.whole_s)  # an HTTP error raises


def _mail(way: Way, notice: Notice) -> None:
    message = EmailMessage()
    message["Subject"] = f"[smsgw {socket.gethostname()}] {notice.headline}".replace("\n", " ")
    message["From"], message["To"] = way.table.mail_from, ", ".join(way.table.email)
    message.set_content("\n".join([notice.text, notice.remedy, "", *_since(notice, way.timezone)]))
    _in_time(lambda: _send_mail(way, message), way.whole_s)


def _send_mail(way: Way, message: EmailMessage) -> None:
    with _mail_server(way.table, way.mail_s) as server:
        server.send_message(message)


def _in_time(send: Callable[[], object], limit_s: float) -> None:
    """In a thread of its own, which is left behind when it takes longer. Raises what `send` raises."""
    faults: list[Exception] = []

    def run() -> None:
        try:
            send()
        except Exception as fault:  # noqa: BLE001 - raised anew in the thread that waits
            faults.append(fault)

    thread = threading.Thread(target=run, name="alarm", daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        raise TimeoutError(_("The server took longer than {seconds:.0f} s.").format(seconds=limit_s))
    for fault in faults:
        raise fault


def _since(notice: Notice, timezone: tzinfo) -> Iterator[str]:
    """By the clinic's clock."""
    yield _("Since {at}.").format(at=forms.moment(times.from_text(notice.raised_at), timezone))
    if notice.cleared_at:
        yield _("Over since {at}.").format(at=forms.moment(times.from_text(notice.cleared_at), timezone))


def _mail_server(table: NotifySettings, step_s: float) -> smtplib.SMTP:
    assert table.smtp is not None
    host, _colon, port = table.smtp.partition(":")
    context = ssl.create_default_context()
    if table.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, int(port or smtplib.SMTP_SSL_PORT), timeout=step_s, context=context
        )
    else:
        server = smtplib.SMTP(host, int(port or SMTP_PORT), timeout=step_s)
    try:
        if table.smtp_security == "starttls":
            server.starttls(context=context)
        if table.smtp_user:
            _log_in(server, table.smtp_user, _password(table.smtp_password_file))
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """smtplib knows ASCII alone; by RFC 4616 name and password are UTF-8."""
    if f"{user}{password}".isascii():
        server.login(user, password)
        return
    server.ehlo_or_helo_if_needed()
    code, text = server.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != AUTHENTICATED:
        raise smtplib.SMTPAuthenticationError(code, text)


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
        _queue(connection, message, now)


def _queue(connection: sqlite3.Connection, message: NewMessage, now: datetime) -> None:
    """Raises Unsent where the outbox takes no row, as with another program's broken trigger; for a lock one waits."""
    try:
        add_one(connection, message, now)
    except sqlite3.DatabaseError as fault:
        if (getattr(fault, "sqlite_errorcode", None) or 0) & 0xFF not in REFUSED:
            raise
        raise Unsent(_reason(fault)) from fault


# Ways that need no database; the fourth is the SMS.
DIRECT: Mapping[str, Callable[[Way, Notice], None]] = {"command": _run, "email": _mail, "url": _post}
