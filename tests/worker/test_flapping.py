"""A carrier that comes and goes: it takes fewer and fewer messages with it, is shown so, and is trusted again later."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from gateway.carrier import Accepted, Deferred, Outcome, Remedy, Scope, Submission, Uncertain
from gateway.errors import Cause
from gateway.life import Life
from gateway.queue import orders
from gateway.worker.flapping import FREE, PROOF_SMS, SHORT_S, SPAN_S, WATCHES_S, Flapping
from tests.worker.patient import HOUR_S, OPENING_S, Ward, lost

TAKEN_ALONG = Uncertain("modem_gone", "The modem was gone before it answered.")
NOT_TAKEN = Deferred("modem_gone", "The modem was gone before the SMS was handed over.", Scope.DEVICE, is_counted=False)


def lives(*lived_s: float, failed_sms: bool = False) -> tuple[Flapping, float]:
    """One after the other, with nothing between; the moment at the end."""
    flapping, moment = Flapping(), 0.0
    for each in lived_s:
        moment += each
        flapping = flapping.after_life(each, moment, failed_sms=failed_sms)
    return flapping, moment


@pytest.mark.parametrize("count", range(FREE + len(WATCHES_S) + 3))
def test_the_watch_grows_up_to_a_bound_with_each_life_that_ends_with_a_failed_sms(count: int) -> None:
    flapping, moment = lives(*[5.0] * count, failed_sms=True)
    expected = WATCHES_S[min(count - FREE, len(WATCHES_S)) - 1] if count > FREE else 0.0
    assert flapping.watch_s(moment) == expected


def test_falls_that_cost_nothing_keep_it_watched_and_no_longer_than_at_first() -> None:
    assert lives(*[0.5] * FREE)[0].watch_s(FREE) == 0.0
    flapping, moment = lives(*[0.5] * 50)
    assert flapping.watch_s(moment) == WATCHES_S[0]


def test_long_lives_are_none_of_it_unless_they_end_with_a_failed_sms() -> None:
    assert lives(*[SHORT_S] * 9)[0] == Flapping()
    flapping, moment = lives(*[SHORT_S * 10] * 9, failed_sms=True)
    assert flapping.watch_s(moment) > 0.0


def test_what_is_long_ago_counts_no_more() -> None:
    flapping, moment = lives(*[5.0] * 9)
    assert flapping.watch_s(moment + SPAN_S) == 0.0


def test_some_sms_within_one_life_are_a_proof_and_fewer_are_none() -> None:
    flapping, moment = lives(*[5.0] * 9)
    for sent in range(1, PROOF_SMS + 1):
        flapping = flapping.after_sms()
        assert (flapping.watch_s(moment) == 0.0) is (sent == PROOF_SMS)
    assert flapping.after_life(5.0, moment + 5.0, failed_sms=True).count(moment + 5.0) == 0


# --- its worker -------------------------------------------------------------------------------------------------------


def falls_with(ward: Ward, outcome: Outcome) -> Callable[[Submission], Outcome]:
    """Each SMS shakes it off the bus; it is back at once."""

    def answer(_submission: Submission) -> Outcome:
        ward.patient.speaks = fall
        return outcome

    def fall() -> None:
        ward.patient.speaks = lambda: None
        lost(Cause.ABSENT, "Port /dev/ttyUSB0 is gone.")()

    return answer


@pytest.mark.parametrize("outcome", [TAKEN_ALONG, NOT_TAKEN], ids=["uncertain", "not handed over"])
def test_a_modem_that_falls_with_each_sms_takes_ever_fewer_along(ward: Ward, outcome: Outcome) -> None:
    ward.patient.answers = falls_with(ward, outcome)
    moments: list[float] = []
    answer = ward.patient.answers

    def noted(submission: Submission) -> Outcome:
        moments.append(ward.clock.passed_s)
        return answer(submission)

    ward.patient.answers = noted
    ward.add(200)
    ward.run(HOUR_S)
    gaps_s = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) <= FREE + len(WATCHES_S) + HOUR_S / WATCHES_S[-1]
    assert gaps_s[FREE - 1] > WATCHES_S[0]
    assert gaps_s[-1] >= WATCHES_S[-1]
    assert ward.patient.mended == []


def test_what_never_left_is_no_try_of_the_message(ward: Ward) -> None:
    ward.patient.answers = falls_with(ward, NOT_TAKEN)
    ward.add(1)
    for minute in range(120):
        ward.clock.at(60.0 * minute, lambda: ward.outbox.ripen(ward.clock.now()))
        ward.clock.at(60.0 * minute, lambda: ward.worker.wake())
    ward.run(2 * HOUR_S)
    assert ward.states() == ["queued"]
    tries = ward.connection.execute("SELECT number_tries, network_tries, device_tries FROM segments").fetchall()
    assert len(ward.patient.submitted) > 10
    assert tries == [(0, 0, 0)]


def flap(ward: Ward, times: int) -> None:
    """It comes and goes by itself, every few seconds."""
    for number in range(times):
        ward.clock.at(10.0 * number + 5.0, lambda: setattr(ward.patient, "speaks", lost(Cause.ABSENT, "It is gone.")))
        ward.clock.at(10.0 * number + 5.0, ward.patient.wake)
        ward.clock.at(10.0 * number + 5.1, lambda: setattr(ward.patient, "speaks", lambda: None))


def test_while_it_is_watched_it_says_so_receives_and_is_no_way_for_messages(ward: Ward) -> None:
    flap(ward, FREE + 2)
    ward.add_at(46.0)
    seen: list[tuple[str, str, bool, list[str]]] = []
    for moment in (52.0, 75.0):
        ward.clock.at(moment, lambda: seen.append((*look(ward), ward.worker.is_able, ward.states())))
    ward.run(100)
    (state, detail, is_able, states), after = seen
    assert (state, is_able, states) == (Life.RECOVERING, False, ["queued"])
    assert f"{FREE + 2} times" in detail
    assert f"{WATCHES_S[0]:.0f} s" in detail
    assert after == (Life.READY, "", True, ["sent"])
    assert len(ward.patient.opened_at) == FREE + 3


def look(ward: Ward) -> tuple[str, str]:
    status = ward.worker.status()
    assert status.state == ward.worker.state
    return status.state, status.detail


def test_a_person_who_has_mended_the_plug_ends_the_watch(ward: Ward) -> None:
    ward.patient.answers = falls_with(ward, TAKEN_ALONG)
    ward.add(FREE + len(WATCHES_S))
    before: list[str] = []

    def resume() -> None:
        before.append(ward.states()[-1])
        ward.patient.answers = lambda submission: Accepted(str(submission.key))
        orders.give(ward.connection, "sim-1", "resume", "", ward.clock.now())
        ward.worker.heed()

    moment_s = sum(WATCHES_S)
    ward.clock.at(moment_s - 20.0, lambda: ward.add())
    ward.clock.at(moment_s, resume)
    ward.run(moment_s + 10.0)
    assert before == ["queued"]
    assert ward.states()[-1] == "sent"


def test_a_modem_that_sends_well_between_two_falls_is_not_held_back(ward: Ward) -> None:
    ward.add(100)
    flap(ward, 9)
    ward.patient.answers = lambda submission: Accepted(str(submission.key))
    ward.run(100 + OPENING_S)
    assert len(ward.patient.submitted) > 9


def test_a_reset_that_is_ordered_is_no_flap(ward: Ward) -> None:
    ward.patient.mends = lost(Cause.PLANNED)
    for number in range(9):
        ward.clock.at(20.0 * number, lambda: orders.give(ward.connection, "sim-1", "reset", "", ward.clock.now()))
        ward.clock.at(20.0 * number, lambda: ward.worker.heed())
    ward.run(195.0)
    assert ward.patient.mended[-1][1] is Remedy.RESET
    assert len(ward.patient.mended) == 9
    assert ward.worker.status().state == Life.READY
