-- Who is signed in. Times are milliseconds since 1970.
CREATE TABLE IF NOT EXISTS sessions (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    hash     TEXT    NOT NULL UNIQUE, -- SHA-256 of the word in the cookie
    user_id  INTEGER NOT NULL,
    epoch    INTEGER NOT NULL, -- of the person when it began; it ends when that is another one
    began_at INTEGER NOT NULL,
    seen_at  INTEGER NOT NULL, -- to the minute
    ended_at INTEGER,          -- NULL: nobody ended it
    address  TEXT    NOT NULL,
    agent    TEXT    NOT NULL  -- what the browser calls itself
);
--bun:split
CREATE INDEX IF NOT EXISTS sessions_user ON sessions (user_id, began_at);
--bun:split
CREATE INDEX IF NOT EXISTS sessions_began ON sessions (began_at);
--bun:split
-- When a person was seen last, to the minute: their sessions are forgotten sooner.
CREATE TABLE IF NOT EXISTS last_seen (
    user_id INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL
);
--bun:split
-- Tries to sign in that were not right, or not yet found to be.
CREATE TABLE IF NOT EXISTS tries (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    name    TEXT    NOT NULL, -- a keyed hash: people type passwords where a name belongs
    address TEXT    NOT NULL,
    device  TEXT    NOT NULL  -- of a browser that has signed in with this name before; '' for others
);
--bun:split
CREATE INDEX IF NOT EXISTS tries_address ON tries (address, at);
--bun:split
CREATE INDEX IF NOT EXISTS tries_name ON tries (name, at);
--bun:split
CREATE INDEX IF NOT EXISTS tries_device ON tries (device, at);
--bun:split
CREATE INDEX IF NOT EXISTS tries_at ON tries (at);
--bun:split
-- A code of the second step works once.
CREATE TABLE IF NOT EXISTS used_steps (
    user_id INTEGER NOT NULL,
    step    INTEGER NOT NULL, -- half minutes since 1970
    PRIMARY KEY (user_id, step)
) WITHOUT ROWID;
--bun:split
-- The trail: what happened to accounts. It holds no word that somebody typed but names of accounts.
CREATE TABLE IF NOT EXISTS events (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       INTEGER NOT NULL,
    user_id  INTEGER NOT NULL, -- whom it is about; 0: no one there is
    actor    TEXT    NOT NULL, -- who did it
    sentence TEXT    NOT NULL, -- to be read after the actor's name
    address  TEXT    NOT NULL,
    request  TEXT    NOT NULL  -- its number in the log
);
--bun:split
CREATE INDEX IF NOT EXISTS events_user ON events (user_id, id);
