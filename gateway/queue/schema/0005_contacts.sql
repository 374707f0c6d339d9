-- Contacts: whom a clinic writes to, what it knows of them, and what they have agreed to.

-- One row is one person. `key` is what tells persons apart: the list's own (a card number), or made of name and number
-- where the list has none; both as they are compared.
CREATE TABLE persons (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL UNIQUE,
    own_key    TEXT,                     -- as the list has it; NULL: made
    name       TEXT NOT NULL DEFAULT '',
    language   TEXT NOT NULL DEFAULT '', -- ISO 639: `ru`; '' not known
    timezone   TEXT NOT NULL DEFAULT '', -- IANA; '' the clinic's
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL
);

-- A person may have several numbers, a number several persons: a family.
CREATE TABLE person_numbers (
    person INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    msisdn TEXT    NOT NULL,
    rank   INTEGER NOT NULL,             -- 0 is written to first
    kind   TEXT    NOT NULL,             -- the heading that it stood under
    PRIMARY KEY (person, msisdn)
) WITHOUT ROWID;
CREATE INDEX person_numbers_msisdn ON person_numbers (msisdn);

-- The headings of all lists. `key` is the name as it is compared, as in `templates`.
CREATE TABLE fields (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    key      TEXT    NOT NULL UNIQUE,
    name     TEXT    NOT NULL,
    is_birth INTEGER NOT NULL DEFAULT 0  -- ages are counted from this one
);

-- What stood in the cells: `value` and `kind` give it back as it was, `words` and `sort` are what is searched.
CREATE TABLE person_fields (
    person  INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    field   INTEGER NOT NULL REFERENCES fields (id),
    value   TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    words   TEXT    NOT NULL,            -- case, blanks and the dots of ё don't count
    measure TEXT,                        -- number, day, clock; NULL: it can't be compared
    sort,                                -- a number; 2026-12-01, 2026-12-01T10:30:00 or 10:30:00
    PRIMARY KEY (person, field)
) WITHOUT ROWID;

CREATE TABLE contact_groups (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    key        TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE members (
    contact_group INTEGER NOT NULL REFERENCES contact_groups (id) ON DELETE CASCADE,
    person        INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    PRIMARY KEY (contact_group, person)
) WITHOUT ROWID;
CREATE INDEX members_person ON members (person);

-- What a person has agreed to, or no longer: a history, of which the latest by `at` counts. It goes with the person only.
CREATE TABLE consents (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    person   INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
    category TEXT    NOT NULL,
    is_given INTEGER NOT NULL,           -- 0: withdrawn
    source   TEXT    NOT NULL,
    at       TEXT    NOT NULL,           -- when the person said so
    noted_at TEXT    NOT NULL,
    UNIQUE (person, category, at, is_given, source)
);
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents are only ever added');
END;
CREATE TRIGGER consents_not_deleted BEFORE DELETE ON consents
WHEN EXISTS (SELECT 1 FROM persons WHERE id = OLD.person)
BEGIN
    SELECT RAISE(ABORT, 'consents are only ever added');
END;

-- Who wants no messages at this number, or wants them again: a history, of which the latest by `at` counts. It is about
-- the number, whoever it belongs to, and stays when a person is removed.
CREATE TABLE opt_outs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    msisdn   TEXT    NOT NULL,
    is_out   INTEGER NOT NULL,           -- 0: back again
    source   TEXT    NOT NULL,
    at       TEXT    NOT NULL,
    noted_at TEXT    NOT NULL
);
CREATE INDEX opt_outs_msisdn ON opt_outs (msisdn, at, id);
CREATE TRIGGER opt_outs_stay BEFORE UPDATE ON opt_outs
BEGIN
    SELECT RAISE(ABORT, 'opt-outs are only ever added');
END;
CREATE TRIGGER opt_outs_not_deleted BEFORE DELETE ON opt_outs
BEGIN
    SELECT RAISE(ABORT, 'opt-outs are only ever added');
END;
