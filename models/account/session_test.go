package account_test

import (
	"testing"
	"time"

	"maitred/models/account"
	"maitred/models/problem"
)

func TestASessionEndsAtTheNextRequestAfter(t *testing.T) {
	t.Parallel()
	// what ends Ben's first session; it says whether the second one ends too
	for event, do := range map[string]func(w *world, first, second *account.Entered) (both bool){
		"half an hour without a request": func(w *world, _, _ *account.Entered) bool {
			w.at = w.at.Add(30 * time.Minute)
			return true
		},
		"twelve hours, however busy": func(w *world, first, second *account.Entered) bool {
			for range 12*4 - 1 {
				w.at = w.at.Add(15 * time.Minute)
				if w.session(first) == nil || w.session(second) == nil {
					w.t.Fatalf("it ended at %v", w.at)
				}
			}
			w.at = w.at.Add(15 * time.Minute)
			return true
		},
		"signing out": func(w *world, first, _ *account.Entered) bool {
			w.must(w.SignOut(ctx, by(w.ben), first.Word))
			w.must(w.SignOut(ctx, by(w.ben), first.Word)) // pressed twice
			return false
		},
		"another password": func(w *world, _, _ *account.Entered) bool {
			w.must(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, another))
			return true
		},
		"a password by a link": func(w *world, _, _ *account.Entered) bool {
			_, word, err := w.NewLink(ctx, by(w.anna), w.ben.ID)
			w.must(err)
			_, err = w.Redeem(ctx, word, "", another, office)
			w.must(err)
			return true
		},
		"another role": func(w *world, _, _ *account.Entered) bool {
			w.must(w.SetRole(ctx, by(w.anna), w.ben.ID, account.Manager))
			return true
		},
		"being switched off": func(w *world, _, _ *account.Entered) bool {
			w.must(w.SetDisabled(ctx, by(w.anna), w.ben.ID, true))
			return true
		},
		"being switched off and on again": func(w *world, _, _ *account.Entered) bool {
			w.must(w.SetDisabled(ctx, by(w.anna), w.ben.ID, true))
			w.must(w.SetDisabled(ctx, by(w.anna), w.ben.ID, false))
			return true
		},
		"ending it from another one": func(w *world, first, second *account.Entered) bool {
			w.must(w.End(ctx, by(w.ben), w.ben.ID, w.session(first).ID))
			return false
		},
		"ending all others": func(w *world, first, second *account.Entered) bool {
			w.must(w.EndOthers(ctx, by(w.ben), w.ben.ID, w.session(second).ID))
			return false
		},
		"being signed out everywhere": func(w *world, _, _ *account.Entered) bool {
			w.must(w.EndSessions(ctx, by(w.anna), w.ben.ID))
			return true
		},
		"a second step": func(w *world, _, _ *account.Entered) bool {
			w.addStep(w.ben)
			return true
		},
		"a password from the shell of another program": func(w *world, _, _ *account.Entered) bool {
			w.beside(func(shell *world) { w.must(shell.GivePassword(ctx, account.Shell, w.ben.ID, another)) })
			return true
		},
		"a role from the shell of another program": func(w *world, _, _ *account.Entered) bool {
			w.beside(func(shell *world) { w.must(shell.SetRole(ctx, account.Shell, w.ben.ID, account.Viewer)) })
			return true
		},
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first, second, cleo := w.signIn(w.ben), w.signIn(w.ben), w.signIn(w.cleo)
			if first.Word == second.Word {
				t.Fatal("two sessions have one word")
			}
			if w.session(first) == nil || w.session(second) == nil {
				t.Fatal("a session does not begin")
			}
			began := w.at
			both := do(w, first, second)
			if w.session(first) != nil {
				t.Error("it goes on")
			}
			if goes := w.session(second) != nil; goes == both {
				t.Errorf("that the other one goes on is %v", goes)
			}
			if w.at.Equal(began) && w.session(cleo) == nil {
				t.Error("someone else's session ended")
			}
			if whose, err := w.Whose(ctx, first.Word); err != nil || whose != w.ben.ID {
				t.Errorf("it was the session of %d, %v", whose, err)
			}
			sessions, err := w.Sessions(ctx, w.ben.ID)
			if want := map[bool]int{false: 1, true: 0}[both]; err != nil || len(sessions) != want {
				t.Errorf("%d sessions are listed, %v", len(sessions), err)
			}
		})
	}
}

func TestASessionInUseGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.signIn(w.ben)
	for range 20 {
		w.at = w.at.Add(29 * time.Minute)
		s := w.session(e)
		if s == nil || s.User.Name != "Ben" || s.User.Role != account.Editor {
			t.Fatalf("at %v the session is %+v", w.at, s)
		}
	}
	seen, err := w.LastSeen(ctx)
	if err != nil || !seen[w.ben.ID].Equal(w.at) || len(seen) != 1 {
		t.Errorf("Ben was seen at %v, %v, and it is %v", seen, err, w.at)
	}
}

func TestNobodyEndsTheSessionOfSomeoneElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := w.signIn(w.ben)
	w.refused(w.End(ctx, by(w.cleo), w.cleo.ID, w.session(e).ID), problem.NotFound, "signed out there already")
	w.must(w.EndOthers(ctx, by(w.cleo), w.cleo.ID, 0))
	if w.session(e) == nil {
		t.Error("it ended")
	}
}

func TestAWordThatNobodyGaveOutIsNoSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signIn(w.ben)
	for _, word := range []string{"", "x", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "' OR 1=1 --", "\x00"} {
		if s, err := w.Session(ctx, word); err != nil || s != nil {
			t.Errorf("%q is the session %+v, %v", word, s, err)
		}
		if whose, err := w.Whose(ctx, word); err != nil || whose != 0 {
			t.Errorf("%q was of %d, %v", word, whose, err)
		}
	}
}

func TestTheOldestOfTooManySessionsEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.signIn(w.ben)
	w.at = w.at.Add(time.Minute)
	for range 50 {
		if w.session(first) == nil {
			t.Fatal("it ended too early")
		}
		w.signIn(w.ben)
	}
	if w.session(first) != nil {
		t.Error("there is no end of sessions")
	}
}

func TestWhatIsCarriedIsForOnePersonAndAMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sealed := w.Carry(w.ben.ID, []byte("a link"))
	if words, ok := w.Carried(w.ben.ID, sealed); !ok || string(words) != "a link" {
		t.Errorf("it says %q, %v", words, ok)
	}
	if words, ok := w.Carried(w.cleo.ID, sealed); ok {
		t.Errorf("Cleo reads %q", words)
	}
	w.at = w.at.Add(2 * time.Minute)
	if words, ok := w.Carried(w.ben.ID, sealed); ok {
		t.Errorf("later it still says %q", words)
	}
}
