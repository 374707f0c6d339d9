"""The gateway's place at a port, for tests of the bank itself: types bytes and reads bytes, and knows nothing else."""

from __future__ import annotations

import os
import select
import time
import tty
from types import TracebackType

FINAL = ("\r\nOK\r\n", "ERROR\r\n", "\r\n> ")
PATIENCE_S = 3.0


class Terminal:
    """Opens the port as a serial program does."""

    def __init__(self, port: str) -> None:
        self._descriptor = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._descriptor)
        self._unread = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def type(self, octets: bytes) -> None:
        os.write(self._descriptor, octets)

    def ask(self, command: str) -> str:
        """Type a command; everything up to its final line or the prompt."""
        self.type(command.encode() + b"\r")
        return self.until(*FINAL)

    def send(self, pdu: str, length: int | None = None) -> str:
        """AT+CMGS and the PDU (service-centre field 00 in front); the answer to the PDU."""
        self.ask(f"AT+CMGS={len(pdu) // 2 - 1 if length is None else length}")
        self.type(pdu.encode() + b"\x1a")
        return self.until(*FINAL)

    def until(self, *ends: str, within_s: float = PATIENCE_S) -> str:
        """All bytes up to the first of `ends`, as text; what follows stays unread."""
        deadline = time.monotonic() + within_s
        while True:
            found = [self._unread.find(end.encode()) + len(end) for end in ends if end.encode() in self._unread]
            if found:
                taken, self._unread = self._unread[: min(found)], self._unread[min(found) :]
                return taken.decode("latin-1")
            if not self._more(deadline - time.monotonic()):
                raise TimeoutError(f"{ends} did not come; came {self._unread!r}")

    def silence(self, seconds: float) -> str:
        """Whatever comes within `seconds`."""
        deadline = time.monotonic() + seconds
        while self._more(deadline - time.monotonic()):
            pass
        taken, self._unread = self._unread, b""
        return taken.decode("latin-1")

    def _more(self, seconds: float) -> bool:
        if not select.select([self._descriptor], [], [], max(seconds, 0))[0]:
            return False
        received = os.read(self._descriptor, 4096)
        self._unread += received
        return bool(received)
