package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/account"
	"maitred/models/problem"
)

func TestACodeWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret, draft, err := w.NewStep(w.ben)
	w.must(err)
	_, err = w.AddStep(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, draft, codeOf(secret, w.at))
	w.must(err)
	pending := w.signIn(w.ben).Pending
	if pending == "" {
		t.Fatal("Ben is in with the password alone")
	}
	_, err = w.Confirm(ctx, pending, codeOf(secret, w.at), "", office)
	w.refused(err, problem.Invalid, "not right") // it added the step
	w.at = w.at.Add(30 * time.Second)
	code := codeOf(secret, w.at)
	e, err := w.Confirm(ctx, pending, " "+code[:3]+" "+code[3:], "", office)
	w.must(err)
	if w.session(e) == nil {
		t.Error("Ben is not in")
	}
	_, err = w.Confirm(ctx, pending, code, "", office)
	w.refused(err, problem.Invalid, "not right")
}

func TestARecoveryCodeWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	codes := w.addStep(w.ben)
	if len(codes) != 10 {
		t.Fatalf("there are %d codes", len(codes))
	}
	_, err := w.Confirm(ctx, w.signIn(w.ben).Pending, codes[3], "", office)
	w.must(err)
	_, err = w.Confirm(ctx, w.signIn(w.ben).Pending, codes[3], "", office)
	w.refused(err, problem.Invalid, "not right")
	if n, err := w.CodesLeft(ctx, w.ben.ID); err != nil || n != 9 {
		t.Errorf("%d codes are left, %v", n, err)
	}
	fresh, err := w.NewCodes(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password, Code: codes[5]})
	w.must(err)
	_, err = w.Confirm(ctx, w.signIn(w.ben).Pending, codes[4], "", office)
	w.refused(err, problem.Invalid, "not right")
	_, err = w.Confirm(ctx, w.signIn(w.ben).Pending, fresh[4], "", office)
	w.must(err)
	_, err = w.NewCodes(ctx, by(w.cleo), w.cleo.ID, account.Proof{Password: password})
	w.refused(err, problem.Invalid, "no second step")
}

func TestTheProofOfAPasswordIsGoodForAFewMinutesAndThisPerson(t *testing.T) {
	t.Parallel()
	for event, do := range map[string]func(w *world){
		"time":             func(w *world) { w.at = w.at.Add(account.Pending) },
		"another password": func(w *world) { w.must(w.GivePassword(ctx, account.Shell, w.ben.ID, another)) },
		"switching off":    func(w *world) { w.must(w.SetDisabled(ctx, account.Shell, w.ben.ID, true)) },
		"no second step":   func(w *world) { w.must(w.RemoveStep(ctx, account.Shell, w.ben.ID)) },
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			codes := w.addStep(w.ben)
			pending := w.signIn(w.ben).Pending
			do(w)
			_, err := w.Confirm(ctx, pending, codes[0], "", office)
			w.refused(err, problem.SignedOut, "took too long")
		})
	}
	w := newWorld(t)
	codes := w.addStep(w.ben)
	for _, proof := range []string{"", "x", w.Carry(w.ben.ID, []byte(`{"User":2}`))} {
		_, err := w.Confirm(ctx, proof, codes[0], "", office)
		w.refused(err, problem.SignedOut, "took too long")
	}
}

func TestADraftIsForOnePersonAndAnHour(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret, draft, err := w.NewStep(w.ben)
	w.must(err)
	_, err = w.AddStep(ctx, by(w.cleo), w.cleo.ID, account.Proof{Password: password}, draft, codeOf(secret, w.at))
	w.refused(err, problem.Invalid, "begin again")
	w.at = w.at.Add(account.DraftFor)
	_, err = w.AddStep(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, draft, codeOf(secret, w.at))
	w.refused(err, problem.Invalid, "begin again")
	if w.now(w.ben).SecondStep || w.now(w.cleo).SecondStep {
		t.Error("there is a second step")
	}
}

func TestASecondStepThatAnotherSiteSealedIsNoWayInAndNoWayAround(t *testing.T) {
	t.Parallel()
	w, other := newWorld(t), newWorld(t)
	codes := w.addStep(w.ben)
	other.addStep(other.ben)
	var sealed []byte
	w.must(other.store.View(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("SELECT secret FROM users WHERE id = ?", other.ben.ID).Scan(ctx, &sealed)
	}))
	w.must(w.store.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET secret = ? WHERE id = ?", sealed, w.ben.ID).Exec(ctx)
		return err
	}))
	_, err := w.Confirm(ctx, w.signIn(w.ben).Pending, codes[0], "", office)
	w.refused(err, problem.Invalid, "the site's secret is another one")
	w.must(w.RemoveStep(ctx, account.Shell, w.ben.ID))
	if w.signIn(w.ben).Word == "" {
		t.Error("Ben is not in")
	}
}

func TestWhoeverNeedsASecondStepMustAddOneAndKeepsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.signIn(w.ben)
	if w.session(e).MustAddStep {
		t.Fatal("nobody asked for it")
	}
	w.must(w.RequireStep(ctx, by(w.anna), true))
	if !w.session(e).MustAddStep {
		t.Error("Ben goes on without one")
	}
	codes := w.addStep(w.ben)
	w.refused(w.GiveUpStep(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password, Code: codes[1]}), problem.Invalid, "was not removed")
	in, err := w.Confirm(ctx, w.signIn(w.ben).Pending, codes[0], "", office)
	w.must(err)
	if w.session(in).MustAddStep {
		t.Error("he has one")
	}
	w.must(w.RequireStep(ctx, by(w.anna), false))
	w.must(w.GiveUpStep(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password, Code: codes[1]}))
	if w.now(w.ben).SecondStep {
		t.Error("it is still there")
	}
}

func TestAWrongCodeIsRefusedWhileALongChangeRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret, draft, err := w.NewStep(w.ben)
	w.must(err)
	_, err = w.AddStep(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, draft, codeOf(secret, w.at))
	w.must(err)
	running, done, ended := make(chan bool), make(chan bool), make(chan error)
	go func() {
		ended <- w.store.Change(ctx, func(context.Context, bun.Tx) error {
			close(running)
			<-done
			return nil
		})
	}()
	<-running
	defer func() {
		close(done)
		w.must(<-ended)
	}()
	w.at = w.at.Add(time.Minute)
	pending := w.signIn(w.ben).Pending
	_, err = w.Confirm(ctx, pending, "AAAA-AAAA-AAAA-AAAA", "", office)
	w.refused(err, problem.Invalid, "not right")
	e, err := w.Confirm(ctx, pending, codeOf(secret, w.at), "", office)
	w.must(err)
	if w.session(e) == nil {
		t.Error("Ben is not in")
	}
}
