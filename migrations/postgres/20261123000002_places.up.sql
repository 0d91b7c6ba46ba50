CREATE TABLE IF NOT EXISTS places (
    id               BIGINT PRIMARY KEY,
    name             TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 50),
    name_norm        TEXT COLLATE "C" NOT NULL, -- case and accents removed; search and sort read this
    address          TEXT COLLATE "C" NOT NULL CHECK (length(address) BETWEEN 1 AND 80),
    address_norm     TEXT COLLATE "C" NOT NULL,
    version          BIGINT NOT NULL, -- the change that last wrote this row
    restaurant_count BIGINT NOT NULL DEFAULT 0 -- kept with every change: 0 free, 1 taken
);
--bun:split
CREATE INDEX IF NOT EXISTS places_name ON places (name_norm, id);
--bun:split
CREATE INDEX IF NOT EXISTS places_address ON places (address_norm, id);
--bun:split
CREATE INDEX IF NOT EXISTS places_restaurant_count ON places (restaurant_count, id);
