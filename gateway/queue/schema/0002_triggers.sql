-- What the database itself sees to, whoever writes: legal changes of state, their events, and what a writer may change.

-- An id is the gateway's to give. One near the largest possible would leave none for those that follow.
CREATE TRIGGER outbox_id_given BEFORE INSERT ON outbox
WHEN NEW.id < -1 OR NEW.id > 9007199254740991
BEGIN
    SELECT RAISE(ABORT, 'outbox.id is given by the gateway: leave it out of the INSERT');
END;

-- A message begins: its id and its external_id are new, and its first event says so.
CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox
BEGIN
    SELECT RAISE(ABORT, 'this outbox.id was used before: leave it out of the INSERT')
        WHERE EXISTS (SELECT 1 FROM events WHERE outbox_id = NEW.id);
    SELECT RAISE(ABORT, 'this external_id was used before: the message is known, and is not sent a second time')
        WHERE NEW.external_id IS NOT NULL
          AND EXISTS (SELECT 1 FROM external_ids WHERE external_id = NEW.external_id);
    INSERT INTO external_ids (external_id) SELECT NEW.external_id WHERE trim(NEW.external_id) <> '';
    INSERT INTO events (outbox_id, at, event, to_state)
        VALUES (NEW.id,
                CASE WHEN NEW.updated_at GLOB
                    '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'
                    THEN NEW.updated_at ELSE strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END,
                'queued', 'queued');
END;

-- A new message is queued and unexamined, whatever its writer put in the gateway's columns. created_at is kept when
-- it has the gateway's own form. A blank external_id is none: programs that know no NULL write it in every row.
-- `revision IS NULL` tells the triggers on states and words to look away.
CREATE TRIGGER outbox_put_right AFTER INSERT ON outbox
WHEN NEW.state IS NOT 'queued' OR NEW.attempts IS NOT 0 OR NEW.retries IS NOT 0 OR NEW.revision IS NOT 0
    OR COALESCE(NEW.msisdn, NEW.segments, NEW.carrier, NEW.error_code, NEW.error_text, NEW.sent_at, NEW.delivered_at,
                NEW.next_attempt_at, NEW.due, NEW.rank, NEW.route, NEW.shunned, NEW.expires) IS NOT NULL
    OR trim(NEW.external_id) = ''
    OR COALESCE(NEW.created_at, '') NOT GLOB
       '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'
    OR COALESCE(NEW.updated_at, '') NOT GLOB
       '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'
BEGIN
    UPDATE outbox SET revision = NULL WHERE id = NEW.id;
    UPDATE outbox SET
        state = 'queued', attempts = 0, retries = 0, revision = 0, msisdn = NULL, segments = NULL, carrier = NULL,
        error_code = NULL, error_text = NULL, sent_at = NULL, delivered_at = NULL, next_attempt_at = NULL, due = NULL,
        rank = NULL, route = NULL, shunned = NULL, expires = NULL,
        external_id = CASE WHEN trim(external_id) <> '' THEN external_id END,
        created_at = CASE WHEN created_at GLOB
            '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'
            THEN created_at ELSE strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END,
        updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        WHERE id = NEW.id;
END;

CREATE TRIGGER outbox_id_fixed BEFORE UPDATE OF id ON outbox
WHEN NEW.id IS NOT OLD.id
BEGIN
    SELECT RAISE(ABORT, 'outbox.id never changes');
END;

-- The table of states.py, once more; a test holds the two together.
CREATE TRIGGER outbox_state_legal BEFORE UPDATE OF state ON outbox
WHEN NEW.state IS NOT OLD.state AND OLD.revision IS NOT NULL AND COALESCE(CASE OLD.state
        WHEN 'queued'    THEN NEW.state NOT IN ('sending', 'held', 'rejected', 'expired', 'cancelled')
        WHEN 'held'      THEN NEW.state NOT IN ('queued', 'cancelled', 'expired')
        WHEN 'sending'   THEN NEW.state NOT IN ('sent', 'queued', 'failed', 'uncertain')
        WHEN 'uncertain' THEN NEW.state NOT IN ('sent', 'queued', 'failed', 'delivered', 'undelivered')
        WHEN 'sent'      THEN NEW.state NOT IN ('delivered', 'undelivered')
        WHEN 'failed'    THEN NOT (NEW.state = 'queued' AND NEW.retries = OLD.retries + 1)
        ELSE 1 END, 1)
BEGIN
    SELECT CASE OLD.state
        WHEN 'queued'      THEN RAISE(ABORT, 'a queued message may only become sending, held, rejected, expired or cancelled')
        WHEN 'held'        THEN RAISE(ABORT, 'a held message may only become queued, cancelled or expired')
        WHEN 'sending'     THEN RAISE(ABORT, 'a message in state sending may only become sent, queued, failed or uncertain')
        WHEN 'uncertain'   THEN RAISE(ABORT, 'an uncertain message may only become sent, queued, failed, delivered or undelivered')
        WHEN 'sent'        THEN RAISE(ABORT, 'a sent message may only become delivered or undelivered')
        WHEN 'delivered'   THEN RAISE(ABORT, 'a delivered message keeps its state')
        WHEN 'undelivered' THEN RAISE(ABORT, 'an undelivered message keeps its state')
        WHEN 'failed'      THEN RAISE(ABORT, 'a failed message keeps its state; `smsgw outbox retry` queues it anew')
        WHEN 'rejected'    THEN RAISE(ABORT, 'a rejected message keeps its state')
        WHEN 'expired'     THEN RAISE(ABORT, 'an expired message keeps its state')
        ELSE RAISE(ABORT, 'a cancelled message keeps its state')
    END;
END;

-- The gateway brings updated_at along; another program, which may only cancel or hold, need not: its change happens now.
-- Why a cancelled message was put off before, and until when, says nothing any more.
CREATE TRIGGER outbox_state_changed AFTER UPDATE OF state ON outbox
WHEN NEW.state IS NOT OLD.state AND OLD.revision IS NOT NULL
BEGIN
    UPDATE outbox SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at AND NEW.state IN ('cancelled', 'held');
    UPDATE outbox SET error_code = NULL, error_text = NULL, next_attempt_at = NULL
        WHERE id = NEW.id AND NEW.state = 'cancelled' AND COALESCE(NEW.error_code, NEW.next_attempt_at) IS NOT NULL;
    INSERT INTO events (outbox_id, at, event, from_state, to_state, detail)
        VALUES (NEW.id,
                CASE WHEN NEW.updated_at IS OLD.updated_at AND NEW.state IN ('cancelled', 'held')
                     THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE NEW.updated_at END,
                NEW.state, OLD.state, NEW.state,
                CASE WHEN NEW.state IN ('sending', 'sent') THEN NEW.carrier
                     WHEN NEW.state = 'cancelled' THEN NULL
                     ELSE NEW.error_code || COALESCE(': ' || NEW.error_text, '') END);
END;

-- What the writer wrote stands once the message has left `queued`. Only retention may empty the body and the number
-- of a message that is out of the queue.
CREATE TRIGGER outbox_words_stand
BEFORE UPDATE OF recipient, body, category, priority, sender, not_before, expires_at, external_id ON outbox
WHEN (OLD.state IS NOT 'queued' OR OLD.attempts > 0) AND OLD.revision IS NOT NULL
    AND (NEW.recipient IS NOT OLD.recipient OR NEW.body IS NOT OLD.body OR NEW.category IS NOT OLD.category
         OR NEW.priority IS NOT OLD.priority OR NEW.sender IS NOT OLD.sender OR NEW.not_before IS NOT OLD.not_before
         OR NEW.expires_at IS NOT OLD.expires_at OR NEW.external_id IS NOT OLD.external_id)
    AND NOT (OLD.state NOT IN ('queued', 'held', 'sending', 'uncertain')
             AND (NEW.recipient IS OLD.recipient OR COALESCE(NEW.recipient, '') = '')
             AND (NEW.body IS OLD.body OR COALESCE(NEW.body, '') = '')
             AND NEW.category IS OLD.category AND NEW.priority IS OLD.priority AND NEW.sender IS OLD.sender
             AND NEW.not_before IS OLD.not_before AND NEW.expires_at IS OLD.expires_at
             AND NEW.external_id IS OLD.external_id)
BEGIN
    SELECT RAISE(ABORT, 'what was asked for may be changed only before the first try, while the message is queued');
END;

-- Changed while queued: it is examined again.
CREATE TRIGGER outbox_words_changed
AFTER UPDATE OF recipient, body, category, priority, sender, not_before, expires_at, external_id ON outbox
WHEN OLD.state = 'queued' AND OLD.attempts = 0 AND OLD.revision IS NOT NULL
    AND (NEW.recipient IS NOT OLD.recipient OR NEW.body IS NOT OLD.body OR NEW.category IS NOT OLD.category
         OR NEW.priority IS NOT OLD.priority OR NEW.sender IS NOT OLD.sender OR NEW.not_before IS NOT OLD.not_before
         OR NEW.expires_at IS NOT OLD.expires_at OR NEW.external_id IS NOT OLD.external_id)
BEGIN
    SELECT RAISE(ABORT, 'this external_id was used before: the message is known, and is not sent a second time')
        WHERE NEW.external_id IS NOT OLD.external_id
          AND EXISTS (SELECT 1 FROM external_ids WHERE external_id = NEW.external_id);
    INSERT INTO external_ids (external_id)
        SELECT NEW.external_id WHERE NEW.external_id IS NOT OLD.external_id AND trim(NEW.external_id) <> '';
    UPDATE outbox SET due = NULL, revision = OLD.revision + 1, msisdn = NULL, segments = NULL, rank = NULL,
                      route = NULL, expires = NULL, next_attempt_at = NULL, shunned = NULL,
                      external_id = CASE WHEN trim(external_id) <> '' THEN external_id END,
                      updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        WHERE id = NEW.id;
    INSERT INTO events (outbox_id, at, event) VALUES (NEW.id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'changed');
END;

-- Retention: with the message's text and number go those of its segments and reports.
CREATE TRIGGER outbox_body_emptied AFTER UPDATE OF body ON outbox
WHEN OLD.body IS NOT NEW.body AND COALESCE(NEW.body, '') = '' AND NEW.attempts > 0
BEGIN
    UPDATE segments SET body = NULL WHERE outbox_id = NEW.id;
END;
CREATE TRIGGER outbox_recipient_emptied AFTER UPDATE OF recipient ON outbox
WHEN OLD.recipient IS NOT NEW.recipient AND COALESCE(NEW.recipient, '') = ''
    AND NEW.state NOT IN ('queued', 'held', 'sending', 'uncertain')
BEGIN
    UPDATE outbox SET msisdn = NULL WHERE id = NEW.id;
    UPDATE reports SET recipient = NULL
        WHERE segment_id IN (SELECT id FROM segments WHERE outbox_id = NEW.id);
END;

CREATE TRIGGER outbox_not_deleted BEFORE DELETE ON outbox
WHEN OLD.state IN ('queued', 'held', 'sending', 'uncertain')
BEGIN
    SELECT RAISE(ABORT, 'a message that is not finished can not be deleted; a queued or held one may be set to cancelled');
END;
CREATE TRIGGER outbox_deleted AFTER DELETE ON outbox
BEGIN
    DELETE FROM segments WHERE outbox_id = OLD.id;
END;

CREATE TRIGGER events_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are only ever added');
END;
CREATE TRIGGER events_not_deleted BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'events are only ever added');
END;
