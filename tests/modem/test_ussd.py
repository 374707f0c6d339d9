"""USSD answers in every form that modems write them, and whole enquiries on a fake modem."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carrier import Accepted, Incoming
from gateway.errors import CarrierLost, GatewayError
from gateway.modem import at, ussd, ussd_text
from gateway.modem.carrier import ModemCarrier
from gateway.modem.lines import Prompt
from gateway.modem.urc import Kind, Unsolicited
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import load_all
from tests.modem.live import SENDER, carrier_for, opened, receive, sms
from tests.modem.ussd_answers import ANSWERS, octets, packed, wide


@pytest.mark.parametrize(("line", "state", "text"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_read_in_every_form(line: str, state: int, text: str) -> None:
    assert ussd.reply_in(line) == ussd.Reply(state, text)


@pytest.mark.parametrize("line", ['+CMTI: "SM",1', "OK", "+CUSD", "+CUSD: x", ""])
def test_another_line_is_no_answer(line: str) -> None:
    assert ussd.reply_in(line) is None


ENGLISH = ("Balance ", "Your ", "account ", "12.50 ", "RUB ", "bonus ", "till ", "01.12.2027 ", "*100# ", "SMS ")
RUSSIAN = ("Баланс ", "счёт ", "123,45 ", "руб. ", "бонусы: ", "до ", "01.12.27 ", "Подробнее ", "*105# ", "МТС ")
CHINESE = ("您的", "余额", "为", "8.50", "元", "，", "有效期", "至", "2027年", "流量", "剩余")
LATIN_TEXTS = st.lists(st.sampled_from(ENGLISH), min_size=2, max_size=20).map("".join)
TEXTS = st.one_of(
    LATIN_TEXTS,
    st.lists(st.sampled_from(RUSSIAN), min_size=2, max_size=12).map("".join),
    st.lists(st.sampled_from(CHINESE), min_size=3, max_size=20).map("".join),
)


@given(TEXTS)
def test_a_text_in_ucs2_is_read(text: str) -> None:
    assert ussd_text.decode(wide(text), 72) == text.strip()


@pytest.mark.parametrize("coding", [15, 0, None])
@pytest.mark.parametrize(
    ("write", "texts"),
    [(wide, ENGLISH), (wide, RUSSIAN), (wide, CHINESE), (packed, ENGLISH), (octets, ENGLISH)],
    ids=["UCS-2", "UCS-2, Russian", "UCS-2, Chinese", "packed", "octets"],
)
def test_of_a_thousand_answers_all_but_a_few_are_read_whatever_the_data_coding_says(
    write: Callable[[str], str], texts: Sequence[str], coding: int | None
) -> None:
    """No rule is right for every text: some Chinese ones are also septets that look like words."""
    chance = random.Random(1)
    answers = ["".join(chance.choices(texts, k=8)).strip() for _ in range(1000)]
    wrong = [answer for answer in answers if ussd_text.decode(write(answer), coding) != answer]
    assert len(wrong) <= 5


@given(LATIN_TEXTS, st.sampled_from([15, 0, 1, None]))
def test_a_text_in_packed_septets_is_read(text: str, coding: int | None) -> None:
    assert ussd_text.decode(packed(text), coding) == text.strip()


@given(TEXTS, st.sampled_from([15, 72, 0, None]))
def test_a_plain_text_is_itself(text: str, coding: int | None) -> None:
    assert ussd_text.decode(text, coding) == text.strip()


@given(st.text(max_size=300), st.integers(0, 999) | st.none())
def test_nothing_makes_the_reader_raise(raw: str, coding: int | None) -> None:
    text = ussd_text.decode(raw, coding)
    assert text == text.strip()
    assert getattr(ussd.reply_in(f"+CUSD: {raw}"), "state", 0) in range(10)
    assert getattr(ussd.reply_in(f'+CUSD: 2,"{raw}",{coding}'), "state", None) == 2


@given(st.binary(max_size=160), st.integers(0, 255) | st.none())
def test_no_octets_make_the_reader_raise(octets: bytes, coding: int | None) -> None:
    text = ussd_text.decode(octets.hex(), coding)
    assert text == text.strip()


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("plain", 'AT+CUSD=1,"*100#",15'),
        ("packed", 'AT+CUSD=1,"AA180C3602",15'),
        ("ucs2", 'AT+CUSD=1,"002A0031003000300023",15'),
        ("hex", 'AT+CUSD=1,"2A31303023",15'),
    ],
)
def test_a_code_is_written_as_the_modem_wants_it(form: str, expected: str) -> None:
    assert ussd.command("*100#", form) == expected


def test_the_text_of_an_answer_is_not_in_its_repr() -> None:
    assert "12.50" not in repr(ussd.Reply(0, "12.50"))


# In the conversation: a text of several lines.

LONG = b'\r\n+CUSD: 1,"Menu\r\nOK\r\n> 1. Balance\r\n+CREG: 0\r\n",15\r\n'
WHOLE = Unsolicited(Kind.USSD, '+CUSD: 1,"Menu\nOK\n> 1. Balance\n+CREG: 0\n",15')


def fed(conversation: at.Conversation, octets: bytes, size: int) -> list[at.Event]:
    pieces = [octets[place : place + size] for place in range(0, len(octets), size)]
    return [event for piece in pieces for event in conversation.feed(piece)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 500])
def test_a_text_of_several_lines_is_one_event_and_answers_nothing(size: int) -> None:
    idle, asking, prompting = at.Conversation(), at.Conversation(), at.Conversation()
    asking.send("AT+CSQ")
    prompting.send("AT+CMGS=20", has_prompt=True)
    assert fed(idle, LONG, size) == fed(asking, LONG, size) == fed(prompting, LONG, size)
    assert fed(asking, b"\r\n+CSQ: 11,99\r\n\r\nOK\r\n", size)[-1] == at.Answer(at.OK, ("+CSQ: 11,99",))
    assert fed(prompting, b"\r\n> ", size) == [Prompt()]


@pytest.mark.parametrize("size", [1, 500])
def test_an_ok_inside_a_text_is_never_an_sms_answer(size: int) -> None:
    conversation = at.Conversation()
    conversation.send_pdu("00", 1)
    events = fed(conversation, LONG + b"\r\n+CMGS: 7\r\n\r\nOK\r\n", size)
    answers = [event for event in events if isinstance(event, at.Answer)]
    assert answers == [at.Answer(at.OK, ("+CMGS: 7",))]
    assert [event.kind for event in events if isinstance(event, Unsolicited)] == [Kind.USSD]


def test_a_text_that_never_closes_swallows_no_sms() -> None:
    conversation = at.Conversation()
    events = conversation.feed(b'\r\n+CUSD: 0,"Balance 5\r\n+CMTI: "SM",3\r\n')
    assert events == [Unsolicited(Kind.USSD, '+CUSD: 0,"Balance 5'), Unsolicited(Kind.STORED_DELIVER, '+CMTI: "SM",3')]


@given(st.lists(st.sampled_from(['+CUSD: 0,"', "text", 'end",15', "OK", "+CUSD: 2", '"', "+CMGS: 1"]), max_size=200))
def test_whatever_comes_a_text_ends_in_the_end(lines: list[str]) -> None:
    conversation = at.Conversation()
    for line in [*lines, *["x"] * 40]:
        conversation.feed(f"\r\n{line}\r\n".encode())
    conversation.send("AT+CSQ")
    assert at.Answer(at.OK) in conversation.feed(b"\r\nOK\r\n")


@pytest.mark.parametrize("form", ["plain", "packed", "ucs2", "ucs2_as_15", "ascii_hex"])
def test_the_balance_is_asked_for_in_every_form(modem: Handle, carrier: ModemCarrier, form: str) -> None:
    modem.ussd("*100#", "Balance: 12.50 RUB", form=form)
    assert carrier.ussd("*100#") == "Balance: 12.50 RUB"


@pytest.mark.parametrize("name", sorted(set(load_all()) - {"quotes"}))
def test_every_kind_of_modem_answers(name: str) -> None:
    with Bank(1, personality=replace(load_all()[name], ussd_line="")) as bank, opened(bank.modems[0]) as carrier:
        assert "Balance" in carrier.ussd("*100#")


def test_a_device_that_wants_its_code_packed_gets_it_so() -> None:
    stubborn = replace(load_all()["e1752"], ussd_typed="packed", ussd_form="packed")
    with Bank(1, personality=stubborn) as bank, opened(bank.modems[0]) as carrier:
        bank.modems[0].fault("error", 'AT+CUSD=1,"*', code="CME 100", count=None)
        assert carrier.ussd("*100#") == "Balance: 100.00 RUB"


def test_a_menu_is_told_and_its_session_closed(modem: Handle, carrier: ModemCarrier) -> None:
    modem.ussd("*100#", "1. Баланс\n2. Бонусы", kind=1, form="ucs2")
    assert carrier.ussd("*100#") == "1. Баланс\n2. Бонусы"
    assert modem.commands[-1] == "AT+CUSD=2"


def test_a_plain_text_of_several_lines_is_whole(modem: Handle, carrier: ModemCarrier) -> None:
    modem.ussd("*100#", line='+CUSD: 0,"Balance 5.00\r\nOK\r\nBonus 3",15')
    assert carrier.ussd("*100#") == "Balance 5.00\nOK\nBonus 3"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"kind": 4}, "does not support"),
        ({"kind": 5}, "in time"),
        ({"error": "CME 30"}, "no network service"),
        ({"error": "ERROR"}, "refused"),
        ({"line": "+CME ERROR: 258"}, "refused"),
    ],
)
def test_a_refusal_says_why(modem: Handle, carrier: ModemCarrier, options: dict[str, object], reason: str) -> None:
    modem.ussd("*100#", **options)
    with pytest.raises(GatewayError, match=reason):
        carrier.ussd("*100#")
    assert isinstance(carrier.submit(sms()), Accepted)


def test_an_end_without_a_text_may_still_be_followed_by_one(
    modem: Handle, carrier: ModemCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.enquiry.TAIL_S", 0.3)
    modem.ussd("*100#", kind=2)
    with pytest.raises(GatewayError, match="without a text"):
        carrier.ussd("*100#")
    modem.ussd("*101#", line='+CUSD: 0,""\r\n\r\n+CUSD: 0,"Balance 5",15')
    assert carrier.ussd("*101#") == "Balance 5"


def test_silence_ends_the_enquiry_and_its_session(
    modem: Handle, carrier: ModemCarrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.enquiry.ask.__defaults__", (0.3,))
    modem.ussd("*100#", "Balance 5", after_s=60.0)
    with pytest.raises(GatewayError, match="in time"):
        carrier.ussd("*100#")
    assert modem.commands[-1] == "AT+CUSD=2"


def test_an_answer_to_an_enquiry_that_was_given_up_is_not_the_next_ones(modem: Handle, carrier: ModemCarrier) -> None:
    modem.say('+CUSD: 0,"Balance 1.00",15')
    modem.ussd("*100#", "Balance 2.00", after_s=0.2)
    assert carrier.ussd("*100#") == "Balance 2.00"


def test_an_sms_that_comes_meanwhile_is_kept(modem: Handle, carrier: ModemCarrier) -> None:
    modem.ussd("*100#", "Balance 5", after_s=0.3)
    threading.Timer(0.1, modem.deliver, (SENDER, "Приду")).start()
    assert carrier.ussd("*100#") == "Balance 5"
    (found,) = receive(carrier, 1)
    assert isinstance(found, Incoming)
    assert found.text == "Приду"


@pytest.mark.parametrize("code", ["", "*100#\rAT+CFUN=0", '*100#"', "баланс", "*" * 41])
def test_what_is_no_code_is_never_sent(modem: Handle, carrier: ModemCarrier, code: str) -> None:
    before = len(modem.commands)
    with pytest.raises(GatewayError, match="digits"):
        carrier.ussd(code)
    assert len(modem.commands) == before


def test_a_modem_that_is_pulled_out_meanwhile_is_lost(modem: Handle, carrier: ModemCarrier) -> None:
    modem.ussd("*100#", "Balance 5", after_s=60.0)
    threading.Timer(0.1, modem.unplug).start()
    began_at = time.monotonic()
    with pytest.raises(CarrierLost):
        carrier.ussd("*100#")
    assert time.monotonic() - began_at < 5


def test_a_modem_that_is_not_open_is_not_asked(modem: Handle) -> None:
    with pytest.raises(CarrierLost, match="not open"):
        carrier_for(modem).ussd("*100#")


def test_neither_code_nor_answer_is_logged(
    modem: Handle, carrier: ModemCarrier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    modem.ussd("*100*79000000001#", "Balance 12.50")
    carrier.ussd("*100*79000000001#")
    assert "79000000001" not in caplog.text
    assert "12.50" not in caplog.text
