"""[pure] Answers to commands, and the error codes with their words (3GPP TS 27.007, 9.2; TS 27.005, 3.2.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

WORDS = {
    "CME 3": "operation not allowed",
    "CME 4": "operation not supported",
    "CME 10": "SIM not inserted",
    "CME 11": "SIM PIN required",
    "CME 12": "SIM PUK required",
    "CME 14": "SIM busy",
    "CME 16": "incorrect password",
    "CME 50": "incorrect parameters",
    "CME 100": "unknown error",
    "CMS 302": "operation not allowed",
    "CMS 310": "SIM not inserted",
    "CMS 304": "invalid PDU mode parameter",
    "CMS 311": "SIM PIN required",
    "CMS 316": "SIM PUK required",
    "CMS 321": "invalid memory index",
    "CMS 322": "memory full",
    "CMS 330": "SMSC address unknown",
    "CMS 331": "no network service",
    "CMS 332": "network timeout",
    "CMS 340": "no +CNMA acknowledgement expected",
    "CMS 500": "unknown error",
}


class Failure(Exception):
    """A command ends with this error: "CME 11", "CMS 321", "ERROR" or a whole line."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """Information lines and the final one; `expects` opens the prompt for so many octets instead."""

    lines: tuple[str, ...] = ()
    final: str = "OK"
    expects: int | None = None
    then: Callable[[], None] | None = None  # what happens after the answer is out


def describe(code: str, cmee: int) -> str:
    """The final line of an error; +CME ERROR shows itself only when +CMEE asked for it."""
    kind, _, number = code.partition(" ")
    if kind not in ("CME", "CMS") or not number:
        return code
    if kind == "CME" and cmee == 0:
        return "ERROR"
    words = WORDS.get(code, number)
    return f"+{kind} ERROR: {words if cmee == 2 else number}"


def error(modem: Modem, code: str) -> Answer:
    return Answer(final=describe(code, 2 if modem.personality.says_errors_in_words else modem.settings.cmee))
