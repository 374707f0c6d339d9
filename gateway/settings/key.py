"""One key of a table: its default, what is allowed, and its comment for people."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from gateway.i18n import _

RULES = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)
DURATION = _('seconds, or text such as "10 min", "2 h", "3 days"; at most ten years')
COST = _("a number, 0 or more")
COUNT = _("a whole number from 1 to 1000000")
ENDING = _("a text in quotes of at most 300 characters; none is written when it is empty")
REQUIRED: Any = ...


def key(default: Any, allowed: str, comment: str, example: Any = None, *, make: Any = None) -> Any:
    """A key of a table; `example` is what the commented file shows when there is no default."""
    extra = {"allowed": allowed, "example": example}
    if make is not None:
        return Field(default_factory=make, validate_default=True, description=comment, json_schema_extra=extra)
    return Field(default, description=comment, json_schema_extra=extra)
