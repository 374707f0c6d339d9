"""[pure] What alarms are judged by, and what comes of it: facts, rules, alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from gateway.settings import AlarmSettings


@dataclass(frozen=True, slots=True)
class CarrierFacts:
    """One carrier, as the daemon last wrote it down."""

    name: str
    state: str
    since: datetime | None = None
    detail: str = ""
    storage_percent: int | None = None
    balance: float | None = None
    allowance: int | None = None
    runs_out_at: datetime | None = None  # at the rate of the last weeks
    kind: str = "modem"  # or "smpp"

    @property
    def is_bind(self) -> bool:
        return self.kind == "smpp"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the gateway at one moment."""

    now: datetime
    started_at: datetime  # of the daemon
    able_at: datetime | None = None  # when it last could send
    carriers: tuple[CarrierFacts, ...] = ()
    oldest_queued_s: float | None = None
    held: Mapping[str, int] = field(default_factory=dict)  # error code -> messages
    past_limit: int = 0  # emergencies of the last 24 hours that went out beyond the limit of their number
    last_past_limit: int | None = None  # the last one's id
    reported: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # carrier -> (delivered, undelivered)
    disk_free_mb: float | None = None
    stamp_differences_s: tuple[float, ...] = ()  # the network's time stamps less ours
    latest_at: datetime | None = None  # the latest moment that a daemon has lived through
    is_clock_kept: bool = False  # right, by a time server; asked only where that moment is still to come
    hung: tuple[str, ...] = ()  # threads of the daemon that do not move
    write_fault: str = ""  # SQLite's words, where no message can be written or sent
    strangers: tuple[str, ...] = ()  # then: the triggers of other programs
    raised: frozenset[tuple[str, str]] = frozenset()  # code and subject of the alarms that there are already


@dataclass(frozen=True, slots=True)
class Low:
    """Below what a SIM's account is worth an alarm."""

    balance: float | None = None
    allowance: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """From when on something is an alarm."""

    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    low: Mapping[str, Low] = field(default_factory=dict)  # by carrier
    timezone: tzinfo = UTC  # the clinic's, for the times that people read


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person should hear of; `code` and `subject` together name it."""

    code: str
    text: str
    remedy: str
    subject: str = ""  # a carrier's name; '' the gateway
