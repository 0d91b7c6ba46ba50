package account

import (
	"context"

	"maitred/models/problem"
)

// Proof is what people type before something is changed that lets them in.
type Proof struct {
	Password string
	Code     string // of the second step, of who has one, or a recovery code
	Device   string // the cookie of the browser
}

// proved is as whom a person proved themselves. It is good for what they were then: who adds a second
// step must not be got past by what was asked for a moment before.
type proved struct{ epoch int64 }

// prove makes sure that it is the person who asks. A right code is used up, so whatever else can be wrong
// is looked at first. Errors: Invalid at "current" or "present"; *TooMany.
func (a *Accounts) prove(ctx context.Context, by By, id int64, p Proof) (proved, error) {
	u, err := a.User(ctx, id)
	if err != nil {
		return proved{}, err
	}
	attempt, err := a.limit(ctx, u.Name, p.Device, by)
	if err != nil {
		return proved{}, err
	}
	right, err := a.hasher.matches(ctx, p.Password, u.password)
	if err != nil {
		a.takeBack(ctx, attempt)
		return proved{}, busy(err)
	}
	if !right {
		a.note(ctx, by, id, "typed a wrong password as %s", u.Name)
		return proved{}, problem.At("current", "This is not your password, so nothing was changed.")
	}
	if u.SecondStep {
		how, err := a.checkCode(ctx, u, p.Code)
		if err != nil {
			return proved{}, err
		}
		if how == "" {
			a.note(ctx, by, id, "typed a wrong code as %s", u.Name)
			return proved{}, problem.At("present", "This code is not right, so nothing was changed. The app shows a new one every half minute, and each works once.")
		}
	}
	return proved{u.epoch}, a.forgive(ctx, attempt)
}

// Prove makes sure that it is the person who asks, before they are given what is worth as much as an account.
// Errors: Invalid at "current" or "present"; *TooMany.
func (a *Accounts) Prove(ctx context.Context, by By, id int64, p Proof) error {
	_, err := a.prove(ctx, by, id, p)
	return err
}

// still refuses what was proved as someone whom another change made different since. Errors: Conflict.
func (was proved) still(u *User) error {
	if u.epoch != was.epoch {
		return problem.New(problem.Conflict, "Your account was changed in the meantime, so nothing was done. Look at it once more, then try again.")
	}
	return nil
}
