"""The words of outbox.error_code, as far as the gateway itself says them: what a person may ask for by `--code`.

Those of modems, reports and SMSCs have a name in front, and mostly a number behind; others may stand in rows of earlier
versions.
"""

from __future__ import annotations

import re
import sqlite3

REJECTED = (
    *("empty_text", "invalid_text", "too_long", "invalid_category", "invalid_priority", "invalid_recipient"),
    *("invalid_time", "unknown_sender", "no_route", "no_coding", "over_limit", "opted_out"),
    *("landline", "toll_free", "emergency_number", "short_code"),
)
HELD = ("backlog", "carrier_gone", "restored", "storm_number", "storm_same_text")
UNSURE = (
    *("uncertain", "interrupted", "no_answer", "gateway_fault", "part_sent", "resent", "settled"),
    *("sent_late", "delivered_late", "undelivered_late"),
)
NOT_SENT = (
    *("expired", "not_understood", "carrier_lost", "link_lost"),
    *("modem_error", "modem_gone", "modem_restarted", "no_prompt"),
)
WORDS = frozenset((*REJECTED, *HELD, *UNSURE, *NOT_SENT))
NUMBERED = re.compile(r"(?:cms|cme)_\d{1,4}|(?:smpp|tp_st)_0x[0-9a-f]{2,8}|smpp_[a-z]{2,30}")

IS_THERE = "SELECT EXISTS (SELECT 1 FROM outbox WHERE error_code = :code)"
ALL = "SELECT DISTINCT CAST(error_code AS TEXT) FROM outbox WHERE error_code IS NOT NULL"


def is_known(connection: sqlite3.Connection, code: str) -> bool:
    """Whether it is a word that a message may bear, or one that a message does bear."""
    if code in WORDS or NUMBERED.fullmatch(code):
        return True
    return bool(connection.execute(IS_THERE, {"code": code}).fetchone()[0])


def known(connection: sqlite3.Connection) -> list[str]:
    """All words that there are, and what stands in the rows; reads every row."""
    return sorted(WORDS | {code for (code,) in connection.execute(ALL)})
