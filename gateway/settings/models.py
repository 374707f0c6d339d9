"""The tables of the configuration file and their keys: each with default, what is allowed, and a comment for people.

A key is described nowhere else: `mistakes` quotes `allowed`, `example` and the documentation quote the comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.values import (
    Country,
    Duration,
    File,
    Iccid,
    Imei,
    Imsi,
    Limit,
    Name,
    Pin,
    ShortCodes,
    Text,
    Zone,
    system_zone,
)

RULES = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)
DURATION = _('seconds, or text such as "10 min", "2 h", "3 days"; at most ten years')
REQUIRED: Any = ...


def key(default: Any, allowed: str, comment: str, example: Any = None, *, make: Any = None) -> Any:
    """A key of a table; `example` is what the commented file shows when there is no default."""
    extra = {"allowed": allowed, "example": example}
    if make is not None:
        return Field(default_factory=make, validate_default=True, description=comment, json_schema_extra=extra)
    return Field(default, description=comment, json_schema_extra=extra)


NOT_FINDABLE = _("needs port, imei, imsi or iccid, so that it can be found")


class GatewaySettings(BaseModel):
    """[gateway]: what holds for the whole gateway."""

    model_config = RULES
    database: File = key(
        Path("gateway.db"),
        _("a file name in quotes"),
        _("The queue: one SQLite file on a local disk. A relative path counts from this file's folder."),
    )
    timezone: Zone = key(
        None,
        _('an IANA time zone such as "Europe/Moscow"'),
        _("The clinic's time zone, for times without an offset and for what counts as today; else this machine's."),
        make=system_zone,
    )
    country: Country = key(
        "RU",
        _('a country code of two letters such as "RU"'),
        _("The country of numbers that are written without a country code."),
    )
    short_codes: ShortCodes = key(
        (),
        _('a list of short numbers in quotes, such as ["0500", "900"]'),
        _("Short numbers that messages may go to; all others are refused."),
    )
    uncertain_wait: Duration = key(
        seconds("10 min"),
        DURATION,
        _("How long an SMS without an answer waits for a late answer or its report before it is sent once more."),
    )
    incomplete_after: Duration = key(
        seconds("24 h"),
        DURATION,
        _("How long an incoming long SMS waits for its missing parts before it is shown without them."),
    )
    log_level: Literal["debug", "info", "warning", "error"] = key(
        "info", _('"debug", "info", "warning" or "error"'), _("What the daemon writes to standard error.")
    )
    log_format: Literal["auto", "console", "json"] = key(
        "auto", _('"auto", "console" or "json"'), _("auto: lines for people on a terminal, JSON lines elsewhere.")
    )


class ModemSettings(BaseModel):
    """[[modem]]: one modem with its SIM, found by its port or by one of its numbers."""

    model_config = RULES
    name: Name = key(
        REQUIRED, _("a name of 1 to 32 characters, in quotes"), _("How you call it; shown everywhere."), "sim-1"
    )
    port: Text | None = key(
        None,
        _("a device file or a glob, in quotes"),
        _("Its serial port, best by path since that stays after a restart; or a glob."),
        "/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0",
    )
    imei: Imei | None = key(
        None, _("14 to 16 digits in quotes"), _("Instead of a port: this device, on whichever port."), "350000000000006"
    )
    imsi: Imsi | None = key(
        None, _("6 to 15 digits in quotes"), _("Instead of a port: the SIM with this IMSI."), "250990000000001"
    )
    iccid: Iccid | None = key(
        None, _("18 to 22 digits in quotes"), _("Instead of a port: the SIM with this number."), "8970199000000000017"
    )
    baudrate: Annotated[int, Field(ge=300, le=4_000_000)] = key(
        115200, _("a whole number from 300 to 4000000"), _("Speed of the serial line; USB modems ignore it.")
    )
    pin: Pin | None = key(
        None,
        _("4 to 8 digits in quotes"),
        _("The SIM's PIN: sent only when the SIM asks, and never a second time once refused."),
        "0000",
    )
    # Networks answer in 1 to 30 s, at the latest when their timer ends (TR1N, to 45 s: 3GPP TS 24.011, 10). An answer
    # after the 40 s is still known as this SMS's own, so nothing is lost, and a modem that hangs is noticed sooner.
    answer_wait: Duration = key(
        seconds("40 s"),
        DURATION,
        _("How long the modem may take to say whether the network took an SMS; after that it is uncertain."),
    )
    max_per_minute: Limit | None = key(
        None,
        _("a whole number from 1 to 1000000"),
        _("At most so many SMS a minute. Not set: no limit. 12 keeps a consumer SIM out of trouble."),
        12,
    )
    max_per_day: Limit | None = key(
        None,
        _("a whole number from 1 to 1000000"),
        _("At most so many SMS a day. Not set: no limit. Operators block consumer SIMs that send thousands."),
        500,
    )

    @model_validator(mode="after")
    def _is_findable(self) -> Self:
        if not (self.port or self.imei or self.imsi or self.iccid):
            raise ValueError(NOT_FINDABLE)
        return self


class SmppSettings(BaseModel):
    """[[smpp]]: one bind to an operator's SMSC."""

    model_config = RULES
    name: Name = key(
        REQUIRED, _("a name of 1 to 32 characters, in quotes"), _("How you call it; shown everywhere."), "operator"
    )
    host: Text = key(REQUIRED, _("a host name or address in quotes"), _("The operator's SMSC."), "127.0.0.1")
    port: Annotated[int, Field(ge=1, le=65535)] = key(2775, _("a whole number from 1 to 65535"), _("Its TCP port."))
    system_id: Annotated[str, Field(min_length=1, max_length=15)] = key(
        REQUIRED, _("1 to 15 characters in quotes"), _("The account that the operator gave you."), "clinic"
    )
    password_file: File | None = key(
        None,
        _("a file name in quotes"),
        _("The file with the password in its first line; only the gateway's user should be able to read it."),
        "smpp.secret",
    )
    bind: Literal["transceiver", "transmitter", "receiver"] = key(
        "transceiver", _('"transceiver", "transmitter" or "receiver"'), _("What the bind may do.")
    )
    window: Annotated[int, Field(ge=1, le=1000)] = key(
        10, _("a whole number from 1 to 1000"), _("How many SMS may wait for their answer at a time.")
    )
    max_per_second: Annotated[int, Field(ge=1, le=10_000)] = key(
        30, _("a whole number from 1 to 10000"), _("At most so many SMS a second; the operator names the figure.")
    )
    tls: bool = key(False, _("true or false"), _("true: encrypted; the certificate is checked."))
    ca_file: File | None = key(
        None,
        _("a file name in quotes"),
        _("With tls: the certificates to trust, instead of the system's store."),
        "smsc-ca.pem",
    )


class CategorySettings(BaseModel):
    """[category.NAME]: what a message gets whose writer said nothing else."""

    model_config = RULES
    priority: Annotated[int, Field(ge=0, le=9)] | None = key(
        None, _("a whole number from 0 (last) to 9 (first)"), _("Order of sending: 0 last, 9 first.")
    )
    expires: Duration | None = key(None, DURATION, _("A message that could not be sent for so long is dropped."))


CATEGORIES: Mapping[str, CategorySettings] = {
    "emergency": CategorySettings(priority=9, expires=seconds("24 h")),
    "otp": CategorySettings(priority=8, expires=seconds("15 min")),
    "notification": CategorySettings(priority=5, expires=seconds("3 days")),
    "marketing": CategorySettings(priority=2, expires=seconds("24 h")),
}


class CategoryTables(BaseModel):
    """[category]: one table per category."""

    model_config = RULES
    emergency: CategorySettings = key(CategorySettings(), _("a table"), "")
    otp: CategorySettings = key(CategorySettings(), _("a table"), "")
    notification: CategorySettings = key(CategorySettings(), _("a table"), "")
    marketing: CategorySettings = key(CategorySettings(), _("a table"), "")


class Document(BaseModel):
    """The whole file."""

    model_config = RULES
    gateway: GatewaySettings = key(None, _("one table: write [gateway]"), "", make=GatewaySettings)
    modem: Annotated[tuple[ModemSettings, ...], Field(strict=False)] = key(
        (), _("a list of tables: write [[modem]] with double brackets"), ""
    )
    smpp: Annotated[tuple[SmppSettings, ...], Field(strict=False)] = key(
        (), _("a list of tables: write [[smpp]] with double brackets"), ""
    )
    category: CategoryTables = key(CategoryTables(), _("tables: write [category.otp]"), "")


@dataclass(frozen=True)
class Settings:
    """What the gateway was told: the file, its tables with every default filled in, all paths absolute."""

    path: Path
    gateway: GatewaySettings
    modems: tuple[ModemSettings, ...] = ()  # none: every modem that is found
    smpp: tuple[SmppSettings, ...] = ()
    categories: Mapping[str, CategorySettings] = field(default_factory=lambda: dict(CATEGORIES))


def filled(given: CategoryTables) -> dict[str, CategorySettings]:
    """Each category with what the file says laid over the defaults."""
    return {
        name: default.model_copy(update=getattr(given, name).model_dump(exclude_none=True))
        for name, default in CATEGORIES.items()
    }
