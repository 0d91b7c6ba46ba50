package check

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/change"
	"maitred/models/graph"
)

// lookAtCounts compares every kept count with the rows it counts.
func lookAtCounts(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error {
	var ways []string
	for _, k := range g.Kinds() {
		for _, down := range k.Children {
			if down.Count == nil {
				continue
			}
			ways = append(ways, fmt.Sprintf("the %s of %s", down.To.Plural(), k.Plural()))
			var key, says, rows int64
			q := fmt.Sprintf(`SELECT key, says, n FROM (
					SELECT t.%s AS key, t.%s AS says, (SELECT count(*) FROM %s AS c WHERE c.%s = t.%s) AS n FROM %s AS t
				) AS t WHERE says <> n ORDER BY key`, k.Key.Name, down.Count.Name, down.To.Table, down.Column.Name, k.Key.Name, k.Table)
			err := each(ctx, tx, q, nil, []any{&key, &says, &rows}, func() {
				p.find("The %s %d has a %s of %d, but the number of its %s is %d.", k.Singular(), key, down.Count.Name, says, down.To.Plural(), rows)
			})
			if err != nil {
				return fmt.Errorf("count the %s of %s: %w", down.To.Plural(), k.Plural(), err)
			}
		}
	}
	if ways != nil {
		p.Seen = "Counted again were " + change.And(ways) + "."
	}
	return nil
}
