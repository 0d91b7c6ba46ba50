package change

import (
	"fmt"
	"slices"

	"maitred/models/graph"
)

// part is what a change did to the rows of one kind, and what became of them since. In its
// conditions r is a recorded row of the change.
type part struct {
	kind   *graph.Kind
	change int64
	base   expr // the rows that were not taken back already

	made, removed, altered int64 // how many rows the change created, removed, changed
	touched                int64 // how many of them someone wrote since

	// Rows that someone wrote since, by identity: those that are there, and those that the change
	// changed and that are not. Rows that it removed are never among them: nothing but an undo of it
	// brings them back, and then they count as taken back.
	newer, gone []int64
	went        int64           // how many rows that the change created are gone already
	last        map[int64]int64 // the change that wrote them last

	needed   []int64 // rows the change created and that others rely on: they stay
	relied   []int64 // later rows in between, which stay as well
	links    map[*graph.Relation]*link
	seats    map[int64]int64 // by identity: the key that a record gets, where that is not simply its old one
	leaving  map[int64]int64 // by key: the key that the record there gets
	unseated []unseated      // records whose seat is taken or gone
}

// unseated is a record that cannot go back to its seat.
type unseated struct {
	identity, key int64
	removed       bool   // the change removed it; otherwise it is somewhere else
	by            *int64 // who sits there, by identity; nil: the seat itself is gone
}

// link is what becomes of the parents that rows had before the change.
type link struct {
	missing []int64         // keys of parents that will not be there
	stuck   []int64         // rows, by identity, that cannot go back to one of those
	moved   map[int64]int64 // keys of parents that have another key afterwards
	now     map[int64]int64 // of parents that rows had just after the change: the key they have now; -1 none
}

// survey finds the rows of the change and what became of them.
func (t *taking) survey() error {
	all, err := undosOf(t.ctx, t.tx, []int64{t.of.ID})
	if err != nil {
		return err
	}
	for _, k := range t.g.Kinds() {
		p := &part{
			kind: k, change: t.of.ID, last: map[int64]int64{}, links: map[*graph.Relation]*link{},
			seats: map[int64]int64{}, leaving: map[int64]int64{},
			base: and(expr{"r.change_id = ? AND r.kind = ?", []any{t.of.ID, k.Table}}, all.left(t.of.ID, "r")),
		}
		for _, rel := range k.Parents {
			p.links[rel] = &link{moved: map[int64]int64{}, now: map[int64]int64{}}
		}
		q := "SELECT count(*) FILTER (WHERE r.before_key IS NULL), count(*) FILTER (WHERE r.after_key IS NULL)," +
			" count(*) FILTER (WHERE r.before_key IS NOT NULL AND r.after_key IS NOT NULL) FROM change_rows AS r WHERE " + p.base.sql
		if err := t.tx.NewRaw(q, p.base.args...).Scan(t.ctx, &p.made, &p.removed, &p.altered); err != nil {
			return fmt.Errorf("survey %s: %w", k.Table, err)
		}
		if p.made+p.removed+p.altered > 0 {
			if err := t.findTouched(p); err != nil {
				return fmt.Errorf("find what happened since to %s: %w", k.Table, err)
			}
		}
		t.parts = append(t.parts, p)
	}
	return nil
}

// left is the condition that a row of the change was not taken back yet, by an undo that holds.
func (all undos) left(change int64, row string) (e expr) {
	for _, u := range all[change] {
		of := fmt.Sprintf("u%d", u.ChangeID)
		e = and(e, expr{
			fmt.Sprintf("NOT EXISTS (SELECT 1 FROM change_rows AS %[1]s WHERE %[1]s.change_id = ? AND %[1]s.kind = %[2]s.kind AND %[1]s.identity = %[2]s.identity", of, row),
			[]any{u.ChangeID},
		})
		if again := all.left(u.ChangeID, of); again.sql != "" {
			e = and(e, again)
		}
		e.sql += ")"
	}
	return e
}

// manyRows is from how many rows on it is cheaper to read all changes since than to look each row up.
const manyRows = 10_000

// findTouched lists the rows that someone wrote since. An undo that brought a row back to exactly
// what the change had left does not count: that is how changes are undone one after another.
func (t *taking) findTouched(p *part) error {
	sql := p.kind.SQL
	from := expr{sql: "change_rows AS r"}
	since := expr{sql: "EXISTS (SELECT 1 FROM change_rows AS n WHERE n.kind = r.kind AND n.identity = r.identity AND n.change_id > r.change_id)"}
	if t.of.RowCount > manyRows {
		from = expr{"(SELECT DISTINCT n.identity FROM change_rows AS n WHERE n.change_id > ? AND n.kind = ?) AS since" +
			sql.Join("change_rows", "r", "r.change_id = ? AND r.kind = ? AND r.identity = since.identity"),
			[]any{t.of.ID, p.kind.Table, t.of.ID, p.kind.Table}}
		since = expr{}
	}
	where := and(p.base, since, expr{sql: "NOT (l.change_id IN (SELECT change_id FROM undos) AND " +
		sql.ImageWithout("l.after", "version") + " IS NOT DISTINCT FROM " + sql.ImageWithout("r.after", "version") + ")"})
	var found []struct {
		Identity, Last int64
		Made, Present  bool
	}
	q := "SELECT r.identity, l.change_id AS last, r.before_key IS NULL AS made, l.after_key IS NOT NULL AS present FROM " + from.sql +
		sql.Join("change_rows", "l", `l.kind = r.kind AND l.identity = r.identity
			AND l.change_id = (SELECT max(m.change_id) FROM change_rows AS m WHERE m.kind = r.kind AND m.identity = r.identity)`) +
		" WHERE " + where.sql + " ORDER BY r.identity"
	if err := t.tx.NewRaw(q, slices.Concat(from.args, where.args)...).Scan(t.ctx, &found); err != nil {
		return err
	}
	p.touched = int64(len(found))
	for _, f := range found {
		p.last[f.Identity] = f.Last
		switch {
		case f.Present:
			p.newer = append(p.newer, f.Identity)
		case f.Made:
			p.went++
		default:
			p.gone = append(p.gone, f.Identity)
		}
	}
	return nil
}

// join is the recorded rows beside the rows as they are.
func (p *part) join() expr {
	return expr{
		fmt.Sprintf(" JOIN change_rows AS r ON r.change_id = ? AND r.kind = ? AND r.identity = %s.%s", p.kind.Table, p.kind.Identity.Name),
		[]any{p.change, p.kind.Table},
	}
}

// removedOnly are the rows that the change removed.
func (p *part) removedOnly() expr { return and(p.base, expr{sql: "r.after_key IS NULL"}) }

// restorable are those of them that can come back.
func (p *part) restorable() expr {
	e := p.removedOnly()
	var unseated []int64
	for _, u := range p.unseated {
		if u.removed {
			unseated = append(unseated, u.identity)
		}
	}
	e = and(e, notIn(p.kind.SQL, "r.identity", unseated))
	for _, rel := range p.kind.Parents {
		if rel.Column != p.kind.Key { // seats know of their parents
			e = and(e, notIn(p.kind.SQL, rel.Column.FromImage("r.before"), p.links[rel].missing))
		}
	}
	return e
}

// special are the changed rows of which not simply everything is taken back.
func (p *part) special() []int64 {
	special := append([]int64{}, p.newer...)
	for _, u := range p.unseated {
		if !u.removed {
			special = append(special, u.identity)
		}
	}
	for _, l := range p.links {
		special = append(special, l.stuck...)
	}
	return special
}

// stay says that records whose key the change changed may stay where they are, and what belongs to
// them with them.
func (p *part) stay() bool {
	for _, l := range p.links {
		if len(l.moved) > 0 {
			return true
		}
	}
	return false
}
