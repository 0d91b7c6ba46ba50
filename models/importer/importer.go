// Package importer brings the rows of a file into the database: it finds out of each row whether it is a
// new record, changes one, says what is so already, or cannot be understood, and makes one change of all.
// It knows no kind: what a row means is read off the graph.
//
// A row is about the record whose key it names or else, for a kind of its own, the one whose texts are the
// very same; a kind that shares its parent's key, the one at that parent; any other, the one of these texts
// at that parent. Parents are named by key or by their texts, where case and accents do not count. Which
// choices people made about likely duplicates is no part of what is shown, so that a preview holds for all
// of them.
package importer

import (
	"context"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/sheet"
)

// Import is one file on its way into the database. It is for one request.
type Import struct {
	Graph   *graph.Graph
	Kind    *graph.Kind
	File    string // its name, for history
	Table   *sheet.Table
	Columns []string // for each column of the table the name of the field it fills; "" leaves it out

	// LeaveOut leaves out the rows that have problems. Otherwise nothing can be imported while there are any.
	LeaveOut bool
	// Choices are what people chose for likely duplicates, by line; the others are left out.
	Choices map[int]Choice
	// AddTwins adds the likely duplicates for which nothing was chosen.
	AddTwins bool

	// Alike finds the records that each of these is likely to be; nil for a kind of which nobody can tell. It
	// is given records that are new, in the order of their lines.
	Alike func(ctx context.Context, tx bun.Tx, records []any) ([]Resembling, error)

	// Outcome is what the last plan found.
	Outcome *Outcome
	// Brief leaves the lines out of it: who does what was shown needs them no more.
	Brief bool

	cut bool
}

// Choice is what becomes of a likely duplicate.
type Choice struct {
	Add bool  // it is another one
	Use int64 // it is the record with this key, which gets what the file says; 0: it is left out
}

// Resembling is what a new record looks like.
type Resembling struct {
	Existing []Existing // likely the same
	Earlier  []int      // of the given records, by index
	Cut      bool       // there was too much to look at: there may be others
}

// Existing is a record that is there.
type Existing struct {
	Key   int64
	Label string // what it is called, in so many words that people know it
}

// Group is what becomes of a row.
type Group string

// The groups.
const (
	New     Group = "new"
	Changed Group = "changed"
	Same    Group = "same"    // nothing to do
	Twin    Group = "twin"    // likely there already; people choose
	Problem Group = "problem" // it cannot be imported
)

// Groups are all groups, in the order in which they are told.
var Groups = []Group{New, Changed, Same, Twin, Problem}

// Outcome is what a file comes to, row by row.
type Outcome struct {
	Lines  []*Line
	Counts map[Group]int
	Opens  int  // new parents that come along with rows
	Cut    bool // there was too much to compare all rows for likely duplicates
}

// Of returns the lines of a group.
func (o *Outcome) Of(g Group) (lines []*Line) {
	for _, l := range o.Lines {
		if l.Group == g {
			lines = append(lines, l)
		}
	}
	return lines
}

// Line is one row of the file and what becomes of it.
type Line struct {
	Number int // in the file
	Cells  []string
	Group  Group
	Key    int64  // of the record that it is about; 0: a new one
	Label  string // what that is called
	*Found        // never nil; of most lines it is one and the same, with nothing in it
}

// Found is what there is to tell of a line beside its group.
type Found struct {
	Reasons []string // of a problem: whole sentences
	Diffs   []Diff   // of a change
	Twins   []Existing
	Earlier []int // the lines that say nearly the same, first ones first
}

// found is where something can be told of this line alone.
func (l *Line) found() *Found {
	if l.Reasons == nil && l.Diffs == nil && l.Twins == nil && l.Earlier == nil {
		l.Found = new(Found)
	}
	return l.Found
}

// Diff is a value that changes.
type Diff struct{ Name, Before, After string }

// Operation is what history calls an import.
const Operation = "import"

// ErrProblems says that rows have problems, and nobody said that they can be left out.
var ErrProblems = problem.New(problem.Invalid, "Some rows have problems, so nothing was imported. Correct them in your file and choose it again, or tick that these rows are left out.")

// Plan implements change.Operation.
func (i *Import) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*change.Plan, error) {
	if len(i.Table.Rows) >= large {
		done := spare()
		if i.Brief && ctx.Done() != nil { // what was shown is about to be written
			context.AfterFunc(ctx, done)
		} else {
			defer done()
		}
	}
	return change.Merge{Operation: Operation, Kind: i.Kind, Read: i.read}.Plan(ctx, tx, g)
}

// read finds out what becomes of each row, and then what is to be written.
func (i *Import) read(ctx context.Context, tx bun.Tx) (*change.Merged, error) {
	i.cut = false
	m := newMatch(ctx, tx, i)
	if err := m.run(m.rows); err != nil {
		return nil, err
	}
	m.onlyOnce(func(r, earlier *row) {
		r.reject("Line %d is about the same %s. Keep one of the two.", earlier.Number, m.Kind.Singular())
	})
	if err := m.findTwins(); err != nil {
		return nil, err
	}
	i.Outcome = m.outcome()
	merged := &change.Merged{Seen: m.digest(), Relies: m.relies()}
	if err := m.choose(); err != nil {
		return merged, err
	}
	if i.Outcome.Counts[Problem] > 0 && !i.LeaveOut {
		return merged, ErrProblems
	}
	m.known = nil // is needed no longer
	m.collect(merged)
	if i.Brief {
		i.Outcome.Lines = nil
		if len(i.Table.Rows) >= large {
			giveBack()
		}
	}
	return merged, nil
}
