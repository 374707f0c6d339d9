"""A bank of modems in one background thread, with the network behind them."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from tests.fake_modem.account import Congestion
from tests.fake_modem.control import Control
from tests.fake_modem.handle import Handle
from tests.fake_modem.inotify import Inotify
from tests.fake_modem.journal import Journal
from tests.fake_modem.loop import Loop
from tests.fake_modem.modem import Modem, Surroundings
from tests.fake_modem.network import Network, PartKey, Received
from tests.fake_modem.personality import Personality, load_all
from tests.fake_modem.radio import Submitted
from tests.fake_modem.rules import Rule, rule
from tests.fake_modem.sim import Sim, card
from tests.fake_modem.usb import Bus, Place, UsbPlace


def made_imei(number: int) -> str:
    """An invented IMEI with its right check digit (Luhn)."""
    digits = f"35000000{number:06d}"
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(digits)]
    return digits + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


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
        control: Path | None = None,
        prefix: str = "modem-",
        sysfs: Path | None = None,
    ) -> None:
        """With `sysfs`, a folder, the modems are USB sticks: usb.py; `folder` is then their /dev."""
        self._own_folder = tempfile.TemporaryDirectory(prefix="fake-modems-") if folder is None else None
        self.folder = Path(self._own_folder.name) if self._own_folder else Path(str(folder))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.chance = random.Random(seed)
        self.loop, self.journal = Loop(), Journal(journal)
        self.network = Network(self.loop, self.journal, report_s, self.chance)
        self.submitted: list[Submitted] = []
        self.inotify = Inotify(self.loop)
        self._around = Surroundings(self.loop, self.network, self.journal, self.submitted, radio_s, self.inotify)
        self.sysfs = sysfs
        self._bus = Bus(sysfs, self.folder, self.inotify) if sysfs else None
        self._prefix, self._is_running = prefix, False
        self._modems: list[Modem] = []
        self.modems: list[Handle] = []
        for taste in _personalities(personality, count):
            self.add(taste)
        self._control = Control(self, control) if control else None
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
            self._is_running = True
            for modem in self._modems:
                modem.power.up()
        self._thread.start()

    def add(
        self,
        personality: str | Personality = "default",
        *,
        sim: Sim | None = None,
        imei: str | None = None,
        name: str | None = None,
        is_plugged: bool = True,
    ) -> Handle:
        """One more modem, with a new SIM or this one; in a running bank it appears at once, if it is plugged in."""
        number = len(self._modems) + 1
        (taste,) = _personalities(personality, 1)
        name = name or f"{self._prefix}{number}"
        place = UsbPlace(self._bus, number) if self._bus else Place(self.folder, name)
        with self.loop.lock:
            modem = Modem(self._around, taste, name, imei or made_imei(number), sim or card(number), place)
            self._modems.append(modem)
            self.modems.append(Handle(modem, self.chance))
            if self._is_running and is_plugged:
                modem.power.up()
        self.loop.wake()
        return self.modems[-1]

    def stop(self) -> None:
        """Pull every modem out and leave nothing behind."""
        self.loop.stop()
        self._thread.join()
        if self._control is not None:
            self._control.close()
        for modem in self._modems:
            modem.power.unplug()
        self.inotify.close()
        self.loop.close()
        self.journal.close()
        if self._own_folder is not None:
            self._own_folder.cleanup()
        if self.loop.failure is not None:
            raise RuntimeError("the bank broke down") from self.loop.failure

    # -- the network

    @property
    def phones(self) -> dict[str, list[str]]:
        """Each handset's whole texts, oldest first; an unknown number has none."""
        return self.network.phones

    @property
    def received(self) -> dict[str, list[Received]]:
        return self.network.received

    @property
    def incomplete(self) -> dict[PartKey, dict[int, str]]:
        """Long texts of which parts are still missing on the handset."""
        return self.network.incomplete

    def switch_off(self, number: str) -> None:
        """This handset is off: what is sent to it waits in the network."""
        with self.loop.lock:
            self.network.switch_off(number)

    def switch_on(self, number: str) -> None:
        """It gets all that waited, and the reports go out."""
        with self.loop.lock:
            self.network.switch_on(number)
        self.loop.wake()

    def congest(self, share: float = 1.0, *, code: str = "CMS 42", seconds: float | None = None) -> None:
        """The network refuses this share of all SMS, for so long or until `congest(0)`."""
        until = None if seconds is None else time.monotonic() + seconds
        with self.loop.lock:
            self.network.congestion = Congestion(share, code, until)

    def on_submit(self, recipient: str | None, chosen: str | Rule, **changes: object) -> None:
        """What becomes of submits to `recipient` (None: everybody else): a rule, or the name of one in rules.RULES."""
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
