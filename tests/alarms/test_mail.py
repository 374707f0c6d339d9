"""Alarms by mail as mail servers want it today: over TLS, with a password; and what goes wrong with it."""

from __future__ import annotations

import socketserver
import threading
import time
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from gateway.alarms import book, telling
from gateway.alarms.values import Alarm
from gateway.alarms.ways import Unsent, Way, tell, ways_of
from gateway.queue import times
from gateway.settings import NotifySettings
from tests.alarms.mail_server import PASSWORD, USER, Certificate, MailServer, make_certificate
from tests.alarms.test_ways import NOTICE, NOW

TLS, STARTTLS = "tls", "starttls"
PROMPT_S = 10.0  # what hangs must not take much longer than it may


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("mail"), "localhost")


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """As if it stood in the system's store."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.file))
    return certificate


def server_for(security: str, certificate: Certificate, **more: Any) -> MailServer:
    return MailServer(certificate.context, security == TLS, **more)


def way_to(port: int, security: str, **table: Any) -> Way:
    usual = {"email": ("it@clinic.example",), "mail_from": "smsgw@clinic.example", "smtp": f"localhost:{port}"}
    (way,) = ways_of([NotifySettings(**usual | {"smtp_security": security} | table)]).values()
    return replace(way, mail_s=5.0)


def login(folder: Path, password: str = PASSWORD) -> dict[str, Any]:
    (folder / "smtp.secret").write_text(f"{password}\n", "utf-8")
    return {"smtp_user": USER, "smtp_password_file": folder / "smtp.secret"}


def reason(connection: Connection, way: Way) -> str:
    """What a person is told: it fails, and in time."""
    began = time.monotonic()
    with pytest.raises(Unsent) as caught:
        tell(way, NOTICE, connection, NOW)
    assert time.monotonic() - began < PROMPT_S
    return str(caught.value)


@pytest.mark.parametrize("security", [TLS, STARTTLS])
def test_a_mail_goes_over_tls_with_a_password_and_nothing_of_it_in_clear(
    connection: Connection, trusted: Certificate, tmp_path: Path, security: str
) -> None:
    server = server_for(security, trusted, wants_login=True)
    with server.serving() as port:
        tell(way_to(port, security, **login(tmp_path)), NOTICE, connection, NOW)
    assert server.logins == [(USER, PASSWORD)]
    assert "sim-1 is out of service." in server.mails[0]
    clear = [line.split()[0].upper() for line in server.in_clear]
    assert clear == ([] if security == TLS else [b"EHLO", b"STARTTLS"])


def test_russian_words_arrive_as_they_are(connection: Connection, trusted: Certificate) -> None:
    server = server_for(STARTTLS, trusted)
    with server.serving() as port:
        notice = replace(NOTICE, text="Модем sim-1 не отвечает.", remedy="Выньте его и вставьте снова.")
        tell(way_to(port, STARTTLS), notice, connection, NOW)
    mail = message_from_bytes(server.mails[0].encode(), policy=policy.default)
    assert str(mail["Subject"]).endswith("Модем sim-1 не отвечает.")
    assert "Выньте его и вставьте снова." in mail.get_content()  # type: ignore[attr-defined]


@pytest.mark.parametrize("security", [TLS, STARTTLS])
def test_a_certificate_that_nobody_vouches_for_gets_neither_mail_nor_password(
    connection: Connection, certificate: Certificate, tmp_path: Path, security: str
) -> None:
    server = server_for(security, certificate)
    with server.serving() as port:
        said = reason(connection, way_to(port, security, **login(tmp_path)))
    assert "certificate is not accepted: self-signed certificate" in said
    assert (server.logins, server.mails) == ([], [])


@pytest.mark.parametrize("security", [TLS, STARTTLS])
@pytest.mark.parametrize(("name", "words"), [("mail.example", "Hostname mismatch"), ("localhost", "expired")])
def test_a_certificate_of_another_server_or_of_another_year_is_refused(
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
    name: str,
    words: str,
) -> None:
    wrong = make_certificate(tmp_path, name, is_over=words == "expired")
    monkeypatch.setenv("SSL_CERT_FILE", str(wrong.file))
    server = server_for(security, wrong)
    with server.serving() as port:
        assert words in reason(connection, way_to(port, security))
    assert server.mails == []


def test_a_server_without_starttls_gets_no_password(connection: Connection, tmp_path: Path) -> None:
    server = MailServer()
    with server.serving() as port:
        assert "STARTTLS" in reason(connection, way_to(port, STARTTLS, **login(tmp_path)))
    assert (server.logins, server.mails) == ([], [])


def test_a_port_without_tls_is_told_so(connection: Connection, trusted: Certificate) -> None:
    with server_for(STARTTLS, trusted).serving() as port:
        assert "smtp_security" in reason(connection, way_to(port, TLS))


@pytest.mark.parametrize("security", [TLS, STARTTLS])
def test_a_wrong_password_is_said_in_the_servers_words_without_the_password(
    connection: Connection, trusted: Certificate, tmp_path: Path, security: str
) -> None:
    server = server_for(security, trusted, wants_login=True)
    with server.serving() as port:
        said = reason(connection, way_to(port, security, **login(tmp_path, "wrong-secret")))
    assert said == "535 5.7.8 Authentication credentials invalid"
    assert server.mails == []


def test_a_missing_password_file_is_named(connection: Connection, trusted: Certificate, tmp_path: Path) -> None:
    table = {"smtp_user": USER, "smtp_password_file": tmp_path / "none.secret"}
    with server_for(TLS, trusted).serving() as port:
        assert "none.secret" in reason(connection, way_to(port, TLS, **table))


def test_an_address_that_the_server_does_not_know_is_named(connection: Connection, trusted: Certificate) -> None:
    with server_for(TLS, trusted, is_taking=False).serving() as port:
        assert reason(connection, way_to(port, TLS)) == "it@clinic.example: 550 5.1.1 No such mailbox"


HANGS = {"before it greets": b"", "at EHLO": b"EHLO", "at AUTH": b"AUTH", "with the mail": b"DATA"}


@pytest.mark.parametrize("security", [TLS, STARTTLS])
@pytest.mark.parametrize("verb", HANGS.values(), ids=HANGS)
def test_a_server_that_hangs_is_given_up_in_time(
    connection: Connection, trusted: Certificate, tmp_path: Path, security: str, verb: bytes
) -> None:
    with server_for(security, trusted, hangs_at=verb).serving() as port:
        way = replace(way_to(port, security, **login(tmp_path)), mail_s=0.2)
        assert "timed out" in reason(connection, way)


class Mute(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(1000)
        self.request.recv(1000)  # until the other side hangs up


def test_a_server_that_says_nothing_in_the_midst_of_tls_is_given_up_in_time(connection: Connection) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mute) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        way = replace(way_to(server.server_address[1], TLS), mail_s=0.2)
        assert "timed out" in reason(connection, way)
        server.shutdown()


def test_a_server_that_never_stops_greeting_is_given_up_in_time(connection: Connection, trusted: Certificate) -> None:
    with server_for(TLS, trusted, drips=True).serving() as port:
        assert "longer than" in reason(connection, replace(way_to(port, TLS), whole_s=0.3))


def test_a_mail_that_fails_is_told_later_and_keeps_no_other_way_from_working(
    connection: Connection, certificate: Certificate
) -> None:
    with server_for(TLS, certificate).serving() as port:
        ways = {"1.email": way_to(port, TLS)} | ways_of([NotifySettings(sms=("+79000000009",))])
        alarm = Alarm("carrier_failed", "sim-1 is out of service.", "Unplug it.", "sim-1")
        book.update(connection, [alarm], lambda code: list(ways), NOW)
        assert telling.tell_due(connection, ways, NOW) == 1
    rows = connection.execute("SELECT way, tries, next_at, fault FROM notices ORDER BY way").fetchall()
    (mail_way, mail_tries, next_at, fault), (_sms, _tries, sms_next, _fault) = rows
    assert (mail_way, mail_tries, sms_next) == ("1.email", 1, None)
    assert times.from_text(next_at) > NOW
    assert "certificate" in fault
