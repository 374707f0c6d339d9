"""[campaign]: the keys of what is sent to the people of a list."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.key import DURATION, RULES, key
from gateway.settings.values import Duration, Prefix, TimeWindow


class CampaignSettings(BaseModel):
    """When a list's people are written to, and what is looked at before."""

    model_config = RULES
    working_hours: Annotated[tuple[TimeWindow, ...], Field(strict=False)] = key(
        ("09:00-20:00",),
        _('a list of times of day in quotes, such as ["09:00-20:00"]; [] is any time'),
        _("Times of day within which `smsgw import` lays what it sends before an appointment, or spreads over a span."),
    )
    sample_to: Prefix | None = key(
        None,
        _('a number in quotes, such as "+79000000001"'),
        _("The administrator's own number, to which `smsgw import` sends samples of a list."),
        "+79000000001",
    )
    lookback: Duration = key(
        seconds("3 days"),
        DURATION,
        _("`smsgw import` points out numbers that other campaigns have written to within so long."),
    )
