-- A fleet that runs unattended: lines known by their SIM, orders of people, balances, alarms, breakers.

-- About a carrier instead of a message: `carrier` names it, from_state and to_state are its own (gateway/life.py).
ALTER TABLE events ADD COLUMN carrier TEXT;
CREATE INDEX events_carrier ON events (carrier, id) WHERE carrier IS NOT NULL;
DROP INDEX events_at;
CREATE INDEX events_at ON events (at, to_state) WHERE to_state IS NOT NULL AND outbox_id IS NOT NULL;
CREATE INDEX events_past_limit ON events (at) WHERE event = 'past_limit';  -- emergencies beyond a number's day

ALTER TABLE outbox ADD COLUMN taken_at TEXT;      -- when a carrier first took it: what the breakers count
ALTER TABLE outbox ADD COLUMN wish_until TEXT;    -- `route` is only the gateway's wish, until then
ALTER TABLE outbox ADD COLUMN released_at TEXT;   -- when a person let it go: no breaker holds it a second time
CREATE INDEX outbox_taken ON outbox (msisdn, taken_at) WHERE taken_at IS NOT NULL;
CREATE INDEX outbox_wish ON outbox (route, wish_until) WHERE state = 'queued' AND wish_until IS NOT NULL;

-- What the gateway itself has put off, by when it did: a clock that was ahead, and was set back, is seen by it.
CREATE INDEX outbox_put_off ON outbox (updated_at)
    WHERE state = 'queued' AND next_attempt_at IS NOT NULL AND (attempts > 0 OR not_before IS NULL);

CREATE INDEX outbox_held ON outbox (error_code) WHERE state = 'held';

-- What a SIM has spent is counted by the SIM, whichever stick it is in and however that is called. One row for each SMS
-- handed over, written before its bytes leave, taken back when they are known not to have gone; kept for two months,
-- whatever becomes of the message. `recipient` is a digest of the number: distinct ones are counted.
CREATE TABLE spent (
    line       TEXT NOT NULL,
    segment_id INTEGER NOT NULL,
    at         TEXT NOT NULL,
    recipient  INTEGER,             -- NULL: from before this table
    -- `at`, before it was moved because the clock said that it was still to come; '': it was not. Several tries of one
    -- SMS may have been moved to the same moment.
    was_at     TEXT NOT NULL DEFAULT '',
    -- The last event by then: what went first, whatever the clock said. 0: from before this table.
    place      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (line, at, segment_id, was_at)
) WITHOUT ROWID;
CREATE INDEX spent_moved ON spent (line, was_at) WHERE was_at > '';
INSERT INTO spent (line, segment_id, at)
    SELECT line, id, submitted_at FROM segments
    WHERE line IS NOT NULL AND submitted_at >= strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-62 days');

-- A line is a SIM (by ICCID, else IMSI, else its device's IMEI) or a bind. What is known of it outlives port and stick.
CREATE TABLE lines (
    line          TEXT PRIMARY KEY,
    name          TEXT,             -- the carrier's name, given once to a modem that nobody configured
    kind          TEXT NOT NULL,
    imei          TEXT,             -- the device that it was last seen in
    port          TEXT,
    carrier       TEXT,             -- who had it last
    imsi          TEXT,
    iccid         TEXT,
    first_seen_at TEXT NOT NULL,
    last_seen_at  TEXT NOT NULL,
    blocked_at    TEXT,             -- the operator seems to refuse everything: it rests
    blocked_until TEXT,             -- then one SMS tries again
    blocked_code  TEXT,
    blocks        INTEGER NOT NULL DEFAULT 0  -- in a row
) WITHOUT ROWID;
CREATE UNIQUE INDEX lines_name ON lines (name) WHERE name IS NOT NULL;
-- A SIM that has sent before is not a new one.
INSERT INTO lines (line, kind, first_seen_at, last_seen_at)
    SELECT line, 'modem', min(begun_at), max(begun_at) FROM segments
    WHERE line IS NOT NULL AND begun_at IS NOT NULL GROUP BY line;

-- A PIN is noted before it is tried: 1 = how the try ended was never noted.
ALTER TABLE refused_pins ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0;

-- A carrier that a person has taken out of service; it stays so over restarts.
CREATE TABLE pauses (
    carrier TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    reason  TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- What people ask of the running daemon's carriers: `smsgw modems reset`, `smsgw ussd`.
CREATE TABLE orders (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    carrier TEXT NOT NULL,
    verb    TEXT NOT NULL CHECK (verb IN ('reset', 'resume', 'ussd')),
    word    TEXT NOT NULL DEFAULT '',                -- the USSD code
    state   TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'taken', 'done', 'failed')),
    answer  TEXT,
    done_at TEXT
);
CREATE INDEX orders_open ON orders (carrier, id) WHERE state IN ('waiting', 'taken');

CREATE TABLE balances (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    line      TEXT NOT NULL,
    at        TEXT NOT NULL,
    balance   REAL,
    allowance INTEGER,
    runs_out_at TEXT                                 -- at the rate of the weeks before; NULL: nobody can tell
);
CREATE INDEX balances_line ON balances (line, at);

-- Raised once, cleared once.
CREATE TABLE alarms (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    code       TEXT NOT NULL,
    subject    TEXT NOT NULL DEFAULT '',             -- the carrier or number that it is about; '' the gateway
    text       TEXT NOT NULL,
    remedy     TEXT NOT NULL DEFAULT '',
    raised_at  TEXT NOT NULL,
    cleared_at TEXT
);
CREATE UNIQUE INDEX alarms_open ON alarms (code, subject) WHERE cleared_at IS NULL;
CREATE INDEX alarms_raised ON alarms (raised_at);

-- Who is to be told of an alarm, each way by itself, until it has worked or was given up.
CREATE TABLE notices (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    alarm_id INTEGER NOT NULL,
    is_clear INTEGER NOT NULL,                       -- 0 it was raised, 1 it was cleared
    way      TEXT NOT NULL,                          -- which [[notify]] table and which way of it
    tries    INTEGER NOT NULL DEFAULT 0,
    next_at  TEXT,                                   -- NULL: done or given up
    fault    TEXT NOT NULL DEFAULT '',
    UNIQUE (alarm_id, is_clear, way)
);
CREATE INDEX notices_open ON notices (next_at) WHERE next_at IS NOT NULL;

ALTER TABLE carriers ADD COLUMN line TEXT;
ALTER TABLE carriers ADD COLUMN model TEXT;
ALTER TABLE carriers ADD COLUMN storage_percent INTEGER;
ALTER TABLE carriers ADD COLUMN has_service_centre INTEGER;  -- 1, 0; NULL: not known
ALTER TABLE carriers ADD COLUMN balance REAL;
ALTER TABLE carriers ADD COLUMN allowance INTEGER;
ALTER TABLE carriers ADD COLUMN runs_out_at TEXT;
ALTER TABLE carriers ADD COLUMN since TEXT;          -- in this state since

-- The last trouble of each, also when it is over, and the daemon another one.
CREATE TABLE last_errors (
    carrier TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    text    TEXT NOT NULL
) WITHOUT ROWID;

-- When the gateway last could send: a gap before now is an outage.
ALTER TABLE daemon ADD COLUMN able_at TEXT;

-- When it last read its configuration anew, and what of it does not count yet: one line each, NULL when all does.
ALTER TABLE daemon ADD COLUMN loaded_at TEXT;
ALTER TABLE daemon ADD COLUMN not_loaded TEXT;
-- Its threads that do not move, a name each line, and since when some do not; NULL: all move.
ALTER TABLE daemon ADD COLUMN hung TEXT;
ALTER TABLE daemon ADD COLUMN hung_at TEXT;
-- By which [[route]] tables the messages got their ways: a stamp; NULL: by none.
ALTER TABLE daemon ADD COLUMN routes TEXT;
-- A backlog is being gone through: what was due before this moment. NULL: none is.
ALTER TABLE daemon ADD COLUMN backlog_at TEXT;
-- The latest moment that it has ever lived through: an earlier one tells that the clock was set back. NULL: not known.
ALTER TABLE daemon ADD COLUMN latest_at TEXT;

-- The gateway's new columns are put right in a new message too.
CREATE TRIGGER outbox_put_right_fleet AFTER INSERT ON outbox
WHEN COALESCE(NEW.taken_at, NEW.wish_until, NEW.released_at) IS NOT NULL
BEGIN
    UPDATE outbox SET taken_at = NULL, wish_until = NULL, released_at = NULL WHERE id = NEW.id;
END;

-- Retention: finished messages by when they ended, those that still have their words and those that have none. Whether
-- a row belongs there is asked at each change of it: a list behind IN would be built anew each time.
CREATE INDEX outbox_kept ON outbox (updated_at)
    WHERE state <> 'queued' AND state <> 'held' AND state <> 'sending' AND state <> 'uncertain'
      AND COALESCE(recipient, body) IS NOT NULL;
CREATE INDEX outbox_emptied ON outbox (updated_at)
    WHERE state <> 'queued' AND state <> 'held' AND state <> 'sending' AND state <> 'uncertain'
      AND COALESCE(recipient, body) IS NULL;
CREATE INDEX parts_inbox ON parts (inbox_id) WHERE inbox_id IS NOT NULL;
-- The clock that it goes by: a wall clock that is years ahead for an hour must not cost years of messages.
CREATE TABLE retention (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    seen_at    TEXT NOT NULL,   -- the wall clock at the last run
    trusted_at TEXT NOT NULL
);

-- Changes of state, once more. Nearly all are three steps of a message's way, and any trigger costs its time whether or
-- not it finds something to do: so one trigger writes down these, and another one sees to all the others.
DROP TRIGGER outbox_state_changed;
CREATE TRIGGER outbox_state_changed AFTER UPDATE OF state ON outbox
WHEN OLD.revision IS NOT NULL AND CASE OLD.state
        WHEN 'queued'  THEN NEW.state = 'sending'
        WHEN 'sending' THEN NEW.state = 'sent'
        WHEN 'sent'    THEN NEW.state = 'delivered'
        ELSE 0 END
BEGIN
    INSERT INTO events (outbox_id, at, event, from_state, to_state, detail)
        VALUES (NEW.id, NEW.updated_at, NEW.state, OLD.state, NEW.state,
                CASE WHEN NEW.state <> 'delivered' THEN NEW.carrier
                     ELSE NEW.error_code || COALESCE(': ' || NEW.error_text, '') END);
END;

-- The table of states.py holds as before; whoever lets a held message go has decided, whatever a breaker thinks of it.
-- What another program does, cancel or hold without a time, happens now, and why a cancelled message was put off before
-- says nothing any more. But some of it may be out already, between two SMS of a long message, or it waited to be sent
-- once more after an SMS that got no answer: then the row says so.
DROP TRIGGER outbox_state_legal;
CREATE TRIGGER outbox_state_legal AFTER UPDATE OF state ON outbox
WHEN NEW.state IS NOT OLD.state AND OLD.revision IS NOT NULL AND COALESCE(CASE OLD.state
        WHEN 'queued'  THEN NEW.state <> 'sending'
        WHEN 'sending' THEN NEW.state <> 'sent'
        WHEN 'sent'    THEN NEW.state <> 'delivered'
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
    END WHERE COALESCE(CASE OLD.state
        WHEN 'queued'    THEN NEW.state NOT IN ('sending', 'held', 'rejected', 'expired', 'cancelled')
        WHEN 'held'      THEN NEW.state NOT IN ('queued', 'cancelled', 'expired')
        WHEN 'sending'   THEN NEW.state NOT IN ('sent', 'queued', 'failed', 'uncertain')
        WHEN 'uncertain' THEN NEW.state NOT IN ('sent', 'queued', 'failed', 'delivered', 'undelivered')
        WHEN 'sent'      THEN NEW.state NOT IN ('delivered', 'undelivered')
        WHEN 'failed'    THEN NOT (NEW.state = 'queued' AND NEW.retries = OLD.retries + 1)
        ELSE 1 END, 1);
    UPDATE outbox SET released_at = NEW.updated_at
        WHERE id = NEW.id AND OLD.state = 'held' AND NEW.state = 'queued';
    UPDATE outbox SET updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        WHERE id = NEW.id AND NEW.updated_at IS OLD.updated_at AND NEW.state IN ('cancelled', 'held');
    UPDATE outbox SET error_code = NULL, error_text = NULL, next_attempt_at = NULL
        WHERE id = NEW.id AND NEW.state = 'cancelled' AND COALESCE(NEW.error_code, NEW.next_attempt_at) IS NOT NULL;
    INSERT INTO events (outbox_id, at, event, from_state, to_state, detail)
        VALUES (NEW.id,
                CASE WHEN NEW.updated_at IS OLD.updated_at AND NEW.state IN ('cancelled', 'held')
                     THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE NEW.updated_at END,
                NEW.state, OLD.state, NEW.state,
                CASE WHEN NEW.state = 'sent' THEN NEW.carrier
                     WHEN NEW.state <> 'cancelled' THEN NEW.error_code || COALESCE(': ' || NEW.error_text, '') END);
    UPDATE outbox SET error_code = 'uncertain',
                      error_text = 'It had gone out without an answer before it was cancelled: it may have arrived.'
        WHERE id = NEW.id AND NEW.state = 'cancelled' AND EXISTS (
            SELECT 1 FROM segments WHERE outbox_id = NEW.id AND state = 'open' AND unanswered > 0);
    UPDATE outbox SET error_code = 'part_sent',
                      error_text = 'A part of the message had gone out before it was cancelled.'
        WHERE id = NEW.id AND NEW.state = 'cancelled' AND EXISTS (
            SELECT 1 FROM segments WHERE outbox_id = NEW.id AND state IN ('sent', 'delivered', 'undelivered'));
END;

-- With a message go its segments and their reports; its events stay.
DROP TRIGGER outbox_deleted;
CREATE TRIGGER outbox_deleted AFTER DELETE ON outbox
BEGIN
    DELETE FROM reports WHERE segment_id IN (SELECT id FROM segments WHERE outbox_id = OLD.id);
    DELETE FROM segments WHERE outbox_id = OLD.id;
END;
-- And only so: one that lost its segments would be cut anew, and what was out already would go out again.
CREATE TRIGGER segments_not_deleted BEFORE DELETE ON segments
WHEN EXISTS (SELECT 1 FROM outbox WHERE id = OLD.outbox_id)
BEGIN
    SELECT RAISE(ABORT, 'the segments go with their message: delete that, when it is finished');
END;

-- The last event when it came: which SMS had gone by then, whatever the clock said. 0: not known.
ALTER TABLE reports ADD COLUMN place INTEGER NOT NULL DEFAULT 0;

-- An SMSC's receipt names its message by an id that is one segment's alone. One whose segment is not known yet is found
-- again by any of the forms in which the answer may write that id.
ALTER TABLE reports ADD COLUMN is_exact INTEGER NOT NULL DEFAULT 0;
CREATE TABLE report_forms (
    line      TEXT    NOT NULL,
    form      TEXT    NOT NULL,
    report_id INTEGER NOT NULL,
    PRIMARY KEY (line, form, report_id)
) WITHOUT ROWID;
CREATE INDEX report_forms_report ON report_forms (report_id);
CREATE TRIGGER report_matched AFTER UPDATE OF segment_id ON reports
WHEN NEW.segment_id IS NOT NULL AND NEW.is_exact
BEGIN
    DELETE FROM report_forms WHERE report_id = NEW.id;
END;
CREATE TRIGGER report_deleted AFTER DELETE ON reports
WHEN OLD.is_exact
BEGIN
    DELETE FROM report_forms WHERE report_id = OLD.id;
END;
-- A person who queues a failed message anew makes nobody forget the copies that got no answer: a receipt may mean them.
ALTER TABLE segments ADD COLUMN account_tries INTEGER NOT NULL DEFAULT 0;  -- tries put off because of SIM or account,
ALTER TABLE segments ADD COLUMN gateway_tries INTEGER NOT NULL DEFAULT 0;  -- … the form that the gateway gave it
ALTER TABLE segments ADD COLUMN forgiven INTEGER NOT NULL DEFAULT 0;  -- of `unanswered`, those before that
-- One that a person has settled, or that went out again elsewhere, may be the one that a receipt means, too.
DROP INDEX segments_unanswered;
CREATE INDEX segments_unanswered ON segments (begun_at) WHERE unanswered > 0;
