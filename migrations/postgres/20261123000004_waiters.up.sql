CREATE TABLE IF NOT EXISTS waiters (
    id            BIGINT PRIMARY KEY,
    restaurant_id BIGINT NOT NULL REFERENCES restaurants (place_id) ON DELETE CASCADE ON UPDATE CASCADE,
    name          TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    name_norm     TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL
);
--bun:split
CREATE INDEX IF NOT EXISTS waiters_name ON waiters (name_norm, id);
--bun:split
-- A restaurant's waiters by name; what a cascade shows first.
CREATE INDEX IF NOT EXISTS waiters_restaurant_name ON waiters (restaurant_id, name_norm, id);
--bun:split
-- A restaurant's waiters by version; what a fingerprint reads.
CREATE INDEX IF NOT EXISTS waiters_restaurant_version ON waiters (restaurant_id, version);
