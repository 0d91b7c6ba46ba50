package account

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"maitred/models/problem"
)

// End ends one session of a person, seen from another one. Errors: NotFound for one that is not theirs.
func (a *Accounts) End(ctx context.Context, by By, user, session int64) error {
	if err := a.end(ctx, user, session); err != nil {
		return err
	}
	a.note(ctx, by, user, "signed out in another browser")
	return nil
}

// EndOthers ends all sessions of a person but this one.
func (a *Accounts) EndOthers(ctx context.Context, by By, user, but int64) error {
	err := a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE sessions SET ended_at = ? WHERE user_id = ? AND id <> ? AND ended_at IS NULL", a.Now().UnixMilli(), user, but).Exec(ctx)
		return err
	})
	if err != nil {
		return wrap("end sessions", err)
	}
	a.note(ctx, by, user, "signed out in all other browsers")
	return nil
}

// endBefore ends the sessions of a person that began before they changed. They are over without it, see
// meet; but a copy of the database from before must not bring them back.
func (a *Accounts) endBefore(ctx context.Context, user int64) {
	u, err := a.User(ctx, user)
	if err == nil {
		err = a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw("UPDATE sessions SET ended_at = ? WHERE user_id = ? AND epoch <> ? AND ended_at IS NULL", a.Now().UnixMilli(), user, u.epoch).Exec(ctx)
			return err
		})
	}
	if err != nil {
		a.Log.Warn("that sessions are over was not written", "error", err)
	}
}

func (a *Accounts) end(ctx context.Context, user, session int64) error {
	err := a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err := tx.NewRaw("UPDATE sessions SET ended_at = ? WHERE id = ? AND user_id = ? AND ended_at IS NULL", a.Now().UnixMilli(), session, user).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, problem.New(problem.NotFound, "You are signed out there already."))
		}
		return nil
	})
	return wrap("end a session", err)
}

// SignOut ends the session of a cookie, if there is one.
func (a *Accounts) SignOut(ctx context.Context, by By, word string) error {
	s, user, err := a.find(ctx, word)
	if err != nil || s == nil {
		return err
	}
	if err := a.end(ctx, user, s.ID); err != nil {
		if problem.Is(err, problem.NotFound) { // at the same moment from elsewhere
			return nil
		}
		return err
	}
	a.note(ctx, by, user, "signed out")
	return nil
}
