"""[[route]]: the keys of a rule that says over which carriers messages go, and in which order."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from gateway.i18n import _
from gateway.queue.rules import CATEGORIES
from gateway.settings.key import REQUIRED, RULES, key
from gateway.settings.values import Name, Prefix, Text, one_of

WEIGHTS = _('needs weights, one for each of its carriers, with spread = "weight"; and no weights without it')
ONE_ORDER = _('order = "cost" takes the cheapest, spread shares the load: it can do only one of them')
SIZES = _("min_sms is larger than max_sms: no message fits")


def _several(value: Any) -> Any:
    """One text is a list of one."""
    return (value,) if isinstance(value, str) else value


Category = Annotated[str, one_of(tuple(CATEGORIES))]
Categories = Annotated[tuple[Category, ...], BeforeValidator(_several), Field(strict=False)]
Prefixes = Annotated[tuple[Prefix, ...], BeforeValidator(_several), Field(strict=False)]
Senders = Annotated[tuple[Text, ...], BeforeValidator(_several), Field(strict=False)]
Size = Annotated[int, Field(ge=1, le=255)]
Weight = Annotated[int, Field(ge=1, le=1000)]

SIZE = _("a whole number from 1 to 255")


class RouteSettings(BaseModel):
    """[[route]]: the first table that fits a message says over which carriers it goes."""

    model_config = RULES
    category: Categories = key(
        (), _('one of "emergency", "otp", "notification", "marketing", or a list of them'),
        _("Only messages of these categories."), ["otp", "emergency"],
    )  # fmt: skip
    prefix: Prefixes = key(
        (),
        _('the beginning of a number in quotes, such as "+7", or a list of them'),
        _("Only messages to numbers that begin so."),
        ["+7916", "+7917"],
    )
    sender: Senders = key(
        (), _("a sender's name in quotes, or a list of them"), _("Only messages that name this sender."), ["Clinic"]
    )
    min_sms: Size | None = key(None, SIZE, _("Only messages that take at least so many SMS."), 2)
    max_sms: Size | None = key(None, SIZE, _("Only messages that take at most so many SMS."), 3)
    carriers: Annotated[tuple[Name, ...], Field(strict=False, min_length=1)] = key(
        REQUIRED,
        _('a list of names of [[smpp]] and [[modem]] tables, such as ["operator", "sim-1"]'),
        _(
            "Over these the messages go and over no others: the first one that can send takes them, the next ones"
            " meanwhile when it cannot."
        ),
        ["operator", "sim-1"],
    )
    order: Literal["given", "cost"] = key(
        "given", _('"given" or "cost"'), _("cost: the cheapest that can send, by the key cost of each.")
    )
    spread: Literal["no", "weight", "allowance"] = key(
        "no",
        _('"no", "weight" or "allowance"'),
        _("weight: shared by weights; allowance: whoever has most left of its limits takes the next one."),
    )
    weights: Annotated[tuple[Weight, ...], Field(strict=False)] = key(
        (),
        _("a list of whole numbers from 1 to 1000"),
        _("How much each of carriers gets, in their order; with spread by weight. [3, 1]: three quarters and one."),
    )

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        has_weights = len(self.weights) == len(self.carriers)
        if (self.spread == "weight" and not has_weights) or (self.spread != "weight" and self.weights):
            raise ValueError(WEIGHTS)
        if self.order == "cost" and self.spread != "no":
            raise ValueError(ONE_ORDER)
        if self.min_sms is not None and self.max_sms is not None and self.min_sms > self.max_sms:
            raise ValueError(SIZES)
        return self
