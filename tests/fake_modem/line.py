"""The serial line of one modem: bytes in become command lines or a PDU; bytes go out at once or one by one."""

from __future__ import annotations

from collections.abc import Callable

from tests.fake_modem.loop import Loop, Timer
from tests.fake_modem.port import Port

CTRL_Z, ESCAPE, CR = 0x1A, 0x1B, 0x0D
PAUSE_S = 0.002  # between two bytes of a split answer, unless the fault says otherwise
NO_PROMPT = -1


class Line:
    """`on_command(text)` and `on_pdu(typed, octets announced)` are called for what the gateway typed."""

    def __init__(
        self,
        loop: Loop,
        port: Port,
        *,
        is_busy_deaf: bool,
        on_command: Callable[[str], None],
        on_pdu: Callable[[bytes, int], None],
        on_escape: Callable[[], None],
        on_turn: Callable[[Line], None] = lambda line: None,
    ) -> None:
        """`on_turn(line)` is called before each of them: what is answered now, is answered here."""
        self._loop, self._port, self._is_busy_deaf = loop, port, is_busy_deaf
        self._on_turn = on_turn
        self._on_command, self._on_pdu, self._on_escape = on_command, on_pdu, on_escape
        self.echo = True
        self.is_deaf, self.is_hung, self.is_mute = False, False, False  # mute: no echo either
        self._unread, self._slow = bytearray(), bytearray()
        self.life = 0  # rises by each reset: what belongs to an earlier life is never said
        self._announced = NO_PROMPT  # octets that AT+CMGS announced, while the prompt is open
        self._busy: Timer | None = None
        self._dribble_timer: Timer | None = None

    def clear(self) -> None:
        """Forget everything half done."""
        self.life += 1
        for timer in (self._busy, self._dribble_timer):
            if timer is not None:
                timer.cancel()
        self._busy = self._dribble_timer = None
        self._unread.clear()
        self._slow.clear()
        self._announced, self.is_hung = NO_PROMPT, False

    # -- out

    def write(self, octets: bytes) -> None:
        """A hung device says nothing; behind a slow answer everything waits."""
        if self.is_hung:
            return
        if self._slow:
            self._slow += octets
        else:
            self._port.write(octets)

    def write_slowly(self, octets: bytes, pause_s: float = PAUSE_S) -> None:
        """One byte at a time."""
        was_idle = not self._slow
        self._slow += octets
        if was_idle:
            self._dribble(pause_s)

    def _dribble(self, pause_s: float) -> None:
        if self._slow and not self.is_hung:
            self._port.write(bytes(self._slow[:1]))
            del self._slow[:1]
            self._dribble_timer = self._loop.after(pause_s, lambda: self._dribble(pause_s))

    def open_prompt(self, announced: int) -> None:
        self._announced = announced

    # -- in

    def receive(self, octets: bytes) -> None:
        if self.is_hung or self.is_deaf or (self._busy is not None and self._is_busy_deaf):
            return
        self._unread += octets
        self._go_on()

    def hang(self) -> None:
        self.is_hung = True
        self._unread.clear()

    def busy_for(self, seconds: float, then: Callable[[], None]) -> None:
        """Answer nothing for a while; what the gateway types meanwhile waits, or is lost on a deaf device."""
        self._busy = self._loop.after(seconds, lambda: self._free(then))

    def _free(self, then: Callable[[], None]) -> None:
        self._busy = None
        self._on_turn(self)
        then()
        self._go_on()

    def _go_on(self) -> None:
        while self._unread and self._busy is None and not self.is_hung:
            if not (self._take_line() if self._announced == NO_PROMPT else self._take_pdu()):
                return

    def _take_line(self) -> bool:
        """Whether a whole command line was there; an ESC in front of it is overheard."""
        end = self._unread.find(CR)
        if end < 0:
            return False
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        if self.echo and line.strip() and not self.is_mute:
            self.write(line + b"\r")
        self._on_turn(self)
        self._on_command(line.rpartition(b"\x1b")[2].decode("latin-1").strip("\r\n\x1a\x00 "))
        return True

    def _take_pdu(self) -> bool:
        """Whether the prompt was left, by Ctrl-Z or ESC. Whatever stands before it was typed as PDU, commands too."""
        end = next((at for at, octet in enumerate(self._unread) if octet in (CTRL_Z, ESCAPE)), None)
        if end is None:
            return False
        typed, ending = bytes(self._unread[:end]), self._unread[end]
        del self._unread[: end + 1]
        if self.echo:
            self.write(typed)
        announced, self._announced = self._announced, NO_PROMPT
        self._on_turn(self)
        if ending == CTRL_Z:
            self._on_pdu(typed, announced)
        else:
            self._on_escape()
        return True
