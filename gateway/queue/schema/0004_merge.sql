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
