"""[[modem]]: the keys of a modem with its SIM: how it is found, what its SIM may spend, how it is kept alive."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.key import COST, COUNT, DURATION, REQUIRED, RULES, key
from gateway.settings.values import (
    Cost,
    Duration,
    Iccid,
    Imei,
    Imsi,
    Limit,
    Name,
    Pattern,
    Pin,
    Prefix,
    Text,
    TimeWindow,
    Ussd,
)

NOT_FINDABLE = _("needs port, imei, imsi or iccid, so that it can be found")
# "Баланс: -1 234,50 руб", "Balance 12.00", "余额：8.50元": the first number after the word.
BALANCE_PATTERN = (
    r"(?i)(?:баланс|balance|余额|остаток|счет[ау]?)\D{0,20}?"
    r"(?P<balance>[-−]?\d+(?:[ \u00a0\u202f'.,]\d{3})*(?:[.,]\d{1,2})?)(?!\d)"
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
        None,
        _("6 to 15 digits in quotes"),
        _(
            "Instead of a port: the SIM with this IMSI. A SIM tells it only after its PIN: with `pin` give `iccid`,"
            " `imei` or `port` instead, else it is found only once the gateway has had it."
        ),
        "250990000000001",
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
        COUNT,
        _("At most so many SMS a minute. Not set: no limit. 12 keeps a consumer SIM out of trouble."),
        12,
    )
    max_per_hour: Limit | None = key(None, COUNT, _("At most so many SMS an hour. Not set: no limit."), 120)
    max_per_day: Limit | None = key(
        None,
        COUNT,
        _("At most so many SMS a day. Not set: no limit. Operators block consumer SIMs that send thousands."),
        500,
    )
    max_per_month: Limit | None = key(
        None, COUNT, _("At most so many SMS a calendar month, as the SIM's plan has it. Not set: no limit."), 3000
    )
    max_recipients_per_minute: Limit | None = key(
        None, COUNT, _("At most so many different numbers a minute. Not set: no limit."), 10
    )
    max_recipients_per_hour: Limit | None = key(
        None, COUNT, _("At most so many different numbers an hour. Not set: no limit."), 60
    )
    max_recipients_per_day: Limit | None = key(
        None, COUNT, _("At most so many different numbers a day. Not set: no limit."), 200
    )
    max_recipients_per_month: Limit | None = key(
        None,
        COUNT,
        _("At most so many different numbers a calendar month. Not set: no limit. Some operators block above 250."),
        1000,
    )
    min_interval: Duration | None = key(
        None, DURATION, _("At least so long between the beginnings of two SMS. Not set: no pause."), "3 s"
    )
    jitter: Duration | None = key(
        None,
        DURATION,
        _("Up to so much is added to min_interval, at random, so that it looks less like a machine."),
        "4 s",
    )
    warm_up: Duration | None = key(
        None,
        DURATION,
        _("A new SIM begins with a tenth of its limits per hour, day and month, and has all after so long."),
        "14 days",
    )
    quiet: Annotated[tuple[TimeWindow, ...], Field(strict=False)] = key(
        (),
        _('a list of times of day in quotes, such as ["21:00-08:00"]'),
        _("Times of day, in the clinic's time zone, at which it sends only emergency and otp; it goes on receiving."),
    )
    prefixes: Annotated[tuple[Prefix, ...], Field(strict=False)] = key(
        (),
        _('a list of beginnings of numbers in quotes, such as ["+7916", "+7917"]'),
        _("Numbers that begin so rather go over this SIM: those of its own operator."),
    )
    cost: Cost | None = key(
        None, COST, _("What one SMS over it costs, in any currency: routes that take the cheapest go by it."), 1.5
    )
    balance_ussd: Ussd | None = key(
        None, _("a USSD code in quotes"), _("Asks the operator for the SIM's balance."), "*100#"
    )
    balance_pattern: Pattern = key(
        BALANCE_PATTERN,
        _("a regular expression in quotes, with the group (?P<balance>…)"),
        _("Finds the balance in the answer; with a group (?P<allowance>…) also how many SMS the plan still has."),
    )
    balance_low: Annotated[float, Field(strict=False)] | None = key(
        None, _("a number"), _("A balance below this raises an alarm. Not set: none."), 50.0
    )
    allowance_low: Limit | None = key(
        None, COUNT, _("An allowance of SMS below this raises an alarm. Not set: none."), 100
    )
    balance_every: Duration = key(seconds("24 h"), DURATION, _("How often the balance is asked for."))
    may_reset: bool = key(
        True, _("true or false"), _("Whether a modem that hangs may be reset, and its USB port switched off and on.")
    )

    @model_validator(mode="after")
    def _is_findable(self) -> Self:
        if not (self.port or self.imei or self.imsi or self.iccid):
            raise ValueError(NOT_FINDABLE)
        return self
