"""What several reports without a known reference make certain, and that nothing false is ever called certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.queue import deducing
from gateway.queue.deducing import Told, Try
from tests.queue.clinic import NOW, PHONE, later

TOLERANCE = timedelta(minutes=15)


def tried(segment: int, at_s: float, until_s: float | None = None, *, is_accepted: bool = True) -> Try:
    until = later(seconds=at_s + 5 if until_s is None else until_s)
    return Try(segment, PHONE, later(seconds=at_s), until, is_accepted)


def told(reference: str, stamp_s: float, received_s: float = 3600.0) -> Told:
    return Told(reference, later(seconds=stamp_s), later(seconds=received_s))


CASES: dict[str, tuple[list[Told], list[Try], dict[str, int]]] = {
    "the only one": ([told("1", 2)], [tried(1, 0)], {"1": 1}),
    "one of two": ([told("1", 2)], [tried(1, 0), tried(2, 30)], {}),
    "both of two": ([told("2", 31), told("1", 2)], [tried(1, 0), tried(2, 30)], {"1": 1, "2": 2}),
    "two copies of one": ([told("1", 2)], [tried(1, 0), tried(1, 30)], {"1": 1}),
    "two of three": ([told("1", 2), told("2", 31)], [tried(1, 0), tried(2, 30), tried(3, 60)], {}),
    "one before the next was out": ([told("1", 2, 20)], [tried(1, 0), tried(2, 30)], {"1": 1}),
    "one whose next is known": (
        [told("1", 2), replace(told("2", 31), segment_id=2)], [tried(1, 0), tried(2, 30)], {"1": 1, "2": 2},
    ),
    "none so late": ([told("1", 3600)], [tried(1, 0)], {}),
    "more than there are": ([told("1", 2), told("2", 3)], [tried(1, 0)], {}),
    "in one second, where TP-MR comes round": (
        [told("0", 2), told("255", 2)], [tried(1, 0), tried(2, 1)], {"255": 1, "0": 2},
    ),
    "far apart": (
        [told("9", 7200, 7300)], [tried(1, 0), tried(2, 7200)], {"9": 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_certain(case: str) -> None:
    every, tries, expected = CASES[case]
    found = deducing.certain(every, tries, TOLERANCE)
    assert {each.reference: tried.segment_id for each, tried in found.items()} == expected


@dataclass(frozen=True)
class Sent:
    """What really happened to one SMS."""

    segment: int
    gap_s: int  # since the one before
    radio_s: int
    has_network: bool
    is_reported: bool
    delay_s: int


SENT = st.builds(
    Sent, st.integers(1, 4), st.integers(0, 1500), st.integers(0, 40), st.booleans(), st.booleans(),
    st.integers(0, 4000),
)  # fmt: skip


@given(st.lists(SENT, max_size=7), st.integers(-800, 800), st.integers(0, 255))
def test_what_is_called_certain_is_true(history: Sequence[Sent], skew_s: int, first: int) -> None:
    """Whatever the network took and reported, and however far its clock is off within the tolerance."""
    tries, every, truth, at_s = [], [], {}, 0
    for place, sent in enumerate(history):
        at_s += sent.gap_s
        tries.append(tried(sent.segment, at_s, at_s + sent.radio_s, is_accepted=sent.has_network))
        if sent.has_network and sent.is_reported:
            stamp_s = at_s + sent.radio_s // 2
            each = told(str((first + place) % 256), stamp_s + skew_s, at_s + sent.radio_s + sent.delay_s)
            every.append(each)
            truth[each] = sent.segment
        at_s += sent.radio_s
    found = deducing.certain(every, tries, TOLERANCE)
    assert {each: tried.segment_id for each, tried in found.items()}.items() <= truth.items()


@given(st.lists(SENT, min_size=1, max_size=7), st.integers(-800, 800))
def test_all_is_certain_when_the_network_has_all_and_reports_all(history: Sequence[Sent], skew_s: int) -> None:
    tries, every, at_s = [], [], 0
    for place, sent in enumerate(history):
        at_s += sent.gap_s
        tries.append(tried(place, at_s, at_s + sent.radio_s))
        every.append(told(str(place), at_s + sent.radio_s // 2 + skew_s, at_s + sent.radio_s + sent.delay_s))
        at_s += sent.radio_s
    found = deducing.certain(every, tries, TOLERANCE)
    assert [found[each].segment_id for each in every] == list(range(len(history)))


def test_a_report_without_a_number_is_only_understood_of_a_lone_sms_that_is_out() -> None:
    one, other, silent = tried(1, 0), tried(2, 30), tried(3, 60, is_accepted=False)
    assert deducing.lone(told("1", 2), [one], TOLERANCE) == one
    assert deducing.lone(told("1", 2), [one, other], TOLERANCE) is None
    assert deducing.lone(told("1", 62), [silent], TOLERANCE) is None
    assert deducing.lone(Told("1", NOW + timedelta(hours=3), NOW), [one], TOLERANCE) is None


@given(st.lists(st.tuples(SENT, st.integers(-400, 400)), max_size=7), st.integers(-300, 300), st.integers(0, 255))
def test_what_is_called_certain_is_true_however_the_clock_is_set(
    history: Sequence[tuple[Sent, int]], skew_s: int, first: int
) -> None:
    """By minutes, before each SMS and before each report: their places tell what came first."""
    tries, every, truth, at_s = [], [], {}, 0
    for place, (sent, off_s) in enumerate(history):
        at_s += sent.gap_s
        ours = tried(sent.segment, at_s + off_s, at_s + off_s + sent.radio_s, is_accepted=sent.has_network)
        tries.append(replace(ours, place=1 + at_s))
        if sent.has_network and sent.is_reported:
            came_s = at_s + sent.radio_s + sent.delay_s
            each = told(str((first + place) % 256), at_s + sent.radio_s // 2 + skew_s, came_s - off_s)
            every.append(replace(each, place=1 + came_s))
            truth[every[-1]] = sent.segment
        at_s += sent.radio_s
    found = deducing.certain(every, tries, TOLERANCE)
    assert {each: tried.segment_id for each, tried in found.items()}.items() <= truth.items()
