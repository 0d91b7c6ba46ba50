package change

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// Long is how many rows a change can write while people wait for it.
const Long = 10_000

// Start is Commit for people who wait for a page. A change of more than Long rows is answered as
// soon as its plan was found to fit: then there is no change yet but work, which goes on whether or
// not its request does, until all of it is done or nothing is. The same form sent meanwhile gets the
// same work; afterwards, also after a restart, [Outcome] finds the change by the work's ID.
func Start(ctx context.Context, s *store.Store, op Operation, form Form) (*Change, *store.Work, error) {
	if form.Token == "" {
		form.Token = rand.Text()
	}
	form.Token = owned(s, form.Token)
	var done *Change
	work, err := s.Begin(ctx, form.Token, form.Sent, func(ctx context.Context, tx bun.Tx, w *store.Work) (err error) {
		done, err = carryOut(ctx, tx, s, op, form, w)
		return err
	})
	var unconfirmed *store.Unconfirmed
	if errors.As(err, &unconfirmed) {
		done, err = settle(ctx, s, form.Token, unconfirmed)
	}
	if work != nil || err != nil {
		return nil, work, err
	}
	return done, nil, nil
}

// goOn lets the work outlive its request if the plan is a long one.
func goOn(work *store.Work, actor string, plan *Plan) error {
	if work == nil || plan.Total() <= Long {
		return nil
	}
	return work.GoOn(actor, plan.Sentence, plan.Total())
}
