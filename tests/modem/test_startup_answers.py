"""What devices really answer, read as they meant it (recorded forms: quotes, fields and spaces missing)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem import answers, network, notify, quirks, stored, ussd
from gateway.modem.stored import Stored

ICCID = "8970199000000000017"

REGISTRATIONS = {
    "plain": ("+CREG: 0,1", 1),
    "with cells": ('+CREG: 2,1,"00C3","01A2"', 1),
    "with technology": ('+CREG: 2,1,"00C3","01A2",7', 1),
    "quotes missing": ("+CREG: 2,5,00C3,01A2", 5),
    "quotes half open": ('+CREG: 2,5,"00C3,01A2"', 5),
    "empty cells": ("+CREG: 2,2,,", 2),
    "zero-padded": ("+CREG: 002,001", 1),
    "spaces": ("+CREG:  0 , 5 ", 5),
    "no space": ("+CREG:0,3", 3),
    "extra fields": ('+CREG: 2,1,"00C3","01A2",7,0,"",""', 1),
    "highest state": ("+CEREG: 0,11", 11),
    "SMS only, roaming": ("+CEREG: 0,7", 7),
    "packet domain": ("+CGREG: 0,1", 1),
    "unasked": ("+CREG: 5", 5),
    "unasked with cells": ('+CREG: 1,"00C3","01A2"', 1),
    "unasked with cells without quotes": ("+CREG: 1,00C3,01A2", 1),
    "no number": ("+CREG: ", None),
    "another command": ("+CSQ: 11,99", None),
}


@pytest.mark.parametrize("name", REGISTRATIONS)
def test_registration_is_read_in_every_form(name: str) -> None:
    line, state = REGISTRATIONS[name]
    assert answers.registration_in([line]) == state


@pytest.mark.parametrize(
    ("told", "is_registered"),
    [([1], True), ([5], True), ([6], True), ([7], True), ([2, 1], True), ([], True)]
    + [([state], False) for state in (0, 2, 3, 4, 8, 11)],
)
def test_home_roaming_and_sms_only_can_send(told: list[int], is_registered: bool) -> None:
    assert network.is_registered(told) is is_registered


STORAGES: dict[str, tuple[list[str], list[tuple[str, ...]]]] = {
    "plain": (['+CPMS: ("SM","ME"),("SM"),("SM")'], [("SM", "ME"), ("SM",), ("SM",)]),
    "nested": (['+CPMS: (("SM","BM","SR"),("SM"))'], [("SM", "BM", "SR"), ("SM",)]),
    "no parentheses": (['+CPMS: "SM","ME"'], [("SM", "ME")]),
    "different for each": (['+CPMS: ("MT","SM"),("SM"),("ME")'], [("MT", "SM"), ("SM",), ("ME",)]),
    "a quote missing": (['+CPMS: ("SM,"ME"),("SM"),("SM")'], [("SM", "ME"), ("SM",), ("SM",)]),
    "no space": (['+CPMS:("SM"),("SM"),("SM")'], [("SM",), ("SM",), ("SM",)]),
    "empty groups": (["+CPMS: (),(),()"], []),
    "nothing behind the colon": (["+CPMS: "], []),
    "no line": ([], []),
}


@pytest.mark.parametrize("name", STORAGES)
def test_storages_are_read_in_every_form(name: str) -> None:
    lines, expected = STORAGES[name]
    assert answers.storages_in(lines) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+CPMS: 3,100,3,100,3,100", (3, 100)),
        ('+CPMS: "SM",3,100,"SM",3,100', (3, 100)),
        ("+CPMS:1,10", (1, 10)),
        ("+CPMS: ", None),
    ],
)
def test_how_full_a_storage_is(line: str, expected: tuple[int, int] | None) -> None:
    assert answers.fill_in([line]) == expected


@pytest.mark.parametrize(
    "line",
    [
        f"+CCID: {ICCID}",
        f'+CCID: "{ICCID}"',
        ICCID,
        f"^ICCID: {ICCID}F",
        f"+QCCID: {ICCID}F",
        f"+ZGETICCID: {ICCID}",
        "^ICCID: 980791090000000010F7",
        '+CRSM: 144,0,"980791090000000010F7"',
        "+CRSM: 144,0,980791090000000010F7",
    ],
)
def test_the_sims_number_is_read_plain_and_swapped(line: str) -> None:
    assert answers.iccid_in([line]) == ICCID


@pytest.mark.parametrize("line", ["+CRSM: 106,130", "+CCID: ", "350000000000006", "ERROR", ""])
def test_what_is_no_sims_number_is_none(line: str) -> None:
    assert answers.iccid_in([line]) is None


@pytest.mark.parametrize(
    ("line", "dbm"),
    [("+CSQ: 0,99", -113), ("+CSQ: 18,99", -77), ("+CSQ:31,0", -51), ("+CSQ: 99,99", None), ("x", None)],
)
def test_signal_is_given_in_dbm(line: str, dbm: int | None) -> None:
    assert answers.signal_dbm_in([line]) == dbm


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('+COPS: 0,0,"Fake Net",7', "Fake Net"),
        ("+COPS: 0,0,Fake Net", "Fake Net"),
        ("+COPS: 0", None),
        ('+COPS: 0,0,""', None),
    ],
)
def test_the_operators_name(line: str, name: str | None) -> None:
    assert answers.operator_in([line]) == name


PDU = "07919700000000F0040B919700000000F200006211220150002105C8329BFD06"

LISTED: dict[str, tuple[list[str], list[Stored]]] = {
    "plain": (["+CMGL: 1,0,,24", PDU, "+CMGL: 2,1,,24", PDU], [Stored(1, PDU, 24), Stored(2, PDU, 24)]),
    "index 0": (["+CMGL: 0,0,,24", PDU], [Stored(0, PDU, 24)]),
    "the name is an empty quote": (['+CMGL: 1,1,"",24', PDU], [Stored(1, PDU, 24)]),
    "fields missing": (["+CMGL: 1,0,24", PDU], [Stored(1, PDU, 24)]),
    "a field too many": (["+CMGL: 1,0,,,24", PDU], [Stored(1, PDU, 24)]),
    "only the index": (["+CMGL: 3", PDU], [Stored(3, PDU, None)]),
    "a PDU that is none stays": (["+CMGL: 1,0,,24", "0791QQ"], [Stored(1, "0791QQ", 24)]),
    "a header without its PDU": (["+CMGL: 1,0,,24", "+CMGL: 2,0,,24", PDU], [Stored(2, PDU, 24)]),
    "a header at the end": (["+CMGL: 1,0,,24"], []),
    "our own stored ones": (["+CMGL: 1,2,,24", PDU, "+CMGL: 2,3,,24", PDU], []),
    "none": ([], []),
}


@pytest.mark.parametrize("name", LISTED)
def test_a_storages_list_is_read_in_every_form(name: str) -> None:
    lines, expected = LISTED[name]
    assert stored.listed(lines) == expected


@pytest.mark.parametrize(
    "header", ["+CMGR: 0,,24", "+CMGR: 0,24", "+CMGR: 24", "+CMGR: ,,24", '+CMGR: 1,"",24', "+CMGR:0,,,24"]
)
def test_one_stored_message_is_read_in_every_form(header: str) -> None:
    assert stored.read([header, PDU], 7) == Stored(7, PDU, 24)


def test_an_empty_slot_has_no_message() -> None:
    assert stored.read([], 7) is None


@pytest.mark.parametrize(
    ("line", "is_text"),
    [
        ('+CMGL: 1,"REC UNREAD","+79000000002",,"26/11/22"', True),
        ('+CMGR: "REC READ","x"', True),
        ('+CMGL: 1,0,"",24', False),
    ],
)
def test_answers_in_text_mode_are_noticed(line: str, is_text: bool) -> None:
    assert stored.is_text_mode([line, "text"]) is is_text


NOTIFICATIONS = {
    "everything": ("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", "2,1,0,1,0"),
    "lists": ("+CNMI: (0,1,2),(0,1),(0,2),(0,1,2),(1)", "2,1,0,1,1"),
    "reports only stored": ("+CNMI: (1,2),(0,1),(0),(0,2),(0)", "2,1,0,2,0"),
    "only mode 1": ("+CNMI: (0,1),(0,1),(0),(0,1),(1)", "1,1,0,1,1"),
    "only routed": ("+CNMI: (2),(0,2),(0),(0,1),(0)", "2,2,0,1,0"),
    "no reports at all": ("+CNMI: (2),(0,1),(0),(0),(0)", "2,1,0,0,0"),
    "two fields only": ("+CNMI: (0-2),(0-1)", "2,1"),
    "says nothing": ("", "2,1,0,1,0"),
    "empty": ("+CNMI: ", "2,1,0,1,0"),
}


@pytest.mark.parametrize("name", NOTIFICATIONS)
def test_notifications_are_chosen_from_what_is_offered(name: str) -> None:
    line, expected = NOTIFICATIONS[name]
    assert notify.candidates([line])[0] == expected


def test_an_overlays_notifications_come_first() -> None:
    assert notify.candidates(["+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"], "1,1,0,2")[:2] == ("1,1,0,2", "2,1,0,1,0")


@pytest.mark.parametrize(
    ("line", "number", "expected"),
    [
        ("+CMMS: (0-2)", 2, True),
        ("+CMMS: (0,1)", 2, False),
        ("+CMMS: 0,1,2", 2, True),
        ("+CSMS: (0,1)", 1, True),
        ("", 1, False),
    ],
)
def test_an_offer_is_read_from_ranges_and_lists(line: str, number: int, expected: bool) -> None:
    assert answers.offers([line], line[:5], number) is expected


def test_a_models_overlay_lies_over_its_makers_and_the_defaults() -> None:
    default, huawei, e3531 = (
        quirks.for_modem("", ""),
        quirks.for_modem("huawei", "E1752"),
        quirks.for_modem("HUAWEI", "E3531"),
    )
    assert default.init == ()
    assert huawei.init == e3531.init == ("AT^CURC=0", "AT^USSDMODE=0")
    assert huawei.read_retries == default.read_retries < e3531.read_retries


@pytest.mark.parametrize(
    ("maker", "model", "reset"),
    [
        ("Fake Works", "FM-1", "AT+CFUN=1,1"),
        ("huawei", "E1752", "AT^RESET"),
        ("Telit", "LE910", "AT#REBOOT"),
        ("u-blox", "SARA-R410M", "AT+CFUN=16"),
    ],
)
def test_each_maker_has_its_own_way_to_restart(maker: str, model: str, reset: str) -> None:
    own = quirks.for_modem(maker, model)
    assert own.reset[0] == reset
    assert own.radio_off
    assert set(own.ussd_forms) <= set(ussd.FORMS)


def test_every_overlay_is_valid_and_every_default_is_named_in_the_file() -> None:
    defaults, overlays = quirks._load()
    assert set(defaults) == set(quirks.Quirks.__dataclass_fields__)
    assert all(set(overlay.values) <= set(defaults) for overlay in overlays)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_no_answer_makes_a_reader_raise(lines: list[str]) -> None:
    prefixed = [
        prefix + line for line in lines for prefix in ("", "+CREG:", "+CPMS:", "+CMGL:", "+COPS:", "+CNMI:", "+CSQ:")
    ]
    assert answers.registration_in(prefixed) in {None, *range(answers.HIGHEST_STATE + 1)}
    assert all(len(name) == 2 for names in answers.storages_in(prefixed) for name in names)
    assert (answers.iccid_in(prefixed) or "0" * 19).isalnum()
    assert -113 <= (answers.signal_dbm_in(prefixed) or -113) <= -51
    assert answers.operator_in(prefixed) != ""
    assert min(answers.fill_in(prefixed) or (0,)) >= 0
    assert (answers.number_in(prefixed) or "0").isdecimal()
    assert notify.candidates(prefixed)
    assert all(each.index >= 0 for each in stored.listed(prefixed))
    assert getattr(stored.read(prefixed, 7), "index", 7) == 7
