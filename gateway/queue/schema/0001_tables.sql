-- The queue's tables: outbox, segments, reports, parts, inbox, events, daemon, carriers.
-- This file is never edited once released; a later step gets its own numbered file.
-- Times are ISO 8601 UTC with milliseconds and Z, so that text order is time order.

-- One row is one message to one recipient. An ordinary table on purpose: whatever a writer inserts is taken, and
-- what is wrong with it becomes `rejected` with a reason when the gateway examines the row.
CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- the writer's
    recipient       TEXT,
    body            TEXT,
    category        TEXT,
    priority        INTEGER,
    sender          TEXT,
    not_before      TEXT,
    expires_at      TEXT,
    external_id     TEXT UNIQUE,
    -- the gateway's, for everybody to read
    state           TEXT    DEFAULT 'queued',
    msisdn          TEXT,
    segments        INTEGER,
    carrier         TEXT,
    attempts        INTEGER DEFAULT 0,
    error_code      TEXT,
    error_text      TEXT,
    created_at      TEXT    DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_at      TEXT    DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    sent_at         TEXT,
    delivered_at    TEXT,
    next_attempt_at TEXT,   -- queued: not before this; uncertain: waits for an answer until then
    -- the gateway's, for itself
    due             INTEGER,           -- NULL not examined yet, 0 waits for next_attempt_at, 1 may go now
    rank            INTEGER,           -- effective priority, 0-9
    route           TEXT,              -- '' any carrier, else the one carrier that may take it
    shunned         TEXT,              -- the carrier that failed last; leaves it to the others until next_attempt_at
    expires         TEXT,              -- effective expiry
    retries         INTEGER DEFAULT 0, -- times that a person queued it anew after `failed`
    revision        INTEGER DEFAULT 0  -- times that the writer changed it; NULL only inside outbox_put_right
);

-- Rows are examined in the order in which they would be sent, so that nothing waits behind a long import of less weight.
CREATE INDEX outbox_new ON outbox (
    COALESCE(priority, CASE category WHEN 'emergency' THEN 9 WHEN 'otp' THEN 8 WHEN 'marketing' THEN 2 ELSE 5 END) DESC,
    id) WHERE state = 'queued' AND due IS NULL;
CREATE INDEX outbox_due ON outbox (route, rank DESC, id) WHERE state = 'queued' AND due = 1;
CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE state = 'queued' AND due = 0;
CREATE INDEX outbox_shunned ON outbox (next_attempt_at) WHERE state = 'queued' AND shunned IS NOT NULL;
CREATE INDEX outbox_uncertain ON outbox (next_attempt_at) WHERE state = 'uncertain';
CREATE INDEX outbox_expiry ON outbox (expires) WHERE state IN ('queued', 'held') AND expires IS NOT NULL;
CREATE INDEX outbox_state ON outbox (state);
CREATE INDEX outbox_msisdn ON outbox (msisdn, id) WHERE msisdn IS NOT NULL;

-- Every external_id ever used. The UNIQUE above stops a plain second insert; this stops INSERT OR REPLACE,
-- which would take the first row away and send a second SMS.
CREATE TABLE external_ids (external_id TEXT PRIMARY KEY) WITHOUT ROWID;

-- One row per SMS, written when the message is first claimed; a retry uses the same bytes. States: states.py.
CREATE TABLE segments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox_id         INTEGER NOT NULL,
    number            INTEGER NOT NULL,
    total             INTEGER NOT NULL,
    reference         INTEGER,          -- concatenation reference; NULL for a message of one SMS
    is_wide           INTEGER NOT NULL DEFAULT 0,
    alphabet          TEXT    NOT NULL,
    body              TEXT,
    state             TEXT    NOT NULL DEFAULT 'open',
    carrier           TEXT,
    line              TEXT,             -- the SIM or bind in whose name message_reference is counted
    message_reference TEXT,             -- TP-MR or SMSC message id; '' when the modem gave none
    attempts          INTEGER NOT NULL DEFAULT 0,
    number_tries      INTEGER NOT NULL DEFAULT 0,  -- tries put off because of the number,
    network_tries     INTEGER NOT NULL DEFAULT 0,  -- … the network,
    device_tries      INTEGER NOT NULL DEFAULT 0,  -- … the device
    unanswered        INTEGER NOT NULL DEFAULT 0,  -- times that its bytes went out and no answer came
    begun_at          TEXT,
    submitted_at      TEXT,
    reported_at       TEXT,
    error_code        TEXT,
    UNIQUE (outbox_id, number)
);
CREATE INDEX segments_reference ON segments (line, message_reference, begun_at) WHERE message_reference IS NOT NULL;
CREATE INDEX segments_unanswered ON segments (line) WHERE unanswered > 0 AND state IN ('uncertain', 'open');
CREATE INDEX segments_submitted ON segments (carrier, submitted_at) WHERE submitted_at IS NOT NULL;

-- Status reports as they came; segment_id stays NULL for one that no segment fits.
CREATE TABLE reports (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    carrier           TEXT NOT NULL,
    line              TEXT NOT NULL,
    message_reference TEXT NOT NULL,
    recipient         TEXT,
    status            TEXT NOT NULL,
    code              TEXT NOT NULL,
    text              TEXT NOT NULL,
    submitted_at      TEXT,
    discharged_at     TEXT,
    received_at       TEXT NOT NULL,
    fingerprint       TEXT NOT NULL,
    segment_id        INTEGER,
    UNIQUE (line, fingerprint)
);
CREATE INDEX reports_unmatched ON reports (line, received_at) WHERE segment_id IS NULL;
CREATE INDEX reports_segment ON reports (segment_id) WHERE segment_id IS NOT NULL;

CREATE TABLE inbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    sender      TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    received_at TEXT    NOT NULL,
    sent_at     TEXT,
    carrier     TEXT    NOT NULL,
    complete    INTEGER NOT NULL,
    reply_to    INTEGER
);
CREATE INDEX inbox_received ON inbox (received_at);

-- Incoming SMS as they came; the text moves to inbox when all parts are there.
CREATE TABLE parts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    carrier     TEXT    NOT NULL,
    line        TEXT    NOT NULL,
    sender      TEXT    NOT NULL,
    text        TEXT,
    reference   INTEGER,               -- NULL: a message of one SMS
    is_wide     INTEGER NOT NULL DEFAULT 0,
    total       INTEGER NOT NULL DEFAULT 1,
    number      INTEGER NOT NULL DEFAULT 1,
    is_damaged  INTEGER NOT NULL DEFAULT 0,
    sent_at     TEXT,
    received_at TEXT    NOT NULL,
    fingerprint TEXT    NOT NULL,
    inbox_id    INTEGER,               -- NULL: waits for the others
    UNIQUE (line, fingerprint)
);
CREATE INDEX parts_waiting ON parts (line, sender, reference, total, is_wide) WHERE inbox_id IS NULL;
CREATE INDEX parts_waiting_since ON parts (received_at) WHERE inbox_id IS NULL;

-- What happened, in order; never changed and never taken away.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    outbox_id  INTEGER,
    at         TEXT NOT NULL,
    event      TEXT NOT NULL,
    from_state TEXT,
    to_state   TEXT,
    detail     TEXT
);
CREATE INDEX events_outbox ON events (outbox_id);
CREATE INDEX events_at ON events (at, to_state) WHERE to_state IS NOT NULL;

CREATE TABLE daemon (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    pid          INTEGER NOT NULL,
    started_at   TEXT    NOT NULL,
    heartbeat_at TEXT    NOT NULL,
    stopped_at   TEXT
);

CREATE TABLE carriers (
    name        TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    port        TEXT,
    imei        TEXT,
    iccid       TEXT,
    imsi        TEXT,
    operator    TEXT,
    signal_dbm  INTEGER,
    sent_today  INTEGER NOT NULL,
    limit_today INTEGER,
    updated_at  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE refused_pins (key TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
