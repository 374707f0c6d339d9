"""The tables of the configuration file and their keys: each with default, what is allowed, and a comment for people.

A key is described nowhere else: `mistakes` quotes `allowed`, `example` and the documentation quote the comment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gateway.i18n import _
from gateway.queue import rules
from gateway.settings.alarms import AlarmSettings, NotifySettings
from gateway.settings.campaign import CampaignSettings
from gateway.settings.duration import seconds
from gateway.settings.key import DURATION, ENDING, RULES, key
from gateway.settings.modem import NOT_FINDABLE, ModemSettings
from gateway.settings.retention import RetentionSettings
from gateway.settings.route import RouteSettings
from gateway.settings.safety import SafetySettings
from gateway.settings.smpp import SmppSettings
from gateway.settings.values import Country, Duration, Ending, File, ShortCodes, Zone, system_zone

__all__ = [
    "CATEGORIES",
    "NOT_FINDABLE",
    "TABLES",
    "AlarmSettings",
    "CampaignSettings",
    "CategorySettings",
    "CategoryTables",
    "Document",
    "GatewaySettings",
    "ModemSettings",
    "NotifySettings",
    "RetentionSettings",
    "RouteSettings",
    "SafetySettings",
    "Settings",
    "SmppSettings",
    "about",
    "filled",
    "heading",
]


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
        _(
            "How long an SMS without an answer waits for a late answer or its report before it is sent once more: while"
            " its modem or bind is in service, at most six times as long."
        ),
    )
    take_up_new: bool = key(
        False,
        _("true or false"),
        _("Whether modems that no [[modem]] table names are used too. Without any [[modem]] table they always are."),
    )
    sticky_wait: Duration = key(
        seconds("10 min"),
        DURATION,
        _("How long a message waits for the SIM that its recipient knows, or that its prefix prefers."),
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


WhenUncertain = Literal["never", "once", "at_once"]
InBacklog = Literal["hold", "send", "drop"]
Consent = Literal["none", "until_withdrawn", "needed"]


class CategorySettings(BaseModel):
    """[category.NAME]: what a message gets whose writer said nothing else."""

    model_config = RULES
    priority: Annotated[int, Field(ge=0, le=9)] | None = key(
        None, _("a whole number from 0 (last) to 9 (first)"), _("Order of sending: 0 last, 9 first.")
    )
    expires: Duration | None = key(None, DURATION, _("A message that could not be sent for so long is dropped."))
    when_uncertain: WhenUncertain | None = key(
        None,
        _('"never", "once" or "at_once"'),
        _(
            "An SMS without an answer is never sent again; once, when no answer and no report came within"
            " uncertain_wait; or once and at once."
        ),
    )
    in_backlog: InBacklog | None = key(
        None,
        _('"hold", "send" or "drop"'),
        _("What becomes of messages of a backlog that is found after an outage."),
    )
    consent: Consent | None = key(
        None,
        _('"none", "until_withdrawn" or "needed"'),
        _("Whether people may refuse such messages, or must have agreed."),
    )
    signature: Ending = key("", ENDING, _("A line that `smsgw import` writes under each text."))
    opt_out: Ending = key("", ENDING, _("A line under it that says how to get no more of these."))


CATEGORIES: Mapping[str, CategorySettings] = {
    name: CategorySettings(
        priority=category.priority,
        expires=category.expires_after_s,
        when_uncertain=category.when_uncertain.value,
        in_backlog=category.in_backlog.value,
        consent=category.consent.value,
    )
    for name, category in rules.CATEGORIES.items()
}


class CategoryTables(BaseModel):
    """[category]: one table per category."""

    model_config = RULES
    emergency: CategorySettings = key(CategorySettings(), _("a table"), "")
    otp: CategorySettings = key(CategorySettings(), _("a table"), "")
    notification: CategorySettings = key(CategorySettings(), _("a table"), "")
    marketing: CategorySettings = key(CategorySettings(), _("a table"), "")


class Document(BaseModel):
    """The whole file; the comment of each key is what its table is about."""

    model_config = RULES
    gateway: GatewaySettings = key(None, _("one table: write [gateway]"), _("The whole gateway."), make=GatewaySettings)
    modem: Annotated[tuple[ModemSettings, ...], Field(strict=False)] = key(
        (),
        _("a list of tables: write [[modem]] with double brackets"),
        _(
            "One table per modem; without any, every modem that is found is used, at any time. Each needs a name, and a"
            " port or one of imei, imsi and iccid."
        ),
    )
    smpp: Annotated[tuple[SmppSettings, ...], Field(strict=False)] = key(
        (),
        _("a list of tables: write [[smpp]] with double brackets"),
        _("One table per bind to an operator's SMSC."),
    )
    route: Annotated[tuple[RouteSettings, ...], Field(strict=False)] = key(
        (),
        _("a list of tables: write [[route]] with double brackets"),
        _(
            "Over which carriers messages go: the first table that fits a message counts. Without one that fits, any"
            " carrier takes it. `smsgw route TO` explains the way of a message."
        ),
    )
    category: CategoryTables = key(
        CategoryTables(),
        _("tables: write [category.otp]"),
        _(
            "What a message gets whose writer said nothing else, by category. `signature` and `opt_out` are lines that"
            " `smsgw import` writes under each text, once. `consent` says whether people may refuse: with"
            ' "until_withdrawn" nothing goes to a number that has answered STOP, with "needed" nor to contacts who have'
            ' not agreed, with "none" nobody is asked.'
        ),
    )
    campaign: CampaignSettings = key(
        CampaignSettings(),
        _("one table: write [campaign]"),
        _("What `smsgw import` goes by when it writes to the people of a list."),
    )
    safety: SafetySettings = key(
        SafetySettings(),
        _("one table: write [safety]"),
        _("What protects people from too many messages; what is too much waits as `held`."),
    )
    alarms: AlarmSettings = key(
        AlarmSettings(), _("one table: write [alarms]"), _("From when on something is worth an alarm.")
    )
    notify: Annotated[tuple[NotifySettings, ...], Field(strict=False)] = key(
        (),
        _("a list of tables: write [[notify]] with double brackets"),
        _("Who is told of alarms: in one or more of four ways, each table for itself."),
    )
    retention: RetentionSettings = key(
        RetentionSettings(),
        _("one table: write [retention]"),
        _("How long finished messages are kept; small batches, texts first."),
    )


TABLES: Mapping[str, type[BaseModel]] = {  # what a table of the file holds, in the file's order
    "gateway": GatewaySettings,
    "modem": ModemSettings,
    "smpp": SmppSettings,
    "route": RouteSettings,
    "category": CategoryTables,
    "campaign": CampaignSettings,
    "safety": SafetySettings,
    "alarms": AlarmSettings,
    "notify": NotifySettings,
    "retention": RetentionSettings,
}


def heading(name: str) -> str:
    """How the table begins in the file; double brackets where there may be several."""
    return f"[[{name}]]" if Document.model_fields[name].default == () else f"[{name}]"


def about(name: str) -> str:
    """What the table is about, for people."""
    return Document.model_fields[name].description or ""


@dataclass(frozen=True)
class Settings:
    """What the gateway was told: the file, its tables with every default filled in, all paths absolute."""

    path: Path
    gateway: GatewaySettings
    modems: tuple[ModemSettings, ...] = ()  # none: every modem that is found
    smpp: tuple[SmppSettings, ...] = ()
    routes: tuple[RouteSettings, ...] = ()
    categories: Mapping[str, CategorySettings] = field(default_factory=lambda: dict(CATEGORIES))
    campaign: CampaignSettings = field(default_factory=CampaignSettings)
    safety: SafetySettings = field(default_factory=SafetySettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    notify: tuple[NotifySettings, ...] = ()
    retention: RetentionSettings = field(default_factory=RetentionSettings)


def filled(given: CategoryTables) -> dict[str, CategorySettings]:
    """Each category with what the file says laid over the defaults."""
    return {
        name: default.model_copy(update=getattr(given, name).model_dump(exclude_none=True))
        for name, default in CATEGORIES.items()
    }
