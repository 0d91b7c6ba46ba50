-- The indexes by name hold the text itself too, and a waiter's restaurant: what a list is asked for across
-- relations ("place__name__startswith") is then answered from the index alone, which halves its time.
DROP INDEX IF EXISTS places_name;
--bun:split
CREATE INDEX IF NOT EXISTS places_name ON places (name_norm, id, name);
--bun:split
DROP INDEX IF EXISTS places_address;
--bun:split
CREATE INDEX IF NOT EXISTS places_address ON places (address_norm, id, address);
--bun:split
DROP INDEX IF EXISTS waiters_name;
--bun:split
CREATE INDEX IF NOT EXISTS waiters_name ON waiters (name_norm, id, name, restaurant_id);
--bun:split
-- A restaurant's waiters by key, for lists in the order of the restaurants; with the version, for what a
-- fingerprint reads, which the index it replaces was for.
CREATE INDEX IF NOT EXISTS waiters_restaurant_key ON waiters (restaurant_id, id, version);
--bun:split
DROP INDEX IF EXISTS waiters_restaurant_version;
