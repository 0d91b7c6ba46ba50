package change

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// authorOf is who made a change, as a column of the table that is called as given; 0 for none who
// signed in.
func authorOf(changes string) string {
	return "coalesce((SELECT user_id FROM authors WHERE change_id = " + changes + ".id), 0) AS author"
}

// whole reads changes as they were entered, each with its author.
func whole(tx bun.Tx, into any) *bun.SelectQuery {
	return tx.NewSelect().Model(into).ColumnExpr("change.*").ColumnExpr(authorOf("change"))
}

// enter writes a change into history, and the person who makes it beside it.
//
// Its number is one more than that of the newest. Who writes is alone, so that it needs no sequence: one would
// leave out the numbers of what was not done in the end, and would not follow the order in which it was done.
func enter(ctx context.Context, tx bun.Tx, s *store.Store, c *Change) error {
	if err := tx.NewRaw("SELECT 1 + coalesce(max(id), 0) FROM changes").Scan(ctx, &c.ID); err != nil {
		return fmt.Errorf("find the number of the change: %w", err)
	}
	if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
		return fmt.Errorf("record the change: %w", err)
	}
	if s.User == 0 {
		return nil
	}
	c.Author = s.User
	_, err := tx.NewRaw("INSERT INTO authors (change_id, user_id, kind, at) VALUES (?, ?, ?, ?)", c.ID, c.Author, c.Kind, c.At).Exec(ctx)
	if err != nil {
		return fmt.Errorf("record who made the change: %w", err)
	}
	return nil
}
