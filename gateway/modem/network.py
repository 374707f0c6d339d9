"""The SIM's network: whether it is in one, which, how well, what it tells (27.007, 7.1 to 7.3, 8.5, 8.15, 8.69).

An SMS goes out over whichever network the modem is in: the one for calls (+CREG), that of LTE and 5G (+CEREG, by way of
SGs or IMS), or GPRS (+CGREG). No answer says which of them the operator opens to SMS, and many sticks tell the truth of
one alone. So any of them counts as in the network, and none is taken for a loss as long as another holds; where the
operator takes no SMS over what is left, its errors say so, and the carrier rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Cause
from gateway.i18n import _
from gateway.modem import answers
from gateway.modem.session import GsmSession

QUERIES = ("AT+CREG?", "AT+CEREG?", "AT+CGREG?")  # LTE sticks may answer only the second
USABLE = frozenset({1, 5, 6, 7})  # home, roaming, and the same for SMS only
NOT_SEARCHING, SEARCHING = 0, 2
OPERATOR_S = 10.0  # +COPS? may wait for the radio
SEARCH_S = 30.0  # AT+COPS=0 answers when a network is found, or goes on in the background

DETAILS = {
    0: _("The modem is in no network and does not search; it was told to."),
    2: _("The modem searches for a network."),
    3: _("The network denies the SIM: is it active and paid for?"),
    8: _("The network allows emergency calls only: is the SIM active?"),
    11: _("The network allows emergency calls only: is the SIM active?"),
}
DENIED = frozenset({3, 8, 11})  # denied, and emergency calls only: no waiting and no reset changes that
NO_NETWORK = _("The modem is in no network: check antenna and coverage.")


@dataclass(frozen=True, slots=True)
class Registration:
    """What the modem tells of its network."""

    states: list[int]  # none when it knows none of the commands
    tells_unasked: bool  # False too where it does not say


def registration(session: GsmSession) -> Registration:
    told = [session.ask(query).lines for query in QUERIES]
    states = [state for state in map(answers.registration_in, told) if state is not None]
    return Registration(states, any(answers.registration_mode_in(lines) for lines in told))


def states(session: GsmSession) -> list[int]:
    """The registration states alone."""
    return registration(session).states


def is_registered(told: list[int]) -> bool:
    """A modem that tells nothing is trusted: its submits will show."""
    return not told or any(state in USABLE for state in told)


def detail(told: list[int]) -> str:
    """Why it is not registered, for a person."""
    return next((DETAILS[state] for state in (3, 8, 11, 2, 0) if state in told), NO_NETWORK)


def cause(told: list[int]) -> Cause:
    """Why it is not registered, for the ladder of remedies; what is searched may still be found."""
    is_denied = any(state in DENIED for state in told) and SEARCHING not in told
    return Cause.DENIED if is_denied else Cause.NO_NETWORK


def search(session: GsmSession, told: list[int]) -> None:
    """Set a modem to searching that does not."""
    if all(state == NOT_SEARCHING for state in told):
        session.ask("AT+COPS=0", SEARCH_S)


def operator(session: GsmSession) -> str | None:
    return answers.operator_in(session.ask("AT+COPS?", OPERATOR_S).lines)


def signal_dbm(session: GsmSession) -> int | None:
    """By +CSQ; LTE sticks that say 99 there say it by +CESQ."""
    dbm = answers.signal_dbm_in(session.ask("AT+CSQ").lines)
    return answers.extended_signal_dbm_in(session.ask("AT+CESQ").lines) if dbm is None else dbm


def clock(session: GsmSession) -> datetime | None:
    """The modem's clock, which networks set; aware, or None where it was never set."""
    return answers.clock_in(session.ask("AT+CCLK?").lines)
