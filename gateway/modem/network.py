"""Whether the SIM is in a network, which, and how well (3GPP TS 27.007, 7.2, 7.3, 8.5, 10.1.20, 10.1.22)."""

from __future__ import annotations

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


def states(session: GsmSession) -> list[int]:
    """The registration states that the modem tells; none when it knows none of the commands."""
    told = (answers.registration_in(session.ask(query).lines) for query in QUERIES)
    return [state for state in told if state is not None]


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
    return answers.signal_dbm_in(session.ask("AT+CSQ").lines)
