"""USSD answers: read whatever their alphabet and damage, and the balance looked for in them; codes written and read."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gateway.modem import ussd
from gateway.modem.lines import LONGEST_LINE
from gateway.plan import balance
from gateway.settings.modem import BALANCE_PATTERN
from tests.fuzz import mutations
from tests.fuzz.corpus import samples

SIGNS = "0123456789*#"


@dataclass(frozen=True)
class Asked:
    """A code in the form that a modem wants, and the line that answers it."""

    code: str
    form: str
    line: str


def make(chance: Random) -> Asked:
    line = mutations.damaged(chance, chance.choice(samples("ussd")))[:LONGEST_LINE].decode("latin-1")
    code = "".join(chance.choices(SIGNS, k=chance.randrange(1, 41)))
    return Asked(code, chance.choice(tuple(ussd.FORMS)), line)


def check(asked: Asked) -> None:
    """Read or not, never an error; what is read can be stored, and a code sent back by the network is the same."""
    written = ussd.command(asked.code, asked.form)
    written.encode("ascii")
    reply = ussd.reply_in(asked.line)
    if reply is not None:
        assert 0 <= reply.state <= 9
        reply.text.encode("utf-8")
        balance.read(reply.text, BALANCE_PATTERN)
