-- Every write is a change: who, when, a sentence, and each row before and after.
CREATE TABLE IF NOT EXISTS changes (
    id        BIGINT PRIMARY KEY,
    at        TEXT COLLATE "C" NOT NULL, -- UTC, RFC 3339 with milliseconds
    actor     TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    sentence  TEXT COLLATE "C" NOT NULL, -- what was done, to be read after the actor's name
    kind      TEXT COLLATE "C" NOT NULL, -- the record the change was about …
    identity  BIGINT NOT NULL, -- … by the number that survives moves …
    key       BIGINT NOT NULL, -- … and where it is after the change, or was before its deletion
    row_count BIGINT NOT NULL,
    token     TEXT COLLATE "C" UNIQUE    -- the form that asked for it; sent twice, it writes once
);
--bun:split
CREATE TABLE IF NOT EXISTS change_rows (
    change_id  BIGINT NOT NULL REFERENCES changes (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    kind       TEXT COLLATE "C" NOT NULL,
    identity   BIGINT NOT NULL,
    before_key BIGINT, -- NULL: the row did not exist
    after_key  BIGINT, -- NULL: the row is gone
    label      TEXT COLLATE "C" NOT NULL,
    before     JSONB,    -- the row as JSON, by column
    after      JSONB,
    PRIMARY KEY (change_id, kind, identity)
);
--bun:split
-- A record's own history, and the highest identity ever given out.
CREATE INDEX IF NOT EXISTS change_rows_identity ON change_rows (kind, identity, change_id);
--bun:split
-- What has left an address: "deleted by …", "moved to …".
CREATE INDEX IF NOT EXISTS change_rows_left ON change_rows (kind, before_key, change_id)
    WHERE after_key IS NULL OR after_key <> before_key;
