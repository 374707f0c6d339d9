"""A failed message that a person queues anew: what went out before without an answer is not forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.carrier import Accepted, LateAnswer, Refused
from gateway.queue import desk
from gateway.queue.rules import CATEGORIES
from tests.queue.bind_desk import LINE, Desk
from tests.queue.clinic import NEVER, NOW, RULES, SILENT, Clinic, later, report


@pytest.fixture
def binds(tmp_path: Path) -> Desk:
    folder = tmp_path / "binds"
    folder.mkdir()
    return Desk(folder)


def tried_again(binds: Desk) -> int:
    """Its answer got lost, a person gave it up and then queued it anew; its segment."""
    key = binds.lose()
    desk.settle(binds.connection, 1, "failed", NOW)
    desk.retry(binds.connection, 1, NOW, RULES)
    return key


def given_up(clinic: Clinic) -> None:
    """No answer came, and a person gave it up."""
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    desk.settle(clinic.connection, 1, "failed", NOW)


def test_a_receipt_of_the_copy_before_spares_the_one_that_waits(binds: Desk) -> None:
    tried_again(binds)
    binds.report("7", at=NOW)
    assert binds.states == ["delivered"]
    assert binds.outbox.claim("operator", LINE, NOW) is None


def test_a_receipt_of_the_copy_before_settles_no_other_message(binds: Desk) -> None:
    tried_again(binds)
    binds.outbox.record(binds.hand_over(), Accepted("8"), NOW)
    binds.lose()
    binds.report("7", at=NOW)
    assert binds.states == ["sent", "uncertain"]


def test_the_receipt_of_the_new_copy_is_known_by_its_id(binds: Desk) -> None:
    tried_again(binds)
    binds.outbox.record(binds.hand_over(), Accepted("8"), NOW)
    binds.report("8", at=NOW)
    assert binds.states == ["delivered"]


def test_a_late_answer_to_the_copy_before_spares_the_one_that_waits(clinic: Clinic) -> None:
    given_up(clinic)
    desk.retry(clinic.connection, 1, NOW, RULES)
    clinic.store(LateAnswer(1, Accepted("7")))
    assert clinic.state() == "sent"
    assert clinic.claim() is None


def test_one_that_went_out_twice_says_so(clinic: Clinic) -> None:
    given_up(clinic)
    desk.retry(clinic.connection, 1, NOW, RULES)
    clinic.send(("8",))
    assert [clinic.state(), clinic.value("error_code")] == ["sent", "resent"]


def test_one_that_was_refused_before_went_out_once(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), NEVER)
    desk.retry(clinic.connection, 1, NOW, RULES)
    clinic.record(clinic.begun(), SILENT)
    clinic.store(report("7"))
    assert [clinic.state(), clinic.value("error_code")] == ["delivered", None]


def test_one_that_is_cancelled_before_it_is_sent_again_says_that_it_may_have_arrived(clinic: Clinic) -> None:
    given_up(clinic)
    desk.retry(clinic.connection, 1, NOW, RULES)
    desk.cancel(clinic.connection, 1, NOW)
    assert [clinic.state(), clinic.value("error_code")] == ["cancelled", "uncertain"]


def test_one_whose_time_is_over_before_it_is_sent_again_says_that_it_may_have_arrived(clinic: Clinic) -> None:
    given_up(clinic)
    desk.retry(clinic.connection, 1, NOW, RULES)
    clinic.box.tick(later(seconds=CATEGORIES["notification"].expires_after_s + 1))
    assert [clinic.state(), clinic.value("error_code")] == ["failed", "uncertain"]


def test_its_silences_are_counted_anew(clinic: Clinic) -> None:
    """After the first it is sent once more, and not after the second."""
    given_up(clinic)
    desk.retry(clinic.connection, 1, NOW, RULES)
    clinic.record(clinic.begun(), SILENT)
    clinic.box.tick(later(hours=2))
    assert clinic.state() == "queued"
    clinic.record(clinic.begun(now=later(hours=2)), SILENT, later(hours=2))
    clinic.box.tick(later(hours=4))
    assert clinic.state() == "failed"


def test_a_refusal_of_the_new_copy_leaves_the_one_before_in_doubt(clinic: Clinic) -> None:
    given_up(clinic)
    desk.retry(clinic.connection, 1, NOW, RULES)
    clinic.record(clinic.begun(), Refused("cms_1", "No such number."))
    assert clinic.state() == "failed"
    found = clinic.connection.execute("SELECT unanswered, forgiven FROM segments").fetchall()
    assert found == [(1, 1)]
