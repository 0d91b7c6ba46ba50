package account_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maitred/models/account"
	"maitred/models/databasetest"
	"maitred/models/problem"
)

func TestUnknownAndKnownNamesTakeTheSameWorkAndGetTheSameAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.SetDisabled(ctx, by(w.anna), w.cleo.ID, true))
	_, _, err := w.Invite(ctx, by(w.anna), "Dora", account.Viewer)
	w.must(err)
	said := ""
	for i, try := range []account.Try{
		{Name: "Ben", Password: "not the one at all"}, {Name: "Nobody", Password: password}, {Name: "Cleo", Password: password},
		{Name: "Dora", Password: password}, {Name: "", Password: ""}, {Name: "Ben", Password: ""}, {Name: "Dora", Password: ""}, {Name: "\x00\xff", Password: "\x00\xff"},
	} {
		try.By = office
		before := w.Hashed()
		_, err := w.SignIn(ctx, try)
		w.wrong(err)
		if i == 0 {
			said = err.Error()
		}
		if err.Error() != said {
			t.Errorf("%q: it is said %q, not %q", try.Name, err, said)
		}
		if n := w.Hashed() - before; n != 1 {
			t.Errorf("%q: %d passwords were compared", try.Name, n)
		}
	}
}

func TestNothingThatSomebodyTypedIsKept(t *testing.T) {
	if databasetest.OnServer {
		t.Skip("it looks into the files")
	}
	t.Parallel()
	w := newWorld(t)
	typed := []string{"xylophone-in-the-attic", "quixotic zebra wanders", "zamboni-of-the-north", "jukebox full of wax", "vexing quilt jumbles"}
	_, err := w.SignIn(ctx, account.Try{Name: typed[0], Password: typed[1], By: office})
	w.wrong(err)
	_, err = w.SignIn(ctx, account.Try{Name: "Ben", Password: typed[2], Device: typed[2], By: office})
	w.wrong(err)
	w.must(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: password}, typed[3]))
	w.refused(w.SetPassword(ctx, by(w.ben), w.ben.ID, account.Proof{Password: typed[4]}, another), problem.Invalid, "not your password")
	secret, draft, err := w.NewStep(w.cleo)
	w.must(err)
	code := codeOf(secret, w.at)
	codes, err := w.AddStep(ctx, by(w.cleo), w.cleo.ID, account.Proof{Password: password}, draft, code)
	w.must(err)
	pending := w.signIn(w.cleo).Pending
	_, err = w.Confirm(ctx, pending, codes[0], "", office)
	w.must(err)
	e := w.signIn(w.anna)
	_, word, err := w.NewLink(ctx, by(w.anna), w.ben.ID)
	w.must(err)
	for name, words := range map[string][]string{
		"typed":   append(typed, password, code),
		"codes":   append(codes, strings.ReplaceAll(codes[0], "-", "")),
		"secrets": {string(secret), strings.ReplaceAll(account.Spelled(secret), " ", ""), e.Word, word},
	} {
		for _, kept := range w.kept() {
			for _, one := range words {
				if len(one) > 6 && bytes.Contains(bytes.ToLower(kept.text), bytes.ToLower([]byte(one))) {
					t.Errorf("%s: %q stands in %s", name, one, kept.file)
				}
			}
		}
	}
	for _, kept := range w.kept() { // the check itself can see
		if strings.HasSuffix(kept.file, "-sessions-wal") && !bytes.Contains(kept.text, []byte("Firefox")) {
			t.Error("the sessions are not where they are looked for")
		}
	}
}

type kept struct {
	file string
	text []byte
}

// kept is all that stands in the files of the site.
func (w *world) kept() (all []kept) {
	w.t.Helper()
	files, err := filepath.Glob(w.file + "*")
	w.must(err)
	if len(files) < 4 {
		w.t.Fatalf("there are only %q", files)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		w.must(err)
		all = append(all, kept{f, text})
	}
	return all
}

func TestTheTrailTellsWhoDidWhatFromWhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.wrong(w.guess("Ben", "", office))
	w.wrong(w.guess("Nobody", "", office))
	e := w.signIn(w.ben)
	w.must(w.SignOut(ctx, by(w.ben), e.Word))
	w.must(w.SetRole(ctx, by(w.anna), w.ben.ID, account.Viewer))
	w.must(w.SetRole(ctx, by(w.anna), w.ben.ID, account.Viewer)) // already
	w.must(w.SignOut(ctx, by(w.ben), e.Word))                    // it is over
	events, err := w.Events(ctx, nil, 0, 5)
	w.must(err)
	want := []string{
		"Anna made Ben, who was editor, viewer", "Ben signed out", "Ben signed in",
		"Someone tried to sign in with a name that does not exist", "Someone tried in vain to sign in as Ben",
	}
	for i, e := range events {
		if got := e.Actor + " " + e.Sentence; i >= len(want) || got != want[i] || e.Address != "192.0.2.7" || !e.At.Equal(noon) {
			t.Errorf("line %d: %q at %v from %q", i, got, e.At, e.Address)
		}
	}
	older, err := w.Events(ctx, nil, events[4].ID, 50)
	w.must(err)
	if len(older) != 3 || older[2].Address != "" || older[2].Actor != account.Shell.Name {
		t.Errorf("before that there are %d lines", len(older))
	}
	for u, lines := range map[*account.User]int{w.anna: 2, w.ben: 5, w.cleo: 1} {
		if events, err := w.Events(ctx, u, 0, 50); err != nil || len(events) != lines {
			t.Errorf("of %s there are %d lines, %v", u.Name, len(events), err)
		}
	}
}

func TestTheTrailForgetsWhatIsOlderThanAYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.at = w.at.Add(401 * 24 * time.Hour)
	for i := range 100 {
		w.must(w.SetDisabled(ctx, by(w.anna), w.ben.ID, i%2 == 0))
	}
	events, err := w.Events(ctx, nil, 0, 500)
	w.must(err)
	if len(events) != 100 {
		t.Errorf("there are %d lines", len(events))
	}
}
