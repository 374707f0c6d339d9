"""What a worker does, over hours, with a carrier that fails: the ladder, out of service, back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gateway.carrier import Accepted, CarrierStatus, Deferred, Incoming, Outcome, Remedy, Scope, Uncertain
from gateway.errors import Cause
from gateway.life import Life, is_legal
from gateway.queue import lives, orders, views
from gateway.worker.ladder import LADDER, PROOF_SMS, SLOW_S
from gateway.worker.traffic import HESITATION_S, IDLE_WAIT_S
from tests.worker.patient import HOUR_S, MENDING_S, OPENING_S, SMS_S, Ward, lost

CLIMB_S = sum(rung.wait_s for rung in LADDER)
CLOSED = [rung.remedy for rung in LADDER if rung.remedy not in (Remedy.RESYNC, Remedy.REINIT)]
BROKEN = Deferred("cms_500", "Unknown error.", Scope.DEVICE)
SILENT = Uncertain("no_answer", "No answer.")


# --- a modem that is dead ---------------------------------------------------------------------------------------------


def test_a_dead_modem_is_out_of_service_within_minutes_and_every_remedy_was_tried(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.SILENT, "It does not answer.")
    each_s = OPENING_S + MENDING_S
    ward.run(CLIMB_S + each_s * (len(LADDER) + 1))
    assert ward.remedies_tried() == [remedy.value for remedy in CLOSED]
    status = ward.worker.status()
    assert status.state == Life.FAILED
    assert "It does not answer." in status.detail
    assert "smsgw modems resume sim-1" in status.detail
    assert not ward.worker.is_in_service


def test_a_failed_modem_is_tried_again_every_quarter_of_an_hour_and_stays_failed_meanwhile(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.SILENT)
    seen: set[str] = set()
    for minute in range(60, 180):
        ward.clock.at(minute * 60, lambda: seen.add(ward.worker.status().state))
    ward.run(3 * HOUR_S)
    tries = [moment for moment in ward.patient.opened_at if moment > HOUR_S]
    assert seen == {Life.FAILED}
    assert 7 <= len(tries) <= 8
    assert all(later - earlier >= SLOW_S for earlier, later in pairwise(tries))


def test_a_failed_modem_that_answers_again_is_back_at_the_next_try(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.SILENT)
    ward.clock.at(HOUR_S, lambda: setattr(ward.patient, "opens", lambda: None))
    ward.add()
    ward.run(HOUR_S + SLOW_S + 60)
    assert ward.states() == ["sent"]
    assert ward.worker.status().state == Life.READY
    tries = [moment for moment in ward.patient.opened_at if CLIMB_S + 200 < moment < HOUR_S]
    assert 2 <= len(tries) <= 4


def test_a_person_puts_a_failed_modem_back_at_once(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.SILENT)
    ward.add()

    def resume() -> None:
        ward.patient.opens = lambda: None
        orders.give(ward.connection, "sim-1", "resume", "", ward.clock.now())
        ward.worker.heed()

    ward.clock.at(HOUR_S, resume)
    ward.run(HOUR_S + OPENING_S + SMS_S + 1)
    assert ward.states() == ["sent"]
    assert ward.patient.mended[-1][0] < HOUR_S


def test_a_remedy_that_helps_ends_the_climb_and_some_sms_lead_back_to_the_foot(ward: Ward) -> None:
    def heal() -> None:
        ward.patient.opens = lambda: None

    ward.patient.opens = lost(Cause.SILENT)
    ward.patient.mends = lambda remedy: heal() if remedy is Remedy.RESET else None
    ward.add(PROOF_SMS)
    tried: list[str] = []
    ward.clock.at(500, lambda: tried.extend(ward.remedies_tried()))
    ward.clock.at(500, lambda: setattr(ward.patient, "speaks", lost(Cause.SILENT)))
    ward.clock.at(500, ward.worker.wake)
    ward.run(503)
    assert tried[-1] == "reset"
    assert ward.states() == ["sent"] * PROOF_SMS
    assert ward.remedies_tried()[len(tried)] == "resync"


@pytest.mark.parametrize("cause", [Cause.SILENT, Cause.FAULTY])
def test_an_idle_modem_that_dies_climbs_the_whole_ladder_without_any_message(ward: Ward, cause: Cause) -> None:
    def die() -> None:
        ward.patient.speaks = ward.patient.opens = lost(cause, "It is dead.")

    ward.clock.at(100, die)
    first: list[int] = []
    ward.clock.at(100 + IDLE_WAIT_S + 2 * MENDING_S, lambda: first.append(len(ward.remedies_tried())))
    ward.run(100 + IDLE_WAIT_S + CLIMB_S + (OPENING_S + MENDING_S) * (len(LADDER) + 1))
    assert first[0] >= 1
    assert ward.worker.status().state == Life.FAILED
    assert {Remedy.RESET, Remedy.REPLUG} < {remedy for _at, remedy in ward.patient.mended}
    assert ward.patient.submitted == []


# --- what no remedy can mend ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", [Cause.ABSENT, Cause.FORBIDDEN, Cause.LOCKED, Cause.DENIED, Cause.STRANGER])
def test_what_no_remedy_can_mend_meets_none_for_hours_and_is_not_failed(ward: Ward, cause: Cause) -> None:
    ward.patient.opens = lost(cause)
    ward.run(3 * HOUR_S)
    assert ward.patient.mended == []
    assert ward.worker.status().state != Life.FAILED


def test_a_port_that_appears_is_tried_at_once(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.DENIED)  # looked at once a minute
    ward.clock.at(600, ward.worker.retry)
    ward.run(601 + OPENING_S)
    assert ward.patient.opened_at[-1] <= 600 + OPENING_S * 2


def test_a_cause_that_a_remedy_finds_out_ends_the_climb(ward: Ward) -> None:
    """The SIM turns out to be missing."""
    ward.patient.speaks = lost(Cause.SILENT)
    ward.patient.mends = lost(Cause.LOCKED, "There is no SIM.")
    ward.patient.opens = lambda: lost(Cause.LOCKED, "There is no SIM.")() if ward.patient.mended else None
    ward.run(HOUR_S)
    assert [remedy for _at, remedy in ward.patient.mended] == [Remedy.RESYNC]


# --- a modem that fails with SMS --------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [BROKEN, SILENT], ids=["refuses", "hangs"])
def test_a_modem_that_fails_with_every_sms_climbs_with_few_of_them_and_still_receives(
    ward: Ward, outcome: Outcome
) -> None:
    ward.patient.answers = lambda _submission: outcome
    ward.add(200)
    incoming = Incoming("+79000000002", "Hi", None, None, "fingerprint")
    ward.clock.at(1500, lambda: ward.patient.incoming.append(incoming))
    ward.clock.at(1500, ward.worker.wake)
    ward.run(1600)
    assert ward.worker.status().state == Life.FAILED
    assert Remedy.REPLUG in [remedy for _at, remedy in ward.patient.mended]
    assert len(ward.patient.submitted) <= 4 + 2 * (len(Remedy) + 1)
    assert ward.patient.acknowledged == [incoming]


def test_one_sms_after_another_tries_a_failed_modem_until_it_works(ward: Ward) -> None:
    ward.patient.answers = lambda _submission: SILENT
    ward.add(100)
    ward.clock.at(2 * HOUR_S, lambda: setattr(ward.patient, "answers", lambda submission: Accepted("7")))
    ward.clock.at(2 * HOUR_S - 1, lambda: tried.append(len(ward.patient.submitted)))
    ward.clock.at(HOUR_S, lambda: tried.append(len(ward.patient.submitted)))
    tried: list[int] = []
    ward.run(3 * HOUR_S)
    assert tried[1] - tried[0] <= 5
    assert ward.states().count("queued") == 0
    assert ward.worker.status().state == Life.READY


def test_a_refusing_number_is_no_sign_of_a_sick_modem(ward: Ward) -> None:
    ward.patient.answers = lambda _submission: Deferred("cms_27", "Phone off.", Scope.NUMBER)
    ward.add(50)
    ward.run(HOUR_S)
    assert ward.patient.mended == []


def test_a_modem_that_is_ready_again_says_nothing_of_its_past(ward: Ward) -> None:
    """A line that was silent for a moment is in step again, and nobody sends anything."""
    ward.patient.speaks = lambda: lost(Cause.SILENT, "It gave no answer.")() if ward.clock.passed_s == 10.0 else None
    ward.clock.at(10.0, ward.patient.wake)
    told: list[str] = []
    ward.clock.at(10.3, lambda: told.append(ward.worker.status().detail))
    ward.run(HOUR_S)
    assert ward.remedies_tried() == ["resync"]
    assert told == ["It gave no answer."]
    assert (ward.worker.status().state, ward.worker.status().detail) == (Life.READY, "")


def test_a_modem_that_failed_with_sms_and_was_treated_says_nothing_of_them_until_the_next(ward: Ward) -> None:
    ward.patient.answers = lambda _submission: SILENT
    ward.add(2)
    ward.run(HOUR_S)
    assert ward.remedies_tried()
    assert (ward.worker.status().state, ward.worker.status().detail) == (Life.READY, "")


# --- seen and recorded ------------------------------------------------------------------------------------------------


def test_the_events_hold_legal_changes_only_and_one_for_each_that_was_seen(ward: Ward) -> None:
    ward.patient.opens = lost(Cause.SILENT)
    ward.clock.at(HOUR_S, lambda: setattr(ward.patient, "opens", lambda: None))
    ward.beat(2.0, HOUR_S + SLOW_S + 60)
    ward.run(HOUR_S + SLOW_S + 60)
    rows = ward.connection.execute(
        "SELECT from_state, to_state FROM events WHERE event = 'state' ORDER BY id"
    ).fetchall()
    assert rows[0][0] in (None, "starting")
    assert rows[-1][1] == "ready"
    assert ("recovering", "failed") in rows
    assert all(before[1] == after[0] for before, after in pairwise(rows))
    assert len(rows) < 12
    assert all(is_legal(Life(from_state), Life(to_state)) for from_state, to_state in rows if from_state)


def test_a_carrier_that_fails_is_not_counted_among_todays_failed_messages(ward: Ward) -> None:
    for state in (Life.STARTING, Life.FAILED):
        status = CarrierStatus(state, "It does not answer.")
        lives.report(ward.connection, "sim-1", "modem", status, 0, None, ward.clock.now())
    assert views.today(ward.connection, "UTC", ward.clock.now())["failed"] == 0


def test_a_worker_that_waits_for_a_dead_modem_moves(ward: Ward) -> None:
    """The watchdog looks at this."""
    ward.patient.opens = lost(Cause.SILENT)
    stood: list[float] = []
    for second in range(0, 5000, 7):
        ward.clock.at(second, lambda: stood.append(ward.clock.passed_s - ward.worker.moved_at))
    ward.run(5000)
    assert max(stood) <= ward.worker.longest_turn_s


def test_a_modem_that_failed_leaves_the_next_message_to_the_others_for_a_moment(ward: Ward) -> None:
    ward.patient.answers = lambda _submission: SILENT
    ward.add(2)
    ward.clock.at(HOUR_S, lambda: taken.append(len(ward.patient.submitted)))
    ward.add_at(HOUR_S, 1)
    ward.clock.at(HOUR_S + HESITATION_S / 2, lambda: taken.append(ward.states().count("queued")))
    ward.clock.at(HOUR_S + 2 * HESITATION_S, lambda: taken.append(ward.states().count("queued")))
    taken: list[int] = []
    ward.run(HOUR_S + 60)
    assert taken == [2, 1, 0]


def test_a_network_that_refuses_for_long_has_the_radio_switched_and_no_more(ward: Ward) -> None:
    ward.patient.answers = lambda _submission: Deferred("cms_42", "Congestion.", Scope.NETWORK)
    ward.add(500)
    ward.run(6 * HOUR_S)
    assert {remedy for _at, remedy in ward.patient.mended} == {Remedy.REINIT, Remedy.RADIO}
    assert len(ward.patient.mended) < 12
    assert ward.worker.status().state != Life.FAILED


# --- messages that come meanwhile ------------------------------------------------------------------------------------


def test_a_message_that_comes_while_it_is_opened_or_treated_does_not_cut_that_short_and_goes_out_behind_it(
    ward: Ward,
) -> None:
    """A carrier that is woken gives up its search for a network: that is for a daemon that stops."""
    woken: list[bool] = []

    def ring(*_arguments: object) -> None:
        ward.patient._is_woken = False
        ward.add()
        woken.append(ward.patient._is_woken)

    ward.patient.opens, ward.patient.mends = ring, ring
    ward.clock.at(60, lambda: setattr(ward.patient, "speaks", lost(Cause.SILENT)))
    ward.clock.at(61, lambda: setattr(ward.patient, "speaks", lambda: None))
    ward.clock.at(60, ward.worker.wake)
    ward.run(120)
    assert ward.remedies_tried() == ["resync"]
    assert woken == [False, False]
    assert ward.states() == ["sent", "sent"]


def test_a_carrier_that_is_lost_on_its_open_line_is_opened_anew_when_its_port_comes_before_the_remedy(
    ward: Ward,
) -> None:
    ward.patient.speaks = lambda: lost(Cause.SILENT)() if ward.clock.passed_s == 10.0 else None
    ward.clock.at(10.0, ward.patient.wake)
    ward.clock.at(10.2, ward.worker.retry)
    ward.run(60)
    assert ward.patient.opened_at == [OPENING_S, pytest.approx(10.2 + OPENING_S)]
    assert not ward.patient.mended
