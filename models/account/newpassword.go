package account

import (
	"context"

	"github.com/uptrace/bun"
)

// SetPassword gives a person who knows the old one another password and ends their sessions. See also
// Redeem. Who has a second step types its code too: else changing the password would forgive the wrong
// codes before it. Errors: Invalid at "password", "current" or "present"; *TooMany; Conflict when the
// person changed since they proved who they are.
func (a *Accounts) SetPassword(ctx context.Context, by By, id int64, p Proof, password string) error {
	if err := a.checkNew(ctx, id, password); err != nil {
		return err
	}
	was, err := a.prove(ctx, by, id, p)
	if err != nil {
		return err
	}
	return a.setPassword(ctx, by, id, password, was.still)
}

// GivePassword gives a person a password without asking for the old one, and ends their sessions.
// Errors: NotFound; Invalid at "password".
func (a *Accounts) GivePassword(ctx context.Context, by By, id int64, password string) error {
	if err := a.checkNew(ctx, id, password); err != nil {
		return err
	}
	return a.setPassword(ctx, by, id, password, func(*User) error { return nil })
}

func (a *Accounts) checkNew(ctx context.Context, id int64, password string) error {
	u, err := a.User(ctx, id)
	if err != nil {
		return err
	}
	return CheckPassword(u.Name, password)
}

func (a *Accounts) setPassword(ctx context.Context, by By, id int64, password string, may func(*User) error) error {
	hash, err := a.hasher.hash(ctx, password)
	if err != nil {
		return busy(err)
	}
	u, err := a.change(ctx, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		if err := may(u); err != nil {
			return err
		}
		if err := set(ctx, tx, id, "password = ?", hash); err != nil {
			return err
		}
		_, err := tx.NewRaw("DELETE FROM links WHERE user_id = ?", id).Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	a.note(ctx, by, id, "set a new password for %s", u.Name)
	return nil
}
