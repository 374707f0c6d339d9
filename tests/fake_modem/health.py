"""How one modem is: well, hung, or ill until the right remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fake_modem.illness import Illness
from tests.fake_modem.inotify import OPENED, Inotify

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem


class Health:
    """All lines of a stick hang together."""

    def __init__(self, modem: Modem, inotify: Inotify) -> None:
        self._modem, self._inotify = modem, inotify
        self.illness: Illness | None = None
        self._opened: int | None = None  # the watch for who opens the port

    @property
    def is_awake(self) -> bool:
        line = self._modem.line
        return not (line.is_deaf or line.is_hung or line.is_mute)

    def hang(self) -> None:
        """Until `recover`, or until its settings are lost with a reset."""
        for line in self._modem.lines:
            line.hang()

    def hang_until(self, remedy: str | None, *, is_silent: bool, code: str) -> None:
        if remedy is None:
            self.hang()
        elif remedy == "escape":
            self._modem.line.open_prompt(0)
        else:
            self.fall_ill(Illness(remedy, is_silent, code))

    def fall_ill(self, illness: Illness) -> None:
        """Until the remedy that it names; what was opened before counts for nothing."""
        self._inotify.read()
        self.illness = illness
        self.mute()

    def mute(self) -> None:
        for line in self._modem.lines:
            line.is_mute = self.illness is not None and self.illness.is_silent

    def treated(self, remedy: str) -> None:
        if self.illness is not None and self.illness.ends_by(remedy):
            self.recover()

    def recover(self) -> None:
        """End a hang, of whatever kind."""
        self.illness = None
        for line in self._modem.lines:
            line.is_hung = line.is_mute = False
        self._modem.routing.go_on()

    def swallows(self, command: str) -> bool:
        return self.illness is not None and self.illness.swallows(command)

    def watch(self) -> None:
        """A hang of the serial connection ends when somebody opens the port anew."""
        self._opened = self._inotify.watch(self._modem.port.path, OPENED, lambda: self.treated("reopen"))

    def watch_no_more(self) -> None:
        if self._opened is not None:
            self._inotify.forget(self._opened)
            self._opened = None
