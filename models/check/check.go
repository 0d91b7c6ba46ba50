// Package check says whether a database is sound: whether the file is whole, whether history, told
// again from nothing, ends in the tables as they are, and whether everything that is kept beside
// the records (counts, the texts that a search reads) is what follows from them.
//
// It only reads, as of one moment, and streams: its memory does not grow with the database. What it
// cannot see is damage to what nothing else depends on: the words of a change, who made it and when.
package check

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
)

// Shown is how many findings of each part are told in full. All are counted.
const Shown = 20

// Report is what was checked and what was found.
type Report struct{ Parts []*Part }

// Part is one thing that was checked.
type Part struct {
	Name     string   // "History"
	Seen     string   // what was looked at, a whole sentence
	Findings []string // whole sentences, Shown at most
	Count    int64    // of all findings
}

// Run checks the database. A part in which nothing was looked at is left out. What is wrong with it stands in the report, also when a part of it can
// no longer be read. Errors: only those that ended the check before it had seen everything.
func Run(ctx context.Context, s *store.Store) (*Report, error) {
	parts := []struct {
		name string
		look func(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error
	}{
		{"File", lookAtFile},
		{"Foreign keys", lookAtForeignKeys},
		{"Changes", lookAtChanges},
		{"History", lookAtHistory},
		{"Counts", lookAtCounts},
		{"Search", lookAtSearch},
	}
	report := new(Report)
	err := s.Patient().View(ctx, func(ctx context.Context, tx bun.Tx) error {
		for _, part := range parts {
			p := &Part{Name: part.name}
			err := store.Try(ctx, tx, func(ctx context.Context) error { return part.look(ctx, tx, s.Graph, p) })
			if ctx.Err() != nil {
				return fmt.Errorf("the check was stopped before its end: %w", ctx.Err())
			}
			if err != nil {
				p.find("This could not be read to its end: %v.", err)
			}
			if p.Seen != "" || p.Count > 0 {
				report.Parts = append(report.Parts, p)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// find adds a finding.
func (p *Part) find(format string, args ...any) {
	if p.Count++; p.Count <= Shown {
		p.Findings = append(p.Findings, fmt.Sprintf(format, args...))
	}
}

// Count is the number of all findings.
func (r *Report) Count() (n int64) {
	for _, p := range r.Parts {
		n += p.Count
	}
	return n
}

// String is the report as people read it, without a line break at its end.
func (r *Report) String() string {
	var lines []string
	for _, p := range r.Parts {
		lines = append(lines, strings.TrimSpace(p.Name+": "+p.Seen)+" "+p.verdict())
		for _, f := range p.Findings {
			lines = append(lines, "- "+f)
		}
	}
	return strings.Join(lines, "\n")
}

func (p *Part) verdict() string {
	switch {
	case p.Count == 0:
		return "Everything agrees."
	case p.Count == 1:
		return "1 finding:"
	case p.Count <= Shown:
		return graph.Number(p.Count) + " findings:"
	default:
		return fmt.Sprintf("%s findings, of which these are the first %d:", graph.Number(p.Count), Shown)
	}
}

// each reads the rows of a query one after another; row is called when into has been filled.
func each(ctx context.Context, tx bun.Tx, query string, args []any, into []any, row func()) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row()
	}
	return rows.Err()
}
