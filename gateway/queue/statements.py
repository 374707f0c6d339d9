"""The queue's statements on messages and segments, named; those on other tables stand by their functions,
and those on what a report may be about in reportable.py.

Every change of a message's state names the state that it may start from: no row changed is an error, not a shrug.
INDEXED BY stands where the planner, with or without its figures, might walk through all that is queued.
"""

from __future__ import annotations

# --- intake: rows that nobody has examined yet -----------------------------------------------------------------------

WRITTEN = """
    SELECT id, revision, released_at IS NOT NULL,
           CAST(recipient AS BLOB), CAST(body AS BLOB), CAST(category AS BLOB), priority, CAST(sender AS BLOB),
           CAST(not_before AS BLOB), CAST(expires_at AS BLOB), created_at"""

# The weightiest first, then the oldest: the order of the index, word for word.
WEIGHT = """
    COALESCE(priority, CASE category WHEN 'emergency' THEN 9 WHEN 'otp' THEN 8 WHEN 'marketing' THEN 2 ELSE 5 END)"""
UNEXAMINED = f"""{WRITTEN} FROM outbox INDEXED BY outbox_new
    WHERE state = 'queued' AND due IS NULL ORDER BY {WEIGHT} DESC, id LIMIT :limit"""

# Fit, but one too many: as if it had been examined, had become due and was held then.
EXAMINED_HELD = """
    UPDATE outbox SET msisdn = :msisdn, segments = :segments, rank = :rank, route = :route, expires = :expires,
                      wish_until = :wish_until, due = :due, state = 'held', error_code = :code, error_text = :text,
                      updated_at = :now
    WHERE id = :id AND state = 'queued' AND due IS NULL AND revision = :revision"""
UNFIT = """
    UPDATE outbox SET state = :state, error_code = :code, error_text = :text, updated_at = :now
    WHERE id = :id AND state = 'queued' AND due IS NULL AND revision = :revision"""

# --- whose time has come ---------------------------------------------------------------------------------------------

RIPEN = """
    UPDATE outbox SET due = 1 WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_waiting
        WHERE state = 'queued' AND due = 0 AND next_attempt_at <= :now
        ORDER BY next_attempt_at LIMIT :limit)"""
UNSHUN = """
    UPDATE outbox SET shunned = NULL WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_shunned
        WHERE state = 'queued' AND shunned IS NOT NULL AND next_attempt_at <= :now
        LIMIT :limit)"""
IS_RIPE = """
    SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_waiting
                   WHERE state = 'queued' AND due = 0 AND next_attempt_at <= :now)
        OR EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_shunned
                   WHERE state = 'queued' AND shunned IS NOT NULL AND next_attempt_at <= :now)"""
# Behind WHERE, for there the first that is so ends the search; before FROM all would be looked up, and for the
# dispatcher, who names no carrier, the last but one would go through all that is due.
HAS_WORK = """
    SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_new WHERE state = 'queued' AND due IS NULL)
        OR EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_waiting
                   WHERE state = 'queued' AND due = 0 AND next_attempt_at <= :now)
        OR EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_shunned
                   WHERE state = 'queued' AND shunned IS NOT NULL AND next_attempt_at <= :now)
        OR EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_due
                   WHERE state = 'queued' AND due = 1 AND :carrier IS NULL)
        OR EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_due
                   WHERE state = 'queued' AND due = 1 AND route = '' AND shunned IS NOT :carrier)
        OR EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_due
                   WHERE state = 'queued' AND due = 1 AND route = :carrier)"""
NEXT_DUE = """
    SELECT min(at) FROM (
        SELECT min(next_attempt_at) AS at FROM outbox INDEXED BY outbox_waiting
            WHERE state = 'queued' AND due = 0
        UNION ALL SELECT min(next_attempt_at) FROM outbox INDEXED BY outbox_shunned
            WHERE state = 'queued' AND shunned IS NOT NULL
        UNION ALL SELECT min(next_attempt_at) FROM outbox INDEXED BY outbox_uncertain
            WHERE state = 'uncertain'
        UNION ALL SELECT min(expires) FROM outbox INDEXED BY outbox_expiry
            WHERE state IN ('queued', 'held') AND expires IS NOT NULL)"""
EXPIRE = """
    UPDATE outbox SET state = 'expired', error_code = 'expired', error_text = :text, updated_at = :now WHERE id IN (
        SELECT id FROM outbox INDEXED BY outbox_expiry
        WHERE state IN ('queued', 'held') AND expires IS NOT NULL AND expires <= :now
          AND NOT (state = 'queued' AND attempts > 0 AND EXISTS (
              SELECT 1 FROM segments WHERE outbox_id = outbox.id AND (
                  state IN ('sent', 'delivered', 'undelivered') OR state = 'open' AND unanswered > 0)))
        LIMIT :limit)"""
# What EXPIRE leaves: a part of them is out, or an SMS that got no answer may be.
OUT_OF_TIME = """
    SELECT id FROM outbox INDEXED BY outbox_expiry
    WHERE state IN ('queued', 'held') AND expires IS NOT NULL AND expires <= :now AND state = 'queued'
    LIMIT :limit"""
ABANDONED = """
    SELECT s.id FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id AND s.state = 'begun'
    WHERE o.state = 'sending' AND s.begun_at <= :before"""
IN_NO_HANDS = """
    SELECT o.id FROM outbox AS o WHERE o.state = 'sending'
    AND NOT EXISTS (SELECT 1 FROM segments AS s WHERE s.outbox_id = o.id AND s.state = 'begun')"""
SILENT = """
    SELECT id FROM outbox INDEXED BY outbox_uncertain
    WHERE state = 'uncertain' AND next_attempt_at <= :now
    ORDER BY next_attempt_at LIMIT :limit"""

# --- claim and begin -------------------------------------------------------------------------------------------------

_NEEDED = "id, expires, rank, msisdn, segments, attempts, COALESCE(taken_at, released_at) IS NULL AS is_new, campaign"
_DUE = "id, expires, msisdn, segments, attempts, is_new, rank, campaign"
_IS_PART_OUT = """(attempts > 0 AND EXISTS (
                SELECT 1 FROM segments AS s
                WHERE s.outbox_id = due.id AND s.state IN ('sent', 'delivered', 'undelivered')))"""
# The first of those for any carrier, the first of those for this one, and of the two the one that goes first.
FIRST_DUE = f"""
    SELECT {_DUE} FROM (
        SELECT * FROM (SELECT {_NEEDED} FROM outbox INDEXED BY outbox_due
            WHERE state = 'queued' AND due = 1 AND route = '' AND rank >= :least_shared AND shunned IS NOT :carrier
            ORDER BY rank DESC, id LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT {_NEEDED} FROM outbox INDEXED BY outbox_due
            WHERE state = 'queued' AND due = 1 AND route = :carrier
            ORDER BY rank DESC, id LIMIT 1))
    ORDER BY rank DESC, id LIMIT 1"""
# The same with a limit or in a quiet time: the first of so many that has leave; what is out in part goes on.
FIRST_ALLOWED = f"""
    SELECT {_DUE} FROM (
        SELECT * FROM (SELECT * FROM (SELECT {_NEEDED} FROM outbox INDEXED BY outbox_due
                WHERE state = 'queued' AND due = 1 AND route = '' AND rank >= :least_shared AND shunned IS NOT :carrier
                ORDER BY rank DESC, id LIMIT :looked)
            WHERE :room IS NULL OR segments <= :room
            ORDER BY rank DESC, id LIMIT 1)
        UNION ALL
        SELECT * FROM (SELECT * FROM (SELECT {_NEEDED} FROM outbox INDEXED BY outbox_due
                WHERE state = 'queued' AND due = 1 AND route = :carrier
                ORDER BY rank DESC, id LIMIT :looked) AS due
            WHERE (rank >= :least_rank AND (:room IS NULL OR segments <= :room)) OR {_IS_PART_OUT}
            ORDER BY rank DESC, id LIMIT 1))
    ORDER BY rank DESC, id LIMIT 1"""
TAKE = """
    UPDATE outbox SET state = 'sending', carrier = :carrier, attempts = attempts + 1, shunned = NULL,
                      next_attempt_at = NULL, error_code = NULL, error_text = NULL, updated_at = :now,
                      taken_at = COALESCE(taken_at, :now)
    WHERE id = :id AND state = 'queued' AND due = 1"""
SEGMENTS_TAKEN = "UPDATE outbox SET segments = :segments WHERE id = :id"
BODY = "SELECT CAST(body AS TEXT) FROM outbox WHERE id = :id"
NEXT_OPEN = """
    SELECT s.id, s.number, s.total, s.reference, s.is_wide, s.alphabet, s.body,
           o.msisdn, CAST(o.sender AS TEXT), o.expires, o.rank
    FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id
    WHERE s.outbox_id = :id AND s.state = 'open' ORDER BY s.number LIMIT 1"""
# In the order in which they were given, which is not that of the messages: what is urgent is cut first.
REFERENCES = """
    SELECT reference, is_wide, is_under_way FROM (
        SELECT s.id AS key, s.reference, s.is_wide, o.state <> 'delivered' AND o.expires > :now AS is_under_way
        FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id AND s.number = 1
        WHERE o.msisdn = :msisdn AND s.reference IS NOT NULL ORDER BY o.id DESC LIMIT 600)
    ORDER BY key DESC"""
WRITE_SEGMENT = """
    INSERT INTO segments (outbox_id, number, total, reference, is_wide, alphabet, body)
    VALUES (:id, :number, :total, :reference, :is_wide, :alphabet, :body)"""
BEGIN_SEGMENT = """
    UPDATE segments SET state = 'begun', begun_at = :now, attempts = attempts + 1, carrier = :carrier, line = :line,
                        message_reference = NULL, submitted_at = NULL, error_code = NULL
    WHERE id = :id AND state = 'open'"""

# --- progress of a segment -------------------------------------------------------------------------------------------

PUT_OFF = "s.number_tries + s.network_tries + s.account_tries + s.gateway_tries + s.device_tries"
_SEGMENT = """
    s.id, s.outbox_id, s.state, s.number, s.total, s.carrier, s.line, s.begun_at, s.unanswered, s.forgiven,
           s.number_tries, s.network_tries, s.account_tries, s.gateway_tries, s.device_tries,
           o.state, CAST(o.category AS TEXT), o.expires
    FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id"""
SEGMENT = f"SELECT {_SEGMENT} WHERE s.id = :key"
# Of many those that are begun, and never were in doubt. By the plus not through all that any carrier is sending.
BEGUN = f"""SELECT {_SEGMENT}
    WHERE s.id IN (SELECT value FROM json_each(:keys))
      AND s.state = 'begun' AND s.unanswered = 0 AND +o.state = 'sending'"""
SEGMENT_STATES = "SELECT state, unanswered FROM segments WHERE outbox_id = :id"
WHY_UNDELIVERED = """
    SELECT s.error_code, (SELECT text FROM reports WHERE segment_id = s.id AND code = s.error_code LIMIT 1)
    FROM segments AS s WHERE s.outbox_id = :id AND s.state = 'undelivered' ORDER BY s.number LIMIT 1"""
UNCERTAIN_SEGMENTS = "SELECT id FROM segments WHERE outbox_id = :id AND state = 'uncertain'"
IS_PART_OUT = """
    SELECT EXISTS (SELECT 1 FROM segments WHERE outbox_id = :id AND state IN ('sent', 'delivered', 'undelivered'))"""
IS_UNANSWERED = """
    SELECT EXISTS (SELECT 1 FROM segments WHERE outbox_id = :id AND state = 'open' AND unanswered > 0)"""
SEGMENT_SENT = """
    UPDATE segments SET state = 'sent', message_reference = :reference, submitted_at = COALESCE(submitted_at, :now),
                        carrier = :carrier, line = :line, error_code = NULL
    WHERE id = :key AND state IN ('begun', 'uncertain', 'open')"""
SEGMENT_UNANSWERED = """
    UPDATE segments SET state = 'uncertain', unanswered = unanswered + 1, submitted_at = :at, error_code = :code
    WHERE id = :key AND state = 'begun'"""
SEGMENT_PUT_OFF = """
    UPDATE segments SET state = 'open', submitted_at = NULL, error_code = :code,
                        unanswered = unanswered - (state = 'uncertain'),
                        attempts = attempts - (:scope = ''),
                        number_tries = number_tries + (:scope = 'number'),
                        network_tries = network_tries + (:scope = 'network'),
                        account_tries = account_tries + (:scope = 'account'),
                        gateway_tries = gateway_tries + (:scope = 'gateway'),
                        device_tries = device_tries + (:scope = 'device')
    WHERE id = :key AND state IN ('begun', 'uncertain')"""
SEGMENT_FAILED = """
    UPDATE segments SET state = 'failed', submitted_at = NULL, error_code = :code
    WHERE id = :key AND state IN ('begun', 'uncertain', 'open')"""
SEGMENT_OPEN = "UPDATE segments SET state = 'open' WHERE id = :key AND state IN ('uncertain', 'failed')"
SEGMENTS_REOPENED = "UPDATE segments SET state = 'open' WHERE outbox_id = :id AND state IN ('uncertain', 'failed')"
# What went out without an answer may still be reported: it stays known, and only its tries are counted anew.
SEGMENTS_ANEW = """
    UPDATE segments SET state = 'open', number_tries = 0, network_tries = 0, account_tries = 0, gateway_tries = 0,
                        device_tries = 0, forgiven = unanswered, submitted_at = NULL
    WHERE outbox_id = :id AND state IN ('open', 'uncertain', 'failed')"""

# --- progress of a message -------------------------------------------------------------------------------------------

STATE = "SELECT state FROM outbox WHERE id = :id"
MOVE = """
    UPDATE outbox SET state = :to_state, updated_at = :now, error_code = :code, error_text = :text,
                      next_attempt_at = NULL,
                      sent_at = CASE WHEN :to_state IN ('sent', 'delivered', 'undelivered')
                                     THEN COALESCE(sent_at, :now) ELSE sent_at END,
                      delivered_at = CASE WHEN :to_state = 'delivered' THEN :now ELSE delivered_at END
    WHERE id = :id AND state = :from_state"""
TO_UNCERTAIN = """
    UPDATE outbox SET state = 'uncertain', updated_at = :now, error_code = :code, error_text = :text,
                      next_attempt_at = :until
    WHERE id = :id AND state = 'sending'"""
# The rest of a long message goes the way of its first part, or the phone could not join them: not always that of the
# carrier that has tried last, for the answer to an earlier try may have come late.
WAY_OF_WHAT_IS_OUT = """COALESCE((SELECT carrier FROM segments
                                        WHERE outbox_id = :id AND state IN ('sent', 'delivered', 'undelivered')
                                        ORDER BY number DESC LIMIT 1), carrier)"""
# Part-sent, it stays with the carrier that sent the first part. Only one that others may take too is left to them;
# a mere wish for the carrier that failed ends with that. One that no carrier ever took was made `sending` by another
# program: it is examined (again).
TO_QUEUE = f"""
    UPDATE outbox SET state = 'queued', updated_at = :now, error_code = :code, error_text = :text,
                      due = CASE WHEN attempts = 0 THEN NULL
                                 WHEN :at IS NULL THEN 1
                                 WHEN :shunned IS NOT NULL
                                      AND (route = '' OR wish_until IS NOT NULL OR instr(route, char(10))) THEN 1
                                 ELSE 0 END,
                      shunned = CASE WHEN route = '' OR wish_until IS NOT NULL OR instr(route, char(10))
                                     THEN :shunned END,
                      next_attempt_at = :at,
                      route = CASE WHEN :is_part_out THEN {WAY_OF_WHAT_IS_OUT}
                                   WHEN :shunned IS NOT NULL AND wish_until IS NOT NULL THEN '' ELSE route END,
                      wish_until = CASE WHEN NOT :is_part_out AND :shunned IS NULL THEN wish_until END
    WHERE id = :id AND state = :from_state"""
PIN = f"""
    UPDATE outbox SET shunned = NULL, wish_until = NULL,
                      route = {WAY_OF_WHAT_IS_OUT}
    WHERE id = :id AND state = 'queued'"""
# Whether an SMS of it was sent once more.
WAS_RESENT = """
    SELECT EXISTS (SELECT 1 FROM events WHERE outbox_id = :id AND event = 'resend')
        OR EXISTS (SELECT 1 FROM segments WHERE outbox_id = :id AND forgiven > 0)"""
# Of a message that was given up as uncertain: what has come out since. It stays failed.
TOLD_LATE = """
    UPDATE outbox SET error_code = :code, error_text = :text, updated_at = :now,
                      delivered_at = CASE WHEN :is_delivered THEN :now END
    WHERE id = :id AND state = 'failed' AND error_code IN ('uncertain', 'sent_late') AND error_code IS NOT :code"""

# --- events, and what was submitted ---------------------------------------------------------------------------------

EVENT = "INSERT INTO events (outbox_id, at, event, detail) VALUES (:id, :now, :event, :detail)"
SUBMITTED_SINCE = "SELECT count(*) FROM segments WHERE carrier = :carrier AND submitted_at >= :since"
