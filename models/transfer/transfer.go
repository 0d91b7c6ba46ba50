// Package transfer copies all that is in one database into another, of whichever kind the two are, and compares
// them row by row. It knows no kind of record: which tables there are, what their columns hold and which of them
// belong together, it reads from the schemas of both.
//
// It streams: what is in memory is bounded by the largest rows and does not grow with the database.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Side is one side of a copy.
type Side struct {
	Records *store.Store
	Beside  *store.Store // the file beside the records; nil where there is none, or the records' database has it all
}

// Copy is a copy of one side into another.
type Copy struct {
	From, To Side
	Without  []string                         // the tables that are not copied
	Tell     func(doing string, part float64) // is told what is being done and which part of all is done, from 0 to 1
}

// Done is what was copied, or compared.
type Done struct {
	Tables int
	Rows   int64
}

// Run copies all tables into the target and compares the two. The source is read as of one moment, and may be
// written to meanwhile. The target must be of the same schema and without a row. It is written and compared in one
// transaction, so that nothing is there unless all is, and is the same. Where it has a file beside the records, that
// one's transaction is confirmed just before; whoever is killed in between leaves it to the next copy, which takes
// away what was left. The search indexes of the target are to be made afterwards.
//
// Errors, with which there is nothing in the target: NotEmpty; sentences about a row that the target cannot hold;
// Different.
func (c Copy) Run(ctx context.Context) (done *Done, err error) {
	err = c.From.view(ctx, func(ctx context.Context, source *opened) error {
		source.leave(c.Without)
		total, err := source.count(ctx)
		if err != nil {
			return err
		}
		return c.write(ctx, func(ctx context.Context, target *opened) error {
			if err := pour(source, target, c.meter(0, endOfCopy, total)); err != nil {
				return err
			}
			done, err = compare(ctx, source, target, c.meter(endOfCopy, 1, total))
			return err
		})
	})
	return done, err
}

// Compare compares all tables of the two, each side as of one moment, but those that are not copied. Errors:
// Different.
func (c Copy) Compare(ctx context.Context) (done *Done, err error) {
	err = c.From.view(ctx, func(ctx context.Context, source *opened) error {
		source.leave(c.Without)
		total, err := source.count(ctx)
		if err != nil {
			return err
		}
		return c.To.view(ctx, func(ctx context.Context, target *opened) error {
			target.leave(c.Without)
			done, err = compare(ctx, source, target, c.meter(0, 1, total))
			return err
		})
	})
	return done, err
}

// endOfCopy is the part of the work after which all is copied, as far as anybody waits for it.
const endOfCopy = .6

// opened is a side inside a transaction on each of its databases.
type opened struct {
	graph  *graph.Graph
	tables []*table
}

// view runs fn in read transactions on the databases of the side.
func (s Side) view(ctx context.Context, fn func(ctx context.Context, o *opened) error) error {
	return s.Records.Patient().View(ctx, func(ctx context.Context, tx bun.Tx) error {
		o := &opened{graph: s.Records.Graph}
		if err := o.read(ctx, tx, s.Records); err != nil {
			return err
		}
		if s.Beside == nil {
			return fn(ctx, o)
		}
		return s.Beside.Patient().View(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := o.read(ctx, tx, s.Beside); err != nil {
				return err
			}
			return fn(ctx, o)
		})
	})
}

// write runs fn in write transactions on the databases of the target, which has no row.
func (c Copy) write(ctx context.Context, fn func(ctx context.Context, target *opened) error) error {
	records, beside := c.To.Records, c.To.Beside
	confirmed := false // of the file beside the records
	err := records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		target := &opened{graph: records.Graph}
		if err := target.read(ctx, tx, records); err != nil {
			return err
		}
		if err := target.mustBeEmpty(); err != nil {
			return err
		}
		if beside == nil {
			return fn(ctx, target)
		}
		err := beside.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
			side := new(opened)
			if err := side.read(ctx, tx, beside); err != nil {
				return err
			}
			if err := takeAwayLeft(ctx, tx, side); err != nil {
				return err
			}
			if err := side.mustBeEmpty(); err != nil {
				return err
			}
			if err := mark(ctx, tx, underway); err != nil {
				return err
			}
			target.tables = append(target.tables, side.tables...)
			return fn(ctx, target)
		})
		confirmed = err == nil
		return err
	})
	if !confirmed || errors.As(err, new(*store.Unconfirmed)) { // then what is beside the records may well belong to them
		return err
	}
	return errors.Join(err, beside.Change(context.WithoutCancel(ctx), func(ctx context.Context, tx bun.Tx) error {
		if err == nil {
			return mark(ctx, tx, 0)
		}
		side := new(opened)
		if err := side.read(ctx, tx, beside); err != nil {
			return err
		}
		return takeAwayLeft(ctx, tx, side)
	}))
}

// underway marks a file beside the records of which nobody knows yet whether those were written. Without it, what
// a killed copy left would be taken for somebody's own.
const underway = 1

func mark(ctx context.Context, tx bun.Tx, n int) error {
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", n))
	return err
}

// takeAwayLeft empties a file beside the records that a killed copy left.
func takeAwayLeft(ctx context.Context, tx bun.Tx, side *opened) error {
	var n int
	if err := tx.NewRaw("PRAGMA user_version").Scan(ctx, &n); err != nil || n != underway {
		return err
	}
	for _, t := range side.tables {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+t.quoted()); err != nil {
			return err
		}
	}
	return mark(ctx, tx, 0)
}

// NotEmpty says that a database that is to be written to has rows.
type NotEmpty struct{ Table string }

func (n *NotEmpty) Error() string {
	return fmt.Sprintf("is not empty, there are rows in %s: a copy goes only where nothing is, so that nothing is lost or mixed", n.Table)
}

func (o *opened) mustBeEmpty() error {
	for _, t := range o.tables {
		var some bool
		if err := t.tx.NewRaw("SELECT EXISTS (SELECT 1 FROM "+t.quoted()+")").Scan(t.ctx, &some); err != nil {
			return err
		}
		if some {
			return &NotEmpty{t.name}
		}
	}
	return nil
}

// count is how many rows there are to copy.
func (o *opened) count(ctx context.Context) (total int64, err error) {
	for _, t := range o.tables {
		var n int64
		if err := t.tx.NewRaw("SELECT count(*) FROM "+t.quoted()).Scan(ctx, &n); err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// leave leaves out tables that are not copied.
func (o *opened) leave(without []string) {
	o.tables = slices.DeleteFunc(o.tables, func(t *table) bool { return slices.Contains(without, t.name) })
}

// meter tells how far a part of the work is.
type meter struct {
	tell        func(doing string, part float64)
	from, to    float64
	total, done int64
	doing       string
}

func (c Copy) meter(from, to float64, total int64) *meter {
	return &meter{tell: c.Tell, from: from, to: to, total: max(1, total)}
}

func (m *meter) begin(doing string, t *table) {
	m.doing = doing + " " + strings.ReplaceAll(t.name, "_", " ")
	m.told()
}

// step is how many rows are between two calls of tell.
const step = 500

// did says that one more row is done.
func (m *meter) did() {
	if m.done++; m.done%step == 0 {
		m.told()
	}
}

func (m *meter) told() {
	m.tell(m.doing, m.from+(m.to-m.from)*min(1, float64(m.done)/float64(m.total)))
}
