-- The mail merge: texts that people saved under a name. Every version stays; one without a text says that it was
-- removed. `key` is the name as it is compared: case, blanks and the dots of ё don't count.
CREATE TABLE templates (
    key        TEXT    NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),
    name       TEXT    NOT NULL,    -- as a person wrote it
    body       TEXT,                -- NULL: removed
    created_at TEXT    NOT NULL,
    PRIMARY KEY (key, version)
) WITHOUT ROWID;
CREATE TRIGGER templates_stay BEFORE UPDATE ON templates
BEGIN
    SELECT RAISE(ABORT, 'a version of a template never changes');
END;

-- Lists that were imported, each under a name of its own. `done` is no state here: it is said of one that is `running`
-- and of which nothing waits any more. What a report needs is kept: which file, sheet and heading it was, and the options.
CREATE TABLE campaigns (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    key         TEXT    NOT NULL UNIQUE,  -- the name as it is compared, as in `templates`
    name        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'cancelled')),
    created_at  TEXT    NOT NULL,
    created_by  TEXT    NOT NULL DEFAULT '',
    changed_at  TEXT    NOT NULL,         -- when it came into its state
    changed_by  TEXT    NOT NULL DEFAULT '',
    file        TEXT    NOT NULL DEFAULT '',
    digest      TEXT    NOT NULL DEFAULT '',  -- SHA-256 of the file, in hex
    sheet       TEXT    NOT NULL DEFAULT '',  -- '' for a text file
    heading_row INTEGER NOT NULL DEFAULT 0,   -- the list's own number; 0: it has none
    template    TEXT    NOT NULL DEFAULT '',
    options     TEXT    NOT NULL DEFAULT '{}',  -- JSON: as the import was told
    messages    INTEGER NOT NULL DEFAULT 0,   -- queued by it
    sms         INTEGER NOT NULL DEFAULT 0,   -- that they take
    to_do       INTEGER NOT NULL DEFAULT 0,   -- 1: some of its messages are to be let go, or taken back
    is_filling  INTEGER NOT NULL DEFAULT 0    -- 1 inside the transaction that writes its messages, and never after it
);
CREATE INDEX campaigns_to_do ON campaigns (id) WHERE to_do = 1;

-- Rows of the list that became no message, or one to be looked at; never with what stands in a cell.
CREATE TABLE campaign_rows (
    campaign INTEGER NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    list_row INTEGER NOT NULL,
    verdict  TEXT    NOT NULL CHECK (verdict IN ('refused', 'warning', 'known')),
    code     TEXT    NOT NULL,
    list_column TEXT,
    reason   TEXT    NOT NULL
);
CREATE INDEX campaign_rows_campaign ON campaign_rows (campaign, list_row);

-- Whose message it is, and which row of its list. `due` = 2: set aside while its campaign is stopped; it was due before.
-- The index counts a campaign's messages by state, and finds those that are due or set aside.
ALTER TABLE outbox ADD COLUMN campaign INTEGER;
ALTER TABLE outbox ADD COLUMN list_row INTEGER;
CREATE INDEX outbox_campaign ON outbox (campaign, state, due) WHERE campaign IS NOT NULL;

-- A new message, once more. While a list of 100,000 is written nobody else can write, so what is seen to here row by row
-- is done by filling.py for all rows of such a campaign at once, and they are right as it writes them. And each trigger
-- costs its time in every message: two do what four did.
DROP TRIGGER outbox_id_given;
DROP TRIGGER outbox_inserted;
CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox
WHEN NEW.campaign IS NULL OR NOT COALESCE((SELECT is_filling FROM campaigns WHERE id = NEW.campaign), 0)
BEGIN
    SELECT RAISE(ABORT, 'outbox.id is given by the gateway: leave it out of the INSERT')
        WHERE NEW.id < -1 OR NEW.id > 9007199254740991;
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
-- A key whose row is deleted is as known as one whose row is there, so `INSERT OR IGNORE` passes over it too. The CHECK
-- tells which way it is: under OR IGNORE it is skipped, under any other it ends the statement and says why.
CREATE TABLE known_again (
    is_known INTEGER
    CONSTRAINT "this external_id was used before: the message is known, and is not sent a second time"
    CHECK (is_known IS NULL)
);
CREATE TRIGGER outbox_known_again BEFORE INSERT ON outbox
WHEN NEW.campaign IS NULL AND NEW.external_id IS NOT NULL
    AND EXISTS (SELECT 1 FROM external_ids WHERE external_id = NEW.external_id)
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE external_id = NEW.external_id)
BEGIN
    INSERT INTO known_again (is_known) VALUES (1);
    SELECT RAISE(IGNORE);
END;
DROP TRIGGER outbox_put_right;
DROP TRIGGER outbox_put_right_fleet;
CREATE TRIGGER outbox_put_right AFTER INSERT ON outbox
WHEN (NEW.campaign IS NULL OR NOT COALESCE((SELECT is_filling FROM campaigns WHERE id = NEW.campaign), 0))
    AND (NEW.state IS NOT 'queued' OR NEW.attempts IS NOT 0 OR NEW.retries IS NOT 0 OR NEW.revision IS NOT 0
    OR COALESCE(NEW.msisdn, NEW.segments, NEW.carrier, NEW.error_code, NEW.error_text, NEW.sent_at, NEW.delivered_at,
                NEW.next_attempt_at, NEW.due, NEW.rank, NEW.route, NEW.shunned, NEW.expires,
                NEW.taken_at, NEW.wish_until, NEW.released_at) IS NOT NULL
    OR trim(NEW.external_id) = ''
    OR COALESCE(NEW.created_at, '') NOT GLOB
       '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'
    OR COALESCE(NEW.updated_at, '') NOT GLOB
       '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z')
BEGIN
    UPDATE outbox SET revision = NULL WHERE id = NEW.id;
    UPDATE outbox SET
        state = 'queued', attempts = 0, retries = 0, revision = 0, msisdn = NULL, segments = NULL, carrier = NULL,
        error_code = NULL, error_text = NULL, sent_at = NULL, delivered_at = NULL, next_attempt_at = NULL, due = NULL,
        rank = NULL, route = NULL, shunned = NULL, expires = NULL, taken_at = NULL, wish_until = NULL,
        released_at = NULL,
        external_id = CASE WHEN trim(external_id) <> '' THEN external_id END,
        created_at = CASE WHEN created_at GLOB
            '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'
            THEN created_at ELSE strftime('%Y-%m-%dT%H:%M:%fZ', 'now') END,
        updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        WHERE id = NEW.id;
END;
