package account

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"maitred/models/store"
)

// Hashed is how many passwords were hashed or compared.
func (a *Accounts) Hashed() int64 { return a.hasher.count() }

// Crowd fills the queue of passwords until the function that it returns is called.
func (a *Accounts) Crowd() (leave func()) {
	n := cap(a.hasher.places)
	for range n {
		a.hasher.places <- struct{}{}
	}
	return func() {
		for range n {
			<-a.hasher.places
		}
	}
}

// The bounds that tests go to.
const (
	MaxTries  = maxTries
	TryWindow = tryWindow
	DraftFor  = draftFor
	Pending   = pendingFor
)

// Dearly makes hashes of all hashers made from now on cost what they cost people.
func Dearly() { cost.Store(&owasp) }

// Written is how many rows were written so far: of people, and of sessions, tries and the trail.
func (a *Accounts) Written(ctx context.Context) (records, side int64, err error) {
	count := func(s *store.Store, n *int64) error {
		return s.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
			return tx.NewRaw("SELECT total_changes()").Scan(ctx, n)
		})
	}
	err = errors.Join(count(a.records, &records), count(a.side, &side))
	return records, side, err
}
