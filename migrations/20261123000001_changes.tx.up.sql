-- Every write is a change: who, when, a sentence, and each row before and after.
CREATE TABLE IF NOT EXISTS changes (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT    NOT NULL, -- UTC, RFC 3339 with milliseconds
    actor     TEXT    NOT NULL,
    operation TEXT    NOT NULL,
    sentence  TEXT    NOT NULL, -- what was done, to be read after the actor's name
    kind      TEXT    NOT NULL, -- the record the change was about …
    identity  INTEGER NOT NULL, -- … by the number that survives moves …
    key       INTEGER NOT NULL, -- … and where it is after the change, or was before its deletion
    row_count INTEGER NOT NULL,
    token     TEXT    UNIQUE    -- the form that asked for it; sent twice, it writes once
);
--bun:split
CREATE TABLE IF NOT EXISTS change_rows (
    change_id  INTEGER NOT NULL REFERENCES changes (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    kind       TEXT    NOT NULL,
    identity   INTEGER NOT NULL,
    before_key INTEGER, -- NULL: the row did not exist
    after_key  INTEGER, -- NULL: the row is gone
    label      TEXT    NOT NULL,
    before     TEXT,    -- the row as JSON, by column
    after      TEXT,
    PRIMARY KEY (change_id, kind, identity)
) WITHOUT ROWID;
--bun:split
-- A record's own history, and the highest identity ever given out.
CREATE INDEX IF NOT EXISTS change_rows_identity ON change_rows (kind, identity, change_id);
--bun:split
-- What has left an address: "deleted by …", "moved to …".
CREATE INDEX IF NOT EXISTS change_rows_left ON change_rows (kind, before_key, change_id)
    WHERE after_key IS NULL OR after_key <> before_key;
