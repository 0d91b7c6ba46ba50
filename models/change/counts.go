package change

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/store"
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
			if down.Count == nil {
				continue
			}
			after, before := store.FromImage("after", up.Column.Name), store.FromImage("before", up.Column.Name)
			q := fmt.Sprintf(`UPDATE %[1]s SET %[2]s = %[2]s + d.n FROM (
				SELECT parent, sum(n) AS n FROM (
					SELECT %[3]s AS parent, 1 AS n FROM change_rows WHERE change_id = ?0 AND kind = ?1 AND after IS NOT NULL
					UNION ALL
					SELECT %[4]s, -1 FROM change_rows WHERE change_id = ?0 AND kind = ?1 AND before IS NOT NULL
				) AS r GROUP BY parent HAVING sum(n) <> 0
			) AS d WHERE %[1]s.%[5]s = d.parent`, up.To.Table, down.Count.Name, after, before, up.To.Key.Name)
			if _, err := tx.NewRaw(q, change, s.Kind.Table).Exec(ctx); err != nil {
				return fmt.Errorf("keep the count %s.%s: %w", up.To.Table, down.Count.Name, err)
			}
		}
	}
	return nil
}
