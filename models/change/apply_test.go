package change

import (
	"context"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"maitred/migrations"
	"maitred/models/graph"
	"maitred/models/store"
)

// seat is a record that can get another key; guests sit on it.
type seat struct {
	bun.BaseModel `bun:"table:seats,alias:seat"`

	ID         int64 `bun:",pk"`
	Identity   int64
	Version    int64
	GuestCount int64

	Guests []*guest `bun:"rel:has-many,join:id=seat_id"`
}

func (*seat) Describe() graph.Description {
	return graph.Description{Label: "identity", Sorts: []graph.Sort{{Name: "id", Path: "id"}}}
}

type guest struct {
	bun.BaseModel `bun:"table:guests,alias:guest"`

	ID      int64 `bun:",pk,autoincrement"`
	SeatID  int64
	Name    string
	Version int64

	Seat *seat `bun:"rel:belongs-to,join:seat_id=id"`
}

func (*guest) Describe() graph.Description {
	return graph.Description{Label: "name", Sorts: []graph.Sort{{Name: "id", Path: "id"}}}
}

// planned is an operation of given steps.
type planned []*Step

func (steps planned) Plan(ctx context.Context, tx bun.Tx, _ *graph.Graph) (*Plan, error) {
	p := &Plan{Operation: "test", Sentence: "tested", Subject: Subject{Kind: steps[0].Kind, Identity: 1, Key: 1}, Steps: steps}
	return p, p.look(ctx, tx)
}

// cinema has three seats, 1 to 3, and on each a guest of the same number.
func cinema(t *testing.T) (s *store.Store, seats, guests *graph.Kind) {
	t.Helper()
	create := func(ctx context.Context, db *bun.DB) error {
		if err := migrations.Apply(ctx, db); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, `
			CREATE TABLE seats (id INTEGER PRIMARY KEY, identity INTEGER, version INTEGER, guest_count INTEGER NOT NULL DEFAULT 0);
			CREATE TABLE guests (id INTEGER PRIMARY KEY, seat_id INTEGER REFERENCES seats (id) ON DELETE CASCADE ON UPDATE CASCADE, name TEXT, version INTEGER);
			INSERT INTO seats VALUES (1, 1, 0, 1), (2, 2, 0, 1), (3, 3, 0, 1);
			INSERT INTO guests VALUES (1, 1, 'Ann', 0), (2, 2, 'Joe', 0), (3, 3, 'Sue', 0)`)
		return err
	}
	s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "cinema.db"), create, seat{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, s.Graph.ByTable("seats"), s.Graph.ByTable("guests")
}

// is expects the rows of a query.
func is(t *testing.T, s *store.Store, query string, want ...[]int64) {
	t.Helper()
	err := s.View(context.Background(), func(ctx context.Context, tx bun.Tx) error {
		rows, err := tx.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		var got [][]int64
		for rows.Next() {
			row := make([]int64, 3)
			if err := rows.Scan(&row[0], &row[1], &row[2]); err != nil {
				return err
			}
			got = append(got, row)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s is not as it should be (- want, + got):\n%s", query, d)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

const (
	seatsAre  = "SELECT id, identity, guest_count FROM seats ORDER BY id"
	guestsAre = "SELECT id, seat_id, version FROM guests ORDER BY id"
)

func all(k *graph.Kind, where string) Rows { return Rows{Kind: k, where: expr{sql: where}} }

func do(t *testing.T, s *store.Store, steps ...*Step) *Change {
	t.Helper()
	c, err := Commit(context.Background(), s, planned(steps), Form{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRowsGiveTheirKeysToEachOtherInARing(t *testing.T) {
	s, seats, _ := cinema(t)
	do(t, s, &Step{Rows: all(seats, "TRUE"), Effect: Changed, set: map[string]expr{"id": {sql: "seats.id % 3 + 1"}}})
	is(t, s, seatsAre, []int64{1, 3, 1}, []int64{2, 1, 1}, []int64{3, 2, 1})
}

func TestARowTakesOverAKeyWhoseRowGoesOnToAFreeOne(t *testing.T) {
	s, seats, guests := cinema(t)
	c := do(t, s,
		&Step{Rows: all(seats, "seats.id > 1"), Effect: Changed, set: map[string]expr{"id": {sql: "seats.id + 1"}}},
		&Step{Rows: all(guests, "guests.seat_id > 1"), Effect: Changed, set: map[string]expr{"seat_id": {sql: "guests.seat_id + 1"}}})
	is(t, s, seatsAre, []int64{1, 1, 1}, []int64{3, 2, 1}, []int64{4, 3, 1})
	is(t, s, guestsAre, []int64{1, 1, 0}, []int64{2, 3, c.ID}, []int64{3, 4, c.ID})
}

func TestANewRowTakesOverTheKeyOfOneThatGoes(t *testing.T) {
	s, seats, guests := cinema(t)
	c := do(t, s,
		&Step{Rows: all(seats, "seats.id = 2"), Effect: Deleted},
		&Step{Rows: Rows{Kind: seats, Count: 1}, Effect: Created, values: []created{
			{identity: 9, key: 2, label: "9", model: reflect.ValueOf(&seat{ID: 2, Identity: 9})},
		}},
		&Step{Rows: all(guests, "guests.id = 3"), Effect: Changed, set: map[string]expr{"seat_id": literal(2)}})
	is(t, s, seatsAre, []int64{1, 1, 1}, []int64{2, 9, 2}, []int64{3, 3, 0})
	is(t, s, guestsAre, []int64{1, 1, 0}, []int64{2, 2, 0}, []int64{3, 2, c.ID})
}

func TestRowsThatOnlyGetAnotherNameCountAsBefore(t *testing.T) {
	s, _, guests := cinema(t)
	c := do(t, s,
		&Step{Rows: all(guests, "guests.id = 1"), Effect: Deleted},
		&Step{Rows: all(guests, "guests.id > 1"), Effect: Changed, set: map[string]expr{"name": literal("Max")}})
	is(t, s, seatsAre, []int64{1, 1, 0}, []int64{2, 2, 1}, []int64{3, 3, 1})
	is(t, s, guestsAre, []int64{2, 2, c.ID}, []int64{3, 3, c.ID})
}

// What was planned is what is written, or nothing is.
func TestAChangeThatFindsOtherRowsThanItPlannedIsGivenUp(t *testing.T) {
	for what, interference := range map[string]string{
		"a row to be changed is gone": "DELETE FROM guests WHERE id = 2",
		"a row to be removed is gone": "DELETE FROM guests WHERE id = 1",
	} {
		s, _, guests := cinema(t)
		err := s.Change(context.Background(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, "CREATE TRIGGER interferes AFTER INSERT ON change_rows WHEN new.identity = 3 BEGIN "+interference+"; END")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Commit(context.Background(), s, planned{
			{Rows: all(guests, "guests.id = 1"), Effect: Deleted},
			{Rows: all(guests, "guests.id > 1"), Effect: Changed, set: map[string]expr{"name": literal("Max")}},
		}, Form{})
		if err == nil || !strings.Contains(err.Error(), "were planned") {
			t.Errorf("%s: answered with %v", what, err)
		}
		is(t, s, guestsAre, []int64{1, 1, 0}, []int64{2, 2, 0}, []int64{3, 3, 0})
	}
}
