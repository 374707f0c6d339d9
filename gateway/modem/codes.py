"""[pure] What the numbers of modems and networks mean: +CMS and +CME ERROR, and TP-ST of a status report.

An error says who waits: this number only, the carrier for a little while, or the carrier until it is in order again. It
is a refusal for good where the standard says that the same SMS to the same number will never pass; what concerns the
SIM or the way to the number may pass later or through another SIM. They all mean that the SMS was not sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.carrier import Deferred, Refused, ReportStatus, Scope
from gateway.i18n import _
from gateway.modem import numbers

NUMBER, NETWORK, ACCOUNT, DEVICE = Scope.NUMBER, Scope.NETWORK, Scope.ACCOUNT, Scope.DEVICE
FOR_GOOD = None  # no scope: nobody waits

# What a person can do
CHECK_NUMBER = _("Check the recipient's number.")
TRY_LATER = _("The way to this recipient is closed for now; another try comes by itself.")
ASK_OPERATOR = _("Ask the operator whether this SIM may send SMS and has credit.")
WAIT = _("The network is busy or away; another try comes by itself.")
CHECK_SIM = _("Check that the SIM sits well and works.")
ENTER_PIN = _("Put the SIM's right PIN into the configuration.")
UNLOCK = _("Unlock the SIM with its PUK in a phone.")
RESTART = _("Another try comes by itself; if it stays so, unplug the modem and plug it in again.")
EMPTY_STORAGE = _("The storage for SMS is full; the gateway empties it.")
CHECK_SMSC = _("Check the number of the service centre in the SIM.")
NOT_POSSIBLE = _("The network can't carry this message in this form.")
NOT_A_MODEM_FOR_SMS = _("This modem does not do it; use another one.")


@dataclass(frozen=True, slots=True)
class Code:
    """One error: the standard's words, whom it concerns, and what to do."""

    words: str
    scope: Scope | None  # None: refused for good
    advice: str


# +CMS ERROR
CMS: Mapping[int, Code] = {
    # RP-CAUSE, 3GPP TS 24.011, 8.2.5.4 and annex E-2
    1: Code("unassigned (unallocated) number", FOR_GOOD, CHECK_NUMBER),
    8: Code("operator determined barring", ACCOUNT, ASK_OPERATOR),  # of this SIM: another may send it
    10: Code("call barred", NUMBER, ASK_OPERATOR),  # barred towards this number
    17: Code("network failure", NETWORK, WAIT),
    21: Code("short message transfer rejected", FOR_GOOD, CHECK_NUMBER),
    22: Code("memory capacity exceeded", NUMBER, TRY_LATER),
    27: Code("destination out of service", NUMBER, TRY_LATER),  # the way to it is broken, not the number wrong
    28: Code("unidentified subscriber", FOR_GOOD, CHECK_NUMBER),
    29: Code("facility rejected", ACCOUNT, ASK_OPERATOR),
    30: Code("unknown subscriber", FOR_GOOD, CHECK_NUMBER),
    38: Code("network out of order", NETWORK, WAIT),
    41: Code("temporary failure", NETWORK, WAIT),
    42: Code("congestion", NETWORK, WAIT),
    47: Code("resources unavailable", NETWORK, WAIT),
    50: Code("requested facility not subscribed", ACCOUNT, ASK_OPERATOR),  # this SIM has no SMS service
    69: Code("requested facility not implemented", ACCOUNT, CHECK_SMSC),  # seen with a wrong service centre
    81: Code("invalid short message transfer reference value", NETWORK, WAIT),
    95: Code("semantically incorrect message", NUMBER, CHECK_NUMBER),  # 95-111: something on the way did not understand
    96: Code("invalid mandatory information", NUMBER, CHECK_NUMBER),
    97: Code("message type non-existent or not implemented", NUMBER, CHECK_NUMBER),
    98: Code("message not compatible with short message protocol state", NETWORK, WAIT),
    99: Code("information element non-existent or not implemented", NUMBER, CHECK_NUMBER),
    111: Code("protocol error, unspecified", NETWORK, WAIT),
    127: Code("interworking, unspecified", NUMBER, TRY_LATER),
    # TP-FCS, 3GPP TS 23.040, 9.2.3.22: what the service centre says of the SUBMIT
    128: Code("telematic interworking not supported", FOR_GOOD, NOT_POSSIBLE),
    129: Code("short message type 0 not supported", FOR_GOOD, NOT_POSSIBLE),
    130: Code("cannot replace short message", FOR_GOOD, NOT_POSSIBLE),
    143: Code("unspecified TP-PID error", FOR_GOOD, NOT_POSSIBLE),
    144: Code("data coding scheme (alphabet) not supported", FOR_GOOD, NOT_POSSIBLE),
    145: Code("message class not supported", FOR_GOOD, NOT_POSSIBLE),
    159: Code("unspecified TP-DCS error", FOR_GOOD, NOT_POSSIBLE),
    160: Code("command cannot be actioned", FOR_GOOD, NOT_POSSIBLE),
    161: Code("command unsupported", FOR_GOOD, NOT_POSSIBLE),
    175: Code("unspecified TP-command error", FOR_GOOD, NOT_POSSIBLE),
    176: Code("TPDU not supported", FOR_GOOD, NOT_POSSIBLE),
    192: Code("service centre busy", NETWORK, WAIT),
    193: Code("no service centre subscription", ACCOUNT, ASK_OPERATOR),
    194: Code("service centre system failure", NETWORK, WAIT),
    195: Code("invalid SME address", FOR_GOOD, CHECK_NUMBER),
    196: Code("destination SME barred", FOR_GOOD, CHECK_NUMBER),
    197: Code("duplicate short message rejected", FOR_GOOD, _("The service centre holds the same message already.")),
    198: Code("TP-VPF not supported", FOR_GOOD, NOT_POSSIBLE),
    199: Code("TP-VP not supported", FOR_GOOD, NOT_POSSIBLE),
    208: Code("SIM SMS storage full", DEVICE, EMPTY_STORAGE),
    209: Code("no SMS storage capability in SIM", DEVICE, CHECK_SIM),
    210: Code("error in MS", DEVICE, RESTART),
    211: Code("memory capacity exceeded in MS", DEVICE, EMPTY_STORAGE),
    212: Code("SIM application toolkit busy", DEVICE, RESTART),
    213: Code("SIM data download error", DEVICE, CHECK_SIM),
    255: Code("unspecified error cause", NETWORK, WAIT),
    # Of the modem itself, 3GPP TS 27.005, 3.2.5
    300: Code("ME failure", DEVICE, RESTART),
    301: Code("SMS service of ME reserved", DEVICE, RESTART),
    302: Code("operation not allowed", DEVICE, RESTART),
    303: Code("operation not supported", DEVICE, NOT_A_MODEM_FOR_SMS),
    304: Code("invalid PDU mode parameter", FOR_GOOD, CHECK_NUMBER),  # the modem finds the PDU's number impossible
    305: Code("invalid text mode parameter", FOR_GOOD, CHECK_NUMBER),
    310: Code("SIM not inserted", DEVICE, CHECK_SIM),
    311: Code("SIM PIN required", DEVICE, ENTER_PIN),
    312: Code("PH-SIM PIN required", DEVICE, UNLOCK),
    313: Code("SIM failure", DEVICE, CHECK_SIM),
    314: Code("SIM busy", DEVICE, RESTART),
    315: Code("SIM wrong", DEVICE, CHECK_SIM),
    316: Code("SIM PUK required", DEVICE, UNLOCK),
    317: Code("SIM PIN2 required", DEVICE, UNLOCK),
    318: Code("SIM PUK2 required", DEVICE, UNLOCK),
    320: Code("memory failure", DEVICE, RESTART),
    321: Code("invalid memory index", DEVICE, RESTART),
    322: Code("memory full", DEVICE, EMPTY_STORAGE),
    330: Code("SMSC address unknown", DEVICE, CHECK_SMSC),
    331: Code("no network service", NETWORK, WAIT),
    332: Code("network timeout", NETWORK, WAIT),
    340: Code("no +CNMA acknowledgement expected", DEVICE, RESTART),
    500: Code("unknown error", DEVICE, RESTART),
    # Makers' own, where several agree
    512: Code("busy with an incoming SMS", DEVICE, RESTART),
    513: Code("lower layer failure", NETWORK, WAIT),
    514: Code("fixed dialling numbers only", ACCOUNT, ASK_OPERATOR),
    515: Code("please wait, initialisation in progress", DEVICE, RESTART),
}

# +CME ERROR, 3GPP TS 27.007, 9.2: the device, unless said otherwise
CME: Mapping[int, Code] = {
    0: Code("phone failure", DEVICE, RESTART),
    1: Code("no connection to phone", DEVICE, RESTART),
    2: Code("phone-adaptor link reserved", DEVICE, RESTART),
    3: Code("operation not allowed", DEVICE, RESTART),
    4: Code("operation not supported", DEVICE, NOT_A_MODEM_FOR_SMS),
    5: Code("PH-SIM PIN required", DEVICE, UNLOCK),
    10: Code("SIM not inserted", DEVICE, CHECK_SIM),
    11: Code("SIM PIN required", DEVICE, ENTER_PIN),
    12: Code("SIM PUK required", DEVICE, UNLOCK),
    13: Code("SIM failure", DEVICE, CHECK_SIM),
    14: Code("SIM busy", DEVICE, RESTART),
    15: Code("SIM wrong", DEVICE, CHECK_SIM),
    16: Code("incorrect password", DEVICE, ENTER_PIN),
    17: Code("SIM PIN2 required", DEVICE, UNLOCK),
    18: Code("SIM PUK2 required", DEVICE, UNLOCK),
    20: Code("memory full", DEVICE, EMPTY_STORAGE),
    21: Code("invalid index", DEVICE, RESTART),
    22: Code("not found", DEVICE, RESTART),
    23: Code("memory failure", DEVICE, RESTART),
    24: Code("text string too long", DEVICE, RESTART),
    25: Code("invalid characters in text string", DEVICE, RESTART),
    26: Code("dial string too long", FOR_GOOD, CHECK_NUMBER),
    27: Code("invalid characters in dial string", FOR_GOOD, CHECK_NUMBER),
    30: Code("no network service", NETWORK, WAIT),
    31: Code("network timeout", NETWORK, WAIT),
    32: Code("network not allowed - emergency calls only", NETWORK, ASK_OPERATOR),
    40: Code("network personalization PIN required", DEVICE, UNLOCK),
    50: Code("incorrect parameters", DEVICE, RESTART),
    100: Code("unknown", DEVICE, RESTART),
    515: Code("please wait, initialisation in progress", DEVICE, RESTART),
}

TABLES: Mapping[str, Mapping[int, Code]] = {"CMS": CMS, "CME": CME}
UNKNOWN = Code("an error that only its maker knows", DEVICE, RESTART)
PLAIN_ERROR = Deferred("modem_error", _("The modem refused without saying why. {}").format(RESTART), DEVICE)

PREFIX = re.compile(r"\+CM[ES] ERROR\s*:\s*", re.IGNORECASE)
NOT_A_WORD = re.compile(r"[^a-z0-9+]+")


def outcome_of(kind: str, number: int | None, text: str | None = None) -> Deferred | Refused:
    """What the final answer to a SUBMIT means: `kind` is "CMS", "CME" or "ERROR", `number` the error's, if it has one.

    With AT+CMEE=2 an error has words instead: `text`, with or without the "+CMS ERROR:" before them. What nobody knows
    concerns the device.
    """
    if kind not in TABLES:
        return PLAIN_ERROR
    if number is None:
        kind, number = _named(kind, PREFIX.sub("", text or ""))
    stable = f"{kind.lower()}_{'unknown' if number is None else number}"
    return _outcome(stable, UNKNOWN if number is None else TABLES[kind].get(number, UNKNOWN))


def _outcome(stable: str, code: Code) -> Deferred | Refused:
    text = _("The answer was “{words}”. {advice}").format(words=code.words, advice=code.advice)
    return Refused(stable, text) if code.scope is None else Deferred(stable, text, code.scope)


def _named(kind: str, words: str) -> tuple[str, int | None]:
    """The table and number that words stand for: the answer's own table first, then the other one."""
    number = numbers.whole(words.strip())
    if number is not None:
        return kind, number
    other = next(each for each in TABLES if each != kind)
    found = ((each, NUMBERS[each].get(_plain(words))) for each in (kind, other))
    return next((each for each in found if each[1] is not None), (kind, None))


def _plain(words: str) -> str:
    """SIM, (U)SIM and USIM, capitals, dashes and commas make no difference."""
    lower = words.lower().replace("(u)", "").replace("usim", "sim")
    return NOT_A_WORD.sub(" ", lower).strip()


NUMBERS = {kind: {_plain(code.words): number for number, code in table.items()} for kind, table in TABLES.items()}


# TP-ST

# 3GPP TS 23.040, 9.2.3.15: the service centre's own values stand at the end of each range
STATUS_RANGES = (
    (0x1F, ReportStatus.DELIVERED),  # the transaction is completed
    (0x3F, ReportStatus.PENDING),  # a temporary error, the service centre still tries
    (0x5F, ReportStatus.UNDELIVERED),  # a permanent error
    (0x7F, ReportStatus.UNDELIVERED),  # a temporary error, the service centre has given up
    (0xFF, ReportStatus.UNDELIVERED),  # reserved: the standard reads it as service rejected
)
REPLACED = 0x02  # completed, but another message arrived in its place

STATUS_TEXTS: Mapping[int, str] = {
    0x00: _("received by the phone"),
    0x01: _("forwarded to the phone, which did not confirm it"),
    0x02: _("replaced by another message in the service centre"),
    0x20: _("congestion; the network still tries"),
    0x21: _("the phone is busy; the network still tries"),
    0x22: _("no answer from the phone; the network still tries"),
    0x23: _("service rejected; the network still tries"),
    0x24: _("quality of service not available; the network still tries"),
    0x25: _("error in the phone; the network still tries"),
    0x40: _("remote procedure error"),
    0x41: _("incompatible destination"),
    0x42: _("connection rejected by the phone"),
    0x43: _("not obtainable"),
    0x44: _("quality of service not available"),
    0x45: _("no interworking available"),
    0x46: _("the validity period is over"),
    0x47: _("deleted by the sender"),
    0x48: _("deleted by the service centre's administration"),
    0x49: _("the service centre does not know the message"),
    0x60: _("congestion; the network has given up"),
    0x61: _("the phone was busy; the network has given up"),
    0x62: _("no answer from the phone; the network has given up"),
    0x63: _("service rejected; the network has given up"),
    0x64: _("quality of service not available; the network has given up"),
    0x65: _("error in the phone; the network has given up"),
}
GENERAL_TEXTS = {
    ReportStatus.DELIVERED: _("completed, for a reason of the network's own"),
    ReportStatus.PENDING: _("not yet delivered, for a reason of the network's own; it still tries"),
    ReportStatus.UNDELIVERED: _("not delivered, for a reason of the network's own"),
}


def report_status(tp_st: int) -> ReportStatus:
    """What TP-ST, one octet, says of the segment."""
    if tp_st == REPLACED:
        return ReportStatus.UNDELIVERED
    return next(status for last, status in STATUS_RANGES if tp_st <= last)


def status_code(tp_st: int) -> str:
    """The stable machine word of a status: tp_st_0x00."""
    return f"tp_st_0x{tp_st:02x}"


def status_text(tp_st: int) -> str:
    """A few words for a person."""
    return STATUS_TEXTS.get(tp_st) or GENERAL_TEXTS[report_status(tp_st)]
