package models

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"maitred/models/account"
	"maitred/models/change"
)

// What a demo begins with.
const (
	demoPlaces = 200
	demoDays   = 20 // for which its history goes back
	demoSeed   = 1998
)

// DemoVisitor is what history calls the visitor of a demo.
const DemoVisitor = "You"

// demoStaff are the people of a demo. The first ones are those of whom its history tells.
var demoStaff = []struct {
	name string
	role account.Role
}{
	{"Rosa Delgado", account.Manager},
	{"Tom Whitfield", account.Editor},
	{"Aisha Khan", account.Editor},
	{"Peter Lindgren", account.Viewer},
	{DemoVisitor, account.Manager},
}

// MakeDemo makes, in a new file, what a demo begins with: the sample data and more places of the same city,
// 200 in all, and what the people of the demo did there in the twenty days before now, nothing of it later.
// It is always the same but for the days, and nobody can sign in. migrate makes the schema, migrateSessions
// that of the file beside it.
func MakeDemo(ctx context.Context, file string, now time.Time, migrate, migrateSessions func(context.Context, *bun.DB) error) error {
	s, err := Open(ctx, file, migrate)
	if err != nil {
		return err
	}
	people, err := account.Open(ctx, s, account.Beside(file), migrateSessions)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	staff, err := employ(ctx, people, now)
	if err == nil {
		err = loadDemo(ctx, s, staff, now)
	}
	return errors.Join(err, people.Close(), s.Close())
}

func employ(ctx context.Context, people *account.Accounts, now time.Time) (staff []*account.User, err error) {
	first := now.AddDate(0, 0, -demoDays-1)
	people.Now = func() time.Time { return first }
	for _, p := range demoStaff {
		u, err := people.Add(ctx, account.Shell, p.name, rand.Text(), p.role)
		if err != nil {
			return nil, fmt.Errorf("employ %s: %w", p.name, err)
		}
		staff = append(staff, u)
	}
	return staff, nil
}

func loadDemo(ctx context.Context, s *Store, staff []*account.User, now time.Time) error {
	d := &demo{store: s, staff: staff, now: now.UTC().Truncate(time.Minute), town: &town{store: s, seed: demoSeed, place: 1, places: 2 * demoPlaces, restaurants: demoPlaces}}
	if err := d.open(ctx); err != nil {
		return fmt.Errorf("begin the demo: %w", err)
	}
	for _, e := range demoStory {
		if err := e.does(ctx, d, d.by(e)); err != nil {
			return fmt.Errorf("tell what was done in the demo %d days and %s ago: %w", e.days, e.ago, err)
		}
	}
	return nil
}

// demo is a demo that is being filled.
type demo struct {
	store *Store
	staff []*account.User
	now   time.Time
	town  *town

	keys map[string]int64 // of the places, by name
}

// open adds everything there was on the first day, as one change.
func (d *demo) open(ctx context.Context) error {
	rows := d.rows()
	op := change.Create{Sentence: "set up the site with the first " + fmt.Sprint(len(rows)) + " places"}
	s := d.by(episode{days: demoDays, ago: 8 * time.Hour})
	places := make([]*Place, len(rows))
	for i, row := range rows {
		records, err := row.records(s)
		if err != nil {
			return err
		}
		places[i] = records[0].Model.(*Place)
		op.Records = append(op.Records, records...)
	}
	if _, err := change.Commit(ctx, s, op, change.Form{}); err != nil {
		return err
	}
	d.keys = map[string]int64{}
	for _, p := range places {
		d.keys[p.Name] = p.ID
	}
	return nil
}

// rows are the places of the first day: the sample data, and others that the dice of one city give.
func (d *demo) rows() []samplePlace {
	rows, known := append([]samplePlace(nil), sample...), map[string]bool{}
	for _, row := range rows {
		known[row.name] = true
	}
	waiter := int64(1) // the first of a city is Joe, who is there already
	for i := int64(2); len(rows) < demoPlaces; i++ {
		row := samplePlace{address: d.town.addressOf(i), restaurant: d.town.dice(forSites, i).often(600)}
		var cooks kitchen
		row.name, cooks = d.town.nameOf(i, row.restaurant)
		if known[row.name] || len([]rune(row.name)) > NameLimit {
			continue
		}
		known[row.name] = true
		if row.restaurant {
			dice := d.town.dice(forFood, i)
			row.hotDogs, row.pizza = dice.IntN(100) < cooks.hotDogs, dice.IntN(100) < cooks.pizza
			for range dice.IntN(6) {
				row.waiters = append(row.waiters, d.town.waiterName(waiter))
				waiter++
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// by is the store of who does something in the story, at that time.
func (d *demo) by(e episode) *Store {
	who := d.staff[e.who]
	s := d.store.By(who.ID, who.Name)
	at := d.now.AddDate(0, 0, -e.days).Add(-e.ago)
	s.Now = func() time.Time { return at }
	return s
}

// place is the key of a place of the first day.
func (d *demo) place(name string) (int64, error) {
	key, ok := d.keys[name]
	if !ok {
		return 0, fmt.Errorf("there is no place %q", name)
	}
	return key, nil
}

// done shows an operation and does it.
func done(ctx context.Context, s *Store, op change.Operation) (*change.Change, error) {
	plan, err := change.Preview(ctx, s, op)
	if err != nil {
		return nil, err
	}
	return change.Commit(ctx, s, op, change.Form{Fingerprint: plan.Fingerprint()})
}
