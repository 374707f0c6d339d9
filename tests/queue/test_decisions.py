"""The pure decisions alone: retry, matching, references, joining."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.carrier import Accepted, Deferred, Refused, Scope, Uncertain
from gateway.queue import joining, matching, references, retry
from gateway.queue.matching import Candidate, Clue
from gateway.queue.retry import BACK_OFF, Again, Done, GiveUp, Wait
from gateway.queue.rules import CATEGORIES
from gateway.queue.states import SegmentState, State
from tests.queue.clinic import NOW, OTHER_PHONE, PHONE, later

FRESH = dict.fromkeys(Scope, 0)


def deferred(scope: Scope) -> Deferred:
    return Deferred("cms_38", "Not now.", scope)


DECISIONS = {
    "accepted": (Accepted("1"), FRESH, Done()),
    "refused": (Refused("cms_1", "Never."), FRESH, GiveUp("cms_1", "Never.")),
    "no answer": (Uncertain("no_answer", "?"), FRESH, Wait()),
    "phone off": (deferred(Scope.NUMBER), FRESH, Again(60.0)),
    "phone off again": (deferred(Scope.NUMBER), FRESH | {Scope.NUMBER: 2}, Again(1800.0)),
    "network busy": (deferred(Scope.NETWORK), FRESH, Again(5.0, elsewhere=True)),
    "network busy for another carrier too": (deferred(Scope.NETWORK), FRESH | {Scope.NETWORK: 1}, Again(15.0)),
    "network busy for long": (deferred(Scope.NETWORK), FRESH | {Scope.NETWORK: 501}, Again(300.0)),
    "account without credit": (deferred(Scope.ACCOUNT), FRESH, Again(30.0, elsewhere=True)),
    "the next account too": (deferred(Scope.ACCOUNT), FRESH | {Scope.ACCOUNT: 1}, Again(60.0)),
    "a weekend later": (deferred(Scope.ACCOUNT), FRESH | {Scope.ACCOUNT: 800}, Again(300.0, elsewhere=True)),
    "not in this form": (deferred(Scope.GATEWAY), FRESH, Again(5.0, elsewhere=True)),
    "nor in any other carrier's": (deferred(Scope.GATEWAY), FRESH | {Scope.GATEWAY: 1}, Again(60.0)),
    "the same form again and again": (
        deferred(Scope.GATEWAY),
        FRESH | {Scope.GATEWAY: 11},
        GiveUp("cms_38", "Not now. Given up after 12 tries."),
    ),
    "the account's tries are not the form's": (
        deferred(Scope.GATEWAY),
        FRESH | {Scope.ACCOUNT: 99},
        Again(5.0, elsewhere=True),
    ),
    "device broken": (deferred(Scope.DEVICE), FRESH, Again(5.0, elsewhere=True)),
    "the next device too": (deferred(Scope.DEVICE), FRESH | {Scope.DEVICE: 1}, Again(30.0)),
    "and one more": (deferred(Scope.DEVICE), FRESH | {Scope.DEVICE: 2}, Again(60.0, elsewhere=True)),
    "network's tries are not the number's": (deferred(Scope.NUMBER), FRESH | {Scope.NETWORK: 9}, Again(60.0)),
}


@pytest.mark.parametrize("case", DECISIONS)
def test_what_an_outcome_means(case: str) -> None:
    outcome, tries, decision = DECISIONS[case]
    assert retry.decide(outcome, tries) == decision


@pytest.mark.parametrize("scope", [Scope.NUMBER, Scope.GATEWAY, Scope.DEVICE])
def test_the_last_permitted_try_ends_with_the_networks_own_code(scope: Scope) -> None:
    limit = BACK_OFF[scope].limit
    assert limit is not None
    decision = retry.decide(deferred(scope), FRESH | {scope: limit - 1})
    assert isinstance(decision, GiveUp)
    assert decision.code == "cms_38"
    assert isinstance(retry.decide(deferred(scope), FRESH | {scope: limit - 2}), Again)


SILENCE = {
    "notification": ("notification", 1, False, True),
    "notification, second time": ("notification", 2, False, False),
    "notification, expired": ("notification", 1, True, False),
    "otp": ("otp", 1, False, False),
    "emergency": ("emergency", 1, False, True),
}


@pytest.mark.parametrize("case", SILENCE)
def test_what_silence_means(case: str) -> None:
    category, unanswered, is_expired, again = SILENCE[case]
    decision = retry.after_silence(CATEGORIES[category], unanswered, is_expired)
    assert isinstance(decision, Again if again else GiveUp)


def candidate(
    key: int = 1, state: SegmentState = SegmentState.SENT, at: datetime = NOW, number: str = PHONE
) -> Candidate:
    return Candidate(key, number, state, at)


MATCHES = {
    "the newest that fits": ([candidate(2, at=later(hours=1)), candidate(1)], Clue(PHONE, later(hours=1)), 2),
    "an older one by its time": ([candidate(2, at=later(hours=1)), candidate(1)], Clue(PHONE, NOW), 1),
    "not one handed over later": ([candidate(1, at=later(minutes=16))], Clue(PHONE, NOW), None),
    "clocks a little apart": ([candidate(1, at=later(minutes=14))], Clue(PHONE, NOW), 1),
    "the very same time before the newest": (
        [candidate(2, at=later(seconds=30)), candidate(1)],
        Clue(PHONE, later(seconds=2)),
        1,
    ),
    "the newest when the clocks can't tell": (
        [candidate(2, at=later(seconds=30)), candidate(1)],
        Clue(PHONE, later(seconds=-20)),
        2,
    ),
    "an open one before a final one": (
        [candidate(2, SegmentState.DELIVERED, later(seconds=30)), candidate(1)],
        Clue(PHONE, later(minutes=2)),
        1,
    ),
    "another number": ([candidate(1, number=OTHER_PHONE)], Clue(PHONE, NOW), None),
    "no number": ([candidate(1)], Clue(None, NOW), 1),
    "not one handed over much earlier": ([candidate(1)], Clue(PHONE, later(hours=5, minutes=20)), None),
    "no time": ([candidate(1)], Clue(PHONE, None), None),
    "a final one for the same time": ([candidate(1, SegmentState.DELIVERED)], Clue(PHONE, NOW), 1),
    "not a final one for a later time": ([candidate(1, SegmentState.DELIVERED)], Clue(PHONE, later(hours=1)), None),
}


@pytest.mark.parametrize("case", MATCHES)
def test_which_segment_a_report_is_about(case: str) -> None:
    candidates, clue, key = MATCHES[case]
    found = matching.find(clue, candidates)
    assert (found and found.segment_id) == key


MAY_BE = {
    "no time": (Clue(PHONE, None), True),
    "a slow clock of ours": (Clue(PHONE, later(days=9)), True),
    "not one handed over later": (Clue(PHONE, later(minutes=-20)), False),
    "a wrong zone": (Clue(PHONE, later(hours=-3, seconds=5)), True),
    "a wrong zone to the east": (Clue(PHONE, later(hours=4, seconds=5)), True),
    "not quite a wrong zone": (Clue(PHONE, later(hours=-3, minutes=-10)), False),
    "not a day": (Clue(PHONE, later(hours=-24)), False),
    "another number": (Clue(OTHER_PHONE, None), False),
}


@pytest.mark.parametrize("case", MAY_BE)
def test_which_segment_a_report_with_an_odd_time_may_be_about(case: str) -> None:
    clue, may_be = MAY_BE[case]
    assert matching.may_be(clue, candidate(1)) == may_be


NUMBERS = {
    "the same": ("+79000001234", True),
    "national with 8": ("89000001234", True),
    "without prefix": ("9000001234", True),
    "spaced": ("+7 900 000-12-34", True),
    "another": ("+79000001235", False),
    "only its end": ("1234", False),
    "unsaid": (None, True),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_when_two_numbers_are_the_same(case: str) -> None:
    reported, same = NUMBERS[case]
    assert matching.is_same_number(reported, PHONE) is same


def test_short_codes_are_compared_whole() -> None:
    assert matching.is_same_number("7878", "7878")
    assert not matching.is_same_number("17878", "7878")


FOLDS = {
    "all delivered": ([SegmentState.DELIVERED] * 2, State.DELIVERED),
    "one open": ([SegmentState.DELIVERED, SegmentState.SENT], None),
    "one failed": ([SegmentState.SENT, SegmentState.UNDELIVERED], State.UNDELIVERED),
    "none": ([], None),
}


@pytest.mark.parametrize("case", FOLDS)
def test_what_the_segments_make_of_the_message(case: str) -> None:
    states, verdict = FOLDS[case]
    assert matching.fold(states) == verdict


@settings(deadline=None)  # hundreds of references each: slow on a busy machine
@given(st.integers(0, 255), st.integers(1, 600))
def test_a_reference_under_way_is_never_given_again(first: int, messages: int) -> None:
    used: list[references.Used] = []
    for _ in range(messages):
        reference = references.following(used, first)
        assert (reference.number, reference.is_wide) not in {(each.reference, each.is_wide) for each in used}
        used.insert(0, references.Used(reference.number, reference.is_wide, is_under_way=True))


def test_a_reference_whose_parts_have_arrived_is_given_again_as_late_as_possible() -> None:
    used = [references.Used(number, False, False) for number in range(255, -1, -1)]
    assert references.following(used, 0) == references.Reference(0)


@given(st.integers(2, 12).flatmap(lambda total: st.tuples(st.just(total), st.permutations(range(1, total + 1)))))
def test_parts_in_any_order_give_the_text(case: tuple[int, list[int]]) -> None:
    total, order = case
    parts = [joining.Part(key, number, total, f"<{number}>", None) for key, number in enumerate(order)]
    joined = joining.join(parts)
    assert joined.body == "".join(f"<{number}>" for number in range(1, total + 1))
    assert joined.is_complete


def test_a_gap_is_marked_once_however_wide() -> None:
    parts = [joining.Part(1, 1, 6, "a", None), joining.Part(2, 4, 6, "d", None)]
    assert joining.join(parts) == joining.Joined("a[…]d[…]", False, None)


@given(st.sampled_from(Scope), st.integers(1, 1000))
def test_waits_only_grow(scope: Scope, tries: int) -> None:
    assert BACK_OFF[scope].wait_s(tries) <= BACK_OFF[scope].wait_s(tries + 1)


def test_a_candidate_and_a_clue_keep_the_number_to_themselves() -> None:
    assert PHONE not in repr(candidate())
    assert PHONE not in repr(Clue(PHONE, NOW + timedelta()))
