package change

import (
	"fmt"
	"slices"

	"maitred/models/graph"
)

// keep finds the rows that the change created and that must not go, because something stands on
// them that is not the change's to remove: a row of its own that someone wrote since, or a record
// that is older than the change. What was added on top later goes along, and is shown.
func (t *taking) keep() error {
	if !slices.ContainsFunc(t.parts, func(p *part) bool { return p.made > 0 }) {
		return nil
	}
	for _, p := range slices.Backward(t.parts) {
		for _, rel := range p.kind.Parents {
			up := t.part(rel.To)
			if up.made > 0 {
				found, err := t.standingOn(up.going(), p, rel)
				if err != nil {
					return err
				}
				up.needed = append(up.needed, found...)
			}
			if rows := t.later(up); rows != nil {
				found, err := t.standingOn(rows, p, rel)
				if err != nil {
					return err
				}
				up.relied = append(up.relied, found...)
			}
		}
	}
	return nil
}

// standingOn returns those of the rows that a row of p which stays belongs to, by identity.
func (t *taking) standingOn(rows *Rows, p *part, rel *graph.Relation) ([]int64, error) {
	identity := p.kind.Table + "." + p.kind.Identity.Name
	stays := or(
		in(p.kind.SQL, identity, slices.Concat(p.newer, p.needed, p.relied)),
		expr{
			identity + " NOT IN (SELECT x.identity FROM change_rows AS x WHERE x.change_id = ? AND x.kind = ?)" +
				" AND EXISTS (SELECT 1 FROM change_rows AS o WHERE o.kind = ? AND o.identity = " + identity + " AND o.change_id < ?)",
			[]any{p.change, p.kind.Table, p.kind.Table, p.change},
		},
	)
	keys := rows.keys()
	q := fmt.Sprintf("SELECT DISTINCT up.%s FROM %s AS up JOIN %s ON %s.%s = up.%s WHERE up.%s IN %s AND %s ORDER BY 1",
		rel.To.Identity.Name, rel.To.Table, p.kind.Table, p.kind.Table, rel.Column.Name, rel.To.Key.Name, rel.To.Key.Name, keys.sql, stays.sql)
	var found []int64
	if err := t.tx.NewRaw(q, slices.Concat(keys.args, stays.args)...).Scan(t.ctx, &found); err != nil {
		return nil, fmt.Errorf("find what stands on %s: %w", rel.To.Table, err)
	}
	return found, nil
}

// going are the rows that the change created and that can go.
func (p *part) going() *Rows {
	return &Rows{Kind: p.kind, join: p.join(), where: and(p.base, expr{sql: "r.before_key IS NULL"},
		notIn(p.kind.SQL, "r.identity", p.newer), notIn(p.kind.SQL, "r.identity", p.needed))}
}

// later are the rows that were added on top of those, and go along; nil where there can be none.
func (t *taking) later(p *part) *Rows {
	var ways []expr
	for _, rel := range p.kind.Parents {
		up := t.part(rel.To)
		column := p.kind.Table + "." + rel.Column.Name
		if up.made > 0 {
			keys := up.going().keys()
			ways = append(ways, expr{column + " IN " + keys.sql, keys.args})
		}
		if rows := t.later(up); rows != nil {
			keys := rows.keys()
			ways = append(ways, expr{column + " IN " + keys.sql, keys.args})
		}
	}
	if ways == nil {
		return nil
	}
	identity := p.kind.Table + "." + p.kind.Identity.Name
	return &Rows{Kind: p.kind, where: and(
		or(ways...),
		expr{identity + " NOT IN (SELECT x.identity FROM change_rows AS x WHERE x.change_id = ? AND x.kind = ?)", []any{p.change, p.kind.Table}},
		notIn(p.kind.SQL, identity, p.relied),
	)}
}
