"""Signs that the operator blocks a SIM, told from bad numbers; and how it comes back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Report, ReportStatus, Scope, Uncertain
from gateway.modem import codes
from gateway.plan.blocking import PROBE_WAIT, RESTS_S, SIGNS, SMPP_CATCH_ALL, Watch, is_operators
from gateway.smpp import codes as smpp

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FINE = Accepted("1")
SILENT = Uncertain("no_answer", "No answer.")


def cms(number: int) -> Outcome:
    return codes.outcome_of("CMS", number)


def after(*outcomes: tuple[Outcome, int], watch: Watch | None = None, every_s: float = 10.0) -> Watch:
    """`outcomes`: with the recipient of each, one after the other."""
    watch = watch or Watch()
    for n, (outcome, who) in enumerate(outcomes):
        watch = watch.after(outcome, who, NOW + timedelta(seconds=n * every_s))
    return watch


def people(outcome: Outcome, count: int) -> list[tuple[Outcome, int]]:
    return [(outcome, who) for who in range(count)]


@pytest.mark.parametrize(
    ("outcomes", "is_blocked"),
    [
        pytest.param(people(cms(50), 5), True, id="five people refused alike"),
        pytest.param(people(cms(50), 4), False, id="four are no proof"),
        pytest.param([(cms(50), who % 2) for who in range(20)], False, id="two people are no proof"),
        pytest.param([(cms(50), who % 3) for who in range(5)], True, id="three people, five times"),
        pytest.param([*people(cms(50), 4), (FINE, 9), *people(cms(50), 4)], False, id="one accepted between"),
        pytest.param([*people(cms(50), 4), (cms(1), 9), *people(cms(50), 4)], False, id="an unassigned number between"),
        pytest.param([*people(cms(50), 4), (SILENT, 9), (cms(50), 5)], True, id="silence proves nothing"),
        pytest.param([*people(cms(50), 4), (cms(42), 9), (cms(50), 5)], True, id="a busy network proves nothing"),
        pytest.param(people(cms(1), 100), False, id="a hundred unassigned numbers"),
        pytest.param(people(cms(27), 100), False, id="a hundred phones that are off"),
        pytest.param(people(cms(42), 100), False, id="a busy network"),
        pytest.param(people(SILENT, 100), False, id="a modem that hangs"),
        pytest.param([(cms((21, 28, 1, 10)[n % 4]), n) for n in range(100)], False, id="a list of bad numbers"),
        pytest.param(people(cms(21), 9), False, id="what may be about numbers needs more"),
        pytest.param(people(cms(21), 10), True, id="ten people refused"),
        pytest.param(people(cms(500), 5), False, id="first the modem's remedies are tried"),
        pytest.param([(cms(500), n % 5) for n in range(70)], True, id="the modem's remedies did not help"),
        pytest.param(people(cms(38), 30), False, id="a network out of order for five minutes"),
        pytest.param(people(cms(38), 181), True, id="out of order for half an hour, to everybody"),
        pytest.param(people(smpp.outcome_of(0x45), 31), True, id="an account that sends nothing for five minutes"),
        pytest.param(people(smpp.outcome_of(0x420), 31), True, id="an operator's own word, such as for no credit"),
        pytest.param(people(smpp.outcome_of(0x45), 30), False, id="an SMSC that is ill for some minutes"),
        pytest.param(
            [(smpp.outcome_of(0x45), n % 19) for n in range(99)], False, id="nineteen bad numbers over a bind"
        ),
        pytest.param(people(smpp.outcome_of(0x0B), 99), False, id="a hundred numbers that the SMSC calls wrong"),
        pytest.param(people(smpp.outcome_of(0x58), 99), False, id="an SMSC that is throttled"),
    ],
)
def test_a_block_is_told_from_bad_numbers(outcomes: list[tuple[Outcome, int]], is_blocked: bool) -> None:
    assert (after(*outcomes).block is not None) is is_blocked


def test_every_sign_is_a_code_that_there_is() -> None:
    known = {f"cms_{number}" for number in codes.CMS} | {f"tp_st_0x{status:02x}" for status in codes.STATUS_TEXTS}
    assert set(SIGNS) <= known | {smpp.status_code(status) for status in (*smpp.STATUSES, *smpp.VENDORS)}
    assert {smpp.status_code(status) for status in SMPP_CATCH_ALL} <= set(SIGNS)


def test_every_sign_is_told_to_people() -> None:
    pages = Path(__file__).parent.parent.parent / "docs"
    table = (pages / "sims.md").read_text("utf-8")
    rows = " ".join(line for line in table.splitlines() if line.startswith("|"))
    words = set(re.findall(r"0x[0-9a-f]{2}|\b\d+(?=[,:])", rows))
    assert {code.rpartition("_")[2] for code in SIGNS if not code.startswith("smpp_")} <= words
    row = next(line for line in (pages / "smpp.md").read_text("utf-8").splitlines() if "in a row" in line)
    said = {int(each, 16) for each in re.findall(r"0x[0-9a-f]+", row)} | set(range(0x400, 0x500))
    assert "0x400 to 0x4ff" in row
    assert set(SMPP_CATCH_ALL) == said


@pytest.mark.parametrize("status", [0x45, 0x66, 0x420])
def test_an_account_without_credit_burns_no_queue(status: int) -> None:
    watch, burnt = Watch(), 0
    for who in range(1000):  # 30 a second: long before the block begins
        outcome = smpp.outcome_of(status)
        watch = watch.after(outcome, who, NOW + timedelta(seconds=who / 30))
        burnt += watch.spared(outcome) == outcome
    assert burnt == 1


@pytest.mark.parametrize("number", [number for number in codes.CMS if f"cms_{number}" in SIGNS])
def test_from_the_second_person_on_no_message_is_burnt(number: int) -> None:
    outcome = cms(number)
    burns = isinstance(outcome, Refused) or (isinstance(outcome, Deferred) and outcome.scope is Scope.NUMBER)
    assert after((outcome, 1)).spared(outcome) == outcome
    spared = after((outcome, 1), (outcome, 2)).spared(outcome)
    assert isinstance(spared, Deferred)
    assert spared.scope is (Scope.ACCOUNT if burns else outcome.scope)  # type: ignore[union-attr]


def test_a_long_run_of_refusals_keeps_no_more_people_than_a_proof_needs() -> None:
    watch = after(*people(cms(500), 2000), every_s=0.01)
    assert watch.answers.times == 2000
    assert len(watch.answers.recipients) == max(sign.recipients for sign in SIGNS.values())


def test_one_bad_number_again_and_again_is_a_bad_number() -> None:
    assert after((cms(21), 1), (cms(21), 1), (cms(21), 1)).spared(cms(21)) == cms(21)


def test_what_proves_nothing_is_recorded_as_it_is() -> None:
    watch = after(*people(cms(50), 3))
    assert [watch.spared(outcome) for outcome in (FINE, SILENT, cms(1), cms(42))] == [FINE, SILENT, cms(1), cms(42)]


@pytest.mark.parametrize(("outcome", "is_so"), [(cms(50), True), (cms(500), False), (cms(42), False), (FINE, False)])
def test_the_operators_word_is_no_fault_of_the_modem(outcome: Outcome, is_so: bool) -> None:
    assert is_operators(outcome) is is_so


BLOCKED = after(*people(cms(50), 5))


def tried(watch: Watch, outcome: Outcome) -> Watch:
    """The rest is over, and one SMS tries."""
    assert watch.block is not None
    return watch.after(outcome, 77, watch.block.until)


def test_a_blocked_sim_rests_longer_and_longer() -> None:
    watch, rests = BLOCKED, []
    for _ in range(5):
        assert watch.block is not None
        rests.append(watch.block.until)
        watch = tried(watch, cms(50))
    assert rests[0] == NOW + timedelta(seconds=40 + RESTS_S[0])
    gaps = [(after - before).total_seconds() for before, after in pairwise(rests)]
    assert gaps == [RESTS_S[1], RESTS_S[2], RESTS_S[2], RESTS_S[2]]


def test_it_says_since_when_it_is_blocked() -> None:
    watch = tried(tried(BLOCKED, cms(50)), cms(50))
    assert watch.block is not None
    assert watch.block.at == NOW + timedelta(seconds=40)


def test_the_try_is_not_burnt_either_even_after_a_restart() -> None:
    restarted = Watch(block=BLOCKED.block)
    assert tried(restarted, cms(21)).spared(cms(21)) == Deferred("cms_21", cms(21).text, Scope.ACCOUNT)  # type: ignore[union-attr]


def test_a_try_that_is_accepted_ends_the_block() -> None:
    watch = tried(BLOCKED, FINE)
    assert watch == Watch()
    assert after(*people(cms(50), 4), watch=watch).block is None


@pytest.mark.parametrize("outcome", [SILENT, cms(42), cms(1)], ids=["silence", "busy", "unassigned"])
def test_a_try_that_proves_nothing_is_repeated(outcome: Outcome) -> None:
    assert tried(BLOCKED, outcome).block == BLOCKED.block


# Reports


def report(status: int, n: int) -> Report:
    kind = ReportStatus.DELIVERED if status == 0 else ReportStatus.UNDELIVERED
    return Report(str(n), f"+7900000{n:04}", kind, f"tp_st_0x{status:02x}", NOW, NOW, str(n))


def reported(statuses: Sequence[int], watch: Watch | None = None, every_s: float = 60.0) -> Watch:
    watch = watch or Watch()
    for n, status in enumerate(statuses):
        watch = watch.reported(report(status, n), n, NOW + timedelta(seconds=n * every_s))
    return watch


@pytest.mark.parametrize(
    ("statuses", "every_s", "is_blocked"),
    [
        pytest.param([0x48] * 11, 60.0, True, id="all deleted by the service centre"),
        pytest.param([0x48] * 9, 60.0, False, id="nine are no proof"),
        pytest.param([0x48] * 9 + [0] + [0x48] * 9, 60.0, False, id="one delivered between"),
        pytest.param([0x48, 0x63] * 20, 60.0, False, id="not the same status"),
        pytest.param([0x46] * 50, 60.0, False, id="phones that were off until the validity ended"),
        pytest.param([0x49] * 50, 60.0, False, id="unknown to the service centre"),
        pytest.param([0x48] * 11, 1.0, False, id="what was delivered may be reported later"),
    ],
)
def test_reports_show_a_block_too(statuses: list[int], every_s: float, is_blocked: bool) -> None:
    assert (reported(statuses, every_s=every_s).block is not None) is is_blocked


FILTERED = reported([0x48] * 11)


def test_for_a_block_that_reports_showed_the_report_of_the_try_counts() -> None:
    watch = tried(FILTERED, FINE)
    assert watch.block is not None
    assert FILTERED.block is not None
    assert watch.block.until == FILTERED.block.until + PROBE_WAIT
    assert reported([0x00], watch).block is None
    again = reported([0x48], watch).block
    assert again is not None
    assert again.times == 2


def test_reports_of_what_went_out_before_the_block_do_not_prolong_it() -> None:
    assert reported([0x48] * 5, FILTERED).block == FILTERED.block
    assert reported([0x48] * 30, BLOCKED).block == BLOCKED.block


def test_refusals_while_it_rests_do_not_prolong_it() -> None:
    assert after(*people(cms(50), 3), watch=BLOCKED).block == BLOCKED.block
