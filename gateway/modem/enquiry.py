"""One USSD enquiry on an open line: the code out, the network's answer in, the session closed (3GPP TS 27.007, 7.15).

The answer comes before OK, or long after it. SMS that are announced meanwhile stay in the mailbox. Neither the code nor
the answer is ever logged: they may hold numbers.
"""

from __future__ import annotations

import time

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.modem import answers, at, codes, ussd
from gateway.modem.mailbox import Overheard
from gateway.modem.quirks import Quirks
from gateway.modem.session import SILENCE, GsmSession
from gateway.modem.urc import Kind
from gateway.modem.ussd import Reply

ANSWER_S = 45.0  # networks answer within 30 s, or never
CANCEL_S = 5.0
TAIL_S = 5.0  # behind an answer without text another one may follow

NO_ANSWER = _("The network did not answer the USSD code in time; try again later.")
NO_TEXT = _("The network ended the USSD session without a text: is the code right for this operator?")
PROBLEMS = {
    ussd.UNSUPPORTED: _("The network does not support this USSD code."),
    ussd.TIMED_OUT: NO_ANSWER,
}
# A refusal for one of these may lie in how the code is written: the next form is tried.
FORM_ERRORS = frozenset({None, 3, 4, 24, 25, 50, 100})


def ask(session: GsmSession, own: Quirks, code: str, within_s: float = ANSWER_S) -> str:
    """The network's answer. Raises GatewayError with the reason, CarrierLost."""
    if not ussd.CODE.fullmatch(code):
        raise GatewayError(_("A USSD code is digits, * and #, such as *100#."))
    refusal: at.Final | None = None
    for form in _forms(session, own):
        reply, refusal = _asked(session, ussd.command(code, form), time.monotonic() + within_s)
        if reply or refusal is None or refusal.number not in FORM_ERRORS:
            return _text(session, reply, refusal)
    return _text(session, None, refusal)


def _forms(session: GsmSession, own: Quirks) -> tuple[str, ...]:
    """A modem that is set to UCS-2 or hexadecimal strings wants the code so."""
    charset = answers.value_of(session.ask("AT+CSCS?").lines, "+CSCS") or ""
    form = ussd.FORM_BY_CHARSET.get(charset.upper())
    return (form,) if form else own.ussd_forms


def _asked(session: GsmSession, command: str, until: float) -> tuple[Reply | None, at.Final | None]:
    """What the network replied, or the error."""
    with session.mail.overhearing() as heard:
        session.mail.take_kind(Kind.USSD)
        answer = session.ask_once(command, until - time.monotonic())
        found = [reply for reply in map(ussd.reply_in, answer.lines) if reply]
        if not answer.is_ok:
            return ussd.first_with_text(found), answer.final
        return _awaited(session, found, until, heard), heard.error


def _awaited(session: GsmSession, found: list[Reply], until: float, heard: Overheard) -> Reply | None:
    """The first reply with a text, else the first one. Behind one without a text another may follow."""
    while not heard.error and not any(reply.text or reply.state in PROBLEMS for reply in found):
        until = min(until, time.monotonic() + TAIL_S) if found else until
        came = session.mail.await_kind(Kind.USSD, until, heard)
        if came is None:
            break
        found = [*found, *filter(None, [ussd.reply_in(came.line)])]
    return ussd.first_with_text(found) or next(iter(found), None)


def _text(session: GsmSession, reply: Reply | None, refusal: at.Final | None) -> str:
    """Leaves no session open behind it."""
    if refusal is None and (reply is None or reply.state == ussd.MORE):
        session.ask(ussd.CANCEL, CANCEL_S)
    if reply and reply.text:
        return reply.text
    raise GatewayError(_problem(reply, refusal))


def _problem(reply: Reply | None, refusal: at.Final | None) -> str:
    if refusal is SILENCE:
        return _("The modem did not answer the USSD code in time; try again later.")
    if refusal is not None:
        return _("The USSD code was refused: {reason}").format(reason=_reason(refusal))
    return PROBLEMS.get(reply.state, NO_TEXT) if reply else NO_ANSWER


def _reason(refusal: at.Final) -> str:
    return codes.outcome_of(refusal.result.value, refusal.number, refusal.text).text
