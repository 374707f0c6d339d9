"""[retention]: the keys of how long finished messages are kept."""

from __future__ import annotations

from pydantic import BaseModel

from gateway.i18n import _
from gateway.settings.duration import seconds
from gateway.settings.key import DURATION, RULES, key
from gateway.settings.values import Duration


class RetentionSettings(BaseModel):
    """First the texts and numbers of finished messages go, later the rows."""

    model_config = RULES
    texts: Duration | None = key(
        seconds("365 days"),
        DURATION,
        _("So long after a message has ended its text and number are emptied; state and times stay."),
    )
    rows: Duration | None = key(
        seconds("1095 days"), DURATION, _("So long after a message has ended its row and its segments are deleted.")
    )
    inbox: Duration | None = key(
        seconds("365 days"), DURATION, _("So long after it came in a message is deleted from inbox.")
    )
