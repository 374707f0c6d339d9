"""One SMS out: AT+CMGS, the prompt, the PDU, the answer -> an Outcome (3GPP TS 27.005, 4.3).

The rule behind it: as long as the PDU has not been written, whatever happens means "not sent"; from its first octet on,
silence means "uncertain", and nothing here sends it again.
"""

from __future__ import annotations

from gateway.carrier import Accepted, Deferred, LateAnswer, Outcome, Refused, Scope, Uncertain
from gateway.errors import CarrierLost
from gateway.i18n import _
from gateway.modem import at, codes
from gateway.modem.loss import NoAnswer
from gateway.modem.pdu import SubmitPdu
from gateway.modem.session import BUSY_WAITS_S, GsmSession, is_busy
from gateway.modem.transport import Waits

PROMPT_S = 6.0  # modems prompt within 1 s; slow ones take up to 5 s while they receive. So long a hung one holds an SMS
SETTLE_S = 2.0  # +CMGS: n is the answer; OK behind it is a formality

NO_PROMPT = Deferred("no_prompt", _("The modem took no SMS: its prompt did not come."), Scope.DEVICE)
MODEM_GONE = Deferred(
    "modem_gone", _("The modem was gone before the SMS was handed over."), Scope.DEVICE, is_counted=False
)
NO_ANSWER = Uncertain("no_answer", _("The modem took the SMS and gave no answer."))
LOST_IN_THE_AIR = Uncertain("modem_gone", _("The modem was gone before it answered: the SMS may have been sent."))


def submit(session: GsmSession, pdu: SubmitPdu, key: int, deadline_s: float) -> Outcome:
    """Hand over one PDU; a late answer names `key`.

    Raises nothing: a lost line is an outcome, the next call on the session tells of the loss.
    """
    try:
        return _outcome(_handed_over(session, pdu, key, Waits(PROMPT_S, deadline_s, SETTLE_S)))
    except NoAnswer as silence:
        reference = at.reference_in(silence.lines)
        if reference:
            session.forgive()
            return Accepted(reference)
        return NO_ANSWER if session.is_pdu_out else NO_PROMPT
    except CarrierLost:
        return LOST_IN_THE_AIR if session.is_pdu_out else MODEM_GONE


def late_answer(late: at.LateSubmit) -> LateAnswer:
    """What an answer says that came after its submit was given up."""
    return LateAnswer(late.key, _outcome(at.Answer(late.final, late.lines)))


def _handed_over(session: GsmSession, pdu: SubmitPdu, key: int, waits: Waits) -> at.Answer:
    """Asked again only while the modem says, before the prompt, that it is busy."""
    command = f"AT+CMGS={pdu.length}"
    for wait_s in BUSY_WAITS_S:
        answer = session.hand_over(command, pdu.hex, key, waits)
        if session.is_pdu_out or not is_busy(answer.final):
            return answer
        session.mail.pause(wait_s)
    return session.hand_over(command, pdu.hex, key, waits)


def _outcome(answer: at.Answer) -> Accepted | Deferred | Refused:
    """OK without +CMGS is a success too, only without a reference: reports are then matched by recipient alone."""
    if answer.is_ok:
        return Accepted(at.reference_in(answer.lines))
    final = answer.final
    return codes.outcome_of(final.result.value, final.number, final.text)
