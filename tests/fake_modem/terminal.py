"""The gateway's place at a port, for tests of the bank itself: types bytes and reads bytes, and knows nothing else."""

from __future__ import annotations

import os
import re
import select
import time
import tty
from types import TracebackType

FINAL = re.compile(rb"\r\n(OK|ERROR|COMMAND NOT SUPPORT|\+CM[ES] ERROR: [^\r]*)\r\n|\r\n> ")
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
        return self.final()

    def send(self, pdu: str, length: int | None = None) -> str:
        """AT+CMGS and the PDU (service-centre field 00 in front); the answer to the PDU."""
        self.ask(f"AT+CMGS={len(pdu) // 2 - 1 if length is None else length}")
        self.type(pdu.encode() + b"\x1a")
        return self.final()

    def until(self, *ends: str, within_s: float = PATIENCE_S) -> str:
        """All bytes up to the first of `ends`, as text; what follows stays unread."""
        return self._until(re.compile("|".join(re.escape(end) for end in ends).encode()), within_s)

    def final(self, within_s: float = PATIENCE_S) -> str:
        """All bytes up to the final line of an answer, or the prompt."""
        return self._until(FINAL, within_s)

    def _until(self, end: re.Pattern[bytes], within_s: float) -> str:
        deadline = time.monotonic() + within_s
        while not (found := end.search(self._unread)):
            if not self._more(deadline - time.monotonic()):
                raise TimeoutError(f"{end.pattern!r} did not come; came {self._unread!r}")
        taken, self._unread = self._unread[: found.end()], self._unread[found.end() :]
        return taken.decode("latin-1")

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
