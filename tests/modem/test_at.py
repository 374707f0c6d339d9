"""One AT conversation without a port: what each line means while a given command waits, at any size of reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem.at import Answer, Conversation, Event, Final, Late, Result
from gateway.modem.lines import Prompt
from gateway.modem.urc import Kind, Unsolicited
from tests.modem.conversation import NO, PDU, REPORT, SIZES, feed, ok

# name -> (command, what the modem sends, the events)
ANSWERS: dict[str, tuple[str, bytes, list[Event]]] = {
    "an answer with information": ("AT+CSQ", b"\r\n+CSQ: 11,99\r\n\r\nOK\r\n", [ok("+CSQ: 11,99")]),
    "OK with no information line at all": ("AT+CGSN", b"\r\nOK\r\n", [ok()]),
    "raw text": ("AT+CGMI", b"\r\nhuawei\r\n\r\nOK\r\n", [ok("huawei")]),
    "echo is no information": ("AT+CGMI", b"AT+CGMI\r\r\nhuawei\r\nOK\r\n", [ok("huawei")]),
    "lone CR as line end": ("AT+CGMI", b"\rhuawei\r\rOK\r", [ok("huawei")]),
    "a line that merely starts with OK": ("AT+CGMI", b"\r\nOKI Data\r\nOK\r\n", [ok("OKI Data")]),
    "a line that contains ERROR": ("AT+CGMM", b"\r\nNO ERRORS 1\r\nOK\r\n", [ok("NO ERRORS 1")]),
    "several lines": ("AT+CGMR", b"\r\nV 11\r\n15-12\r\nRM-348\r\nOK\r\n", [ok("V 11", "15-12", "RM-348")]),
    "a set command answered by its query form": ("AT+CVHU=0", b"\r\n+CVHU: (0-1)\r\nOK\r\n", [ok("+CVHU: (0-1)")]),
    "plain error": ("AT+FOO", b"\r\nERROR\r\n", [Answer(Final(Result.ERROR, NO, "ERROR"))]),
    "numbered equipment error": (
        "AT+CPIN?",
        b"\r\n+CME ERROR: 10\r\n",
        [Answer(Final(Result.CME, 10, "+CME ERROR: 10"))],
    ),
    "error in words": (
        "AT+CSCA?",
        b"\r\n+CMS ERROR: SIM busy\r\n",
        [Answer(Final(Result.CMS, NO, "+CMS ERROR: SIM busy"))],
    ),
    "Huawei's refusal": (
        "AT+CMMS=?",
        b"\r\nCOMMAND NOT SUPPORT\r\n",
        [Answer(Final(Result.ERROR, NO, "COMMAND NOT SUPPORT"))],
    ),
    "NO CARRIER ends a command": ("ATH", b"\r\nNO CARRIER\r\n", [Answer(Final(Result.ERROR, NO, "NO CARRIER"))]),
    "noise inside an answer": (
        "AT+CGMI",
        b"\r\n^RSSI: 18\r\nhuawei\r\n+WIND: 4\r\nRING\r\nOK\r\n",
        [
            Unsolicited(Kind.NOISE, "^RSSI: 18"),
            Unsolicited(Kind.NOISE, "+WIND: 4"),
            Unsolicited(Kind.NOISE, "RING"),
            ok("huawei"),
        ],
    ),
    "a notification inside an answer": (
        "AT+CSQ",
        b'\r\n+CMTI: "SM",0\r\n+CSQ: 11,99\r\nOK\r\n',
        [Unsolicited(Kind.STORED_DELIVER, '+CMTI: "SM",0'), ok("+CSQ: 11,99")],
    ),
    "a report inside an answer": (
        "AT+CSQ",
        f"\r\n+CSQ: 11,99\r\n+CDS: 25\r\n{REPORT}\r\nOK\r\n".encode(),
        [Unsolicited(Kind.REPORT, "+CDS: 25", REPORT), ok("+CSQ: 11,99")],
    ),
    "an answer between a report's header and its PDU": (
        "AT+CSQ",
        f"\r\n+CDS: 25\r\n+CSQ: 11,99\r\nOK\r\n{REPORT}\r\n".encode(),
        [ok("+CSQ: 11,99"), Unsolicited(Kind.REPORT, "+CDS: 25", REPORT)],
    ),
    "noise between a header and its PDU": (
        "AT+CGSN",
        f"\r\n+CDS: 25\r\n^RSSI: 18\r\n{REPORT}\r\n350000000000006\r\nOK\r\n".encode(),
        [Unsolicited(Kind.NOISE, "^RSSI: 18"), Unsolicited(Kind.REPORT, "+CDS: 25", REPORT), ok("350000000000006")],
    ),
    "noise before a PDU's line end": (
        "AT",
        f"\r\n+CDS: 25\r\n{REPORT}^RSSI: 18\r\nOK\r\n".encode(),
        [Unsolicited(Kind.REPORT, "+CDS: 25", REPORT), ok()],
    ),
    "registration: the answer": ("AT+CREG?", b"\r\n+CREG: 0,1\r\nOK\r\n", [ok("+CREG: 0,1")]),
    "registration: unasked, between": (
        "AT+CREG?",
        b'\r\n+CREG: 5\r\n+CREG: 1,"00C3","01A2",7\r\n+CREG: 2,1,"00C3","01A2",7\r\nOK\r\n',
        [
            Unsolicited(Kind.REGISTRATION, "+CREG: 5"),
            Unsolicited(Kind.REGISTRATION, '+CREG: 1,"00C3","01A2",7'),
            ok('+CREG: 2,1,"00C3","01A2",7'),
        ],
    ),
    "a message that is read": (
        "AT+CMGR=0",
        f"\r\n+CMGR: 0,,25\r\n{REPORT}\r\n\r\nOK\r\n".encode(),
        [ok("+CMGR: 0,,25", REPORT)],
    ),
    "a header whose PDU never comes does not take another's": (
        "AT+CMGR=0",
        f"\r\n+CDS: 25\r\n+CMGR: 0,,25\r\n{REPORT}\r\nOK\r\n".encode(),
        [ok("+CMGR: 0,,25", REPORT)],
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_told_apart_from_what_comes_unasked(name: str, size: int) -> None:
    command, data, expected = ANSWERS[name]
    conversation = Conversation()
    assert conversation.send(command) == command.encode() + b"\r"
    assert feed(conversation, data, size) == expected


# name -> (after the command, after the PDU, the events of both)
SUBMITS: dict[str, tuple[bytes, bytes, list[Event]]] = {
    "plain": (b"\r\n> ", b"\r\n+CMGS: 41\r\n\r\nOK\r\n", [Prompt(), ok("+CMGS: 41")]),
    "prompt without a space": (b"\r>", b"\r+CMGS: 41\r\rOK\r", [Prompt(), ok("+CMGS: 41")]),
    "echo of both": (
        b"AT+CMGS=18\r\r\n> ",
        PDU.encode() + b"\x1a\r\n+CMGS: 41\r\n\r\nOK\r\n",
        [Prompt(), ok("+CMGS: 41")],
    ),
    "an old OK before the prompt": (b"\r\nOK\r\n\r\n> ", b"\r\n+CMGS: 41\r\nOK\r\n", [Prompt(), ok("+CMGS: 41")]),
    "a report while the answer is awaited": (
        b"\r\n> ",
        f"\r\n+CDS: 25\r\n{REPORT}\r\n+CMGS: 41\r\nOK\r\n".encode(),
        [Prompt(), Unsolicited(Kind.REPORT, "+CDS: 25", REPORT), ok("+CMGS: 41")],
    ),
    "a call ends while the answer is awaited": (
        b"\r\n> ",
        b"\r\nRING\r\nNO CARRIER\r\n+CMGS: 41\r\nOK\r\n",
        [Prompt(), Unsolicited(Kind.NOISE, "RING"), ok("+CMGS: 41")],
    ),
    "OK without a reference": (b"\r\n> ", b"\r\nOK\r\n", [Prompt(), ok()]),
    "refused by the network": (
        b"\r\n> ",
        b"\r\n+CMS ERROR: 38\r\n",
        [Prompt(), Answer(Final(Result.CMS, 38, "+CMS ERROR: 38"))],
    ),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SUBMITS)
def test_prompt_and_result_of_a_submit_are_found(name: str, size: int) -> None:
    before, after, expected = SUBMITS[name]
    conversation = Conversation()
    conversation.send("AT+CMGS=18", has_prompt=True)
    events = feed(conversation, before, size)
    assert conversation.send_pdu(PDU, 17) == PDU.encode() + b"\x1a"
    assert events + feed(conversation, after, size) == expected


def test_a_header_split_from_its_pdu_waits_for_it() -> None:
    conversation = Conversation()
    assert feed(conversation, b"\r\n+CDS: 25\r\n") == []
    assert feed(conversation, f"{REPORT}\r\n".encode()) == [Unsolicited(Kind.REPORT, "+CDS: 25", REPORT)]


def test_a_pdu_that_is_not_hexadecimal_is_damaged_and_not_lost() -> None:
    conversation = Conversation()
    assert feed(conversation, b"\r\n+CMT: ,25\r\n07919Q\r\n") == [Unsolicited(Kind.DELIVER, "+CMT: ,25", "07919Q")]


def test_commands_that_come_back_are_counted() -> None:
    conversation = Conversation()
    conversation.send("AT")
    feed(conversation, b"AT\r\r\nOK\r\n")
    assert conversation.echoes == 1


def test_nothing_of_a_message_is_in_a_repr() -> None:
    for event in (ok("+CMGR: 0,,25", REPORT), Unsolicited(Kind.REPORT, "+CDS: 25", REPORT), Late(REPORT)):
        assert REPORT not in repr(event)


@given(
    st.lists(st.sampled_from([case[1] for case in ANSWERS.values()] + [b"\xff\xfe", b"> ", b"\r\nOK\r\n"]), max_size=8)
)
def test_no_order_of_lines_breaks_the_conversation(pieces: list[bytes]) -> None:
    conversation = Conversation()
    conversation.send("AT+CMGS=18", has_prompt=True)
    feed(conversation, b"".join(pieces))
    conversation.abandon()
    conversation.send("AT+CSQ")
    answer = feed(conversation, b"\r\n\r\n+CSQ: 1,99\r\nOK\r\n")[-1]
    assert isinstance(answer, Answer)
    assert answer.is_ok
    assert "+CSQ: 1,99" in answer.lines
