-- Files that people brought to import, as they were read: for a day, so that a dry run can be looked at
-- again and confirmed. They stand in no history.
CREATE TABLE IF NOT EXISTS uploads (
    id      TEXT    PRIMARY KEY, -- a word that nobody can guess
    kind    TEXT    NOT NULL,    -- the table that it is imported into
    name    TEXT    NOT NULL,    -- of the file
    user_id INTEGER NOT NULL,    -- who brought it; 0 where nobody signs in
    at      TEXT    NOT NULL,
    content BLOB    NOT NULL     -- its tables, packed
);
--bun:split
CREATE INDEX IF NOT EXISTS uploads_at ON uploads (at, id);
