package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
)

// Undo takes a change back: rows it created go, rows it removed come back with their keys and links,
// and in rows it changed each column that is still as it left it becomes what it was before. It is a
// change like any other and can be undone itself.
//
// What someone changed since is kept. What cannot come back is left out, with what hangs on it: Swap
// and Elsewhere are the ways out.
type Undo struct {
	Change int64

	// Swap sends a record that sits meanwhile where another one is to go back to the seat that this
	// one leaves.
	Swap bool

	// Elsewhere gives deleted records that share their parent's key another, free parent to come
	// back at: by table and identity, the parent's key.
	Elsewhere map[string]map[int64]int64
}

// Undone says that the change was taken back already.
type Undone struct{ By int64 }

func (u *Undone) Error() string { return fmt.Sprintf("it was undone by change %d already", u.By) }

// Unwrap makes it a conflict.
func (u *Undone) Unwrap() error {
	return problem.New(problem.Conflict, "This was undone already. Nothing was done now.")
}

// Back is what an undo takes back and what it leaves.
type Back struct {
	Of    *Change
	Exact bool    // every row is as the change left it, and nothing newer depends on one
	Left  []*Left // what it does not take back, and why
	Rest  int64   // how many rows of the change stay as they are
}

// Plan errors: NotFound for the change; *Undone; Invalid, at the field of the parent that was
// chosen, for an Elsewhere that does not exist or is taken.
func (u Undo) Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error) {
	t := &taking{ctx: ctx, tx: tx, g: g, op: u, of: new(Change)}
	err := whole(tx, t.of).Where("id = ?", u.Change).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.NotFound, "There is no change with this number.")
	}
	if err != nil {
		return nil, fmt.Errorf("find the change to undo: %w", err)
	}
	if err := mark(ctx, tx, []*Change{t.of}); err != nil {
		return nil, err
	}
	if t.of.UndoneBy != 0 && t.of.Rest == 0 {
		return nil, &Undone{t.of.UndoneBy}
	}
	p := &Plan{Operation: "undo", Choices: fmt.Sprint("of ", u.Change, " ", u.Swap, " ", u.Elsewhere), Back: &Back{Of: t.of}}
	for _, look := range []func() error{t.survey, t.keep, t.settle} {
		if err := look(); err != nil {
			return nil, err
		}
	}
	p.Steps = t.steps()
	if err := p.look(ctx, tx); err != nil {
		return nil, err
	}
	if p.Back.Left, err = t.left(); err != nil {
		return nil, err
	}
	p.Back.Exact = t.of.UndoneBy == 0 && len(p.Back.Left) == 0 && t.untouched()
	for _, s := range p.Steps {
		p.Back.Exact = p.Back.Exact && !s.Later
	}
	p.Back.Rest = t.rest(p.Steps)
	p.Shown = !p.Back.Exact
	if len(p.Steps) == 0 {
		p.Subject = Subject{Kind: g.ByTable(t.of.Kind), Identity: t.of.Identity, Key: t.of.Key}
		return p, nil
	}
	if p.Subject, err = t.subject(p.Steps); err != nil {
		return nil, err
	}
	if p.Sentence, err = t.sentence(p.Back); err != nil {
		return nil, err
	}
	return p, p.outlook(ctx, tx)
}

// taking is one undo while it is planned.
type taking struct {
	ctx context.Context
	tx  bun.Tx
	g   *graph.Graph

	op    Undo
	of    *Change
	parts []*part // one for each kind, parents before children
}

func (t *taking) part(k *graph.Kind) *part {
	for _, p := range t.parts {
		if p.kind == k {
			return p
		}
	}
	return nil
}

// steps are what the undo writes, parents first.
func (t *taking) steps() []*Step {
	var steps []*Step
	for _, p := range t.parts {
		steps = append(steps, t.restored(p), t.reverted(p), t.following(p), t.going(p), t.along(p))
	}
	kept := steps[:0]
	for _, s := range steps {
		if s != nil {
			kept = append(kept, s)
		}
	}
	return kept
}

// restored are the rows that the change removed and that come back.
func (t *taking) restored(p *part) *Step {
	if p.removed == 0 {
		return nil
	}
	s := &Step{Rows: Rows{Kind: p.kind, past: true, where: p.restorable()}, Effect: Created, set: map[string]expr{}}
	for _, rel := range p.kind.Parents {
		before := rel.Column.FromImage("r.before")
		if rel.Column == p.kind.Key && len(p.seats) > 0 {
			s.set[rel.Column.Name] = lookUp(p.kind.SQL, p.seats, "r.identity", before)
		} else if rel.Column != p.kind.Key && len(p.links[rel].moved) > 0 {
			s.set[rel.Column.Name] = lookUp(p.kind.SQL, p.links[rel].moved, before, before)
		}
	}
	return s
}

// reverted are the rows that the change changed, where anything of it can be taken back.
func (t *taking) reverted(p *part) *Step {
	if p.altered == 0 {
		return nil
	}
	s := &Step{Rows: Rows{Kind: p.kind, join: p.join()}, Effect: Changed, set: map[string]expr{}}
	special := p.special()
	for _, c := range t.columns(p) {
		s.set[c.Name] = c.back
		if len(special) > 0 {
			s.set[c.Name] = when(c.same, c.back, c.stay)
		}
	}
	s.where = and(p.base, alteredRows, notIn(p.kind.SQL, "r.identity", p.gone))
	if len(special) > 0 || p.stay() {
		s.where = and(s.where, t.anything(p))
	}
	return s
}

// alteredRows are the rows that a change neither created nor removed.
var alteredRows = expr{sql: "r.before_key IS NOT NULL AND r.after_key IS NOT NULL"}

// following are rows that the change did not write and that belong to a record that gets another
// key, or make room for one.
func (t *taking) following(p *part) *Step {
	s := &Step{Rows: Rows{Kind: p.kind}, Effect: Changed, set: map[string]expr{}, Later: true}
	var ways []expr
	for _, rel := range p.kind.Parents {
		leaving := t.part(rel.To).leaving
		if rel.Column == p.kind.Key {
			leaving = p.leaving
		}
		if len(leaving) == 0 {
			continue
		}
		column := p.kind.Table + "." + rel.Column.Name
		s.set[rel.Column.Name] = lookUp(p.kind.SQL, leaving, column, column)
		ways = append(ways, in(p.kind.SQL, column, keysOf(leaving)))
	}
	if ways == nil {
		return nil
	}
	s.where = or(ways...)
	if p.altered > 0 {
		s.where = and(s.where, expr{
			p.kind.Table + "." + p.kind.Identity.Name + " NOT IN (SELECT r.identity FROM change_rows AS r WHERE " + p.base.sql + " AND " + alteredRows.sql + ")",
			p.base.args,
		})
	}
	return s
}

// going are the rows that the change created.
func (t *taking) going(p *part) *Step {
	if p.made == 0 {
		return nil
	}
	return &Step{Rows: *p.going(), Effect: Deleted}
}

// along are later rows that belong to those.
func (t *taking) along(p *part) *Step {
	rows := t.later(p)
	if rows == nil {
		return nil
	}
	return &Step{Rows: *rows, Effect: Deleted, Later: true}
}

// rest is how many rows of the change the undo leaves as they are, those left out that are as they
// were before the change already.
func (t *taking) rest(steps []*Step) (n int64) {
	for _, p := range t.parts {
		n += p.made + p.removed + p.altered - p.went
	}
	for _, s := range steps {
		if !s.Later {
			n -= s.Count
		}
	}
	return n
}

// untouched says that nobody wrote a row of the change since.
func (t *taking) untouched() bool {
	for _, p := range t.parts {
		if p.touched > 0 {
			return false
		}
	}
	return true
}

// subject is the record that the undone change was about, where it is afterwards; if the undo leaves
// that one alone, the first that it writes.
func (t *taking) subject(steps []*Step) (Subject, error) {
	for _, s := range steps {
		if s.Kind.Table == t.of.Kind {
			found, err := t.written(s, expr{s.identity() + " = ?", []any{t.of.Identity}})
			if found.Kind != nil || err != nil {
				return found, err
			}
		}
	}
	return t.written(steps[0], expr{})
}

// written is the first row of a step that fulfils a condition, where it is afterwards.
func (t *taking) written(s *Step, condition expr) (Subject, error) {
	from, args := s.Rows.from()
	key := s.keyAfter()
	var row struct{ Identity, Key int64 }
	q := fmt.Sprintf("SELECT %s AS identity, %s AS key FROM %s", s.identity(), key.sql, from)
	args = append(append([]any{}, key.args...), args...)
	if condition.sql != "" {
		q, args = q+" AND "+condition.sql, append(args, condition.args...)
	}
	err := t.tx.NewRaw(q+" ORDER BY 1 LIMIT 1", args...).Scan(t.ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return Subject{}, nil
	}
	return Subject{Kind: s.Kind, Identity: row.Identity, Key: row.Key}, err
}

// sentence tells what was undone in the words of the first change: an undo of an undo did it again.
func (t *taking) sentence(b *Back) (string, error) {
	first, again := t.of, false
	for first.Undoes != 0 {
		before := new(Change)
		if err := t.tx.NewSelect().Model(before).Where("id = ?", first.Undoes).Scan(t.ctx); err != nil {
			return "", fmt.Errorf("find the change that was undone: %w", err)
		}
		if err := mark(t.ctx, t.tx, []*Change{before}); err != nil {
			return "", err
		}
		first, again = before, !again
	}
	verb := "undid"
	if again {
		verb = "did again"
	}
	if b.Rest > 0 {
		verb += " in part"
	}
	return verb + ": “" + first.Sentence + "”", nil
}
