"""The network and the phones behind it: the only ones that know what really went out and what arrived."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from tests.fake_modem import network_codec as wire
from tests.fake_modem.codec import Part, Submit
from tests.simulation.words import Word
from tests.simulation.world import World

CENTRE = wire.service_centre("+79000000009")
DAY_S = 86_400.0
DELIVERED, STILL_TRYING, TOO_LATE, UNREACHABLE = 0x00, 0x30, 0x46, 0x43  # TP-ST
DEFAULT_VALIDITY_S = 3 * DAY_S
FINAL = frozenset({DELIVERED, TOO_LATE, UNREACHABLE})


@dataclass
class Weather:
    """How often what goes wrong, as shares of one."""

    report_never: float = 0.0
    report_late: float = 0.0
    report_twice: float = 0.0
    report_pending: float = 0.0
    report_early: float = 0.0
    report_odd: float = 0.0  # its time stamps say nothing
    report_national: float = 0.0  # it writes the number in its national form
    text_twice: float = 0.0  # a patient's SMS is handed over once more, as if nobody had acknowledged it


@dataclass(eq=False)
class Try:
    """One SMS that was handed to a modem: what became of it, and what the gateway was told."""

    key: int
    carrier: str
    line: str
    moment: float
    wall: datetime  # the gateway's clock
    recipient: str
    text: str = field(repr=False)
    part: Part | None = None
    has_reference: bool = False  # its modem told one, in time
    handed_at: float | None = None  # to its carrier, which may have kept it; None: at its moment
    told: str = "nothing"  # accepted, refused, deferred, uncertain; nothing: the gateway was gone
    is_accepted: bool = False  # by the network
    arrived_at: float | None = None  # on the phone
    is_throttled: bool = False  # its SMSC was busy
    final_report: int | None = None  # TP-ST of a final report that the gateway has acknowledged
    is_report_plain: bool = True  # it says number and time as it should


@dataclass
class Sim:
    """A SIM: its number, TP-MR, and what the network keeps for it."""

    iccid: str
    number: str
    reference: int
    is_blocked: bool = False  # the operator refuses all that it sends
    waiting: list[Item] = field(default_factory=list)

    def next_reference(self) -> int:
        self.reference = (self.reference + 1) % 256
        return self.reference


@dataclass(eq=False)
class Item:
    """A PDU on its way to a gateway: a report about a try, or an SMS of somebody."""

    pdu: str = field(repr=False)
    about: Try | None = None
    tp_st: int | None = None
    word: Word | None = None  # of a patient


@dataclass
class Phone:
    """A handset: what it shows, and the parts that wait for others."""

    number: str
    is_dead: bool = False
    off: tuple[tuple[float, float], ...] = ()  # from, until
    texts: list[tuple[float, str]] = field(default_factory=list)
    parts: dict[tuple[str, int, int, bool], dict[int, str]] = field(default_factory=lambda: defaultdict(dict))

    def back_at(self, moment: float) -> float:
        """When it can be reached, from `moment` on."""
        return next((until for since, until in self.off if since <= moment < until), moment)

    def take(self, moment: float, sender: str, text: str, part: Part | None) -> None:
        if part is None:
            self.texts.append((moment, text))
            return
        key = (sender, part.reference, part.total, part.is_wide)
        self.parts[key][part.number] = text
        if len(self.parts[key]) == part.total:
            found = self.parts.pop(key)
            self.texts.append((moment, "".join(found[number] for number in sorted(found))))


class Network:
    """One operator, all SIMs and phones."""

    def __init__(self, world: World, weather: Weather) -> None:
        self.world = world
        self.weather = weather
        self.phones: dict[str, Phone] = {}
        self.tries: list[Try] = []
        self.repeated: list[tuple[str, str]] = []  # patients' SMS that an SMSC told a second run of the gateway
        self.on_item: dict[str, list[object]] = {}
        self.holders: dict[str, object] = {}

    def accept(self, sim: Sim, submit: Submit, tried: Try, reference: int) -> None:
        """The SMS is in the network's hands."""
        report = partial(self._report, sim, tried, reference, self.world.true_now())
        self.hand_on(sim, tried, submit.validity_s, report)

    def hand_on(self, sim: Sim, tried: Try, validity_s: float | None, report: partial[None]) -> None:
        """To the phone, as soon as it can be reached; `report` takes TP-ST."""
        tried.is_accepted = True
        phone = self.phones[tried.recipient]
        until = self.world.moment + (validity_s or DEFAULT_VALIDITY_S)
        arrives_at = phone.back_at(self.world.moment + self.world.chance.uniform(1.0, 20.0))
        if phone.is_dead:
            self.world.after(self.world.chance.uniform(5.0, 600.0), partial(report, UNREACHABLE))
        elif arrives_at > until:
            self.world.at(until, partial(report, TOO_LATE))
        else:
            self._deliver_at(arrives_at, sim, tried, phone, report)
        if self.world.chance.random() < self.weather.report_pending:
            self.world.after(self.world.chance.uniform(1.0, 5.0), partial(report, STILL_TRYING))

    def _deliver_at(self, moment: float, sim: Sim, tried: Try, phone: Phone, report: partial[None]) -> None:
        if self.world.chance.random() < self.weather.report_early:
            self._arrive(sim, tried, phone, report)  # its report overtakes the answer to the submit
        else:
            self.world.at(moment, partial(self._arrive, sim, tried, phone, report))

    def _arrive(self, sim: Sim, tried: Try, phone: Phone, report: partial[None]) -> None:
        tried.arrived_at = self.world.moment
        phone.take(self.world.moment, sim.number, tried.text, tried.part)
        chance, weather = self.world.chance, self.weather
        if chance.random() < weather.report_never:
            return
        delay_s = chance.uniform(60.0, DAY_S / 2) if chance.random() < weather.report_late else 0.0
        self.world.after(delay_s, partial(report, DELIVERED))
        if chance.random() < weather.report_twice:
            self.world.after(delay_s + chance.uniform(0.0, 90.0), partial(report, DELIVERED))

    def _report(self, sim: Sim, tried: Try, reference: int, stamp: datetime, tp_st: int) -> None:
        chance, weather = self.world.chance, self.weather
        is_odd, is_national = chance.random() < weather.report_odd, chance.random() < weather.report_national
        tried.is_report_plain = tried.is_report_plain and not is_odd
        octets = wire.status_report(
            reference,
            wire.report_address(tried.recipient, "national" if is_national else "as_submitted"),
            wire.FILLED_STAMP if is_odd else wire.time_stamp(stamp),
            wire.ZERO_STAMP if is_odd else wire.time_stamp(self.world.true_now()),
            tp_st,
        )
        self.bring(sim, Item((CENTRE + octets).hex().upper(), tried, tp_st))

    def write(self, sim: Sim, word: Word) -> None:
        """Somebody writes to the clinic; the parts come in any order."""
        stamp = wire.time_stamp(self.world.true_now() + timedelta(0))
        reference = self.world.chance.randrange(256)
        parts = wire.deliver_parts(word.sender, word.text, stamp, reference)
        self.world.chance.shuffle(parts)
        for octets in parts:
            written = (CENTRE + octets).hex().upper()
            word.parts.add(written)
            for wait_s in (0.0, *self._again_after()):
                came_s = wait_s + self.world.chance.uniform(0.0, 60.0)
                self.world.after(came_s, partial(self.bring, sim, Item(written, word=word)))

    def _again_after(self) -> tuple[float, ...]:
        """When a patient's SMS comes a second time: at once, or hours later."""
        if self.world.chance.random() >= self.weather.text_twice:
            return ()
        return (self.world.chance.choice((0.0, 60.0, DAY_S / 4)),)

    def bring(self, sim: Sim, item: Item) -> None:
        self.brings(item)
        sim.waiting.append(item)
        self.has_brought(sim)

    def brings(self, item: Item) -> None:
        """Set by whoever wants to strike just then."""

    def has_brought(self, sim: Sim) -> None:
        """Set by the modems: something waits for this SIM."""
