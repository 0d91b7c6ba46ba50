package change

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// keepCounts brings the kept counts of parents up to date, from the recorded rows alone: one more
// for each row that points to a parent afterwards, one less for each that did before. A parent
// that was written anew started at 0.
func keepCounts(ctx context.Context, tx bun.Tx, change int64, steps []*Step) error {
	seen := map[*graph.Kind]bool{}
	for _, s := range steps {
		if seen[s.Kind] {
			continue
		}
		seen[s.Kind] = true
		for _, up := range s.Kind.Parents {
			down := up.Counterpart()
			differences := differencesOf(steps, up)
			if down.Count == nil || differences == "" {
				continue
			}
			q := fmt.Sprintf(`UPDATE %[1]s SET %[2]s = %[2]s + d.n FROM (
				SELECT parent, sum(n) AS n FROM (%[3]s) AS r GROUP BY parent HAVING sum(n) <> 0
			) AS d WHERE %[1]s.%[4]s = d.parent`, up.To.Table, down.Count.Name, differences, up.To.Key.Name)
			if _, err := tx.NewRaw(q, change, s.Kind.Table).Exec(ctx); err != nil {
				return fmt.Errorf("keep the count %s.%s: %w", up.To.Table, down.Count.Name, err)
			}
		}
	}
	return nil
}

// differencesOf is the query, over the recorded rows of a kind, for the parents that it points to
// more or less often than before; "" if the steps leave that as it is. It does not read the images
// that no step has: they are most of what a large change takes to count.
func differencesOf(steps []*Step, up *graph.Relation) string {
	var before, after, differs bool
	for _, s := range steps {
		if s.Kind != up.From {
			continue
		}
		_, moves := s.set[up.Column.Name]
		before = before || s.Effect != Created
		after = after || s.Effect != Deleted
		differs = differs || s.Effect != Changed || s.set == nil || moves
	}
	if !differs {
		return ""
	}
	var parts []string
	if after {
		parts = append(parts, "SELECT "+up.Column.FromImage("after")+" AS parent, 1 AS n FROM change_rows WHERE change_id = ?0 AND kind = ?1 AND after IS NOT NULL")
	}
	if before {
		parts = append(parts, "SELECT "+up.Column.FromImage("before")+" AS parent, -1 AS n FROM change_rows WHERE change_id = ?0 AND kind = ?1 AND before IS NOT NULL")
	}
	return strings.Join(parts, " UNION ALL ")
}
