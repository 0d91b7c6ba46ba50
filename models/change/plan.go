package change

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// Plan is what an operation will do, read as of one moment.
type Plan struct {
	Operation string    // "delete": for history and for the fingerprint
	Subject   Subject   // the record it is about
	Choices   string    // the target and all that was chosen, in a fixed spelling, for the fingerprint
	Sentence  string    // what history will say
	Shown     bool      // must be shown before it is done
	Steps     []*Step   // parents before children
	Stays     []Item    // records that could be thought to go, and don't
	Branches  []*Branch // of a deletion: what belongs to what is deleted, parents before children
	Kept      []Field   // of an update: what others changed since the person saw the record
	Back      *Back     // of an undo: what it takes back and what it leaves; nil for others

	Of       *Rows      // of an operation on many: all that were chosen, those that are so already among them
	Examples []*Example // of those that are moved or set, the first by name

	watched []*Rows // relied on, not written
	newest  int64   // the newest change when the plan was made
	seen    string  // of a merge: what was shown, which stands in the fingerprint for its steps
}

// Subject is the record that a change is about.
type Subject struct {
	Kind     *graph.Kind
	Identity int64
	Key      int64
}

// Item is a record by its name.
type Item struct {
	Kind  *graph.Kind
	Key   int64
	Label string
}

// Effect is what happens to a row.
type Effect string

// The effects.
const (
	Created Effect = "created"
	Changed Effect = "changed"
	Deleted Effect = "deleted"
)

// Step is one set of rows and what happens to them. Rows are taken from the database (Rows.where)
// or, when they are new, given as models.
type Step struct {
	Rows
	Effect Effect
	To     *Item           // of a deletion: the parent to which its rows move instead
	set    map[string]expr // by column; of the rows that are changed or copied
	values []created       // of new rows
	edits  *Edits          // of rows that get values of their own, in the columns of set
	called string          // what its rows are called afterwards; "": as they are now
	from   int64           // of a move: the key that its rows have or point at now
	Later  bool            // of an undo: the rows are not of the change that is taken back
	Ahead  []*Row          // of an undo: the first rows as they are and as they will be; none of those that go
}

// Rows is a set of rows of one kind and, once looked at, what is in it.
type Rows struct {
	Kind  *graph.Kind
	Count int64
	First []Item // by name, Samples at most

	where expr   // over the unaliased table
	join  expr   // of the recorded rows, as r, to the unaliased table; may be empty
	past  bool   // the rows are recorded and no longer there: where is over change_rows, as r
	was   expr   // over change_rows AS r: the row before the change was among them; may be empty
	key   *int64 // if not nil, no other primary key can be among them
	hash  int64

	looked bool // what is in it is known
}

// from is where the rows are, and which.
func (r *Rows) from() (string, []any) {
	if r.past {
		return "change_rows AS r WHERE " + r.where.sql, r.where.args
	}
	return r.Kind.Table + r.join.sql + " WHERE " + r.where.sql, append(slices.Clone(r.join.args), r.where.args...)
}

// keys are the primary keys of the rows, of past ones those they had, as a subquery.
func (r *Rows) keys() expr {
	key := r.Kind.Table + "." + r.Kind.Key.Name
	if r.past {
		key = "r.before_key"
	}
	from, args := r.from()
	return expr{"(SELECT " + key + " FROM " + from + ")", args}
}

// Samples is how many rows of each kind a preview names.
const Samples = 20

// StepOf returns the step that has this effect on this kind, or nil.
func (p *Plan) StepOf(table string, effect Effect) *Step {
	for _, s := range p.Steps {
		if s.Kind.Table == table && s.Effect == effect {
			return s
		}
	}
	return nil
}

// Total is the number of rows the plan writes.
func (p *Plan) Total() int64 {
	var n int64
	for _, s := range p.Steps {
		n += s.Count
	}
	return n
}

// look reads how many rows there are, their hash and the first of them. A step that finds no row
// leaves the plan, but stays watched: that there was none is what the person saw.
func (p *Plan) look(ctx context.Context, tx bun.Tx) error {
	if err := tx.NewRaw("SELECT coalesce(max(id), 0) FROM changes").Scan(ctx, &p.newest); err != nil {
		return fmt.Errorf("read the newest change: %w", err)
	}
	for _, r := range p.watched {
		if err := r.look(ctx, tx); err != nil {
			return err
		}
	}
	var steps []*Step
	for _, s := range p.Steps {
		if s.values == nil {
			if err := s.Rows.look(ctx, tx); err != nil {
				return err
			}
		}
		if s.Count == 0 {
			p.watched = append(p.watched, &s.Rows)
			continue
		}
		steps = append(steps, s)
	}
	p.Steps = steps
	return nil
}

// The hash of a set is the sum of a hash over each row's (key, version), so that the order does
// not matter. It is plain arithmetic because every database can do that inside the query, and as
// little of it as will do, because it is done for every row of a cascade. The first factor alone
// would be linear: {1, 4} and {2, 3} of one version could add up to the same.
//
// Bounds: a summand is below 2^39, so that sixteen million rows fit into 63 bits, and the inner sum
// fits for keys and versions below 2^32.
const (
	hashPrime = 2147483579 // below 2^31
	hashSpan  = 251
)

func (r *Rows) look(ctx context.Context, tx bun.Tx) error {
	if r.looked {
		return nil
	}
	r.looked = true
	t := r.Kind.Table
	key, version := t+"."+r.Kind.Key.Name, t+".version"
	if r.past {
		key, version = "r.identity", "r.change_id"
	}
	from, args := r.from()
	q := fmt.Sprintf("SELECT count(*), coalesce(sum((%s * 1000000007 + %s * 998244353) %% %d * (%s %% %d + 1)), 0) FROM %s",
		key, version, hashPrime, key, hashSpan, from)
	if err := tx.NewRaw(q, args...).Scan(ctx, &r.Count, &r.hash); err != nil {
		return fmt.Errorf("look at %s: %w", t, err)
	}
	if r.Count == 0 {
		return nil
	}
	var err error
	r.First, err = firstOf(ctx, tx, r, Samples)
	return err
}

// labelOf is the SQL expression for what a row is called, over its unaliased table.
func labelOf(k *graph.Kind) string { return k.Must(k.Label).SQL(k.Table) }

// byName orders by the normalised label where there is one, and by the key.
func byName(k *graph.Kind) string {
	key := k.Table + "." + k.Key.Name
	path := k.Must(k.Label)
	if path.Column.Norm == nil {
		return key
	}
	path.Column = path.Column.Norm
	return path.SQL(k.Table) + ", " + key
}

// Fingerprint says what was seen: the operation, its subject and choices and, of each kind of rows
// that was looked at, how many and which versions. It also carries the newest change at that time,
// from which a difference can be told in words; that part is not compared.
func (p *Plan) Fingerprint() string {
	h := sha256.New()
	if p.seen != "" {
		fmt.Fprintf(h, "%s %s %q\n", p.Operation, p.Subject.Kind.Table, p.seen)
	} else {
		fmt.Fprintf(h, "%s %s %d %q\n", p.Operation, p.Subject.Kind.Table, p.Subject.Key, p.Choices)
		for _, s := range p.Steps {
			fmt.Fprintf(h, "%s %s %d %d\n", s.Effect, s.Kind.Table, s.Count, s.hash)
		}
	}
	if p.Back != nil {
		for _, l := range p.Back.Left {
			fmt.Fprintf(h, "left %s %s %d %d\n", l.Why, l.Kind.Table, l.Count, l.hash)
		}
	}
	for _, r := range p.watched {
		fmt.Fprintf(h, "watched %s %d %d\n", r.Kind.Table, r.Count, r.hash)
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16]) + "." + strconv.FormatInt(p.newest, 10)
}

func (p *Plan) matches(fingerprint string) bool {
	seen, _, _ := strings.Cut(fingerprint, ".")
	now, _, _ := strings.Cut(p.Fingerprint(), ".")
	return seen == now
}

// shownAt returns the newest change at the time a fingerprint was taken; a forged one only makes
// the list of differences longer or shorter.
func shownAt(fingerprint string) int64 {
	_, at, _ := strings.Cut(fingerprint, ".")
	n, _ := strconv.ParseInt(at, 10, 64)
	return n
}

// Along says how many rows of which kinds go with the record of the plan's kind that now has this
// key: "3 waiters"; "" for none.
func (p *Plan) Along(key int64) string {
	var along []*Step
	for _, s := range p.Steps {
		if s.from == key && s.Kind != p.Subject.Kind {
			along = append(along, s)
		}
	}
	return Counts(along)
}
