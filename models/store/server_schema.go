package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// What the schema says of itself.
const (
	firstColumnsOfIndexes = `SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = (?)::regclass AND i.indpred IS NULL ORDER BY a.attname`
	foreignKeys = `SELECT i.relname AS "in", a.attname AS "from", t.relname AS "table", b.attname AS "to",
			CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' ELSE 'SET' END AS on_delete, CASE c.confupdtype WHEN 'c' THEN 'CASCADE' WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' ELSE 'SET' END AS on_update
		FROM pg_constraint AS c JOIN pg_class AS i ON i.oid = c.conrelid JOIN pg_class AS t ON t.oid = c.confrelid
		JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
		WHERE c.contype = 'f' AND i.relnamespace = current_schema()::regnamespace`
	// Every foreign key of one column, with the key of the rows that have it where that is one number.
	followed = `SELECT i.relname AS "in", a.attname AS "from", t.relname AS "table", b.attname AS "to",
			coalesce((SELECT k.attname FROM pg_constraint AS p JOIN pg_attribute AS k ON k.attrelid = p.conrelid AND k.attnum = p.conkey[1]
				WHERE p.contype = 'p' AND p.conrelid = c.conrelid AND cardinality(p.conkey) = 1 AND k.atttypid IN ('int4'::regtype, 'int8'::regtype)), '') AS "key"
		FROM pg_constraint AS c JOIN pg_class AS i ON i.oid = c.conrelid JOIN pg_class AS t ON t.oid = c.confrelid
		JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
		WHERE c.contype = 'f' AND cardinality(c.conkey) = 1 AND i.relnamespace = current_schema()::regnamespace ORDER BY 1, 2`
)

// orphansOnServer is Orphans. The server keeps its foreign keys by triggers, which its administrators can do without.
func orphansOnServer(ctx context.Context, tx bun.Tx, found func(Orphan)) error {
	var keys []struct{ In, From, Table, To, Key string }
	if err := tx.NewRaw(followed).Scan(ctx, &keys); err != nil {
		return err
	}
	for _, f := range keys {
		q := fmt.Sprintf(`SELECT %s, count(*) FROM %q AS c WHERE c.%q IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %q AS p WHERE p.%q = c.%q)`,
			"NULL::bigint", f.In, f.From, f.Table, f.To, f.From) + " HAVING count(*) > 0"
		if f.Key != "" {
			q = fmt.Sprintf(`SELECT c.%q, 1 FROM %q AS c WHERE c.%q IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %q AS p WHERE p.%q = c.%q) ORDER BY 1`,
				f.Key, f.In, f.From, f.Table, f.To, f.From)
		}
		rows, err := tx.QueryContext(ctx, q)
		if err != nil {
			return err
		}
		for rows.Next() {
			o := Orphan{Table: f.In, Column: f.From, Parent: f.Table}
			if err := rows.Scan(&o.Key, &o.Rows); err != nil {
				return errors.Join(err, rows.Close())
			}
			found(o)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}
