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
    to_do       INTEGER NOT NULL DEFAULT 0    -- 1: some of its messages are to be let go, or taken back
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
