"""One client's connection: binds, takes submits, answers in its time, and breaks where it is told to."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from tests.fake_smsc import codec
from tests.fake_smsc.codec import OK, BadPdu

if TYPE_CHECKING:
    from tests.fake_smsc.service import Service

WINDOW_OUT = 50  # deliver_sm that wait for their answer


class Session(asyncio.Protocol):
    """Runs in the SMSC's loop."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.buffer = bytearray()
        self.bound: int | None = None  # the command that it was bound with
        self.system_id = ""
        self.sequence = 0
        self.held: list[tuple[int, codec.Submit]] = []  # submits that wait for others
        self.unacknowledged: dict[int, bytes] = {}  # deliver_sm by sequence number
        self.is_stalled = False
        self.is_mute = False  # half closed: it only reads
        self._asking: asyncio.TimerHandle | None = None

    # Of asyncio.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        raw = transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.service.connected(self)
        self.reaches("connect")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._asking:
            self._asking.cancel()
        self.service.disconnected(self)

    def eof_received(self) -> bool:
        return False

    def data_received(self, data: bytes) -> None:
        if self.is_stalled:
            return
        self.buffer += data
        try:
            whole = codec.cut(self.buffer)
        except BadPdu as fault:
            self.service.complain(str(fault))
            self.transport.abort()
            return
        for command, status, sequence, body in whole:
            if self.is_stalled or self.transport.is_closing():
                return
            self._take(command, status, sequence, body)

    # What comes in.

    def _take(self, command: int, status: int, sequence: int, body: bytes) -> None:
        if command == codec.SUBMIT_SM:
            self._submit(sequence, body)
        elif command in codec.BINDS:
            self._bind(command, sequence, body)
        elif command == codec.ENQUIRE_LINK:
            if self.reaches("enquire_link") and "enquire_link" not in self.service.conduct.ignores:
                self.answer(command, OK, sequence)
        elif command == codec.UNBIND:
            self._unbind(sequence)
        elif command in codec.ANSWERS:
            self._answered(command, status, sequence)
        else:
            self.service.complain(f"command {command:#010x}")
            self.send(codec.GENERIC_NACK, codec.INVALID_COMMAND, sequence)

    def _bind(self, command: int, sequence: int, body: bytes) -> None:
        if not self.reaches("bind") or "bind" in self.service.conduct.ignores:
            return
        try:
            bind = codec.read_bind(body)
        except BadPdu as fault:
            self.service.complain(str(fault))
            self.answer(command, codec.BIND_FAILED, sequence)
            return
        status = codec.ALREADY_BOUND if self.bound else self.service.greet(bind)
        if status == OK:
            self.bound, self.system_id = command, bind.system_id
        self.service.later(self.service.conduct.bind_answer_s, lambda: self._welcome(command, status, sequence))

    def _welcome(self, command: int, status: int, sequence: int) -> None:
        self.answer(command, status, sequence, b"fake\0" if status == OK else b"")
        if status != OK:
            self.transport.close()
        elif self.reaches("bound"):
            self._ask()
            self.service.bound(self)

    def _submit(self, sequence: int, body: bytes) -> None:
        if not self.reaches("submit"):
            return
        if self.bound not in (codec.BIND_TRANSMITTER, codec.BIND_TRANSCEIVER):
            self.answer(codec.SUBMIT_SM, codec.WRONG_BIND_STATE, sequence)
            return
        try:
            submit = codec.read_submit(body)
        except (BadPdu, UnicodeDecodeError) as fault:
            self.service.complain(str(fault))
            self.answer(codec.SUBMIT_SM, codec.SYSTEM_ERROR, sequence)
            return
        self.held.append((sequence, submit))
        if len(self.held) >= self.service.conduct.reversed_by:
            held, self.held = self.held, []
            for each in reversed(held):
                self.service.submitted(self, *each)

    def _unbind(self, sequence: int) -> None:
        self.service.counts["unbinds"] += 1
        if self.reaches("unbind") and "unbind" not in self.service.conduct.ignores:
            self.answer(codec.UNBIND, OK, sequence)
            self.transport.close()

    def _answered(self, command: int, status: int, sequence: int) -> None:
        delivered = self.unacknowledged.pop(sequence, None)
        if delivered is not None:
            self.service.acknowledged(self, delivered, status)
            self.reaches("acknowledged")

    # What goes out.

    def answer(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        self.send(codec.RESPONSE | command, status, sequence, body)

    def send(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        self.write(codec.pdu(command, status, sequence, body))

    def write(self, octets: bytes) -> None:
        if not (self.is_stalled or self.is_mute or self.transport.is_closing()):
            self.transport.write(octets)

    def ask(self, command: int, body: bytes = b"") -> int:
        """Send a request of the SMSC's own; its sequence number."""
        self.sequence += 1
        self.send(command, OK, self.sequence, body)
        return self.sequence

    def deliver(self, body: bytes) -> None:
        """A receipt or a patient's SMS."""
        self.sequence += 1
        self.unacknowledged[self.sequence] = body
        whole = codec.pdu(codec.DELIVER_SM, OK, self.sequence, body)
        if self.service.is_fault_due("half_deliver"):
            self.write(whole[: len(whole) // 2])
        else:
            self.write(whole)
        self.reaches("half_deliver")
        self.reaches("deliver")

    @property
    def may_deliver(self) -> bool:
        """Whether it takes receipts now."""
        is_receiving = self.bound in (codec.BIND_RECEIVER, codec.BIND_TRANSCEIVER)
        is_open = not (self.is_stalled or self.is_mute or self.transport.is_closing())
        return is_receiving and is_open and len(self.unacknowledged) < WINDOW_OUT

    def _ask(self) -> None:
        every = self.service.conduct.enquire_s
        if every is not None and not self.transport.is_closing():
            self.ask(codec.ENQUIRE_LINK)
            self._asking = self.service.later(every, self._ask)

    # How it breaks.

    def reaches(self, at: str) -> bool:
        """Whether it goes on; a fault that is due here breaks the link."""
        how = self.service.take_fault(at)
        if how is None:
            return True
        self.break_off(how)
        return how == "half_close"

    def break_off(self, how: str) -> None:
        if how == "reset":
            raw = self.transport.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:  # it may be over by itself
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        elif how == "close":
            self.transport.close()
        elif how == "half_close":
            self.is_mute = True
            if self.transport.can_write_eof():
                self.transport.write_eof()
            else:
                self.transport.close()
        elif how == "stall":
            self.is_stalled = True
            self.transport.pause_reading()
        else:
            raise ValueError(how)
