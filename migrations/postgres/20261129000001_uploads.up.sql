-- Files that people brought to import, as they were read: for a day, so that a dry run can be looked at
-- again and confirmed. They stand in no history.
CREATE TABLE IF NOT EXISTS uploads (
    id      TEXT COLLATE "C" PRIMARY KEY, -- a word that nobody can guess
    kind    TEXT COLLATE "C" NOT NULL,    -- the table that it is imported into
    name    TEXT COLLATE "C" NOT NULL,    -- of the file
    user_id BIGINT NOT NULL,    -- who brought it; 0 where nobody signs in
    at      TEXT COLLATE "C" NOT NULL,
    content BYTEA    NOT NULL     -- its tables, packed
);
--bun:split
CREATE INDEX IF NOT EXISTS uploads_at ON uploads (at, id);
