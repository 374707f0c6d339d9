"""From the network to the gateway: routed at once (+CMT, +CDS) or stored (+CMTI, +CDSI), as +CNMI and +CSMS say."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tests.fake_modem import network_codec
from tests.fake_modem.loop import Timer
from tests.fake_modem.network import Inbound
from tests.fake_modem.store import Store, Stored

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

ACKNOWLEDGE_S = 5.0  # how long the network waits for +CNMA
AGAIN_S = 5.0  # and how long until it tries again
STORED_ELSEWHERE = 2  # <ds> = 2: stored, indicated by +CDSI


class InboundRouting:
    """What the network holds for one SIM, in order; the first waits until the device takes it."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.acknowledge_s, self.again_s = ACKNOWLEDGE_S, AGAIN_S
        self._unacknowledged: Inbound | None = None
        self._deadline: Timer | None = None
        self._has_told_full = False

    @property
    def waiting(self) -> deque[Inbound]:
        return self._modem.sim.waiting

    def add(self, inbound: Inbound) -> None:
        self.waiting.append(inbound)
        self.go_on()

    def forget(self) -> None:
        """The device lost its memory of what it handed over: the network holds it still."""
        if self._unacknowledged is not None:
            self._give_back()

    def go_on(self) -> None:
        """Hand over what the device can take now."""
        while self.waiting and self._unacknowledged is None and self._modem.is_reachable:
            if not self._hand_over(self.waiting[0]):
                return

    def acknowledged(self, *, is_good: bool) -> bool:
        """Whether something waited for +CNMA."""
        if self._unacknowledged is None:
            return False
        if is_good:
            self._settle()
        else:
            self._give_back()
            self._modem.loop.after(self.again_s, self.go_on)
        return True

    def _settle(self) -> Inbound | None:
        if self._deadline is not None:
            self._deadline.cancel()
        settled, self._unacknowledged, self._deadline = self._unacknowledged, None, None
        return settled

    def _give_back(self) -> None:
        returned = self._settle()
        if returned is not None:
            self.waiting.appendleft(returned)

    def _missed(self) -> None:
        """No +CNMA: routing stops, the network tries again later (TS 27.005, 3.4.4)."""
        self._modem.journal.write("unacknowledged", modem=self._modem.name)
        self._modem.settings.cnmi[1] = self._modem.settings.cnmi[3] = 0
        self._give_back()
        self._modem.loop.after(self.again_s, self.go_on)

    def _hand_over(self, inbound: Inbound) -> bool:
        """Whether the first of `waiting` is off the network's hands."""
        cnmi = self._modem.settings.cnmi
        mode = cnmi[3] if inbound.is_report else cnmi[1]
        is_routed = mode == 1 if inbound.is_report else mode == 2 or (mode == 3 and inbound.message_class == 3)
        if cnmi[0] == 0 and is_routed:
            return False  # buffered in the device until +CNMI allows it
        if is_routed:
            self.waiting.popleft()
            self._route(inbound)
            return True
        if inbound.is_report and mode != STORED_ELSEWHERE:
            return self._drop_report()
        return self._store(inbound, is_told=mode != 0 and cnmi[0] != 0)

    def _drop_report(self) -> bool:
        """Nobody asked for reports: the device shows it to nobody. Before any +CNMI it stays with the network."""
        if self._modem.settings.cnmi == [0, 0, 0, 0, 0] or self._modem.settings.csms == 1:
            return False
        self.waiting.popleft()
        self._modem.journal.write("report_unseen", modem=self._modem.name)
        return True

    def _route(self, inbound: Inbound) -> None:
        pdu = self._pdu(inbound)
        header = "+CDS: " if inbound.is_report else "+CMT: ,"
        self._say_two(f"{header}{len(inbound.tpdu)}", pdu.hex().upper(), inbound.fault)
        if self._modem.settings.csms == 1:
            self._unacknowledged = inbound
            self._deadline = self._modem.loop.after(self.acknowledge_s, self._missed)
        if self._modem.personality.stores_routed and not inbound.is_report:
            self._keep(inbound, is_told=False)

    def _say_two(self, header: str, pdu: str, fault: str | None) -> None:
        modem = self._modem
        end = modem.personality.line_end.encode()
        if fault == "report_damaged":
            pdu = pdu[: len(pdu) // 2]
        noise = modem.framed(modem.noise()) if fault == "report_noise" else b""
        octets = modem.framed(header) + noise + pdu.encode() + end
        modem.line.write_slowly(octets) if fault == "report_split" else modem.line.write(octets)

    def _store(self, inbound: Inbound, *, is_told: bool) -> bool:
        if self._target(inbound).is_full:
            self._tell_full()
            return False
        self.waiting.popleft()
        self._keep(inbound, is_told=is_told)
        return True

    def _keep(self, inbound: Inbound, *, is_told: bool) -> None:
        store, modem = self._target(inbound), self._modem
        if store.is_full:
            return
        self._has_told_full = False
        stored = Stored(self._pdu(inbound), len(inbound.tpdu))
        index = store.add(stored)
        if is_told:
            modem.say(f'{"+CDSI" if inbound.is_report else "+CMTI"}: "{store.name}",{index}')
            self._read_later(store, index, modem.personality.indication_first_s)

    def _read_later(self, store: Store, index: int, early_s: float) -> None:
        """Some devices announce a message before it can be read; what they announce to nobody is there at once."""
        if early_s:
            store.hide(index)
            self._modem.loop.after(early_s, lambda: store.show(index))

    def _tell_full(self) -> None:
        if self._modem.personality.full_line and not self._has_told_full:
            self._modem.say(self._modem.personality.full_line)
        self._has_told_full = True

    def _target(self, inbound: Inbound) -> Store:
        modem = self._modem
        if inbound.is_report and modem.personality.report_store:
            return modem.store(modem.personality.report_store)
        return modem.store(modem.settings.memories[2])

    def _pdu(self, inbound: Inbound) -> bytes:
        counts_digits = inbound.is_report and self._modem.personality.smsc_counts_digits
        return network_codec.service_centre(self._modem.sim.smsc, counts_digits=counts_digits) + inbound.tpdu
