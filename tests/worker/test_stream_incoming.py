"""What patients write over a bind: in the inbox whole, once, and acknowledged only when it is there."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fake_smsc import Conduct, codec
from tests.worker.bound import Bound, bound

PATIENT = "79000000009"
UDHI = 0x40
UCS2 = "Да, приду в 10:00 🙂".encode("utf-16-be")
SAR = (0x020C, 0x020E, 0x020F)  # sar_msg_ref_num, sar_total_segments, sar_segment_seqnum
PAYLOAD = 0x0424  # message_payload


def tlv(tag: int, value: bytes) -> bytes:
    return tag.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value


def sar(total: int, number: int) -> bytes:
    return b"".join(
        tlv(tag, value) for tag, value in zip(SAR, (b"\x00\x2a", bytes([total]), bytes([number])), strict=True)
    )


def udh(total: int, number: int) -> bytes:
    return bytes((5, 0, 3, 42, total, number))


# name -> the SMS, each its octets, data_coding, esm_class and parameters; and the text
WRITTEN: dict[str, tuple[list[tuple[bytes, int, int, bytes]], str]] = {
    "GSM 7-bit": ([(b"Yes \x1be", 0, 0, b"")], "Yes €"),
    "ASCII": ([(b"Yes @ 10", 1, 0, b"")], "Yes @ 10"),
    "Latin-1": ([("à bientôt".encode("latin-1"), 3, 0, b"")], "à bientôt"),
    "Cyrillic": ([("Приду".encode("iso8859_5"), 6, 0, b"")], "Приду"),
    "Hebrew": ([("כן".encode("iso8859_8"), 7, 0, b"")], "כן"),
    "UCS-2": ([(UCS2, 8, 0, b"")], UCS2.decode("utf-16-be")),
    "a payload": ([(b"", 8, 0, tlv(PAYLOAD, UCS2 * 5))], UCS2.decode("utf-16-be") * 5),
    "parts by header": ([(udh(2, n) + UCS2, 8, UDHI, b"") for n in (2, 1)], UCS2.decode("utf-16-be") * 2),
    "parts by parameters": ([(b"Yes %d " % n, 0, 0, sar(3, n)) for n in (3, 1, 2)], "Yes 1 Yes 2 Yes 3 "),
    "parts by header in a payload": (
        [(b"", 8, UDHI, tlv(PAYLOAD, udh(2, n) + UCS2)) for n in (1, 2)],
        UCS2.decode("utf-16-be") * 2,
    ),
}


def inbox(made: Bound) -> list[tuple[str, str, int]]:
    return made.rows("SELECT sender, body, complete FROM inbox ORDER BY id")


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_in_the_inbox_whole_and_was_written_down_before_the_smsc_was_told(name: str, tmp_path: Path) -> None:
    written, text = WRITTEN[name]
    with bound(tmp_path) as made:
        made.start()
        for octets, data_coding, esm_class, tlvs in written:
            made.smsc.say(PATIENT, octets, data_coding=data_coding, esm_class=esm_class, tlvs=tlvs)
        made.until(lambda: len(made.smsc.statuses) == len(written))
        assert inbox(made) == [(f"+{PATIENT}", text, 1)]
        assert made.smsc.statuses == [0] * len(written)


def test_by_data_sm_too(tmp_path: Path) -> None:
    with bound(tmp_path) as made:
        made.start()
        made.until(lambda: made.smsc.counts["binds"])
        ends = b"\0\x01\x01" + PATIENT.encode() + b"\0\x01\x01clinic\0"
        made.smsc.ask(0x103, ends + bytes((0, 0, 8)) + tlv(PAYLOAD, UCS2))
        made.until(lambda: inbox(made))
        assert inbox(made) == [(f"+{PATIENT}", UCS2.decode("utf-16-be"), 1)]


def test_while_it_cannot_be_written_down_the_smsc_is_not_told_and_nothing_is_lost(tmp_path: Path) -> None:
    with bound(tmp_path) as made, closing(sqlite3.connect(made.path, isolation_level=None)) as other:
        made.start()
        made.until(lambda: made.smsc.counts["binds"])
        other.execute("BEGIN IMMEDIATE")
        made.smsc.say(PATIENT, b"Yes")
        time.sleep(0.5)  # nothing is to happen meanwhile
        assert made.smsc.statuses == []
        other.execute("ROLLBACK")
        made.until(lambda: made.smsc.statuses)
        assert (made.smsc.statuses, inbox(made)) == ([0], [(f"+{PATIENT}", "Yes", 1)])


@pytest.mark.parametrize("how", ["reset", "stall"])
def test_one_whose_acknowledgement_was_lost_with_the_link_is_there_once(how: str, tmp_path: Path) -> None:
    with bound(tmp_path, Conduct()) as made:
        made.start()
        made.until(lambda: made.smsc.counts["binds"])
        made.smsc.break_at("deliver", how)
        made.smsc.say(PATIENT, b"Yes")
        made.until(lambda: made.smsc.counts["faults"])
        made.smsc.cut() if how == "stall" else None
        made.until(lambda: made.smsc.statuses)
        assert inbox(made) == [(f"+{PATIENT}", "Yes", 1)]
        made.smsc.say(PATIENT, b"Yes")  # and one that they write again is another
        made.until(lambda: len(inbox(made)) == 2)


def test_what_is_no_pdu_of_a_patients_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    with bound(tmp_path) as made:
        made.start()
        made.until(lambda: made.smsc.counts["binds"])
        made.smsc.ask(codec.DELIVER_SM, b"no end")
        made.smsc.say(PATIENT, b"Yes")
        made.until(lambda: made.smsc.statuses)
        assert [body for _sender, body, _complete in inbox(made)] == ["Yes"]
