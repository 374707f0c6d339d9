"""The sockets of one bind, in one selector and one thread: whole PDUs come in, octets go out as the peer takes them.

TLS and a second thread on one connection do not go together, and `select` does not see what TLS has already decrypted:
so each look reads until nothing is left.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.smpp.pdu import BadLength, Cutter, Pdu

LET_IN = _("Check host and port; does the operator let this machine's address in?")
CONNECT_S = 4.5  # for each address of the host, and for TLS
# So often an address that says nothing is asked anew: the system asks after 1 s, then 3, then 7, too seldom.
ANEW_S = 1.0
READ_OCTETS = 64 << 10
IDLE_S, EVERY_S, PROBES = 60, 20, 3  # TCP's own keep-alive, below enquire_link

AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, InterruptedError)


class Link:
    """One connection to an SMSC."""

    def __init__(self, connection: socket.socket, clock: Callable[[], float] = time.monotonic) -> None:
        self.socket = connection
        self._clock = clock
        self.fault = ""  # why it is over; what came before it is still to be read
        self.written = 0  # octets that the system has taken
        self.heard_at = clock()
        self._queued = bytearray()
        self._waits_since = 0.0  # the first of what is queued
        self._cutter = Cutter()

    @property
    def wants_write(self) -> bool:
        return bool(self._queued) and not self.fault

    def queue(self, octets: bytes) -> int:
        """To be written in order; where it begins in the stream: once `written` is beyond that, it may have gone."""
        if not self._queued:
            self._waits_since = self._clock()
        starts_at = self.written + len(self._queued)
        self._queued += octets
        return starts_at

    @property
    def written_until(self) -> float:
        """The system has taken all that was queued before; some SMSCs hang, and take nothing for long."""
        return self._waits_since if self._queued else self._clock()

    def take(self) -> Pdu | None:
        """The next whole PDU that was read."""
        try:
            return self._cutter.take()
        except BadLength as fault:
            self.fail(str(fault))
            return None

    def pdus(self) -> Iterator[Pdu]:
        return iter(self.take, None)

    def write(self) -> None:
        """As much as goes now."""
        try:
            while self.wants_write:
                count = self.socket.send(self._queued)
                self.written += count
                del self._queued[:count]
        except AGAIN:
            return
        except OSError as fault:
            self.read()  # what came before the break still counts
            self.fail(_reason(fault))

    def read(self) -> None:
        """All that is there."""
        try:
            while not self.fault:
                octets = self.socket.recv(READ_OCTETS)
                if not octets:
                    self.fail(_("the SMSC closed the connection"))
                    return
                self.heard_at = self._clock()
                self._cutter.feed(octets)
        except AGAIN:
            return
        except OSError as fault:
            self.fail(_reason(fault))

    def fail(self, why: str) -> None:
        """It is over."""
        self.fault = self.fault or why

    def close(self) -> None:
        with suppress(OSError):
            self.socket.close()


class Wire:
    """All links of one bind, told the time by `clock`, which never jumps."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._selector = selectors.DefaultSelector()
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._links: list[Link] = []
        self._over: list[Link] = []  # those with a fault

    def connect(self, host: str, port: int, tls: ssl.SSLContext | None = None, server_name: str | None = None) -> Link:
        """A connection to the first address of `host` that answers. Raises CarrierLost."""
        try:
            addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as fault:
            text = _("The name {host} is not known ({reason}). Check the host and this machine's DNS.")
            raise CarrierLost(text.format(host=host, reason=_reason(fault)), Cause.UNREACHABLE) from None
        reason = ""
        for family, kind, protocol, _name, address in addresses:
            try:
                connection = _connected(family, kind, protocol, address)
            except OSError as fault:
                reason = reason or _reason(fault)
            else:
                return self.take(_secured(connection, tls, server_name or host) if tls else connection)
        text = _("{host} cannot be reached at port {port}: {reason}. {advice}")
        raise CarrierLost(text.format(host=host, port=port, reason=reason, advice=LET_IN), Cause.UNREACHABLE)

    def take(self, connection: socket.socket) -> Link:
        """One that is open."""
        connection.setblocking(False)
        link = Link(connection, self._clock)
        self._links.append(link)
        link.read()  # TLS may have read more than its handshake
        self._selector.register(connection, selectors.EVENT_READ, link)
        return link

    def wait(self, wait_s: float) -> None:
        """Write what is queued, then read what comes within `wait_s` seconds; sooner after `wake` or a new fault."""
        for link in [link for link in self._links if link.fault]:
            self._selector.unregister(link.socket)  # it would be readable for ever
            self._links.remove(link)
            self._over.append(link)
        for link in self._links:
            link.write()
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.wants_write else 0)
            self._selector.modify(link.socket, events, link)
        if any(link.fault for link in self._links):
            wait_s = 0.0
        for key, events in self._selector.select(max(0.0, wait_s)):
            if key.data is None:
                self._hear()
                continue
            if events & selectors.EVENT_WRITE:
                key.data.write()
            if events & selectors.EVENT_READ:
                key.data.read()

    def wake(self) -> None:
        """End a `wait`; any thread may call it."""
        with suppress(OSError):  # full: it is awake anyhow; closed: nobody waits
            self._bell.send(b"!")

    def close(self) -> None:
        for link in (*self._links, *self._over):
            link.close()
        self._links.clear()
        self._over.clear()
        self._selector.close()
        self._bell.close()
        self._ear.close()

    def _hear(self) -> None:
        with suppress(*AGAIN):
            self._ear.recv(READ_OCTETS)


def context(ca_file: Path | None = None) -> ssl.SSLContext:
    """TLS that checks the SMSC's certificate and name, against the system's store or `ca_file`. Raises CarrierLost."""
    try:
        made = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as fault:
        text = _("The certificates in {file} cannot be read: {reason}. Check ca_file.")
        raise CarrierLost(text.format(file=ca_file, reason=_reason(fault)), Cause.FORBIDDEN) from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def _connected(family: int, kind: int, protocol: int, address: object) -> socket.socket:
    """The first connection that comes about; earlier tries go on beside later ones, for some lines are slow."""
    until = time.monotonic() + CONNECT_S
    tries: list[socket.socket] = []
    try:
        while (left_s := until - time.monotonic()) > 0:
            tries.append(socket.socket(family, kind, protocol))
            tries[-1].setblocking(False)
            _raise(tries[-1].connect_ex(address))  # type: ignore[arg-type]
            found = _first(tries, min(ANEW_S, left_s))
            if found:
                _raise(found.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
                _tune(found)
                tries.remove(found)
                return found
        raise TimeoutError
    finally:
        for each in tries:
            each.close()


def _first(tries: Iterable[socket.socket], wait_s: float) -> socket.socket | None:
    """The one of which something is known by then."""
    with selectors.DefaultSelector() as selector:
        for each in tries:
            selector.register(each, selectors.EVENT_WRITE, each)
        return next((key.data for key, _events in selector.select(wait_s)), None)


def _raise(code: int) -> None:
    if code not in (0, errno.EINPROGRESS):
        raise OSError(code, os.strerror(code))


def _tune(connection: socket.socket) -> None:
    connection.settimeout(CONNECT_S)  # for TLS
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else answers wait for the peer's ACK
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", IDLE_S), ("TCP_KEEPINTVL", EVERY_S), ("TCP_KEEPCNT", PROBES)):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _secured(connection: socket.socket, tls: ssl.SSLContext, server_name: str) -> socket.socket:
    try:
        return tls.wrap_socket(connection, server_hostname=server_name)
    except ssl.SSLCertVerificationError as fault:
        connection.close()
        text = _("The SMSC's certificate is not to be trusted: {reason}. Ask the operator, then check ca_file or host.")
        raise CarrierLost(text.format(reason=fault.verify_message), Cause.DENIED) from None
    except OSError as fault:
        connection.close()
        text = _("TLS with the SMSC failed: {reason}. Ask the operator whether this port takes TLS.")
        raise CarrierLost(text.format(reason=_reason(fault)), Cause.UNREACHABLE) from None


def _reason(fault: Exception) -> str:
    """A few words, without addresses or contents."""
    if isinstance(fault, TimeoutError):
        return _("no answer")
    return getattr(fault, "strerror", None) or getattr(fault, "reason", None) or type(fault).__name__
