package change

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// shownAhead is how many rows of a step an outlook shows.
const shownAhead = 5

// outlook reads how the first rows of each step are and how they will be, in the order of Step.First:
// what the change would record of them. Of rows that go, Step.First says enough.
func (p *Plan) outlook(ctx context.Context, tx bun.Tx) error {
	for _, s := range p.Steps {
		if s.Effect == Deleted || s.values != nil {
			continue
		}
		row, order := s.present(0), byName(s.Kind)
		if s.past {
			row = s.recorded(0)
		}
		if s.past || s.join.sql != "" {
			order = "r.identity"
		}
		from, fromArgs := s.Rows.from()
		q := fmt.Sprintf("SELECT ? AS kind, %s AS identity, %s AS before_key, %s AS after_key, %s AS label, %s AS before, %s AS after FROM %s ORDER BY %s LIMIT %d",
			row.identity.sql, row.beforeKey.sql, row.afterKey.sql, row.label.sql, row.before.sql, row.after.sql, from, order, shownAhead)
		args := []any{s.Kind.Table}
		for _, more := range []expr{row.identity, row.beforeKey, row.afterKey, row.label, row.before, row.after} {
			args = append(args, more.args...)
		}
		if err := tx.NewRaw(q, append(args, fromArgs...)...).Scan(ctx, &s.Ahead); err != nil {
			return fmt.Errorf("look ahead at %s: %w", s.Kind.Table, err)
		}
	}
	return nil
}
