"""What a test holds of one modem: its port, its faults, its plug, its SIM, and what the network brings to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from tests.fake_modem import network_codec
from tests.fake_modem.account import Account
from tests.fake_modem.faults import Struck
from tests.fake_modem.modem import Modem, Settings
from tests.fake_modem.network import Inbound
from tests.fake_modem.power import RESTARTS
from tests.fake_modem.sim import PIN_TRIES, Sim
from tests.fake_modem.store import READ, SENT, Stored
from tests.fake_modem.usb import UsbPlace
from tests.fake_modem.ussd import Reply

_T = TypeVar("_T")


class Handle:
    """One modem, as tests hold it; any thread may call it."""

    def __init__(self, modem: Modem, chance: random.Random) -> None:
        self._modem, self._chance = modem, chance
        self.imei = modem.imei

    @property
    def name(self) -> str:
        return self._modem.name

    @property
    def port(self) -> str:
        """The stable name of its port (a symbolic link)."""
        return str(self._modem.port.link)

    @property
    def sim(self) -> Sim:
        return self._modem.sim

    @property
    def commands(self) -> list[str]:
        """Every command line that it got, oldest first."""
        return self._do(lambda: list(self._modem.commands_seen))

    @property
    def settings(self) -> Settings:
        """Its present +CNMI, +CSMS, …"""
        return self._modem.settings

    @property
    def kept_back(self) -> int:
        """How many reports and messages the network holds for this SIM."""
        return self._do(lambda: len(self._modem.routing.waiting))

    def stored(self, memory: str = "SM") -> list[int]:
        """The indexes that are taken in a store."""
        return self._do(lambda: sorted(self._modem.store(memory).slots))

    def fault(
        self,
        kind: str,
        after: str | None = None,
        *,
        count: int | None = 1,
        seconds: float | None = None,
        code: str = "ERROR",
        recipient: str | None = None,
        skip: int = 0,
    ) -> None:
        """Let something go wrong (faults.py), after `skip` occasions that go well; `count` None = from now on."""
        options = {"count": count, "seconds": seconds, "code": code, "recipient": recipient, "skip": skip}
        self._do(lambda: self._modem.faults.add(kind, after, **options))

    @property
    def struck(self) -> list[Struck]:
        """The faults that have come, and when."""
        return list(self._modem.faults.struck)

    def clear_faults(self) -> None:
        self._do(self._modem.clear_faults)

    def say(self, line: str) -> None:
        """An unsolicited line, now."""
        self._do(lambda: self._modem.say(line))

    def write(self, octets: bytes) -> None:
        """Any bytes, now."""
        self._do(lambda: self._modem.line.write(octets))

    def unplug(self) -> None:
        """Vanish from the bus: whoever has the port open gets an error."""
        self._do(self._modem.power.unplug)

    def plug(self, name: str | None = None, *, socket: int | None = None) -> str:
        """Come back, under another /dev/pts/N and, with `name`, another link; gives the new port.

        A USB stick gets the lowest free names unless `name` says which; `socket`: another one of the hub, 1 to 64.
        """
        self._do(lambda: self._plug(name, socket))
        return self.port

    def _plug(self, name: str | None, socket: int | None) -> None:
        power = self._modem.power
        if socket is not None and isinstance(power.place, UsbPlace):
            power.unplug()
            power.place.move(socket)
        power.plug(name)

    @property
    def is_there(self) -> bool:
        """Whether it is on the bus."""
        return self._modem.port.is_open

    @property
    def ports(self) -> dict[str, str]:
        """The links of all its ports by their role; of a stick with one port just `at`."""
        modem = self._modem
        return {"at": self.port, **{side.role: str(side.port.link) for side in modem.sides}}

    def hang_until(self, remedy: str | None = None, *, is_silent: bool = True, code: str = "CMS 500") -> None:
        """Hang until this remedy (illness.CURES, or `escape`), or None: until `recover`.

        Silent: no answer to anything else. Not silent: commands are answered, and every submit ends by `code`.
        """
        self._do(lambda: self._modem.health.hang_until(remedy, is_silent=is_silent, code=code))

    @property
    def is_ill(self) -> bool:
        """Whether it still waits for the remedy of `hang_until`."""
        return self._modem.health.illness is not None

    def forget_settings(self) -> None:
        """It restarted unseen: echo, text mode and no notifications, as devices begin."""
        self._do(self._modem.forget_settings)

    def reset_as(self, kind: str) -> None:
        """What AT+CFUN=1,1 leads to from now on: stays, leaves, renamed, storage, ignores, hangs."""
        if kind not in RESTARTS:
            raise ValueError(f"no kind {kind!r}; there are {', '.join(RESTARTS)}")
        self._do(lambda: setattr(self._modem.power, "reset_kind", kind))

    def flap(self, times: int, gone_s: float = 0.5, there_s: float = 0.5) -> None:
        """A loose contact: it leaves the bus and comes back, so often."""
        self._do(lambda: self._modem.power.flap(times, gone_s, there_s))

    def chatter(self, every_s: float | None) -> None:
        """Unasked lines so often from now on; None: no more."""
        self._do(lambda: self._chatter(every_s))

    def _chatter(self, every_s: float | None) -> None:
        self._modem.noise_every_s = every_s
        self._modem.make_noise()

    def pull_sim(self) -> None:
        """Take the SIM out while the device runs on; `push_sim` puts it back."""
        self._do(self._modem.pull_sim)

    def push_sim(self) -> None:
        self._do(self._modem.push_sim)

    def fill(self, count: int, memory: str = "SM", *, is_own: bool = False) -> int:
        """So many old, read messages (`is_own`: sent ones) are in a store, as far as they have room; gives how many."""
        return self._do(lambda: self._fill(count, memory, SENT if is_own else READ))

    def _fill(self, count: int, memory: str, status: int) -> int:
        store, added = self._modem.store(memory), 0
        while added < count and not store.is_full:
            stamp = network_codec.time_stamp(datetime.now(UTC))
            (tpdu,) = network_codec.deliver_parts("+79000000005", f"Old {added}", stamp, 0)
            store.add(Stored(network_codec.service_centre(self._modem.sim.smsc) + tpdu, len(tpdu), status))
            added += 1
        return added

    def clock(self, offset_s: float | None) -> None:
        """How far its clock is off; None: it was never set."""
        self._do(lambda: setattr(self._modem, "clock_offset_s", offset_s))

    def ussd(self, code: str, text: str | None = None, **options: Any) -> None:
        """What the network answers to a code (inside a menu: to `*100#>1`); `options` as in ussd.Reply."""
        self._do(lambda: self._modem.ussd.replies.update({code: Reply(text, **options)}))

    @property
    def account(self) -> Account:
        """The SIM at its operator: balance, price per SMS, when it is blocked."""
        return self._modem.sim.account

    def charge(self, **values: Any) -> None:
        """Set fields of `account`: price=2.5, balance=100.0, block_after=50, block_code=None, …"""
        known = {each.name for each in fields(Account)}
        if unknown := set(values) - known:
            raise ValueError(f"an account has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
        self._do(lambda: self._charge(values))

    def _charge(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self.account, name, value)

    def search(self, seconds: float) -> None:
        """How long it looks for the network after each start and each AT+CFUN=1."""
        self._do(lambda: setattr(self._modem.registration, "search_s", seconds))

    def reset(self) -> None:
        """A spontaneous reset: echo is back on, routing is forgotten."""
        self._do(self._modem.power.reset)

    def recover(self) -> None:
        """End a hang."""
        self._do(self._modem.health.recover)

    def insert(self, sim: Sim) -> None:
        """Another SIM card; the device restarts."""
        self._do(lambda: self._modem.change_sim(sim))

    def remove_sim(self) -> None:
        """No card in the device; it restarts. `insert(modem.sim)` puts the same one back."""
        self._do(self._modem.remove_sim)

    def lock(self, pin: str | None, *, tries_left: int = PIN_TRIES) -> None:
        """Ask for this PIN from now on; no tries left = asks for the PUK."""
        self._do(lambda: self._modem.sim.lock(pin, tries_left))

    def register(self, stat: int) -> None:
        """Registration state as in +CREG: 1 home, 5 roaming, 2 searching, 3 denied, 0 not."""
        self._do(lambda: self._modem.registration.grant(stat))

    def signal(self, csq: int) -> None:
        self._do(lambda: setattr(self._modem, "signal", csq))

    def patience(self, acknowledge_s: float, again_s: float) -> None:
        """How long the network waits for +CNMA, and until it tries again."""
        self._modem.routing.acknowledge_s, self._modem.routing.again_s = acknowledge_s, again_s

    def deliver(
        self,
        sender: str,
        text: str,
        *,
        is_wide: bool = False,
        reference: int | None = None,
        order: Sequence[int] | None = None,
        message_class: int | None = None,
        sent_at: datetime | None = None,
    ) -> int:
        """An SMS comes in; `order` names the parts that come (2, 1, 1: shuffled, and one twice). Gives their total."""
        chosen = self._chance.randrange(65536 if is_wide else 256) if reference is None else reference
        stamp = network_codec.time_stamp(sent_at or datetime.now(UTC))
        parts = network_codec.deliver_parts(sender, text, stamp, chosen, is_wide=is_wide, message_class=message_class)
        for number in order or range(1, len(parts) + 1):
            self.bring(parts[number - 1], message_class=message_class)
        return len(parts)

    def bring(self, tpdu: bytes, *, is_report: bool = False, message_class: int | None = None) -> None:
        """Any TPDU from the network, also a damaged one."""
        self._do(lambda: self._modem.take(Inbound(tpdu, is_report, message_class)))

    def _do(self, action: Callable[[], _T]) -> _T:
        """Run `action` between two steps of the bank's thread."""
        with self._modem.loop.lock:
            result = action()
        self._modem.loop.wake()
        return result
