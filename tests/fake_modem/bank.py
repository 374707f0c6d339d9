"""A bank of modems in one background thread, and the handles by which tests hold modems, phones and faults."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.fake_modem import network_codec
from tests.fake_modem.journal import Journal
from tests.fake_modem.loop import Loop
from tests.fake_modem.modem import Modem, Submitted
from tests.fake_modem.network import Inbound, Network, Received
from tests.fake_modem.personality import Personality, load_all
from tests.fake_modem.rules import Rule, rule
from tests.fake_modem.sim import Sim, card

_T = TypeVar("_T")


def imei(number: int) -> str:
    """An invented IMEI with its right check digit (Luhn)."""
    digits = f"35000000{number:06d}"
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(digits)]
    return digits + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


class Handle:
    """One modem, as tests hold it; any thread may call it."""

    def __init__(self, bank: Bank, modem: Modem, number: int) -> None:
        self._bank, self._modem, self._number = bank, modem, number
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
    def settings(self) -> object:
        """Its present +CNMI, +CSMS, … (modem.Settings)."""
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
    ) -> None:
        """Let something go wrong (faults.KINDS); `count` None = from now on."""
        options = {"count": count, "seconds": seconds, "code": code, "recipient": recipient}
        self._do(lambda: self._modem.faults.add(kind, after, **options))

    def clear_faults(self) -> None:
        self._do(lambda: (self._modem.faults.waiting.clear(), self._modem.recover()))

    def say(self, line: str) -> None:
        """An unsolicited line, now."""
        self._do(lambda: self._modem.say(line))

    def write(self, octets: bytes) -> None:
        """Any bytes, now."""
        self._do(lambda: self._modem.write(octets))

    def unplug(self) -> None:
        """Vanish from the bus: whoever has the port open gets an error."""
        self._do(self._modem.unplug)

    def plug(self, name: str | None = None) -> str:
        """Come back, under another /dev/pts/N and, with `name`, another link; gives the new port."""
        if name is not None:
            self._modem.port.link = self._bank.folder / name
        self._do(self._modem.power_up)
        return self.port

    def reset(self) -> None:
        """A spontaneous reset: echo is back on, routing is forgotten."""
        self._do(self._modem.reset)

    def recover(self) -> None:
        """End a hang."""
        self._do(self._modem.recover)

    def insert(self, sim: Sim) -> None:
        """Another SIM card; the device restarts."""
        self._modem.sim = sim
        self._do(self._modem.reset)

    def lock(self, pin: str | None, *, tries_left: int = 3) -> None:
        """Ask for this PIN from now on; no tries left = asks for the PUK."""
        sim = self._modem.sim
        sim.pin, sim.is_unlocked, sim.tries_left = pin, False, tries_left

    def register(self, stat: int) -> None:
        """Registration state as in +CREG: 1 home, 5 roaming, 2 searching, 3 denied, 0 not."""
        self._do(lambda: self._registered(stat))

    def _registered(self, stat: int) -> None:
        modem = self._modem
        modem.registration = stat
        if modem.settings.creg["+CREG"]:
            modem.say(modem.personality.registration_unasked.format(stat=stat))
        modem.routing.go_on()

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
        """An SMS comes in, as many parts as it takes; `order` names the parts that come (2, 1, 1: shuffled and doubled)."""
        chosen = self._bank.chance.randrange(65536 if is_wide else 256) if reference is None else reference
        stamp = network_codec.time_stamp(sent_at or datetime.now(UTC))
        parts = network_codec.deliver_parts(sender, text, stamp, chosen, is_wide=is_wide, message_class=message_class)
        for number in order or range(1, len(parts) + 1):
            self.bring(parts[number - 1], message_class=message_class)
        return len(parts)

    def bring(self, tpdu: bytes, *, is_report: bool = False, message_class: int | None = None) -> None:
        """Any TPDU from the network, also a damaged one."""
        self._do(lambda: self._modem.take(Inbound(tpdu, is_report, message_class)))

    def _do(self, action: Callable[[], _T]) -> _T:
        return self._bank.do(action)


class Bank:
    """`with Bank(4) as bank:` — real ports in `bank.modems[i].port`, texts in `bank.phones[number]`."""

    def __init__(
        self,
        count: int = 1,
        *,
        folder: Path | None = None,
        radio_s: float = 0.0,
        report_s: float = 0.0,
        personality: str | Personality | Sequence[str | Personality] = "default",
        seed: int = 0,
        journal: Path | None = None,
        prefix: str = "modem-",
    ) -> None:
        self._own_folder = tempfile.TemporaryDirectory(prefix="fake-modems-") if folder is None else None
        self.folder = Path(self._own_folder.name) if self._own_folder else Path(str(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.chance = random.Random(seed)
        self.loop, self.journal = Loop(), Journal(journal)
        self.network = Network(self.loop, self.journal, report_s, self.chance)
        self.submitted: list[Submitted] = []
        tastes = _personalities(personality, count)
        self._modems = [
            Modem(
                self.loop,
                self.network,
                tastes[i],
                f"{prefix}{i + 1}",
                imei(i + 1),
                card(i + 1),
                self.folder / f"{prefix}{i + 1}",
                radio_s,
                self.submitted,
                self.journal,
            )
            for i in range(count)
        ]
        self.modems = [Handle(self, modem, i + 1) for i, modem in enumerate(self._modems)]
        self._thread = threading.Thread(target=self.loop.run, name="fake-modems", daemon=True)

    def __enter__(self) -> Bank:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        with self.loop.lock:
            for modem in self._modems:
                modem.power_up()
        self._thread.start()

    def stop(self) -> None:
        """Pull every modem out and leave nothing behind."""
        self.loop.stop()
        self._thread.join()
        for modem in self._modems:
            modem.port.close()
        self.loop.close()
        self.journal.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()

    def do(self, action: Callable[[], _T]) -> _T:
        """Run `action` between two steps of the bank's thread."""
        with self.loop.lock:
            result = action()
        self.loop.wake()
        return result

    # -- the network

    @property
    def phones(self) -> dict[str, list[str]]:
        """Each handset's whole texts, oldest first; an unknown number has none."""
        return self.network.phones

    @property
    def received(self) -> dict[str, list[Received]]:
        return self.network.received

    @property
    def incomplete(self) -> dict[tuple[str, str, int, int, bool], dict[int, str]]:
        """Long texts of which parts are still missing on the handset."""
        return self.network.incomplete

    def on_submit(self, recipient: str | None, chosen: str | Rule, **changes: object) -> None:
        """What becomes of submits to `recipient` (None: to everybody else): a rule, or the name of one in rules.RULES."""
        made = rule(chosen, **changes) if isinstance(chosen, str) else chosen
        with self.loop.lock:
            if recipient is None:
                self.network.default_rule = made
            else:
                self.network.rules[recipient] = made

    def wait_for(self, condition: Callable[[], object], timeout_s: float = 5.0) -> bool:
        """Whether `condition` came true in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.002)
        return True


def _personalities(chosen: str | Personality | Sequence[str | Personality], count: int) -> list[Personality]:
    known = load_all()
    listed = [chosen] if isinstance(chosen, str | Personality) else list(chosen)
    found = [known[one] if isinstance(one, str) else one for one in listed]
    return [found[i % len(found)] for i in range(count)]
