package check

import (
	"context"

	"github.com/uptrace/bun"

	"maitred/models/graph"
)

// lookAtChanges compares each change with the number of its rows, and with what is kept beside its
// author. What the rows say is for lookAtHistory; that the author is a person, for the foreign keys.
func lookAtChanges(ctx context.Context, tx bun.Tx, g *graph.Graph, p *Part) error {
	p.Seen = "Each was compared with the number of its rows and with what stands beside its author."
	var id, says, rows int64
	// A sound change is counted once, since row_count alone says that it has rows.
	err := each(ctx, tx, `SELECT id, row_count, n FROM (
			SELECT c.id, c.row_count, (SELECT count(*) FROM change_rows AS r WHERE r.change_id = c.id) AS n FROM changes AS c
		) AS c WHERE row_count = 0 OR row_count <> n ORDER BY id`, nil, []any{&id, &says, &rows}, func() {
		if says == rows {
			p.find("Change %d wrote nothing: its row_count is 0, and it has no rows.", id)
			return
		}
		p.find("Change %d has a row_count of %s, but the number of its rows is %s.", id, graph.Number(says), graph.Number(rows))
	})
	if err != nil {
		return err
	}
	err = each(ctx, tx, `SELECT r.change_id, count(*) FROM change_rows AS r
		WHERE NOT EXISTS (SELECT 1 FROM changes AS c WHERE c.id = r.change_id)
		GROUP BY r.change_id ORDER BY r.change_id`, nil, []any{&id, &rows}, func() {
		p.find("Change %d is not there, but rows of it are, %s in number.", id, graph.Number(rows))
	})
	if err != nil {
		return err
	}
	err = each(ctx, tx, `SELECT c.id FROM authors AS a JOIN changes AS c ON c.id = a.change_id
		WHERE a.kind <> c.kind OR a.at <> c.at ORDER BY c.id`, nil, []any{&id}, func() {
		p.find("Change %d has another kind or time than stands beside its author: it is missing from that person's history, or in the wrong place.", id)
	})
	if err != nil {
		return err
	}
	var kind string
	return each(ctx, tx, "SELECT kind, count(*) FROM change_rows GROUP BY kind ORDER BY kind", nil, []any{&kind, &rows}, func() {
		if g.ByTable(kind) == nil {
			p.find("Changes wrote rows of %s, %s in number, and there is no such kind.", quoted(kind), graph.Number(rows))
		}
	})
}
