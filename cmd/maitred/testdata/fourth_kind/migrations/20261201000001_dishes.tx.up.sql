CREATE TABLE IF NOT EXISTS dishes (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    restaurant_id INTEGER NOT NULL REFERENCES restaurants (place_id) ON DELETE CASCADE ON UPDATE CASCADE,
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    name_norm     TEXT    NOT NULL,
    vegetarian    BOOLEAN NOT NULL DEFAULT FALSE,
    version       INTEGER NOT NULL
);
--bun:split
CREATE INDEX IF NOT EXISTS dishes_name ON dishes (name_norm, id);
--bun:split
CREATE INDEX IF NOT EXISTS dishes_restaurant_name ON dishes (restaurant_id, name_norm, id);
