"""[pure] Delivery receipts and intermediate notifications -> Report (SMPP 3.4, 4.6.1, 5.3.2 and appendix B).

What an optional parameter says counts before the text; the text fills what is missing. A receipt is known by its
esm_class or by its parameters, never by a text alone: a patient may write what looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from gateway.carrier import Report, ReportStatus
from gateway.i18n import _
from gateway.smpp import address, messages, times, tlv
from gateway.smpp.coding import Codings
from gateway.smpp.messages import DataSm, DeliverSm
from gateway.smpp.payload import octets_of, open_payload
from gateway.smpp.times import Zone

DELIVERED, UNDELIVERED, PENDING = ReportStatus.DELIVERED, ReportStatus.UNDELIVERED, ReportStatus.PENDING

# esm_class of what an SMSC says of an SMS; 0x08 is meant for what a phone says of it, and some SMSCs use it
RECEIPT_TYPES = (messages.RECEIPT_TYPE, messages.DELIVERY_ACKNOWLEDGEMENT_TYPE, messages.INTERMEDIATE_TYPE)


@dataclass(frozen=True, slots=True)
class State:
    """How an SMS stands: appendix B's word, what it means for us, and in words."""

    word: str
    status: ReportStatus
    text: str


# message_state, 5.2.28. ACCEPTD is final by the letter ("read by customer service"), but SMSCs mean that it is on its
# way. UNKNOWN says that the SMSC has lost sight of it: it may have arrived, so nothing ends here.
STATES: Mapping[int, State] = MappingProxyType(
    {
        0: State("schedld", PENDING, _("waits in the SMSC for its time")),  # SMPP 5.0, 4.7.15
        1: State("enroute", PENDING, _("on its way")),
        2: State("delivrd", DELIVERED, _("received by the phone")),
        3: State("expired", UNDELIVERED, _("the validity period is over")),
        4: State("deleted", UNDELIVERED, _("deleted in the SMSC")),
        5: State("undeliv", UNDELIVERED, _("could not be delivered")),
        6: State("acceptd", PENDING, _("accepted; not yet known to be delivered")),
        7: State("unknown", PENDING, _("the SMSC does not know how it stands")),
        8: State("rejectd", UNDELIVERED, _("rejected by the SMSC")),
        9: State("skipped", UNDELIVERED, _("left out by the SMSC")),  # SMPP 5.0
    }
)
NO_STATE = State("no_state", PENDING, _("the receipt does not say how it stands"))

# stat: begins with one of these, however it goes on
WORDS: Mapping[str, State] = MappingProxyType(
    {
        "delivr": STATES[2],  # DELIVRD; not "delivery failed"
        "delivered": STATES[2],
        "deliverd": STATES[2],
        "expir": STATES[3],
        "delet": STATES[4],
        "undel": STATES[5],
        "fail": STATES[5],
        "accep": STATES[6],
        "unkno": STATES[7],
        "rejec": STATES[8],
        "enrou": STATES[1],
        "buffe": State("buffered", PENDING, _("on its way")),
        "sched": STATES[0],
        "skipp": STATES[9],
    }
)

KEY = re.compile(
    r"(?<![a-z])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat(?:e|us)?|err(?:or)?|text)\s{0,2}[:=]", re.IGNORECASE
)
# As appendix B writes it, word for word, and so most SMSCs: read in one go what the search by KEY finds step by step.
USUAL = re.compile(
    r"id:(?P<id>[0-9A-Za-z-]+) sub:(?P<sub>[0-9]+) dlvrd:(?P<dlvrd>[0-9]+) submit date:(?P<submit>[0-9]+)"
    r" done date:(?P<done>[0-9]+) stat:(?P<stat>[A-Za-z]+) err:(?P<err>[0-9A-Za-z]+)(?: [Tt]ext:.*)?",
    re.DOTALL,
)
NAMES = {"submitdate": "submit", "donedate": "done", "state": "stat", "status": "stat", "error": "err"}
AROUND = " \t\r\n\"',;"
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
LONGEST_WORD = 12  # characters of an operator's own word or error that go into a code
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says; dates are in the SMSC's own zone."""

    message_id: str  # as it writes it; "": it doesn't say
    state: State
    error: str  # "": none
    recipient: str | None = field(repr=False)
    submitted: datetime | None
    done: datetime | None
    is_intermediate: bool = False

    @property
    def status(self) -> ReportStatus:
        """That a first try has failed is no end."""
        return PENDING if self.is_intermediate and self.state.status is UNDELIVERED else self.state.status

    @property
    def code(self) -> str:
        """The stable machine word: smpp_delivrd, smpp_undeliv_011."""
        return f"smpp_{self.state.word}" + (f"_{self.error}" if self.error else "")


def find(message: DeliverSm | DataSm, codings: Codings) -> Receipt | None:
    """What `message` says as a receipt; None when it is somebody's SMS."""
    tlv_id, tlv_state = tlv.string(message.tlvs, tlv.RECEIPTED_MESSAGE_ID), tlv.integer(message.tlvs, tlv.MESSAGE_STATE)
    kind = message.esm_class & messages.MESSAGE_TYPE
    if kind not in RECEIPT_TYPES and tlv_id is None and tlv_state is None:
        return None
    fields = _fields(message, codings)
    is_marked, has_state = kind in RECEIPT_TYPES, tlv_state is not None or "stat" in fields
    if not has_state and not (is_marked and (tlv_id is not None or "id" in fields)):
        return None  # it says nothing like a receipt: a person should see it
    return Receipt(
        message_id=(tlv_id or _first_word(fields.get("id", "")))[:LONGEST_ID],
        state=_state(tlv_state, fields.get("stat", "")),
        error=_error(fields.get("err", ""), tlv.find(message.tlvs, tlv.NETWORK_ERROR_CODE)),
        recipient=_recipient(message),
        submitted=times.read_date(fields.get("submit", "")),
        done=times.read_date(fields.get("done", "")),
        is_intermediate=kind == messages.INTERMEDIATE_TYPE,
    )


def report(receipt: Receipt, forms: Sequence[str], zone: Zone, fingerprint: str, handle: object = None) -> Report:
    """`forms`: how the answer may have written the id, the likeliest first; none, and it is taken as it is."""
    reference, *others = forms or (receipt.message_id,)
    return Report(
        message_reference=reference,
        recipient=receipt.recipient,
        status=receipt.status,
        code=receipt.code,
        submitted_at=zone.at(receipt.submitted),
        discharged_at=zone.at(receipt.done),
        fingerprint=fingerprint,
        text=receipt.state.text,
        handle=handle,
        is_exact=receipt.message_id != "",
        other_forms=tuple(others),
    )


def fields_in(text: str) -> dict[str, str]:
    """The fields of a receipt's text, in any order and case, by the names that appendix B gives them; the first counts.

    What stands behind `text:` is the SMS's own beginning, and nobody's business.
    """
    usual = USUAL.fullmatch(text)
    return usual.groupdict() if usual else _fields_by_key(text)


def _fields_by_key(text: str) -> dict[str, str]:
    found = list(KEY.finditer(text))
    ends = [*(key.start() for key in found[1:]), len(text)][: len(found)]
    fields: dict[str, str] = {}
    for key, end in zip(found, ends, strict=True):
        word = key[1].lower().replace(" ", "").replace("_", "")
        if word == "text" and "id" in fields and "stat" in fields:
            break
        fields.setdefault(NAMES.get(word, word), text[key.end() : end].strip(AROUND))
    fields.pop("text", None)
    return fields


def _fields(message: DeliverSm | DataSm, codings: Codings) -> dict[str, str]:
    """Most texts are ASCII whatever data_coding says: in GSM 7-bit an id's "_" would be another character."""
    plain = fields_in(octets_of(message).decode("latin-1"))
    return plain if plain else fields_in(open_payload(message, codings).text)


def _first_word(text: str) -> str:
    return next(iter(text.split()), "").strip(AROUND)


def _state(number: int | None, word: str) -> State:
    """The parameter's; else the text's; an operator's own word is no end, and stays visible."""
    if number is not None and number in STATES:
        return STATES[number]
    plain = NOT_A_WORD.sub("", _first_word(word).lower())[:LONGEST_WORD]
    known = next((state for beginning, state in WORDS.items() if plain.startswith(beginning)), None)
    return known or (State(plain, PENDING, NO_STATE.text) if plain else NO_STATE)


def _error(word: str, network_error: bytes | None) -> str:
    """As the text writes it, else network_error_code's number (5.3.2.31: the network's kind, then two octets)."""
    plain = NOT_A_WORD.sub("", _first_word(word).lower())[:LONGEST_WORD]
    if not plain and network_error and len(network_error) == 3:
        plain = f"{int.from_bytes(network_error[1:], 'big'):03d}"
    return plain if plain.strip("0") else ""


def _recipient(message: DeliverSm | DataSm) -> str | None:
    """The patient's number: the receipt's source, but some SMSCs leave the submit_sm's addresses as they were.

    None when one is a short code and the other is not: either may be ours.
    """
    numbers = [each for each in (message.source, message.destination) if address.is_number(each)]
    if len(numbers) == 2 and address.is_short(numbers[0]) and not address.is_short(numbers[1]):
        return None
    return address.number_of(numbers[0]) if numbers else None
