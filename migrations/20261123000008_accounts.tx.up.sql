-- Who may come in. A person is never deleted, only switched off: history names them.
CREATE TABLE IF NOT EXISTS users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    name_norm  TEXT    NOT NULL UNIQUE, -- no two names that read alike
    role       TEXT    NOT NULL CHECK (role IN ('viewer', 'editor', 'manager')),
    password   TEXT    NOT NULL, -- argon2id in its usual spelling; '' for someone invited who has chosen none yet
    secret     BLOB,             -- of the second step, sealed; NULL: there is none
    disabled   BOOLEAN NOT NULL DEFAULT FALSE,
    epoch      INTEGER NOT NULL DEFAULT 0, -- rises when all of a person's sessions must end
    created_at TEXT    NOT NULL  -- UTC, RFC 3339 with milliseconds
);
--bun:split
-- For who lost what makes the codes of the second step; each works once.
CREATE TABLE IF NOT EXISTS recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE,
    hash    TEXT    NOT NULL, -- SHA-256
    PRIMARY KEY (user_id, hash)
) WITHOUT ROWID;
--bun:split
-- One-time links with which people choose their password.
CREATE TABLE IF NOT EXISTS links (
    hash       TEXT    PRIMARY KEY, -- SHA-256 of the word in the link
    user_id    INTEGER REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE, -- NULL: makes the first manager
    expires_at TEXT    NOT NULL
) WITHOUT ROWID;
--bun:split
CREATE INDEX IF NOT EXISTS links_user ON links (user_id);
--bun:split
CREATE TABLE IF NOT EXISTS account_settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
--bun:split
-- Which person made a change. A table of its own, so that this file bears being run twice; it repeats
-- what a person's own history is narrowed by, so that an index can be in its order.
CREATE TABLE IF NOT EXISTS authors (
    change_id INTEGER PRIMARY KEY REFERENCES changes (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    kind      TEXT    NOT NULL, -- as in changes
    at        TEXT    NOT NULL  -- as in changes
);
--bun:split
CREATE INDEX IF NOT EXISTS authors_user ON authors (user_id, at);
--bun:split
CREATE INDEX IF NOT EXISTS authors_user_kind ON authors (user_id, kind, at);
