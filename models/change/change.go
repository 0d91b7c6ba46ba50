// Package change is the heart: every write is a change, and every change is planned, committed
// and recorded by the same few functions, whatever kind of record it touches.
//
//   - An [Operation] plans: it names the rows it will create, change and delete, and the rows it
//     relies on. Planning only reads.
//   - [Preview] shows the plan. Its fingerprint says what was seen.
//   - [Commit] plans again inside the one write transaction, refuses when the fingerprint differs,
//     records every row before and after, and makes the tables equal to what it recorded.
//
// Rows are captured, written and counted by statements over sets, never one by one, so that a
// change may be of any size.
package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/graph"
	"maitred/models/problem"
	"maitred/models/store"
)

// Change is one write as history remembers it.
type Change struct {
	bun.BaseModel `bun:"table:changes,alias:change"`

	ID        int64 `bun:",pk,autoincrement"`
	At        string
	Actor     string
	Operation string
	Sentence  string // what was done, to be read after the actor's name
	Kind      string // the table of the record it was about …
	Identity  int64  // … who that record is …
	Key       int64  // … and where it is afterwards, or was before its deletion
	RowCount  int64
	Token     string `bun:",nullzero"`

	Author int64 `bun:",scanonly"` // the number of the person who made it; 0 for none who signed in

	Label string `bun:",scanonly"` // what the record it was about was called; only where it is told what happened since

	Undoes   int64 `bun:"-"` // the change that this one takes back; 0 for none
	UndoneBy int64 `bun:"-"` // the newest change that takes this one back and is in force; 0 for none
	Undoer   int64 `bun:"-"` // the author of that one
	Rest     int64 `bun:"-"` // how many rows of this change that one left as they are
}

// Undoable says that nothing takes the change back yet.
func (c *Change) Undoable() bool { return c.UndoneBy == 0 }

// timeLayout is RFC 3339 in UTC with milliseconds; as text it sorts by time.
const timeLayout = "2006-01-02T15:04:05.000Z"

// When is the time of the change, in UTC.
func (c *Change) When() time.Time {
	t, _ := time.Parse(timeLayout, c.At)
	return t
}

// Operation is something a person can do. Plan only reads, and reads all that it relies on: what
// it leaves out of the plan can change unnoticed between preview and click. Errors are problems;
// with an Invalid one a plan may come that says what was relied on, so that what happened to it
// since it was shown can be told.
type Operation interface {
	Plan(ctx context.Context, tx bun.Tx, g *graph.Graph) (*Plan, error)
}

// Form is what came back from the page that asked for the change.
type Form struct {
	Token       string // names this form with these values; the same token of a person writes once. May be empty.
	Fingerprint string // of the plan that was shown; empty when none was
	Sent        string // all of the form, with which another instance can go on with a long change; may be empty
}

// ErrUnseen says that the operation must be shown before it is done, and was not.
var ErrUnseen = errors.New("the plan was not shown")

// Stale says that the plan is no longer the one that was shown. Nothing was done.
type Stale struct {
	Plan  *Plan     // as it would be now; nil when it is no longer possible
	Since []*Change // what happened to the planned rows since, oldest first
	Cause error     // why it is no longer possible
}

func (s *Stale) Error() string { return "the plan changed since it was shown" }
func (s *Stale) Unwrap() error { return s.Cause }

// Preview plans the operation as of one moment and writes nothing.
func Preview(ctx context.Context, s *store.Store, op Operation) (planned *Plan, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		planned, err = plan(ctx, tx, s, op)
		return err
	})
	return planned, err
}

// Commit does the operation in one transaction and returns the change that records it: nil when
// there was nothing to do, the first one when the form's token was seen before. Errors: ErrUnseen,
// *Stale, problems. With any error nothing was written, but for *store.Unconfirmed.
func Commit(ctx context.Context, s *store.Store, op Operation, form Form) (done *Change, err error) {
	form.Token = owned(s, form.Token)
	err = s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err = carryOut(ctx, tx, s, op, form, nil)
		return err
	})
	var unconfirmed *store.Unconfirmed
	if errors.As(err, &unconfirmed) && form.Token != "" {
		return settle(ctx, s, form.Token, unconfirmed)
	}
	if err != nil {
		return nil, err
	}
	return done, nil
}

// settle finds out by the form's token whether a change is there whose commit was not confirmed.
func settle(ctx context.Context, s *store.Store, token string, unconfirmed *store.Unconfirmed) (*Change, error) {
	var done *Change
	err := s.AfterOthers(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		done, err = byToken(ctx, tx, token)
		return err
	})
	if err != nil {
		return nil, unconfirmed
	}
	if done == nil {
		return nil, unconfirmed.Cause
	}
	return done, nil
}

// carryOut is Commit inside its transaction. Work, if given, is told how it goes.
func carryOut(ctx context.Context, tx bun.Tx, s *store.Store, op Operation, form Form, work *store.Work) (*Change, error) {
	if done, err := byToken(ctx, tx, form.Token); done != nil || err != nil {
		return done, err
	}
	plan, err := plan(ctx, tx, s, op)
	if form.Fingerprint != "" && problem.Is(err, problem.Invalid) {
		return nil, impossible(ctx, tx, plan, form, err)
	}
	if err != nil {
		return nil, err
	}
	if plan.Shown && form.Fingerprint == "" {
		return nil, ErrUnseen
	}
	if form.Fingerprint != "" && !plan.matches(form.Fingerprint) {
		since, err := since(ctx, tx, plan, shownAt(form.Fingerprint))
		if err != nil {
			return nil, err
		}
		return nil, &Stale{Plan: plan, Since: since}
	}
	if len(plan.Steps) == 0 {
		return nil, nil
	}
	if err := goOn(work, s.Actor, plan); err != nil {
		return nil, err
	}
	return write(ctx, tx, s, plan, form.Token, work)
}

// impossible says of a plan that was shown why it can no longer be done, and what happened since.
func impossible(ctx context.Context, tx bun.Tx, plan *Plan, form Form, cause error) error {
	stale := &Stale{Cause: cause}
	if plan == nil {
		return stale
	}
	var err error
	if stale.Since, err = since(ctx, tx, plan, shownAt(form.Fingerprint)); err != nil {
		return err
	}
	return stale
}

// Earlier returns the change that the person's form with this token made; nil when there is none.
func Earlier(ctx context.Context, s *store.Store, token string) (*Change, error) {
	return Outcome(ctx, s, owned(s, token))
}

// owned is a form's token as it is kept: the same word in a form of someone else is another form, so
// that nobody is told what another did, and nobody's form is taken for another's.
func owned(s *store.Store, token string) string {
	if token == "" || s.User == 0 {
		return token
	}
	return strconv.FormatInt(s.User, 10) + "-" + token
}

// Outcome returns the change that work with this ID came to, whoever began it; nil when there is none.
func Outcome(ctx context.Context, s *store.Store, work string) (done *Change, err error) {
	err = s.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err = byToken(ctx, tx, work)
		return err
	})
	return done, err
}

func byToken(ctx context.Context, tx bun.Tx, token string) (*Change, error) {
	if token == "" || strings.Contains(token, "\x00") { // which no token has, and at which SQLite ends a statement
		return nil, nil
	}
	c := new(Change)
	err := whole(tx, c).Where("token = ?", token).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the form's earlier change: %w", err)
	}
	return c, mark(ctx, tx, []*Change{c})
}

// write records the plan's rows and applies them.
func write(ctx context.Context, tx bun.Tx, s *store.Store, plan *Plan, token string, work *store.Work) (*Change, error) {
	c := newChange(s, plan, token)
	c.Kind, c.Identity, c.Key = plan.Subject.Kind.Table, plan.Subject.Identity, plan.Subject.Key
	if err := enter(ctx, tx, s, c); err != nil {
		return nil, err
	}
	if plan.Back != nil {
		u := &undone{ChangeID: c.ID, Undoes: plan.Back.Of.ID, Rest: plan.Back.Rest}
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return nil, fmt.Errorf("record what was undone: %w", err)
		}
		c.Undoes = u.Undoes
	}
	work.Doing("What is there now is being written down first, so that it can be taken back.")
	for _, step := range plan.Steps {
		if err := stage(ctx, tx, c.ID, step); err != nil {
			return nil, err
		}
	}
	work.Doing("")
	if err := apply(ctx, tx, s.Graph, c.ID, plan.Steps, work); err != nil {
		return nil, err
	}
	if err := keepIndexes(ctx, tx, s.Graph, c.ID, plan.Steps, work); err != nil {
		return nil, err
	}
	work.Doing("All are written. It is being saved for good.")
	return c, keepCounts(ctx, tx, c.ID, plan.Steps)
}

// newChange is the change that a plan makes, but for the record that it is about.
func newChange(s *store.Store, plan *Plan, token string) *Change {
	return &Change{
		At:        s.Now().UTC().Format(timeLayout),
		Actor:     s.Actor,
		Operation: plan.Operation,
		Sentence:  plan.Sentence,
		RowCount:  plan.Total(),
		Token:     token,
	}
}
