"""A mail server as a clinic has one: SMTP (RFC 5321) with TLS from the start or by STARTTLS (RFC 3207), and AUTH PLAIN
and LOGIN (RFC 4954). It takes one mail at a time and checks no addresses."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

USER, PASSWORD = "smsgw", "пароль 42"


@dataclass(frozen=True)
class Certificate:
    file: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


def make_certificate(folder: Path, name: str, *, is_over: bool = False) -> Certificate:
    """Of the server of this name, signed by itself; `is_over`: it was good for the first of January 2020."""
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    request = folder / f"{name}.csr"
    _openssl(
        "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
        "-keyout", made.key, "-out", request,
    )  # fmt: skip
    config = folder / f"{name}.cnf"
    (folder / "index.txt").touch()
    config.write_text(CONFIG.format(folder=folder, name=name), encoding="utf-8")
    days = ("-startdate", "20200101000000Z", "-enddate", "20200102000000Z") if is_over else ("-days", "2")
    _openssl(
        "ca", "-batch", "-selfsign", "-config", config, "-keyfile", made.key, "-in", request, "-out", made.file, *days
    )
    return made


CONFIG = """
[ca]
default_ca = own
[own]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = names
x509_extensions = extensions
[names]
commonName = supplied
[extensions]
subjectAltName = DNS:{name}
"""


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@dataclass
class MailServer:
    """What it does, and what it was given."""

    context: ssl.SSLContext | None = None
    is_tls_at_once: bool = False
    wants_login: bool = False
    is_taking: bool = True  # else it refuses whoever a mail is for
    hangs_at: bytes | None = None  # the verb that it never answers; b"" its greeting
    drips: bool = False  # its greeting never ends, octet by octet
    mails: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    in_clear: list[bytes] = field(default_factory=list)  # lines that anybody on the way could read
    is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def serving(self) -> Iterator[int]:
        """The port at which it answers until the end."""
        talk = self._talk

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):  # whoever does not trust us hangs up
                    talk(self.request)

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            self.is_over.set()
            server.shutdown()
            server.server_close()
            thread.join()

    def _talk(self, link: socket.socket) -> None:
        if self.is_tls_at_once and self.context:
            link = self.context.wrap_socket(link, server_side=True)
        if self.drips:
            while not self.is_over.wait(0.02):
                link.sendall(b"220-please wait\r\n")
            return
        self._say(link, b"", b"220 mail ready")
        while link is not None:
            file = link.makefile("rb")
            link = self._commands(link, file)  # type: ignore[assignment]

    def _commands(self, link: socket.socket, file: Any) -> socket.socket | None:
        """Until the end, None, or until TLS begins: the new link."""
        for line in iter(file.readline, b""):
            if not isinstance(link, ssl.SSLSocket):
                self.in_clear.append(line)
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"STARTTLS" and self.context:
                self._say(link, verb, b"220 go ahead")
                return self.context.wrap_socket(link, server_side=True)
            self._say(link, verb, self._answer(verb, line, lambda more: self._ask(link, file, more)))
            if verb == b"DATA":
                self.mails.append(b"".join(iter(file.readline, b".\r\n")).decode())
                self._say(link, b"", b"250 taken")
            if verb == b"QUIT":
                return None
        return None

    def _answer(self, verb: bytes, line: bytes, ask: Callable[[bytes], bytes]) -> bytes:
        match verb:
            case b"EHLO":
                can = [b"mail", b"STARTTLS" if self.context else b"8BITMIME", b"AUTH PLAIN LOGIN"]
                return b"\r\n".join([*(b"250-" + each for each in can[:-1]), b"250 " + can[-1]])
            case b"AUTH":
                return self._login(line, ask)
            case b"MAIL" if self.wants_login and (USER, PASSWORD) not in self.logins:
                return b"530 5.7.0 Authentication required"
            case b"RCPT" if not self.is_taking:
                return b"550 5.1.1 No such mailbox"
            case b"DATA":
                return b"354 go on"
            case b"QUIT":
                return b"221 bye"
        return b"250 fine"

    def _login(self, line: bytes, ask: Callable[[bytes], bytes]) -> bytes:
        words = line.split()
        if words[1].upper() == b"PLAIN":
            given = words[2] if len(words) > 2 else ask(b"")
            _authorised, user, password = base64.b64decode(given).decode().split("\0")
        else:
            user = base64.b64decode(words[2] if len(words) > 2 else ask(b"VXNlcm5hbWU6")).decode()
            password = base64.b64decode(ask(b"UGFzc3dvcmQ6")).decode()
        self.logins.append((user, password))
        if (user, password) == (USER, PASSWORD):
            return b"235 2.7.0 welcome"
        return b"535 5.7.8 Authentication credentials invalid"

    def _ask(self, link: socket.socket, file: Any, what: bytes) -> bytes:
        link.sendall(b"334 " + what + b"\r\n")
        return bytes(file.readline())

    def _say(self, link: socket.socket, verb: bytes, answer: bytes) -> None:
        if verb == self.hangs_at:
            self.is_over.wait()
            raise OSError
        link.sendall(answer + b"\r\n")
