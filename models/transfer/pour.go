package transfer

import (
	"errors"
	"fmt"

	"maitred/models/problem"
	"maitred/models/store"
)

// pour writes all rows of the source into the target.
func pour(source, target *opened, m *meter) error {
	all, err := pairs(source, target)
	if err != nil {
		return err
	}
	for _, p := range all {
		m.begin("Copying", p.to)
		if err := p.copy(target, m); err != nil {
			return err
		}
	}
	return nil
}

// copy copies one table.
func (p pair) copy(target *opened, m *meter) (err error) {
	again, err := p.to.putOffIndexes()
	if err != nil {
		return err
	}
	from, err := p.from.all()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	spell := p.spelling(target.graph)
	_, err = store.Pour(p.to.ctx, p.to.tx, p.to.name, p.to.names(), func() ([]any, error) {
		row, err := from.next()
		if row == nil || err != nil {
			return nil, err
		}
		m.did()
		return row, p.fit(row, spell)
	})
	if err != nil {
		return fmt.Errorf("%s cannot be copied: %w", p.to.name, inWords(err))
	}
	for _, index := range again {
		if _, err := p.to.tx.ExecContext(p.to.ctx, index); err != nil {
			return fmt.Errorf("make an index of %s again: %w", p.to.name, err)
		}
	}
	return p.goOnCounting()
}

// putOffIndexes drops the indexes of the table, in the transaction, and returns the statements that make them again:
// sorting all rows once is faster than finding a place for each. PostgreSQL keeps them, as not all that speak like it
// can change a schema in a transaction.
func (t *table) putOffIndexes() (again []string, err error) {
	if t.onServer {
		return nil, nil
	}
	var found []struct{ Name, SQL string }
	err = t.tx.NewRaw("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY rowid", t.name).Scan(t.ctx, &found)
	if err != nil {
		return nil, err
	}
	for _, i := range found {
		if _, err := t.tx.ExecContext(t.ctx, "DROP INDEX "+quoted(i.Name)); err != nil {
			return nil, fmt.Errorf("put off the index %s: %w", i.Name, err)
		}
		again = append(again, i.SQL)
	}
	return again, nil
}

// goOnCounting lets a table whose keys the database gives out go on where the other one was, so that no key is
// given to two rows, not even after the last were deleted. A database that does not count there has no say.
func (p pair) goOnCounting() error {
	last, err := p.from.counted()
	if err != nil || last == 0 {
		return err
	}
	return p.to.countFrom(last)
}

// counted is the highest key that the database gave out, 0 for none.
func (t *table) counted() (last int64, err error) {
	if t.onServer {
		sequence, err := t.sequence()
		if err != nil || sequence == "" {
			return 0, err
		}
		err = t.tx.NewRaw("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "+sequence).Scan(t.ctx, &last)
		return last, err
	}
	var count bool
	if err := t.tx.NewRaw("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'").Scan(t.ctx, &count); err != nil || !count {
		return 0, err
	}
	err = t.tx.NewRaw("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", t.name).Scan(t.ctx, &last)
	return last, err
}

// countFrom lets the next key be higher than the last. It does nothing where the database gives out no keys.
func (t *table) countFrom(last int64) error {
	if t.onServer {
		sequence, err := t.sequence()
		if err != nil || sequence == "" {
			return err
		}
		_, err = t.tx.ExecContext(t.ctx, "SELECT setval(?, ?)", sequence, last)
		return err
	}
	var has bool // a table whose keys SQLite gives out once only
	if err := t.tx.NewRaw("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ? AND sql LIKE '%AUTOINCREMENT%'", t.name).Scan(t.ctx, &has); err != nil || !has {
		return err
	}
	for _, q := range []string{"INSERT INTO sqlite_sequence (name, seq) SELECT ?0, ?1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?0)", "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?0 AND seq < ?1"} {
		if _, err := t.tx.NewRaw(q, t.name, last).Exec(t.ctx); err != nil {
			return err
		}
	}
	return nil
}

// sequence is the name of the sequence that gives out the keys of a table of PostgreSQL; "" for none.
func (t *table) sequence() (name string, err error) {
	if len(t.key) > 1 {
		return "", nil
	}
	err = t.tx.NewRaw("SELECT coalesce(pg_get_serial_sequence(?, ?), '')", t.quoted(), t.columns[t.key[0]].name).Scan(t.ctx, &name)
	return name, err
}

// inWords is an error of a database with what the database said, which people who copy want to know; what
// they are told otherwise is meant for who saves a record.
func inWords(err error) error {
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid && p.Cause != nil {
		return p.Cause
	}
	return err
}
