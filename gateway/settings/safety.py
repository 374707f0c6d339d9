"""[safety]: the keys of what protects patients from the machine."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.key import DURATION, RULES, key
from gateway.settings.values import Duration, Prefix, Switch

COUNT_OR_OFF = _("a whole number from 0 (no limit) to 1000000")


class SafetySettings(BaseModel):
    """Breakers: what would go to one person too often, or all at once after an outage, waits as `held`."""

    model_config = RULES
    same_text_limit: Switch = key(
        3, COUNT_OR_OFF, _("The same text goes to the same number at most so often within same_text_window.")
    )
    same_text_window: Duration = key(seconds("24 h"), DURATION, _("The window of same_text_limit."))
    daily_limit: Switch = key(
        20,
        COUNT_OR_OFF,
        _(
            "At most so many messages go to one number within 24 hours, whatever they say; of emergencies so many, and"
            " those that go beyond this raise an alarm."
        ),
    )
    exempt: Annotated[tuple[Prefix, ...], Field(strict=False)] = key(
        (),
        _('a list of numbers in quotes, such as ["+79000000001"]'),
        _("Numbers of your own that the two limits do not concern, such as a test phone."),
    )
    outage: Duration = key(
        seconds("30 min"),
        DURATION,
        _("When nothing could be sent for so long, what has waited for so long is a backlog."),
    )
    backlog_limit: Switch = key(
        50,
        COUNT_OR_OFF,
        _("A backlog of more messages than this waits as `held` for `smsgw outbox release`, by in_backlog."),
    )
