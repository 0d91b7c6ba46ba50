package change

import (
	"fmt"
	"slices"

	"maitred/models/graph"
	"maitred/models/problem"
)

// settle finds out, parents before children, where each row that comes back or moves back belongs:
// its parent may have moved since, may be gone, or may have another record in the seat.
func (t *taking) settle() error {
	for _, p := range t.parts {
		for _, rel := range p.kind.Parents {
			if err := t.link(p, rel); err != nil {
				return fmt.Errorf("find the %s that %s belonged to: %w", rel.To.Table, p.kind.Table, err)
			}
		}
		if rel := p.kind.OneToOne(); rel != nil {
			if err := t.seat(p, rel); err != nil {
				return err
			}
		}
	}
	return nil
}

// link finds the parents that rows had before the change and that are not where they were.
func (t *taking) link(p *part, rel *graph.Relation) error {
	before, after := rel.Column.FromImage("r.before"), rel.Column.FromImage("r.after")
	l := p.links[rel]
	if p.removed+p.altered > 0 {
		keys := expr{
			"SELECT DISTINCT " + before + " AS key FROM change_rows AS r WHERE " + p.base.sql +
				" AND r.before_key IS NOT NULL AND (r.after_key IS NULL OR " + before + " IS DISTINCT FROM " + after + ")", p.base.args,
		}
		find := t.absent
		if rel.To.OneToOne() != nil {
			find = t.moved
		}
		if err := find(l, rel.To, keys); err != nil {
			return err
		}
	}
	if len(l.missing) > 0 && p.altered > 0 {
		where := and(p.base, expr{sql: "r.after_key IS NOT NULL AND " + before + " IS DISTINCT FROM " + after}, in(p.kind.SQL, before, l.missing), notIn(p.kind.SQL, "r.identity", p.gone))
		q := "SELECT r.identity FROM change_rows AS r WHERE " + where.sql + " ORDER BY r.identity"
		if err := t.tx.NewRaw(q, where.args...).Scan(t.ctx, &l.stuck); err != nil {
			return err
		}
	}
	if len(p.newer) == 0 || p.altered == 0 || rel.To.OneToOne() == nil {
		return nil
	}
	touched := and(p.base, alteredRows, in(p.kind.SQL, "r.identity", p.newer))
	found, err := t.occupants(rel.To, expr{"SELECT DISTINCT " + after + " AS key FROM change_rows AS r WHERE " + touched.sql, touched.args}, t.of.ID+1, expr{})
	for _, f := range found {
		l.now[f.Key] = -1
		if f.Now != nil {
			l.now[f.Key] = *f.Now
		}
	}
	return err
}

// absent finds the parents that are not there and do not come back either. Their keys never change.
func (t *taking) absent(l *link, parent *graph.Kind, keys expr) error {
	up := t.part(parent)
	where := expr{sql: fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s WHERE %s.%s = f.key)", parent.Table, parent.Table, parent.Key.Name)}
	if up.removed > 0 {
		back := up.restorable()
		where = and(where, expr{"NOT EXISTS (SELECT 1 FROM change_rows AS r WHERE " + back.sql + " AND r.identity = f.key)", back.args})
	}
	q := "SELECT f.key FROM (" + keys.sql + ") AS f WHERE " + where.sql + " ORDER BY f.key"
	return t.tx.NewRaw(q, slices.Concat(keys.args, where.args)...).Scan(t.ctx, &l.missing)
}

// moved finds the parents that have another key than before the change, or none any more. A key
// that someone else has now is not mistaken for the parent: who was there is known from history.
func (t *taking) moved(l *link, parent *graph.Kind, keys expr) error {
	up := t.part(parent)
	var simply expr
	if up.removed > 0 { // parents that come back to where they were
		back := and(up.restorable(), notIn(up.kind.SQL, "r.identity", keysOf(up.seats)))
		simply = expr{"f.key NOT IN (SELECT r.before_key FROM change_rows AS r WHERE " + back.sql + ")", back.args}
	}
	found, err := t.occupants(parent, keys, t.of.ID, simply)
	if err != nil {
		return err
	}
	for _, f := range found {
		var at int64 = -1
		if f.Now != nil {
			at = *f.Now
			if next, ok := up.leaving[at]; ok {
				at = next
			}
		} else if seat, ok := up.seats[f.Identity]; ok {
			at = seat
		}
		switch {
		case at == -1:
			l.missing = append(l.missing, f.Key)
		case at != f.Key:
			l.moved[f.Key] = at
		}
	}
	return nil
}

// occupant is who was at a key, and the key that it has now; nil when it is gone.
type occupant struct {
	Key, Identity int64
	Now           *int64
}

// occupants tells who of a kind was at these keys just before the change with this number, as far as
// it left since: whoever left the key first from then on was there. keys is a query for "key".
func (t *taking) occupants(k *graph.Kind, keys expr, change int64, condition expr) (found []occupant, err error) {
	where := and(condition, expr{sql: "o.identity IS NOT NULL"})
	q := fmt.Sprintf(`SELECT f.key, o.identity, now.%s AS now FROM (%s) AS f
		JOIN change_rows AS o ON o.kind = ? AND o.before_key = f.key AND o.change_id = (
			SELECT min(m.change_id) FROM change_rows AS m WHERE m.kind = ? AND m.before_key = f.key AND m.change_id >= ?
			AND (m.after_key IS NULL OR m.after_key <> m.before_key))
		LEFT JOIN %s AS now ON now.%s = o.identity WHERE %s ORDER BY f.key`, k.Key.Name, keys.sql, k.Table, k.Identity.Name, where.sql)
	err = t.tx.NewRaw(q, slices.Concat(keys.args, []any{k.Table, k.Table, change}, where.args)...).Scan(t.ctx, &found)
	return found, err
}

// seat finds where each record of a kind that shares its parent's key goes, as far as that is not
// plain: records that change their key, and those whose seat is taken or gone.
func (t *taking) seat(p *part, rel *graph.Relation) error {
	if err := t.moveBack(p, rel); err != nil {
		return fmt.Errorf("find the seats of %s: %w", p.kind.Table, err)
	}
	if p.removed == 0 {
		return nil
	}
	where := and(p.removedOnly(), or(
		expr{sql: "now." + p.kind.Key.Name + " IS NOT NULL"},
		in(p.kind.SQL, "r.before_key", p.links[rel].missing), in(p.kind.SQL, "r.before_key", keysOf(p.links[rel].moved)),
		in(p.kind.SQL, "r.identity", keysOf(t.op.Elsewhere[p.kind.Table])),
	))
	var found []struct{ Identity, Key int64 }
	q := fmt.Sprintf("SELECT r.identity, r.before_key AS key FROM change_rows AS r LEFT JOIN %s AS now ON now.%s = r.before_key WHERE %s ORDER BY r.identity",
		p.kind.Table, p.kind.Key.Name, where.sql)
	if err := t.tx.NewRaw(q, where.args...).Scan(t.ctx, &found); err != nil {
		return fmt.Errorf("find the seats of %s: %w", p.kind.Table, err)
	}
	for _, f := range found {
		seat := f.Key
		if to, ok := p.links[rel].moved[f.Key]; ok {
			seat = to
			p.seats[f.Identity] = to
		}
		if to, ok := t.op.Elsewhere[p.kind.Table][f.Identity]; ok {
			if err := t.free(p, rel, f.Identity, to); err != nil {
				return err
			}
			p.seats[f.Identity] = to
			continue
		}
		if slices.Contains(p.links[rel].missing, f.Key) {
			p.unseated = append(p.unseated, unseated{identity: f.Identity, key: f.Key, removed: true})
			continue
		}
		if by, err := t.sitting(p, seat); err != nil {
			return err
		} else if by != nil {
			p.unseated = append(p.unseated, unseated{f.Identity, f.Key, true, by})
			delete(p.seats, f.Identity)
		}
	}
	return nil
}

// moveBack settles the records whose key the change changed. One whose seat is taken stays where it
// is, and so may keep another one from going back; with Swap, who sits there takes its seat.
func (t *taking) moveBack(p *part, rel *graph.Relation) error {
	if p.altered == 0 {
		return nil
	}
	var found []struct{ Identity, Was, Now int64 }
	where := and(p.base, expr{sql: "r.after_key <> r.before_key"})
	q := fmt.Sprintf("SELECT r.identity, r.before_key AS was, now.%s AS now FROM change_rows AS r JOIN %s AS now ON now.%s = r.identity WHERE %s AND now.%s = r.after_key ORDER BY r.identity",
		p.kind.Key.Name, p.kind.Table, p.kind.Identity.Name, where.sql, p.kind.Key.Name)
	if err := t.tx.NewRaw(q, where.args...).Scan(t.ctx, &found); err != nil {
		return err
	}
	link := p.links[rel]
	for _, f := range found {
		if slices.Contains(link.missing, f.Was) {
			p.unseated = append(p.unseated, unseated{identity: f.Identity, key: f.Was})
			continue
		}
		to := f.Was
		if moved, ok := link.moved[to]; ok {
			to = moved
		}
		p.seats[f.Identity], p.leaving[f.Now] = to, to
	}
	for again := true; again; {
		again = false
		for _, now := range keysOf(p.leaving) {
			to := p.leaving[now]
			by, err := t.sitting(p, to)
			if err != nil {
				return err
			}
			if by == nil {
				continue
			}
			if t.op.Swap {
				p.leaving[to], p.seats[*by] = now, now
				continue
			}
			for _, f := range found {
				if f.Now == now {
					p.unseated = append(p.unseated, unseated{f.Identity, f.Was, false, by})
					delete(p.seats, f.Identity)
				}
			}
			delete(p.leaving, now)
			again = true
		}
	}
	return nil
}

// sitting returns who stays at a key, by identity; nil when the seat is or becomes free.
func (t *taking) sitting(p *part, key int64) (*int64, error) {
	if _, leaves := p.leaving[key]; leaves {
		return nil, nil
	}
	var by []int64
	where := expr{p.kind.Table + "." + p.kind.Key.Name + " = ?", []any{key}}
	if p.made > 0 {
		going := p.going().keys()
		where = and(where, expr{p.kind.Table + "." + p.kind.Key.Name + " NOT IN " + going.sql, going.args})
	}
	q := fmt.Sprintf("SELECT %s FROM %s WHERE %s", p.kind.Identity.Name, p.kind.Table, where.sql)
	if err := t.tx.NewRaw(q, where.args...).Scan(t.ctx, &by); err != nil || len(by) == 0 {
		return nil, err
	}
	return &by[0], nil
}

// free refuses a parent to come back at that does not exist or has its record already, or gets it
// with this undo. Errors: Invalid at the field of the foreign key.
func (t *taking) free(p *part, rel *graph.Relation, identity, key int64) error {
	at, err := target(t.ctx, t.tx, rel, key)
	if err != nil {
		return err
	}
	by, err := t.sitting(p, key)
	if err != nil {
		return err
	}
	where := and(p.removedOnly(), expr{"r.before_key = ? AND r.identity <> ?", []any{key, identity}}, notIn(p.kind.SQL, "r.identity", keysOf(t.op.Elsewhere[p.kind.Table])))
	promised, err := t.tx.NewSelect().TableExpr("change_rows AS r").Where(where.sql, where.args...).Exists(t.ctx)
	if err != nil {
		return err
	}
	for other, seat := range p.seats {
		promised = promised || other != identity && seat == key
	}
	if by != nil || promised {
		return problem.At(rel.Column.Name, "%s already has a %s, or gets one with this. Choose another %s.", Isolate(at.Label), p.kind.Singular(), rel.To.Singular())
	}
	return nil
}
