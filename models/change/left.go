package change

import (
	"fmt"
	"slices"

	"maitred/models/dialect"
	"maitred/models/graph"
)

// Why says why an undo leaves a row as it is, as a whole or in part.
type Why string

// The reasons.
const (
	ChangedSince Why = "changed" // someone changed it since; what they wrote is kept
	NeededSince  Why = "needed"  // it would go, but something that stays belongs to it
	GoneSince    Why = "gone"    // someone deleted it since
	SeatTaken    Why = "taken"   // another record has its place meanwhile
	ParentGone   Why = "orphan"  // what it belonged to is gone, or cannot come back either
)

// Left is the rows of one kind that an undo leaves as they are for the same reason.
type Left struct {
	Kind  *graph.Kind
	Why   Why
	Count int64
	First []*LeftRow // Samples at most

	hash int64
}

// LeftRow is one of them: Before as the change left it, After as it is now; for a row that is not
// there, Before as it was.
type LeftRow struct {
	Row
	By      *Change `bun:"-"` // who changed it, or took away what it belonged to; nil if it was this change
	Sitting *Item   `bun:"-"` // of SeatTaken: who sits in its seat
	Removed bool    `bun:"-"` // the change removed it: it could come back elsewhere
}

// left is what the undo leaves, parents first.
func (t *taking) left() (all []*Left, err error) {
	for _, p := range t.parts {
		for _, find := range []func(*part) (*Left, error){t.changed, t.gone, t.taken, t.orphans, t.needed} {
			l, err := find(p)
			if err != nil {
				return nil, fmt.Errorf("tell what is left of %s: %w", p.kind.Table, err)
			}
			if l != nil && l.Count > 0 {
				all = append(all, l)
			}
		}
	}
	return all, nil
}

func (t *taking) changed(p *part) (*Left, error) { return t.listed(p, ChangedSince, p.newer) }

func (t *taking) gone(p *part) (*Left, error) { return t.listed(p, GoneSince, p.gone) }

func (t *taking) needed(p *part) (*Left, error) {
	var needed []int64
	for _, i := range p.needed {
		if !slices.Contains(p.newer, i) {
			needed = append(needed, i)
		}
	}
	slices.Sort(needed)
	return t.listed(p, NeededSince, slices.Compact(needed))
}

func (t *taking) taken(p *part) (*Left, error) {
	var taken []int64
	for _, u := range p.unseated {
		if u.by != nil {
			taken = append(taken, u.identity)
		}
	}
	l, err := t.listed(p, SeatTaken, taken)
	if err != nil || l == nil {
		return nil, err
	}
	for _, row := range l.First {
		i := slices.IndexFunc(p.unseated, func(u unseated) bool { return u.identity == row.Identity })
		u := p.unseated[i]
		row.Removed = u.removed
		row.Sitting = &Item{Kind: p.kind}
		q := fmt.Sprintf("SELECT %s AS key, %s AS label FROM %s WHERE %s = ?", p.kind.Key.Name, labelOf(p.kind), p.kind.Table, p.kind.Identity.Name)
		if err := t.tx.NewRaw(q, *u.by).Scan(t.ctx, row.Sitting); err != nil {
			return nil, err
		}
		if row.By, err = t.lastOf(p.kind, *u.by); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// orphans are the rows whose parents are gone.
func (t *taking) orphans(p *part) (*Left, error) {
	var ways []expr
	for _, rel := range p.kind.Parents {
		link := p.links[rel]
		ways = append(ways, in(p.kind.SQL, "r.identity", link.stuck))
		if rel.Column != p.kind.Key && len(link.missing) > 0 {
			ways = append(ways, and(p.removedOnly(), in(p.kind.SQL, rel.Column.FromImage("r.before"), link.missing)))
		}
	}
	for _, u := range p.unseated {
		if u.by == nil {
			ways = append(ways, in(p.kind.SQL, "r.identity", []int64{u.identity}))
		}
	}
	where := and(p.base, or(ways...))
	l := &Left{Kind: p.kind, Why: ParentGone}
	q := "SELECT count(*), coalesce(sum(r.identity), 0) FROM change_rows AS r WHERE " + where.sql
	if err := t.tx.NewRaw(q, where.args...).Scan(t.ctx, &l.Count, &l.hash); err != nil || l.Count == 0 {
		return nil, err
	}
	q = "SELECT r.* FROM change_rows AS r WHERE " + where.sql + fmt.Sprintf(" ORDER BY r.identity LIMIT %d", Samples)
	if err := t.tx.NewRaw(q, where.args...).Scan(t.ctx, &l.First); err != nil {
		return nil, err
	}
	for _, row := range l.First {
		row.Removed = row.AfterKey == nil
		row.After = ""
		for _, rel := range p.kind.Parents {
			if err := t.whoTook(p, rel, row); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// whoTook finds the change that took away the parent that a row had.
func (t *taking) whoTook(p *part, rel *graph.Relation, row *LeftRow) error {
	var key int64
	q := "SELECT " + rel.Column.FromImage("r.before") + " FROM change_rows AS r WHERE r.change_id = ? AND r.kind = ? AND r.identity = ?"
	if err := t.tx.NewRaw(q, p.change, p.kind.Table, row.Identity).Scan(t.ctx, &key); err != nil {
		return err
	}
	if !slices.Contains(p.links[rel].missing, key) {
		return nil
	}
	identity := key
	if rel.To.OneToOne() != nil {
		found, err := t.occupants(rel.To, expr{"SELECT ? AS key", []any{key}}, p.change, expr{})
		if err != nil || len(found) == 0 {
			return err
		}
		identity = found[0].Identity
	}
	by, err := t.lastOf(rel.To, identity)
	if by != nil && by.ID != p.change {
		row.By = by
	}
	return err
}

// lastOf is the change that wrote a record last.
func (t *taking) lastOf(k *graph.Kind, identity int64) (*Change, error) {
	found, err := History(t.ctx, t.tx, k, identity, 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// listed are rows that someone wrote since, by identity.
func (t *taking) listed(p *part, why Why, identities []int64) (*Left, error) {
	if len(identities) == 0 {
		return nil, nil
	}
	l := &Left{Kind: p.kind, Why: why, Count: int64(len(identities))}
	for _, i := range identities {
		l.hash = (l.hash*1000003 + i*998244353 + p.last[i]) % hashPrime
	}
	shown := identities[:min(len(identities), Samples)]
	err := t.tx.NewSelect().Model(&l.First).ModelTableExpr("change_rows AS r").ColumnExpr("r.*").
		Where("r.change_id = ? AND r.kind = ?", p.change, p.kind.Table).Where(p.kind.SQL.In("r.identity"), dialect.ListOf(shown)).
		Order("r.identity").Scan(t.ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range l.First {
		last := new(Row)
		err := t.tx.NewSelect().Model(last).Where("kind = ? AND identity = ?", p.kind.Table, row.Identity).Order("change_id DESC").Limit(1).Scan(t.ctx)
		if err != nil {
			return nil, err
		}
		row.Removed = row.AfterKey == nil
		if row.After != "" {
			row.Before = row.After
		}
		row.Label, row.After, row.AfterKey = last.Label, last.After, last.AfterKey
		if last.AfterKey != nil { // as it is called now
			if _, row.Label, err = find(t.ctx, t.tx, p.kind, *last.AfterKey); err != nil {
				return nil, err
			}
		}
		if p.last[row.Identity] != 0 {
			if row.By, err = t.lastOf(p.kind, row.Identity); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}
