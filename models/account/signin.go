package account

import (
	"context"
	"encoding/json"
	"time"

	"maitred/models/problem"
)

// Try is what someone types to come in.
type Try struct {
	Name, Password string
	Device         string // the cookie that a browser got when someone signed in there
	By             By     // without a name
}

// Entered is what the right password, and the right code where there is a second step, leads to.
type Entered struct {
	User *User

	// Pending goes with the form that asks for the code of the second step; "" when none is needed.
	// Until then nobody is signed in, and the words below are empty.
	Pending string

	Word   string // for the cookie of the session
	Device string // for the cookie of the browser
}

// wrong is the one answer to a name that does not exist, to a password that is not right, and to
// someone who is switched off or has no password yet.
func wrong() error {
	return problem.At("password", "The name or the password is not right. Capital letters count in the password.")
}

// SignIn lets someone in who knows the password, or asks for the second step. Errors: Invalid, the
// same and after the same work whether there is someone of that name or not; *TooMany.
func (a *Accounts) SignIn(ctx context.Context, t Try) (*Entered, error) {
	attempt, err := a.limit(ctx, t.Name, t.Device, t.By)
	if err != nil {
		return nil, err
	}
	u, err := a.Named(ctx, t.Name)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	hash := ""
	if u != nil {
		hash = u.password
	}
	right, err := a.hasher.matches(ctx, t.Password, hash)
	if err != nil {
		a.takeBack(ctx, attempt)
		return nil, busy(err)
	}
	by := t.By
	switch {
	case u == nil:
		a.note(ctx, by, 0, "tried to sign in with a name that does not exist")
		return nil, wrong()
	case !right || u.Disabled:
		a.note(ctx, by, u.ID, "tried in vain to sign in as %s", u.Name)
		return nil, wrong()
	case u.SecondStep:
		return &Entered{User: u, Pending: a.pend(u)}, nil // the try stays until the code was right too
	}
	return a.enter(ctx, u, attempt, by, "")
}

// enter begins the session.
func (a *Accounts) enter(ctx context.Context, u *User, attempt *try, by By, how string) (*Entered, error) {
	word, err := a.begin(ctx, u, by)
	if err != nil {
		return nil, err
	}
	if attempt != nil {
		if err := a.forgive(ctx, attempt); err != nil {
			return nil, err
		}
	}
	by.ID, by.Name = u.ID, u.Name
	a.note(ctx, by, u.ID, "signed in%s", how)
	return &Entered{User: u, Word: word, Device: a.newDevice(u.Name)}, nil
}

// Enter signs in someone again whose sessions were just ended, this very one among them, by a change
// for which they proved who they are. See also EnterByLink.
func (a *Accounts) Enter(ctx context.Context, id int64, by By) (*Entered, error) {
	u, err := a.User(ctx, id)
	if err != nil {
		return nil, err
	}
	if u.Disabled || u.Invited {
		return nil, wrong()
	}
	return a.enter(ctx, u, nil, by, "")
}

// EnterByLink signs in someone who has just chosen a password with a one-time link. It stands in for the
// password alone: who has a second step is asked for it.
func (a *Accounts) EnterByLink(ctx context.Context, id int64, by By) (*Entered, error) {
	u, err := a.User(ctx, id)
	if err != nil {
		return nil, err
	}
	if u.SecondStep && !u.Disabled {
		return &Entered{User: u, Pending: a.pend(u)}, nil
	}
	return a.Enter(ctx, id, by)
}

// The proof that a password was right, good for one code and a few minutes.
const (
	pendingPurpose = "second step"
	pendingFor     = 5 * time.Minute
)

type pending struct{ User, Epoch int64 }

func (a *Accounts) pend(u *User) string {
	proof, _ := json.Marshal(pending{u.ID, u.epoch}) // two numbers
	return a.sealer.seal(pendingPurpose, proof, a.Now().Add(pendingFor))
}

// Confirm lets someone in who was asked for the second step. The code is that of the app, or a
// recovery code, which is used up. Errors: Invalid at "code" for a wrong one; SignedOut when the
// password was typed too long ago; *TooMany.
func (a *Accounts) Confirm(ctx context.Context, proof, code, device string, by By) (*Entered, error) {
	late := problem.New(problem.SignedOut, "This took too long, so you are not signed in. Please type your name and your password again.")
	var p pending
	value, ok := a.sealer.open(pendingPurpose, proof, a.Now())
	if !ok || json.Unmarshal(value, &p) != nil {
		return nil, late
	}
	u, err := a.User(ctx, p.User)
	if err != nil {
		return nil, err
	}
	if u.Disabled || u.epoch != p.Epoch || !u.SecondStep {
		return nil, late
	}
	attempt, err := a.limit(ctx, u.Name, device, by)
	if err != nil {
		return nil, err
	}
	how, err := a.checkCode(ctx, u, code)
	if err != nil {
		return nil, err
	}
	if how == "" {
		a.note(ctx, by, u.ID, "typed a wrong code to sign in as %s", u.Name)
		return nil, problem.At("code", "This code is not right. The app shows a new one every half minute, and each works once.")
	}
	return a.enter(ctx, u, attempt, by, " with "+how)
}
