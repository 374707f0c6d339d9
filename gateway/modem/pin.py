"""The SIM's PIN: sent only when the SIM asks for exactly that, and never again once refused (3GPP TS 27.007, 8.3).

Three wrong tries lock a SIM, so what was refused is remembered outside, under the SIM and a digest of the PIN: a new
PIN in the configuration is a new try, a restart of the daemon is none. A PUK is never sent.

A try is noted before it is made, so a full disk sends no PIN at all. When the power goes before the answer is noted,
nobody knows it: one more try is made, noted as refused from its beginning. So a wrong PIN takes no more than two of the
three tries, whatever breaks, and the last one is a person's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from gateway.errors import Cause
from gateway.i18n import _
from gateway.modem import at
from gateway.modem.readiness import Identity, NotReady
from gateway.modem.session import GsmSession, is_busy

ASK_S = 6.0  # phonesim takes 2 s
SETTLE_S = 0.7  # Wavecom's answer is not followed by OK
VERIFY_S = 20.0  # the SIM checks the PIN and the modem starts to use it
READY_S = 10.0  # until +CPIN? says READY after a PIN was taken
READY_STEP_S = 0.3
DIGEST_ROUNDS = 50_000  # a PIN has few digits: each guess at the digest shall cost something, 20 ms here
DIGEST_OCTETS = 4  # enough to tell one household's PINs apart

NO_SIM = (10, 13, 15, 310, 313, 315)  # +CME and +CMS ERROR: not inserted, failure, wrong
NOT_READY = "NOT READY"
NO_SIM_WORDS = frozenset({"NOT INSERTED", NOT_READY, "SIM REMOVED", "SIM FAILURE", "ABSENT", "ERROR"})
WANTS_PIN, WANTS_PUK = (11, 311), (12, 316)
USABLE = frozenset({"READY", "", "SIM PIN2", "SIM PUK2"})  # the second PIN guards no SMS
SIM_PIN = "SIM PIN"
NOBODY = "unknown"  # the owner's name where neither SIM nor device tells a number


class NoSim(NotReady):
    """There is none, or it does not work."""


class PinMemory(Protocol):
    """Where PINs that were tried are remembered for good. What can't be noted raises."""

    def is_refused(self, keys: Sequence[str]) -> bool:
        """Whether the SIM refused it under one of these, or two tries were never settled."""

    def begin(self, keys: Sequence[str]) -> None:
        """A try follows; when the last one was never settled, this one counts as refused already."""

    def remember(self, keys: Sequence[str]) -> None:
        """The SIM refused it."""

    def withdraw(self, keys: Sequence[str]) -> None:
        """The SIM never looked at it: this try was none."""

    def forget(self, keys: Iterable[str]) -> None:
        """The SIM took it."""


def unlock(session: GsmSession, pin: str | None, identity: Identity, memory: PinMemory) -> None:
    """Make the SIM usable, or raise NotReady with what to do."""
    state = asked_for(session)
    if state in USABLE:
        return
    if state != SIM_PIN:
        raise NotReady(_("The SIM asks for {what}: unlock it in a phone.").format(what=state), Cause.LOCKED)
    if not pin:
        raise NotReady(_("The SIM asks for its PIN: put `pin` into the modem's configuration."), Cause.LOCKED)
    _enter(session, pin, identity, memory)


def asked_for(session: GsmSession) -> str:
    """What +CPIN? asks for: READY, SIM PIN, SIM PUK, …; empty when the modem does not say. No SIM raises NotReady."""
    answer = session.ask("AT+CPIN?", ASK_S, SETTLE_S)
    match = next((match for match in (re.match(r"\+CPIN:\s*(.*)", line) for line in answer.lines) if match), None)
    return _state(match[1].strip().strip('"').upper()) if match else _from_error(answer.final)


def _state(words: str) -> str:
    if words in NO_SIM_WORDS:
        raise no_sim()
    return words


def _from_error(final: at.Final) -> str:
    words = final.text.upper()
    if final.number in NO_SIM or "NOT INSERTED" in words or "SIM FAILURE" in words:
        raise no_sim()
    if final.number in WANTS_PUK or "PUK REQUIRED" in words:
        return "SIM PUK"
    return SIM_PIN if final.number in WANTS_PIN or "SIM PIN REQUIRED" in words else ""


def no_sim() -> NoSim:
    return NoSim(_("The modem finds no working SIM: check that it is inserted and sits well."), Cause.LOCKED)


def keys_of(identity: Identity, pin: str) -> list[str]:
    """Under which a try is noted: they name this PIN for this SIM, and for its device, without telling it.

    Under the device's too, since a modem may fail to tell its SIM's number next time. Where it fails now, that is noted
    apart: the SIM may be any that is ever found in it.
    """
    hidden = None if identity.iccid else _hidden(identity)
    return _named((identity.iccid, identity.imei, hidden, NOBODY), pin)


def forbidding(identity: Identity, pin: str) -> list[str]:
    """Under which a try that was noted forbids another one now."""
    if identity.iccid:
        return _named((identity.iccid, _hidden(identity)), pin)
    return _named((identity.imei or NOBODY,), pin)


def _hidden(identity: Identity) -> str | None:
    return f"hidden in {identity.imei}" if identity.imei else None


def _named(owners: Iterable[str | None], pin: str) -> list[str]:
    return [f"{owner}:{_digest(owner, pin)}" for owner in owners if owner]


def _digest(owner: str, pin: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), owner.encode(), DIGEST_ROUNDS, DIGEST_OCTETS).hex()


def _enter(session: GsmSession, pin: str, identity: Identity, memory: PinMemory) -> None:
    keys, signs = keys_of(identity, pin), forbidding(identity, pin)
    if memory.is_refused(signs):
        raise _refused()
    memory.begin(keys)
    answer = session.ask_once(f'AT+CPIN="{pin}"', VERIFY_S)
    if is_busy(answer.final):
        memory.withdraw(keys)
        raise NotReady(_("The SIM is busy; another try follows."), Cause.FAULTY)
    if not answer.is_ok and _told(session) != "READY":
        memory.remember(keys)
        raise _refused()
    memory.forget({*keys, *signs})
    _await_ready(session)


def _told(session: GsmSession) -> str:
    """Just after a PIN some say for a moment that the SIM is not ready: that is no reason to begin again."""
    try:
        return asked_for(session)
    except NoSim:
        return NOT_READY


def _refused() -> NotReady:
    return NotReady(
        _("The SIM refused this PIN; it is not tried again: correct it in the configuration."), Cause.LOCKED
    )


def _await_ready(session: GsmSession) -> None:
    for _attempt in range(int(READY_S / READY_STEP_S)):
        if _told(session) in USABLE:
            return
        session.mail.pause(READY_STEP_S)
    raise NotReady(_("The SIM took its PIN and is not ready yet; another try follows."), Cause.FAULTY)
