"""[pure] What the numbers of SMPP mean: command_id, and command_status of answers (SMPP 3.4, 5.1.2.1 and 5.1.3).

An error of a submit_sm means that the SMSC did not take it. It says who waits, and each in its own way: this number
only, the bind for a little while, the bind until the account is in order, or the SMS until the bind's settings give it
another form (queue/retry.py). It is a refusal for good where the same SMS to the same number will never pass. A
vendor's own or unknown number concerns the number: most of them are about one message, and it is tried a few times
only, while all others go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smpplib.command_codes import commands

from gateway.carrier import Deferred, Refused, Scope
from gateway.errors import Cause
from gateway.i18n import _

# command_id

GENERIC_NACK: int = commands["generic_nack"]
BIND_RECEIVER: int = commands["bind_receiver"]
BIND_TRANSMITTER: int = commands["bind_transmitter"]
BIND_TRANSCEIVER: int = commands["bind_transceiver"]
BIND_RECEIVER_RESP: int = commands["bind_receiver_resp"]
BIND_TRANSMITTER_RESP: int = commands["bind_transmitter_resp"]
BIND_TRANSCEIVER_RESP: int = commands["bind_transceiver_resp"]
OUTBIND: int = commands["outbind"]
UNBIND: int = commands["unbind"]
UNBIND_RESP: int = commands["unbind_resp"]
SUBMIT_SM: int = commands["submit_sm"]
SUBMIT_SM_RESP: int = commands["submit_sm_resp"]
DELIVER_SM: int = commands["deliver_sm"]
DELIVER_SM_RESP: int = commands["deliver_sm_resp"]
DATA_SM: int = commands["data_sm"]
DATA_SM_RESP: int = commands["data_sm_resp"]
QUERY_SM: int = commands["query_sm"]
QUERY_SM_RESP: int = commands["query_sm_resp"]
ENQUIRE_LINK: int = commands["enquire_link"]
ENQUIRE_LINK_RESP: int = commands["enquire_link_resp"]
ALERT_NOTIFICATION: int = commands["alert_notification"]

COMMAND_NAMES: Mapping[int, str] = {number: name for name, number in commands.items()}


def command_name(command: int) -> str:
    """The specification's word, or the number: for logs."""
    return COMMAND_NAMES.get(command) or f"0x{command:08x}"


# command_status

OK = 0x00
INVALID_COMMAND_LENGTH = 0x02
INVALID_COMMAND = 0x03
WRONG_BIND_STATE = 0x04
ALREADY_BOUND = 0x05
SYSTEM_ERROR = 0x08
QUEUE_FULL = 0x14
THROTTLED = 0x58
TEMPORARY_APPLICATION_ERROR = 0x64  # what we answer to a deliver_sm that could not be stored now

THROTTLING = frozenset((THROTTLED, QUEUE_FULL))  # the SMSC takes no more for the moment
VENDORS = range(0x400, 0x500)

NUMBER, NETWORK, ACCOUNT, GATEWAY, LINK = Scope.NUMBER, Scope.NETWORK, Scope.ACCOUNT, Scope.GATEWAY, Scope.DEVICE
FOR_GOOD = None  # no scope: nobody waits

# What a person can do
CHECK_NUMBER = _("Check the recipient's number.")
CHECK_SENDER = _("Check the sender's name or number: the operator may have to register it for this account.")
ASK_OPERATOR = _("Ask the operator what this account may send, and whether it has credit.")
CHECK_ACCOUNT = _("Check system_id, password and system_type with the operator.")
CHECK_SETTINGS = _("Check this bind's settings with the operator.")
TELL_US = _("It does not take SMS in this form: try another `long_messages` or coding, or ask the operator.")
WAIT = _("The SMSC is busy; another try comes by itself.")
TRY_LATER = _("A few more tries come by themselves; if they fail too, ask the operator.")
NOT_POSSIBLE = _("The SMSC can't carry this message in this form.")


@dataclass(frozen=True, slots=True)
class Status:
    """One command_status: its name, in words, whom it concerns, and what to do."""

    name: str
    words: str
    scope: Scope | None  # None: refused for good
    advice: str


STATUSES: Mapping[int, Status] = {
    0x01: Status("ESME_RINVMSGLEN", "message length is invalid", FOR_GOOD, NOT_POSSIBLE),
    0x02: Status("ESME_RINVCMDLEN", "command length is invalid", GATEWAY, TELL_US),
    0x03: Status("ESME_RINVCMDID", "invalid command", ACCOUNT, CHECK_SETTINGS),  # the account can't submit
    0x04: Status("ESME_RINVBNDSTS", "incorrect bind status for this command", LINK, CHECK_SETTINGS),
    0x05: Status("ESME_RALYBND", "already bound", LINK, CHECK_ACCOUNT),
    0x06: Status("ESME_RINVPRTFLG", "invalid priority flag", GATEWAY, TELL_US),
    0x07: Status("ESME_RINVREGDLVFLG", "invalid registered delivery flag", ACCOUNT, ASK_OPERATOR),
    0x08: Status("ESME_RSYSERR", "system error", NETWORK, WAIT),
    0x0A: Status("ESME_RINVSRCADR", "invalid source address", ACCOUNT, CHECK_SENDER),
    0x0B: Status("ESME_RINVDSTADR", "invalid destination address", FOR_GOOD, CHECK_NUMBER),
    0x0C: Status("ESME_RINVMSGID", "message id is invalid", NETWORK, WAIT),
    0x0D: Status("ESME_RBINDFAIL", "bind failed", ACCOUNT, CHECK_ACCOUNT),
    0x0E: Status("ESME_RINVPASWD", "invalid password", ACCOUNT, CHECK_ACCOUNT),
    0x0F: Status("ESME_RINVSYSID", "invalid system id", ACCOUNT, CHECK_ACCOUNT),
    0x11: Status("ESME_RCANCELFAIL", "cancel failed", NUMBER, TRY_LATER),
    0x13: Status("ESME_RREPLACEFAIL", "replace failed", NUMBER, TRY_LATER),
    0x14: Status("ESME_RMSGQFUL", "message queue full", NETWORK, WAIT),  # throttling
    0x15: Status("ESME_RINVSERTYP", "invalid service type", ACCOUNT, CHECK_SETTINGS),
    0x33: Status("ESME_RINVNUMDESTS", "invalid number of destinations", FOR_GOOD, NOT_POSSIBLE),
    0x34: Status("ESME_RINVDLNAME", "invalid distribution list name", FOR_GOOD, NOT_POSSIBLE),
    0x40: Status("ESME_RINVDESTFLAG", "destination flag is invalid", FOR_GOOD, NOT_POSSIBLE),
    0x42: Status("ESME_RINVSUBREP", "invalid submit with replace", FOR_GOOD, NOT_POSSIBLE),
    0x43: Status("ESME_RINVESMCLASS", "invalid esm_class", GATEWAY, TELL_US),  # long messages by UDH are not taken, say
    0x44: Status("ESME_RCNTSUBDL", "cannot submit to distribution list", FOR_GOOD, NOT_POSSIBLE),
    0x45: Status("ESME_RSUBMITFAIL", "submit failed", NUMBER, TRY_LATER),  # the catch-all: busy, no credit, no route
    0x48: Status("ESME_RINVSRCTON", "invalid source address type", ACCOUNT, CHECK_SETTINGS),
    0x49: Status("ESME_RINVSRCNPI", "invalid source address plan", ACCOUNT, CHECK_SETTINGS),
    0x50: Status("ESME_RINVDSTTON", "invalid destination address type", GATEWAY, CHECK_SETTINGS),
    0x51: Status("ESME_RINVDSTNPI", "invalid destination address plan", GATEWAY, CHECK_SETTINGS),
    0x53: Status("ESME_RINVSYSTYP", "invalid system type", ACCOUNT, CHECK_ACCOUNT),
    0x54: Status("ESME_RINVREPFLAG", "invalid replace_if_present flag", GATEWAY, TELL_US),
    0x55: Status("ESME_RINVNUMMSGS", "invalid number of messages", FOR_GOOD, NOT_POSSIBLE),
    0x58: Status("ESME_RTHROTTLED", "throttled: more than the account may send at a time", NETWORK, WAIT),
    0x61: Status("ESME_RINVSCHED", "invalid scheduled delivery time", GATEWAY, TELL_US),
    0x62: Status("ESME_RINVEXPIRY", "invalid validity period", GATEWAY, TELL_US),
    0x63: Status("ESME_RINVDFTMSGID", "predefined message not found", FOR_GOOD, NOT_POSSIBLE),
    # 0x64 to 0x66 are ESMEs' answers to a deliver_sm; an SMSC that is itself somebody's ESME passes them on
    0x64: Status("ESME_RX_T_APPN", "temporary error of the receiver", NUMBER, TRY_LATER),
    0x65: Status("ESME_RX_P_APPN", "permanent error of the receiver", FOR_GOOD, ASK_OPERATOR),
    0x66: Status("ESME_RX_R_APPN", "rejected by the receiver", FOR_GOOD, ASK_OPERATOR),
    0x67: Status("ESME_RQUERYFAIL", "query failed", NUMBER, TRY_LATER),
    0xC0: Status("ESME_RINVOPTPARSTREAM", "error in the optional parameters", GATEWAY, TELL_US),
    0xC1: Status("ESME_ROPTPARNOTALLWD", "optional parameter not allowed", GATEWAY, TELL_US),
    0xC2: Status("ESME_RINVPARLEN", "invalid parameter length", FOR_GOOD, NOT_POSSIBLE),
    0xC3: Status("ESME_RMISSINGOPTPARAM", "optional parameter missing", GATEWAY, TELL_US),
    0xC4: Status("ESME_RINVOPTPARAMVAL", "invalid optional parameter", GATEWAY, TELL_US),
    0xFE: Status("ESME_RDELIVERYFAILURE", "delivery failure", NUMBER, TRY_LATER),
    0xFF: Status("ESME_RUNKNOWNERR", "unknown error", NUMBER, TRY_LATER),
    # SMPP 5.0, 4.7.6: some SMSCs that say 3.4 use them
    0x100: Status("ESME_RSERTYPUNAUTH", "not authorised for this service type", ACCOUNT, ASK_OPERATOR),
    0x101: Status("ESME_RPROHIBITED", "not authorised for this operation", ACCOUNT, ASK_OPERATOR),
    0x102: Status("ESME_RSERTYPUNAVAIL", "service type is unavailable", NETWORK, WAIT),
    0x103: Status("ESME_RSERTYPDENIED", "service type is denied", ACCOUNT, ASK_OPERATOR),
    0x104: Status("ESME_RINVDCS", "invalid data coding", GATEWAY, TELL_US),
    0x105: Status("ESME_RINVSRCADDRSUBUNIT", "invalid source address subunit", GATEWAY, TELL_US),
    0x106: Status("ESME_RINVDSTADDRSUBUNIT", "invalid destination address subunit", GATEWAY, TELL_US),
}
OF_THE_SENDER = frozenset((0x0A, 0x48, 0x49))  # the source address and its types
OF_BINDS: Mapping[int, tuple[Cause, str]] = {  # what is not the account's data
    0x05: (Cause.FORBIDDEN, _("The account is in use over another link; the SMSC lets go of a dead one by itself.")),
    0x08: (Cause.NO_NETWORK, WAIT),
    0x14: (Cause.NO_NETWORK, WAIT),
    0x58: (Cause.NO_NETWORK, WAIT),
}
UNKNOWN = Status("", "an error that only its operator knows", NUMBER, TRY_LATER)


def outcome_of(status: int, *, names_sender: bool = False) -> Deferred | Refused:
    """What a submit_sm's error means. `names_sender`: the message itself says from whom it comes, so that a sender
    that is refused is its own fault, and not the bind's.
    """
    known = STATUSES.get(status, UNKNOWN)
    scope = NUMBER if names_sender and status in OF_THE_SENDER else known.scope
    text = _("The operator's SMSC answered “{words}”. {advice}").format(words=words(status), advice=known.advice)
    code = status_code(status)
    return Refused(code, text) if scope is None else Deferred(code, text, scope, is_counted=status not in THROTTLING)


def refused_bind(status: int) -> tuple[Cause, str]:
    """Why a bind was refused, and what to do."""
    cause, advice = OF_BINDS.get(status, (Cause.DENIED, CHECK_ACCOUNT))
    sentence = _("The operator's SMSC refuses the bind: “{words}”. {advice}")
    return cause, sentence.format(words=words(status), advice=advice)


def is_throttling(status: int) -> bool:
    """Whether the SMSC asks for less at a time: nothing is wrong with message, number or account."""
    return status in THROTTLING


def status_code(status: int) -> str:
    """The stable machine word: smpp_0x0b."""
    return f"smpp_0x{status:02x}"


def status_name(status: int) -> str:
    """The specification's name, or the number: for logs and diagnostics."""
    known = STATUSES.get(status)
    return known.name if known else "ESME_ROK" if status == OK else f"0x{status:08x}"


def words(status: int) -> str:
    """A few words, with the number of an error that the specification doesn't name."""
    known = STATUSES.get(status)
    return known.words if known else f"{UNKNOWN.words}, 0x{status:x}"
