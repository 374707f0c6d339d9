"""The statements that find what a delivery report may be about: SMS by line, reference, number and time.

Reports name little: a reference of one octet, the number, the time that the network gave. What is looked up here is
weighed by attributing.py and matching.py.
"""

from __future__ import annotations

from gateway.queue import statements

# All reports of one SMS bear one time: one that such a report has named so at another time is not meant.
CANDIDATES_AT = """
    SELECT s.id, o.msisdn, s.state, s.begun_at FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.line = :line AND s.message_reference = :reference AND s.begun_at BETWEEN :since AND :until
      AND o.msisdn IS NOT NULL AND COALESCE((
          SELECT max(r.submitted_at = :stamp) FROM reports AS r
          WHERE r.segment_id = s.id AND r.line = :line AND r.message_reference = :reference), 1)
    ORDER BY s.begun_at DESC"""
IN_AIR = """
    SELECT o.msisdn FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id AND s.state = 'begun'
    WHERE o.state = 'sending' AND s.line = :line"""
# Each handing over but those that are known: accepted with a reference, by the answer or by a report of this very SMS.
# With `unanswered` copies a reference that a report told may be that of another copy.
TRIES = """
    SELECT s.id, o.msisdn, p.place, p.at,
           CASE WHEN p.at = s.begun_at AND s.line = p.line AND s.state IN ('sent', 'delivered', 'undelivered')
                THEN s.submitted_at END
    FROM spent AS p JOIN segments AS s ON s.id = p.segment_id JOIN outbox AS o ON o.id = s.outbox_id
    WHERE p.line = :line AND p.at BETWEEN :since AND :until AND o.msisdn IS NOT NULL
      AND NOT (p.at = s.begun_at AND s.line = p.line AND s.state IN ('sent', 'delivered', 'undelivered') AND (
          s.unanswered = 0 AND (COALESCE(s.message_reference, '') <> '' OR s.state <> 'sent')
          OR COALESCE(s.message_reference, '') <> '' AND NOT EXISTS (
              SELECT 1 FROM reports AS r WHERE r.segment_id = s.id AND r.message_reference = s.message_reference)))
    ORDER BY p.at, s.id"""
# With this reference, or accepted without one, and not so old that no report of it can come.
OF_REFERENCE = """
    SELECT s.id, o.msisdn, s.state, s.begun_at FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.line = :line AND s.message_reference = :reference AND o.msisdn IS NOT NULL
      AND COALESCE(o.expires, '9') > :given_up
    ORDER BY s.begun_at DESC LIMIT :limit"""
# Other SMS to the number that may bear any reference: unanswered, accepted without one, or tried more than once.
RIVALS = f"""
    SELECT EXISTS (
        SELECT 1 FROM outbox AS o INDEXED BY outbox_msisdn JOIN segments AS s ON s.outbox_id = o.id
        WHERE o.msisdn = :msisdn AND s.id <> :key AND s.begun_at IS NOT NULL AND COALESCE(o.expires, '9') > :given_up
          AND (s.unanswered > 0 OR s.attempts > {statements.PUT_OFF} + 1
               OR s.state IN ('sent', 'delivered', 'undelivered') AND COALESCE(s.message_reference, '') = ''))"""
