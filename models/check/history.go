package check

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/store"
)

// lookAtHistory replays history record by record: what each change found must be what the change
// before it left, and what the last one left must be the row that is there.
func lookAtHistory(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error {
	var changes, recorded int64
	if err := each(ctx, tx, "SELECT count(*) FROM changes", nil, []any{&changes}, func() {}); err != nil {
		return err
	}
	var compared []string
	for _, k := range g.Kinds() {
		r := &replay{kind: k, part: p}
		err := store.Try(ctx, tx, func(ctx context.Context) error { return r.run(ctx, tx) })
		recorded += r.recorded
		compared = append(compared, k.Counted(r.present))
		p.Seen = fmt.Sprintf("%s with %s, replayed from nothing, were compared with %s.", counted(changes, "change"), counted(recorded, "row"), change.And(compared))
		if err != nil {
			p.find("The %s could not be read to their end, but up to the number %d: %v.", k.Plural(), r.identity, err)
		}
	}
	return nil
}

func counted(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return graph.Number(n) + " " + what
}

// replay tells the history of all records of a kind, one after another.
type replay struct {
	kind              *graph.Kind
	part              *Part
	recorded, present int64 // rows

	identity int64 // of the record it is at
	last     step  // what is known of it so far; its change is 0 before the first
	seen     bool  // it is in the table
}

// step is a row of a change, or at last the row that is there.
type step struct {
	change              int64
	beforeKey, afterKey sql.NullInt64
	before, after       sql.NullString
}

// now is the place of the row that is there behind all changes.
const now = math.MaxInt64

// run reads the rows of all changes together with those that are there, record by record, both in
// the order of an index.
func (r *replay) run(ctx context.Context, tx bun.Tx) error {
	k := r.kind
	q := fmt.Sprintf(`SELECT identity, change_id, before_key, after_key, before, after FROM change_rows WHERE kind = ?
		UNION ALL SELECT t.%s, %d, NULL, t.%s, NULL, %s FROM %s AS t ORDER BY 1, 2`,
		k.Identity.Name, int64(now), k.Key.Name, k.Image(func(c *graph.Column) string { return k.SQL.Legible("t." + c.Name) }), k.Table)
	var identity int64
	var s step
	into := []any{&identity, &s.change, &s.beforeKey, &s.afterKey, &s.before, &s.after}
	err := each(ctx, tx, q, []any{k.Table}, into, func() {
		if identity != r.identity {
			r.end()
			r.identity, r.last, r.seen = identity, step{}, false
		}
		if s.change == now {
			r.present++
			r.compare(s)
			return
		}
		r.recorded++
		r.follow(s)
		r.last = s
	})
	if err != nil {
		return err
	}
	r.end()
	return nil
}

// follow compares a row of a change with what the change before it left.
func (r *replay) follow(s step) {
	if s.beforeKey.Valid != s.before.Valid || s.afterKey.Valid != s.after.Valid {
		r.find(s, "has a key without its row, or a row without its key")
		return
	}
	switch {
	case !s.before.Valid && !s.after.Valid:
		r.find(s, "says neither what was before nor what was after")
	case s.before.Valid && r.last.change == 0:
		r.find(s, "says what it was before, but no change had written it")
	case s.before.Valid && !r.last.after.Valid:
		r.find(s, "says what it was before, but change %d had deleted it", r.last.change)
	case s.before.Valid:
		if words := r.unlike(s.beforeKey.Int64, s.before.String); words != "" {
			r.find(s, "found something else than change %d had left: %s", r.last.change, words)
		}
	case r.last.after.Valid:
		r.find(s, "says that it was new, but change %d had left it at %d", r.last.change, r.last.afterKey.Int64)
	}
	if s.after.Valid {
		r.examine(s)
	}
}

// examine makes sure that what a change left is a whole row of the kind, marked with the change.
func (r *replay) examine(s step) {
	row, err := readImage(s.after.String)
	if err != nil {
		r.find(s, "does not say what it was after: the text %v: %s", err, quoted(s.after.String))
		return
	}
	words := row.flaws(r.kind)
	should := func(c *graph.Column, n int64) {
		value, ok := row.value(c.Name)
		if !ok || value == strconv.FormatInt(n, 10) {
			return // a column that is missing is told already
		}
		if word := fmt.Sprintf("%s is %s instead of %d", c.Name, spelled(value), n); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	should(r.kind.Key, s.afterKey.Int64)
	should(r.kind.Identity, r.identity)
	should(r.kind.Column("version"), s.change)
	if words != nil {
		r.find(s, "says wrongly what it was after: %s", change.And(words))
	}
}

// compare compares the row that is there with what the last change left.
func (r *replay) compare(s step) {
	switch {
	case r.seen:
		r.part.find("%s is there more than once, also at %d.", r.who(), s.afterKey.Int64)
	case r.last.change == 0:
		r.part.find("%s is there, at %d, but no change wrote it.", r.who(), s.afterKey.Int64)
	case !r.last.after.Valid:
		r.part.find("%s is there, at %d, but change %d deleted it.", r.who(), s.afterKey.Int64, r.last.change)
	default:
		if words := r.unlike(s.afterKey.Int64, s.after.String); words != "" {
			r.part.find("%s is not what change %d left: %s.", r.who(), r.last.change, words)
		}
	}
	r.seen = true
}

// end makes sure that a record which was not deleted was there.
func (r *replay) end() {
	if r.last.after.Valid && !r.seen {
		r.part.find("%s is not there, but change %d left it at %d.", r.who(), r.last.change, r.last.afterKey.Int64)
	}
}

// unlike says in what a row differs from what the last change left; "" when in nothing.
func (r *replay) unlike(key int64, row string) string {
	var words string
	if row != r.last.after.String {
		words = differences(row, r.last.after.String)
	}
	if words == "" && key != r.last.afterKey.Int64 {
		words = fmt.Sprintf("its key is %d instead of %d", key, r.last.afterKey.Int64)
	}
	return words
}

// find adds a finding about a row of a change.
func (r *replay) find(s step, format string, args ...any) {
	r.part.find("%s: change %d "+format+".", append([]any{r.who(), s.change}, args...)...)
}

// who is the record that is replayed.
func (r *replay) who() string {
	if r.kind.Identity == r.kind.Key {
		return fmt.Sprintf("The %s %d", r.kind.Singular(), r.identity)
	}
	return fmt.Sprintf("The %s with the %s %d", r.kind.Singular(), r.kind.Identity.Words(), r.identity)
}
