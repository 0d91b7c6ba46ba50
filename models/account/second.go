package account

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/problem"
)

// stepSetting stands in the settings when everyone needs a second step.
const stepSetting = "second step required"

// stepPurpose is under what the secret of a second step is sealed.
const stepPurpose = "secret of the second step"

// StepRequired says whether everyone needs a second step.
func (a *Accounts) StepRequired(ctx context.Context) (yes bool, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		yes, err = stepRequired(ctx, tx)
		return err
	})
	return yes, wrap("a setting", err)
}

func stepRequired(ctx context.Context, tx bun.Tx) (yes bool, err error) {
	err = tx.NewRaw("SELECT EXISTS (SELECT 1 FROM account_settings WHERE name = ?)", stepSetting).Scan(ctx, &yes)
	return yes, err
}

// RequireStep says whether everyone needs a second step. Who has none yet can do nothing but add one.
func (a *Accounts) RequireStep(ctx context.Context, by By, yes bool) error {
	err := a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM account_settings WHERE name = ?", stepSetting).Exec(ctx); err != nil || !yes {
			return err
		}
		_, err := tx.NewRaw("INSERT INTO account_settings (name, value) VALUES (?, 'yes')", stepSetting).Exec(ctx)
		return err
	})
	if err != nil {
		return wrap("change a setting", err)
	}
	if yes {
		a.note(ctx, by, 0, "asked everyone for a second step when they sign in")
	} else {
		a.note(ctx, by, 0, "left it to everyone whether they have a second step")
	}
	return nil
}

// draftFor is how long a secret that is shown may wait for its first code.
const draftFor = time.Hour

// NewStep makes a secret for the app of a person. It counts once it comes back with a code of that app:
// draft goes with the form.
func (a *Accounts) NewStep(u *User) (secret []byte, draft string, err error) {
	if secret, err = newKey(u.Name); err != nil {
		return nil, "", wrap("make a secret", err)
	}
	return secret, a.draft(u, secret), nil
}

func (a *Accounts) draft(u *User, secret []byte) string {
	return a.sealer.seal("draft for "+u.Name, secret, a.Now().Add(draftFor))
}

// Drafted is the secret of a draft, to be shown again. Errors: Invalid.
func (a *Accounts) Drafted(u *User, draft string) ([]byte, error) {
	secret, ok := a.sealer.open("draft for "+u.Name, draft, a.Now())
	if !ok {
		return nil, problem.New(problem.Invalid, "This took too long, so nothing was changed. Please begin again.")
	}
	return secret, nil
}

// fits returns the secret of a draft and the time step of the code, if that is what the app of a person
// shows now that read the secret. Errors: Invalid.
func (a *Accounts) fits(u *User, draft, code string) (secret []byte, n int64, err error) {
	if secret, err = a.Drafted(u, draft); err != nil {
		return nil, 0, err
	}
	n, ok := step(secret, code, a.Now())
	if !ok {
		return nil, 0, problem.At("code", "This code is not right. Type the six digits that the app shows now; the clock of the phone must be right.")
	}
	return secret, n, nil
}

// AddStep makes the second step of a person the one of a draft, if the code is that of their app now,
// ends their sessions, and returns recovery codes, which are shown once. Errors: Invalid; *TooMany;
// Conflict when the person changed since they proved who they are.
func (a *Accounts) AddStep(ctx context.Context, by By, id int64, p Proof, draft, code string) (codes []string, err error) {
	u, err := a.User(ctx, id)
	if err != nil {
		return nil, err
	}
	secret, n, err := a.fits(u, draft, code)
	if err != nil {
		return nil, err
	}
	was, err := a.prove(ctx, by, id, p)
	if err != nil {
		return nil, err
	}
	// It lets nobody in from now on. That it may be used already, by the code of the step they had, is no
	// harm: each half minute counts once.
	if _, err := a.useStep(ctx, id, n); err != nil {
		return nil, err
	}
	codes = newRecoveryCodes()
	sealed := []byte(a.sealer.seal(stepPurpose, secret, time.Time{}))
	if _, err := a.change(ctx, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		if err := was.still(u); err != nil {
			return err
		}
		if err := set(ctx, tx, id, "secret = ?", sealed); err != nil {
			return err
		}
		return giveCodes(ctx, tx, id, codes)
	}); err != nil {
		return nil, err
	}
	a.note(ctx, by, id, "added a second step for %s", u.Name)
	return codes, nil
}

// NewCodes gives a person other recovery codes, which are shown once; the old ones no longer work.
// Errors: NotFound; Invalid, also for someone without a second step; *TooMany; Conflict when the person
// changed since they proved who they are.
func (a *Accounts) NewCodes(ctx context.Context, by By, id int64, p Proof) (codes []string, err error) {
	was, err := a.prove(ctx, by, id, p)
	if err != nil {
		return nil, err
	}
	codes = newRecoveryCodes()
	var u *User
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if u, err = oneUser(ctx, tx, "id = ?", id); err != nil {
			return err
		}
		if err := was.still(u); err != nil {
			return err
		}
		if !u.SecondStep {
			return problem.New(problem.Invalid, "There is no second step that codes could stand in for.")
		}
		return giveCodes(ctx, tx, id, codes)
	})
	if err != nil {
		return nil, wrap("make recovery codes", err)
	}
	a.note(ctx, by, id, "made new recovery codes for %s", u.Name)
	return codes, nil
}

func giveCodes(ctx context.Context, tx bun.Tx, id int64, codes []string) error {
	if _, err := tx.NewRaw("DELETE FROM recovery_codes WHERE user_id = ?", id).Exec(ctx); err != nil {
		return err
	}
	for _, c := range codes {
		if _, err := tx.NewRaw("INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)", id, recoveryHash(c)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// CodesLeft is how many recovery codes a person has not used.
func (a *Accounts) CodesLeft(ctx context.Context, id int64) (n int64, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT count(*) FROM recovery_codes WHERE user_id = ?", id).Scan(ctx, &n)
	})
	return n, wrap("count recovery codes", err)
}

// GiveUpStep takes the second step of a person away at their own wish, and ends their sessions. Errors:
// NotFound; Invalid, also where everyone needs one; *TooMany; Conflict when the person changed since they
// proved who they are.
func (a *Accounts) GiveUpStep(ctx context.Context, by By, id int64, p Proof) error {
	if err := a.records.View(ctx, mayGiveUp); err != nil {
		return wrap("a setting", err)
	}
	was, err := a.prove(ctx, by, id, p)
	if err != nil {
		return err
	}
	return a.removeStep(ctx, by, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		return errors.Join(mayGiveUp(ctx, tx), was.still(u))
	})
}

// mayGiveUp refuses where everyone needs a second step.
func mayGiveUp(ctx context.Context, tx bun.Tx) error {
	required, err := stepRequired(ctx, tx)
	if err == nil && required {
		return problem.New(problem.Invalid, "Everyone needs a second step here, so yours was not removed. If you have another phone, move it there instead.")
	}
	return err
}

// RemoveStep takes the second step of a person away and ends their sessions. Errors: NotFound.
func (a *Accounts) RemoveStep(ctx context.Context, by By, id int64) error {
	return a.removeStep(ctx, by, id, func(context.Context, bun.Tx, *User) error { return nil })
}

func (a *Accounts) removeStep(ctx context.Context, by By, id int64, may func(context.Context, bun.Tx, *User) error) error {
	u, err := a.change(ctx, id, func(ctx context.Context, tx bun.Tx, u *User) error {
		if err := may(ctx, tx, u); err != nil {
			return err
		}
		if !u.SecondStep {
			return errUnchanged
		}
		if err := giveCodes(ctx, tx, id, nil); err != nil {
			return err
		}
		return set(ctx, tx, id, "secret = NULL")
	})
	if err != nil || u == nil {
		return err
	}
	a.note(ctx, by, id, "took the second step of %s away", u.Name)
	return nil
}

// checkCode says what a code is, "" for a wrong one, and uses it up.
func (a *Accounts) checkCode(ctx context.Context, u *User, code string) (how string, err error) {
	secret, ok := a.sealer.open(stepPurpose, string(u.secret), a.Now())
	if !ok { // sealed with another secret than that of this site
		return "", problem.New(problem.Invalid, "The second step cannot be checked, because the site's secret is another one than when it was added. A manager can take the second step away, or whoever runs the site.")
	}
	if n, ok := step(secret, code, a.Now()); ok {
		fresh, err := a.useStep(ctx, u.ID, n)
		if err != nil || !fresh {
			return "", err
		}
		return "a code", nil
	}
	hash := recoveryHash(code)
	if known, err := a.isRecovery(ctx, u.ID, hash); err != nil || !known {
		return "", err
	}
	err = a.records.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		done, err := tx.NewRaw("DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?", u.ID, hash).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		how = "a recovery code"
		return nil
	})
	return how, wrap("use a recovery code", err)
}

// isRecovery says whether a person has a recovery code. A wrong one must not wait for the records'
// only writer.
func (a *Accounts) isRecovery(ctx context.Context, user int64, hash string) (yes bool, err error) {
	err = a.records.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT EXISTS (SELECT 1 FROM recovery_codes WHERE user_id = ? AND hash = ?)", user, hash).Scan(ctx, &yes)
	})
	return yes, wrap("look for a recovery code", err)
}

// useStep notes that the code of a time step was used. It returns false when it was before.
func (a *Accounts) useStep(ctx context.Context, user, n int64) (fresh bool, err error) {
	err = a.side.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM used_steps WHERE step < ?", n-100).Exec(ctx); err != nil {
			return err
		}
		done, err := tx.NewRaw("INSERT INTO used_steps (user_id, step) VALUES (?, ?) ON CONFLICT DO NOTHING", user, n).Exec(ctx)
		if err != nil {
			return err
		}
		added, err := done.RowsAffected()
		fresh = added == 1
		return err
	})
	return fresh, wrap("note a code", err)
}
