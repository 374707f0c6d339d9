"""Concatenation references: the parts of two messages to one number are never taken for each other's."""

from __future__ import annotations

from gateway.carrier import Accepted, Submission
from tests.queue.clinic import LONG, Clinic, later, report


def test_long_messages_to_one_number_have_references_of_their_own(clinic: Clinic) -> None:
    references = []
    for number in range(258):
        clinic.add(f"{number} {LONG}")
        submission: Submission | None = clinic.begun()
        while submission is not None:
            place = submission.segment.concatenation
            submission = clinic.record(submission, Accepted("1"))
        assert place is not None
        references.append((place.reference, place.is_wide))
    assert len(set(references)) == 258
    assert references[1][0] == references[0][0] + 1
    assert [wide for _, wide in references] == [False] * 256 + [True] * 2


def test_references_follow_each_other_as_they_were_given_whichever_message_was_written_first(clinic: Clinic) -> None:
    given = []
    for priorities in ((5, 7), (5,)):
        for priority in priorities:
            clinic.add(LONG, priority=priority)
        for _ in priorities:
            submission: Submission | None = clinic.begun()
            while submission is not None:
                place, key = submission.segment.concatenation, str(submission.key)
                submission = clinic.record(submission, Accepted(key))
                clinic.store(report(key))
            assert place is not None
            given.append(place.reference)
    assert {clinic.state(message) for message in (1, 2, 3)} == {"delivered"}
    assert given == [given[0], given[0] + 1, given[0] + 2]


def test_a_text_of_255_short_parts_goes_out_even_when_all_short_references_are_in_use(clinic: Clinic) -> None:
    for reference in range(256):
        clinic.add(now=later(minutes=-1))
        row = "INSERT INTO segments (outbox_id, number, total, reference, alphabet) VALUES (?, 1, 2, ?, 'ucs2')"
        clinic.connection.execute(row, (reference + 1, reference))
    clinic.connection.execute("UPDATE outbox SET state = 'sending'")
    clinic.connection.execute("UPDATE outbox SET state = 'sent'")
    message = clinic.add("я" * 67 * 255)
    place = clinic.begun().segment.concatenation
    assert place is not None
    assert (place.total, place.is_wide) == (255, False)
    assert clinic.value("segments", message) == 255
