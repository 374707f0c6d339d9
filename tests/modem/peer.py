"""The other end of a line, for what no device of the fake bank does: it answers each command as a table says."""

from __future__ import annotations

import os
import pty
import re
import select
import threading
import tty
from collections.abc import Callable, Mapping
from types import TracebackType

Script = Mapping[str, bytes] | Callable[[str], bytes]

OK = b"\r\nOK\r\n"
COMMAND_END = re.compile(rb"([\r\x1a])")
IN_STEP = {"AT": OK, "AT+CMGF?": b"\r\n+CMGF: 0\r\n" + OK}


class Peer:
    """`with Peer({"AT+CSQ": b"..."}) as peer:` — `peer.port` is what to open; what is not in the table gets no answer.

    A PDU is a command too. ESC is dropped. `heard` has every command, oldest first.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._end, self._ending = os.pipe()
        self.heard: list[str] = []
        self._rest = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._hanging_up = threading.Lock()

    def __enter__(self) -> Peer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def say(self, octets: bytes) -> None:
        """Anything, now."""
        os.write(self._master, octets)

    def hang_up(self) -> None:
        """Be unplugged; also twice, and by two threads at once: a descriptor closed twice may be somebody else's."""
        with self._hanging_up:
            if self._slave >= 0:
                os.write(self._ending, b"x")
                self._thread.join()
                for descriptor in (self._slave, self._master, self._end, self._ending):
                    os.close(descriptor)
                self._slave = -1

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._end], [], [])
            if self._end in ready:
                return
            self._hear(os.read(self._master, 4096))

    def _hear(self, octets: bytes) -> None:
        *pieces, self._rest = COMMAND_END.split(self._rest + octets.replace(b"\x1b", b""))
        for command in map(bytes.decode, pieces[::2]):
            if command:
                self.heard.append(command)
                self._answer(command)

    def _answer(self, command: str) -> None:
        known = (
            self._script(command) if callable(self._script) else self._script.get(command, IN_STEP.get(command, b""))
        )
        if known:
            os.write(self._master, known)
