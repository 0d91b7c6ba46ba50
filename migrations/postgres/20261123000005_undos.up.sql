-- Which change took back which. A table of its own, so that this file bears being run twice.
CREATE TABLE IF NOT EXISTS undos (
    change_id BIGINT PRIMARY KEY REFERENCES changes (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    undoes    BIGINT NOT NULL REFERENCES changes (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
    rest      BIGINT NOT NULL -- how many rows of that change it left as they are
);
--bun:split
CREATE INDEX IF NOT EXISTS undos_undoes ON undos (undoes, change_id);
--bun:split
-- The history of one person, of one kind of record and of one day, in every combination: each index
-- ends in the time and the change's number, so that a page of any of them is read in its order.
CREATE INDEX IF NOT EXISTS changes_at ON changes (at);
--bun:split
CREATE INDEX IF NOT EXISTS changes_actor ON changes (actor, at);
--bun:split
CREATE INDEX IF NOT EXISTS changes_kind ON changes (kind, at);
--bun:split
CREATE INDEX IF NOT EXISTS changes_actor_kind ON changes (actor, kind, at);
