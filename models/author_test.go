package models_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"maitred/models"
	"maitred/models/change"
	"maitred/models/check"
	"maitred/models/store"
)

// person is a new person of the world and the store as they use it.
func (w *world) person(name string) *models.Store {
	w.t.Helper()
	var id int64
	w.must(w.Store.Change(ctx, func(ctx context.Context, tx bun.Tx) error {
		return tx.NewRaw("INSERT INTO users (name, name_norm, role, password, created_at) VALUES (?, ?, 'editor', '', '2026-11-23T00:00:00.000Z') RETURNING id",
			name, strings.ToLower(name)).Scan(ctx, &id)
	}))
	return w.By(id, name)
}

// as is the same world as somebody else uses it.
func (w *world) as(s *models.Store) *world {
	other := *w
	other.Store = s
	return &other
}

func TestEveryWayToReadAChangeSaysWhichPersonMadeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // by commands, before anybody signed in
	ann, bob := w.person("Ann"), w.person("Bob")
	seen := w.place(aceHardware).Version
	shown := w.preview(change.Delete{Kind: w.places, Key: demonDogs})
	w.as(ann).hire(demonDogs, "Zoë")
	w.as(bob).rename(aceHardware, "Ace")
	deleted := w.as(bob).delete(w.waiters, joe)
	w.same("who it says made it", deleted.Author, bob.User)

	var told []string
	tell := func(c *change.Change) string { return fmt.Sprintf("%s (%d)", c.Actor, c.Author) }
	changes, _, err := change.List(ctx, w.Store, change.Query{}, 4)
	w.must(err)
	for _, c := range changes {
		told = append(told, tell(c))
	}
	w.same("the list", told, []string{"Bob (2)", "Bob (2)", "Ann (1)", "Someone (0)"})
	found, err := change.Find(ctx, w.Store, deleted.ID)
	w.must(err)
	w.same("one change", tell(found), "Bob (2)")
	changes, err = change.HistoryOf(ctx, w.Store, w.places, aceHardware, 10)
	w.must(err)
	w.same("the history of a record", []string{tell(changes[0]), tell(changes[1])}, []string{"Bob (2)", "Someone (0)"})
	trace, err := change.TraceOf(ctx, w.Store, w.waiters, joe)
	w.must(err)
	w.same("what became of a record", tell(trace.Last), "Bob (2)")

	_, err = w.commit(change.Delete{Kind: w.places, Key: demonDogs}, shown)
	var stale *change.Stale
	if !errors.As(err, &stale) {
		t.Fatalf("deleted in spite of what happened since: %v", err)
	}
	w.same("what happened since", []string{tell(stale.Since[0]), tell(stale.Since[1])}, []string{"Ann (1)", "Bob (2)"})
	_, err = models.Places.Update(ctx, w.Store, "", aceHardware, seen, &models.Place{Name: "Hardware", Address: "1013 N. Ashland"})
	var outdated *change.Outdated
	if !errors.As(err, &outdated) {
		t.Fatalf("saved over what someone else saved: %v", err)
	}
	w.same("who saved the other name", tell(outdated.Fields[0].By), "Bob (2)")
	w.same("what was saved meanwhile", tell(outdated.Since[0]), "Bob (2)")

	filled, err := models.Fill(ctx, ann, 3, nil)
	w.must(err)
	w.same("who filled", filled.Author, ann.User)
	undone, err := change.Commit(ctx, ann, change.Undo{Change: filled.ID}, change.Form{})
	w.must(err)
	found, err = change.Find(ctx, w.Store, undone.ID)
	w.must(err)
	w.same("who undid it", tell(found), "Ann (1)")
	report, err := check.Run(ctx, w.Store)
	w.must(err)
	w.same("what is wrong with all that", report.Count(), int64(0))
}

func TestAPersonsOwnHistoryIsNarrowedByKindAndDayAndReadPageByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	people := []*models.Store{w.person("Ann"), w.person("Bob"), w.Store}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var all []*change.Change
	for i := range 120 { // clocks go back, and some changes have the same millisecond
		by := *people[i*i%7%3]
		by.Now = func() time.Time { return day.Add(time.Duration(i/4*7%48) * time.Hour) }
		if i%5 < 3 {
			w.as(&by).addPlace(fmt.Sprint("Place ", i), "Street")
		} else {
			w.as(&by).hire(demonDogs, fmt.Sprint("Waiter ", i))
		}
		newest, err := change.Newest(ctx, w.Store)
		w.must(err)
		c, err := change.Find(ctx, w.Store, newest)
		w.must(err)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *change.Change) int {
		if byTime := strings.Compare(b.At, a.At); byTime != 0 {
			return byTime
		}
		return int(b.ID - a.ID)
	})
	narrowed := 0
	for _, author := range []int64{people[0].User, people[1].User, 99} {
		for _, table := range []string{"", "places", "restaurants", "waiters"} {
			for _, on := range []time.Time{{}, day, day.AddDate(0, 0, 1), day.AddDate(0, 0, 2)} {
				q := change.Query{Author: author, Kind: w.Graph.ByTable(table), Day: on}
				var want, got []int64
				for _, c := range all {
					if c.Author == author && (table == "" || c.Kind == table) && (on.IsZero() || strings.HasPrefix(c.At, on.Format(change.DayLayout))) {
						want = append(want, c.ID)
					}
				}
				for more := true; more; {
					var page []*change.Change
					var err error
					page, more, err = change.List(ctx, w.Store, q, 7)
					w.must(err)
					for _, c := range page {
						got = append(got, c.ID)
						q.Before = c.ID
					}
				}
				w.same(fmt.Sprintf("what person %d did to %q on %v", author, table, on), got, want)
				narrowed += len(got)
			}
		}
	}
	if narrowed < 200 {
		t.Errorf("only %d changes were told in all: the world is too small for this test", narrowed)
	}
}

// A plan does not say that it throws away what it reads, so this names the indexes.
func TestAPersonsOwnHistoryOfOneKindIsReadAlongItsIndex(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for where, along := range map[string][]string{
		"":                             either([]string{"authors_user (user_id=?"}, []string{"authors_user on", "(user_id = 7)"}),
		" AND authors.at < 'x'":        either([]string{"authors_user (user_id=? AND at<?"}, []string{"authors_user on", "Index Cond: ((user_id = 7) AND (at < 'x'"}),
		" AND authors.kind = 'places'": either([]string{"authors_user_kind (user_id=? AND kind=?"}, []string{"authors_user_kind on", "Index Cond: ((user_id = 7) AND (kind = 'places'"}),
	} {
		var plan []string
		w.view(func(tx bun.Tx) {
			if onServer { // which reads so small a table whole, if it may
				w.query(tx, "SET LOCAL enable_seqscan = off")
				w.query(tx, "SET LOCAL enable_bitmapscan = off")
				w.query(tx, "SET LOCAL enable_sort = off") // but that of changes of the same time
			}
			for _, r := range w.query(tx, either("EXPLAIN QUERY PLAN", "EXPLAIN (COSTS OFF)")+" SELECT changes.id FROM changes JOIN authors ON authors.change_id = changes.id WHERE authors.user_id = 7"+
				where+" ORDER BY authors.at DESC, authors.change_id DESC LIMIT 50") {
				plan = append(plan, fmt.Sprint(r[either("detail", "QUERY PLAN")]))
			}
		})
		said := strings.Join(plan, "\n")
		for _, words := range along {
			if !strings.Contains(said, words) || strings.Contains(said, "B-TREE") || strings.Contains(said, "->  Sort") {
				t.Errorf("not along %s:\n%s", words, said)
			}
		}
	}
}

func TestTheAnswerOfAFormIsGivenOnlyToWhoSentIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	send := func(s *models.Store, name string) *change.Change {
		t.Helper()
		c, err := models.Places.Create(ctx, s, "the same word", &models.Place{Name: name, Address: "Street"})
		w.must(err)
		return c
	}
	anns, bobs := send(ann, "Ann's"), send(bob, "Bob's")
	if anns.ID == bobs.ID {
		t.Fatalf("Bob was given what Ann did: %s", bobs.Sentence)
	}
	w.same("Ann's answer, again", send(ann, "Ann's").ID, anns.ID)
	w.same("Bob's answer, again", send(bob, "Bob's").ID, bobs.ID)
	for who, want := range map[*models.Store]int64{ann: anns.ID, bob: bobs.ID, w.Store: 0} {
		earlier, err := change.Earlier(ctx, who, "the same word")
		w.must(err)
		if got := numberOf(earlier); got != want {
			t.Errorf("%s is told of change %d, want %d", who.Actor, got, want)
		}
	}

	// A change that takes long goes on under the same word, and is not joined by someone else either.
	long := func(s *models.Store, key int64) *store.Work {
		op := change.Delete{Kind: w.places, Key: key}
		plan, err := change.Preview(ctx, s, op)
		w.must(err)
		_, work, err := change.Start(ctx, s, op, change.Form{Token: "long", Fingerprint: plan.Fingerprint()})
		w.must(err)
		if work == nil {
			t.Fatal("it was not long")
		}
		for over := false; !over; over, err = work.Ended() {
			time.Sleep(time.Millisecond)
		}
		w.must(err)
		return work
	}
	w.crowd(demonDogs, change.Long)
	work := long(ann, demonDogs)
	w.same("whose work it is", work.User, ann.User)
	outcome, err := change.Outcome(ctx, bob, work.ID)
	w.must(err)
	w.same("what it came to", outcome.Author, ann.User)
}

func numberOf(c *change.Change) int64 {
	if c == nil {
		return 0
	}
	return c.ID
}
