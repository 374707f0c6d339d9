"""The ladder of recovery: which remedy, when, for what; and when a carrier is out of service."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carrier import Remedy
from gateway.errors import Cause
from gateway.worker.ladder import (
    LADDER,
    MENDS,
    OUT_OF_SERVICE,
    PACES_S,
    PROOF_S,
    PROOF_SMS,
    SETTLE_FALLS,
    SHAKEN,
    SLOW_FALLS,
    SLOW_S,
    STEADY_S,
    Climb,
    Step,
)

FOOT = Climb()
ALL = tuple(Remedy)
CLOSED = (Remedy.RADIO, Remedy.REOPEN, Remedy.RESET, Remedy.REPLUG)
WITHOUT_RESET = tuple(remedy for remedy in Remedy if remedy not in SHAKEN)


def climbed(causes: Sequence[Cause], has: Collection[Remedy] = ALL, climb: Climb = FOOT) -> tuple[Climb, list[Step]]:
    """After a fall by each cause in turn."""
    steps = []
    for cause in causes:
        climb, step = climb.after_fall(cause, has)
        steps.append(step)
    return climb, steps


def remedies_of(steps: Sequence[Step]) -> list[Remedy]:
    return [step.remedy for step in steps if step.remedy]


@pytest.mark.parametrize("cause", sorted(OUT_OF_SERVICE, key=str))
def test_a_dead_modem_is_given_every_remedy_from_the_mildest_up_and_then_rests(cause: Cause) -> None:
    climb, steps = climbed([cause] * (len(LADDER) + 1))
    expected = [rung.remedy for rung in LADDER if rung.remedy in MENDS[cause]]
    assert remedies_of(steps)[: len(expected) + 1] == [*expected, Remedy.REPLUG]
    assert climb.is_failed
    assert steps[-1].wait_s == SLOW_S


@pytest.mark.parametrize(("has", "total_s"), [(ALL, 377.5), (WITHOUT_RESET, 232.5), ((), 229.0)])
def test_the_waits_of_the_whole_climb_are_bounded(has: Collection[Remedy], total_s: float) -> None:
    waits_s, climb = 0.0, Climb()
    while not climb.is_failed:
        climb, step = climb.after_fall(Cause.SILENT, has)
        waits_s += step.wait_s
    assert waits_s - SLOW_S == total_s


def test_a_remedy_that_the_carrier_does_not_have_is_passed_over() -> None:
    _climb, steps = climbed([Cause.SILENT] * 6, CLOSED)
    assert remedies_of(steps) == [Remedy.REOPEN, Remedy.RADIO, *[Remedy.REOPEN] * 3, Remedy.RESET]


@pytest.mark.parametrize("cause", [cause for cause in Cause if not MENDS[cause] and cause is not Cause.GATEWAY])
def test_what_no_remedy_can_mend_is_only_waited_for(cause: Cause) -> None:
    climb, steps = climbed([cause] * 100)
    assert remedies_of(steps) == []
    assert not climb.is_failed
    assert climb.rung == 0
    assert steps[-1].wait_s == PACES_S[cause][-1]


def test_a_fault_of_our_own_is_met_by_longer_and_longer_pauses_and_at_the_last_by_an_alarm() -> None:
    paces_s = PACES_S[Cause.GATEWAY]
    climb, steps = climbed([Cause.GATEWAY] * (len(paces_s) - 1))
    assert not climb.is_failed
    climb, last = climbed([Cause.GATEWAY] * 3, climb=climb)
    assert climb.is_failed
    assert climb.rung == 0
    assert remedies_of([*steps, *last]) == []
    assert [step.wait_s for step in (*steps, *last)] == [*paces_s, paces_s[-1], paces_s[-1]]


def test_a_fault_of_our_own_is_forgotten_after_minutes_and_one_with_an_sms_after_some_sms() -> None:
    fallen, _step = FOOT.after_fall(Cause.GATEWAY, ALL)
    assert fallen.after_opening().after_serving(STEADY_S) == fallen
    assert fallen.after_serving(PROOF_S) == FOOT
    fallen, _step = FOOT.after_fall(Cause.GATEWAY, ALL, with_sms=True)
    assert fallen.after_serving(PROOF_S) == fallen
    for _sms in range(PROOF_SMS):
        fallen = fallen.after_sms()
    assert fallen == FOOT


@pytest.mark.parametrize("cause", list(Cause))
def test_a_reset_is_only_tried_where_it_can_help(cause: Cause) -> None:
    """Whatever came before."""
    for before in Cause:
        climb, _steps = climbed([before] * 5)
        _climb, steps = climbed([cause] * 30, climb=climb)
        if cause not in OUT_OF_SERVICE and not (cause is Cause.ABSENT and before in OUT_OF_SERVICE):
            assert not set(remedies_of(steps)) & SHAKEN


def test_a_network_that_stays_away_has_the_radio_switched_now_and_then_and_is_no_failure() -> None:
    climb, steps = climbed([Cause.NO_NETWORK] * (2 * SLOW_FALLS + 5))
    assert set(remedies_of(steps)) == {Remedy.REINIT, Remedy.RADIO}
    assert remedies_of(steps).count(Remedy.RADIO) == 3
    assert not climb.is_failed


def test_a_device_that_a_reset_has_lost_is_waited_for_and_then_the_climb_goes_on() -> None:
    foot, _steps = climbed([Cause.SILENT] * 8)
    assert foot.last is Remedy.RESET
    gone, steps = climbed([Cause.ABSENT] * SETTLE_FALLS, climb=foot)
    assert remedies_of(steps) == []
    _climb, steps = climbed([Cause.ABSENT], climb=gone)
    assert remedies_of(steps) == [Remedy.RESET]


def test_one_whose_sms_fail_has_each_remedy_once_since_only_an_sms_shows_whether_it_helped() -> None:
    climb, tried = Climb(), []
    while not climb.is_failed:
        climb, step = climb.after_fall(Cause.SILENT, ALL, with_sms=True)
        tried.append(step.remedy)
    assert tried[:-1] == [
        Remedy.RESYNC,
        Remedy.REINIT,
        Remedy.REOPEN,
        Remedy.RADIO,
        Remedy.RESET,
        Remedy.REPLUG,
    ]


def test_two_kinds_of_falls_in_turn_climb_one_ladder() -> None:
    climb, steps = climbed([Cause.SILENT, Cause.FAULTY] * len(LADDER))
    assert climb.is_failed
    assert remedies_of(steps)[: len(LADDER)] == [rung.remedy for rung in LADDER]


def test_a_lost_network_between_does_not_lead_back_to_the_foot() -> None:
    climb, _steps = climbed([Cause.SILENT] * 5)
    climb, _steps = climbed([Cause.NO_NETWORK] * 3, climb=climb)
    _climb, step = climb.after_fall(Cause.SILENT, ALL)
    assert step.remedy is LADDER[5].remedy


def test_some_sms_lead_back_to_the_foot_and_a_single_one_does_not() -> None:
    climb, _steps = climbed([Cause.FAULTY] * 4)
    for sent in range(1, PROOF_SMS + 1):
        climb = climb.after_sms()
        assert (climb == Climb()) is (sent == PROOF_SMS)


def test_one_sms_puts_a_failed_carrier_back_into_service() -> None:
    climb, _steps = climbed([Cause.FAULTY] * 20)
    assert climb.is_failed
    assert not climb.after_sms().is_failed
    assert climb.after_sms().is_on_trial


def test_minutes_of_service_prove_one_that_was_lost() -> None:
    climb, _steps = climbed([Cause.SILENT] * 4)
    assert climb.after_serving(PROOF_S - 1).is_on_trial
    assert climb.after_serving(PROOF_S) == Climb()


def test_one_that_failed_with_sms_is_proved_by_sms_alone() -> None:
    climb, _step = Climb().after_fall(Cause.FAULTY, ALL, with_sms=True)
    assert climb.after_serving(10 * PROOF_S).is_on_trial
    assert climb.after_sms().after_serving(PROOF_S) == Climb()


def test_opening_ends_the_failure_of_one_that_could_not_be_opened() -> None:
    lost, _steps = climbed([Cause.SILENT] * 20)
    assert lost.is_failed
    assert not lost.after_opening().is_failed
    fallen, _step = lost.after_fall(Cause.FAULTY, ALL, with_sms=True)
    assert fallen.after_opening().is_failed


def test_one_that_is_lost_again_and_again_is_opened_after_longer_and_longer_waits() -> None:
    climb, steps = climbed([Cause.ABSENT] * 6)
    assert [step.wait_s for step in steps] == [0.5, 1.0, 2.0, 3.0, 3.0, 3.0]
    assert climb.after_serving(STEADY_S).after_fall(Cause.ABSENT, ALL)[1].wait_s == 0.5


GOOD_SIGNS: dict[str, Callable[[Climb], Climb]] = {
    "sms": Climb.after_sms,
    "opening": Climb.after_opening,
    "serving": lambda climb: climb.after_serving(PROOF_S),
}
HAPPENINGS = st.one_of(
    st.tuples(st.just("fall"), st.sampled_from(Cause), st.booleans()),
    st.tuples(st.sampled_from(sorted(GOOD_SIGNS)), st.none(), st.none()),
)


@given(st.lists(HAPPENINGS, max_size=60), st.sets(st.sampled_from(Remedy)))
def test_whatever_happens_a_step_is_one_that_the_carrier_has_and_that_may_help(
    happenings: list[tuple[str, Cause | None, bool | None]], has: set[Remedy]
) -> None:
    climb = Climb()
    for what, cause, with_sms in happenings:
        if cause is None:
            climb = GOOD_SIGNS[what](climb)
            continue
        before = climb.cause
        climb, step = climb.after_fall(cause, has, with_sms=bool(with_sms))
        assert 0 <= step.wait_s <= SLOW_S
        assert 0 <= climb.rung <= len(LADDER)
        if step.remedy:
            assert step.remedy in {*has, Remedy.REOPEN}
            assert step.remedy in MENDS[cause] or (cause is Cause.ABSENT and step.remedy in MENDS[before or cause])


def test_the_documentation_has_the_ladder_as_it_is() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "recovery.md").read_text()
    rows = [f"| {place} | `{rung.remedy.value}` | {rung.wait_s:g} s |" for place, rung in enumerate(LADDER, 1)]
    assert "\n".join(rows) in text
