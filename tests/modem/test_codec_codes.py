"""What errors and report statuses mean."""

from __future__ import annotations

import pytest

from gateway.carrier import Deferred, Refused, ReportStatus, Scope
from gateway.modem import codes

NUMBER, NETWORK, ACCOUNT, DEVICE = Scope.NUMBER, Scope.NETWORK, Scope.ACCOUNT, Scope.DEVICE

ERRORS = {
    "unassigned number": ("CMS", 1, None, "cms_1"),
    "this SIM is barred": ("CMS", 8, ACCOUNT, "cms_8"),
    "this number is barred": ("CMS", 10, NUMBER, "cms_10"),
    "rejected": ("CMS", 21, None, "cms_21"),
    "the way to the number is broken": ("CMS", 27, NUMBER, "cms_27"),
    "unidentified subscriber": ("CMS", 28, None, "cms_28"),
    "unknown subscriber": ("CMS", 30, None, "cms_30"),
    "network out of order": ("CMS", 38, NETWORK, "cms_38"),
    "temporary failure": ("CMS", 41, NETWORK, "cms_41"),
    "congestion": ("CMS", 42, NETWORK, "cms_42"),
    "resources unavailable": ("CMS", 47, NETWORK, "cms_47"),
    "no SMS service on this SIM": ("CMS", 50, ACCOUNT, "cms_50"),
    "service centre busy": ("CMS", 192, NETWORK, "cms_192"),
    "invalid address": ("CMS", 195, None, "cms_195"),
    "ME failure": ("CMS", 300, DEVICE, "cms_300"),
    "the PDU's number is impossible": ("CMS", 304, None, "cms_304"),
    "PIN required": ("CMS", 311, DEVICE, "cms_311"),
    "SIM busy": ("CMS", 314, DEVICE, "cms_314"),
    "memory full": ("CMS", 322, DEVICE, "cms_322"),
    "no network service": ("CMS", 331, NETWORK, "cms_331"),
    "network timeout": ("CMS", 332, NETWORK, "cms_332"),
    "unknown error": ("CMS", 500, DEVICE, "cms_500"),
    "collision with an incoming SMS": ("CMS", 512, DEVICE, "cms_512"),
    "please wait": ("CMS", 515, DEVICE, "cms_515"),
    "SIM busy, general": ("CME", 14, DEVICE, "cme_14"),
    "no network service, general": ("CME", 30, NETWORK, "cme_30"),
    "no number in any table": ("CMS", 4711, DEVICE, "cms_4711"),
    "nor in the other": ("CME", 4711, DEVICE, "cme_4711"),
}


@pytest.mark.parametrize(("kind", "number", "scope", "code"), ERRORS.values(), ids=ERRORS)
def test_an_error_says_who_waits(kind: str, number: int, scope: Scope | None, code: str) -> None:
    outcome = codes.outcome_of(kind, number)

    assert outcome.code == code
    assert outcome.text.endswith(".")
    assert isinstance(outcome, Refused) if scope is None else isinstance(outcome, Deferred) and outcome.scope is scope


WORDS = {
    "whole line": ("CMS", "+CMS ERROR: SIM busy", "cms_314"),
    "words alone": ("CME", "SIM busy", "cme_14"),
    "another spelling": ("CMS", "+CMS ERROR: (U)SIM BUSY", "cms_314"),
    "PH-SIM": ("CME", "+CME ERROR: PH-(U)SIM PIN required", "cme_5"),
    "no space": ("CMS", "+CMS ERROR:Unknown error", "cms_500"),
    "network": ("CMS", "+CMS ERROR: Network out of order", "cms_38"),
    "the standard's brackets": ("CMS", "+CMS ERROR: Unassigned (unallocated) number", "cms_1"),
    "words of the other table": ("CMS", "+CMS ERROR: network not allowed - emergency calls only", "cme_32"),
    "a number after all": ("CMS", "+CMS ERROR: 28 ", "cms_28"),
    "words that nobody knows": ("CME", "+CME ERROR: teapot", "cme_unknown"),
    "no words": ("CMS", "+CMS ERROR:", "cms_unknown"),
    "plain": ("ERROR", "ERROR", "modem_error"),
    "not supported": ("ERROR", "COMMAND NOT SUPPORT", "modem_error"),
}


@pytest.mark.parametrize(("kind", "text", "code"), WORDS.values(), ids=WORDS)
def test_an_error_in_words_is_the_same_error(kind: str, text: str, code: str) -> None:
    assert codes.outcome_of(kind, None, text).code == code


def test_an_error_in_words_and_by_number_give_the_same_outcome() -> None:
    assert codes.outcome_of("CMS", None, "+CMS ERROR: SIM busy") == codes.outcome_of("CMS", 314)


@pytest.mark.parametrize("kind", codes.TABLES)
def test_no_words_stand_for_two_errors_of_a_table(kind: str) -> None:
    assert len(codes.NUMBERS[kind]) == len(codes.TABLES[kind])


def test_unknown_words_of_a_modem_are_not_repeated() -> None:
    outcome = codes.outcome_of("CMS", None, "+CMS ERROR: cannot reach +79000000001")

    assert "7900" not in repr(outcome)


DONE, TRYING, LOST = ReportStatus.DELIVERED, ReportStatus.PENDING, ReportStatus.UNDELIVERED
STATUSES = {
    0x00: DONE,
    0x01: DONE,
    0x02: LOST,  # replaced: this text never arrived
    0x03: DONE,
    0x1F: DONE,
    0x20: TRYING,
    0x30: TRYING,
    0x3F: TRYING,
    0x40: LOST,
    0x46: LOST,
    0x5F: LOST,
    0x60: LOST,
    0x7F: LOST,
    0x80: LOST,
    0xFF: LOST,
}


@pytest.mark.parametrize(("tp_st", "status"), STATUSES.items(), ids=[f"{octet:02X}" for octet in STATUSES])
def test_a_report_status_is_final_or_not_by_its_range(tp_st: int, status: ReportStatus) -> None:
    assert codes.report_status(tp_st) is status


def test_every_status_has_a_code_and_words() -> None:
    assert codes.status_code(0x46) == "tp_st_0x46"
    assert len({codes.status_code(octet) for octet in range(256)}) == 256
    assert all(codes.status_text(octet) for octet in range(256))
