package account_test

import (
	"sync"
	"testing"
	"time"

	"maitred/models/account"
	"maitred/models/problem"
)

const dead = "This link does not work, or no longer"

func TestALinkWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dora, word, err := w.Invite(ctx, by(w.anna), "Dora", account.Editor)
	w.must(err)
	_, err = w.SignIn(ctx, account.Try{Name: "Dora", Password: "", By: office})
	w.wrong(err)
	if u, err := w.Linked(ctx, word); err != nil || u.ID != dora.ID {
		t.Fatalf("the link is for %v, %v", u, err)
	}
	_, err = w.Redeem(ctx, word, "", "short", office)
	w.refused(err, problem.Invalid, "too short") // and the link still works
	u, err := w.Redeem(ctx, word, "Mallory", another, office)
	w.must(err)
	if u.Name != "Dora" || u.Role != account.Editor || u.Invited {
		t.Errorf("the link made %+v", u)
	}
	_, err = w.Redeem(ctx, word, "", password, office)
	w.refused(err, problem.NotFound, dead)
	if _, err := w.SignIn(ctx, account.Try{Name: "Dora", Password: another, By: office}); err != nil {
		t.Error(err)
	}
}

func TestALinkUsedTwiceAtOnceWorksOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, word, err := w.NewLink(ctx, by(w.anna), w.ben.ID)
	w.must(err)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { _, errs[i] = w.Redeem(ctx, word, "", another, office) })
	}
	all.Wait()
	worked := 0
	for _, err := range errs {
		if err == nil {
			worked++
		} else {
			w.refused(err, problem.NotFound, dead)
		}
	}
	if worked != 1 {
		t.Errorf("it worked %d times", worked)
	}
}

func TestALinkNoLongerWorks(t *testing.T) {
	t.Parallel()
	for event, do := range map[string]func(w *world){
		"after three days":                  func(w *world) { w.at = w.at.Add(3 * 24 * time.Hour) },
		"after another one was made":        func(w *world) { _, _, err := w.NewLink(ctx, by(w.anna), w.ben.ID); w.must(err) },
		"after its person was switched off": func(w *world) { w.must(w.SetDisabled(ctx, by(w.anna), w.ben.ID, true)) },
		"after a password was chosen anyway": func(w *world) {
			w.must(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, another))
		},
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, word, err := w.NewLink(ctx, by(w.anna), w.ben.ID)
			w.must(err)
			w.at = w.at.Add(3*24*time.Hour - time.Second)
			if _, err := w.Linked(ctx, word); err != nil {
				t.Fatal(err)
			}
			w.at = w.at.Add(-3*24*time.Hour + time.Second)
			do(w)
			_, err = w.Linked(ctx, word)
			w.refused(err, problem.NotFound, dead)
			_, err = w.Redeem(ctx, word, "", "eight maids a-milking", office)
			w.refused(err, problem.NotFound, dead)
		})
	}
}

func TestALinkIsNoWayAroundTheSecondStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	codes := w.addStep(w.ben)
	_, word, err := w.NewLink(ctx, by(w.anna), w.ben.ID)
	w.must(err)
	u, err := w.Redeem(ctx, word, "", another, office)
	w.must(err)
	e, err := w.EnterByLink(ctx, u.ID, office)
	w.must(err)
	if e.Pending == "" || e.Word != "" {
		t.Fatal("Ben is in without the second step")
	}
	_, err = w.Confirm(ctx, e.Pending, codes[0], "", office)
	w.must(err)
	plain, err := w.EnterByLink(ctx, w.cleo.ID, office)
	w.must(err)
	if w.session(plain) == nil {
		t.Error("who has none is not in")
	}
}

func TestTheFirstLinkMakesAManagerWhileThereIsNone(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	old, err := w.FirstLink(ctx)
	w.must(err)
	word, err := w.FirstLink(ctx) // the program started again
	w.must(err)
	_, err = w.Linked(ctx, old)
	w.refused(err, problem.NotFound, dead)
	if u, err := w.Linked(ctx, word); u != nil || err != nil {
		t.Errorf("it is for %v, %v", u, err)
	}
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i, name := range []string{"Anna", "Ben", "Cleo", "Dora"} {
		all.Go(func() { _, errs[i] = w.Redeem(ctx, word, name, password, office) })
	}
	all.Wait()
	worked := 0
	for _, err := range errs {
		if err == nil {
			worked++
		}
	}
	people, err := w.Users(ctx)
	if err != nil || worked != 1 || len(people) != 1 || people[0].Role != account.Manager {
		t.Fatalf("it worked %d times and there are %d people: %v", worked, len(people), errs)
	}
	if again, err := w.FirstLink(ctx); again != "" || err != nil {
		t.Errorf("there is a manager, and a first link %q, %v", again, err)
	}
}

func TestTheFirstLinkIsDeadOnceTheShellMadeAManager(t *testing.T) {
	t.Parallel()
	w := emptyWorld(t)
	word, err := w.FirstLink(ctx)
	w.must(err)
	_, err = w.Add(ctx, account.Shell, "Ben", password, account.Editor)
	w.must(err)
	if _, err := w.Linked(ctx, word); err != nil {
		t.Fatal(err) // an editor is no manager
	}
	_, err = w.Add(ctx, account.Shell, "Anna", password, account.Manager)
	w.must(err)
	_, err = w.Linked(ctx, word)
	w.refused(err, problem.NotFound, dead)
	_, err = w.Redeem(ctx, word, "Mallory", password, office)
	w.refused(err, problem.NotFound, dead)
}
