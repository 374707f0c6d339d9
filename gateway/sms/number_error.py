"""[pure] Why a number can't be written to: each cause with its stable code and one sentence for a person."""

from __future__ import annotations

from enum import Enum

from gateway.errors import GatewayError
from gateway.i18n import _


class Cause(Enum):
    """Code and reason; several causes may share a code."""

    NOTHING = "no_phone", _("There is no phone number.")
    DECLINED = "no_phone", _("The words beside the number say not to use it.")
    MAIL = "invalid_recipient", _("That is a mail address, not a phone number.")
    DATE = "invalid_recipient", _("That is a date or a time, not a phone number.")
    IDENTITY = "invalid_recipient", _("That is an identity number, not a phone number.")
    SIGNS = "invalid_recipient", _("There are signs that don't belong in a phone number.")
    FRACTION = "invalid_recipient", _("That is a decimal fraction, not a phone number.")
    UNASSIGNED = "invalid_recipient", _("There is no such number.")
    NO_COUNTRY = "invalid_recipient", _("No country has the code after the plus sign.")
    PREMIUM = "invalid_recipient", _("That is a premium-rate number, which can't receive SMS.")
    NOT_MOBILE = "invalid_recipient", _("That kind of number can't receive SMS.")
    LETTERS = "letters", _("There are letters in the number, or words beside it.")
    SEVERAL = "ambiguous", _("There is more than one number.")
    TWO_WAYS = "ambiguous", _("The number can be read in two ways: write it with + and the country code.")
    TOO_SHORT = "too_short", _("The number has too few digits.")
    TOO_LONG = "too_long", _("The number has too many digits; a foreign one needs a + in front.")
    PRECISION_LOST = "precision_lost", _("The spreadsheet has lost digits of the number: type it again, as text.")
    PLACEHOLDER = "placeholder", _("That is a made-up number.")
    LANDLINE = "landline", _("That is a landline, which can't receive SMS.")
    TOLL_FREE = "toll_free", _("That is a toll-free number, which can't receive SMS.")
    EMERGENCY = "emergency_number", _("That is an emergency number.")
    SHORT_CODE = "short_code", _("That is a short code which the configuration doesn't allow.")


class NumberError(GatewayError):
    """A recipient that no SMS can go to; `reason` is one sentence without the number."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def refusal(cause: Cause) -> NumberError:
    """The error for `cause`."""
    return NumberError(*cause.value)
