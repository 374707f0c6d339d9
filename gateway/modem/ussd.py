"""[pure] USSD: a code as the modem takes it, and its answer (3GPP TS 27.007, 7.15); ussd_text.py reads its text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from gateway.modem import ussd_text
from gateway.sms import alphabet, septets

# <m> of +CUSD
DONE, MORE, ENDED, TAKEN, UNSUPPORTED, TIMED_OUT = range(6)
CANCEL = "AT+CUSD=2"
CODE = re.compile(r"[0-9*#]{1,40}")


@dataclass(frozen=True, slots=True)
class Reply:
    """One +CUSD: `state` is its <m>."""

    state: int
    text: str = field(default="", repr=False)


LINE = re.compile(r"\+CUSD:\s*(\d)(?!\d)\s*,?\s*(.*)", re.DOTALL)
DATA_CODING = re.compile(r"\s*,\s*(\d{1,3})(?!\d)")
# Without quotes the number behind the last comma may as well be the kopecks of an amount: `12,50`.
BARE = re.compile(r"([0-9A-Fa-f]{8,}|.*\D|)\s*,\s*(\d{0,3})\s*$", re.DOTALL)


def reply_in(line: str) -> Reply | None:
    """The reply of one +CUSD line, however its text is written; None when the line is something else."""
    match = LINE.match(line)
    return Reply(int(match[1]), ussd_text.decode(*_parted(match[2]))) if match else None


def _parted(rest: str) -> tuple[str, int | None]:
    """Text and data coding; quotes may be missing on either side, and quotes may stand in the text."""
    if not rest.startswith('"'):
        bare = BARE.match(rest)
        return (bare[1], int(bare[2]) if bare[2] else None) if bare else (rest, None)
    end = rest.rfind('"')
    coding = DATA_CODING.match(rest, end + 1)
    return rest[1:end] if end else rest[1:], int(coding[1]) if coding else None


# The code.


def _packed(code: str) -> str:
    """Seven spare bits are filled with CR, else they would read as an @ (23.038, 6.1.2.3.1)."""
    units = alphabet.to_septets(code)
    return septets.pack(units + b"\r" if len(units) % 8 == 7 else units).hex().upper()


FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "packed": _packed,
    "ucs2": lambda code: code.encode("utf-16-be").hex().upper(),
    "hex": lambda code: code.encode("ascii").hex().upper(),
}
FORM_BY_CHARSET = {"UCS2": "ucs2", "HEX": "hex"}  # +CSCS: what the modem expects of every string


def command(code: str, form: str) -> str:
    """`form` is a key of FORMS."""
    return f'AT+CUSD=1,"{FORMS[form](code)}",15'


def first_with_text(replies: Iterable[Reply]) -> Reply | None:
    return next((reply for reply in replies if reply.text), None)
