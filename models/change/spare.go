package change

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"maitred/models/dialect"
	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// Spare is what becomes of the rows of one kind that would go with what is deleted: all of them
// move to another parent or, if Each is set, those that it names move to theirs and the others go.
// What shares its key with its parent takes along what belongs to it. Empty, it says that they
// shall move and not yet where to, which is refused.
type Spare struct {
	To   int64
	Each map[int64]int64 // by the key of the row: the parent it moves to
}

// EachLimit is how many rows of a kind can be chosen for one by one.
const EachLimit = 50

// Branch is the rows of one kind that belong to what is deleted, and can be chosen for.
type Branch struct {
	Kind  *graph.Kind
	Under *graph.Kind     // what goes and they belong to; the first such kind, if there are several
	By    *graph.Relation // to the parents that go; nil where there are several, and so nothing to choose
	Count int64           // how many there are
	Each  []Item          // all of them by name, where they are chosen for one by one and are not too many

	parents *Rows // what no row can move to: what goes or is spared itself
	steps   []*Step
}

// Shared says that the rows have the keys of their parents, so that a parent has one at most.
func (b *Branch) Shared() bool { return b.By != nil && b.By.Column == b.Kind.Key }

// The names of the fields at which a choice is wrong, and of the form that makes it.

// ChoiceField is the choice for a kind.
func ChoiceField(k *graph.Kind) string { return k.Table }

// ToField is the parent that all rows of a kind move to.
func ToField(k *graph.Kind) string { return k.Table + "_to" }

// EachField is the parent that one row moves to.
func EachField(k *graph.Kind, key int64) string { return k.Name + "_" + strconv.FormatInt(key, 10) }

// choices spells what was chosen, for the fingerprint.
func (d Delete) choices(g *graph.Graph) string {
	var words []string
	for _, k := range g.Kinds() {
		spare, ok := d.Spare[k]
		switch {
		case !ok || !k.Above(d.Kind):
		case spare.Each == nil:
			words = append(words, fmt.Sprintf("%s to %d", k.Table, spare.To))
		default:
			for _, key := range slices.Sorted(maps.Keys(spare.Each)) {
				words = append(words, fmt.Sprintf("%s %d to %d", k.Name, key, spare.Each[key]))
			}
		}
	}
	return strings.Join(words, ", ")
}

// transfer is rows that move to one parent.
type transfer struct {
	to   Item
	keys []int64 // nil for all rows of the branch
}

// decide returns the moves that were chosen for the rows of a branch.
func (c *cascade) decide(ctx context.Context, tx bun.Tx, b *Branch, rows *Rows) ([]transfer, error) {
	spare, ok := c.spare[b.Kind]
	switch {
	case !ok:
		return nil, nil
	case b.By == nil:
		c.wrong.Add(ChoiceField(b.Kind), fmt.Sprintf("The %s belong to several records that are deleted, so they cannot move to another %s. Move them first.",
			b.Kind.Plural(), b.Under.Singular()))
		return nil, nil
	case spare.Each == nil && spare.To == 0:
		c.wrong.Add(ToField(b.Kind), fmt.Sprintf("Choose the %s to move to.", b.By.To.Singular()))
		return nil, nil
	case spare.Each == nil && !b.Shared():
		to, ok, err := c.target(ctx, tx, b, spare.To, ToField(b.Kind))
		if !ok || err != nil {
			return nil, err
		}
		return []transfer{{to: to}}, nil
	}
	var err error
	if b.Each, err = firstOf(ctx, tx, rows, EachLimit+1); err != nil {
		return nil, err
	}
	if spare.Each == nil {
		return c.moveOne(ctx, tx, b, spare.To)
	}
	if len(b.Each) > EachLimit {
		b.Each = nil
		c.wrong.Add(ChoiceField(b.Kind), fmt.Sprintf("There are more than %d %s, too many to choose one by one.", EachLimit, b.Kind.Plural()))
		return nil, nil
	}
	return c.moveEach(ctx, tx, b, spare.Each)
}

// moveOne moves the only row of a branch whose rows share their keys with their parents.
func (c *cascade) moveOne(ctx context.Context, tx bun.Tx, b *Branch, key int64) ([]transfer, error) {
	to, ok, err := c.target(ctx, tx, b, key, ToField(b.Kind))
	if !ok || err != nil || len(b.Each) == 0 {
		return nil, err
	}
	if len(b.Each) > 1 {
		c.wrong.Add(ToField(b.Kind), fmt.Sprintf("%s can have one %s only. Choose one by one where they will be.", Isolate(to.Label), b.Kind.Singular()))
		return nil, nil
	}
	return []transfer{{to, []int64{b.Each[0].Key}}}, nil
}

// moveEach moves the rows that were chosen, as far as they are still there.
func (c *cascade) moveEach(ctx context.Context, tx bun.Tx, b *Branch, to map[int64]int64) ([]transfer, error) {
	var moves []transfer
	byTarget := map[int64]int{} // index in moves; -1 for what cannot be moved to
	for _, row := range b.Each {
		key, chosen := to[row.Key]
		if !chosen {
			continue
		}
		field := EachField(b.Kind, row.Key)
		i, seen := byTarget[key]
		if seen && i >= 0 && b.Shared() {
			c.wrong.Add(field, fmt.Sprintf("%s can have one %s only. Choose another %s.", Isolate(moves[i].to.Label), b.Kind.Singular(), b.By.To.Singular()))
			continue
		}
		if seen && i >= 0 {
			moves[i].keys = append(moves[i].keys, row.Key)
			continue
		}
		target, ok, err := c.target(ctx, tx, b, key, field)
		if err != nil {
			return nil, err
		}
		if !ok {
			byTarget[key] = -1
			continue
		}
		byTarget[key] = len(moves)
		moves = append(moves, transfer{target, []int64{row.Key}})
	}
	return moves, nil
}

// target finds the parent that rows of a branch are to move to, and says whether they can. It is
// watched: its name, that it stays where it is and, where it can have one row only, has none.
func (c *cascade) target(ctx context.Context, tx bun.Tx, b *Branch, key int64, field string) (Item, bool, error) {
	up := b.By.To
	c.plan.watched = append(c.plan.watched, namedBy(up, key)...)
	if b.Shared() {
		c.plan.watched = append(c.plan.watched, rowsByKey(b.Kind, key))
	}
	to, err := target(ctx, tx, b.By, key)
	if err == nil {
		var going []int64
		if going, err = b.goes(ctx, tx, []int64{key}); err == nil && (len(going) > 0 || slices.Contains(froms(c.rekeyed[up]), key)) {
			err = problem.At(field, "Choose another %s: %s is part of this deletion.", up.Singular(), Named(up, to.Label))
		}
	}
	if err == nil && b.Shared() {
		err = mustBeFree(ctx, tx, b.Kind, to)
	}
	var p *problem.Error
	if errors.As(err, &p) && p.Code == problem.Invalid {
		for _, f := range p.Fields {
			c.wrong.Add(field, f.Message)
		}
		return to, false, nil
	}
	return to, err == nil, err
}

// goes returns which of these parents are part of the deletion.
func (b *Branch) goes(ctx context.Context, tx bun.Tx, keys []int64) (going []int64, err error) {
	k := b.parents.Kind
	q := fmt.Sprintf("SELECT %s FROM %s WHERE %s AND (%s) ORDER BY %s", k.Key.Name, k.Table, k.SQL.In(k.Table+"."+k.Key.Name), b.parents.where.sql, k.Key.Name)
	if err := tx.NewRaw(q, append([]any{dialect.ListOf(keys)}, b.parents.where.args...)...).Scan(ctx, &going); err != nil {
		return nil, fmt.Errorf("see which %s go: %w", k.Table, err)
	}
	return going, nil
}

// Going returns which of these parents are part of the deletion themselves, so that nothing can
// move there.
func (b *Branch) Going(ctx context.Context, s *store.Store, keys []int64) (going []int64, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		going, err = b.goes(ctx, tx, keys)
		return err
	})
	return going, err
}

// count says how many rows each branch has, when the plan has looked at its steps.
func (c *cascade) count() {
	for _, b := range c.plan.Branches {
		for _, s := range b.steps {
			b.Count += s.Count
		}
	}
}

// Deleted returns the steps that delete rows.
func (p *Plan) Deleted() []*Step {
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s *Step) bool { return s.Effect != Deleted })
}

// Moved returns the steps that move rows to a parent that was chosen.
func (p *Plan) Moved() []*Step {
	return slices.DeleteFunc(slices.Clone(p.Steps), func(s *Step) bool { return s.To == nil })
}

// Follow says how many rows go along with those of a kind that move, by kind: "3 waiters"; "" for
// none. Rows that could go along with two kinds are told of the one above.
func (p *Plan) Follow(k *graph.Kind) string {
	for _, s := range p.Moved() {
		if k.Above(s.Kind) {
			return ""
		}
	}
	var along []*Step
	for _, s := range p.Steps {
		if s.Effect == Changed && s.To == nil && s.Kind.Above(k) {
			along = append(along, s)
		}
	}
	return Counts(along)
}

// Moves says what a deletion moves: "12 waiters to Ace Hardware", "1 restaurant with 3 waiters to
// Taco Hut"; "" for nothing. More than three parents are counted.
func (p *Plan) Moves() string {
	var words []string
	for _, b := range p.Branches {
		var n int64
		var moved []*Step
		for _, s := range b.steps {
			if s.To != nil && s.Count > 0 {
				n += s.Count
				moved = append(moved, s)
			}
		}
		along := ""
		if b.Shared() && moved != nil {
			if along = p.Follow(b.Kind); along != "" {
				along = " with " + along
			}
		}
		if len(moved) > 3 || len(moved) > 1 && along != "" {
			words = append(words, b.Kind.Counted(n)+along+" to "+b.By.To.Counted(int64(len(moved))))
			continue
		}
		for _, s := range moved {
			words = append(words, b.Kind.Counted(s.Count)+along+" to "+Isolate(s.To.Label))
		}
	}
	return And(words)
}
