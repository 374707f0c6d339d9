"""What a modem that fails can be treated with on its own line, rung by rung; replug.py has what is done to its socket.

Each treatment leaves a line in step, or raises CarrierLost. Which one is tried, and when, the worker decides
(gateway/worker/ladder.py). What a power cut leaves here is mended by any start-up: it switches the radio on and sets
up anew.
"""

from __future__ import annotations

import os
import time

from gateway.carrier import Remedy
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem.quirks import Quirks
from gateway.modem.session import GsmSession

RADIO_S = 15.0  # AT+CFUN answers when the radio has been switched: up to 10 s
RADIO_OFF_S = 2.0  # shorter, and some networks do not notice
RESET_ANSWER_S = 2.0  # a modem that takes the order says OK at once, or nothing more at all
LAST_OCTETS_S = 0.1  # an order without an answer is on its way as long: 30 octets, at 9,600 baud
GONE_S = 6.0  # a device that restarts leaves the bus within a few seconds
GONE_STEP_S = 0.1

DOING = {
    Remedy.RESYNC: _("The line is brought in step."),
    Remedy.REINIT: _("The modem is set up anew."),
    Remedy.RADIO: _("The radio is switched off and on."),
    Remedy.REOPEN: _("The port is opened anew."),
    Remedy.RESET: _("The modem restarts."),
    Remedy.REPLUG: _("The modem's USB port is switched off and on."),
}


def switch_radio(session: GsmSession, own: Quirks) -> None:
    """Off and on. Raises CarrierLost when it can't be switched."""
    if not any(session.ask(command, RADIO_S).is_ok for command in own.radio_off):
        raise CarrierLost(_("The modem refused to switch its radio off."), Cause.FAULTY)
    session.mail.pause(RADIO_OFF_S)
    if not session.ask("AT+CFUN=1", RADIO_S).is_ok:
        raise CarrierLost(_("The modem refused to switch its radio on again."), Cause.FAULTY)


def restart(session: GsmSession, own: Quirks) -> None:
    """Order the device to restart, and let go of its port at once: held on to, it would come back under another name.

    A modem that hangs may not say whether it heard; only a refusal raises CarrierLost.
    """
    try:
        is_refused = not _is_taken(session, own.reset)
        time.sleep(LAST_OCTETS_S)
    finally:
        session.close()
    if is_refused:
        raise CarrierLost(_("The modem refused to restart."), Cause.FAULTY)


def _is_taken(session: GsmSession, commands: tuple[str, ...]) -> bool:
    """Whether one of them was not refused. Silence may mean either: then the next one is said too."""
    may_be_taken = False
    for command in commands:
        if may_be_taken and session.is_lost:
            return True  # it has left
        answer = session.shout(command, RESET_ANSWER_S)
        if answer is not None and answer.is_ok:
            return True
        may_be_taken |= answer is None
    return may_be_taken


def await_leaving(port: str) -> None:
    """Until the device file is gone, or it is clear that it stays: opened sooner, the port would be the old one's."""
    until = time.monotonic() + GONE_S
    while os.path.exists(port) and time.monotonic() < until:
        time.sleep(GONE_STEP_S)
