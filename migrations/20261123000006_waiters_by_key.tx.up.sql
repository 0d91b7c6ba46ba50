-- A restaurant's waiters by key, for lists in the order of the restaurants; with the version, for what a
-- fingerprint reads, which the index it replaces was for.
CREATE INDEX IF NOT EXISTS waiters_restaurant_key ON waiters (restaurant_id, id, version);
--bun:split
DROP INDEX IF EXISTS waiters_restaurant_version;
