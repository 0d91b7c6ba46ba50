CREATE TABLE IF NOT EXISTS restaurants (
    place_id        BIGINT PRIMARY KEY REFERENCES places (id) ON DELETE CASCADE ON UPDATE CASCADE,
    identity        BIGINT NOT NULL, -- survives moves; not unique, since a swap exchanges two rows in place
    serves_hot_dogs BOOLEAN NOT NULL DEFAULT FALSE,
    serves_pizza    BOOLEAN NOT NULL DEFAULT FALSE,
    version         BIGINT NOT NULL,
    waiter_count    BIGINT NOT NULL DEFAULT 0 -- kept with every change
);
--bun:split
CREATE INDEX IF NOT EXISTS restaurants_identity ON restaurants (identity);
--bun:split
CREATE INDEX IF NOT EXISTS restaurants_serves_hot_dogs ON restaurants (serves_hot_dogs, place_id);
--bun:split
CREATE INDEX IF NOT EXISTS restaurants_serves_pizza ON restaurants (serves_pizza, place_id);
--bun:split
CREATE INDEX IF NOT EXISTS restaurants_waiter_count ON restaurants (waiter_count, place_id);
