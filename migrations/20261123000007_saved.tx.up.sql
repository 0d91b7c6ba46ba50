-- What people chose for themselves. These are preferences and no records: they stand in no history
-- and are not undone.
CREATE TABLE IF NOT EXISTS saved_views (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL, -- the table whose list it shows
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    name_norm  TEXT    NOT NULL,
    query      TEXT    NOT NULL, -- of the list's address, in the one way it can be written
    owner      TEXT    NOT NULL, -- the person who alone may change it
    owner_name TEXT    NOT NULL, -- what history called them when they saved it
    shared     BOOLEAN NOT NULL, -- everybody sees it
    UNIQUE (owner, kind, name)
);
--bun:split
CREATE INDEX IF NOT EXISTS saved_views_shared ON saved_views (kind, name_norm, name, id) WHERE shared;
--bun:split
CREATE TABLE IF NOT EXISTS list_settings (
    person    TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    columns   TEXT,                       -- names, parted by commas; NULL: never chosen
    page_rows INTEGER NOT NULL DEFAULT 0, -- 0: never chosen
    start     INTEGER REFERENCES saved_views (id) ON DELETE SET NULL ON UPDATE RESTRICT,
    PRIMARY KEY (person, kind)
);
--bun:split
CREATE INDEX IF NOT EXISTS list_settings_start ON list_settings (start);
