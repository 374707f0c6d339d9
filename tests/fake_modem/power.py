"""One modem on the bus: it appears, boots, restarts as its kind does, and goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.fake_modem.illness import Illness
from tests.fake_modem.loop import Timer

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem
    from tests.fake_modem.usb import Place, UsbPlace

LAST_WORDS_S = 0.05  # between the answer to AT+CFUN=1,1 and the vanishing
SHORTEST_ABSENCE_S = 0.05  # of a device that resets off the bus


class Power:
    """`place` is where it is plugged in."""

    def __init__(self, modem: Modem, place: Place | UsbPlace) -> None:
        self._modem, self.place = modem, place
        self.reset_kind = modem.personality.reset_kind
        self._boot: Timer | None = None

    def up(self) -> None:
        """Appear on the bus and boot; without effect on a device that is there."""
        modem = self._modem
        if modem.port.is_open:
            return
        self.place.arrive(modem)
        modem.port.link = self.place.link
        for side, (_, link) in zip(modem.sides, self.place.sides(modem.personality.interfaces), strict=True):
            side.port.link = link
            side.open()
        modem.port.open()
        self.place.appear(modem)
        modem.health.watch()
        self.begin_again()

    def unplug(self) -> None:
        """Vanish; what the device had not handed over stays with the network."""
        self._stop()
        self.place.disappear()
        self._modem.health.watch_no_more()
        for side in self._modem.sides:
            side.close()
        self._modem.port.close()

    def plug(self, name: str | None = None, *, remedy: str = "power") -> None:
        """Come back, with `name` under this one, pulled out first where it still is there."""
        self.unplug()
        if name is not None:
            self.place.rename(name)
        self._modem.health.treated(remedy)
        self.up()

    def reset(self) -> None:
        """Forget all settings and the PIN, boot again on the same port."""
        self._modem.health.treated("reset")
        self.begin_again()

    def restart(self) -> None:
        """AT+CFUN=1,1, after its answer: what comes of it differs by `reset_kind`."""
        self._modem.health.treated("reset")
        RESTARTS[self.reset_kind](self)

    def begin_again(self) -> None:
        self._stop()
        modem = self._modem
        modem.health.mute()
        if modem.personality.boot_s:
            for line in modem.lines:
                line.is_deaf = True
            self._boot = modem.loop.after(modem.personality.boot_s, modem.booted)
        else:
            modem.booted()

    def leave_and_return(self) -> None:
        """The ports vanish a moment after the answer, and come back when it has booted."""
        self._boot = self._modem.loop.after(LAST_WORDS_S, self._leave)

    def come_back_renamed(self) -> None:
        self.place.rename_next()
        self.leave_and_return()

    def become_storage(self) -> None:
        """It comes back as a disk with its drivers, without a serial port, until it is plugged anew."""
        self._boot = self._modem.loop.after(LAST_WORDS_S, self._stay_away)

    def hang(self) -> None:
        self._modem.health.fall_ill(Illness("replug"))

    def flap(self, times: int, gone_s: float, there_s: float) -> None:
        """A loose contact: leave and come back so often."""
        self.unplug()
        self._boot = self._modem.loop.after(gone_s, lambda: self._flapped(times, gone_s, there_s))

    def _flapped(self, times: int, gone_s: float, there_s: float) -> None:
        self.plug()
        if times > 1:  # not self._boot: the boot that has begun is this one's
            self._modem.loop.after(there_s, lambda: self.flap(times - 1, gone_s, there_s))

    def _leave(self) -> None:
        self.unplug()
        self._boot = self._modem.loop.after(max(self._modem.personality.boot_s, SHORTEST_ABSENCE_S), self.up)

    def _stay_away(self) -> None:
        self.unplug()
        self.place.appear_as_storage(self._modem)

    def _stop(self) -> None:
        if self._boot is not None:
            self._boot.cancel()
        self._modem.lose_power()


RESTARTS: dict[str, Callable[[Power], None]] = {  # what AT+CFUN=1,1 leads to
    "stays": Power.reset,
    "leaves": Power.leave_and_return,
    "renamed": Power.come_back_renamed,
    "storage": Power.become_storage,
    "ignores": lambda power: None,
    "hangs": Power.hang,
}
