-- Whose turn it is to write. Of several instances at one PostgreSQL, each that writes holds a row: 1 for the
-- records, and 2 for sessions and the like. n is how often it was somebody's turn. SQLite has one writer by itself.
CREATE TABLE IF NOT EXISTS turns (
    id BIGINT PRIMARY KEY,
    n  BIGINT NOT NULL
);
--bun:split
INSERT INTO turns (id, n) VALUES (1, 0), (2, 0) ON CONFLICT (id) DO NOTHING;
--bun:split
-- Changes that take longer than their requests, while they are written, and why those failed that did. Of several
-- instances at one PostgreSQL each can show how far one is, and go on with what another one left. With SQLite there
-- is one program, which has them in its memory.
CREATE TABLE IF NOT EXISTS works (
    id       TEXT COLLATE "C" PRIMARY KEY, -- the token of the form that asked for it
    user_id  BIGINT NOT NULL, -- who sent it; 0 where nobody signs in
    actor    TEXT COLLATE "C" NOT NULL,
    sentence TEXT COLLATE "C" NOT NULL, -- what history will say, to be read after the actor's name
    sent     TEXT COLLATE "C" NOT NULL, -- the form, so that it can be sent again
    total    BIGINT NOT NULL, -- rows it will write
    done     BIGINT NOT NULL,
    doing    TEXT COLLATE "C" NOT NULL,
    holder   TEXT COLLATE "C" NOT NULL, -- the instance that writes it
    tries    BIGINT NOT NULL, -- how many instances began it
    seen_at  BIGINT NOT NULL, -- when its instance was there last, in milliseconds since 1970; 0: it let go of it
    failed   TEXT COLLATE "C"         -- why nothing was done; NULL: that is not known yet
);
--bun:split
-- What an instance must know of this database before it uses it.
CREATE TABLE IF NOT EXISTS site (
    id    BIGINT PRIMARY KEY,
    word  TEXT COLLATE "C" NOT NULL, -- of this database and its replicas alone
    since TEXT COLLATE "C" NOT NULL  -- the migration that a program must know at least to use it; see the package migrations
);
--bun:split
INSERT INTO site (id, word, since) VALUES (1, md5(random()::text || clock_timestamp()::text), '20261130000001') ON CONFLICT (id) DO NOTHING;
