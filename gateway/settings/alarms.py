"""[alarms] and [[notify]]: the keys of what is watched, and of who is told."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.key import DURATION, RULES, key
from gateway.settings.values import Address, Duration, File, Percent, Prefix, Switch, Text, one_of

WAYS = ("command", "email", "sms", "url")
ALARMS = (  # the codes of all that there are
    *("allowance_low", "balance_low", "carrier_blocked", "carrier_down", "carrier_failed", "clock_off"),
    *("database_not_writable", "delivery_rate", "disk_full", "held", "hung", "needs_pin", "no_carrier"),
    *("oldest_queued", "storage_full", "storm"),
)
NO_WAY = _("needs command, email, sms or url")
NEEDS_SERVER = _("email needs smtp and mail_from")


class AlarmSettings(BaseModel):
    """[alarms]: from when on something is worth an alarm."""

    model_config = RULES
    no_carrier: Duration = key(seconds("5 min"), DURATION, _("No modem and no bind could send for so long."))
    carrier_down: Duration = key(seconds("15 min"), DURATION, _("One modem or bind could not send for so long."))
    oldest_queued: Duration = key(seconds("1 h"), DURATION, _("A message that could go has waited for so long."))
    delivery_rate: Percent = key(
        50, _("a whole number of per cent, 0 for never"), _("Fewer than so many per cent of the reported SMS arrived.")
    )
    delivery_least: Switch = key(
        20,
        _("a whole number from 0 to 1000000"),
        _("delivery_rate is judged by at least so many reports of the last 24 hours."),
    )
    disk_free_mb: Switch = key(
        500, _("a whole number from 0 to 1000000"), _("The database's disk has less free space, in megabytes.")
    )
    clock_off: Duration = key(
        seconds("5 min"), DURATION, _("This machine's clock differs from the network's by more than this.")
    )
    storage_full: Percent = key(80, _("a whole number of per cent"), _("A SIM's storage is so full."))


class NotifySettings(BaseModel):
    """[[notify]]: who is told of alarms, in one or more ways."""

    model_config = RULES
    command: Annotated[tuple[Text, ...], Field(strict=False)] = key(
        (),
        _("a program and its arguments, each in quotes, in a list"),
        _("Runs this program; the alarm is JSON on its standard input. No shell is involved."),
        ["/usr/local/bin/on-alarm"],
    )
    email: Annotated[tuple[Text, ...], Field(strict=False)] = key(
        (), _("a list of addresses in quotes"), _("Sends a mail to these addresses."), ["it@clinic.example"]
    )
    smtp: Text | None = key(
        None, _("a host name in quotes, with :port if it is not 25"), _("The mail server."), "mail.clinic.example:587"
    )
    smtp_security: Literal["none", "starttls", "tls"] = key(
        "starttls", _('"none", "starttls" or "tls"'), _("How the connection to it is encrypted.")
    )
    smtp_user: Text | None = key(None, _("a name in quotes"), _("The account at the mail server."), "smsgw")
    smtp_password_file: File | None = key(
        None, _("a file name in quotes"), _("The file with its password in the first line."), "smtp.secret"
    )
    mail_from: Text | None = key(
        None, _("an address in quotes"), _("From whom the mail comes."), "smsgw@clinic.example"
    )
    sms: Annotated[tuple[Prefix, ...], Field(strict=False)] = key(
        (),
        _('a list of numbers in quotes, such as ["+79000000001"]'),
        _("Sends an SMS to these numbers, over another modem than the one concerned."),
        ["+79000000001"],
    )
    url: Address | None = key(
        None, _("an address in quotes that begins with http:// or https://"),
        _("Posts the alarm as JSON to this address."), "https://monitor.clinic.example/alarm",
    )  # fmt: skip
    only: Annotated[tuple[Annotated[str, one_of(ALARMS)], ...], Field(strict=False)] = key(
        (),
        _("a list of alarms in quotes, of {names}").format(names=", ".join(ALARMS)),
        _("Tells only of these alarms; else of all."),
        ["no_carrier", "balance_low"],
    )

    @model_validator(mode="after")
    def _has_a_way(self) -> Self:
        if not any(getattr(self, way) for way in WAYS):
            raise ValueError(NO_WAY)
        if self.email and not (self.smtp and self.mail_from):
            raise ValueError(NEEDS_SERVER)
        return self
