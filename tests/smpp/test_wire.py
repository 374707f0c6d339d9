"""How a connection comes about, on real sockets: at once, late, or not at all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.smpp import wire
from gateway.smpp.wire import Link, Wire

RETRY_S = 1.3  # the longest wait between two tries: the pace of a worker, and its jitter
BACK_S = 2.0  # an SMSC that is back is bound to within this


@contextmanager
def dead_end() -> Iterator[socket.socket]:
    """A host that says nothing to whoever asks for a connection: its queue is full, and nobody empties it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server, socket.socket() as first:
        first.connect(server.getsockname())
        yield server


def revived(server: socket.socket) -> None:
    """It takes connections from now on."""
    with closing(server.accept()[0]):
        server.listen(10)


def connected(made: Wire, server: socket.socket) -> Link:
    host, port = server.getsockname()
    return made.connect(host, port)


def test_a_connection_sends_small_pdus_at_once_and_notices_a_dead_peer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, closing(Wire()) as made:
        link = connected(made, server)
        assert link.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert link.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


def test_a_host_that_comes_back_is_connected_to_soon_though_it_has_said_nothing() -> None:
    """Its answer to what was asked long ago is not waited for: it is asked anew."""
    with dead_end() as server, closing(Wire()) as made:
        back_at: list[float] = []
        threading.Timer(1.2, lambda: (back_at.append(time.monotonic()), revived(server))).start()
        connected(made, server)
        assert time.monotonic() - back_at[0] < BACK_S - RETRY_S + wire.ANEW_S


def test_a_host_that_says_nothing_is_given_up_in_time_for_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wire.CONNECT_S % wire.ANEW_S + RETRY_S < BACK_S  # from the last time that it is asked to the next one
    monkeypatch.setattr(wire, "CONNECT_S", 0.5)
    monkeypatch.setattr(wire, "ANEW_S", 0.2)
    with dead_end() as server, closing(Wire()) as made:
        began = time.monotonic()
        with pytest.raises(CarrierLost, match="no answer") as lost:
            connected(made, server)
        assert 0.4 < time.monotonic() - began < 2.0
        assert lost.value.cause is Cause.UNREACHABLE


def test_a_port_where_nobody_listens_is_known_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pass_by = server.getsockname()
    began = time.monotonic()
    with closing(Wire()) as made, pytest.raises(CarrierLost, match="Connection refused"):
        made.connect(*pass_by)
    assert time.monotonic() - began < 1.0


def test_a_name_that_nobody_knows_is_said_so() -> None:
    with closing(Wire()) as made, pytest.raises(CarrierLost, match="is not known"):
        made.connect("smsc.invalid", 2775)
