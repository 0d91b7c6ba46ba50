package account_test

import (
	"strings"
	"sync"
	"testing"

	"maitred/models/account"
	"maitred/models/problem"
)

func TestOfTwoManagersWhoTakeEachOtherAwayOneStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	away := []func(who, whom *account.User) error{
		func(who, whom *account.User) error { return w.SetRole(ctx, by(who), whom.ID, account.Editor) },
		func(who, whom *account.User) error { return w.SetDisabled(ctx, by(who), whom.ID, true) },
	}
	for round := range 20 {
		for _, u := range []*account.User{w.anna, w.ben} {
			w.must(w.SetDisabled(ctx, account.Shell, u.ID, false))
			w.must(w.SetRole(ctx, account.Shell, u.ID, account.Manager))
		}
		var all sync.WaitGroup
		errs := make([]error, 2)
		all.Go(func() { errs[0] = away[round%2](w.anna, w.ben) })
		all.Go(func() { errs[1] = away[round/2%2](w.ben, w.anna) })
		all.Wait()
		left := 0
		for i, u := range []*account.User{w.ben, w.anna} {
			if now := w.now(u); now.Role == account.Manager && !now.Disabled {
				left++
				w.refused(errs[i], problem.Invalid, "only manager who can sign in")
			}
		}
		if left != 1 {
			t.Fatalf("round %d: %d managers are left: %v", round, left, errs)
		}
	}
}

func TestWhoCannotSignInIsNoManagerToRelyOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, err := w.Invite(ctx, by(w.anna), "Dora", account.Manager) // has no password yet
	w.must(err)
	w.must(w.SetRole(ctx, by(w.anna), w.ben.ID, account.Manager))
	w.must(w.SetDisabled(ctx, by(w.anna), w.ben.ID, true))
	w.refused(w.SetRole(ctx, by(w.anna), w.anna.ID, account.Viewer), problem.Invalid, "Anna is the only manager")
	w.refused(w.SetDisabled(ctx, by(w.anna), w.anna.ID, true), problem.Invalid, "Anna is the only manager")
}

func TestTwoNamesThatReadAlikeAreOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"anna", "ÁNNA", " Anna ", "Ａｎｎａ"} {
		_, err := w.Add(ctx, account.Shell, name, password, account.Viewer)
		w.refused(err, problem.Invalid, "a person of this name already")
		e, err := w.SignIn(ctx, account.Try{Name: name, Password: password, By: office})
		w.must(err)
		if e.User.ID != w.anna.ID {
			t.Errorf("%q is %s", name, e.User.Name)
		}
	}
	for _, name := range []string{"someone", "The Command  Line"} {
		_, _, err := w.Invite(ctx, by(w.anna), name, account.Viewer)
		w.refused(err, problem.Invalid, "means someone else")
	}
}

func TestWhatIsWrongWithAPersonIsSaidAllAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Add(ctx, account.Shell, " ", "short", "owner")
	for _, words := range []string{"name is missing", "viewer, editor or manager", "too short"} {
		w.refused(err, problem.Invalid, words)
	}
	_, err = w.Add(ctx, account.Shell, strings.Repeat("x", 51), password, account.Viewer)
	w.refused(err, problem.Invalid, "51 characters")
	if people, err := w.Users(ctx); err != nil || len(people) != 3 {
		t.Errorf("there are %d people, %v", len(people), err)
	}
}
