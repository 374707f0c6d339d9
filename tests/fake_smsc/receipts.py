"""[pure] Delivery receipts as operators' SMSCs write them (SMPP 3.4, appendix B, and its dialects)."""

from __future__ import annotations

from datetime import datetime

from tests.fake_smsc import codec

STATES = {
    "DELIVRD": 2,
    "EXPIRED": 3,
    "DELETED": 4,
    "UNDELIV": 5,
    "ACCEPTD": 6,
    "UNKNOWN": 7,
    "REJECTD": 8,
    "ENROUTE": 1,
}
RECEIPT, INTERMEDIATE = 0x04, 0x20  # esm_class
DAY, SECOND = "%y%m%d%H%M", "%y%m%d%H%M%S"

# How an SMSC writes the id of message `number` in its answer, and in its receipts.
IDS = {
    "decimal": lambda number: str(number),
    "padded": lambda number: f"{number:010d}",
    "hex": lambda number: f"{number:x}",
    "HEX": lambda number: f"{number:X}",
    "padded_hex": lambda number: f"{number:08X}",
    "uuid": lambda number: f"0e0c9a6e-0000-4000-8000-{number:012x}",
    "letters": lambda number: f"clinic-{number}",
}

TEXTS = {
    "standard": "id:{id} sub:001 dlvrd:001 submit date:{sub} done date:{day} stat:{stat} err:{err} text:{text}",
    "seconds": "id:{id} sub:001 dlvrd:001 submit date:{sub_s} done date:{second} stat:{stat} err:{err} text:{text}",
    "capitals": "Id:{id} Sub:001 Dlvrd:001 Submit Date:{sub} Done Date:{day} Stat:{stat} Err:{err} Text:{text}",
    "short": "id:{id} stat:{stat}",
    "shuffled": "stat:{stat} done date:{day} id:{id} err:{err}",
    "no_text": "id:{id} sub:001 dlvrd:000 submit date:{sub} done date:{day} stat:{stat} err:{err}",
    "quoted": 'id:"{id}" sub:"001" dlvrd:"001" submit date:"{sub}" done date:"{day}" stat:"{stat}" err:"{err}" text:""',
    "spaced": "id: {id} sub: 001 dlvrd: 001 submit date: {sub} done date: {day} stat: {stat} err: {err} text: {text}",
}


def receipt(
    message_id: str,
    stat: str,
    at: datetime,
    *,
    form: str = "standard",
    with_tlvs: bool = False,
    only_tlvs: bool = False,
    submitted_at: datetime | None = None,
) -> tuple[bytes, bytes]:
    """The octets of short_message, and of the optional parameters; `submitted_at`: unless it was done at once."""
    error = "000" if stat == "DELIVRD" else "034"
    submitted = submitted_at or at
    text = TEXTS[form].format(
        id=message_id, stat=stat, err=error, text="", day=at.strftime(DAY), second=at.strftime(SECOND),
        sub=submitted.strftime(DAY), sub_s=submitted.strftime(SECOND),
    )  # fmt: skip
    tlvs = b""
    if with_tlvs or only_tlvs:
        tlvs = codec.tlv(codec.RECEIPTED_ID, message_id.encode("ascii") + b"\0")
        tlvs += codec.tlv(codec.MESSAGE_STATE, bytes((STATES[stat],)))
        tlvs += codec.tlv(codec.NETWORK_ERROR, bytes((3, 0, int(error))))
    return (b"" if only_tlvs else text.encode("ascii")), tlvs
