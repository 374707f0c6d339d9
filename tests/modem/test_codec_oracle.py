"""Our SUBMITs against those of python-gsmmodem in the range where it is right: 8-bit references, 255 parts at most."""

from __future__ import annotations

import random

import pytest
from gsmmodem.pdu import encodeSmsSubmitPdu

from gateway.carrier import Submission
from gateway.modem import pdu
from gateway.sms.segmentation import split

ALPHABETS = {
    "letters": "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 @£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ",
    "with the extension table": "abc ^{}\\[~]|€",
    "Cyrillic": "абвгдежзиклмнопрстуфхцчшщъыьэюя АБВГД 0123456789",
    "Chinese": "您好明天上午十点请到诊所",
}
MESSAGE_REFERENCE = slice(2, 3)  # python-gsmmodem puts the concatenation reference there, too


@pytest.mark.parametrize("characters", ALPHABETS.values(), ids=ALPHABETS)
def test_a_submit_is_the_same_octet_for_octet(characters: str) -> None:
    chance = random.Random(160)
    for reference in range(1, 150):
        text = "".join(chance.choices(characters, k=chance.randrange(1, 700)))
        ours = [pdu.encode_submit(Submission(1, "+79000000001", segment)) for segment in split(text, reference)]
        theirs = encodeSmsSubmitPdu("+79000000001", text, reference=reference)
        assert [(each.hex, each.length) for each in ours] == [_without_reference(each) for each in theirs]


def _without_reference(their_pdu: object) -> tuple[str, int]:
    octets = bytearray(their_pdu.data)  # type: ignore[attr-defined]
    octets[MESSAGE_REFERENCE] = b"\x00"
    return octets.hex().upper(), their_pdu.tpduLength  # type: ignore[attr-defined]
