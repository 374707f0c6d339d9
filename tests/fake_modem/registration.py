"""The radio of one modem: on or off, looking for a network, registered, refused (3GPP TS 27.007, 7.2 and 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fake_modem.loop import Timer
from tests.fake_modem.sim import READY

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

FULL = 1  # +CFUN: full functionality
NOT_REGISTERED, HOME, SEARCHING = 0, 1, 2
USABLE = (1, 5, 6, 7)  # <stat> with which SMS go out


class Registration:
    """`network_stat` is what the network grants, `stat` what the modem tells."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.network_stat, self.function = HOME, FULL
        self.search_s = 0.0  # how long it looks for a network after the radio came on
        self._search: Timer | None = None
        self._is_searching = False

    @property
    def stat(self) -> int:
        if self.function != FULL or not self._modem.sim.is_present:
            return NOT_REGISTERED
        return SEARCHING if self._is_searching else self.network_stat

    @property
    def has_network(self) -> bool:
        return self.stat in USABLE and self._modem.sim.state == READY

    def stop(self) -> None:
        """The device loses its power."""
        self.function, self._is_searching = FULL, False
        if self._search is not None:
            self._search.cancel()

    def look(self) -> None:
        """The radio has come on, or the SIM into the device."""
        if self.search_s:
            self._is_searching = True
            self._search = self._modem.loop.after(self.search_s, self._found)
        self.tell()

    def _found(self) -> None:
        self._is_searching = False
        self.changed()

    def grant(self, stat: int) -> None:
        """The network changes its mind."""
        self.network_stat = stat
        self.changed()

    def switch(self, function: int) -> None:
        """AT+CFUN: 0 and 4 leave the network, 1 comes back to it."""
        was_off, self.function = self.function != FULL, function
        if was_off and function == FULL:
            self._modem.health.treated("radio")
            self.look()
        elif function != FULL:
            self.tell()
        self._modem.routing.go_on()

    def changed(self) -> None:
        self.tell()
        self._modem.routing.go_on()

    def tell(self) -> None:
        """Unasked, on whatever was asked for; what never tells the truth never changes."""
        modem = self._modem
        told = [name for name, is_told in modem.settings.creg.items() if is_told]
        for name in [name for name in told if name in modem.personality.registers]:
            modem.say(modem.personality.registration_unasked.format(stat=self.stat).replace("+CREG", name))
